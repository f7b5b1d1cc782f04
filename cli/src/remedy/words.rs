//! What remediation did, for people.

use std::fmt::Write as _;

use importer_engine::remedy::{Decided, Decision, Remedied, RemedyStats, Requeued, RowPlace, Times};

use super::RequeueArgs;
use crate::screen::{self, Table, count, counted};
use crate::settings::Settings;

/// Findings and rows listed at most.
const LISTED: usize = 20;

/// The text of `remediate`.
pub fn remediated(settings: &Settings, done: &[Remedied]) -> String {
    let mut text = String::new();
    for remedied in done {
        batch(&mut text, remedied);
        open(&mut text, remedied);
        warnings(&mut text, remedied);
    }
    next(&mut text, settings, done);
    text
}

/// The text of `requeue`.
pub fn requeued(settings: &Settings, args: &RequeueArgs, done: &Requeued) -> String {
    let mut text = String::new();
    if done.rows == 0 {
        text.push_str("No held row that fits can go again.\n");
    }
    for remedied in &done.runs {
        if done.dry_run {
            would_pass(&mut text, remedied);
        } else {
            batch(&mut text, remedied);
        }
        rules(&mut text, remedied);
        warnings(&mut text, remedied);
    }
    for (number, what) in [
        (done.superseded, "replaced by a newer row of the same record; closed, never loaded"),
        (
            done.unreadable,
            "could not be read as a record; `importer remediate` takes their cells from an edited report",
        ),
        (done.given_up, "given up with wont-fix"),
    ] {
        if number > 0 {
            let _ = writeln!(text, "  {}: {what}", counted(number, "row", "rows"));
        }
    }
    if done.dry_run {
        if done.runs.iter().any(|r| r.promoted > 0) {
            let mut command = "requeue".to_owned();
            for (flag, value) in [("rule", args.rule.clone()), ("run", args.run.map(|n| n.to_string()))] {
                if let Some(value) = value {
                    let _ = write!(command, " --{flag} {}", crate::settings::quoted(&value));
                }
            }
            if args.all {
                command.push_str(" --all");
            }
            let _ = writeln!(text, "\nNext\n  {}\n      let them go", settings.command(&command));
        }
    } else {
        next(&mut text, settings, &done.runs);
    }
    text
}

fn batch(text: &mut String, remedied: &Remedied) {
    let summary = &remedied.summary;
    let _ = writeln!(
        text,
        "Run {} ({} from source {}): {} went again; {}.",
        summary.run_id,
        summary.entity,
        summary.source,
        counted(remedied.rows, "row", "rows"),
        summary.status
    );
    let _ = writeln!(
        text,
        "  {} passed, {} held still; {} closed",
        count(remedied.promoted),
        count(remedied.held),
        counted(remedied.fixed, "finding", "findings")
    );
    if remedied.review > 0 {
        let _ = writeln!(text, "  {} of them wait for a person to say who they are", count(remedied.review));
    }
}

fn place(place: &RowPlace) -> [String; 3] {
    [place.run_id.to_string(), place.file.clone(), place.line.to_string()]
}

fn open(text: &mut String, remedied: &Remedied) {
    if remedied.open.is_empty() {
        return;
    }
    text.push_str("\nStill open\n");
    let mut table =
        Table::new(["violation", "run", "file", "line", "rule", "field", "why"]).right(&[0, 1, 3]);
    for finding in remedied.open.iter().take(LISTED) {
        let [run, file, line] = place(&finding.place);
        table.row([
            finding.violation.to_string(),
            run,
            file,
            line,
            finding.rule_code.clone(),
            finding.field.clone(),
            finding.message.clone(),
        ]);
    }
    text.push_str(&table.text());
    more(text, remedied.open.len() as u64);
}

fn more(text: &mut String, all: u64) {
    if let Some(rest) = all.checked_sub(LISTED as u64).filter(|n| *n > 0) {
        let _ = writeln!(text, "and {} more", count(rest));
    }
}

