//! stage: canonical typed columns, normalised keys and the row checksum, from the landed text.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::stage::{landed_sql, stage_sql};
use importer_plans::compile::texts::FileTexts;
use importer_plans::compile::{Keep, Query, ident};
use importer_plans::project::{Mapping, NewColumns};

use super::alike::{alike, file_function};
use super::land::{Landed, LandedFile};
use super::references::{self, Plan};
use crate::catalogue::locate;
use crate::context::{RunContext, blame};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, DataSetName};
use crate::progress::StepProgress;
use crate::reference_tables::{register_core, register_lists};
use crate::tables;

/// The mapping that a source uses: its own, else its connector's.
pub fn mapping(cx: &RunContext) -> Result<&Mapping> {
    cx.entity.mappings.get(&cx.source.mapping).ok_or_else(|| {
        Error::new(
            ErrorKind::Project,
            format!(
                "entity {} has no mapping {} for source {}",
                cx.entity.name, cx.source.mapping, cx.source.name
            ),
        )
        .with_help(format!("write entities/{}/map/{}.sql", cx.entity.name, cx.source.mapping))
    })
}

/// The name of the canonical view of a landed file, and of those like it.
pub fn landed_view(number: i32) -> String {
    format!("landed_{number}_canonical")
}

/// Registers the landed files, raw (`landed_<n>`) and under canonical names; files that are read alike together, under the
/// number of the first.
pub async fn register_landed(cx: &RunContext, landed: &Landed) -> Result<Vec<Query>> {
    let mut views = Vec::new();
    if let Some(origins) = &landed.origins {
        tables::register_files(&cx.session, "origins", origins).await?;
    }
    for session in [&cx.session, &cx.quick, &cx.frugal] {
        session.register_udf(file_function(landed));
    }
    register_lists(&cx.session, &cx.entity.lists)?;
    register_core(&cx.session, &cx.entity, &cx.store, &cx.tenant).await?;
    for files in alike(landed) {
        let file = files.first();
        tables::register_landed(&cx.session, &raw_table(file.number), &files.data_set(), &file.typed).await?;
        let query =
            Query::new(landed_view(file.number), Keep::View, canonical_sql(cx, file, &FileTexts::default()));
        tables::register_view(&cx.session, &query.name, cx.plan(&query.sql).await?)?;
        views.push(query);
    }
    Ok(views)
}

/// The name of the table of a landed file, and of those like it.
pub fn raw_table(number: i32) -> String {
    format!("landed_{number}")
}

fn canonical_sql(cx: &RunContext, file: &LandedFile, texts: &FileTexts) -> String {
    let unmapped: Vec<&str> = match cx.source.contract.new_columns {
        NewColumns::DiscardValue => Vec::new(),
        NewColumns::Evolve | NewColumns::Freeze => file.unmapped.iter().map(String::as_str).collect(),
    };
    let mut unmapped = unmapped;
    // A mapping sees the values of the source, too, in its own types.
    if !file.typed.is_empty() && cx.source.contract.new_columns != NewColumns::DiscardValue {
        unmapped.push(tables::TYPED);
    }
    landed_sql(&cx.shape, &raw_table(file.number), &borrowed(file), &unmapped, texts)
}

/// The assignments of a file as the compiler takes them.
pub fn borrowed(file: &LandedFile) -> Vec<(&str, Vec<&str>)> {
    file.assignments.iter().map(|(f, c)| (f.as_str(), c.iter().map(String::as_str).collect())).collect()
}

