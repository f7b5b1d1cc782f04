//! Lines of a difference: on a screen, in a file, in a document.

use std::path::Path;

use importer_engine::plan::{Lines, write_lines};
use serde_json::{Map, Value, json};

use super::shown::Shown;
use crate::failure::Failure;
use crate::screen::{self, Sheet, TextRows, short};

/// Characters of a cell.
const CELL: usize = 40;

/// Writes all lines into a file and says so.
pub async fn export(lines: Lines, path: &Path) -> Result<(), Failure> {
    let rows = write_lines(lines, path).await?;
    screen::say(&format!("written: {} ({})", path.display(), screen::counted(rows, "line", "lines")));
    Ok(())
}

/// The lines as a table, with how many there are.
pub async fn words(title: &str, mut lines: Lines, shown: &Shown) -> Result<String, Failure> {
    if lines.count == 0 {
        return Ok(format!("\n{title}\n  nothing\n"));
    }
    let headers = lines.schema.fields().iter().map(|f| f.name().clone()).collect();
    let mut sheet = Sheet::new(headers, vec![0], false);
    let columns = lines.schema.fields().len();
    while let Some(batch) = lines.next().await? {
        let texts = TextRows::new(&batch)?;
        for row in 0..batch.num_rows() {
            let cells: Vec<Option<String>> =
                (0..columns).map(|column| texts.cell(row, column)).collect::<Result<_, _>>()?;
            sheet.row(cells.iter().map(|cell| short(cell.as_deref().unwrap_or_default(), CELL)).collect());
        }
    }
    let mut text = format!("\n{title}\n{}", sheet.take());
    if lines.count > shown.limit && shown.out.is_none() {
        text.push_str(&format!(
            "\nThe first {} of {}; more with --limit, all of it with --out FILE.csv or FILE.parquet.\n",
            screen::count(shown.limit),
            screen::counted(lines.count, "line", "lines")
        ));
    }
    Ok(text)
}

/// The same for programs.
pub async fn document(mut lines: Lines, shown: &Shown) -> Result<Value, Failure> {
    let names: Vec<String> = lines.schema.fields().iter().map(|f| f.name().clone()).collect();
    let mut sample = Vec::new();
    while let Some(batch) = lines.next().await? {
        let texts = TextRows::new(&batch)?;
        for row in 0..batch.num_rows() {
            let mut line = Map::new();
            for (column, name) in names.iter().enumerate() {
                let cell = texts.cell(row, column)?;
                let number = cell.as_deref().filter(|_| name == "row").and_then(|c| c.parse::<i64>().ok());
                line.insert(name.clone(), number.map_or_else(|| json!(cell), |n| json!(n)));
            }
            sample.push(Value::Object(line));
        }
    }
    Ok(json!({ "lines": lines.count, "sample": sample, "out": shown.out }))
}
