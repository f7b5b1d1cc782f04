//! A thread of its own for each reading: the drivers are asynchronous, a source is not.
//!
//! The thread waits where two batches are ahead of their reader, and the server with it. It ends when its reader goes away,
//! also while it waits for the database.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use arrow::datatypes::SchemaRef;
use tokio::sync::oneshot;

use super::build::Stretch;
use crate::source::{Checkpoint, EvidenceList, Headers, Note, SourceError};

/// Batches that are ahead of their reader.
const AHEAD: usize = 2;

/// A table that was opened.
pub(super) struct Opened {
    pub headers: Headers,
    pub schema: SchemaRef,
    pub evidence: EvidenceList,
}

/// What a reading knows at its end.
#[derive(Default)]
pub(super) struct Ended {
    pub notes: Vec<Note>,
    pub checkpoint: Option<Checkpoint>,
}

/// What comes from the thread, in this order: once opened, batches, once ended; or an error.
pub(super) enum Said {
    Opened(Opened),
    Batch(Stretch),
    Ended(Ended),
}

/// The thread's end of it.
pub(super) struct Out(SyncSender<Result<Said, SourceError>>);

/// The reader is gone: there is nothing left to do.
pub(super) struct Gone;

impl Out {
    pub(super) fn say(&self, said: Said) -> Result<(), Gone> {
        self.0.send(Ok(said)).map_err(|_| Gone)
    }
}

/// Why a reading ends before its end.
pub(super) enum Stop {
    Gone,
    Failed(SourceError),
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Failed(error)
    }
}

/// The reader's end of it.
pub(super) struct Reading {
    said: Receiver<Result<Said, SourceError>>,
    /// Dropped with the reading: the thread then ends, whatever it waits for.
    _stop: oneshot::Sender<()>,
}

impl Reading {
    /// Starts a thread that does the work.
    pub(super) fn start<F>(work: impl FnOnce(Out) -> F + Send + 'static) -> Result<Self, SourceError>
    where
        F: Future<Output = Result<Ended, Stop>>,
    {
        let (sender, said) = sync_channel(AHEAD);
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("importer-database".to_owned());
        let body = move || {
            let last = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Err(error) => Err(unstarted(error)),
                Ok(runtime) => {
                    let out = Out(sender.clone());
                    let worked = runtime.block_on(async {
                        tokio::select! {
                            biased;
                            _ = stopped => Err(Stop::Gone),
                            worked = work(out) => worked,
                        }
                    });
                    // A driver may still wait for a server that does not answer any more.
                    runtime.shutdown_background();
                    match worked {
                        Ok(ended) => Ok(Said::Ended(ended)),
                        Err(Stop::Failed(error)) => Err(error),
                        Err(Stop::Gone) => return,
                    }
                }
            };
            // Whoever has gone away meanwhile needs no last word.
            let _ = sender.send(last);
        };
        thread.spawn(body).map_err(unstarted)?;
        Ok(Self { said, _stop: stop })
    }

    /// What comes next. Blocks.
    pub(super) fn next(&self) -> Result<Said, SourceError> {
        self.said.recv().unwrap_or_else(|_| {
            Err(SourceError::new(
                "DATABASE_FAILED",
                "the reading of the database ended unexpectedly",
                "This is a defect in Importer; please report it.",
            ))
        })
    }
}

fn unstarted(error: std::io::Error) -> SourceError {
    SourceError::new(
        "DATABASE_FAILED",
        format!("no thread for the database can be started: {error}"),
        "End other programs, or raise the limit of threads.",
    )
    .with_cause(error)
}
