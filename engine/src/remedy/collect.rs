//! What a person asks for, as rows with edits. Everything that can be wrong is found here, line by line, before a run
//! begins: a request is followed as a whole or not at all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use importer_plans::compile::{FieldKind, Shape};
use importer_plans::project::Entity;

use super::edit::{EditedRow, Target, field_of, names, target};
use super::mangled::{Verdict, compare};
use super::origin::{Base, Origins};
use super::report_file::{Report, ReportLine, STORE_LENGTH};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::steps::land::LandedFile;
use crate::store::{Place, StoredViolation};

/// Edited rows that one request may bring.
pub const MOST_ROWS: usize = 50_000;
/// Lines that an error names one by one.
const TOLD: usize = 200;

/// The rows of a request, with everything known of their runs.
pub struct Collected {
    pub rows: Vec<EditedRow>,
    pub origins: Origins,
}

/// Why a line, or the request, cannot be followed.
type Refusal = (String, Option<String>);

fn refused(what: impl Into<String>) -> Refusal {
    (what.into(), None)
}

/// Rows at hand, and what was found wrong so far.
struct Collector<'a> {
    engine: &'a Engine,
    origins: Origins,
    rows: BTreeMap<Place, EditedRow>,
    /// Who set a cell: line and value, so that two lines cannot set it to two values.
    set: HashMap<(Place, String), (i64, Option<String>)>,
    taken: HashSet<Place>,
}

/// One finding with `--set`.
pub async fn single(engine: &Engine, violation: i64, edits: &[(String, String)]) -> Result<Collected> {
    if edits.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "nothing is to be set").with_help(
            "write --set field=value, or --set field= to empty it; several fields take several --set",
        ));
    }
    let mut collector = Collector::new(engine);
    let found = engine.store.violations_by_id(&engine.tenant, &[violation]).await?;
    let usage = |(what, help): Refusal| {
        let error = Error::new(ErrorKind::Usage, what);
        match help {
            Some(help) => error.with_help(help),
            None => error.with_help("`importer violations` shows findings with their numbers and status"),
        }
    };
    let Some(named) = found.first() else { return Err(unknown(engine, violation).await?) };
    collector.origins.get(engine, named.place.run_id).await?;
    let (all, bases) = collector.look(std::slice::from_ref(named)).await?;
    let base = bases.get(&named.place).cloned().unwrap_or_default();
    let (entity, shape) = entity_of(engine, named).map_err(usage)?;
    collector.may_be_edited(named, &base, &all).map_err(usage)?;
    let file = collector.file(named.place).map_err(usage)?.clone();
    let mut row = row_of(named, base, &all);
    let mut given: HashMap<String, &str> = HashMap::new();
    for (name, value) in edits {
        let goal =
            target(&shape, &file, name).ok_or_else(|| usage(unknown_name(&shape, &file, entity, name)))?;
        if given.insert(goal.column.clone(), value).is_some_and(|other| other != value) {
            return Err(usage((
                format!("{name} is set twice, to different values"),
                Some("leave one --set of it".to_owned()),
            )));
        }
        row.set(&shape, &goal, Some(value.as_str()).filter(|v| !v.trim().is_empty()));
    }
    if !row.is_edited() {
        return Err(Error::new(ErrorKind::Usage, format!("violation {violation}: the row says so already"))
            .with_help("to let it go again without an edit: importer requeue"));
    }
    collector.rows.insert(row.place, row);
    collector.finish()
}

/// An edited report.
pub async fn report(engine: &Engine, path: &Path) -> Result<Collected> {
    let store_id = engine.store.store_info().await?.store_id;
    let mut report = Report::open(path)?;
    let mut collector = Collector::new(engine);
    let mut problems: Vec<(i64, String)> = Vec::new();
    while let Some((lines, unread)) = report.next()? {
        problems.extend(unread);
        let lines = collector.own_lines(lines, &store_id, &mut problems);
        collector.lines(&lines, &report.row_columns, &mut problems).await?;
        if collector.rows.len() > MOST_ROWS {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("{}: more than {MOST_ROWS} rows are edited", report.name),
            )
            .with_help("cut the report into several files"));
        }
    }
    if !problems.is_empty() {
        return Err(bad_lines(&report.name, problems));
    }
    if collector.rows.is_empty() {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("{}: no cell differs from what is stored; nothing was changed", report.name),
        )
        .with_help("edit the cells of the row, or original_value, and save the file; to let rows go again as they are: importer requeue"));
    }
    collector.finish()
}

