//! The path of a part of a value: a chain of segments on the stack.

/// The path of a part of a value, from the root value.
///
/// Each level borrows the level above it, so a path needs no allocation. Its text is rendered only for an issue.
///
/// ```
/// use cognigy_context::__bindings::Path;
///
/// let user = Path::ROOT.key("user/profile");
/// assert_eq!(user.index(0).to_pointer(), "/user~1profile/0");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    segment: Segment<'p>,
    depth: u32,
}

#[derive(Clone, Copy, Debug)]
enum Segment<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The path of the root value.
    pub const ROOT: Path<'static> = Path { parent: None, segment: Segment::Root, depth: 0 };

    /// Returns the path of the member `key` of the object at this path.
    #[inline(always)]
    #[must_use]
    pub const fn key<'a>(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Key(key), depth: self.depth + 1 }
    }

    /// Returns the path of the item `index` of the array at this path.
    #[inline(always)]
    #[must_use]
    pub const fn index<'a>(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Index(index), depth: self.depth + 1 }
    }

    /// Returns the number of segments; 0 for the root value.
    #[inline(always)]
    #[must_use]
    pub const fn depth(&self) -> u32 {
        self.depth
    }

    /// Returns the key when this is the path of a member of an object; otherwise `None`.
    #[must_use]
    pub(crate) const fn last_key(&self) -> Option<&'p str> {
        match self.segment {
            Segment::Key(key) => Some(key),
            Segment::Root | Segment::Index(_) => None,
        }
    }

    /// Returns the JSON Pointer (RFC 6901) of this path; `""` for the root value.
    #[cold]
    #[must_use]
    pub fn to_pointer(&self) -> String {
        let mut segments = Vec::with_capacity(self.depth as usize);
        let mut next = Some(self);
        while let Some(path) = next {
            segments.push(path.segment);
            next = path.parent;
        }
        let mut pointer = String::new();
        for segment in segments.into_iter().rev() {
            match segment {
                Segment::Root => {}
                Segment::Key(key) => {
                    pointer.push('/');
                    push_escaped(&mut pointer, key);
                }
                Segment::Index(index) => {
                    pointer.push('/');
                    pointer.push_str(itoa::Buffer::new().format(index));
                }
            }
        }
        pointer
    }
}

/// Appends a key to a JSON Pointer and escapes `~` and `/`.
pub(crate) fn push_escaped(pointer: &mut String, key: &str) {
    if !key.contains(['~', '/']) {
        pointer.push_str(key);
        return;
    }
    for c in key.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}
