//! What part of a column a kind of cell makes.

use importer_sql::functions::ColumnSurvey;

/// Cells that say something.
pub(super) fn filled(survey: &ColumnSurvey) -> u64 {
    let nothing: u64 = survey.null_words.values().map(|seen| seen.count).sum();
    survey.cells.saturating_sub(nothing)
}

/// Nine in ten cells that say something.
pub(super) fn is_nearly_all(survey: &ColumnSurvey, count: u64) -> bool {
    count.saturating_mul(10) >= filled(survey).saturating_mul(9)
}