impl<'a> Collector<'a> {
    fn new(engine: &'a Engine) -> Self {
        Self {
            engine,
            origins: Origins::default(),
            rows: BTreeMap::new(),
            set: HashMap::new(),
            taken: HashSet::new(),
        }
    }

    fn finish(self) -> Result<Collected> {
        Ok(Collected { rows: self.rows.into_values().collect(), origins: self.origins })
    }

    /// Lines that belong to this store, with the number of their finding.
    fn own_lines(
        &self,
        lines: Vec<ReportLine>,
        store_id: &str,
        problems: &mut Vec<(i64, String)>,
    ) -> Vec<(i64, ReportLine)> {
        let own: String = store_id.chars().take(STORE_LENGTH).collect();
        let mut kept = Vec::with_capacity(lines.len());
        for line in lines {
            if line.store.as_deref() != Some(own.as_str()) {
                problems.push((
                    line.line,
                    format!("the report is of another store; in column store this one is {own}"),
                ));
                continue;
            }
            match line.violation.as_deref().map(|v| v.trim().parse::<i64>()) {
                Some(Ok(id)) => kept.push((id, line)),
                Some(Err(_)) => problems.push((line.line, "the number of the violation is no number".to_owned())),
                None => problems.push((
                    line.line,
                    "the finding has no number, for the store keeps only the first findings of each rule: take the line out, or mend the row in its file"
                        .to_owned(),
                )),
            }
        }
        kept
    }

    /// Compares lines with what is stored and keeps the edits.
    async fn lines(
        &mut self,
        lines: &[(i64, ReportLine)],
        columns: &[String],
        problems: &mut Vec<(i64, String)>,
    ) -> Result<()> {
        let ids: Vec<i64> = lines.iter().map(|(id, _)| *id).collect();
        let stored = self.engine.store.violations_by_id(&self.engine.tenant, &ids).await?;
        let by_id: HashMap<i64, &StoredViolation> = stored.iter().map(|v| (v.id, v)).collect();
        let mut unusable: HashMap<i64, String> = HashMap::new();
        for run_id in stored.iter().map(|v| v.place.run_id).collect::<HashSet<_>>() {
            if let Err(error) = self.origins.get(self.engine, run_id).await {
                match error.kind() {
                    ErrorKind::Usage => unusable.insert(run_id, error.to_string()),
                    _ => return Err(error),
                };
            }
        }
        let usable: Vec<StoredViolation> =
            stored.iter().filter(|v| !unusable.contains_key(&v.place.run_id)).cloned().collect();
        let (all, bases) = self.look(&usable).await?;
        for (id, line) in lines {
            let Some(named) = by_id.get(id).copied() else {
                problems.push((line.line, format!("there is no violation {id}")));
                continue;
            };
            let same_run =
                line.run_id.as_deref().map(str::trim) == Some(named.place.run_id.to_string().as_str());
            if !same_run || line.rule_code.as_deref().map(str::trim) != Some(named.rule_code.as_str()) {
                problems.push((
                    line.line,
                    format!(
                        "violation {id} is one of rule {} in run {}, and the line says otherwise",
                        named.rule_code, named.place.run_id
                    ),
                ));
                continue;
            }
            if let Some(why) = unusable.get(&named.place.run_id) {
                problems.push((line.line, why.clone()));
                continue;
            }
            let base = bases.get(&named.place).cloned().unwrap_or_default();
            if let Err((what, _)) = self.line(named, base, &all, line, columns) {
                problems.push((line.line, what));
            }
        }
        Ok(())
    }

    /// What is stored about the rows of some findings: all findings, and the rows as they were landed.
    async fn look(
        &mut self,
        named: &[StoredViolation],
    ) -> Result<(Vec<StoredViolation>, BTreeMap<Place, Base>)> {
        let mut rows: BTreeMap<Place, Option<i64>> = BTreeMap::new();
        for violation in named {
            let number = rows.entry(violation.place).or_default();
            *number = number.or(violation.sequence_number);
        }
        let places: Vec<Place> = rows.keys().copied().collect();
        if places.is_empty() {
            return Ok((Vec::new(), BTreeMap::new()));
        }
        let all = self.engine.store.violations_of_rows(&self.engine.tenant, &places).await?;
        let taken = self.engine.store.rows_taken(&self.engine.tenant, &places).await?;
        self.taken.extend(taken.iter().map(|t| t.place));
        let rows: Vec<(Place, Option<i64>)> = rows.into_iter().collect();
        let bases = self.origins.bases(self.engine, &rows).await?;
        Ok((all, bases))
    }

