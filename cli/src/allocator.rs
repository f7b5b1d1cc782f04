//! The allocator. Many threads take and give memory in batches; this one gives it back and asks the system for less.
//! Transparent huge pages are off (feature `no_thp`): the same time, a quarter less memory.

use std::path::Path;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes of input from which on memory that was given back returns to the system after so many milliseconds, instead of a
/// whole second. The sooner, the less memory: with 300 ms a million rows of people peak an eighth lower, in a time that cannot
/// be told from the noise; with 100 ms ten million peak at 2.0 GB and not 2.7, in 4 to 7 % more time.
const DELAYS: [(u64, std::ffi::c_long); 2] = [(512 << 20, 100), (64 << 20, 300)];
/// How much compressed text grows, roughly.
const UNPACKED: u64 = 6;
/// `mi_option_purge_delay` of mimalloc's header; its bindings do not name it.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
const NEVER: std::ffi::c_long = -1;

/// Has memory that was given back returned to the system sooner where the input is large.
pub fn heed_input<'a>(files: impl Iterator<Item = &'a Path>) {
    let bytes = files.map(|file| {
        let packed = file.extension().is_some_and(|e| e == "gz" || e == "zst");
        let bytes = std::fs::metadata(file).map_or(0, |m| m.len());
        if packed { bytes.saturating_mul(UNPACKED) } else { bytes }
    });
    let bytes: u64 = bytes.sum();
    if let Some((_, delay)) = DELAYS.into_iter().find(|(from, _)| bytes >= *from) {
        purge_after(delay);
    }
}

/// Gives nothing back to the system any more: the process ends, and takes all of its memory with it at once. Given back
/// block by block, 300 MB take as long as a step of a small run.
pub fn keep_to_the_end() {
    purge_after(NEVER);
}

fn purge_after(milliseconds: std::ffi::c_long) {
    #[allow(unsafe_code, reason = "the bindings of an allocator's option")]
    // SAFETY: sets a number in mimalloc's table of options, which it reads whenever it needs it; the index is that
    // of both versions that the bindings carry.
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, milliseconds);
    }
}
