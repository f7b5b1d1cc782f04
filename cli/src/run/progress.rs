//! Progress on stderr: one bar per running step on a terminal, one line per finished step elsewhere.

use std::sync::{Arc, Mutex};

use importer_engine::{Listener, Step, StepReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::screen;
use crate::settings::Settings;

/// How a run tells about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Silent,
    Lines,
    Bars,
}

/// The listener of a run.
pub struct Teller {
    manner: Manner,
    /// The summary will not be shown to people, so warnings are told at once.
    tells_warnings: bool,
    bar: Mutex<Option<ProgressBar>>,
}

/// A listener as the terminal, the flags and the environment want it.
pub fn listener(settings: &Settings, json: bool) -> Arc<Teller> {
    let manner = match (settings.quiet, settings.no_progress || !screen::bars()) {
        (true, _) => Manner::Silent,
        (false, true) => Manner::Lines,
        (false, false) => Manner::Bars,
    };
    Arc::new(Teller { manner, tells_warnings: json && manner != Manner::Silent, bar: Mutex::new(None) })
}

impl Teller {
    /// Takes the bar away.
    pub fn clear(&self) {
        if let Ok(mut bar) = self.bar.lock()
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match self.bar.lock().ok().and_then(|bar| bar.clone()) {
            Some(bar) => bar.suspend(|| screen::say(text)),
            None => screen::say(text),
        }
    }
}

/// With a known end there is a bar, without one a count.
fn bar(step: Step, expected: Option<u64>) -> ProgressBar {
    let (bar, template) = match expected {
        Some(rows) => (
            ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr_with_hz(5)),
            "{prefix:<10}{wide_bar} {human_pos}/{human_len} rows  {per_sec}  {eta}",
        ),
        None => (
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5)),
            "{prefix:<10}{spinner} {human_pos} rows  {per_sec}  {elapsed}",
        ),
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.set_prefix(step.name());
    bar
}

impl Listener for Teller {
    fn started(&self, step: Step, expected: Option<u64>) {
        if self.manner != Manner::Bars {
            return;
        }
        if let Ok(mut slot) = self.bar.lock() {
            *slot = Some(bar(step, expected));
        }
    }

    fn advanced(&self, _: Step, rows: u64) {
        if self.manner == Manner::Bars
            && let Ok(slot) = self.bar.lock()
            && let Some(bar) = slot.as_ref()
        {
            bar.inc(rows);
        }
    }

    fn finished(&self, report: &StepReport) {
        self.clear();
        if self.manner == Manner::Silent {
            return;
        }
        let note = if report.note.is_empty() { String::new() } else { format!("  {}", report.note) };
        self.line(&format!(
            "{:<10}{:>12}  {:>9}{note}",
            report.step.name(),
            screen::counted(report.rows_out, "row", "rows"),
            screen::duration(report.milliseconds),
        ));
    }

    fn warn(&self, text: &str) {
        if self.tells_warnings {
            self.line(&format!("warning: {text}"));
        }
    }
}