    fn line(
        &mut self,
        named: &StoredViolation,
        base: Base,
        all: &[StoredViolation],
        line: &ReportLine,
        columns: &[String],
    ) -> Result<(), Refusal> {
        let (entity, shape) = entity_of(self.engine, named)?;
        let file = self.file(named.place)?.clone();
        let mut row = row_of(named, base.clone(), all);
        let mut edits: Vec<(Target, Option<String>)> = Vec::new();
        let value = line.original_value.as_deref();
        let kind = shape.field(&named.field).map(|f| f.kind);
        // Beside a record that could not be read stands its line. It can be mended as a whole, or its cells filled in.
        let unread = named.sequence_number.is_none() && named.field.is_empty();
        if unread {
            edits.extend(mended(&shape, &file, base.line.as_deref(), value)?);
        } else if edited(named.original_value.as_deref(), value, kind, "original_value")? {
            let goal = target(&shape, &file, &named.field)
                .filter(|_| !named.field.is_empty())
                .ok_or_else(|| refused("original_value was edited, and the finding is about no single field; edit the cells of the row"))?;
            edits.push((goal, line.original_value.clone()));
        }
        for (column, cell) in columns.iter().zip(&line.cells) {
            let kind = field_of(&shape, &file, column).and_then(|f| shape.field(f)).map(|f| f.kind);
            let stands = row.cells.get(column).cloned().flatten();
            if !edited(stands.as_deref(), cell.as_deref(), kind, column)? {
                continue;
            }
            // A row shows the columns of all files of the run; one that its own file lacks stands for a field or nothing.
            let known = file.columns.contains(column) || row.cells.contains_key(column);
            let goal = if known {
                Target {
                    name: super::edit::spoken_name(&shape, &file, column),
                    column: column.clone(),
                    others: Vec::new(),
                }
            } else {
                target(&shape, &file, column)
                    .ok_or_else(|| refused(unknown_name(&shape, &file, entity, column).0))?
            };
            edits.push((goal, cell.clone()));
        }
        if edits.is_empty() {
            return Ok(());
        }
        self.may_be_edited(named, &base, all)?;
        for (goal, value) in &edits {
            let key = (named.place, goal.column.clone());
            match self.set.get(&key) {
                Some((other, before)) if before != value => {
                    let what = if *other == line.line {
                        format!("{} is edited twice in this line, to different values", goal.name)
                    } else {
                        format!("{} of the same row is set to another value in line {other}", goal.name)
                    };
                    return Err(refused(what));
                }
                Some(_) => {}
                None => {
                    self.set.insert(key, (line.line, value.clone()));
                }
            }
        }
        row = self.rows.remove(&named.place).unwrap_or(row);
        for (goal, value) in &edits {
            row.set(&shape, goal, value.as_deref());
        }
        if row.is_edited() {
            self.rows.insert(row.place, row);
        }
        Ok(())
    }

    /// A finding can be edited while its row is held, and nobody else has the row.
    fn may_be_edited(
        &self,
        named: &StoredViolation,
        base: &Base,
        all: &[StoredViolation],
    ) -> Result<(), Refusal> {
        let id = named.id;
        if named.status == "fixed" {
            let by = named.resolved_run_id.map_or(String::new(), |run| format!(" by run {run}"));
            let how = named.resolution.as_deref().unwrap_or("fixed");
            return Err(refused(format!("violation {id} is closed already ({how}{by})")));
        }
        if self.taken.contains(&named.place) {
            return Err((
                format!("the row of violation {id} is with another run already, or was promoted by one"),
                Some(
                    "`importer sql \"SELECT * FROM row_promotions\"` shows which; nothing is promoted twice"
                        .to_owned(),
                ),
            ));
        }
        let held = base.quarantined
            && all.iter().any(|v| {
                v.place == named.place && v.severity == crate::store::Severity::Error && v.status != "fixed"
            });
        if !held {
            return Err((
                format!("violation {id} does not hold its row back: the row is loaded"),
                Some("correct the record in its source and import it again, or close the finding with `importer wont-fix`".to_owned()),
            ));
        }
        Ok(())
    }

    fn file(&self, place: Place) -> Result<&LandedFile, Refusal> {
        let origin = self.origins.known(place.run_id);
        origin
            .and_then(|o| o.file(place.file_number))
            .ok_or_else(|| refused(format!("run {} has no file {}", place.run_id, place.file_number)))
    }
}

