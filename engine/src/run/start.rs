//! What a run begins with: files to be read, rows that the caller lands, or what former attempts left.

use futures::future::BoxFuture;

use super::params::{KeptRows, RunParams};
use crate::context::RunContext;
use crate::error::Result;
use crate::progress::StepProgress;
use crate::steps::land::{Landed, OpenedFile};

/// The beginning of a run.
pub enum Start {
    /// Files, opened and fitting.
    Files(Vec<OpenedFile>),
    /// Rows that somebody else lands: fixed rows, held rows, the plan of another run.
    Rows(Box<dyn LandRows>),
    /// A run that was begun before. Steps that are finished are taken from their manifests; where land is not, the
    /// files are opened again as the parameters say, or the rows that were kept are landed.
    Again(Box<RunParams>, Option<Box<dyn LandRows>>),
}

impl Start {
    /// The rows that the run begins with, where they stand until they are landed.
    pub fn kept(&self) -> Option<&KeptRows> {
        match self {
            Self::Files(_) => None,
            Self::Rows(rows) => Some(rows.kept()),
            Self::Again(params, _) => params.rows.as_ref(),
        }
    }
}

/// Lands rows under a run's own paths, once the run exists.
pub trait LandRows: Send + Sync {
    /// Writes `landed`, `rejects` and `findings`. Sequence numbers begin at 1 and have no gaps.
    fn land<'a>(
        self: Box<Self>,
        cx: &'a RunContext,
        progress: &'a StepProgress,
    ) -> BoxFuture<'a, Result<Landed>>;

    /// Where they stand until then.
    fn kept(&self) -> &KeptRows;
}
