//! What came after the run, in words: later changes, rollbacks, suggestions, findings, and what core holds now.

use importer_engine::why::{Row, RowStory, Since};

use super::page::{Page, by, cell, moment, said};
use crate::screen::Table;

/// What became of a row and its core row since.
pub fn since(page: &mut Page, story: &RowStory, since: &Since) {
    if since.asked.is_empty() && since.findings.is_empty() {
        return;
    }
    let quiet =
        since.later_changes.is_empty() && since.related_runs.is_empty() && since.suggestions.is_empty();
    page.section("since", if quiet { "nobody has changed it" } else { "" });
    for run in &since.related_runs {
        page.say(&format!(
            "run {} ({}) goes back to this run: {}{}",
            cell(run, "run_id"),
            cell(run, "kind"),
            cell(run, "status"),
            by(Some(&cell(run, "triggered_by")))
        ));
    }
    for undone in &since.taken_back {
        page.say(&format!(
            "run {} (rollback) {} core row {}",
            cell(undone, "run_id"),
            cell(undone, "action"),
            cell(undone, "core_id")
        ));
    }
    for change in &since.later_changes {
        page.say(&change_words(change));
    }
    for suggestion in &since.suggestions {
        page.say(&suggestion_words(suggestion));
    }
    for finding in &since.findings {
        page.say(&finding_words(finding));
    }
    if let Some(link) = &since.link {
        let active = if cell(link, "is_active") == "true" { "" } else { ", not active" };
        page.say(&format!(
            "its id stands for core row {}{active}, last seen in run {}",
            cell(link, "core_id"),
            cell(link, "last_run_id")
        ));
    }
    if since.core_exists == Some(false) {
        page.say("the core row is gone");
    }
    core_now(page, story, since);
    page.asked(&since.asked);
}

fn core_now(page: &mut Page, story: &RowStory, since: &Since) {
    let Some(core) = story.core_id else { return };
    let filled: Vec<&Row> = since.core.iter().filter(|f| !cell(f, "value").is_empty()).collect();
    if filled.is_empty() {
        return;
    }
    page.say(&format!("core row {core} as it stands now:"));
    let mut table = Table::new(["field", "value", ""]).wrapped(&[1]);
    for field in filled {
        let edited = if cell(field, "edited_since") == "true" { "edited outside of imports" } else { "" };
        table.row([cell(field, "field"), cell(field, "value"), edited.to_owned()]);
    }
    page.table(table);
}

/// One row of the change log.
pub fn change_words(change: &Row) -> String {
    let value = |name: &str| {
        let text = cell(change, name);
        if text.is_empty() { "nothing".to_owned() } else { format!("\"{text}\"") }
    };
    let who = match cell(change, "changed_by") {
        who if who.is_empty() => cell(change, "triggered_by"),
        who => who,
    };
    format!(
        "{} run {} ({}) set {} from {} to {}: {}{}{}",
        moment(&cell(change, "changed_at")),
        cell(change, "run_id"),
        cell(change, "kind"),
        cell(change, "field_name"),
        value("before_value"),
        value("after_value"),
        cell(change, "winner"),
        said(" over ", change, "loser", ""),
        by(Some(&who))
    )
}

/// One suggestion with its decision.
pub fn suggestion_words(row: &Row) -> String {
    let mut ids: Vec<String> =
        ["core_id", "other_core_id"].iter().map(|c| cell(row, c)).filter(|id| !id.is_empty()).collect();
    ids.dedup();
    let about = if ids.is_empty() { String::new() } else { format!(" about core row {}", ids.join(" and ")) };
    format!(
        "suggestion {} of run {} ({}{}){about}: {}{}",
        cell(row, "id"),
        cell(row, "run_id"),
        cell(row, "match_type"),
        said(", ", row, "reason", ""),
        cell(row, "decision"),
        by(Some(&cell(row, "decided_by")))
    )
}

fn finding_words(row: &Row) -> String {
    format!(
        "finding {}{}{}: {}{}{}{}",
        cell(row, "rule_code"),
        said(" ", row, "field", ""),
        said(" of run ", row, "run_id", ""),
        cell(row, "status"),
        said(" (", row, "resolution", ")"),
        said(" in run ", row, "resolved_run_id", ""),
        by(Some(&cell(row, "resolved_by")))
    )
}
