//! JSON, read as it streams by: one object is one record, its members are the columns.
//!
//! A file may hold one object per line (NDJSON), a list of objects, one object, documents one after the other, or an
//! object with the list of records in one of its members. Text columns throughout: strings as they are, numbers with the
//! digits as written, `true` and `false`, NULL for `null` and for empty strings. The members of an object in an object are
//! columns of their own, named by the path to them (`address.city`); a list stays in one column, as JSON without blanks.
//!
//! The columns are the members of the first records ([`SAMPLE_BYTES`](source) or 20,000 records), in the order in which they
//! first appear. If anything follows behind those, there is one more column at the end, `_more`: an object of the members
//! that have no column, named by their paths.
//!
//! | file | what happens there |
//! | --- | --- |
//! | `connector` | all of it as a connector: [`Json`] |
//! | `shape` | which of the forms a file has, from its beginning |
//! | `envelope` | whether an object with one list is a record, or wraps its records |
//! | `walk` | the way through documents to the next record, past what is none |
//! | `skip` | passes over a value without reading it, however long it is |
//! | `value` | reads past a value and says what is wrong with it |
//! | `tree` | the members of the sample, and the columns made of them |
//! | `table` | one record into the columns |
//! | `source` | ties these together, step by step |
//! | `lines`, `documents` | one step of it: a line, or a record somewhere in a document |
//! | `code` | codes of rejects, findings, notes and errors |

mod code;
mod connector;
mod documents;
mod envelope;
mod lines;
mod open;
mod shape;
mod skip;
mod source;
mod table;
mod tree;
mod value;
mod walk;

pub(crate) use source::NAME;

pub use connector::Json;
