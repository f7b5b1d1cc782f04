//! Where the road begins: files to be read, rows that the caller lands, or what former attempts left.

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::{RunContext, RunParams};
use crate::error::Result;
use crate::lake::DataSet;
use crate::progress::StepProgress;
use crate::steps::land::{Landed, OpenedFile};

/// The beginning of a run's road.
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

/// Rows that a run begins with instead of files. They lie in the lake before the run exists, so that an attempt that
/// dies before it has landed them loses nothing of what a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRows {
    /// The folder of the request.
    pub folder: String,
    /// Which rows.
    pub held: DataSet,
    /// Their edits.
    pub edits: DataSet,
    /// The runs that first landed them.
    pub origins: Vec<i64>,
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
