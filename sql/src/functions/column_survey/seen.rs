//! Something that was seen in a column, with its count.

use serde::{Deserialize, Serialize};

/// Something that was seen in a column: how often, and in which line first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub count: u64,
    pub line: i64,
}

impl Seen {
    pub(super) fn see(&mut self, line: i64) {
        self.add(Self { count: 1, line });
    }

    /// Takes in what was seen elsewhere.
    pub fn add(&mut self, other: Self) {
        if other.count > 0 {
            self.line = if self.count == 0 { other.line } else { self.line.min(other.line) };
            self.count = self.count.saturating_add(other.count);
        }
    }

    /// Never seen.
    pub fn is_none(&self) -> bool {
        self.count == 0
    }
}

/// Nothing was counted.
pub(super) fn is_zero(count: &u64) -> bool {
    *count == 0
}
