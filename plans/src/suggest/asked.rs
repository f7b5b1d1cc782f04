//! What is looked at, how it is read so far, and what is proposed.

use serde::{Deserialize, Serialize};

use crate::header::{HeaderMatch, Samples};
use crate::project::{DateOrder, NumberFormat};

/// A setting that the data speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The setting as in a source file: `default_region`, `date_order` or `number_format`.
    pub setting: String,
    pub value: String,
    /// The evidence, as a sentence without its full stop.
    pub why: String,
    /// Something else fits as well: a person has to say which, accepting all proposals leaves it out.
    pub doubtful: bool,
}

impl Suggestion {
    /// The flag to write.
    pub fn flag(&self) -> String {
        format!("--{} {}", self.setting.replace('_', "-"), self.value)
    }
}

/// A file as far as it was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    pub headers: &'a [String],
    pub matched: &'a HeaderMatch,
    pub samples: &'a Samples,
}

/// How files are read so far.
#[derive(Debug, Clone, Copy)]
pub struct Habits<'a> {
    pub region: Option<&'a str>,
    pub date_order: DateOrder,
    pub number_format: NumberFormat,
}
