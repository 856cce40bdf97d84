//! Mutates seeds into similar inputs.

use crate::seed::SplitMix64;

/// Bytes that often decide how a text is read.
const SPECIAL_BYTES: &[u8] = b"\0\x01\x1f \"'\\/{}[]:,.-+eE019_~%@?#\n\x7f\x80\xc3\xed\xf0\xff";

/// The maximum length of an input, in bytes.
const MAX_BYTES: usize = 4_096;

/// Creates inputs: the same ones for the same seed.
pub(crate) struct Mutator<'s> {
    random: SplitMix64,
    seeds: &'s [Vec<u8>],
    words: &'s [Vec<u8>],
}

impl<'s> Mutator<'s> {
    pub(crate) fn new(seed: u64, seeds: &'s [Vec<u8>], words: &'s [Vec<u8>]) -> Self {
        Self { random: SplitMix64(seed), seeds, words }
    }

    /// Returns a seed with one to eight changes.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.some_seed().to_vec();
        for _ in 0..=self.below(8) {
            self.mutate(&mut input);
        }
        input.truncate(MAX_BYTES);
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = (at + 1 + self.below(16)).min(input.len());
        match self.below(9) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = SPECIAL_BYTES[self.below(SPECIAL_BYTES.len())],
            2 => input.insert(at, SPECIAL_BYTES[self.below(SPECIAL_BYTES.len())]),
            3 => drop(input.drain(at.min(end)..end)),
            4 => {
                let copy = input[at.min(end)..end].to_vec();
                drop(input.splice(at..at, copy));
            }
            5 => input.truncate(at),
            6 => {
                let other = self.some_seed();
                let from = self.below(other.len() + 1);
                drop(input.splice(at..at, other[from..].iter().take(64).copied()));
            }
            _ if !self.words.is_empty() => {
                let word = &self.words[self.below(self.words.len())];
                drop(input.splice(at..at, word.iter().copied()));
            }
            _ => {}
        }
    }

    fn some_seed(&mut self) -> &'s [u8] {
        &self.seeds[self.below(self.seeds.len())]
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random.below(bound as u64) as usize
    }
}

/// Returns the word of a line of a libFuzzer dictionary, `"word"` with the escapes `\\`, `\"` and `\xAB`; `None` for an
/// empty line and for a comment.
pub(crate) fn parse_dictionary_line(line: &str) -> Option<Vec<u8>> {
    let quoted = line.trim();
    if quoted.is_empty() || quoted.starts_with('#') {
        return None;
    }
    let quoted = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"'));
    let mut bytes = quoted.unwrap_or_else(|| panic!("{line}: not in quotes")).bytes();
    let mut word = Vec::new();
    while let Some(byte) = bytes.next() {
        word.push(match (byte, byte == b'\\') {
            (_, false) => byte,
            _ => match bytes.next() {
                Some(escaped @ (b'\\' | b'"')) => escaped,
                Some(b'x') => {
                    let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                _ => panic!("{line}: unknown escape"),
            },
        });
    }
    Some(word)
}

#[test]
fn dictionary_lines_have_the_escapes_of_libfuzzer() {
    assert_eq!(parse_dictionary_line(r#""a\"\\\x00""#), Some(b"a\"\\\0".to_vec()));
    assert_eq!(parse_dictionary_line("# a comment"), None);
}
