//! Questions to core, always by keys and never row by row: the keys go to the store (by COPY into a temporary table, or
//! along with the question where a small run may send them so), the database joins, the hits stream back into a scratch
//! table. Whether it starts from the keys is up to the database, or it is told to ([`Dialect::finds`]).
//!
//! - [`question`]: what is asked; [`together`]: keys that go along with their questions.

mod question;
mod together;

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::dataframe::DataFrame;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use futures::future::try_join_all;
use futures::stream::select_all;
use importer_plans::compile::{FieldKind, FieldShape, KindOptions, Shape};
use importer_sql::functions::json_canonical_str;

use crate::context::{RunContext, Traced};
use crate::error::Result;
use crate::lake::{DataSet, Scratch, ScratchWriter};
use crate::store::{Dialect, Session, Table, ident, stored_text};
use crate::tables;
pub use question::Question;
use question::answer_part;
use together::asked_together;
pub use together::{Keys, gathered};

/// A field of an exchange schema; everything may be NULL.
pub fn column(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

/// Microseconds in UTC, the one type of time.
pub fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The Arrow type of a core field.
pub fn core_type(field: &FieldShape) -> DataType {
    type_of(field.kind, &field.options)
}

/// The Arrow type of values of a kind.
pub fn type_of(kind: FieldKind, options: &KindOptions) -> DataType {
    match kind {
        FieldKind::Date => DataType::Date32,
        FieldKind::Timestamp => time(),
        FieldKind::Integer | FieldKind::Duration | FieldKind::Reference => DataType::Int64,
        FieldKind::Boolean => DataType::Boolean,
        FieldKind::Decimal => {
            DataType::Decimal128(options.precision, i8::try_from(options.scale).unwrap_or(i8::MAX))
        }
        FieldKind::Time => DataType::Time64(TimeUnit::Microsecond),
        FieldKind::List => DataType::new_list(type_of(options.item, options), true),
        _ => DataType::Utf8,
    }
}

/// A core field of the row `c` as the store gives it: what Arrow has another way to write comes as text.
pub fn core_value(field: &FieldShape, dialect: Dialect) -> String {
    let column = format!("c.{}", ident(&field.name));
    match field.kind.is_of_own_type() {
        true => stored_text(dialect, &column, field.kind == FieldKind::List),
        false => column,
    }
}

/// Core rows with their JSON in its one spelling, whatever the store gives back.
pub fn canonical_json(batch: &RecordBatch, shape: &Shape, dialect: Dialect) -> Result<RecordBatch> {
    let of_json: Vec<&str> = shape
        .core_fields()
        .filter(|field| dialect.respells_json() && field.kind == FieldKind::Json)
        .map(|field| field.name.as_str())
        .collect();
    if of_json.is_empty() {
        return Ok(batch.clone());
    }
    let mut columns = batch.columns().to_vec();
    for (column, field) in columns.iter_mut().zip(batch.schema().fields()) {
        if of_json.contains(&field.name().as_str())
            && let Some(texts) = column.as_string_opt::<i32>()
        {
            let texts = texts
                .iter()
                .map(|text| text.map(|text| json_canonical_str(text).unwrap_or_else(|| text.to_owned())));
            *column = Arc::new(texts.collect::<StringArray>());
        }
    }
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

/// Whether keys go along with their question, as arrays: those of a small run, where the store takes them so.
pub fn keys_go_along(cx: &RunContext) -> bool {
    cx.is_small() && cx.store.dialect().rows_go_along()
}

/// Sends the keys to the store, asks, and registers the answer as a scratch table. Keys are divided between as many
/// connections as the store answers over.
pub async fn ask(cx: &RunContext, question: &Question<'_>, round: u32) -> Result<()> {
    if keys_go_along(cx) {
        let keys = gathered(cx, question).await?;
        return ask_together(cx, &[(question, &keys)], round).await;
    }
    let begun = cx.trace.begin();
    let parts = asked(cx, question, round).await?;
    answered(cx, question, &begun, parts).await
}

/// [`ask`] of several questions about keys that were gathered in the order of the index.
pub async fn ask_together(cx: &RunContext, questions: &[(&Question<'_>, &Keys)], round: u32) -> Result<()> {
    let begun: Vec<Traced> = questions.iter().map(|_| cx.trace.begin()).collect();
    let parts = asked_together(cx, questions, round).await?;
    for (((question, _), begun), parts) in questions.iter().zip(&begun).zip(parts) {
        if parts.is_empty() {
            no_answer(cx, question.name, question.answer)?;
        } else {
            answered(cx, question, begun, parts).await?;
        }
    }
    Ok(())
}

/// [`ask`], with an answer that outlives the process.
pub async fn ask_and_keep(cx: &RunContext, question: &Question<'_>, round: u32) -> Result<DataSet> {
    let begun = cx.trace.begin();
    let mut parts = if keys_go_along(cx) {
        let keys = gathered(cx, question).await?;
        asked_together(cx, &[(question, &keys)], round).await?.pop().unwrap_or_default()
    } else {
        asked(cx, question, round).await?
    };
    if parts.is_empty() {
        parts.push(answer_part(cx, question, round, 0));
    }
    let answer = Scratch::keep(parts).await?;
    tables::register_files(&cx.session, question.name, &answer).await?;
    told(cx, question, &begun, answer.rows());
    Ok(answer)
}

async fn answered(
    cx: &RunContext,
    question: &Question<'_>,
    begun: &Traced,
    parts: Vec<ScratchWriter>,
) -> Result<()> {
    let answer = Scratch::of(Arc::clone(question.answer), parts).await?.spread(cx.settings.partitions);
    let rows = answer.rows();
    tables::register_scratch(&cx.session, question.name, answer).await?;
    told(cx, question, begun, rows);
    Ok(())
}

fn told(cx: &RunContext, question: &Question<'_>, begun: &Traced, rows: u64) {
    let sql = (question.sql)(cx.store.dialect(), question.name);
    cx.trace.end(begun, &format!("{} (asked of the database)", question.name), &sql, rows);
}

async fn asked(cx: &RunContext, question: &Question<'_>, round: u32) -> Result<Vec<ScratchWriter>> {
    let keys = cx.plan(question.keys.0).await?;
    // In the order of the index its pages are read one after the other: 20 % less time for keys that mostly are not there.
    // Many keys are joined in the order of the table anyhow.
    let streams = match cx.is_small() {
        true => tables::sorted_streams(keys, question.by).await?,
        false => tables::streams(keys).await?,
    };
    let count = cx.store.dialect().question_lanes().min(streams.len()).max(1);
    let mut lanes: Vec<Vec<SendableRecordBatchStream>> = (0..count).map(|_| Vec::new()).collect();
    for (n, stream) in streams.into_iter().enumerate() {
        lanes[n % count].push(stream);
    }
    try_join_all(lanes.into_iter().enumerate().map(|(lane, streams)| async move {
        ask_lane(cx, question, streams, answer_part(cx, question, round, lane)).await
    }))
    .await
}

async fn ask_lane(
    cx: &RunContext,
    question: &Question<'_>,
    streams: Vec<SendableRecordBatchStream>,
    mut writer: ScratchWriter,
) -> Result<ScratchWriter> {
    let mut session = cx.store.begin().await?;
    let dialect = session.dialect();
    let name = format!("importer_{}", question.name);
    let table = send_streams(&mut session, &name, streams, question.keys.1).await?;
    let sql = (question.sql)(dialect, &table.sql(dialect));
    {
        let mut reader = session.read(&sql, &[], question.answer).await?;
        while let Some(batch) = reader.next().await? {
            writer.write(batch).await?;
        }
    }
    session.rollback().await?;
    Ok(writer)
}

/// An empty answer under the name it would have had.
pub fn no_answer(cx: &RunContext, name: &str, answer: &SchemaRef) -> Result<()> {
    tables::register_rows(&cx.session, name, Arc::clone(answer), Vec::new())
}

/// Fills a temporary table of the store with the rows of a query.
pub async fn send_rows(
    cx: &RunContext,
    session: &mut Session,
    name: &str,
    sql: &str,
    schema: &SchemaRef,
) -> Result<Table> {
    send_frame(session, name, cx.plan(sql).await?, schema).await
}

/// Fills a temporary table of the store with the rows of a frame.
pub async fn send_frame(
    session: &mut Session,
    name: &str,
    frame: DataFrame,
    schema: &SchemaRef,
) -> Result<Table> {
    send_streams(session, name, vec![frame.execute_stream().await?], schema).await
}

async fn send_streams(
    session: &mut Session,
    name: &str,
    streams: Vec<SendableRecordBatchStream>,
    schema: &SchemaRef,
) -> Result<Table> {
    let table = session.create_temp(name, schema).await?;
    let mut copy = session.copy_in(&table, schema).await?;
    // All of them in turn: one that is not asked would fill up behind the others.
    let mut batches = select_all(streams);
    while let Some(batch) = batches.next().await {
        let batch = tables::conform(&batch?, schema)?;
        if batch.num_rows() > 0 {
            copy.send(&batch).await?;
        }
    }
    copy.finish().await?;
    session.analyze_temp(&table).await?;
    Ok(table)
}

/// Quotes a text value for a statement that takes no parameters (COPY). Only for names that were checked: the tenant
/// and the entity.
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// The name columns of the core row, NULL where the entity has none.
pub fn identity_columns(shape: &Shape, alias: &str) -> String {
    let one = |field: &Option<String>, name: &str| match field {
        Some(f) => format!("{alias}.{} AS {name}", ident(f)),
        None => format!("NULL AS {name}"),
    };
    [one(&shape.given, "given"), one(&shape.family, "family"), one(&shape.born, "born")].join(", ")
}

/// The main e-mail of the core row, NULL where the entity has none.
pub fn mail_column(shape: &Shape, alias: &str) -> String {
    match shape.main_mail().filter(|(_, field)| field.core) {
        Some((_, field)) => format!("{alias}.{} AS mail", ident(&field.name)),
        None => "NULL AS mail".to_owned(),
    }
}

/// The schema of [`identity_columns`].
pub fn identity_fields() -> Vec<Field> {
    vec![column("given", DataType::Utf8), column("family", DataType::Utf8), column("born", DataType::Date32)]
}

/// A schema of nullable columns.
pub fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}
