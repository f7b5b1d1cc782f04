//! What a terminal gets: tables, numbers that can be read, cells that cannot do harm.
//!
//! - `terminal`: stdout and stderr, colours, width
//! - `document`: texts and JSON documents of a command
//! - `words`: numbers, times, paragraphs
//! - `cell`: text from files made safe for a terminal
//! - `table`: tables
//! - `rows`: Arrow batches as table, CSV or JSON

mod cell;
mod document;
mod rows;
mod table;
mod terminal;
mod words;

pub use cell::{line, short};
pub use document::{print, print_json};
pub use rows::{Csv, Json, TextRows};
pub use table::{Sheet, Table, pairs};
pub use terminal::{bars, colours, put, say, width};
pub use words::{bytes, count, counted, duration, listed, paragraph, time};