/// What a person made of a line that could not be read, cell by cell.
fn mended(
    shape: &Shape,
    file: &LandedFile,
    stands: Option<&str>,
    value: Option<&str>,
) -> Result<Vec<(Target, Option<String>)>, Refusal> {
    // Where not all of the line was kept, or the cell was emptied, there is nothing to read; its cells can be filled in.
    let (Some(stands), Some(value)) = (stands, value) else { return Ok(Vec::new()) };
    let bare = |text: &str| text.trim_end_matches(['\r', '\n']).to_owned();
    if !edited(Some(&bare(stands)), Some(&bare(value)), None, "original_value")? {
        return Ok(Vec::new());
    }
    let cells = super::unread::cells(file, value).map_err(refused)?;
    Ok(file
        .columns
        .iter()
        .zip(cells)
        .filter(|(_, cell)| cell.is_some())
        .map(|(column, cell)| {
            let name = super::edit::spoken_name(shape, file, column);
            (Target { name, column: column.clone(), others: Vec::new() }, cell)
        })
        .collect())
}

fn edited(
    stands: Option<&str>,
    cell: Option<&str>,
    kind: Option<FieldKind>,
    column: &str,
) -> Result<bool, Refusal> {
    // A blank cell is an empty one, here and there.
    let stands = stands.filter(|text| !text.trim().is_empty());
    match compare(stands, cell, kind) {
        Verdict::Same => Ok(false),
        Verdict::Edited => Ok(true),
        Verdict::Mangled(how) => Err(refused(format!("column {column}: {how}"))),
    }
}

/// A row as it stands: as it was landed, with the edits of before. All findings of a row carry the same edits.
fn row_of(named: &StoredViolation, base: Base, all: &[StoredViolation]) -> EditedRow {
    let own = || all.iter().filter(|v| v.place == named.place);
    let last = own().rfind(|v| v.edited_payload.is_some() && v.status != "fixed");
    let before = last.and_then(|v| Some((v.edited_fields.as_ref()?, v.edited_payload.as_ref()?)));
    let number = own().find_map(|v| v.sequence_number).or(named.sequence_number);
    EditedRow::new(named.place, number, named.id, base.cells, before)
}

fn entity_of<'e>(engine: &'e Engine, named: &StoredViolation) -> Result<(&'e Entity, Shape), Refusal> {
    engine.project.entities.get(&named.entity).map(|e| (e, Shape::of(e))).ok_or_else(|| {
        (
            format!("the project has no entity {} any more", named.entity),
            Some("name the project that the run was made with: --project".to_owned()),
        )
    })
}

async fn unknown(engine: &Engine, id: i64) -> Result<Error> {
    let known = engine.store.violation_range(&engine.tenant).await?;
    let what = match known {
        Some((first, last)) => format!("there is no violation {id}; their numbers go from {first} to {last}"),
        None => format!("there is no violation {id}; there is none at all"),
    };
    Ok(Error::new(ErrorKind::Usage, what)
        .with_help("`importer violations` shows findings with their numbers and status"))
}

fn unknown_name(shape: &Shape, file: &LandedFile, entity: &Entity, name: &str) -> Refusal {
    let (fields, headers) = names(shape, file);
    let near = crate::catalogue::nearest(name, fields.iter().chain(&headers).map(String::as_str));
    let near = near.map_or(String::new(), |n| format!("did you mean {n}? "));
    (
        format!("{name} is neither a field of {} nor a header of {}", entity.name, file.name),
        Some(format!("{near}fields: {}; headers: {}", fields.join(", "), headers.join(", "))),
    )
}

/// All lines that cannot be used, in one error.
fn bad_lines(name: &str, mut problems: Vec<(i64, String)>) -> Error {
    problems.sort();
    let count = problems.len();
    let mut text: Vec<String> =
        problems.iter().take(TOLD).map(|(line, what)| format!("line {line}: {what}")).collect();
    if count > TOLD {
        let rest: Vec<String> = problems.iter().skip(TOLD).map(|(line, _)| line.to_string()).collect();
        text.push(format!("and lines {}", rest.join(", ")));
    }
    let lines = if count == 1 { "1 line" } else { "lines" };
    let counted = if count == 1 { lines.to_owned() } else { format!("{count} {lines}") };
    Error::new(
        ErrorKind::Usage,
        format!("{name}: {counted} cannot be used, and nothing was changed\n{}", text.join("\n")),
    )
    .with_help("mend these lines or take them out; a fresh report: importer violations --format csv --out FILE (open it with all columns as text)")
}
