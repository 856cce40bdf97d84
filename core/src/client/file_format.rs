//! The first lines of the files that this crate writes. They name the format and its version, so that a file
//! of another program is recognised before anything is written to it.

use std::fmt;

/// The format of a file of lines.
#[derive(Debug)]
pub struct FileFormat {
    /// What such a file is, for messages.
    noun: &'static str,
    /// The first line, without its line break.
    header: &'static str,
    /// The first line before the version.
    before_version: &'static str,
    /// The first line after the version.
    after_version: &'static str,
}

/// The number of bytes at the start of a file that are enough for [`FileFormat::recognize`].
#[cfg(not(target_arch = "wasm32"))]
pub(super) const FILE_START_BYTES: usize = 128;

/// Every first line contains this text.
const PROGRAM: &[u8] = b"cognigy-context";

/// A journal of a bulk injection.
pub static JOURNAL: FileFormat = FileFormat {
    noun: "a journal",
    header: "cognigy-context journal 1",
    before_version: "cognigy-context journal ",
    after_version: "",
};

/// An audit file. Its first line is a JSON object as well, so that every line is JSON.
#[cfg(not(target_arch = "wasm32"))]
pub(super) static AUDIT: FileFormat = FileFormat {
    noun: "an audit file",
    header: r#"{"format":"cognigy-context audit","version":1}"#,
    before_version: r#"{"format":"cognigy-context audit","version":"#,
    after_version: "}",
};

/// The start of a file that may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStart {
    /// The file is empty.
    Empty,
    /// The file has only the beginning of the first line, because the write of this line was interrupted.
    PartialHeader,
    /// The file has the first line.
    Header,
}

/// A file that must not be written to.
#[derive(Debug, PartialEq, Eq)]
pub enum ForeignFile {
    /// The file belongs to another program or has another format.
    Unknown(&'static str),
    /// The file has another version of the format.
    OtherVersion(&'static str, u32),
}

impl fmt::Display for ForeignFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(noun) => write!(
                f,
                "the file is not {noun} of cognigy-context; it was not changed. Use another file."
            ),
            Self::OtherVersion(noun, version) => write!(
                f,
                "the file is {noun} of version {version}, this package supports version 1; it was not \
                 changed. Use a newer package, or another file."
            ),
        }
    }
}

impl FileFormat {
    /// Returns the first line, without its line break.
    #[must_use]
    pub fn header(&self) -> &'static str {
        self.header
    }

    /// Recognises a file by its first bytes: at least 128, or the whole file.
    ///
    /// # Errors
    /// [`ForeignFile`] when the file does not have this format and version.
    pub fn recognize(&self, start: &[u8]) -> Result<FileStart, ForeignFile> {
        if start.is_empty() {
            return Ok(FileStart::Empty);
        }
        if start
            .strip_prefix(self.header.as_bytes())
            .is_some_and(|rest| rest.first() == Some(&b'\n'))
        {
            return Ok(FileStart::Header);
        }
        // A shorter beginning, for example `{`, may belong to another program.
        let names_program = start.windows(PROGRAM.len()).any(|bytes| bytes == PROGRAM);
        if names_program && self.header.as_bytes().starts_with(start) {
            return Ok(FileStart::PartialHeader);
        }
        Err(match self.version_of(start) {
            Some(version) => ForeignFile::OtherVersion(self.noun, version),
            None => ForeignFile::Unknown(self.noun),
        })
    }

    /// Returns the version that the first line names.
    fn version_of(&self, start: &[u8]) -> Option<u32> {
        let line = start.split(|byte| *byte == b'\n').next()?;
        let version = std::str::from_utf8(line).ok()?.strip_prefix(self.before_version)?;
        let version = version.strip_suffix(self.after_version)?;
        version.bytes().all(|byte| byte.is_ascii_digit()).then(|| version.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::{AUDIT, FileStart, ForeignFile, JOURNAL};

    #[test]
    fn a_file_is_recognized_only_by_its_whole_first_line() {
        for format in [&JOURNAL, &AUDIT] {
            let line = format!("{}\n", format.header());
            let header = line.as_bytes();
            assert_eq!(format.recognize(header), Ok(FileStart::Header));
            assert_eq!(format.recognize(&[header, b"rest"].concat()), Ok(FileStart::Header));
            assert_eq!(format.recognize(b""), Ok(FileStart::Empty));
            assert_eq!(format.recognize(format.header().as_bytes()), Ok(FileStart::PartialHeader));
            let foreign = Err(ForeignFile::Unknown(format.noun));
            for other in ["{", "c", "{}", "\n", "a,b", "7 00", "cognigy-context\n"] {
                assert_eq!(format.recognize(other.as_bytes()), foreign, "{other:?}");
            }
            let newer = line.replace('1', "2");
            let expected = Err(ForeignFile::OtherVersion(format.noun, 2));
            assert_eq!(format.recognize(newer.as_bytes()), expected);
            let crlf = line.replace('\n', "\r\n");
            assert_eq!(format.recognize(crlf.as_bytes()), foreign);
        }
    }
}
