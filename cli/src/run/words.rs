//! What a run did, for people: the steps, what became of the rows, what failed, where it lies, what to type next.

use std::fmt::Write as _;

use importer_engine::{Engine, RunSummary};

use crate::screen::{self, Table, count, counted};
use crate::settings::Settings;

/// What became of processed rows, in the order in which it is told.
const FATES: [(&str, &str); 8] = [
    ("rows_created", "created"),
    ("rows_updated", "updated"),
    ("rows_reactivated", "reactivated"),
    ("rows_soft_deleted", "soft-deleted"),
    ("rows_skipped_no_change", "unchanged"),
    ("rows_skipped_duplicates", "duplicates of another row or record"),
    ("rows_skipped_not_found", "not found"),
    ("rows_review", "waiting for review"),
];

/// Entries of a list on the screen; of more, their number is told.
const MOST: usize = 20;

/// The whole text.
pub fn of(settings: &Settings, engine: &Engine, again: Option<&str>, summary: &RunSummary) -> String {
    let mut text = String::new();
    headline(&mut text, summary);
    steps(&mut text, summary);
    rows(&mut text, summary);
    rules(&mut text, summary);
    unmapped(&mut text, summary);
    warnings(&mut text, summary);
    places(&mut text, engine, summary);
    next(&mut text, settings, again, summary);
    text
}

/// A counter of the would-be figures; in a real run they are the facts.
pub fn counter(summary: &RunSummary, stage: &str, name: &str) -> u64 {
    summary.metrics[stage][&summary.entity][name].as_u64().unwrap_or(0)
}

fn headline(text: &mut String, summary: &RunSummary) {
    let kind = if summary.dry_run { "Dry run" } else { "Run" };
    let how = match (summary.status.as_str(), summary.dry_run) {
        ("succeeded", false) => "succeeded",
        ("succeeded", true) => "succeeded; core was not touched",
        ("partially_failed", _) => "partially failed: some chunks are loaded, the rest is not",
        ("paused", _) => "paused; it can go on where it stopped",
        ("cancelled", _) => "cancelled; nothing was loaded",
        (_, false) => "failed; nothing was loaded",
        (_, true) => "failed",
    };
    let _ = writeln!(
        text,
        "{kind} {} ({} from source {}): {how}.\n",
        summary.run_id, summary.entity, summary.source
    );
}

fn steps(text: &mut String, summary: &RunSummary) {
    let mut table = Table::new(["step", "rows in", "rows out", "time", ""]).right(&[1, 2, 3]);
    for step in &summary.steps {
        table.row([
            step.step.name().to_owned(),
            count(step.rows_in),
            count(step.rows_out),
            screen::duration(step.milliseconds),
            step.note.clone(),
        ]);
    }
    text.push_str(&table.text());
}

fn rows(text: &mut String, summary: &RunSummary) {
    let staging = |name| counter(summary, "staging", name);
    let _ = writeln!(text, "\nWhat became of the rows");
    let _ = writeln!(
        text,
        "  {} read: {} landed, {} rejected, {} blank",
        counted(staging("rows_processed"), "record", "records"),
        count(staging("rows_staged")),
        count(staging("rows_rejected")),
        count(staging("rows_skipped_blank"))
    );
    if summary.metrics.get("dq").is_some() {
        let dq = |name| counter(summary, "dq", name);
        let _ = writeln!(
            text,
            "  {} checked: {} valid, {} quarantined",
            count(dq("rows_evaluated")),
            count(dq("rows_validated")),
            count(dq("rows_quarantined"))
        );
    }
    if summary.metrics.get("core").is_none() {
        return;
    }
    let core = |name: &str| counter(summary, "core", name);
    let all = core("rows_processed");
    if summary.dry_run || summary.status == "succeeded" {
        let would = if summary.dry_run { " (would be)" } else { "" };
        let _ = writeln!(text, "  {} processed{would}: {}", count(all), fates(core));
    } else {
        // The run ended before its time: what it decided is not what is in core.
        let loaded = |name: &str| {
            let n = &summary.counts["core"][&summary.entity][name];
            n.as_u64().unwrap_or(0)
        };
        let _ = writeln!(text, "  {} decided (would be): {}", count(all), fates(core));
        let _ = match loaded("rows_processed") {
            0 => writeln!(text, "  none of them loaded"),
            some => writeln!(text, "  {} of them loaded: {}", count(some), fates(loaded)),
        };
    }
    let missing = core("rows_missing_external_id");
    if missing > 0 {
        let _ = writeln!(text, "  {} without an id of their own", counted(missing, "row", "rows"));
    }
}

