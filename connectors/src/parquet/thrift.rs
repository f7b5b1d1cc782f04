//! The footer and page headers, looked through before the library reads them.
//!
//! The library reserves room for what a footer claims to hold and goes as deep as it claims to go. So the claims are held
//! against the bytes that are there: this is the compact protocol of Thrift, read without keeping anything.

/// Groups in groups at most.
const DEPTH: usize = 64;

/// A page takes at most so much, compressed or not: 256 MiB. The writers' default is 1 MiB.
pub(super) const PAGE_BYTES: u64 = 256 << 20;

/// Why a footer is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    Damaged,
    Encrypted,
    TooDeep,
}

/// Looks through the metadata of a footer.
pub(super) fn check_footer(bytes: &[u8]) -> Result<(), Flaw> {
    let mut at = Cursor { bytes };
    let mut encrypted = false;
    let mut id = 0;
    while let Some((kind, next)) = at.field(id).ok_or(Flaw::Damaged)? {
        id = next;
        match id {
            2 => at.schema()?,
            // The algorithm by which columns are encrypted.
            8 => {
                encrypted = true;
                at.skip(kind, 0)?;
            }
            _ => at.skip(kind, 0)?,
        }
    }
    if encrypted { Err(Flaw::Encrypted) } else { Ok(()) }
}

/// What a page header says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub dictionary: bool,
    /// Of the second version: its levels are not compressed.
    pub second: bool,
    pub unpacked: i64,
    pub packed: i64,
    pub values: i64,
    /// How its values are written, and the levels in front of them; numbers of the format.
    pub encoding: i64,
    pub definition_encoding: i64,
    pub repetition_encoding: i64,
    /// What stands behind the levels is compressed as the column is.
    pub compressed: bool,
    /// Bytes in front of what is compressed.
    pub levels: i64,
}

/// The header that the bytes begin with; `None` where they are none, or it goes on behind them.
pub(super) fn page(bytes: &[u8]) -> Option<Page> {
    let mut at = Cursor { bytes };
    let mut page = Page { unpacked: -1, packed: -1, compressed: true, ..Page::default() };
    let mut described = false;
    let mut id = 0;
    while let Some((kind, next)) = at.field(id)? {
        id = next;
        match id {
            1 => page.dictionary = at.number(kind)? == 2,
            2 => page.unpacked = at.number(kind)?,
            3 => page.packed = at.number(kind)?,
            // Which of two descriptions the library would believe is not known.
            5 | 7 | 8 if kind == STRUCT && !described => {
                described = true;
                page.second = id == 8;
                at.page_values(id, &mut page)?;
            }
            5 | 7 | 8 => return None,
            _ => at.skip(kind, 0).ok()?,
        }
    }
    (page.unpacked >= 0 && page.packed >= 0).then_some(page)
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

struct Cursor<'a> {
    bytes: &'a [u8],
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn pass(&mut self, n: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(n).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn integer(&mut self) -> Option<i64> {
        let n = self.varint()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    /// A field that must be a whole number.
    fn number(&mut self, kind: u8) -> Option<i64> {
        if matches!(kind, I16..=I64) { self.integer() } else { None }
    }

    /// Kind and number of the next field of a struct whose last field had the number `last`; inner `None` at its end.
    fn field(&mut self, last: i64) -> Option<Option<(u8, i64)>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        let (step, kind) = (i64::from(head >> 4), head & 0x0F);
        let id = if step == 0 { self.integer()? } else { last.checked_add(step)? };
        Some(Some((kind, id)))
    }

    /// Kind and number of the items of a list, none of which is smaller than a byte.
    fn list(&mut self) -> Option<(u8, u64)> {
        let head = self.byte()?;
        let short = u64::from(head >> 4);
        let n = if short == 15 { self.varint()? } else { short };
        (n <= self.bytes.len() as u64).then_some((head & 0x0F, n))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Flaw> {
        if depth > DEPTH {
            return Err(Flaw::TooDeep);
        }
        match kind {
            TRUE | FALSE => Some(()),
            BYTE => self.pass(1),
            I16..=I64 => self.varint().map(|_| ()),
            DOUBLE => self.pass(8),
            UUID => self.pass(16),
            BINARY => self.varint().and_then(|n| self.pass(n)),
            LIST | SET => {
                let (kind, n) = self.list().ok_or(Flaw::Damaged)?;
                for _ in 0..n {
                    // An item has its byte even where a field of its kind has none.
                    if matches!(kind, TRUE | FALSE) {
                        self.pass(1).ok_or(Flaw::Damaged)?
                    } else {
                        self.skip(kind, depth + 1)?
                    };
                }
                Some(())
            }
            STRUCT => {
                let mut id = 0;
                while let Some((kind, next)) = self.field(id).ok_or(Flaw::Damaged)? {
                    id = next;
                    self.skip(kind, depth + 1)?;
                }
                Some(())
            }
            // Nothing in a footer is a map.
            MAP => None,
            _ => None,
        }
        .ok_or(Flaw::Damaged)
    }

    /// The list of schema elements: groups name how many of the following elements are theirs.
    fn schema(&mut self) -> Result<(), Flaw> {
        let (kind, n) = self.list().ok_or(Flaw::Damaged)?;
        if kind != STRUCT {
            return Err(Flaw::Damaged);
        }
        let mut open: Vec<u64> = Vec::new();
        for _ in 0..n {
            let children = self.element()?;
            if children > n {
                return Err(Flaw::Damaged);
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
            if open.len() > DEPTH {
                return Err(Flaw::TooDeep);
            }
        }
        Ok(())
    }

    /// The children of one schema element.
    fn element(&mut self) -> Result<u64, Flaw> {
        let mut children = 0;
        let mut id = 0;
        while let Some((kind, next)) = self.field(id).ok_or(Flaw::Damaged)? {
            id = next;
            if id == 5 && matches!(kind, I16..=I64) {
                children = self.integer().and_then(|n| u64::try_from(n).ok()).ok_or(Flaw::Damaged)?;
            } else {
                self.skip(kind, 1)?;
            }
        }
        Ok(children)
    }

    /// What the description of a page says: 5 is that of the first version, 8 of the second, 7 of a dictionary.
    fn page_values(&mut self, description: i64, page: &mut Page) -> Option<()> {
        let mut id = 0;
        while let Some((kind, next)) = self.field(id)? {
            id = next;
            match (description, id) {
                (_, 1) => page.values = self.number(kind)?,
                (5, 2) | (8, 4) => page.encoding = self.number(kind)?,
                (5, 3) => page.definition_encoding = self.number(kind)?,
                (5, 4) => page.repetition_encoding = self.number(kind)?,
                (8, 5 | 6) => page.levels = page.levels.checked_add(self.number(kind)?)?,
                (8, 7) => page.compressed = kind == TRUE,
                _ => self.skip(kind, 0).ok()?,
            }
        }
        Some(())
    }
}
