//! What the cursor showed while a table was read: the highest value, and values that are told.

use super::cursor::Mark;
use super::task::Begin;
use crate::source::{Checkpoint, Code, Note, Partition};

/// Rows without a value in the cursor.
const CURSOR_EMPTY: Code =
    Code::new("DATABASE_CURSOR_EMPTY", "They are read in every run. Give the column a value, or a default.");
/// Rows whose cursor is in the future.
const CURSOR_AHEAD: Code = Code::new(
    "DATABASE_CURSOR_AHEAD",
    "They are read in every run until their time has come, for the watermark stays behind the present. Correct the values if they are a mistake.",
);
/// Somebody asked for a later beginning than the watermark.
const GAP: Code =
    Code::new("DATABASE_GAP", "Rows between the two values were not read. --again reads everything.");

/// The cursor of a reading.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By the clock of the database, microseconds since 1970 UTC.
    pub now: i64,
    /// Stays where no row is higher.
    pub watermark: Option<Mark>,
    rows: i64,
    empty: Told,
    ahead: Told,
    gap: bool,
}

#[derive(Debug, Default)]
struct Told {
    first: i64,
    count: u64,
}

impl Told {
    fn add(&mut self, row: i64) {
        if self.count == 0 {
            self.first = row;
        }
        self.count += 1;
    }

    fn note(&self, code: Code, reason: &str) -> Option<Note> {
        (self.count > 0).then(|| Note {
            code,
            line_number: self.first,
            count: self.count,
            reason: reason.to_owned(),
        })
    }
}

impl Seen {
    /// Of a reading that begins there.
    pub(super) fn new(now: i64, begin: &Begin) -> Self {
        Self { now, watermark: begin.watermark.clone(), gap: begin.leaves_gap, ..Self::default() }
    }

    /// The value of the next row.
    pub(super) fn row(&mut self, value: Option<Mark>) {
        self.rows += 1;
        match value {
            None => self.empty.add(self.rows),
            Some(value) if value.is_ahead(self.now) => self.ahead.add(self.rows),
            Some(value) => {
                if self.watermark.as_ref().is_none_or(|highest| value.is_after(highest)) {
                    self.watermark = Some(value);
                }
            }
        }
    }

    /// What there is to say of it.
    pub(super) fn notes(&self) -> Vec<Note> {
        let gap = self.gap.then(|| Note {
            code: GAP,
            line_number: 1,
            count: 1,
            reason: "reading began above the watermark of the last run".to_owned(),
        });
        let empty = self.empty.note(CURSOR_EMPTY, "the cursor has no value");
        let ahead = self.ahead.note(CURSOR_AHEAD, "the cursor lies in the future");
        gap.into_iter().chain(empty).chain(ahead).collect()
    }

    /// Where the next reading goes on.
    pub(super) fn checkpoint(&self, partition: Partition) -> Checkpoint {
        Checkpoint { partition, watermark: self.watermark.as_ref().map(Mark::stored) }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use crate::database::cursor::Mark;
    use crate::database::task::Begin;

    #[test]
    fn the_watermark_is_the_highest_value_of_the_present_and_never_falls() {
        let begin = Begin { watermark: Some(Mark::Instant(500)), ..Begin::default() };
        let mut seen = Seen::new(1_000, &begin);
        for value in [Some(400), Some(700), None, Some(2_000), Some(600)] {
            seen.row(value.map(Mark::Instant));
        }
        assert_eq!(seen.watermark, Some(Mark::Instant(700)));
        let notes: Vec<_> = seen.notes().iter().map(|n| (n.code.as_str(), n.line_number, n.count)).collect();
        assert_eq!(notes, [("DATABASE_CURSOR_EMPTY", 3, 1), ("DATABASE_CURSOR_AHEAD", 4, 1)]);
        let gap = Seen::new(0, &Begin { leaves_gap: true, ..Begin::default() });
        assert_eq!(gap.notes().len(), 1);
    }
}
