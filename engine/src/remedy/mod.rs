//! Fix and requeue: rows that a run held back go again, mended by a person or under rules that have changed since.
//!
//! ```text
//! remediate  one finding and --set, or an edited report ─┐
//!                                                        ├─► a batch: stage → check → match → resolve → load → reconcile
//! requeue    all that is held, by rule or run ───────────┘   as a run of kind `remediation`
//! ```
//!
//! A held row is named by its [`Place`](crate::store::Place): the run that first landed it, its file and line. Its findings stay under that name
//! whatever runs take the row on. A row is claimed before its run begins to work and promoted once
//! ([`crate::steps::promotions`]).
//!
//! | module | question |
//! | --- | --- |
//! | [`request`], [`verbs`] | what can be asked for? |
//! | [`collect`] | what does a person want, and can it be followed? ([`report_file`] and [`workbook`] read, [`mangled`] tells edits from damage) |
//! | [`unread`] | what is a line that could not be read, once a person has mended it? |
//! | [`edit`] | what does a name mean in the row's own file, and what differs afterwards? |
//! | [`origin`] | which run does a row come from, and what was landed of it? |
//! | [`select`] | which rows are held, and which has a newer one replaced? |
//! | [`kept`] | where do the rows of a request stand until their run has landed them? |
//! | [`batch`] | how do these rows become the landed rows of a run? |
//! | [`send`] | one run for each entity, source and way of reading |
//! | [`decide`], [`stats`] | suppress and won't fix; figures |

mod batch;
mod collect;
mod decide;
mod edit;
mod kept;
mod mangled;
mod origin;
mod report_file;
mod request;
mod select;
mod send;
mod stats;
mod unread;
mod verbs;
mod workbook;

pub use decide::{DecideRequest, Decided, Decision, Which};
pub use kept::{forget, kept_rows};
pub use mangled::WORKBOOK_CELL;
pub use report_file::{COLUMNS as REPORT_COLUMNS, ROW_PREFIX, STORE_LENGTH};
pub use request::{Edits, RemediateRequest, RequeueRequest};
pub use send::{Remedied, Requeued, RowPlace, StillOpen};
pub use stats::{RemedyStats, Times};
