//! land: the record as it stands in the file, under the file's own headers.

use importer_plans::compile::Bound;
use importer_plans::compile::why::{Fixed, fixed_sql, landed_row_sql, origins_sql};

use super::ask::{Asker, flag, int, text};
use super::pinned::Pinned;
use super::story::{Land, LandedCell, Record, Reject};
use crate::error::{Error, Result};
use crate::steps::land::LandedFile;

/// A row that was landed.
pub async fn of_row(asker: &Asker, pinned: &Pinned, file: &LandedFile, row: i64) -> Result<(Record, Land)> {
    let asked = asker.ask("landed", landed_row_sql(pinned.place, &file.columns, row)).await?;
    let found = asked.rows.first().ok_or_else(|| {
        Error::new(
            crate::ErrorKind::Lake,
            format!("row {row} of run {} is no longer in the lake", pinned.run.id),
        )
        .with_help("its files were removed; what the database still knows: importer why core …")
    })?;
    let field_of = |column: &String| {
        file.assignments.iter().find(|(_, columns)| columns.contains(column)).map(|(field, _)| field.clone())
    };
    let cells = file
        .columns
        .iter()
        .zip(&file.headers)
        .map(|(column, header)| LandedCell {
            column: if header.is_empty() { column.clone() } else { header.clone() },
            field: field_of(column),
            text: text(found, column),
        })
        .collect();
    let record = Record {
        row: Some(row),
        file: file.name.clone(),
        file_number: file.number,
        line: int(found, "line_number").unwrap_or_default(),
    };
    let mut told = land(file, cells, None, vec![asked]);
    if pinned.landed.origins.is_some() {
        let origin = asker.ask("origin", origins_sql(pinned.place, &[row])).await?;
        told.origin = origin.rows.first().cloned();
        told.asked.push(origin);
    }
    Ok((record, told))
}

/// A record that could not be read.
pub async fn of_reject(
    asker: &Asker,
    pinned: &Pinned,
    file: &LandedFile,
    line: i64,
) -> Result<(Record, Land)> {
    let values = [
        Bound::number("run_id", pinned.run.id),
        Bound::number("file", i64::from(file.number)),
        Bound::number("line", line),
    ];
    let asked = asker.ask("rejects", fixed_sql(Fixed::Reject, pinned.place, &values)).await?;
    let found = asked.rows.first().ok_or_else(|| Error::internal("the reject is gone"))?;
    let word = |name: &str| text(found, name).unwrap_or_default();
    let reject = Reject {
        code: word("code"),
        reason: word("reason"),
        hint: word("hint"),
        byte_offset: int(found, "byte_offset"),
        lines: int(found, "line_count"),
        raw: text(found, "raw"),
        raw_truncated: flag(found, "raw_truncated"),
    };
    let record = Record {
        row: None,
        file: file.name.clone(),
        file_number: file.number,
        line: int(found, "line_number").unwrap_or(line),
    };
    Ok((record, land(file, Vec::new(), Some(reject), vec![asked])))
}

fn land(file: &LandedFile, cells: Vec<LandedCell>, reject: Option<Reject>, asked: Vec<super::Asked>) -> Land {
    Land {
        dialect: file.dialect.lines().map(str::to_owned).collect(),
        is_error_report: file.is_error_report,
        origin: None,
        cells,
        reject,
        asked,
    }
}
