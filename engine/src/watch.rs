//! The clock of what people have written: when a query has taken the time that it may take, or the process more memory than
//! its operators account for.
//!
//! It is a thread of its own. A function at work on many rows does not come back before it is done, and where all threads of
//! the runtime are in one, nobody looks at the clocks of the runtime.

use std::fmt;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::context::memory::resident;

/// How much a query may take.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueryLimits {
    /// How long it may take; as long as it wants when not given.
    pub time: Option<Duration>,
    /// Bytes that the process may grow by meanwhile; not looked at when not given.
    pub growth: Option<u64>,
}

/// What a query took too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    Time(Duration),
    Memory(u64),
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(limit) => write!(f, "the query was not done after {} and was ended", told(*limit)),
            Self::Memory(bytes) => write!(
                f,
                "the memory limit was reached: the process grew by {} MiB during the query",
                bytes >> 20
            ),
        }
    }
}

/// A length of time in words.
pub fn told(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds >= 7200 && seconds % 3600 == 0 => format!("{} hours", seconds / 3600),
        seconds if seconds >= 120 && seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// Between two looks at the memory.
const PAUSE: Duration = Duration::from_millis(50);

/// Watches as long as it is kept.
pub struct Watch {
    /// Absent once nothing can come any more.
    exceeded: Option<oneshot::Receiver<Excess>>,
    /// What it has told already.
    told: Option<Excess>,
    _end: mpsc::Sender<()>,
}

impl Watch {
    /// Starts the clock. Without a limit, or without a thread, it never tells anything.
    pub fn start(limits: QueryLimits) -> Self {
        let (tell, exceeded) = oneshot::channel();
        let (end, ended) = mpsc::channel();
        let work = move || {
            if let Some(excess) = wait(limits, &ended) {
                // Nobody is there when the query ended at the same time.
                let _ = tell.send(excess);
            }
        };
        if limits.time.is_some() || limits.growth.is_some() {
            let thread = std::thread::Builder::new().name("importer-watch".to_owned()).spawn(work);
            if let Err(error) = thread {
                tracing::warn!("the limits of a query are not watched, no thread can be started: {error}");
            }
        }
        Self { exceeded: Some(exceeded), told: None, _end: end }
    }

    /// Waits until there is too much of something.
    pub async fn exceeded(&mut self) -> Excess {
        if let Some(excess) = self.told {
            return excess;
        }
        if let Some(exceeded) = &mut self.exceeded {
            let excess = exceeded.await;
            // It is asked once: a channel that has answered has nothing more to say.
            self.exceeded = None;
            if let Ok(excess) = excess {
                return *self.told.insert(excess);
            }
        }
        std::future::pending().await
    }
}

/// Waits for the end of the query, or for an excess.
fn wait(limits: QueryLimits, ended: &mpsc::Receiver<()>) -> Option<Excess> {
    let begun = Instant::now();
    let before = limits.growth.and_then(|_| resident());
    loop {
        let left = limits.time.map(|time| time.saturating_sub(begun.elapsed()));
        let pause = match (left, before) {
            (Some(left), Some(_)) => left.min(PAUSE),
            (None, Some(_)) => PAUSE,
            (Some(left), None) => left,
            (None, None) => return None,
        };
        match ended.recv_timeout(pause) {
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        }
        if let Some(time) = limits.time.filter(|time| begun.elapsed() >= *time) {
            return Some(Excess::Time(time));
        }
        if let (Some(most), Some(before)) = (limits.growth, before) {
            let grown = resident().unwrap_or(0).saturating_sub(before);
            if grown > most {
                return Some(Excess::Memory(grown));
            }
        }
    }
}

/// Does work for as long as it may take. What it does is best done in a task of its own: where it is a function at work,
/// nobody asks it to stop.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, Duration> {
    let mut watch = Watch::start(QueryLimits { time: Some(limit), growth: None });
    tokio::select! {
        biased;
        done = work => Ok(done),
        _ = watch.exceeded() => Err(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn time_is_told_while_every_thread_is_at_work() {
        // The only thread of the runtime is the one that waits here.
        let mut watch = Watch::start(QueryLimits { time: Some(Duration::from_millis(30)), growth: None });
        std::thread::sleep(Duration::from_millis(60));
        assert_eq!(watch.exceeded().await, Excess::Time(Duration::from_millis(30)));
        assert_eq!(watch.exceeded().await, Excess::Time(Duration::from_millis(30)));
        assert_eq!(
            within(Duration::from_millis(20), std::future::pending::<()>()).await,
            Err(Duration::from_millis(20))
        );
        assert_eq!(within(Duration::from_secs(60), async { 7 }).await, Ok(7));
    }

    #[tokio::test]
    async fn without_limits_nothing_is_told_however_often_it_is_asked() {
        let mut watch = Watch::start(QueryLimits::default());
        for _ in 0..2 {
            let asked = tokio::time::timeout(Duration::from_millis(5), watch.exceeded()).await;
            assert!(asked.is_err(), "{asked:?}");
        }
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn memory_beside_the_operators_is_seen() {
        let mut watch =
            Watch::start(QueryLimits { time: Some(Duration::from_secs(60)), growth: Some(32 << 20) });
        tokio::task::yield_now().await;
        std::thread::sleep(PAUSE);
        let held = vec![1_u8; 128 << 20];
        let excess = watch.exceeded().await;
        assert!(matches!(excess, Excess::Memory(grown) if grown > 32 << 20), "{excess:?} of {}", held.len());
    }
}
