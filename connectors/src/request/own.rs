//! Sources that are no file: their options name them.

use crate::source::Partition;

/// What the options of a connector name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnInput {
    /// In messages: a table, or `query`.
    pub name: String,
    /// What is read on from its watermark; nothing where everything is read every time.
    pub partition: Option<Partition>,
}
