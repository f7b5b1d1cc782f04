//! One member: opened by the connector that its content asks for.

use super::spool::{Spool, is_archive};
use crate::csv::Csv;
use crate::formats::{self, MARKED, TEXT};
use crate::request::{Connector, Input, Request};
use crate::source::{Source, SourceError};

/// The tables of a member, opened.
pub(super) fn open(
    spool: &Spool,
    index: usize,
    member: &str,
    request: &Request,
) -> Result<Vec<Box<dyn Source>>, SourceError> {
    let name = spool.full_name(member);
    let mut input = Input::file(name.clone(), spool.unpack(index, member)?);
    let connector = connector_of(&name, &mut input)?;
    formats::open(connector, input, request)
}

/// What speaks for no format is delimited text.
fn connector_of(name: &str, input: &mut Input) -> Result<&'static dyn Connector, SourceError> {
    let head = formats::beginning(input)?;
    if let Some((marked, _)) = formats::told_by(&MARKED, &head) {
        return Ok(marked);
    }
    // A workbook is a ZIP as well: it was told before.
    if is_archive(&head) {
        return Err(SourceError::new(
            "ARCHIVE_NESTED",
            format!("{name} is an archive in an archive"),
            "Unpack the outer archive, and import the inner one; or choose other members with the option `member`.",
        ));
    }
    Ok(formats::told_by(&TEXT, &head).map_or(&Csv, |(text, _)| text))
}
