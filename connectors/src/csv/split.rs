//! The record rules, in full: where a record starts, ends, and what its fields are.
//!
//! Pure: bytes in, field places out. The outcome depends only on the bytes from the record's start
//! on, never on how much of the file happens to be in the buffer: when a decision needs a byte
//! that is not there yet the answer is [`Parsed::More`].

use memchr::{memchr, memchr2, memchr3};

use super::{CsvCode, Escape, LineEnding};

/// What the splitter goes by.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub backslash: bool,
    /// A lone CR ends a line.
    pub lone_cr: bool,
    /// Blanks between a delimiter and a quote belong to neither: `"a", "b"`.
    pub blank_before_quote: bool,
    /// One blank behind a delimiter belongs to it: `a, b`.
    pub blank_after_delimiter: bool,
    /// Delimiters in a row count as one, and none counts at the ends of a line.
    pub runs: bool,
    /// The delimiter is written twice: `a||b`.
    pub doubled: bool,
    /// Typographic quotes around a cell are quotes: `“a, b”`.
    pub curly: bool,
    /// A record over several lines with more fields than this is given up at once: an open quote
    /// must not drag half the file along, again and again.
    pub most_fields: usize,
    pub field_bytes: usize,
    pub field_lines: usize,
    /// Fields beyond this number are counted, not remembered.
    pub remember: usize,
}

impl Rules {
    pub(super) fn new(delimiter: u8, quote: Option<u8>, escape: Escape, ending: LineEnding) -> Self {
        Self {
            delimiter,
            quote,
            backslash: escape == Escape::Backslash,
            lone_cr: ending.lone_cr(),
            blank_before_quote: false,
            blank_after_delimiter: false,
            runs: false,
            doubled: false,
            curly: false,
            most_fields: 4096,
            field_bytes: usize::MAX,
            field_lines: usize::MAX,
            remember: usize::MAX,
        }
    }
}

/// Where a field stands, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub start: usize,
    pub end: usize,
    pub quoted: bool,
    /// It holds doubled or escaped quotes that must be taken out.
    pub escaped: bool,
}

/// A record as far as quotes and line ends go; whether its width is right is not judged here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub fields: usize,
    pub lines: usize,
    /// End of its content, before the line ending.
    pub end: usize,
    /// Start of the next line.
    pub next: usize,
    /// The first field in which a stray quote was read as text.
    pub stray: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parsed {
    Record(Record),
    /// Not a record. `line`: on which of its lines (from 1) that became plain.
    Bad {
        code: CsvCode,
        line: usize,
    },
    /// The bytes end before the record does.
    More,
}

/// One line ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// End of the content and start of the next line.
    At {
        end: usize,
        next: usize,
    },
    More,
}

impl Rules {
    /// The end of the physical line that starts at `from`.
    pub(super) fn line_end(&self, text: &[u8], from: usize, at_end: bool) -> LineEnd {
        let rest = text.get(from..).unwrap_or_default();
        let hit = if self.lone_cr { memchr2(b'\n', b'\r', rest) } else { memchr(b'\n', rest) };
        match hit {
            Some(i) => self.ending(text, from, from + i, at_end),
            None if at_end => LineEnd::At { end: text.len(), next: text.len() },
            None => LineEnd::More,
        }
    }

    /// The line ending whose CR or LF stands at `at`, in a line or field that starts at `from`.
    fn ending(&self, text: &[u8], from: usize, at: usize, at_end: bool) -> LineEnd {
        if text.get(at) == Some(&b'\r') {
            return match text.get(at + 1) {
                Some(b'\n') => LineEnd::At { end: at, next: at + 2 },
                None if !at_end => LineEnd::More,
                _ => LineEnd::At { end: at, next: at + 1 },
            };
        }
        let cr = at > from && text.get(at - 1) == Some(&b'\r');
        LineEnd::At { end: if cr { at - 1 } else { at }, next: at + 1 }
    }

