//! Libraries that give up on damaged input.
//!
//! The libraries below check most of what they read, but some of their checks end in a panic. Damaged input must not end the
//! run, so every call into them goes through here. What a call leaves behind after a panic is thrown away. Nothing is printed:
//! what the library said becomes the cause of an error that names the source.

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Calls into libraries that are under way in this thread.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// Does the work; an error or a panic of the library becomes its text.
pub(crate) fn guarded<T, E: Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match caught(work) {
        Ok(result) => result.map_err(|e| e.to_string()),
        Err(why) => Err(why),
    }
}

/// Does the work; a panic of the library becomes its text.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    keep_quiet();
    CALLS.set(CALLS.get() + 1);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    CALLS.set(CALLS.get().saturating_sub(1));
    done.map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        text.unwrap_or("the reader gave up on it").to_owned()
    })
}

/// Puts a hook in front of the one that there is: it passes on all panics but those that are caught here.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    // A hook cannot be set while one runs; a later call does it.
    if std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CALLS.try_with(Cell::get).unwrap_or(0) == 0 {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::guarded;

    const CHILD: &str = "IMPORTER_TEST_GUARD";

    /// What a process prints is only seen from outside: the test starts itself once more.
    #[test]
    fn what_is_caught_is_not_printed() {
        if std::env::var_os(CHILD).is_some() {
            let caught = guarded(|| -> Result<(), String> { panic!("the library gives up") });
            assert_eq!(caught, Err("the library gives up".to_owned()));
            let other = std::thread::spawn(|| panic!("a defect of our own")).join();
            assert!(other.is_err());
            return;
        }
        let child = Command::new(std::env::current_exe().expect("a test has a path"))
            .args(["--exact", "guard::tests::what_is_caught_is_not_printed", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{said}");
        assert!(said.contains("a defect of our own") && !said.contains("gives up"), "{said}");
    }
}
