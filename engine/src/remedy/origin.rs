//! The runs that held rows come from: whether their rows may be taken on, and what land left of them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef};
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use importer_plans::compile::ident;

use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, Manifest, RunPaths};
use crate::progress::Step;
use crate::run::{RunParams, manifest_name};
use crate::steps::land::{Landed, LandedFile};
use crate::steps::lookup::{column, schema};
use crate::store::{Place, Run, RunKind, RunStatus};
use crate::tables;

/// A run whose rows were held.
#[derive(Debug, Clone)]
pub struct Origin {
    pub run: Run,
    pub params: RunParams,
    pub landed: Landed,
    paths: RunPaths,
}

/// The cells of a row, by the column of its landed file.
pub type Cells = BTreeMap<String, Option<String>>;

/// What a held row was when it was landed.
#[derive(Debug, Clone, Default)]
pub struct Base {
    pub cells: Cells,
    /// An enforced rule of severity error spoke about it in its own run.
    pub quarantined: bool,
    /// The line of a record that could not be read, where all of it was kept.
    pub line: Option<String>,
}

impl Origin {
    /// Reads what a run left, if its rows may be taken on.
    pub async fn of(engine: &Engine, run_id: i64) -> Result<Self> {
        let run = engine.get_run(run_id).await?;
        may_be_taken_on(&run)?;
        let params = RunParams::of(&run)?;
        let attempt = i32::try_from(run.attempt).unwrap_or(i32::MAX);
        let paths = RunPaths::new(&engine.tenant, run.id, attempt, run.dry_run);
        let manifest = Manifest::read(&engine.lake, &paths, "land").await?.ok_or_else(|| {
            Error::new(ErrorKind::Lake, format!("the lake has nothing of run {run_id} any more")).with_help(
                "restore the lake from a backup, or mend the rows in the source and import them again",
            )
        })?;
        Ok(Self { landed: manifest.read_facts()?, run, params, paths })
    }

    /// One of its files.
    pub fn file(&self, number: i64) -> Option<&LandedFile> {
        self.landed.files.iter().find(|f| i64::from(f.number) == number)
    }

    /// The cells of some of its rows, by sequence number, and whether the run's rules held them.
    async fn bases(&self, engine: &Engine, rows: &[(Place, i64)]) -> Result<BTreeMap<Place, Base>> {
        let context = crate::session::session(&engine.limits, &engine.lake)?;
        let wanted = schema(vec![column("wanted", DataType::Int64)]);
        let numbers = Int64Array::from_iter_values(rows.iter().map(|(_, number)| *number));
        let batch = RecordBatch::try_new(Arc::clone(&wanted), vec![Arc::new(numbers)])?;
        tables::register_rows(&context, "wanted", wanted, vec![batch])?;
        let held = self.held(engine, &context).await?;
        let places: BTreeMap<i64, Place> = rows.iter().map(|(place, number)| (*number, *place)).collect();
        let mut bases = BTreeMap::new();
        for file in &self.landed.files {
            if !rows.iter().any(|(place, _)| place.file_number == i64::from(file.number)) {
                continue;
            }
            file.data_set.require(&engine.lake).await?;
            tables::register_landed(&context, "landed", &file.data_set, &file.typed).await?;
            let columns: String = file.columns.iter().map(|c| format!(", l.{}", ident(c))).collect();
            let sql = format!(
                "SELECT l.sequence_number{columns} FROM landed l JOIN wanted w ON w.wanted = l.sequence_number"
            );
            let (_, batches) = tables::collect_compact(context.sql(&sql).await?).await?;
            for batch in &batches {
                read_bases(batch, &file.columns, &places, &held, &mut bases)?;
            }
        }
        Ok(bases)
    }

    /// The lines of records that could not be read.
    async fn unread(&self, engine: &Engine, places: &[Place]) -> Result<BTreeMap<Place, Base>> {
        let context = crate::session::session(&engine.limits, &engine.lake)?;
        self.landed.rejects.require(&engine.lake).await?;
        tables::register_files(&context, "rejects", &self.landed.rejects).await?;
        let unread = Base { quarantined: true, ..Base::default() };
        let mut bases: BTreeMap<Place, Base> = places.iter().map(|place| (*place, unread.clone())).collect();
        let mut stream = context.sql(LINES).await?.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            let batch = tables::conform(&batch?, &line_schema())?;
            let numbers = |n: usize| batch.column(n).as_primitive::<Int64Type>();
            let lines = batch.column(2).as_string::<i32>();
            for row in 0..batch.num_rows() {
                let place = Place {
                    run_id: self.run.id,
                    file_number: numbers(0).value(row),
                    line_number: numbers(1).value(row),
                };
                if let Some(base) = bases.get_mut(&place) {
                    base.line = lines.is_valid(row).then(|| lines.value(row).to_owned());
                }
            }
        }
        Ok(bases)
    }

    /// Which of the wanted rows an enforced rule of severity error held.
    async fn held(&self, engine: &Engine, context: &SessionContext) -> Result<Vec<i64>> {
        let mut held = Vec::new();
        for findings in held_findings(engine, &self.paths).await? {
            tables::register_files(context, "dq_violations", &findings).await?;
            for batch in context.sql(HELD).await?.collect().await? {
                let numbers = batch.column(0).as_primitive_opt::<Int64Type>();
                held.extend(numbers.into_iter().flatten().flatten());
            }
        }
        held.sort_unstable();
        held.dedup();
        Ok(held)
    }
}

