//! Rows of part files that were just written and are still at hand, so that the queries after them need not read and
//! decode what was in memory a moment ago. A large file is not held, and all of them together have a bound.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use datafusion::arrow::array::RecordBatch;

/// Bytes of rows that one part may hold, as Arrow counts them.
const PART: usize = 16 << 20;

/// What is left for rows at hand, in bytes as Arrow counts them.
#[derive(Debug, Clone, Default)]
pub struct Room(Arc<Left>);

#[derive(Debug, Default)]
struct Left {
    bytes: AtomicUsize,
    closed: AtomicBool,
}

impl Room {
    /// Room for so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Left { bytes: AtomicUsize::new(bytes), closed: AtomicBool::new(false) }))
    }

    /// Takes no rows from now on.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        !self.0.closed.load(Ordering::Relaxed)
            && self.0.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

/// The rows of one part; gives its room back when nobody has it any more.
struct Rows {
    batches: Vec<RecordBatch>,
    bytes: usize,
    room: Room,
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.room.0.bytes.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

/// The rows of a part file, if they are at hand. Two files are no different for it.
#[derive(Clone, Default)]
pub struct Held(Option<Arc<Rows>>);

impl Held {
    /// The rows.
    pub fn batches(&self) -> Option<&[RecordBatch]> {
        self.0.as_ref().map(|rows| rows.batches.as_slice())
    }
}

impl PartialEq for Held {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Held {}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Held" } else { "NotHeld" })
    }
}

/// Holds what is written to a part, until it is too much.
pub struct Holding(Option<Rows>);

impl Holding {
    /// Starts with nothing.
    pub fn new(room: &Room) -> Self {
        Self(Some(Rows { batches: Vec::new(), bytes: 0, room: room.clone() }))
    }

    /// Holds nothing at all.
    pub fn nothing() -> Self {
        Self(None)
    }

    /// Adds rows, or lets go of all of them.
    pub fn add(&mut self, batch: &RecordBatch) {
        let Some(rows) = &mut self.0 else { return };
        let bytes = batch.get_array_memory_size();
        if rows.bytes.saturating_add(bytes) > PART || !rows.room.take(bytes) {
            self.0 = None;
            return;
        }
        rows.bytes += bytes;
        rows.batches.push(batch.clone());
    }

    /// What was held to the end.
    pub fn finish(self) -> Held {
        Held(self.0.map(Arc::new))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use datafusion::arrow::array::{Int64Array, RecordBatch};

    use super::{Holding, PART, Room};

    const ALL: usize = 2 * PART;

    fn rows(count: usize) -> RecordBatch {
        let numbers = Int64Array::from_iter_values(0..i64::try_from(count).unwrap());
        RecordBatch::try_from_iter([("n", Arc::new(numbers) as _)]).unwrap()
    }

    #[test]
    fn what_is_small_is_held_and_gives_its_room_back() {
        let room = Room::new(ALL);
        let mut holding = Holding::new(&room);
        holding.add(&rows(1_000));
        holding.add(&rows(10));
        let held = holding.finish();
        assert_eq!(held.batches().unwrap().iter().map(RecordBatch::num_rows).sum::<usize>(), 1_010);
        assert!(room.0.bytes.load(Ordering::Relaxed) < ALL);
        drop(held);
        assert_eq!(room.0.bytes.load(Ordering::Relaxed), ALL);
    }

    #[test]
    fn what_is_large_is_let_go() {
        let room = Room::new(ALL);
        let mut holding = Holding::new(&room);
        holding.add(&rows(10));
        holding.add(&rows(PART / 8 + 1));
        holding.add(&rows(10));
        assert!(holding.finish().batches().is_none());
        assert_eq!(room.0.bytes.load(Ordering::Relaxed), ALL);
        room.close();
        let mut closed = Holding::new(&room);
        closed.add(&rows(1));
        assert!(closed.finish().batches().is_none());
        let mut without = Holding::new(&Room::default());
        without.add(&rows(1));
        assert!(without.finish().batches().is_none());
    }
}
