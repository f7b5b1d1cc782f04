//! One level of a comparison: a condition over two records, compiled to SQL over the aliases `a` and `b` (`condition`) where it is
//! read (`level_reading`).

use super::{Prepared, SqlPlace};
use crate::project::words::words;

/// When a level holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Nothing can be compared: the condition that says so.
    Missing(String),
    /// An SQL condition over `a` and `b`, in parentheses where it needs them.
    Condition(String),
    /// Nothing before it did.
    Else,
}

/// One answer of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Its number in a pattern: 0 is `missing`, 1 is `else`, the best has the highest.
    pub code: u8,
    pub when: When,
    pub kind: LevelKind,
    /// In words of stewards.
    pub label: String,
    /// Set by hand and never trained: how often matches have it, and strangers.
    pub m: Option<f64>,
    pub u: Option<f64>,
    /// Set by hand instead of both: bits.
    pub weight: Option<f64>,
    /// The frequency of this value of `compare` adjusts it: the level means that both have the same one.
    pub terms: Option<String>,
    /// Its condition measures texts letter by letter: asked after those that only compare.
    pub is_costly: bool,
    pub place: SqlPlace,
}

words! {
    /// Kinds of levels: what is known of their weight before anything was learned (`sql/data/level_weights.csv`).
    LevelKind {
        Missing = "missing",
        Equal = "equal",
        Nickname = "nickname",
        Initial = "initial",
        Beginning = "beginning",
        Slip = "slip",
        Spelling = "spelling",
        Part = "part",
        /// Jaro-Winkler of 0.9 and more.
        Close = "close",
        /// Jaro-Winkler below 0.9.
        Alike = "alike",
        /// One edit.
        Edit = "edit",
        Edits = "edits",
        Overlap = "overlap",
        Sounds = "sounds",
        /// A slip of the pen in a date.
        DateSlip = "date_slip",
        Days = "days",
        Within = "within",
        WithinShare = "within_share",
        Sql = "sql",
        /// Ids of two namespaces.
        OtherNamespace = "other_namespace",
        /// Two ids of one namespace.
        SameNamespace = "same_namespace",
        Else = "else",
    }
}

/// What the levels of one comparison have in common.
pub(super) struct About<'a> {
    pub(super) values: &'a [Prepared],
    /// The values that the comparison is about.
    pub(super) from: &'a [String],
    /// The value whose frequencies adjust levels that mean that both have the same one.
    pub(super) terms: Option<&'a str>,
    /// The comparison's name.
    pub(super) name: &'a str,
}

/// Whether somebody set a level's weight, which is then never trained.
pub(super) fn is_by_hand(level: &Level) -> bool {
    level.m.is_some() || level.u.is_some() || level.weight.is_some()
}
