//! stage: canonical typed columns, normalised keys and the row checksum, from the landed text.

use importer_plans::compile::stage::{landed_sql, stage_sql};
use importer_plans::compile::texts::FileTexts;
use importer_plans::compile::{Keep, Query};
use importer_plans::project::{Mapping, NewColumns};

use super::alike::{alike, file_function};
use super::land::{Landed, LandedFile};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{DataSet, DataSetName};
use crate::progress::StepProgress;
use crate::run::RunContext;
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
    for session in [&cx.session, &cx.quick] {
        session.register_udf(file_function(landed));
    }
    for files in alike(landed) {
        let file = files.first();
        tables::register_files(&cx.session, &raw_table(file.number), &files.data_set()).await?;
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
    landed_sql(&cx.shape, &raw_table(file.number), &borrowed(file), &unmapped, texts)
}

/// The assignments of a file as the compiler takes them.
pub fn borrowed(file: &LandedFile) -> Vec<(&str, Vec<&str>)> {
    file.assignments.iter().map(|(f, c)| (f.as_str(), c.iter().map(String::as_str).collect())).collect()
}

/// Stages all landed files.
pub async fn stage(cx: &RunContext, landed: &Landed, progress: &StepProgress) -> Result<DataSet> {
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
        let written = cx
            .write_query_read_as(
                file.reading.as_ref(),
                (query.as_str(), sql.as_str()),
                &name,
                part,
                move |n| progress.advance(n),
            )
            .await
            .map_err(|e| e.context(format!("mapping {}", mapping.sql.path)))?;
        staged.extend(written);
    }
    tables::register_files(&cx.session, "staged", &staged).await?;
    if staged.rows() != landed.records() {
        return Err(Error::new(
            ErrorKind::Project,
            format!(
                "the mapping {} gives {} rows for {} landed records",
                mapping.sql.path,
                staged.rows(),
                landed.records()
            ),
        )
        .with_help("a mapping gives exactly one row per landed row: no filter, no join that multiplies or drops rows"));
    }
    Ok(staged)
}
