//! What was decided about a source, item by item: how sure that is, and why.

use std::fmt;

/// How sure a detected item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// Nothing in the sample speaks for or against it.
    Assumed,
    Low,
    Medium,
    High,
    /// The caller said so.
    Given,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assumed => "assumed",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Given => "given",
        })
    }
}

/// One detected item with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What was decided: `format`, `encoding`, `delimiter`, `sheet`, `header`, `columns`, …
    pub item: &'static str,
    pub value: String,
    pub confidence: Confidence,
    pub why: String,
}

impl Evidence {
    /// An item, what it is taken to be, how sure that is, and why.
    pub fn new(
        item: &'static str,
        value: impl Into<String>,
        confidence: Confidence,
        why: impl Into<String>,
    ) -> Self {
        Self { item, value: value.into(), confidence, why: why.into() }
    }
}
