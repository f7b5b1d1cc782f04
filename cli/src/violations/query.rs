//! The query behind the findings: those of the lake with their number and status from the store, and those that the
//! store alone knows, for they turned up when a row went again.

use std::collections::BTreeSet;

use importer_engine::remedy::ROW_PREFIX;
use importer_engine::store::{Run, RunKind};
use importer_plans::compile::{ident, literal};

use super::args::Args;

/// The columns of every format.
pub const COLUMNS: [&str; 13] = [
    "violation",
    "run_id",
    "rule_code",
    "severity",
    "status",
    "file",
    "line",
    "row",
    "field",
    "original_value",
    "normalised_value",
    "message",
    "hint",
];
/// The column behind the shown ones: the row's edits so far.
pub const EDITS: usize = COLUMNS.len();

/// Columns that rows of a run have in their own files, as far as a report shows them.
#[derive(Debug, Default)]
pub struct RowColumns {
    /// Columns that were landed.
    pub landed: Vec<String>,
    /// Columns that edits have added.
    pub added: Vec<String>,
}

impl RowColumns {
    /// Their headers in a report.
    pub fn headers(&self) -> impl Iterator<Item = String> {
        self.landed.iter().chain(&self.added).map(|name| format!("{ROW_PREFIX}{name}"))
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.landed.iter().chain(&self.added)
    }

    /// The landed columns as a subquery selects them, and as the query around it shows them: under names of their own from
    /// the start, for a file may have a column `status`, `message` or `landed_number`.
    fn selected(&self) -> (String, String) {
        let named = self.landed.iter().enumerate().map(|(n, name)| format!(", {} AS cell_{n}", ident(name)));
        (named.collect(), (0..self.landed.len()).map(|n| format!(", l.cell_{n}")).collect())
    }

    /// Adds the columns of one stored edit.
    pub fn add(&mut self, payload: &str) {
        let Ok(serde_json::Value::Object(cells)) = serde_json::from_str(payload) else { return };
        let known: BTreeSet<&String> = self.landed.iter().chain(&self.added).collect();
        let new: Vec<String> =
            cells.into_iter().map(|(name, _)| name).filter(|n| !known.contains(n)).collect();
        self.added.extend(new);
    }
}

const STATUS: &str = "coalesce(s.status, CASE WHEN p.origin_run_id IS NOT NULL THEN 'fixed' ELSE 'open' END)";
/// A rule that only warns holds no row.
const SEVERITY: &str = "coalesce(s.severity, CASE WHEN v.severity = 'error' AND v.mode <> 'enforce' THEN 'warn' ELSE v.severity END)";

/// The edits of a run's rows that are held still.
pub fn edits_sql(run: &Run) -> String {
    format!(
        "SELECT DISTINCT edited_payload_json FROM store.dq_violations WHERE run_id = {} AND edited_payload_json IS NOT NULL AND status <> 'fixed'",
        run.id
    )
}

/// The findings of all runs that stand, as far as they are asked for: what they are selected from, and the conditions.
fn backlog(args: &Args) -> (&'static str, String) {
    let asked = args.severity.is_some() || args.status.is_some();
    let mut filters = vec!["r.status IN ('succeeded', 'partially_failed') AND NOT r.dry_run".to_owned()];
    let severity = args.severity.as_deref().or((!asked).then_some("error"));
    let status = args.status.as_deref().or((!asked).then_some("open"));
    for (column, value) in
        [("v.rule_code", args.rule.as_deref()), ("v.severity", severity), ("v.status", status)]
    {
        filters.extend(value.map(|value| format!("{column} = {}", literal(value))));
    }
    // A row that came in by another way is no longer held, whatever stands beside it.
    let held = match asked {
        true => "store.dq_violations v\nJOIN store.import_runs r ON r.id = v.run_id",
        false => {
            "store.dq_violations v\nJOIN store.import_runs r ON r.id = v.run_id\nLEFT SEMI JOIN store.held_rows h ON h.run_id = v.run_id AND h.file_number = v.file_number AND h.line_number = v.line_number"
        }
    };
    (held, filters.join(" AND "))
}

