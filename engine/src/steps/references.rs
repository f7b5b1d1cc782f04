//! What the store knows of the records that rows name, before stage joins it: one question for each way in which a field
//! may name one, by the distinct texts of a file. See `importer_plans::compile::references`.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef};
use importer_plans::compile::references::{IS_PLANNED, found_table, references, wanted_sql, with_plans};
use importer_plans::compile::{FieldShape, ReferenceShape, WayShape, ident, with_tenant};

use super::land::LandedFile;
use super::lookup::{self, Question, column, schema};
use crate::context::RunContext;
use crate::error::Result;
use crate::lake::{DataSet, DataSetName, Scratch};
use crate::store::{Dialect, Table};
use crate::tables;

/// What a dry run before this one in its set would do: its records count as there.
pub struct Plan {
    pub run: i64,
    pub entity: String,
    pub changes: DataSet,
}

/// Asks for the records that the rows of a file name, behind its mapping, and registers the answers.
pub async fn find(
    cx: &RunContext,
    plans: &[Plan],
    file: &LandedFile,
    mapping: &str,
    canonical: &str,
) -> Result<()> {
    for (field, reference) in references(&cx.shape) {
        let named = register_plans(cx, plans, reference).await?;
        for (n, (word, way)) in reference.ways.iter().enumerate() {
            let wanted = wanted_sql(&cx.shape, (mapping, canonical, &file.texts), field, way);
            ask(cx, file, (field, reference), (n, way), &wanted).await?;
            let found = found_table(field, n);
            if let Some(sql) = with_plans((word.as_str(), way), &found, &wanted_table(&found), &named) {
                count_planned(cx, &found, &sql, part_of(file)).await?;
            }
        }
    }
    Ok(())
}

/// The changes of the plans of an entity as tables, each with its run.
async fn register_plans(
    cx: &RunContext,
    plans: &[Plan],
    reference: &ReferenceShape,
) -> Result<Vec<(String, i64)>> {
    let mut named = Vec::new();
    for plan in plans.iter().filter(|plan| plan.entity == reference.to) {
        let table = format!("planned_{}", plan.run);
        tables::register_files(&cx.session, &table, &plan.changes).await?;
        named.push((table, plan.run));
    }
    Ok(named)
}

/// Puts the owners of keys as they would be once plans are loaded in the place of those that the store knows.
async fn count_planned(cx: &RunContext, found: &str, sql: &str, part: u32) -> Result<()> {
    let table = format!("planned_{found}");
    let begun = cx.trace.begin();
    let streams = tables::nullable_streams(cx.plan(sql).await?).await?;
    let data_set = DataSetName::Scratch(table.clone());
    let scratch = Scratch::write(&cx.lake, &cx.paths, &data_set, part, streams).await?;
    cx.trace.end(&begun, &table, sql, scratch.rows());
    tables::register_scratch(&cx.session, found, scratch).await
}

fn wanted_table(found: &str) -> String {
    format!("wanted_{found}")
}

fn part_of(file: &LandedFile) -> u32 {
    u32::try_from(file.number).unwrap_or(0)
}

/// How many records that staged rows name are not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gone {
    /// A plan would create them. They were never there.
    pub planned: u64,
    /// They were there: somebody has removed them, or taken their run back, between stage and now.
    pub removed: u64,
}

/// Looks for the records that staged rows name. A dry run goes on with those that a plan would create.
pub async fn gone(cx: &RunContext) -> Result<Gone> {
    let mut gone = Gone::default();
    for (field, reference) in references(&cx.shape) {
        let (name, column) = (found_table(field, 0), ident(&field.name));
        let keys = keys_of(&WayShape::CoreId);
        let is_looked_for = match cx.settings.dry_run && !cx.plans.is_empty() {
            true => format!("{column} IS NOT NULL AND NOT ({column} {IS_PLANNED})"),
            false => format!("{column} IS NOT NULL"),
        };
        let wanted = format!(
            "SELECT DISTINCT CAST({column} AS VARCHAR) AS key, {column} AS value FROM staged WHERE {is_looked_for}"
        );
        let sql = |dialect: Dialect, keys: &str| question(cx, reference, &WayShape::CoreId, dialect, keys);
        let answer = answer();
        let question =
            Question { name: &name, keys: (&wanted, &keys), by: "key", sql: &sql, answer: &answer };
        lookup::ask(cx, &question, 0).await?;
        let missing = format!(
            "SELECT count(CASE WHEN w.value {IS_PLANNED} THEN 1 END) AS planned, count(*) AS missing FROM ({wanted}) w LEFT ANTI JOIN {} f ON f.key = w.key",
            ident(&name)
        );
        let (_, counted) = tables::collect_compact(cx.plan(&missing).await?).await?;
        let counts = counted.iter().find(|batch| batch.num_rows() > 0);
        let count = |column: usize| {
            let n = counts.map_or(0, |batch| batch.column(column).as_primitive::<Int64Type>().value(0));
            u64::try_from(n).unwrap_or(0)
        };
        let (planned, missing) = (count(0), count(1));
        gone.planned += planned;
        gone.removed += missing.saturating_sub(planned);
    }
    Ok(gone)
}

