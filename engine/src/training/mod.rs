//! What `match analyze` and `match train` ask of rows that runs have staged, with the compiled queries of fuzzy matching.
//!
//! - [`rows`]: which rows, as the table of records
//! - [`analysis`]: what the blocking rules make of them
//! - [`sample`]: how strangers answer; [`patterns`]: how the pairs of the rules do; [`trained`]: a model out of both
//! - [`outlook`]: what the model makes of these pairs; [`report`], [`charts`]: all of it as a page
//! - [`desk`]: the session that everything is asked in

mod analysis;
mod charts;
mod desk;
mod outlook;
mod patterns;
mod report;
mod rows;
mod sample;
mod trained;

pub use analysis::{Analysis, AnalyzeRequest, LargeBlock, RuleAnalysis};
pub use desk::Timing;
pub use outlook::{Expected, Outlook};
pub use rows::RowsOf;
pub use trained::{TrainRequest, TrainedComparison, TrainedLevel, TrainedRound, Training, UnseenLevel};

use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// What the blocking rules of an entity make of rows: keys, blocks and pairs, rule by rule.
    pub async fn match_analyze(&self, request: &AnalyzeRequest) -> Result<Analysis> {
        Box::pin(analysis::analyze(self, request)).await
    }

    /// A model of an entity, learned from rows. Nothing is written: the files of the model are in the answer.
    pub async fn match_train(&self, request: &TrainRequest) -> Result<Training> {
        Box::pin(trained::train(self, request)).await
    }
}
