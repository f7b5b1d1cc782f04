//! Reading the XML of a part once within limits, before anything else reads it: what has passed here cannot make the readers
//! behind it allocate without bound, or wait for an end that never comes.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::error::{Fault, Overrun};

/// Longest element that is taken in one piece: a cell with its text and marks, a tag, a comment.
pub(super) const MAX_ELEMENT: usize = 64 << 20;

/// Counts bytes as they are unpacked.
struct Metered<'a, R> {
    inner: BufReader<R>,
    /// Bytes that may still be unpacked, of all parts together.
    budget: &'a mut u64,
    since: usize,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: Read> BufRead for Metered<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > MAX_ELEMENT {
            return Err(io::Error::other(Overrun::Element(MAX_ELEMENT)));
        }
        let have = self.inner.fill_buf()?;
        if have.len() as u64 > *self.budget {
            return Err(io::Error::other(Overrun::Unpacked));
        }
        Ok(have)
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.since = self.since.saturating_add(amount);
        *self.budget = self.budget.saturating_sub(amount as u64);
    }
}

/// Whether the bytes of an element count together with those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A new piece begins behind it.
    Ends,
    /// It is in the middle of one, such as a cell.
    GoesOn,
}

/// Goes through a part. `strict`: names of end tags are compared with those of their beginnings.
pub(super) fn walk<R: Read>(
    part: R,
    budget: &mut u64,
    strict: bool,
    mut see: impl FnMut(&Event<'_>) -> Result<Piece, Fault>,
) -> Result<(), Fault> {
    let metered = Metered { inner: BufReader::with_capacity(64 << 10, part), budget, since: 0 };
    let mut xml = Reader::from_reader(metered);
    let config = xml.config_mut();
    config.check_end_names = strict;
    config.check_comments = false;
    let mut depth = 0_u64;
    let mut buf = Vec::with_capacity(1024);
    loop {
        buf.clear();
        let event = xml.read_event_into(&mut buf)?;
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| Fault::damaged("elements of a part of it are not nested properly"))?;
            }
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(Fault::damaged("a part of it ends too early")),
            _ => {}
        }
        if see(&event)? == Piece::Ends {
            xml.get_mut().since = 0;
        }
    }
}

/// Counts what a part that is no XML unpacks to.
pub(super) fn measure<R: Read>(part: R, budget: &mut u64) -> Result<u64, Fault> {
    let mut metered = Metered { inner: BufReader::with_capacity(64 << 10, part), budget, since: 0 };
    let mut total = 0_u64;
    loop {
        let n = metered.fill_buf()?.len();
        if n == 0 {
            return Ok(total);
        }
        metered.consume(n);
        metered.since = 0;
        total = total.saturating_add(n as u64);
    }
}

/// The value of an attribute as it stands there, by its name without prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Fault> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(Some(attribute.value.into_owned()));
        }
    }
    Ok(None)
}

/// The values `1` and `true` of an attribute.
pub(super) fn is_set(element: &BytesStart<'_>, name: &str) -> Result<bool, Fault> {
    Ok(attribute(element, name)?.is_some_and(|v| v == "1" || v == "true"))
}
