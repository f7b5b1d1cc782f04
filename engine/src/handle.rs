//! A run at work in the background: its events, its number, and how to stop it.
//!
//! ```no_run
//! # async fn example(engine: std::sync::Arc<importer_engine::Engine>) -> importer_engine::Result<()> {
//! use importer_engine::{Event, request::RunRequest};
//! let mut run = engine.start(RunRequest::files(["people.csv"]));
//! while let Some(event) = run.next_event().await {
//!     if let Event::StepFinished(report) = event {
//!         println!("{}: {} rows", report.step.name(), report.rows_out);
//!     }
//! }
//! println!("{}", run.join().await?.status);
//! # Ok(()) }
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Listener, Step, StepReport};
use crate::request::RunRequest;
use crate::run::{RunSummary, Stopping};

/// What a run tells while it works.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run exists, under this number.
    Begun { run_id: i64 },
    /// A step begins; the number of rows it will see, when that is known.
    StepStarted { step: Step, expected: Option<u64> },
    /// So many more rows went through a step.
    Advanced { step: Step, rows: u64 },
    /// A step is done.
    StepFinished(StepReport),
    /// So many suggestions of a match type were decided without a person; told where records are compared by likeness.
    DedupeAuto { match_type: String, count: u64 },
    /// Something a person should read now.
    Warning(String),
}

/// Events that nobody has taken yet. Rows of one step are added up, so that a reader who sleeps costs nothing.
#[derive(Default)]
struct Events {
    waiting: Mutex<Waiting>,
    came: Notify,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Event>,
    run_id: Option<i64>,
    ended: bool,
}

impl Events {
    fn push(&self, event: Event) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Event::Begun { run_id } = event {
            waiting.run_id = Some(run_id);
        }
        match (waiting.events.back_mut(), &event) {
            (Some(Event::Advanced { step: last, rows }), Event::Advanced { step, rows: more })
                if last == step =>
            {
                *rows += more;
            }
            _ => waiting.events.push_back(event),
        }
        drop(waiting);
        self.came.notify_one();
    }

    fn end(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.came.notify_one();
    }

    async fn next(&self) -> Option<Event> {
        loop {
            {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(event) = waiting.events.pop_front() {
                    return Some(event);
                }
                if waiting.ended {
                    return None;
                }
            }
            self.came.notified().await;
        }
    }
}

impl Listener for Events {
    fn begun(&self, run_id: i64) {
        self.push(Event::Begun { run_id });
    }

    fn started(&self, step: Step, expected: Option<u64>) {
        self.push(Event::StepStarted { step, expected });
    }

    fn advanced(&self, step: Step, rows: u64) {
        self.push(Event::Advanced { step, rows });
    }

    fn finished(&self, report: &StepReport) {
        self.push(Event::StepFinished(report.clone()));
    }

    fn deduped(&self, match_type: &str, count: u64) {
        self.push(Event::DedupeAuto { match_type: match_type.to_owned(), count });
    }

    fn warn(&self, text: &str) {
        self.push(Event::Warning(text.to_owned()));
    }
}

/// A run that goes on while its caller does something else. Dropped, it goes on all the same.
pub struct RunHandle {
    engine: Arc<Engine>,
    events: Arc<Events>,
    task: JoinHandle<Result<RunSummary>>,
}

/// The events end however the run does.
struct EndOf(Arc<Events>);

impl Drop for EndOf {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Engine {
    /// Starts a run for the tenant and the actor that the request names, else for those of the engine. Any number of runs may
    /// be at work at once; they share the memory of the engine.
    pub fn start(self: &Arc<Self>, request: RunRequest) -> RunHandle {
        let engine = Arc::new(self.for_request(&request));
        let events = Arc::new(Events::default());
        let (worker, listener) = (Arc::clone(&engine), Arc::clone(&events));
        let task = tokio::spawn(async move {
            let _end = EndOf(Arc::clone(&listener));
            worker.run(&request, listener).await
        });
        RunHandle { engine, events, task }
    }

    /// The same engine for one request: its tenant, its actor, and a stop of its own that also falls with the engine's.
    fn for_request(&self, request: &RunRequest) -> Self {
        Self {
            store: Arc::clone(&self.store),
            lake: self.lake.clone(),
            project: Arc::clone(&self.project),
            tenant: request.tenant.clone().unwrap_or_else(|| self.tenant.clone()),
            actor: request.triggered_by.clone().unwrap_or_else(|| self.actor.clone()),
            limits: self.limits.clone(),
            chunk_rows: self.chunk_rows,
            rollback_days: self.rollback_days,
            stop: self.stop.child_token(),
        }
    }
}

impl RunHandle {
    /// The number of the run, once it has one.
    pub fn run_id(&self) -> Option<i64> {
        self.events.waiting.lock().unwrap_or_else(PoisonError::into_inner).run_id
    }

    /// The next event, or `None` once the run has ended.
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.next().await
    }

    /// Makes the run finish its chunk and pause: it can be resumed.
    pub fn pause(&self) {
        self.engine.stop.cancel();
    }

    /// The stop of this run alone.
    pub fn stop_token(&self) -> CancellationToken {
        self.engine.stop.clone()
    }

    /// Gives the run up, as long as nothing of it is loaded.
    ///
    /// # Errors
    /// The run does not exist yet, has ended, or something of it is loaded.
    pub async fn cancel(&self) -> Result<Stopping> {
        let run = self.run_id().ok_or_else(|| {
            Error::new(ErrorKind::Refused, "the run has not begun").with_help("wait for its event Begun")
        })?;
        self.engine.cancel(run, None).await
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// No run was made; a run that failed says so in its summary.
    pub async fn join(self) -> Result<RunSummary> {
        self.task.await?
    }
}
