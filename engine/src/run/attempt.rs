//! One attempt of a run: the executor of its steps, and what is known for its summary.

use super::executor::Executor;
use super::summary::{SummaryParts, UnmappedColumn};
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::resolve::Resolved;

/// Writes the findings of check into the store, for people to work on. A dry run keeps them to itself until what loads it
/// tells them; an attempt that goes on behind check tells them again, and twice adds nothing.
pub(super) async fn tell_findings(cx: &RunContext) -> Result<()> {
    if cx.settings.dry_run {
        return Ok(());
    }
    crate::steps::write_violations(cx).await?;
    fail::fail_point!("run::violations_written", |_| Err(crate::error::Error::internal(
        "failpoint run::violations_written"
    )));
    Ok(())
}

/// An attempt under way.
pub(super) struct Attempt<'a> {
    pub cx: &'a RunContext,
    pub executor: Executor<'a>,
    pub parts: SummaryParts,
    pub unmapped: Vec<UnmappedColumn>,
    /// The load has begun.
    pub loaded: bool,
    /// What each round resolved, for a run that ends before its time.
    pub resolved: Vec<Resolved>,
}

impl<'a> Attempt<'a> {
    /// `fresh`: there was no former attempt.
    pub async fn new(cx: &'a RunContext, fresh: bool) -> Result<Self> {
        Ok(Self {
            cx,
            executor: Executor::new(cx, fresh).await?,
            parts: SummaryParts::default(),
            unmapped: Vec::new(),
            loaded: false,
            resolved: Vec::new(),
        })
    }

    pub fn warn(&mut self, text: String) {
        self.executor.told.warn(text);
    }
}
