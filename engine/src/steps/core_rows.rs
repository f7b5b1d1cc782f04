//! The core rows that a run touches, as survivorship needs them: every field with the time, the source and the
//! manual mark of its value.
//!
//! Provenance keeps one entry per core row and speaks of single fields only where they differ; this module spreads it
//! over the fields. A field whose value differs from what Importer wrote last (its part of the fingerprint) was
//! edited by the host application: it counts as a manual edit. A core row without provenance was never written by
//! Importer: all its values are the host's.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, SchemaRef, TimestampMicrosecondType};
use futures::StreamExt;
use importer_plans::compile::{FieldShape, Keep, Query, SetShape, Shape, StateTable, ident, literal};

use super::core_tables;
use super::lookup::{self, Question, canonical_json, column, core_type, core_value, schema, time};
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::{DataSetName, Scratch, ScratchWriter};
use crate::progress::{Step, StepProgress};
use crate::store::{Dialect, Session, Table, ident as store_ident};
use crate::tables;

/// Reads the core rows of the table `touched` and registers them as `core_rows`, and their links as `core_links`: what
/// a rollback will put back.
pub async fn core_rows(cx: &RunContext, round: u32, progress: &StepProgress) -> Result<()> {
    let mut about = about_images(cx);
    about.push(About {
        name: "core_links".to_owned(),
        answer: link_schema(),
        sql: Box::new(|dialect, keys| link_question(cx, dialect, keys)),
    });
    ask_all(cx, &about, round).await?;
    spread_provenance(cx, round).await?;
    let queries = [
        Query::new("core_found", Keep::View, core_found_sql(&cx.shape)),
        Query::new("core_rows", Keep::Scratch, core_rows_sql(&cx.shape)),
    ];
    cx.run_queries(&queries, round, progress).await.map(|_| ())
}

/// Reads the core rows of the table `touched`, with their sets and the fingerprint of what was found, as `core_found`.
pub async fn register_images(cx: &RunContext, round: u32, progress: &StepProgress) -> Result<()> {
    ask_all(cx, &about_images(cx), round).await?;
    spread_provenance(cx, round).await?;
    let found = Query::new("core_found", Keep::Scratch, core_found_sql(&cx.shape));
    cx.run_queries(&[found], round, progress).await.map(|_| ())
}

/// Reads some core rows in the caller's transaction, and registers them as [`core_rows`] does.
pub async fn core_rows_of(cx: &RunContext, session: &mut Session, ids: &[i64], round: u32) -> Result<()> {
    let mut about = about_images(cx);
    about.push(About {
        name: "core_links".to_owned(),
        answer: link_schema(),
        sql: Box::new(|dialect, keys| link_question(cx, dialect, keys)),
    });
    let keys: Vec<String> = ids.iter().map(|id| format!("SELECT CAST({id} AS bigint) AS core_id")).collect();
    let keys = format!("({})", keys.join(" UNION ALL "));
    for one in &about {
        let sql = (one.sql)(session.dialect(), &keys);
        let rows = session.read_all(&sql, &[], &one.answer).await?;
        tables::register_rows(&cx.session, &one.name, Arc::clone(&one.answer), rows)?;
    }
    spread_provenance(cx, round).await?;
    let queries = [
        Query::new("core_found", Keep::View, core_found_sql(&cx.shape)),
        Query::new("core_rows", Keep::Scratch, core_rows_sql(&cx.shape)),
    ];
    cx.run_queries(&queries, round, &cx.quiet(Step::Load)).await.map(|_| ())
}

/// Writes a question for the table with its keys.
type QuestionSql<'a> = Box<dyn Fn(Dialect, &str) -> String + Sync + Send + 'a>;

/// One question about the core rows of the table `touched`.
struct About<'a> {
    name: String,
    answer: SchemaRef,
    sql: QuestionSql<'a>,
}

impl About<'_> {
    fn question<'a>(&'a self, keys: &'a SchemaRef) -> Question<'a> {
        Question {
            name: &self.name,
            keys: (WANTED, keys),
            by: "core_id",
            sql: &self.sql,
            answer: &self.answer,
        }
    }
}

