//! One run from request to reconciled.
//!
//! - [`prepare`]: the request, the source and the project agree on settings; files are opened, nothing is written
//! - [`suggested`]: how the files seem to be meant, told or taken on
//! - [`params`]: what of it is stored, so that the run can be taken up again; [`start`]: what it begins with
//! - [`begin`]: the run exists: project pinned, row in the store, lease taken
//! - [`executor`]: every step is performed and persisted, or restored from its manifest by a later attempt
//! - [`tasks`]: what the executor is to know of land, stage, check and reconcile; [`rounds`]: of match, resolve and load, which
//!   come again for rows that moved
//! - [`attempt`]: what is known of a run under way; [`pipeline`]: the seven steps in order; [`guards`]: what stops a run before
//!   the load; [`warnings`]: what it warns of
//! - [`resume`], [`retry`]: a run that was begun is taken up again, or anew; [`stop`]: it is paused or cancelled
//! - [`tables`]: sources that are no file and go on from a watermark; [`inputs`]: files that are known again and put away
//! - [`finish`]: what is written down at the end, whatever happened; [`audit`]: what of a run the audit tells;
//!   [`leftovers`]: what attempts leave in the lake; [`words`]: figures of steps in short sentences
//! - [`waiting`]: rows of other entities that wait for records such as this run created
//! - [`plans`]: dry runs before this one in its set, whose records count as there
//! - [`summary`]: the counts, the metrics and the document of a run

mod attempt;
mod audit;
mod begin;
mod executor;
mod finish;
mod guards;
mod inputs;
mod leftovers;
mod params;
mod pipeline;
mod plans;
mod prepare;
mod resume;
mod retry;
mod rounds;
mod start;
mod stop;
mod suggested;
mod summary;
mod tables;
mod tasks;
mod waiting;
mod warnings;
mod words;

pub use begin::{Begun, begin, pin, pinned, pinned_project, take_lease};
pub use inputs::{MARK, MOVED_TO, only_new, put_away};
pub use leftovers::manifest_name;
pub use params::{KeptRows, RunParams};
pub use pipeline::{execute, run};
pub use plans::require_plans;
pub use prepare::{OpenedInputs, Pinned, Prepared, choose, how_to_read, prepare};
pub use resume::{ResumeOptions, interrupted, resume, was_taken};
pub use retry::retry;
pub use start::{LandRows, Start};
pub use stop::{Stopping, cancel, pause};
pub use summary::{RunSummary, UnmappedColumn};
pub use tables::{completed, from_watermark, own_inputs};
pub use waiting::Waiting;
