//! deciding: which rows of core are one person, said by people. Merge, and its way back.
//!
//! - [`verbs`]: what can be asked of an engine; [`merging`], [`parting`]: each decision one transaction of a run of its own;
//!   [`verdicts`]: what it says of records; [`admit`]: what is asked, and
//!   what can be refused; [`begin`](mod@begin): the run of a decision
//! - [`read`]: the tables in which a core row has rows, and the rows as the database has them
//! - [`winner`]: who gives each field, by `resolve.yml` or by a person; [`provenance`]: what is said of a field goes with it
//! - [`write`](mod@write): one merge; [`children`]: rows of other tables that refer to the row that goes
//! - [`unmerge`]: one merge taken back; [`replay`]: for whom runs have written since;
//!   [`writers`]: what is said of both then
//! - [`split`](mod@split): records that leave the row of others; [`transaction`]: the one of a decision
//! - [`suggestions`]: what becomes of suggestions that are no merges, and of many at once
//! - [`log`]: what is kept of a merge; [`masking`]: values that are not for everybody; [`refusal`]: what is refused
//!
//! What was there before is kept whole, in the log of merges: a merge can be taken back as long as the store stands, whatever
//! became of the lake. Merges of one row may be taken back in any order: later ones are opened for it and closed again.

mod admit;
mod begin;
mod children;
mod log;
mod masking;
mod merging;
mod parting;
mod provenance;
mod read;
mod refusal;
mod replay;
mod split;
mod suggestions;
mod transaction;
mod unmerge;
mod verbs;
mod verdicts;
mod winner;
mod write;
mod writers;

pub use admit::{MergeRequest, UnmergeRequest};
pub(crate) use begin::again;
pub use log::{FieldOutcome, PartedField, Told};
pub use merging::MergeReport;
pub use parting::UnmergeReport;
pub use split::{SplitReport, SplitRequest};
pub use suggestions::{
    AcceptReport, AcceptRequest, DecideSuggestions, DecidedSuggestions, ShownSuggestion, SuggestionsRequest,
};
pub use winner::Side;
