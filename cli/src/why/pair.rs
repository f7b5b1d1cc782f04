//! The story of two records in words.

use importer_engine::why::{PairStory, Row};
use serde_json::Value;

use super::page::{Page, by, cell, moment};
use crate::screen::Table;

/// The whole page.
pub fn words(story: &PairStory, with_sql: bool) -> String {
    let mut page = Page::new(with_sql);
    page.title(&format!("{}.", story.summary));
    for decided in &story.decisions {
        let taken_back = match cell(decided, "revoked_at") {
            text if text.is_empty() => String::new(),
            text => format!(", taken back {}", moment(&text)),
        };
        page.say(&format!(
            "{}:{} and {}:{} are {}{}, {}{taken_back}",
            cell(decided, "one_system"),
            cell(decided, "one_id"),
            cell(decided, "other_system"),
            cell(decided, "other_id"),
            cell(decided, "verdict"),
            by(Some(&cell(decided, "decided_by"))),
            moment(&cell(decided, "decided_at")),
        ));
    }
    for suggestion in &story.suggestions {
        told(&mut page, suggestion);
    }
    if with_sql {
        page.section("sql", "what was asked");
        page.asked(&story.asked);
    }
    page.finish()
}

/// One suggestion: what it weighed, comparison by comparison.
fn told(page: &mut Page, suggestion: &Row) {
    let reason = match cell(suggestion, "reason") {
        text if text.is_empty() => String::new(),
        text => format!(", {text}"),
    };
    let what = format!(
        "suggestion {} of run {}: {}{reason}, {}{}",
        cell(suggestion, "id"),
        cell(suggestion, "run_id"),
        cell(suggestion, "match_type"),
        cell(suggestion, "decision"),
        by(Some(&cell(suggestion, "decided_by"))),
    );
    page.section("score", &what);
    let Some(features) = suggestion.get("features_json").and_then(Value::as_object) else { return };
    let Some(comparisons) = features.get("comparisons").and_then(Value::as_array) else { return };
    let mut table = Table::new(["comparison", "answer", "bits"]);
    table.row([
        "before any".to_owned(),
        "two records drawn at random".to_owned(),
        bits(features.get("prior")),
    ]);
    for one in comparisons {
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        table.row([text("name"), text("label"), bits(one.get("weight"))]);
        let term = one.get("term").and_then(Value::as_f64).unwrap_or_default();
        if term != 0.0 {
            let what = if term > 0.0 { "a rare value" } else { "a frequent value" };
            table.row([String::new(), what.to_owned(), bits(one.get("term"))]);
        }
    }
    table.row([
        "all".to_owned(),
        "for one person, against two strangers".to_owned(),
        bits(features.get("weight")),
    ]);
    if features.contains_key("household") {
        table.row([
            String::new(),
            "for two of one household, against two strangers".to_owned(),
            bits(features.get("household")),
        ]);
    }
    page.table(table);
    if let Some(flip) = features.get("flip") {
        let text = |name: &str| flip.get(name).and_then(Value::as_str).unwrap_or_default();
        let likely = flip.get("probability").and_then(Value::as_f64).unwrap_or_default() * 100.0;
        page.say(&format!("what would turn it: {}: {} ({likely:.1} %)", text("name"), text("to")));
    }
    let rule = cell(suggestion, "rule");
    if !rule.is_empty() {
        page.say(&format!(
            "found by the rule {rule}, scored by the model {}",
            cell(suggestion, "model_hash")
        ));
    }
}

fn bits(value: Option<&Value>) -> String {
    value.and_then(Value::as_f64).map_or_else(String::new, |bits| format!("{bits:+.2}"))
}
