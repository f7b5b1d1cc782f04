//! A rollback that may begin: which run, what exactly of it, and what it may not touch.

use importer_plans::compile::undo::{Narrow, Undone};

use super::blocks::Foreign;
use super::taken::Taken;
use crate::error::{Error, ErrorKind};
use crate::run::Pinned;
use crate::store::Run;

/// A rollback that may begin.
pub struct Admitted {
    pub run: Run,
    pub(super) pinned: Pinned,
    pub undone: Undone,
    pub taken: Taken,
    pub narrow: Narrow,
    pub row: Option<i64>,
    /// When the run wrote what it wrote, microseconds since 1970 UTC.
    pub written_at: i64,
    /// What is not ours around its tables.
    pub foreign: Foreign,
    /// A rollback of this run that broke off.
    pub(super) unfinished: Option<Run>,
    /// The store's clock.
    pub(super) now: i64,
    pub(super) chunk_rows: usize,
}

impl Admitted {
    /// All of the run is meant.
    pub fn is_whole(&self) -> bool {
        self.row.is_none() && self.narrow.field.is_none()
    }
}

/// What cannot be rolled back, with the code of the reason.
pub(super) fn refused(code: &'static str, message: String, help: impl Into<String>) -> Error {
    Error::new(ErrorKind::Refused, message).with_code(code).with_help(help)
}
