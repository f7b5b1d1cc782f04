//! How much memory the process held while something ran.
//!
//! The figure is the resident memory of the whole process at its highest, sampled while the query ran; where the
//! kernel's own high-water mark rose meanwhile, it is that mark and exact. Other work of the same process counts too,
//! and memory that was freed may still be resident. Where the system does not tell (no `/proc`), there is no figure.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Between two samples: a thousandth of one processor's time.
const PAUSE: Duration = Duration::from_millis(50);

/// Watches the process as long as it is kept.
#[derive(Debug, Default)]
pub struct MemoryWatch {
    highest: Arc<AtomicU64>,
    watching: AtomicBool,
}

/// What was known when something began.
#[derive(Debug, Clone, Copy)]
pub struct MemoryMark {
    high_water: Option<u64>,
}

impl MemoryWatch {
    /// Begins anew: what was held before does not count any more.
    pub fn mark(&self) -> MemoryMark {
        let status = status();
        if let Some(status) = &status {
            self.highest.store(status.resident, Ordering::Relaxed);
            if !self.watching.swap(true, Ordering::Relaxed) {
                watch(Arc::downgrade(&self.highest));
            }
        }
        MemoryMark { high_water: status.map(|s| s.high_water) }
    }

    /// The highest since the mark, in bytes.
    pub fn peak(&self, mark: MemoryMark) -> Option<u64> {
        let now = status()?;
        if mark.high_water.is_some_and(|before| now.high_water > before) {
            return Some(now.high_water);
        }
        Some(self.highest.load(Ordering::Relaxed).max(now.resident))
    }
}

/// A thread that samples until nobody asks any more. Without a thread there are the samples at both ends.
fn watch(highest: Weak<AtomicU64>) {
    let sample = move || {
        while let Some(highest) = highest.upgrade() {
            if let Some(status) = status() {
                highest.fetch_max(status.resident, Ordering::Relaxed);
            }
            drop(highest);
            std::thread::sleep(PAUSE);
        }
    };
    if let Err(error) = std::thread::Builder::new().name("importer-memory".to_owned()).spawn(sample) {
        tracing::debug!("memory is not sampled: {error}");
    }
}

/// What the process holds now, in bytes.
pub fn resident() -> Option<u64> {
    status().map(|status| status.resident)
}

struct Status {
    resident: u64,
    high_water: u64,
}

/// What the kernel says of this process, in bytes.
fn status() -> Option<Status> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let bytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
    };
    Some(Status { resident: bytes("VmRSS:")?, high_water: bytes("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::MemoryWatch;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_held_is_seen_and_a_mark_forgets_it() {
        const HELD: u64 = 64 << 20;
        let watch = MemoryWatch::default();
        let before = watch.mark();
        let held = vec![1_u8; usize::try_from(HELD).unwrap()];
        let peak = watch.peak(before).unwrap();
        assert!(peak >= HELD, "{peak} with {} bytes held", held.len());
        drop(held);
        // A large block goes back to the system when it is freed.
        let after = watch.mark();
        assert!(watch.peak(after).unwrap() + HELD / 2 < peak);
    }
}
