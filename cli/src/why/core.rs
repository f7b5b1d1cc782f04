//! The story of a core row in words.

use importer_engine::why::{CoreStory, FieldWrite};

use super::page::{Page, by, cell, moment};
use super::since::{change_words, suggestion_words};
use crate::screen::Table;
use crate::settings::Settings;

/// The whole page.
pub fn words(settings: &Settings, story: &CoreStory, with_sql: bool) -> String {
    let mut page = Page::new(with_sql);
    page.title(&format!("{}.", story.summary));
    if let Some(made) = &story.made_by {
        let row = made.row.map(|r| format!("row {r} of ")).unwrap_or_default();
        let at = made.at.as_deref().map(|t| format!(", {}", moment(t))).unwrap_or_default();
        page.say(&format!("made by {row}run {}{at}{}", made.run_id, by(made.triggered_by.as_deref())));
    }
    for undone in &story.taken_back {
        page.say(&format!("run {} (rollback) {} it", cell(undone, "run_id"), cell(undone, "action")));
    }
    fields(&mut page, story);
    history(&mut page, story);
    ids(&mut page, story);
    if !story.suggestions.is_empty() {
        page.section("review", "suggestions that speak of it");
        for suggestion in &story.suggestions {
            page.say(&suggestion_words(suggestion));
        }
    }
    merges(&mut page, settings, story);
    if with_sql {
        page.section("sql", "what was asked");
        page.asked(&story.asked);
        page.asked(&story.tables);
    }
    next(&mut page, settings, story);
    page.finish()
}

fn fields(page: &mut Page, story: &CoreStory) {
    if story.fields.is_empty() {
        page.section("fields", "none: the row is not in core");
        return;
    }
    page.section("fields", "as they stand now, and who wrote them");
    let mut table = Table::new(["field", "value", "written by", "counts as", ""]).wrapped(&[1, 2]);
    for field in story.fields.iter().filter(|f| f.value.is_some() || !f.history.is_empty() || f.edited_since)
    {
        table.row([
            field.field.clone(),
            field.value.clone().unwrap_or_default(),
            writer(field),
            counts_as(field),
            if field.edited_since { "edited outside of imports since".to_owned() } else { String::new() },
        ]);
    }
    page.table(table);
}

fn writer(field: &FieldWrite) -> String {
    let Some(run) = field.run_id else { return String::new() };
    let row = field.row.map(|r| format!(", row {r}")).unwrap_or_default();
    let at = field.written_at.as_deref().map(|t| format!(", {}", moment(t))).unwrap_or_default();
    format!("run {run}{row}{at}{}", by(field.triggered_by.as_deref()))
}

fn counts_as(field: &FieldWrite) -> String {
    let manual = if field.manual { "a person's edit" } else { "" };
    let source = field.source.clone().unwrap_or_default();
    let at = field.effective_at.as_deref().map(moment).unwrap_or_default();
    [manual, &source, &at].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ")
}

fn history(page: &mut Page, story: &CoreStory) {
    if story.changes.is_empty() {
        page.section("changes", "none since it was made");
        return;
    }
    page.section("changes", "in the order in which they happened");
    for change in &story.changes {
        page.say(&change_words(change));
        let reason = cell(change, "reason");
        if !reason.is_empty() {
            let row = cell(change, "sequence_number");
            // A decision has no row.
            page.below(&match row.is_empty() {
                true => reason,
                false => format!("{}, in the change of row {row}", of_whom(&reason)),
            });
        }
    }
}

/// Whose value won, from the log's word for it.
fn of_whom(reason: &str) -> String {
    match reason.strip_prefix("row:") {
        Some(row) => format!("the value of row {row}"),
        None if reason == "union" => "values were added".to_owned(),
        None if reason == "manual" => "a person's value".to_owned(),
        None => format!("the value of {reason}"),
    }
}

fn ids(page: &mut Page, story: &CoreStory) {
    page.section("ids", "external ids that stand for it");
    if story.links.is_empty() {
        page.say("none");
        return;
    }
    let mut table = Table::new(["system", "id", "active", "first seen", "last seen"]).wrapped(&[1]);
    for link in &story.links {
        table.row([
            cell(link, "external_system"),
            cell(link, "external_id"),
            if cell(link, "is_active") == "true" { "yes".to_owned() } else { "no".to_owned() },
            format!("run {}, {}", cell(link, "first_run_id"), moment(&cell(link, "first_seen_at"))),
            format!("run {}, {}", cell(link, "last_run_id"), moment(&cell(link, "last_seen_at"))),
        ]);
    }
    page.table(table);
}

/// Which rows became one with it.
fn merges(page: &mut Page, settings: &Settings, story: &CoreStory) {
    if story.merges.is_empty() {
        return;
    }
    page.section("merges", "rows that people made one with it");
    for merge in &story.merges {
        let (id, winner, loser) = (cell(merge, "id"), cell(merge, "winner_id"), cell(merge, "loser_id"));
        page.say(&format!(
            "merge {id}: {loser} went into {winner}, run {}, {}{}",
            cell(merge, "run_id"),
            moment(&cell(merge, "merged_at")),
            by(Some(&cell(merge, "decided_by")))
        ));
        if cell(merge, "status") == "merged" {
            page.below(&settings.command(&format!("unmerge {id}")));
        } else {
            let back = moment(&cell(merge, "undone_at"));
            page.below(&format!("taken back {back}{}", by(Some(&cell(merge, "undone_by")))));
        }
    }
}

fn next(page: &mut Page, settings: &Settings, story: &CoreStory) {
    page.section("next", "");
    if let Some((run, row)) = story.made_by.as_ref().and_then(|m| Some((m.run_id, m.row?))) {
        page.say(&settings.command(&format!("why {run} {row}")));
    }
    let last = story.provenance.as_ref().map(|p| (cell(p, "run_id"), cell(p, "sequence_number")));
    let made = story.made_by.as_ref().map(|m| (m.run_id.to_string(), m.row.unwrap_or_default().to_string()));
    if let Some((run, row)) =
        last.filter(|last| !last.0.is_empty() && !last.1.is_empty() && made.as_ref() != Some(last))
    {
        page.say(&settings.command(&format!("why {run} {row}")));
    }
    page.say(&settings.command(&format!("why core {} {} --sql", story.entity, story.core_id)));
}
