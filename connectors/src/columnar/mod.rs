//! What the columnar formats have in common: batches of their libraries in, batches of ours out.
//!
//! A format gives raw batches in the types of its library ([`Rows`]); here they are cut so that memory stays bounded, brought
//! into few plain types, and counted.
//!
//! | file | what stands there |
//! | --- | --- |
//! | `format` | what a format gives: [`Rows`], [`Format`]; the words and hints that formats share |
//! | `source` | raw batches as a source: [`Columns`] |
//! | `table` | the columns that are read, and the words `columns` and `binary`: [`Table`] |
//! | `plain` | which plain type stands for a type of the format |
//! | `convert` | arrays in plain types: what holds others, down to what holds values |
//! | `text` | texts and bytes as text |
//! | `weigh` | what a stretch of an array takes once it is unfolded |

mod convert;
mod format;
mod plain;
mod source;
mod table;
mod text;
mod weigh;

pub(crate) use format::{
    BINARY, BINARY_HINT, COLUMNS, Format, LARGE_HINT, MAX_UNPACKED, Rows, UNPACKED_BYTES,
};
pub(crate) use plain::UUID_NAME;
pub(crate) use source::{Columns, damaged};
pub(crate) use table::Table;
