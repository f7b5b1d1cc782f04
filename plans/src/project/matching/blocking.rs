//! `blocking`: which pairs are looked at at all.

/// One rule: records meet that agree in all of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockingRule {
    pub name: String,
    /// Values of `compare`; a record meets nobody by this rule where one of them is NULL.
    pub on: Vec<String>,
    /// Instead of the file's `max_block`.
    pub max_block: Option<u64>,
    /// The model learns from the rule's pairs.
    pub train: bool,
}
