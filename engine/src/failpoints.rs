//! A process that dies on demand, for tests: `IMPORTER_ABORT_AT=load::in_copy:2` ends it without a word when it comes to
//! that failpoint for the second time. Only in builds with the feature `failpoints`.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorKind, Result};

const VARIABLE: &str = "IMPORTER_ABORT_AT";

/// Arms what the environment asks for, once per process.
pub fn arm() -> Result<()> {
    static ONCE: Once = Once::new();
    let Ok(wanted) = std::env::var(VARIABLE) else { return Ok(()) };
    let mut armed = Ok(());
    ONCE.call_once(|| armed = abort_at(&wanted));
    armed
}

fn abort_at(wanted: &str) -> Result<()> {
    let wrong = || Error::new(ErrorKind::Usage, format!("{VARIABLE}={wanted:?} is not FAILPOINT:N"));
    let (name, nth) = wanted.rsplit_once(':').ok_or_else(wrong)?;
    let nth: u64 = nth.parse().map_err(|_| wrong())?;
    let met = AtomicU64::new(0);
    fail::cfg_callback(name, move || {
        if met.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            std::process::abort();
        }
    })
    .map_err(|_| wrong())
}
