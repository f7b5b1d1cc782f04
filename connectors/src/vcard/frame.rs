//! Where a card begins and ends in the lines of a file.

/// The lines that were looked at since the last card.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// Their bytes, with line endings.
    pub len: usize,
    pub lines: u64,
    /// The first of them begins a card.
    inside: bool,
    /// Cards that are open in the card: of an assistant, say.
    nested: u32,
    /// The line before announces a card in the card.
    announced: bool,
}

/// What a line makes of the lines before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing yet.
    More,
    /// A blank line between cards.
    Blank,
    /// A card, this line included.
    Card,
    /// Lines that belong to no card; this line included.
    Outside,
    /// The lines before this one belong to no card.
    OutsideBefore,
    /// The lines before this one are a card that is not closed.
    OpenBefore,
}

impl Frame {
    /// Takes in the next line. One that is not included in what was found is given again.
    pub(super) fn line(&mut self, line: &[u8], len: usize) -> Found {
        let announced = std::mem::take(&mut self.announced);
        if is_begin(line) {
            match (self.inside, self.lines) {
                (false, 0) => self.inside = true,
                (false, _) => return Found::OutsideBefore,
                (true, _) if announced => self.nested += 1,
                (true, _) => return Found::OpenBefore,
            }
        } else if self.lines == 0 && line.trim_ascii().is_empty() {
            return Found::Blank;
        }
        self.len += len;
        self.lines += 1;
        if is_line(line, b"END:VCARD") {
            match (self.inside, self.nested) {
                (false, _) => return Found::Outside,
                (true, 0) => return Found::Card,
                (true, _) => self.nested -= 1,
            }
        }
        self.announced = is_line(line, b"AGENT:");
        Found::More
    }

    pub(super) fn is_inside(&self) -> bool {
        self.inside
    }
}

/// The line that begins a card; a byte order mark may stand before it where files were put together.
pub(super) fn is_begin(line: &[u8]) -> bool {
    is_line(line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line), b"BEGIN:VCARD")
}

fn is_line(line: &[u8], wanted: &[u8]) -> bool {
    let mut found = line.iter().filter(|b| !b.is_ascii_whitespace());
    line.len() <= 200
        && wanted.iter().all(|w| found.next().is_some_and(|f| f.eq_ignore_ascii_case(w)))
        && found.next().is_none()
}