/// What became of rows, in words.
fn fates(counter: impl Fn(&str) -> u64) -> String {
    let some: Vec<String> = FATES
        .iter()
        .filter(|(name, _)| counter(name) > 0)
        .map(|(name, word)| format!("{} {word}", count(counter(name))))
        .collect();
    if some.is_empty() { "nothing to do".to_owned() } else { some.join(", ") }
}

fn rules(text: &mut String, summary: &RunSummary) {
    if summary.rules.is_empty() {
        return;
    }
    let mut rules: Vec<_> = summary.rules.iter().collect();
    rules.sort_by_key(|rule| {
        (severity_rank(&rule.severity), std::cmp::Reverse(rule.violations), rule.rule_code.clone())
    });
    let _ = writeln!(text, "\nWhat the rules found");
    let widest = rules.iter().map(|rule| rule.rule_code.chars().count()).max().unwrap_or(0);
    for rule in rules {
        let severity = if rule.mode == "warn" {
            format!("{} (only warned)", rule.severity)
        } else {
            rule.severity.clone()
        };
        let place = rule.example.as_ref().map_or(String::new(), |e| {
            let field = e.field.as_ref().map_or(String::new(), |f| format!(", {f}"));
            format!("  such as {} line {}{field}", e.file, e.line)
        });
        let found = counted(rule.violations, "time", "times");
        let _ =
            writeln!(text, "  {:<widest$}  {severity:<5}  {found}{}", rule.rule_code, screen::line(&place));
        let message = rule.message.trim_end_matches('.');
        text.push_str(&screen::paragraph(&format!("{message}. {}", capital(&rule.hint)), 6));
    }
}

/// A sentence begins with a capital.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

fn severity_rank(severity: &str) -> u8 {
    match severity {
        "error" => 0,
        "warn" => 1,
        _ => 2,
    }
}

fn unmapped(text: &mut String, summary: &RunSummary) {
    if summary.unmapped.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\nColumns that no field takes (kept in landed; take one with --map \"Column=field\")"
    );
    let mut table = Table::new(["file", "column", "samples, masked"]);
    for column in summary.unmapped.iter().take(MOST) {
        table.row([column.file.clone(), column.column.clone(), column.samples.join(", ")]);
    }
    text.push_str(&table.text());
    more(text, summary.unmapped.len(), "columns; all of them with --summary-json");
}

fn warnings(text: &mut String, summary: &RunSummary) {
    if summary.warnings.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nWarnings");
    for warning in summary.warnings.iter().take(MOST) {
        let _ = writeln!(text, "  {}", screen::line(warning));
    }
    more(text, summary.warnings.len(), "warnings; all of them with --summary-json");
}

/// Says how many entries of a list are not shown.
fn more(text: &mut String, all: usize, what: &str) {
    if all > MOST {
        let _ = writeln!(text, "  and {} more {what}", count((all - MOST) as u64));
    }
}

fn places(text: &mut String, engine: &Engine, summary: &RunSummary) {
    let _ = writeln!(text, "\nWhere it lies");
    let _ = writeln!(text, "  store    {}", engine.store.url());
    let _ = writeln!(text, "  lake     {}", summary.lake);
    for report in summary.reports.iter().take(MOST) {
        let _ = writeln!(text, "  report   {report}");
    }
    more(text, summary.reports.len(), "reports, in the same folder");
}

fn next(text: &mut String, settings: &Settings, again: Option<&str>, summary: &RunSummary) {
    let mut commands = Vec::new();
    let run = summary.run_id;
    if !summary.rules.is_empty() {
        commands.push((settings.command(&format!("violations --run {run}")), "every finding with its row"));
    }
    let succeeded = summary.status == "succeeded";
    if summary.dry_run && succeeded {
        commands.push((settings.command(&format!("apply {run}")), "load exactly this plan"));
        if let Some(again) = again {
            commands.push((settings.command(again), "load it"));
        }
        let sql =
            format!("sql \"SELECT action, count(*) FROM dry.changes WHERE run_id = {run} GROUP BY action\"");
        commands.push((settings.command(&sql), "what would change"));
    } else if succeeded {
        let sql = format!("sql \"SELECT * FROM staging_{} WHERE run_id = {run} LIMIT 10\"", summary.entity);
        commands.push((settings.command(&sql), "the rows and what became of them"));
    }
    match summary.status.as_str() {
        "paused" | "failed" | "partially_failed" => {
            commands.push((settings.command(&format!("resume {run}")), "go on where it stopped"));
        }
        "cancelled" => commands.push((settings.command(&format!("retry {run}")), "start it anew")),
        _ => {}
    }
    commands.push((settings.command(&format!("show {run}")), "this again"));
    let _ = writeln!(text, "\nNext");
    for (command, what) in commands {
        let _ = writeln!(text, "  {command}\n      {what}");
    }
}
