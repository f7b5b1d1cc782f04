//! Suggestions on a terminal, as CSV, as JSON, as a workbook.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use importer_engine::deciding::ShownSuggestion;
use importer_engine::remedy::WORKBOOK_CELL;
use importer_sql::functions::spreadsheet_safe_str;
use rust_xlsxwriter::{Format as Style, Workbook, XlsxError};

use crate::failure::Failure;
use crate::list_format::Format;
use crate::screen::{Csv, Json, Table, short, time};
use crate::settings::Settings;

/// The columns of a list.
const COLUMNS: [&str; 16] = [
    "id",
    "entity",
    "decision",
    "type",
    "reason",
    "score",
    "evidence",
    "core_id",
    "other_core_id",
    "one",
    "other",
    "link",
    "run",
    "created_at",
    "decided_by",
    "reopened_from",
];
/// Characters of a person in a table.
const PERSON: usize = 36;

/// A table of the first ones, and what can be done.
pub fn table(settings: &Settings, shown: &[ShownSuggestion], most: i64) -> String {
    if shown.is_empty() {
        return "no suggestion waits for a decision\n".to_owned();
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut table =
        Table::new(["id", "type", "why", "score", "one", "other"]).right(&[0, 3]).wrapped(&[4, 5]);
    for one in shown.iter().take(most) {
        let cells = cells(one);
        table.row([
            cells[0].clone(),
            cells[3].clone(),
            [&cells[4], &cells[6]]
                .into_iter()
                .filter(|text| !text.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            cells[5].clone(),
            person(one.suggestion.core_id, &cells[9]),
            person(one.suggestion.other_core_id, &cells[10]),
        ]);
    }
    let mut text = table.text();
    if shown.len() > most {
        text.push_str("\nthere are more: --limit N shows them, --out FILE writes all\n");
    }
    text.push_str(&format!(
        "\none person: {}\ntwo:        {}\n",
        settings.command("merge --suggestion N"),
        settings.command("reject N")
    ));
    text
}

fn person(id: Option<i64>, who: &str) -> String {
    match id {
        Some(id) => format!("{id}: {}", short(who, PERSON)),
        None => "not loaded".to_owned(),
    }
}

/// The fields of a row that have a value, in one line.
fn row(row: Option<&std::collections::BTreeMap<String, Option<String>>>) -> String {
    let values = row.into_iter().flatten().filter(|(field, _)| field.as_str() != "is_active");
    let told = values.filter_map(|(field, value)| Some(format!("{field} {}", value.as_ref()?)));
    told.collect::<Vec<_>>().join(", ")
}

fn cells(one: &ShownSuggestion) -> [String; 16] {
    let it = &one.suggestion;
    let number = |value: Option<i64>| value.map(|n| n.to_string()).unwrap_or_default();
    let seen = |name: &str| it.features.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    let evidence = [seen("key_type").map(|key| format!("same {key}")), seen("evidence")];
    [
        it.id.to_string(),
        it.entity.clone(),
        it.decision.as_str().to_owned(),
        it.match_type.clone(),
        it.reason.clone().unwrap_or_default(),
        it.score.map(|score| format!("{score:.3}")).unwrap_or_default(),
        evidence.into_iter().flatten().collect::<Vec<_>>().join(", "),
        number(it.core_id),
        number(it.other_core_id),
        row(one.one.as_ref()),
        row(one.other.as_ref()),
        it.link_system.iter().chain(&it.link_id).cloned().collect::<Vec<_>>().join(":"),
        it.run_id.to_string(),
        time(it.created_at),
        it.decided_by.clone().unwrap_or_default(),
        number(it.reopened_from),
    ]
}

/// Writes all of them.
pub fn write(shown: &[ShownSuggestion], format: Format, path: Option<&Path>) -> Result<(), Failure> {
    if let (Format::Xlsx, Some(path)) = (format, path) {
        return workbook(shown, path).map_err(failed);
    }
    match path {
        Some(path) => rows(shown, format, BufWriter::new(File::create(path)?)),
        None => rows(shown, format, BufWriter::new(std::io::stdout())),
    }
}

fn rows(shown: &[ShownSuggestion], format: Format, out: impl Write) -> Result<(), Failure> {
    if format == Format::Json {
        let mut json = Json::new(out);
        let written = shown.iter().try_for_each(|one| json.row(&serde_json::to_value(one)?));
        return json.end(written);
    }
    let mut csv = Csv::new(out, COLUMNS)?;
    for one in shown {
        csv.row(cells(one))?;
    }
    csv.finish()
}

fn workbook(shown: &[ShownSuggestion], path: &Path) -> Result<(), XlsxError> {
    let mut book = Workbook::new();
    let bold = Style::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name("suggestions")?;
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    for (row, one) in (1..).zip(shown) {
        for (column, cell) in (0..).zip(cells(one)) {
            let safe: String = spreadsheet_safe_str(&cell).chars().take(WORKBOOK_CELL / 2).collect();
            sheet.write_string(row, column, safe)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save(path)
}

fn failed(error: XlsxError) -> Failure {
    Failure::failed(format!("the workbook cannot be written: {error}"))
}
