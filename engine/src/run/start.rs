//! Where the road begins: files to be read, rows that the caller lands, or what former attempts left.

use futures::future::BoxFuture;

use super::{RunContext, RunParams};
use crate::error::Result;
use crate::progress::StepProgress;
use crate::steps::land::{Landed, OpenedFile};

/// The beginning of a run's road.
pub enum Start {
    /// Files, opened and fitting.
    Files(Vec<OpenedFile>),
    /// Rows that somebody else lands: fixed rows, held rows, the plan of another run.
    Rows(Box<dyn LandRows>),
    /// A run that was begun before. Steps that are finished are taken from their manifests; where land is not, the
    /// files are opened again as the parameters say.
    Again(Box<RunParams>),
}

/// Lands rows under a run's own paths, once the run exists.
pub trait LandRows: Send + Sync {
    /// Writes `landed`, `rejects` and `findings`. Sequence numbers begin at 1 and have no gaps.
    fn land<'a>(
        self: Box<Self>,
        cx: &'a RunContext,
        progress: &'a StepProgress,
    ) -> BoxFuture<'a, Result<Landed>>;
}
