//! Passes over a value without reading it: only quotes and brackets count, so it may be of any length and depth.

/// Where a value is left when the text at hand ends.
#[derive(Debug, Clone, Default)]
pub(super) struct Skip {
    depth: u64,
    in_text: bool,
    escaped: bool,
    begun: bool,
}

impl Skip {
    /// Goes on in `text`; gives the bytes that belong to the value, and whether it ends with them.
    pub(super) fn pass(&mut self, text: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            if self.escaped {
                self.escaped = false;
                at += 1;
                continue;
            }
            if self.in_text {
                let Some(i) = text.get(at..).and_then(|t| memchr::memchr2(b'"', b'\\', t)) else {
                    return (text.len(), false);
                };
                at += i + 1;
                if text.get(at - 1) == Some(&b'\\') {
                    self.escaped = true;
                    continue;
                }
                self.in_text = false;
                if self.depth == 0 {
                    return (at, true);
                }
                continue;
            }
            match byte {
                b'"' if self.depth == 0 && self.begun => return (at, true),
                b'"' => self.in_text = true,
                b'{' | b'[' if self.depth == 0 && self.begun => return (at, true),
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' if self.depth == 0 => return (at, true),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (at + 1, true);
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 && self.begun => {
                    return (at, true);
                }
                _ => {}
            }
            self.begun = true;
            at += 1;
        }
        (at, false)
    }

    /// A number or word ends where the text ends.
    pub(super) fn may_end(&self) -> bool {
        self.depth == 0 && !self.in_text && self.begun
    }
}

#[cfg(test)]
mod tests {
    use super::Skip;

    #[test]
    fn values_end_where_they_end() {
        for (text, len) in [
            ("{\"a\":\"}\\\"]\"} x", 12),
            ("[[1],[\"\\\\\"]],", 12),
            ("12,3", 2),
            ("true}", 4),
            ("\"a\\\"b\" ,", 6),
            ("{}{}", 2),
        ] {
            for cut in 0..text.len() {
                let mut skip = Skip::default();
                let (first, done) = skip.pass(&text.as_bytes()[..cut]);
                let found = if done { first } else { first + skip.pass(&text.as_bytes()[first..]).0 };
                assert_eq!(found, len, "{text} cut at {cut}");
            }
        }
    }
}
