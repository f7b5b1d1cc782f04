//! Which record is meant, and what there is instead of one that is not there.

use importer_plans::compile::Bound;
use importer_plans::compile::why::{Fixed, Place, fixed_sql};

use super::ask::{Asker, int};
use crate::catalogue::nearest;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::steps::land::{Landed, LandedFile};
use crate::store::{Run, RunFilter, StoreErrorKind};

/// A record of a run.
#[derive(Debug, Clone)]
pub struct RowQuestion {
    pub run: i64,
    pub which: Which,
}

/// How the record is named.
#[derive(Debug, Clone)]
pub enum Which {
    /// By its sequence number.
    Row(i64),
    /// By a line of a file.
    Line { line: i64, file: Option<FileName> },
}

/// A file of a run: its name, or its number when that is one.
#[derive(Debug, Clone)]
pub struct FileName(pub String);

/// A row of core.
#[derive(Debug, Clone)]
pub struct CoreQuestion {
    pub entity: String,
    pub id: i64,
    /// Only this field.
    pub field: Option<String>,
}

/// The record that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Row(i64),
    /// A record that could not be read: the file's number, the line, and where it begins is for the reject to tell.
    Reject {
        file: i32,
        line: i64,
    },
}

fn unknown(message: String, help: impl Into<String>) -> Error {
    Error::new(ErrorKind::Usage, message).with_help(help).with_code("NOT_FOUND")
}

/// The run, or what runs there are.
pub async fn run(engine: &Engine, id: i64) -> Result<Run> {
    match engine.store.get_run(&engine.tenant, id).await {
        Ok(run) => Ok(run),
        Err(error) if error.kind() == StoreErrorKind::NotFound => {
            let newest = engine.runs(&RunFilter { limit: Some(1), ..RunFilter::default() }).await?;
            Err(match newest.first() {
                Some(newest) => unknown(
                    format!("there is no run {id}"),
                    format!("the newest run is {}; `importer runs` lists them", newest.id),
                ),
                None => unknown(
                    format!("there is no run {id}"),
                    "there is none at all yet; import a file: importer run --file people.csv",
                ),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// The record of a run that is meant.
pub async fn record(asker: &Asker, place: Place, landed: &Landed, which: &Which) -> Result<Found> {
    match which {
        Which::Row(row) => {
            let last = i64::try_from(landed.records()).unwrap_or(i64::MAX);
            if (1..=last).contains(row) {
                return Ok(Found::Row(*row));
            }
            let there =
                if last == 0 { "it has none".to_owned() } else { format!("its rows are 1 to {last}") };
            Err(unknown(
                format!("run {} has no row {row}", place.run_id),
                format!("{there}; a line of a file is named with --line, and --file where there are several"),
            ))
        }
        Which::Line { line, file } => {
            let file = chosen(landed, file.as_ref(), place.run_id)?;
            at_line(asker, place, landed, file, *line).await
        }
    }
}

/// The file, or which ones there are.
fn chosen<'a>(landed: &'a Landed, wanted: Option<&FileName>, run: i64) -> Result<&'a LandedFile> {
    let names: Vec<String> = landed.files.iter().map(|f| format!("{} ({})", f.name, f.number)).collect();
    let Some(FileName(wanted)) = wanted else {
        return match landed.files.as_slice() {
            [only] => Ok(only),
            _ => Err(unknown(
                format!("run {run} read {} files", landed.files.len()),
                format!("say which with --file: {}", names.join(", ")),
            )),
        };
    };
    let plain = std::path::Path::new(wanted).file_name().map(|name| name.to_string_lossy().into_owned());
    let named: Vec<&LandedFile> =
        landed.files.iter().filter(|f| f.name == *wanted || Some(&f.name) == plain.as_ref()).collect();
    match (named.as_slice(), wanted.parse::<i32>()) {
        ([one], _) => Ok(one),
        ([], Ok(number)) if landed.files.iter().any(|f| f.number == number) => {
            landed.files.iter().find(|f| f.number == number).ok_or_else(|| Error::internal("a file is gone"))
        }
        ([], _) => {
            let near = nearest(wanted, landed.files.iter().map(|f| f.name.as_str()));
            let help = near.map_or_else(String::new, |n| format!("did you mean {n}? "));
            Err(unknown(
                format!("run {run} read no file {wanted}"),
                format!("{help}It read: {}", names.join(", ")),
            ))
        }
        (several, _) => {
            let numbers: Vec<String> = several.iter().map(|f| f.number.to_string()).collect();
            Err(unknown(
                format!("run {run} read {} files named {wanted}", several.len()),
                format!("say which by its number: --file {}", numbers.join(" or --file ")),
            ))
        }
    }
}

/// The numbers of a file's rows: files as given, then line.
pub fn rows_of(landed: &Landed, number: i32) -> (i64, i64) {
    let records = |f: &LandedFile| i64::try_from(f.counts.records).unwrap_or(i64::MAX);
    let before: i64 = landed.files.iter().filter(|f| f.number < number).map(records).sum();
    let own: i64 = landed.files.iter().filter(|f| f.number == number).map(records).sum();
    (before + 1, before + own)
}

/// The file that a row comes from.
pub fn file_of(landed: &Landed, row: i64) -> Option<&LandedFile> {
    landed.files.iter().find(|f| {
        let (first, last) = rows_of(landed, f.number);
        (first..=last).contains(&row)
    })
}

async fn at_line(
    asker: &Asker,
    place: Place,
    landed: &Landed,
    file: &LandedFile,
    line: i64,
) -> Result<Found> {
    let (first, last) = rows_of(landed, file.number);
    let values = [
        Bound::number("run_id", place.run_id),
        Bound::number("file", i64::from(file.number)),
        Bound::number("line", line),
        Bound::number("first", first),
        Bound::number("last", last),
    ];
    let rejected = asker.ask("reject", fixed_sql(Fixed::Reject, place, &values)).await?;
    if !rejected.rows.is_empty() {
        return Ok(Found::Reject { file: file.number, line });
    }
    let found = asker.ask("line", fixed_sql(Fixed::Line, place, &values)).await?;
    let nearest =
        found.rows.first().and_then(|row| Some((int(row, "sequence_number")?, int(row, "line_number")?)));
    match nearest {
        Some((row, begins)) if begins == line => Ok(Found::Row(row)),
        Some((row, begins)) => Err(unknown(
            format!("no record begins at line {line} of {}", file.name),
            format!(
                "the record before begins at line {begins}: --line {begins}, or row {row}. Blank lines and the header are no records"
            ),
        )),
        None => Err(unknown(
            format!("no record begins at line {line} of {}", file.name),
            if last < first {
                "no record of the file could be read".to_owned()
            } else {
                format!("its records are the rows {first} to {last}, and begin after its header")
            },
        )),
    }
}
