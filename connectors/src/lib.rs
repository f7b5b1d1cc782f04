//! Bytes ↔ record batches: one folder per kind of system.
//!
//! A connector turns what other people send into Arrow batches and says exactly where every byte
//! went. It knows nothing of rules, matching or runs, and it opens no file on its own: the engine
//! hands it an opened one, a stream or batches. What is no file (a table of a database) is reached
//! as the options say, and read only.
//!
//! | room | what it does |
//! | --- | --- |
//! | [`connector`] | the list of connectors, and which of them reads an input |
//! | `formats` | the formats of files that hold tables, and how one is told by the beginning of a file |
//! | `request` | what a connector is, and what it is asked for: bytes, options as words |
//! | [`source`] | what every connector gives: batches, rejects, findings, counts, a description |
//! | [`csv`] | delimited text: detects the dialect, splits records, rejects what cannot be read |
//! | [`xlsx`] | workbooks of spreadsheet programs: a source for each sheet |
//! | [`fixed_width`] | text with columns at fixed places |
//! | [`json`] | JSON: one object per line, a list of objects, documents one after the other |
//! | [`vcard`] | contacts in vCards |
//! | `text` | what connectors of text share |
//! | `building` | the batch in progress: of text and of sheets |
//! | `headers_again` | a header that comes again below: in text and in sheets |
//! | `cell` | what the text of one cell looks like |
//! | `dialect` | how delimited text is written: its encoding, its delimiter, its quotes |
//! | `evidence` | what was decided about a source, how sure that is, and why |
//! | [`parquet`](mod@parquet) | Apache Parquet: columns in pages |
//! | [`ipc`] | Arrow IPC: files and streams of record batches |
//! | [`avro`] | Avro object container files |
//! | [`report`] | rows that a run holds back, written out in their file's own format |
//! | [`database`] | tables and queries of Postgres and SQLite, from a cursor on |
//! | [`archive`] | ZIP archives: each member by the connector that its content asks for |
//! | `columnar` | what the columnar formats have in common |
//! | [`batches`] | record batches that the caller has in memory |
//! | `guard` | libraries that give up on damaged input |

pub mod archive;
pub mod avro;
pub mod batches;
mod building;
mod cell;
mod columnar;
pub mod connector;
pub mod csv;
pub mod database;
mod dialect;
mod evidence;
pub mod fixed_width;
mod formats;
mod guard;
mod headers_again;
pub mod ipc;
pub mod json;
pub mod parquet;
pub mod report;
mod request;
pub mod source;
mod text;
pub mod vcard;
pub mod xlsx;
