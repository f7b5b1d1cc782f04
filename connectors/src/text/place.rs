//! Lines and columns of places in a text.

/// Where something stands; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: u64,
    pub column: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl Place {
    /// Moves on behind a stretch of text.
    pub(crate) fn pass(&mut self, text: &[u8]) {
        let last = match memchr::memrchr(b'\n', text) {
            None => text,
            Some(i) => {
                self.line += memchr::memchr_iter(b'\n', text).count() as u64;
                self.column = 1;
                text.get(i + 1..).unwrap_or_default()
            }
        };
        // The bytes of UTF-8 behind the first of a character are no characters.
        self.column += last.iter().filter(|b| **b & 0xC0 != 0x80).count() as u64;
    }
}