const LINES: &str = "SELECT CAST(file_number AS BIGINT) AS file_number, line_number, raw_text(raw) AS line FROM rejects WHERE raw_truncated IS NOT TRUE";

fn line_schema() -> SchemaRef {
    schema(vec![
        column("file_number", DataType::Int64),
        column("line_number", DataType::Int64),
        column("line", DataType::Utf8),
    ])
}

const HELD: &str = "SELECT DISTINCT v.sequence_number FROM dq_violations v JOIN wanted w ON w.wanted = v.sequence_number WHERE v.severity = 'error' AND v.mode = 'enforce'";

fn read_bases(
    batch: &RecordBatch,
    columns: &[String],
    places: &BTreeMap<i64, Place>,
    held: &[i64],
    into: &mut BTreeMap<Place, Base>,
) -> Result<()> {
    let shape = || Error::internal("a landed row has an unexpected shape");
    let numbers = batch.column(0).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
    for row in 0..batch.num_rows() {
        let number = numbers.value(row);
        let Some(place) = places.get(&number) else { continue };
        let mut base = Base { quarantined: held.binary_search(&number).is_ok(), ..Base::default() };
        for (n, name) in columns.iter().enumerate() {
            let cells = batch.column(n + 1).as_string_opt::<i32>().ok_or_else(shape)?;
            base.cells.insert(name.clone(), cells.is_valid(row).then(|| cells.value(row).to_owned()));
        }
        into.insert(*place, base);
    }
    Ok(())
}

/// The runs at hand, read once each.
#[derive(Debug, Default)]
pub struct Origins(BTreeMap<i64, Origin>);

impl Origins {
    /// A run, read when it is asked for the first time.
    pub async fn get(&mut self, engine: &Engine, run_id: i64) -> Result<&Origin> {
        match self.0.entry(run_id) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(Origin::of(engine, run_id).await?)),
        }
    }

    /// A run that was read before.
    pub fn known(&self, run_id: i64) -> Option<&Origin> {
        self.0.get(&run_id)
    }

    /// What rows were when they were landed. Records that could not be read were nothing.
    pub async fn bases(
        &mut self,
        engine: &Engine,
        rows: &[(Place, Option<i64>)],
    ) -> Result<BTreeMap<Place, Base>> {
        let mut by_run: BTreeMap<i64, Vec<(Place, i64)>> = BTreeMap::new();
        let mut unread: BTreeMap<i64, Vec<Place>> = BTreeMap::new();
        let mut bases = BTreeMap::new();
        for (place, number) in rows {
            match number {
                Some(number) => by_run.entry(place.run_id).or_default().push((*place, *number)),
                None => unread.entry(place.run_id).or_default().push(*place),
            }
        }
        for (run_id, places) in unread {
            bases.extend(self.get(engine, run_id).await?.unread(engine, &places).await?);
        }
        for (run_id, rows) in by_run {
            bases.extend(self.get(engine, run_id).await?.bases(engine, &rows).await?);
        }
        Ok(bases)
    }
}

/// The findings of a run that may hold rows: of its rules, and of the target tables in every round of its load.
pub async fn held_findings(engine: &Engine, paths: &RunPaths) -> Result<Vec<DataSet>> {
    let mut all = Vec::new();
    if let Some(manifest) = Manifest::read(&engine.lake, paths, "check").await? {
        all.push(manifest.data_set("dq_violations")?.clone());
    }
    for round in 0.. {
        let name = manifest_name(Step::Load, round);
        let Some(manifest) = Manifest::read(&engine.lake, paths, &name).await? else { break };
        all.extend(manifest.data_sets.get("refused").cloned());
    }
    for findings in &all {
        findings.require(&engine.lake).await?;
    }
    Ok(all)
}

/// Rows are taken on from runs that are over and stand.
fn may_be_taken_on(run: &Run) -> Result<()> {
    let (why, help) = match (run.kind, run.status) {
        (RunKind::DryRun, _) => ("is a dry run: nothing of it is in core", "import its file first".to_owned()),
        (_, RunStatus::Succeeded | RunStatus::PartiallyFailed) => return Ok(()),
        (_, RunStatus::RolledBack) => {
            ("was rolled back", "mend the rows in its file and import it again".to_owned())
        }
        (_, RunStatus::Failed | RunStatus::Cancelled) => (
            "loaded nothing",
            "mend the rows in its error report and import its file again, or load the good rows with --accept-bad"
                .to_owned(),
        ),
        _ => ("is not over yet", format!("wait for it, or look at it with `importer show {}`", run.id)),
    };
    Err(Error::new(ErrorKind::Usage, format!("run {} ({}) {why}", run.id, run.status)).with_help(help))
}