fn about_images(cx: &RunContext) -> Vec<About<'_>> {
    let mut about = vec![About {
        name: "core_images".to_owned(),
        answer: image_schema(&cx.shape),
        sql: Box::new(|dialect, keys| image_question(cx, dialect, keys)),
    }];
    about.extend(cx.shape.sets.iter().map(|set| About {
        name: format!("core_{}", set.name),
        answer: set_schema(),
        sql: Box::new(|dialect, keys| set_question(cx, set, dialect, keys)),
    }));
    about
}

/// Asks all of it; where the keys go along with a question, they are gathered once.
async fn ask_all(cx: &RunContext, about: &[About<'_>], round: u32) -> Result<()> {
    let keys = schema(vec![column("core_id", DataType::Int64)]);
    let questions: Vec<Question<'_>> = about.iter().map(|one| one.question(&keys)).collect();
    if let Some(first) = questions.first().filter(|_| lookup::keys_go_along(cx)) {
        let wanted = lookup::gathered(cx, first).await?;
        let questions: Vec<_> = questions.iter().map(|question| (question, &wanted)).collect();
        return lookup::ask_together(cx, &questions, round).await;
    }
    if cx.count(COUNT_WANTED).await? == 0 {
        return about.iter().try_for_each(|one| lookup::no_answer(cx, &one.name, &one.answer));
    }
    for question in &questions {
        lookup::ask(cx, question, round).await?;
    }
    Ok(())
}

/// The columns of a link.
pub fn link_schema() -> SchemaRef {
    schema(vec![
        column("core_id", DataType::Int64),
        column("external_system", DataType::Utf8),
        column("external_id", DataType::Utf8),
        column("is_active", DataType::Boolean),
        column("is_synthetic", DataType::Boolean),
        column("first_seen_at", time()),
        column("last_seen_at", time()),
        column("run_id", DataType::Int64),
        column("last_run_id", DataType::Int64),
        column("last_checksum", DataType::Binary),
        column("last_effective_at", time()),
        column("ingest_version", DataType::Int64),
        column("deactivated_at", time()),
        column("upstream_deleted_reason", DataType::Utf8),
    ])
}

fn link_question(cx: &RunContext, dialect: Dialect, keys: &str) -> String {
    let columns: Vec<String> =
        link_schema().fields().iter().map(|f| format!("m.{}", store_ident(f.name()))).collect();
    format!(
        "SELECT {}\nFROM {keys} k\n{finds} {map} m ON {by_no}m.tenant_id = {tenant} AND {by_no}m.entity_type = {entity} AND m.core_id = k.core_id",
        columns.join(", "),
        finds = dialect.finds(),
        by_no = dialect.unsearched(),
        map = Table::control("external_id_map").sql(dialect),
        tenant = lookup::text(&cx.tenant),
        entity = lookup::text(&cx.entity.name),
    )
}

const WANTED: &str = "SELECT DISTINCT core_id FROM touched WHERE core_id IS NOT NULL";
const COUNT_WANTED: &str = "SELECT count(*) AS n FROM touched WHERE core_id IS NOT NULL";

fn image_schema(shape: &Shape) -> SchemaRef {
    let mut fields = vec![column("core_id", DataType::Int64), column("is_active", DataType::Boolean)];
    fields.extend(shape.core_fields().map(|f| column(&f.name, core_type(f))));
    fields.extend([
        column("written_source", DataType::Utf8),
        column("written_at", time()),
        column("written_fingerprint", DataType::Binary),
        column("fields_json", DataType::Utf8),
        column("written_run_id", DataType::Int64),
        column("written_row", DataType::Int64),
        column("written_action", DataType::Utf8),
        column("has_state", DataType::Boolean),
        column("state_deactivated_at", time()),
        column("state_deleted_reason", DataType::Utf8),
    ]);
    schema(fields)
}

fn image_question(cx: &RunContext, dialect: Dialect, keys: &str) -> String {
    let shape = &cx.shape;
    let (tenant, entity) = (lookup::text(&cx.tenant), lookup::text(&cx.entity.name));
    let fields: String = shape.core_fields().map(|f| format!(", {}", core_value(f, dialect))).collect();
    let (active, kept, state) = match &shape.state {
        Some(state) => (
            format!("coalesce(v.{}, TRUE)", store_ident(&state.active_column)),
            state_columns(state),
            format!(
                "\nLEFT JOIN {} v ON v.tenant_id = {tenant} AND v.{} = c.id",
                core_tables::state(cx, state, dialect),
                store_ident(&state.owner_column)
            ),
        ),
        None => ("TRUE".to_owned(), "FALSE, NULL, NULL".to_owned(), String::new()),
    };
    format!(
        "SELECT c.id, {active}{fields},\n       p.source, p.effective_at, p.fingerprint, p.fields_json, p.run_id, p.sequence_number, p.load_action, {kept}\nFROM {keys} k\n{finds} {core} c ON c.tenant_id = {tenant} AND c.id = k.core_id{state}\nLEFT JOIN {provenance} p ON p.tenant_id = {tenant} AND p.entity_type = {entity} AND p.core_id = c.id",
        finds = dialect.finds(),
        core = core_tables::core(cx, dialect),
        provenance = Table::control("core_provenance").sql(dialect),
    )
}

/// Whether the core row `v` has a row of its own for its state, since when it is not active, and why.
pub fn state_columns(state: &StateTable) -> String {
    let named = |column: &Option<String>| {
        column.as_ref().map_or("NULL".to_owned(), |c| format!("v.{}", store_ident(c)))
    };
    format!(
        "v.{} IS NOT NULL, {}, {}",
        store_ident(&state.owner_column),
        named(&state.since_column),
        named(&state.reason_column)
    )
}

/// The columns of a set's members.
pub fn set_schema() -> SchemaRef {
    schema(vec![
        column("core_id", DataType::Int64),
        column("key", DataType::Utf8),
        column("value", DataType::Utf8),
        column("is_primary", DataType::Boolean),
    ])
}

fn set_question(cx: &RunContext, set: &SetShape, dialect: Dialect, keys: &str) -> String {
    format!(
        "SELECT k.core_id, x.{}, x.{}, x.{}\nFROM {keys} k\n{} {} x ON x.tenant_id = {} AND x.{} = k.core_id",
        store_ident(&set.key_column),
        store_ident(&set.value_column),
        store_ident(&set.primary_column),
        dialect.finds(),
        core_tables::set(cx, set, dialect),
        lookup::text(&cx.tenant),
        store_ident(&set.owner_column),
    )
}

/// The rows of `core_images` with `<field>_at`, `<field>_source` and `<field>_manual`, as `core_spread`.
async fn spread_provenance(cx: &RunContext, round: u32) -> Result<()> {
    let fields: Vec<FieldShape> = cx.shape.core_fields().cloned().collect();
    let base = image_schema(&cx.shape);
    let mut columns: Vec<Field> = base.fields().iter().map(|f| f.as_ref().clone()).collect();
    for field in &fields {
        columns.push(column(&format!("{}_at", field.name), time()));
        columns.push(column(&format!("{}_source", field.name), DataType::Utf8));
        columns.push(column(&format!("{}_marked", field.name), DataType::Boolean));
    }
    let wide = schema(columns);
    let path = cx.paths.part(&DataSetName::Scratch("core_spread".into()), round, 0);
    let mut writer = ScratchWriter::new(&cx.lake, path, Arc::clone(&wide));
    let mut stream = cx.plan("SELECT * FROM core_images").await?.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = canonical_json(&tables::conform(&batch?, &base)?, &cx.shape, cx.store.dialect())?;
        writer.write(spread(&batch, &fields, &wide)?).await?;
    }
    tables::register_scratch(&cx.session, "core_spread", Scratch::of(wide, vec![writer]).await?).await
}

