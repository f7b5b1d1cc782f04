//! Libraries that give up on damaged input.
//!
//! The libraries of the columnar formats check most of what they read, but some of their checks end in a panic. Damaged input
//! must not end the run, so every call into them goes through here. What a call leaves behind after a panic is thrown away.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does the work; an error or a panic of the library becomes its text.
pub(crate) fn guarded<T, E: Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|e| e.to_string()),
        Err(payload) => {
            let text = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied());
            Err(text.unwrap_or("the reader gave up on it").to_owned())
        }
    }
}