/// The runs that have a part in the backlog, and the edits of its rows so far.
pub fn backlog_parts_sql(args: &Args) -> String {
    let (from, filters) = backlog(args);
    format!(
        "SELECT DISTINCT v.run_id, CASE WHEN v.status <> 'fixed' THEN v.edited_payload_json END AS edits\nFROM {from}\nWHERE {filters}\nORDER BY v.run_id, edits"
    )
}

/// What holds rows back still, over all runs that stand, in the order of [`COLUMNS`], then the edits, then the landed
/// cells. `runs` are those whose rows are shown as well.
pub fn backlog_sql(args: &Args, most: Option<u64>, columns: &RowColumns, runs: &[i64]) -> String {
    let (from, filters) = backlog(args);
    let limit = most.map_or(String::new(), |most| format!("\nLIMIT {}", most.saturating_add(1)));
    let runs: Vec<String> = runs.iter().map(i64::to_string).collect();
    let (mut joins, mut raw, mut cells) = (String::new(), "v.original_value", String::new());
    if !runs.is_empty() {
        let runs = runs.join(", ");
        raw = "coalesce(v.original_value, q.raw)";
        joins.push_str(&format!(
            "\nLEFT JOIN (SELECT run_id AS raw_run, file_number AS raw_file, line_number AS raw_line, raw_text(raw, encoding) AS raw FROM rejects WHERE run_id IN ({runs})) q ON q.raw_run = v.run_id AND q.raw_file = v.file_number AND q.raw_line = v.line_number AND v.sequence_number IS NULL"
        ));
        if !columns.landed.is_empty() {
            let (list, shown) = columns.selected();
            joins.push_str(&format!(
                "\nLEFT JOIN (SELECT run_id AS landed_run, sequence_number AS landed_number{list} FROM landed WHERE run_id IN ({runs})) l ON l.landed_run = v.run_id AND l.landed_number = v.sequence_number"
            ));
            cells = shown;
        }
    }
    format!(
        "SELECT v.id AS violation, v.run_id, v.rule_code, v.severity, v.status, coalesce(f.file_name, CAST(v.file_number AS VARCHAR)) AS file, v.line_number AS line, v.sequence_number AS \"row\",\n       nullif(v.field, '') AS field, {raw} AS original_value, v.normalised_value, v.message, v.hint, CASE WHEN v.status <> 'fixed' THEN v.edited_payload_json END AS edits{cells}\nFROM {from}\nLEFT JOIN store.run_files f ON f.run_id = v.run_id AND f.file_number = v.file_number{joins}\nWHERE {filters}\nORDER BY v.run_id, file, line, v.rule_code, field{limit}"
    )
}