    /// Reads the record at the start of `text`. `at_end`: nothing follows `text` in the file.
    pub(super) fn record(&self, text: &[u8], at_end: bool, fields: &mut Vec<Field>) -> Parsed {
        match self.fields(text, at_end, fields) {
            Parsed::Record(record) if self.doubled => Parsed::Record(halved(record, fields)),
            parsed => parsed,
        }
    }

    fn fields(&self, text: &[u8], at_end: bool, fields: &mut Vec<Field>) -> Parsed {
        fields.clear();
        let mut record = Record { fields: 0, lines: 1, end: 0, next: 0, stray: None };
        let mut at = if self.runs { behind(text, 0, self.delimiter) } else { 0 };
        let ordinary = !self.blank_after_delimiter && !self.curly;
        loop {
            let open = if self.blank_before_quote { behind_blanks(text, at) } else { at };
            let step = if self.quote.is_some() && text.get(open).copied() == self.quote {
                self.quoted(text, open, at_end, &mut record)
            } else if ordinary {
                self.plain(text, at, at_end)
            } else {
                self.odd(text, at, at_end, record.fields)
            };
            let (field, then) = match step {
                Step::Field(field, then) => (field, then),
                Step::Bad(code) => return Parsed::Bad { code, line: record.lines },
                Step::More => return Parsed::More,
            };
            if record.fields < self.remember {
                fields.push(field);
            }
            record.fields += 1;
            if record.lines > 1 && record.fields > self.most_fields {
                return Parsed::Bad { code: CsvCode::TooManyFields, line: record.lines };
            }
            match then {
                Then::Field(next) if self.runs => match self.behind_run(text, next, at_end) {
                    Run::Field(next) => at = next,
                    Run::Line { end, next } => {
                        (record.end, record.next) = (end, next);
                        return Parsed::Record(record);
                    }
                    Run::More => return Parsed::More,
                },
                Then::Field(next) => at = next,
                Then::Line { end, next } => {
                    (record.end, record.next) = (end, next);
                    return Parsed::Record(record);
                }
            }
        }
    }

    /// A field that does not start with a quote: quotes in it are text.
    fn plain(&self, text: &[u8], start: usize, at_end: bool) -> Step {
        let rest = text.get(start..).unwrap_or_default();
        let hit = if self.lone_cr {
            memchr3(self.delimiter, b'\n', b'\r', rest)
        } else {
            memchr2(self.delimiter, b'\n', rest)
        };
        let field = |end| Field { start, end, quoted: false, escaped: false };
        let Some(i) = hit else {
            if !at_end {
                return Step::More;
            }
            let end = text.len();
            return Step::Field(field(end), Then::Line { end, next: end });
        };
        let at = start + i;
        if text.get(at) == Some(&self.delimiter) {
            return Step::Field(field(at), Then::Field(at + 1));
        }
        match self.ending(text, start, at, at_end) {
            LineEnd::At { end, next } => Step::Field(field(end), Then::Line { end, next }),
            LineEnd::More => Step::More,
        }
    }

    /// A field without an ordinary quote, where a blank may belong to the delimiter or typographic quotes stand around.
    fn odd(&self, text: &[u8], at: usize, at_end: bool, before: usize) -> Step {
        let own = self.blank_after_delimiter && before > 0 && text.get(at) == Some(&b' ');
        let at = at + usize::from(own);
        match self.curly.then(|| self.curly(text, at, at_end)).flatten() {
            Some(step) => step,
            None => self.plain(text, at, at_end),
        }
    }

    /// What comes behind a run of delimiters that goes on at `from`.
    fn behind_run(&self, text: &[u8], from: usize, at_end: bool) -> Run {
        let at = behind(text, from, self.delimiter);
        match (text.get(at), text.get(at + 1)) {
            (None, _) if at_end => Run::Line { end: at, next: at },
            (None, _) => Run::More,
            (Some(b'\r'), None) if !at_end => Run::More,
            (Some(b'\r'), after) if !self.lone_cr && after.is_some_and(|b| *b != b'\n') => Run::Field(at),
            (Some(b'\r' | b'\n'), _) => match self.ending(text, at, at, at_end) {
                LineEnd::At { end, next } => Run::Line { end, next },
                LineEnd::More => Run::More,
            },
            _ => Run::Field(at),
        }
    }