fn would_pass(text: &mut String, remedied: &Remedied) {
    let _ = writeln!(
        text,
        "{} of {} would pass ({} from source {}, dry run {}; nothing was changed).",
        count(remedied.promoted),
        counted(remedied.rows, "held row", "held rows"),
        remedied.summary.entity,
        remedied.summary.source,
        remedied.summary.run_id
    );
    if remedied.passing.is_empty() {
        return;
    }
    let mut table = Table::new(["run", "file", "line", "row"]).right(&[0, 2, 3]);
    for row in remedied.passing.iter().take(LISTED) {
        let [run, file, line] = place(row);
        table.row([run, file, line, row.row.map(|n| n.to_string()).unwrap_or_default()]);
    }
    text.push_str(&table.text());
    more(text, remedied.promoted);
}

/// Which rules hold rows still.
fn rules(text: &mut String, remedied: &Remedied) {
    for rule in remedied.summary.rules.iter().filter(|r| r.severity == "error" && r.mode == "enforce") {
        let _ =
            writeln!(text, "  {} holds {} times: {}", rule.rule_code, count(rule.violations), rule.message);
    }
}

fn warnings(text: &mut String, remedied: &Remedied) {
    for warning in &remedied.summary.warnings {
        let _ = writeln!(text, "  warning: {}", screen::line(warning));
    }
}

fn next(text: &mut String, settings: &Settings, done: &[Remedied]) {
    if done.is_empty() {
        return;
    }
    text.push_str("\nNext\n");
    for remedied in done {
        let run = remedied.summary.run_id;
        if remedied.held > 0 {
            let command = settings.command(&format!("violations --run {run} --status open"));
            let _ = writeln!(text, "  {command}\n      what holds rows still");
        }
        let _ = writeln!(text, "  {}\n      the run", settings.command(&format!("show {run}")));
    }
}

/// The text of `suppress` and `wont-fix`.
pub fn decided(settings: &Settings, decision: Decision, decided: &Decided) -> String {
    let mut text = String::new();
    let verb = match (decided.dry_run, decided.decided) {
        (true, _) => "would be",
        (false, 1) => "is",
        (false, _) => "are",
    };
    let _ = writeln!(text, "{} {verb} {}.", counted(decided.decided, "finding", "findings"), decided.status);
    if decided.unreadable > 0 {
        let _ = writeln!(
            text,
            "  {} about records that could not be read stay open: nothing of them could load",
            count(decided.unreadable)
        );
    }
    if decided.left_as_they_are > 0 {
        let _ =
            writeln!(text, "  {} that fit are closed or decided already", count(decided.left_as_they_are));
    }
    if !decided.by_rule.is_empty() {
        let mut table = Table::new(["run", "rule", "severity", "status before", "findings"]).right(&[0, 4]);
        for row in decided.by_rule.iter().take(LISTED) {
            table.row([
                row.run_id.to_string(),
                row.rule_code.clone(),
                row.severity.to_string(),
                row.status.clone(),
                row.count.to_string(),
            ]);
        }
        text.push_str(&table.text());
        more(&mut text, decided.by_rule.len() as u64);
    }
    if decision == Decision::Suppress && !decided.dry_run && decided.decided > 0 {
        let _ = writeln!(
            text,
            "\nNext\n  {}\n      the rows go again",
            settings.command("requeue --all --dry-run")
        );
    }
    text
}

/// The text of `remediate --stats`.
pub fn stats(stats: &RemedyStats) -> String {
    let mut text =
        format!("Remediation of the last {}\n\n", counted(stats.days.unsigned_abs(), "day", "days"));
    let rate = stats.success_rate.map_or("nothing was edited".to_owned(), |r| format!("{:.0} %", r * 100.0));
    text.push_str(&screen::pairs(&[
        ("edited rows", count(stats.attempts)),
        ("fixed", count(stats.fixed)),
        ("for review", count(stats.review)),
        ("still quarantined", count(stats.still_quarantined)),
        ("success rate", rate),
    ]));
    list(&mut text, "Most edited fields", "field", &stats.most_edited_fields);
    list(&mut text, "Most resolved rules", "rule", &stats.most_resolved_rules);
    text
}

fn list(text: &mut String, title: &str, what: &str, rows: &[Times]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    let mut table = Table::new([what, "times"]).right(&[1]);
    for row in rows {
        table.row([row.name.clone(), count(row.times)]);
    }
    text.push_str(&table.text());
}
