//! why: the life of one record, told from what runs left behind.
//!
//! Everything that is told comes from the data sets of the run, from the project that was pinned to it and from the
//! database; every statement that was asked stands beside its answer and gives the same one in `importer sql`. Rows are
//! read by their number: filters reach the files, and no data set is loaded as a whole.
//!
//! ```text
//! question → run, row            which record is meant, or what there is instead
//! pinned                         the run's project, manifests and parameters
//! land → stage → check → matching → resolve → load → since     one step of the story each
//! row, core, pair                the stories: of a row of a run, of a row of core, of two records
//! ```
//!
//! - `ask`: a statement and its answer; `story`: the document; `survivorship`: why a value won

mod ask;
mod check;
mod core;
mod land;
mod load;
mod matching;
mod pair;
mod pinned;
mod question;
mod resolve;
mod row;
mod since;
mod stage;
mod story;
mod survivorship;

pub use ask::{Asked, Row};
pub use core::{CoreStory, FieldWrite, MadeBy};
pub use pair::{PairEnd, PairQuestion, PairStory};
pub use question::{CoreQuestion, FileName, RowQuestion, Which};
pub use story::{
    Candidate, Check, FieldChange, Hit, Key, Land, LandedCell, Load, LoadState, Match, Outcome, Record,
    Reject, Resolve, RowStory, RuleVerdict, RunFacts, Since, Stage, StagedField, Verdict,
};
pub use survivorship::words as reason_words;

use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// The life of one record of a run.
    pub async fn why_row(&self, question: &RowQuestion) -> Result<RowStory> {
        Box::pin(row::tell(self, question)).await
    }

    /// The project that was pinned to a run: what it ran with, whatever the project's files say now.
    pub async fn pinned_project(&self, run: &crate::store::Run) -> Result<importer_plans::project::Project> {
        crate::run::pinned_project(self, run).await
    }

    /// What is known of two records that may be one person.
    pub async fn why_pair(&self, question: &PairQuestion) -> Result<PairStory> {
        Box::pin(pair::tell(self, question)).await
    }

    /// The life of one core row.
    pub async fn why_core(&self, question: &CoreQuestion) -> Result<CoreStory> {
        Box::pin(core::tell(self, question)).await
    }
}