    /// A field in typographic quotes, on one line; `None` when it is none.
    fn curly(&self, text: &[u8], start: usize, at_end: bool) -> Option<Step> {
        if !is_curly(text, start) {
            return None;
        }
        let LineEnd::At { end, next } = self.line_end(text, start, at_end) else { return Some(Step::More) };
        let line = text.get(start..end)?;
        for at in memchr::memmem::find_iter(line, CURLY).skip(1).filter(|at| is_curly(line, *at)) {
            let behind = at + CURLY_LEN;
            let field = Field { start: start + CURLY_LEN, end: start + at, quoted: true, escaped: false };
            match line.get(behind) {
                None => return Some(Step::Field(field, Then::Line { end, next })),
                Some(b) if *b == self.delimiter => {
                    return Some(Step::Field(field, Then::Field(start + behind + 1)));
                }
                Some(_) => {}
            }
        }
        None
    }

    /// A field whose quote stands at `open`.
    fn quoted(&self, text: &[u8], open: usize, at_end: bool, record: &mut Record) -> Step {
        let Some(quote) = self.quote else { return Step::Bad(CsvCode::BadQuote) };
        let start = open + 1;
        let mut at = start;
        let mut escaped = false;
        let mut lines = 1;
        let unclosed = |record: &Record| {
            Step::Bad(if record.stray.is_some() { CsvCode::BadQuote } else { CsvCode::UnclosedQuote })
        };
        loop {
            let Some(hit) = self.event(text, at, quote) else {
                if text.len() - start > self.field_bytes {
                    return Step::Bad(CsvCode::FieldTooLong);
                }
                if !at_end {
                    return Step::More;
                }
                // There is no line below on which it would become plain.
                record.lines = 1;
                return unclosed(record);
            };
            if hit - start > self.field_bytes {
                return Step::Bad(CsvCode::FieldTooLong);
            }
            let byte = text.get(hit).copied().unwrap_or(quote);
            if byte == quote {
                let field = |escaped| Field { start, end: hit, quoted: true, escaped };
                match text.get(hit + 1).copied() {
                    Some(next) if next == quote => {
                        escaped = true;
                        at = hit + 2;
                        continue;
                    }
                    Some(next) if next == self.delimiter => {
                        return Step::Field(field(escaped), Then::Field(hit + 2));
                    }
                    None if at_end => {
                        let end = hit + 1;
                        return Step::Field(field(escaped), Then::Line { end, next: end });
                    }
                    None => return Step::More,
                    Some(b'\n') => {
                        return Step::Field(field(escaped), Then::Line { end: hit + 1, next: hit + 2 });
                    }
                    Some(b'\r') => match (text.get(hit + 2), at_end) {
                        (Some(b'\n'), _) => {
                            return Step::Field(field(escaped), Then::Line { end: hit + 1, next: hit + 3 });
                        }
                        (None, false) => return Step::More,
                        // Where a lone CR does not end lines it still may end the file.
                        (after, _) if self.lone_cr || after.is_none() => {
                            return Step::Field(field(escaped), Then::Line { end: hit + 1, next: hit + 2 });
                        }
                        _ => {}
                    },
                    Some(_) => {}
                }
                // A stray quote: it may turn out to be text, but only on the record's first line.
                if record.lines > 1 {
                    return Step::Bad(CsvCode::UnclosedQuote);
                }
                record.stray.get_or_insert(record.fields);
                at = hit + 1;
            } else if byte == b'\\' {
                match text.get(hit + 1).copied() {
                    None if !at_end => return Step::More,
                    Some(next) if next == quote || next == b'\\' => {
                        escaped = true;
                        at = hit + 2;
                    }
                    _ => at = hit + 1,
                }
            } else {
                if record.stray.is_some() {
                    return Step::Bad(CsvCode::BadQuote);
                }
                let LineEnd::At { next, .. } = self.ending(text, start, hit, at_end) else {
                    return Step::More;
                };
                record.lines += 1;
                lines += 1;
                if lines > self.field_lines {
                    return Step::Bad(CsvCode::FieldTooLong);
                }
                at = next;
            }
        }
    }

