//! Values of a set that say little about who somebody is.

/// What a project adds to the shipped patterns for one set, separated by blanks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetPatterns {
    /// Values that are no keys.
    pub placeholders: String,
    /// Values that say little.
    pub weak: String,
}
