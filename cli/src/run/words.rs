//! What a run did, for people: the steps, what became of the rows, what failed, where it lies, what to type next.

use std::fmt::Write as _;

use importer_engine::{
    ALL_OR_NOTHING, Engine, PLAN_MOVED, PROJECT_FAULT, RunSummary, TOO_MANY_BAD, UNREADABLE_ROWS,
};

use importer_plans::compile::references::UNRESOLVED;

use crate::screen::{self, Table, count, counted};
use crate::settings::Settings;

/// How the end of a run is told.
pub struct Telling {
    /// One JSON document instead of text.
    pub json: bool,
    /// Rows that were left out make an exit code of their own.
    pub strict: bool,
    /// The command that loads what a dry run looked at.
    pub again: Option<String>,
    /// Rows that wait for the records of the run go on without being asked to.
    pub goes_on: bool,
}

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

/// The whole text.
pub fn of(settings: &Settings, engine: &Engine, telling: &Telling, summary: &RunSummary) -> String {
    let mut text = String::new();
    headline(&mut text, summary);
    steps(&mut text, summary);
    rows(&mut text, summary);
    rules(&mut text, summary);
    let show = settings.command(&format!("show {}", summary.run_id));
    unmapped(&mut text, &show, summary, false);
    suggested(&mut text, summary);
    warnings(&mut text, &show, summary);
    places(&mut text, engine, summary);
    next(&mut text, settings, telling, summary);
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
    let (shown, more) = screen::listed(&rules, false);
    for rule in shown {
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
    if more > 0 {
        let _ = writeln!(text, "  and {} more rules", count(more as u64));
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

/// Columns that no field takes; `show` is the command that shows the run.
pub fn unmapped(text: &mut String, show: &str, summary: &RunSummary, whole: bool) {
    if summary.unmapped.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\nColumns that no field takes (kept in landed; take one with --map \"Column=field\")"
    );
    let mut table = Table::new(["file", "column", "samples, masked"]);
    let (shown, more) = screen::listed(&summary.unmapped, whole);
    for column in shown {
        table.row([column.file.clone(), column.column.clone(), column.samples.join(", ")]);
    }
    text.push_str(&table.text());
    if more > 0 {
        let _ = writeln!(text, " and {} more columns: {show} --all-columns", count(more as u64));
    }
}

/// How the files seem to be meant; what the run took on stands among its warnings.
fn suggested(text: &mut String, summary: &RunSummary) {
    let open: Vec<_> = summary.suggestions.iter().filter(|s| !s.accepted).collect();
    if open.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nHow the file seems to be meant");
    for suggested in open {
        let _ = writeln!(text, "  {}", suggested.suggestion.flag());
        text.push_str(&screen::paragraph(&format!("{}.", capital(&suggested.suggestion.why)), 6));
    }
}

fn warnings(text: &mut String, show: &str, summary: &RunSummary) {
    if summary.warnings.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nWarnings");
    let (shown, more) = screen::listed(&summary.warnings, false);
    for warning in shown {
        let _ = writeln!(text, "  {}", screen::line(warning));
    }
    if more > 0 {
        let _ = writeln!(text, "  and {} more: {show} --json", count(more as u64));
    }
}

fn places(text: &mut String, engine: &Engine, summary: &RunSummary) {
    let _ = writeln!(text, "\nWhere it lies");
    let _ = writeln!(text, "  store    {}", engine.store.url());
    let _ = writeln!(text, "  lake     {}", summary.lake);
    let (shown, more) = screen::listed(&summary.reports, false);
    for report in shown {
        let _ = writeln!(text, "  report   {report}");
    }
    if more > 0 {
        let _ = writeln!(text, "  and {} more reports in the same folder", count(more as u64));
    }
}

/// The command that takes on what the data speaks for; `None` where there is nothing that it would change.
fn as_suggested(again: &str, summary: &RunSummary) -> Option<String> {
    let is_open = |setting: &str| !again.contains(&format!("--{} ", setting.replace('_', "-")));
    let acceptable = summary
        .suggestions
        .iter()
        .any(|s| !s.accepted && !s.suggestion.doubtful && is_open(&s.suggestion.setting));
    let (verb, rest) = again.split_once(' ')?;
    let of_use =
        acceptable && !rest.contains("--suggested ") && (summary.dry_run || summary.status == "failed");
    of_use.then(|| format!("{verb} --suggested {rest}"))
}

/// The command by which rows go on that waited for records.
pub fn go_on() -> String {
    format!("requeue --rule {UNRESOLVED}")
}

/// How a run goes on that stopped for this reason. What stopped it would stop it again, unless it is told otherwise.
fn onwards(code: Option<&str>) -> (&'static str, &'static str) {
    match code {
        Some(TOO_MANY_BAD) => ("resume {run} --accept-bad", "load the good rows all the same"),
        Some(ALL_OR_NOTHING) => ("resume {run} --mode valid_only", "load the others without them"),
        Some(UNREADABLE_ROWS) => ("retry {run}", "read the file anew, when it is mended"),
        _ => ("resume {run}", "go on where it stopped"),
    }
}

fn next(text: &mut String, settings: &Settings, telling: &Telling, summary: &RunSummary) {
    let again = telling.again.as_deref();
    let mut commands = Vec::new();
    let run = summary.run_id;
    if let Some(again) = again.and_then(|again| as_suggested(again, summary)) {
        commands.push((settings.command(&again), "read the file as it seems to be meant".to_owned()));
    }
    if !summary.rules.is_empty() {
        commands.push((
            settings.command(&format!("violations --run {run}")),
            "every finding with its row".to_owned(),
        ));
    }
    let succeeded = summary.status == "succeeded";
    if !summary.waiting.is_empty() && !telling.goes_on {
        let waiting = summary.waiting.iter().map(|w| format!("{} of {}", count(w.rows), w.entity));
        let waiting: Vec<String> = waiting.collect();
        let what = format!("rows that wait for records such as these go on ({})", waiting.join(", "));
        commands.push((settings.command(&go_on()), what));
    }
    if summary.dry_run && succeeded {
        commands.push((settings.command(&format!("apply {run}")), "load exactly this plan".to_owned()));
        if let Some(again) = again {
            commands.push((settings.command(again), "load it".to_owned()));
        }
        let sql =
            format!("sql \"SELECT action, count(*) FROM dry.changes WHERE run_id = {run} GROUP BY action\"");
        commands.push((settings.command(&sql), "what would change".to_owned()));
    } else if succeeded {
        let sql = format!("sql \"SELECT * FROM staging_{} WHERE run_id = {run} LIMIT 10\"", summary.entity);
        commands.push((settings.command(&sql), "the rows and what became of them".to_owned()));
    }
    match summary.status.as_str() {
        "paused" | "failed" | "partially_failed" => {
            let (command, what) = onwards(summary.code.as_deref());
            if summary.code.as_deref() == Some(PROJECT_FAULT) {
                if let Some(again) = again {
                    commands
                        .push((settings.command(again), "start anew, when the project is mended".to_owned()));
                }
            } else if summary.code.as_deref() == Some(PLAN_MOVED) {
                // It would be refused again, and its error says how it is made anew.
            } else if summary.code.as_deref() != Some(TOO_MANY_BAD)
                || counter(summary, "dq", "rows_validated") > 0
            {
                let command = command.replace("{run}", &run.to_string());
                commands.push((settings.command(&command), what.to_owned()));
            }
        }
        "cancelled" => commands.push((settings.command(&format!("retry {run}")), "start it anew".to_owned())),
        _ => {}
    }
    commands.push((settings.command(&format!("show {run}")), "this again".to_owned()));
    let _ = writeln!(text, "\nNext");
    for (command, what) in commands {
        let _ = writeln!(text, "  {command}\n      {what}");
    }
}