    /// The next byte inside quotes that means something.
    fn event(&self, text: &[u8], from: usize, quote: u8) -> Option<usize> {
        let rest = text.get(from..)?;
        let hit = match (self.backslash, self.lone_cr) {
            (false, false) => memchr2(quote, b'\n', rest),
            (false, true) => memchr3(quote, b'\n', b'\r', rest),
            (true, false) => memchr3(quote, b'\n', b'\\', rest),
            (true, true) => rest.iter().position(|b| *b == quote || matches!(b, b'\n' | b'\r' | b'\\')),
        };
        hit.map(|i| from + i)
    }

    /// Gives the pieces of an escaped field, one after the other, without its escapes.
    pub(super) fn unescape<'t>(&self, mut text: &'t [u8], mut piece: impl FnMut(&'t [u8])) {
        let Some(quote) = self.quote else { return piece(text) };
        let mut from = 0;
        loop {
            let rest = text.get(from..).unwrap_or_default();
            let hit = if self.backslash { memchr2(quote, b'\\', rest) } else { memchr(quote, rest) };
            let Some(at) = hit.map(|i| from + i) else { return piece(text) };
            let first = text.get(at).copied();
            let second = text.get(at + 1).copied();
            let pair = if first == Some(quote) {
                second == Some(quote)
            } else {
                second == Some(quote) || second == Some(b'\\')
            };
            if pair {
                // Keep the second byte of the pair as text and go on behind it.
                piece(text.get(..at).unwrap_or_default());
                text = text.get(at + 1..).unwrap_or_default();
                from = 1;
            } else {
                from = at + 1;
            }
        }
    }
}

enum Step {
    Field(Field, Then),
    Bad(CsvCode),
    More,
}

enum Then {
    /// The next field starts here.
    Field(usize),
    /// The record is over.
    Line { end: usize, next: usize },
}

/// Every second field is what stands between the two signs of a delimiter: nothing. Where something stands there, the
/// record keeps its count and is refused for it.
fn halved(record: Record, fields: &mut Vec<Field>) -> Record {
    let hollow = fields.iter().skip(1).step_by(2).all(|f| f.start == f.end && !f.quoted);
    if !hollow || record.fields.is_multiple_of(2) {
        return record;
    }
    let mut n = 0_usize;
    fields.retain(|_| {
        n += 1;
        n % 2 == 1
    });
    Record { fields: record.fields.div_ceil(2), ..record }
}

/// What follows a run of delimiters.
enum Run {
    Field(usize),
    Line { end: usize, next: usize },
    More,
}

/// The first two bytes of the typographic double quotes in UTF-8; the third tells which of them it is.
const CURLY: &[u8] = b"\xE2\x80";
const CURLY_LEN: usize = 3;

/// One of `“”„‟` stands here.
pub(super) fn is_curly(text: &[u8], at: usize) -> bool {
    text.get(at..at + CURLY_LEN)
        .is_some_and(|c| c.starts_with(CURLY) && matches!(c.last(), Some(0x9C..=0x9F)))
}

/// The first place from `at` on that is no space.
pub(super) fn behind_blanks(text: &[u8], at: usize) -> usize {
    behind(text, at, b' ')
}

/// The first place from `at` on that is not this byte.
fn behind(text: &[u8], at: usize, byte: u8) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| **b == byte).count()
}

/// Only delimiters and blanks.
pub(super) fn is_blank(line: &[u8], delimiter: u8) -> bool {
    line.iter().all(|b| *b == delimiter || matches!(b, b' ' | b'\t'))
}
