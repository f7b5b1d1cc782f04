//! What `match analyze` and `match train` ask of rows that runs have staged, with the compiled queries of fuzzy matching.
//!
//! - [`rows`]: which rows, as the table `records`
//! - [`analysis`]: what the blocking rules make of them
//! - [`sample`]: how strangers answer; [`patterns`]: how the pairs of the rules do
//! - [`desk`]: the session that all of it is asked in

mod analysis;
mod desk;
mod patterns;
mod rows;
mod sample;

pub use analysis::{Analysis, AnalyzeRequest, LargeBlock, RuleAnalysis};
pub use desk::Timing;
pub use rows::RowsOf;

use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// What the blocking rules of an entity make of rows: keys, blocks and pairs, rule by rule.
    pub async fn match_analyze(&self, request: &AnalyzeRequest) -> Result<Analysis> {
        Box::pin(analysis::analyze(self, request)).await
    }
}