fn spread(batch: &RecordBatch, fields: &[FieldShape], wide: &SchemaRef) -> Result<RecordBatch> {
    let shape = || Error::internal("a core image has an unexpected shape");
    let source =
        batch.column_by_name("written_source").and_then(|c| c.as_string_opt::<i32>()).ok_or_else(shape)?;
    let at = batch
        .column_by_name("written_at")
        .and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>())
        .ok_or_else(shape)?;
    let json =
        batch.column_by_name("fields_json").and_then(|c| c.as_string_opt::<i32>()).ok_or_else(shape)?;
    let documents: Vec<Option<serde_json::Value>> = (0..batch.num_rows())
        .map(|row| json.is_valid(row).then(|| serde_json::from_str(json.value(row))).transpose())
        .collect::<Result<_, _>>()?;
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    for field in fields {
        let (mut ats, mut sources, mut marks) = (
            TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            StringBuilder::new(),
            BooleanBuilder::new(),
        );
        for (row, document) in documents.iter().enumerate() {
            let entry = document.as_ref().and_then(|d| d.get(&field.name));
            let part = |name: &str| entry.and_then(|e| e.get(name));
            let own_at = part("at").and_then(|t| t.as_str()).and_then(instant);
            ats.append_option(own_at.or_else(|| at.is_valid(row).then(|| at.value(row))));
            let own_source = part("source").and_then(|s| s.as_str());
            sources.append_option(own_source.or_else(|| source.is_valid(row).then(|| source.value(row))));
            marks.append_value(part("manual").and_then(|m| m.as_bool()).unwrap_or(false));
        }
        columns.push(Arc::new(ats.finish()));
        columns.push(Arc::new(sources.finish()));
        columns.push(Arc::new(marks.finish()));
    }
    Ok(RecordBatch::try_new(Arc::clone(wide), columns)?)
}

