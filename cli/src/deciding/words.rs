//! What a decision did, or would do, for people.

use importer_engine::deciding::{
    DecidedSuggestions, FieldOutcome, MergeReport, PartedField, SplitReport, Told, UnmergeReport,
};
use importer_engine::store::Decision;

use crate::screen::{Table, counted, short};
use crate::settings::Settings;

/// Characters of a cell.
const CELL: usize = 30;

/// Two rows are one.
pub fn merged(settings: &Settings, report: &MergeReport) -> String {
    let (entity, winner, loser) = (&report.entity, report.winner, report.loser);
    let mut text = match (report.dry_run, report.merge_id) {
        (false, Some(id)) => format!("{entity} {loser} went into {winner}: merge {id}\n"),
        _ => format!("{entity} {loser} would go into {winner}; nothing was changed\n"),
    };
    text.push('\n');
    text.push_str(&fields(report));
    let mut goes = vec![counted(report.links, "external id", "external ids")];
    goes.extend(
        report.children.iter().map(|(table, rows)| format!("{} of {table}", counted(*rows, "row", "rows"))),
    );
    text.push_str(&format!(
        "\n{} {}\n",
        if report.dry_run { "would go along:" } else { "went along:" },
        goes.join(", ")
    ));
    if report.aside > 0 {
        let rows = counted(report.aside, "row was", "rows were");
        text.push_str(&format!("{rows} there already, and set aside\n"));
    }
    if let Some(id) = report.merge_id {
        text.push_str(&format!("\nback: {}\n", settings.command(&format!("unmerge {id}"))));
    }
    text
}

fn fields(report: &MergeReport) -> String {
    let told: Vec<&FieldOutcome> =
        report.fields.iter().filter(|f| f.winner.is_some() || f.loser.is_some()).collect();
    let mut table = Table::new([
        "field".to_owned(),
        report.winner.to_string(),
        report.loser.to_string(),
        "both".to_owned(),
    ]);
    for field in &told {
        table.row([
            field.field.clone(),
            cell(field.winner.as_ref()),
            cell(field.loser.as_ref()),
            match field.merged == field.winner {
                true => "·".to_owned(),
                false => cell(field.merged.as_ref()),
            },
        ]);
    }
    table.text()
}

fn cell(value: Option<&String>) -> String {
    value.map(|text| short(text, CELL)).unwrap_or_default()
}

/// Two rows are two again.
pub fn parted(settings: &Settings, report: &UnmergeReport) -> String {
    let (entity, winner, loser) = (&report.entity, report.winner, report.loser);
    let mut text = match report.dry_run {
        true => format!("{entity} {winner} and {loser} would be two again; nothing was changed\n\n"),
        false => format!("{entity} {winner} and {loser} are two again\n\n"),
    };
    text.push_str(&both(&report.fields, (winner, loser)));
    if !report.reopened.is_empty() {
        let ids: Vec<String> = report.reopened.iter().map(i64::to_string).collect();
        text.push_str(&format!("\nmerges opened for it and closed again: {}\n", ids.join(", ")));
    }
    if !report.told.is_empty() {
        text.push('\n');
        for one in &report.told {
            text.push_str(&format!("- {}\n", sentence(one, (winner, loser))));
        }
    }
    text.push_str(&format!("\nlook: {}\n", settings.command(&format!("why core {entity} {winner}"))));
    text
}

/// Records have left a row.
pub fn split(settings: &Settings, report: &SplitReport) -> String {
    let (entity, row, new) = (&report.entity, report.row, report.new_row);
    let records = counted(report.links, "record", "records");
    let mut text = match report.dry_run {
        true => {
            format!("{records} would leave {entity} {row} for a row of their own; nothing was changed\n\n")
        }
        false => format!("{records} left {entity} {row} for {new}\n\n"),
    };
    text.push_str(&both(&report.fields, (row, new)));
    if !report.dry_run {
        let back = settings.command(&format!("merge {row} {new} --entity {entity} --force"));
        text.push_str(&format!("\nback: {back}\n"));
    }
    text
}

/// A row as it was, and both rows that it became.
fn both(fields: &[PartedField], (one, other): (i64, i64)) -> String {
    let told = fields.iter().filter(|f| f.merged.is_some() || f.winner.is_some() || f.loser.is_some());
    let mut table = Table::new(["field".to_owned(), "was".to_owned(), one.to_string(), other.to_string()]);
    for field in told {
        table.row([
            field.field.clone(),
            cell(field.merged.as_ref()),
            cell(field.winner.as_ref()),
            cell(field.loser.as_ref()),
        ]);
    }
    table.text()
}

fn sentence(told: &Told, (winner, loser): (i64, i64)) -> String {
    let what = match &told.field {
        Some(field) => format!("{field} ({})", told.table),
        None => told.table.clone(),
    };
    let by = told.by_run.map_or("your application".to_owned(), |run| format!("run {run}"));
    match told.what.as_str() {
        "kept_by_winner" => format!("{what}: what {by} wrote since stays with {winner}"),
        "given_to_loser" => format!("{what}: what {by} wrote since belongs to {loser}"),
        "removed_by_host" => format!("{what}: what somebody removed since stays removed"),
        "link_gone" => format!("{what}: an external id leads elsewhere by now, and stays there"),
        "link_stays" => format!("{what}: an external id that came since stays with {winner}"),
        "child_gone" => format!("{what}: a row is gone, or is another one's by now"),
        "child_taken" => format!("{what}: a row cannot come back, for its place is taken"),
        other => format!("{what}: {other}"),
    }
}

/// Suggestions that are decided.
pub fn decided(decided: &DecidedSuggestions) -> String {
    let suggestions = counted(decided.decided.len() as u64, "suggestion", "suggestions");
    match decided.decision {
        Decision::Rejected => format!(
            "{suggestions} rejected; {} known to be two from now on\n",
            counted(decided.pairs, "pair of records is", "pairs of records are")
        ),
        _ => format!("{suggestions} put off\n"),
    }
}