/// The findings of a run, in the order of [`COLUMNS`], then the edits, then the landed cells.
pub fn findings_sql(
    run: &Run,
    args: &Args,
    most: Option<u64>,
    columns: &RowColumns,
    with_raw: bool,
) -> String {
    let own = if run.dry_run { "dry." } else { "" };
    let (id, remediation) = (run.id, run.kind == RunKind::Remediation);
    // Findings of a run that took rows on stand under the place where each row was first landed.
    let (place, origins) = if remediation {
        (
            "o.origin_run_id AS run_id, o.origin_file_number AS place_file, coalesce(o.origin_sequence_number, -1) AS place, o.origin_sequence_number AS row_number",
            format!("\n  JOIN origins o ON o.run_id = {id} AND o.sequence_number = v.sequence_number"),
        )
    } else {
        (
            "v.run_id, v.file_number AS place_file, coalesce(v.sequence_number, -1) AS place, v.sequence_number AS row_number",
            String::new(),
        )
    };
    let stored_of = if remediation {
        format!("IN (SELECT DISTINCT origin_run_id FROM origins WHERE run_id = {id})")
    } else {
        format!("= {id}")
    };
    let join = if remediation { "LEFT" } else { "FULL OUTER" };
    let mut filters = vec!["true".to_owned()];
    for (column, value) in [
        ("coalesce(s.rule_code, v.rule_code)", &args.rule),
        (SEVERITY, &args.severity),
        (STATUS, &args.status),
    ] {
        if let Some(value) = value {
            filters.push(format!("{column} = {}", literal(value)));
        }
    }
    // The store keeps the first findings of each rule; of rows behind them it knows whether they came in since.
    let promoted = "\nLEFT JOIN (SELECT p.origin_run_id, p.origin_file_number, p.origin_line_number FROM store.row_promotions p JOIN store.import_runs t ON t.id = p.run_id WHERE p.promoted_at IS NOT NULL AND t.status <> 'rolled_back') p ON p.origin_run_id = v.run_id AND p.origin_file_number = v.place_file AND p.origin_line_number = v.line_number";
    let (mut joins, mut raw) = (promoted.to_owned(), "CAST(NULL AS VARCHAR)");
    let mut cells = String::new();
    if !columns.landed.is_empty() {
        let (list, shown) = columns.selected();
        joins.push_str(&format!(
            "\nLEFT JOIN (SELECT sequence_number AS landed_number{list} FROM {own}landed WHERE run_id = {id}) l ON l.landed_number = coalesce(v.own_number, s.sequence_number)"
        ));
        cells = shown;
    }
    if with_raw {
        joins.push_str(&format!(
            "\nLEFT JOIN (SELECT file_number AS raw_file, line_number AS raw_line, raw_text(raw, encoding) AS raw FROM {own}rejects WHERE run_id = {id}) r ON r.raw_file = v.file_number AND r.raw_line = v.line_number AND v.own_number IS NULL"
        ));
        raw = "r.raw";
    }
    // One more than shown tells that there are more.
    let limit = most.map_or(String::new(), |most| format!("\nLIMIT {}", most.saturating_add(1)));
    format!(
        "SELECT s.id AS violation, coalesce(v.run_id, s.run_id) AS run_id, coalesce(s.rule_code, v.rule_code) AS rule_code, {SEVERITY} AS severity,\n       {STATUS} AS status, coalesce(v.file_number, s.file_number) AS file, coalesce(v.line_number, s.line_number) AS line, coalesce(v.row_number, s.sequence_number) AS \"row\",\n       coalesce(v.field, nullif(s.field, '')) AS field, CASE WHEN s.id IS NULL THEN coalesce(v.original_value, {raw}) ELSE coalesce(s.original_value, {raw}) END AS original_value, CASE WHEN s.id IS NULL THEN v.normalised_value ELSE s.normalised_value END AS normalised_value,\n       coalesce(s.message, v.message) AS message, coalesce(s.hint, v.hint) AS hint, CASE WHEN s.status = 'fixed' THEN NULL ELSE s.edited_payload_json END AS edits{cells}\nFROM (\n  SELECT {place}, v.sequence_number AS own_number, CAST(v.file_number AS BIGINT) AS file_number, v.line_number, v.rule_code, v.severity, v.mode, v.field, v.original_value, v.normalised_value, v.message, v.hint\n  FROM {own}dq_violations v{origins}\n  WHERE v.run_id = {id}\n) v\n{join} JOIN (\n  SELECT id, run_id, rule_code, severity, coalesce(sequence_number, -1) AS place, sequence_number, file_number, line_number, field, status, original_value, normalised_value, message, hint, edited_payload_json\n  FROM store.dq_violations\n  WHERE run_id {stored_of}\n) s ON s.run_id = v.run_id AND s.rule_code = v.rule_code AND s.place = v.place\n   AND s.file_number = v.place_file AND s.line_number = v.line_number AND s.field = coalesce(v.field, ''){joins}\nWHERE {}\nORDER BY file, line, rule_code, field{limit}",
        filters.join(" AND ")
    )
}
