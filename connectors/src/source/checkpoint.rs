//! How far a source was read that grows: the next reading goes on from there.

/// A stretch of records that are read on from a watermark of their own, such as a table by one of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Tells it from all others: 32 hexadecimal digits. Another table, query, cursor or database is another partition.
    pub key: String,
    /// For people: `public.people by updated_at`.
    pub name: String,
}

/// How far a partition was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub partition: Partition,
    /// The highest value of the cursor, in a form that only the connector reads; nothing where there was none.
    pub watermark: Option<String>,
}
