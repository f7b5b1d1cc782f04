//! The streams of the process and the terminal behind them.

use std::io::{IsTerminal, Write};

/// Writes a text to stdout. Nobody may be there to read it any more; what the command did, and its exit code, stay.
pub fn put(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Writes a line to stderr. Nobody has to read it: a closed pipe, or a full disk behind it, stops no run.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether a stream is a terminal that should be coloured: `NO_COLOR` and `TERM=dumb` are respected.
pub fn colours(stream: &impl IsTerminal) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether progress bars make sense: a terminal, and no CI.
pub fn bars() -> bool {
    let ci =
        std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0");
    std::io::stderr().is_terminal() && !ci && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Columns of the terminal, 110 where there is none.
pub fn width() -> usize {
    let probe = comfy_table::Table::new();
    probe.width().map_or(110, usize::from).max(40)
}
