//! The SQL that was run, in order, with its rows, its time and the memory of the process meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::memory::{MemoryMark, MemoryWatch};

/// The SQL of a run as it was run.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// With their places.
    entries: Arc<std::sync::Mutex<Vec<(usize, TraceEntry)>>>,
    next: Arc<AtomicUsize>,
    memory: Arc<MemoryWatch>,
    /// The highest since the last step ended, and the mark that it is counted from.
    step: Arc<std::sync::Mutex<Option<(MemoryMark, u64)>>>,
}

/// One query that was run.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct TraceEntry {
    pub name: String,
    pub sql: String,
    pub rows: u64,
    pub milliseconds: u64,
    /// Resident memory of the process at its highest meanwhile; absent where the system does not tell, and in runs of
    /// older versions.
    #[serde(default)]
    pub peak_memory_bytes: Option<u64>,
}

/// A query under way.
pub struct Traced {
    place: usize,
    since: std::time::Instant,
    mark: MemoryMark,
}

impl Trace {
    /// Watches the memory of a step from here on, if it is not watched already.
    pub fn watch(&self) {
        if let Ok(mut step) = self.step.lock()
            && step.is_none()
        {
            *step = Some((self.memory.mark(), 0));
        }
    }

    /// So many places in the order of queries; gives the first.
    pub fn places(&self, count: usize) -> usize {
        self.next.fetch_add(count, Ordering::Relaxed)
    }

    /// Starts the clock of the next query.
    pub fn begin(&self) -> Traced {
        self.begin_at(self.places(1))
    }

    /// Starts the clock of the query that has this place, whenever it ends.
    pub fn begin_at(&self, place: usize) -> Traced {
        self.keep_peak();
        let mark = self.memory.mark();
        if let Ok(mut step) = self.step.lock() {
            *step = Some((mark, step.map_or(0, |(_, peak)| peak)));
        }
        Traced { place, since: std::time::Instant::now(), mark }
    }

    /// Writes a query down.
    pub fn end(&self, begun: &Traced, name: &str, sql: &str, rows: u64) {
        let entry = TraceEntry {
            name: name.to_owned(),
            sql: sql.to_owned(),
            rows,
            milliseconds: u64::try_from(begun.since.elapsed().as_millis()).unwrap_or(u64::MAX),
            peak_memory_bytes: self.memory.peak(begun.mark),
        };
        // A step is never below its queries, whichever mark saw the highest.
        if let Ok(mut step) = self.step.lock()
            && let Some((_, peak)) = step.as_mut()
        {
            *peak = (*peak).max(entry.peak_memory_bytes.unwrap_or(0));
        }
        if let Ok(mut entries) = self.entries.lock() {
            entries.push((begun.place, entry));
        }
    }

    /// Keeps what was highest so far before a mark forgets it.
    fn keep_peak(&self) {
        if let Ok(mut step) = self.step.lock()
            && let Some((mark, peak)) = step.as_mut()
        {
            *peak = (*peak).max(self.memory.peak(*mark).unwrap_or(0));
        }
    }

    /// Takes the highest memory since this was asked last: that of a step.
    pub fn take_peak(&self) -> Option<u64> {
        self.keep_peak();
        let next = self.memory.mark();
        let mut step = self.step.lock().ok()?;
        step.replace((next, 0)).map(|(_, peak)| peak).filter(|peak| *peak > 0)
    }

    /// Takes what was traced so far.
    pub fn take(&self) -> Vec<TraceEntry> {
        let mut taken =
            self.entries.lock().map(|mut entries| std::mem::take(&mut *entries)).unwrap_or_default();
        taken.sort_by_key(|(place, _)| *place);
        taken.into_iter().map(|(_, entry)| entry).collect()
    }
}
