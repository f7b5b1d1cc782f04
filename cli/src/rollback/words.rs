//! What a rollback did, for people.

use std::fmt::Write as _;

use importer_engine::rollback::{KeptRow, RollbackReport};

use crate::screen::{self, Table, count, counted};
use crate::settings::Settings;

/// The whole text.
pub fn told(settings: &Settings, report: &RollbackReport) -> String {
    let mut text = String::new();
    headline(&mut text, report);
    done(&mut text, report);
    stays(&mut text, report);
    next(&mut text, settings, report);
    text
}

fn headline(text: &mut String, report: &RollbackReport) {
    let what = match (report.row, &report.field) {
        (None, None) => format!("run {}", report.undone_run_id),
        (Some(row), None) => format!("row {row} of run {}", report.undone_run_id),
        (None, Some(field)) => format!("{field} of run {}", report.undone_run_id),
        (Some(row), Some(field)) => format!("{field} of row {row} of run {}", report.undone_run_id),
    };
    let _ = match (report.run_id, report.status.as_str()) {
        (None, _) => writeln!(
            text,
            "Rollback of {what} ({}): nothing was changed; this is what would happen.\n",
            report.entity
        ),
        (Some(id), "succeeded") => {
            let did = match (report.counts.nothing(), report.counts.kept) {
                (true, 0) => format!("found nothing left of {what} to take back ({})", report.entity),
                (true, _) => format!("took nothing of {what} back ({}): all of it stays", report.entity),
                (false, 0) => format!("rolled back {what} ({})", report.entity),
                (false, _) => format!("rolled back a part of {what} ({}); the rest stays", report.entity),
            };
            let now = format!("Run {} is {} now", report.undone_run_id, report.undone_status);
            writeln!(text, "Run {id} {did}. {now}.\n")
        }
        (Some(id), status) => {
            writeln!(text, "Run {id}, the rollback of {what} ({}), is {status}.\n", report.entity)
        }
    };
}

fn done(text: &mut String, report: &RollbackReport) {
    let counts = &report.counts;
    let mut table = Table::new(["what", "how many"]).right(&[1]);
    for (n, what) in [
        (counts.changes, "changes of the run looked at"),
        (counts.removed, "created records removed"),
        (counts.returned, "removed records back, under their ids"),
        (counts.restored, "records with values put back"),
        (counts.fields, "values put back"),
        (counts.links, "links to external ids removed or put back"),
        (report.aside.suggestions, "undecided suggestions removed"),
        (report.aside.findings_closed, "open findings closed as rolled_back"),
        (report.aside.findings_reopened, "findings that the run had closed, open again"),
        (report.aside.returned, "suggestions and findings back"),
        (counts.rows_kept, "records that stay, in part or whole"),
    ] {
        if n > 0 || what.starts_with("changes") {
            table.row([what.to_owned(), count(n)]);
        }
    }
    text.push_str(&table.text());
}

/// A reason as a sentence.
fn reason(kept: &KeptRow) -> String {
    match kept.reason.as_str() {
        "changed_by_run" => match kept.by_run {
            Some(run) => format!("changed by run {run}"),
            None => "changed by a later run".to_owned(),
        },
        "edited" => "edited outside of Importer".to_owned(),
        "linked" => match kept.by_run {
            Some(run) => format!("an external id of run {run} points to it"),
            None => "another external id points to it".to_owned(),
        },
        "decided" => "a person decided on it".to_owned(),
        "referred" => "rows of another table refer to it".to_owned(),
        "exists" => "there is a record with this id".to_owned(),
        "gone" => "the record is gone".to_owned(),
        "merged_since" => "it was merged with another record since".to_owned(),
        other => other.to_owned(),
    }
}

fn stays(text: &mut String, report: &RollbackReport) {
    if report.counts.kept == 0 {
        return;
    }
    let by: Vec<String> =
        report.reasons.iter().map(|(reason, n)| format!("{} {reason}", count(*n))).collect();
    let _ = writeln!(
        text,
        "\nWhat stays: {} ({})",
        counted(report.counts.kept, "value or record", "values and records"),
        by.join(", ")
    );
    let mut table = Table::new(["record", "row", "field", "why", "who", "when"]).right(&[0, 1]);
    for kept in &report.sample {
        table.row([
            kept.core_id.to_string(),
            kept.sequence_number.map(|n| n.to_string()).unwrap_or_default(),
            kept.field.clone().unwrap_or_else(|| "(all)".to_owned()),
            reason(kept),
            screen::short(kept.who.as_deref().unwrap_or("unknown"), 30),
            kept.at.clone().unwrap_or_else(|| "unknown".to_owned()),
        ]);
    }
    text.push_str(&table.text());
    let shown = report.sample.len() as u64;
    if shown < report.counts.kept {
        let _ = writeln!(text, "The first {}; --out FILE writes all of it.", count(shown));
    }
    let _ = writeln!(text, "All of it: {}", report.kept_files);
}

fn next(text: &mut String, settings: &Settings, report: &RollbackReport) {
    let mut words = format!("rollback {}", report.undone_run_id);
    if let Some(row) = report.row {
        words.push_str(&format!(" --row {row}"));
    }
    if let Some(field) = &report.field {
        words.push_str(&format!(" --field {field}"));
    }
    let _ = writeln!(text, "\nNext");
    let _ = match (report.run_id, report.status.as_str()) {
        (None, _) => writeln!(text, "  {}", settings.command(&words)),
        (Some(id), "succeeded") if report.counts.nothing() => {
            writeln!(text, "  {}", settings.command(&format!("show {id}")))
        }
        (Some(id), "succeeded") => writeln!(
            text,
            "  {}\n  {}    (brings it back)",
            settings.command(&format!("show {id}")),
            settings.command(&format!("rollback {id}"))
        ),
        (Some(_), _) => writeln!(text, "  {}    (goes on)", settings.command(&words)),
    };
}
