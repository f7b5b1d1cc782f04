//! The rows of a reading, from the database to whoever takes them: what both databases do with them.

use super::build::{Building, Shape, Stretch, Unread, Value};
use super::cursor::Mark;
use super::error::defect;
use super::seen::Seen;
use super::task::{Begin, Task};
use super::worker::{Ended, Opened, Out, Said, Stop};
use crate::source::{Headers, Partition};

/// What a database has settled before its first row.
pub(super) struct Settled {
    /// Its name, for people.
    pub format: &'static str,
    pub names: Vec<String>,
    pub shapes: Vec<Shape>,
    /// Where the cursor stands among the columns.
    pub cursor: Option<usize>,
    /// By the clock of the database, microseconds since 1970 UTC.
    pub now: i64,
    pub begin: Begin,
}

/// Rows on their way.
pub(super) struct Rows {
    out: Out,
    building: Building,
    /// Gone once it was said.
    opened: Option<Opened>,
    cursor: Option<usize>,
    seen: Seen,
    partition: Option<Partition>,
}

impl Rows {
    pub(super) fn new(task: &Task, settled: Settled, out: Out) -> Self {
        let Settled { format, names, shapes, cursor, now, begin } = settled;
        let evidence = task.evidence(format, names.len(), begin.from.as_ref());
        let headers = Headers::from_cells(names);
        let building = Building::new(&headers.unique, &shapes, task.options.hex, task.batch_rows);
        Self {
            opened: Some(Opened { headers, schema: building.schema(), evidence }),
            out,
            building,
            cursor,
            seen: Seen::new(now, &begin),
            partition: task.partition.clone(),
        }
    }

    /// Says that the query can be answered, and what its columns are; before the first row.
    pub(super) fn open(&mut self) -> Result<(), Stop> {
        match self.opened.take() {
            Some(opened) => Ok(self.out.say(Said::Opened(opened))?),
            None => Ok(()),
        }
    }

    pub(super) fn is_cursor(&self, index: usize) -> bool {
        self.cursor == Some(index)
    }

    /// The value of the cursor in the row at hand.
    pub(super) fn mark(&mut self, value: Option<Mark>) {
        self.seen.row(value);
    }

    /// The cell of a column; every column has one in each row.
    pub(super) fn cell(&mut self, index: usize, value: Result<Value<'_>, Unread>) {
        self.building.append(index, value);
    }

    /// Ends a row, and hands out the batch where it is full.
    pub(super) fn end_row(&mut self) -> Result<(), Stop> {
        let full = self.building.end_row().map_err(|e| defect(&e))?;
        self.hand_out(full)
    }

    /// Hands out what is left behind the last row.
    pub(super) fn end(mut self) -> Result<Ended, Stop> {
        let rest = self.building.finish().map_err(|e| defect(&e))?;
        self.hand_out(rest)?;
        let checkpoint = self.partition.map(|partition| self.seen.checkpoint(partition));
        Ok(Ended { notes: self.seen.notes(), checkpoint })
    }

    fn hand_out(&self, batch: Option<Stretch>) -> Result<(), Stop> {
        match batch {
            Some(batch) => Ok(self.out.say(Said::Batch(batch))?),
            None => Ok(()),
        }
    }
}
