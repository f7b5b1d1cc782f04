//! The formats of files that hold tables, and how one is told by the beginning of a file.
//!
//! Archives stand above: each of their members is in one of these formats.

use std::borrow::Cow;

use crate::avro::Avro;
use crate::csv::{Csv, inflated};
use crate::fixed_width::FixedWidth;
use crate::ipc::Arrow;
use crate::json::Json;
use crate::parquet::Parquet;
use crate::request::{Connector, Input, Request};
use crate::source::{Evidence, Source, SourceError};
use crate::vcard::VCard;
use crate::xlsx::Xlsx;

/// Told by few bytes at the beginning.
pub(crate) const MARKED: [&dyn Connector; 4] = [&Parquet, &Arrow, &Avro, &Xlsx];

/// Told by how the text goes on; the last ones could be any text.
pub(crate) const TEXT: [&dyn Connector; 4] = [&VCard, &Json, &FixedWidth, &Csv];

/// Bytes of the beginning that are unpacked.
const HEAD: usize = 64 << 10;

/// The first bytes of an input, unpacked where it is compressed as a whole.
pub(crate) fn beginning(input: &mut Input) -> Result<Cow<'_, [u8]>, SourceError> {
    let head = input.head()?;
    let inside = inflated(head, HEAD);
    Ok(if inside.is_empty() { head.into() } else { inside.into() })
}

/// The first of these connectors that an input with this beginning speaks for, and why.
pub(crate) fn told_by(
    among: &[&'static dyn Connector],
    head: &[u8],
) -> Option<(&'static dyn Connector, Evidence)> {
    among.iter().find_map(|connector| Some((*connector, connector.recognise(head)?)))
}

/// Opens an input that may be compressed as a whole.
pub(crate) fn open(
    connector: &dyn Connector,
    input: Input,
    request: &Request,
) -> Result<Vec<Box<dyn Source>>, SourceError> {
    let input = if connector.unpacks() { input } else { input.unpacked()? };
    connector.open(input, request)
}