fn instant(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|t| t.timestamp_micros())
}

/// Sets beside the fields, and the fingerprint of both.
fn core_found_sql(shape: &Shape) -> String {
    let mut sets = String::new();
    let mut joins = String::new();
    for set in &shape.sets {
        let (name, table) = (ident(&set.name), ident(&format!("core_{}", set.name)));
        sets.push_str(&format!(", {name}.items AS {name}"));
        joins.push_str(&format!(
            "\nLEFT JOIN (\n  SELECT core_id, row_unpack_list(array_agg(row_pack(named_struct('key', key, 'value', value, 'is_primary', is_primary))), named_struct('key', CAST(NULL AS VARCHAR), 'value', CAST(NULL AS VARCHAR), 'is_primary', CAST(NULL AS BOOLEAN))) AS items\n  FROM {table}\n  GROUP BY core_id\n) {name} ON {name}.core_id = s.core_id"
        ));
    }
    let print = shape.fingerprint(|name| {
        let of_set = shape.sets.iter().any(|s| s.name == name);
        if of_set { format!("{}.items", ident(name)) } else { format!("s.{}", ident(name)) }
    });
    format!("SELECT s.*{sets}, {print} AS found_fingerprint\nFROM core_spread s{joins}")
}

/// Host edits, found by the fingerprint, count as manual.
fn core_rows_sql(shape: &Shape) -> String {
    let mut fields = String::new();
    for (n, field) in shape.core_fields().enumerate() {
        let name = ident(&field.name);
        // Place 0 of a fingerprint is its layout.
        let place = n + 1;
        let edited = format!(
            "edited_since(x.written_fingerprint, x.found_fingerprint, {place}, x.{name} IS NOT NULL)"
        );
        let (at, source) = (ident(&format!("{}_at", field.name)), ident(&format!("{}_source", field.name)));
        let (manual, marked) =
            (ident(&format!("{}_manual", field.name)), ident(&format!("{}_marked", field.name)));
        fields.push_str(&format!(
            ",\n       x.{name}, CASE WHEN {edited} THEN $landed_at ELSE x.{at} END AS {at},\n       CASE WHEN {edited} THEN {host} ELSE x.{source} END AS {source}, x.{marked} OR {edited} AS {manual}",
            host = literal("host")
        ));
    }
    let names: String = shape.sets.iter().map(|s| format!(", x.{}", ident(&s.name))).collect();
    format!(
        "SELECT x.core_id, x.is_active, coalesce(k.active_links, 0) AS active_links, x.written_at AS effective_at{names}{fields},\n       x.has_state, x.state_deactivated_at, x.state_deleted_reason, x.written_fingerprint, x.written_source, x.written_at, x.written_run_id, x.written_row, x.written_action, x.fields_json AS written_fields_json\nFROM core_found x\nLEFT JOIN (\n  SELECT core_id, count(*) AS active_links FROM core_links WHERE is_active GROUP BY core_id\n) k ON k.core_id = x.core_id"
    )
}