/// Stages all landed files. What `plans` would create counts as there.
pub async fn stage(
    cx: &RunContext,
    landed: &Landed,
    plans: &[Plan],
    progress: &StepProgress,
) -> Result<DataSet> {
    register_landed(cx, landed).await?;
    let mapping = mapping(cx)?;
    let mut staged = DataSet::default();
    let name = DataSetName::Staging(cx.entity.name.clone());
    for files in alike(landed) {
        let file = files.first();
        let canonical = canonical_sql(cx, file, &file.texts);
        let sql = stage_sql(&cx.shape, &mapping.sql.text, &canonical, &file.texts);
        let query = format!("staged_{}", file.number);
        let progress = progress.clone();
        let part = u32::try_from(file.number).unwrap_or(0);
        // A mapping that multiplies rows is told with examples, one that never ends is ended.
        let most = files.data_set().rows().saturating_mul(8).saturating_add(100_000);
        let found = references::find(cx, plans, file, &mapping.sql.text, &canonical);
        if let Err(error) = cx.in_time(&mapping.sql, Box::pin(found)).await {
            return Err(blamed(cx, error, mapping, file).await);
        }
        let written = cx.in_time(
            &mapping.sql,
            Box::pin(cx.write_query_read_as(
                file.reading.as_ref(),
                (query.as_str(), sql.as_str()),
                &name,
                (part, Some(most)),
                move |n| progress.advance(n),
            )),
        );
        match written.await {
            Ok(written) => staged.extend(written),
            Err(error) => return Err(blamed(cx, error, mapping, file).await),
        }
    }
    tables::register_files(&cx.session, "staged", &staged).await?;
    if staged.rows() != landed.records() || !mapping.row_by_row {
        row_by_row(cx, mapping, landed, staged.rows()).await?;
    }
    Ok(staged)
}

/// An error of stage, with the place in the mapping where it comes from there.
async fn blamed(cx: &RunContext, error: Error, mapping: &Mapping, file: &LandedFile) -> Error {
    if error.code() == Some(tables::TOO_MANY_ROWS) {
        let message =
            format!("the mapping gives more than 8 rows for each of {} landed rows", file.data_set.rows());
        return blame::at(&mapping.sql, None, &message)
            .with_code(tables::TOO_MANY_ROWS)
            .with_help(ROW_BY_ROW);
    }
    let settings = cx.settings_of(file.reading.as_ref());
    let landed = async {
        let frame = cx.plan_in(&cx.session, &canonical_sql(cx, file, &file.texts)).await?;
        tables::register_view(&cx.session, "landed", frame)
    };
    match landed.await {
        Ok(()) => cx.blame_file(error, &mapping.sql, &settings).await,
        Err(_) => error,
    }
}

const ROW_BY_ROW: &str = "a mapping gives exactly one row per landed row, under its own sequence_number: no filter, no join that multiplies or drops rows";
const NUMBERS: &str = include_str!("../../../sql/steps/stage/numbers.sql");

/// Every landed row must have come out once, under its own number: findings, links and reports speak of rows by it.
async fn row_by_row(cx: &RunContext, mapping: &Mapping, landed: &Landed, rows: u64) -> Result<()> {
    let parts: Vec<String> = alike(landed)
        .iter()
        .map(|files| {
            let table = ident(&raw_table(files.first().number));
            format!("SELECT sequence_number, line_number FROM {table}")
        })
        .collect();
    let sql = NUMBERS.replace("{landed}", &parts.join("\nUNION ALL\n"));
    let (_, batches) = tables::collect_compact(cx.plan(&sql).await?).await?;
    let number = |name: &str| -> Result<Option<i64>> {
        let row = batches.iter().find(|b| b.num_rows() > 0);
        let column = row.and_then(|b| b.column_by_name(name)?.as_primitive_opt::<Int64Type>());
        let column = column.ok_or_else(|| Error::internal("the numbers of rows have an unexpected shape"))?;
        Ok(column.is_valid(0).then(|| column.value(0)))
    };
    let mut wrong = Vec::new();
    for (count, example, what) in [
        ("missing", "missing_line", "left out (such as line"),
        ("doubled", "doubled_line", "there several times (such as line"),
        ("strange", "strange_number", "under numbers of no landed row (such as"),
    ] {
        let rows = number(count)?.unwrap_or(0);
        if rows > 0 {
            let example = number(example)?.map_or_else(|| "one without any".to_owned(), |n| n.to_string());
            wrong.push(format!("{rows} are {what} {example})"));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the mapping gives {rows} rows for {} landed records: {}",
        landed.records(),
        wrong.join(", ")
    );
    Err(blame::at(&mapping.sql, locate::word(&mapping.sql.text, "sequence_number"), &message)
        .with_help(ROW_BY_ROW))
}