/// The columns of an answer: a key, the core id of its owner, and how many owners it has.
pub fn answer() -> SchemaRef {
    schema(vec![
        column("key", DataType::Utf8),
        column("core_id", DataType::Int64),
        column("owners", DataType::Int64),
    ])
}

async fn ask(
    cx: &RunContext,
    file: &LandedFile,
    (field, reference): (&FieldShape, &ReferenceShape),
    (n, way): (usize, &WayShape),
    wanted: &str,
) -> Result<()> {
    let name = found_table(field, n);
    let keys = keys_of(way);
    let part = part_of(file);
    let table = wanted_table(&name);
    let begun = cx.trace.begin();
    let frame = cx.plan_as(file.reading.as_ref(), wanted).await?;
    let streams = tables::nullable_streams(frame).await?;
    let data_set = DataSetName::Scratch(table.clone());
    let scratch = Scratch::write(&cx.lake, &cx.paths, &data_set, part, streams).await?;
    cx.trace.end(&begun, &table, wanted, scratch.rows());
    tables::register_scratch(&cx.session, &table, scratch).await?;
    let columns: Vec<&str> = keys.fields().iter().map(|field| field.name().as_str()).collect();
    let keys_sql = format!("SELECT {} FROM {}", columns.join(", "), ident(&table));
    let sql = |dialect: Dialect, keys: &str| question(cx, reference, way, dialect, keys);
    let answer = answer();
    let question = Question { name: &name, keys: (&keys_sql, &keys), by: "key", sql: &sql, answer: &answer };
    lookup::ask(cx, &question, part).await
}

fn keys_of(way: &WayShape) -> SchemaRef {
    let key = column("key", DataType::Utf8);
    let value = |data_type| vec![key.clone(), column("value", data_type)];
    schema(match way {
        WayShape::ExternalId => {
            vec![key, column("system", DataType::Utf8), column("id", DataType::Utf8)]
        }
        WayShape::CoreId => value(DataType::Int64),
        WayShape::Set { .. } => value(DataType::Utf8),
        WayShape::Field { kind, options, .. } => value(lookup::type_of(*kind, options)),
    })
}

/// The owners of keys, each key on its own. A link whose record somebody has removed names none.
fn question(
    cx: &RunContext,
    reference: &ReferenceShape,
    way: &WayShape,
    dialect: Dialect,
    keys: &str,
) -> String {
    let (tenant, finds) = (lookup::text(&cx.tenant), dialect.finds());
    let of_tenant =
        |table: &str, has_tenant: bool| with_tenant(&Table::core(table).sql(dialect), &tenant, has_tenant);
    let core = of_tenant(&reference.table, reference.has_tenant);
    let id = ident(&reference.id_column);
    let record = |owner: &str| format!("{finds} {core} c ON c.tenant_id = {tenant} AND c.{id} = {owner}");
    let owners = match way {
        WayShape::ExternalId => {
            let (map, to) = (Table::control("external_id_map").sql(dialect), lookup::text(&reference.to));
            format!(
                "{finds} {map} m ON m.tenant_id = {tenant} AND m.entity_type = {to} AND m.external_system = k.system AND m.external_id = k.id\n{}",
                record("m.core_id")
            )
        }
        WayShape::CoreId => record("k.value"),
        WayShape::Set { table, key_column, owner_column, has_tenant, .. } => format!(
            "{finds} {} x ON x.tenant_id = {tenant} AND x.{} = k.value\n{}",
            of_tenant(table, *has_tenant),
            ident(key_column),
            record(&format!("x.{}", ident(owner_column)))
        ),
        WayShape::Field { column, .. } => {
            format!("{finds} {core} c ON c.tenant_id = {tenant} AND c.{} = k.value", ident(column))
        }
    };
    format!(
        "SELECT k.key, min(c.{id}) AS core_id, count(DISTINCT c.{id}) AS owners\nFROM {keys} k\n{owners}\nGROUP BY k.key"
    )
}
