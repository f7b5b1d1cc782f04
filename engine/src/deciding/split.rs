//! Split: records that imports took for one person leave the core row of the others, and get a row of their own. What that row
//! is, their last records say; what the other one had from them alone goes to the best of the records that stay.

use std::collections::BTreeSet;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use importer_plans::compile::load::Image;
use importer_plans::compile::merging::{fingerprint_sql, places as fields_of};
use importer_plans::compile::{ident, literal, splitting};
use importer_plans::project::LoadMode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admit::{Asked, entity_of};
use super::begin::{begin, ended, ledger};
use super::log::PartedField;
use super::provenance::mixed;
use super::read::{Place, core_table, lock, places, stands};
use super::refusal::refused;
use super::replay::staged;
use super::transaction::{audit, close, open};
use super::winner::{first_bytes, shown_of};
use super::write::update;
use crate::context::RunContext;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::steps::load::{Lane, Target};
use crate::store::{
    DecidedChange, IdRequest, LinkRow, NUMBER, NewVerdict, ProvenanceRow, RecordLink, Session,
};
use crate::tables;

/// Which records shall leave which row.
#[derive(Debug, Clone, Default)]
pub struct SplitRequest {
    pub entity: String,
    pub row: i64,
    /// External system and id.
    pub links: Vec<RecordLink>,
    /// Values of sensitive fields as they are.
    pub show: bool,
    pub dry_run: bool,
    pub triggered_by: Option<String>,
}

/// What a split did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitReport {
    pub run_id: Option<i64>,
    pub dry_run: bool,
    pub entity: String,
    pub row: i64,
    /// The row of the records that left.
    pub new_row: i64,
    pub links: u64,
    pub fields: Vec<PartedField>,
}

/// Does it as a run of its own.
pub async fn split(engine: &Engine, request: &SplitRequest) -> Result<SplitReport> {
    entity_of(engine, &request.entity)?;
    if request.links.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "which records shall leave the row?")
            .with_help("name them by their external ids: --link crm:V-4"));
    }
    let asked = Asked::Split { row: request.row, links: request.links.clone() };
    let begun =
        begin(engine, &request.entity, &asked, request.triggered_by.as_deref(), request.dry_run).await?;
    let outcome = match begun.done().await? {
        Some(done) => Ok(serde_json::from_value(done)?),
        None => split_now(engine, &begun.cx, request).await,
    };
    ended(begun, outcome, |report: &SplitReport| json!({ "split": 1, "links": report.links })).await
}

async fn split_now(engine: &Engine, cx: &RunContext, request: &SplitRequest) -> Result<SplitReport> {
    let new_row = new_id(cx).await?;
    let mut session = open(engine, cx).await?;
    let done = inside(cx, &mut session, request, new_row).await;
    if request.dry_run && done.is_ok() {
        session.rollback().await?;
        return done.map(|report| SplitReport { dry_run: true, ..report });
    }
    close(session, done).await
}

/// A number of the table's own; the run that asks again gets the same.
async fn new_id(cx: &RunContext) -> Result<i64> {
    let core = &cx.shape.core;
    let (table, id_column) = match &core.numbers {
        Some(numbers) => (numbers, NUMBER),
        None => (&cx.shape.core_table, core.id_column.as_str()),
    };
    let request = IdRequest {
        entity: cx.entity.name.clone(),
        round: 0,
        table: table.clone(),
        id_column: id_column.to_owned(),
        has_tenant: core.has_tenant && core.numbers.is_none(),
        count: 1,
    };
    let taken = cx.store.take_ids(&cx.fence, &request).await?;
    taken.first().map(|range| range.first).ok_or_else(|| Error::internal("no core id was taken"))
}

async fn inside(
    cx: &RunContext,
    session: &mut Session,
    request: &SplitRequest,
    new_row: i64,
) -> Result<SplitReport> {
    let (entity, row) = (&cx.entity.name, request.row);
    let tables = places(cx, session).await?;
    lock(session, &tables, &[row]).await?;
    if !stands(session, &tables, row).await? {
        return Err(Error::new(ErrorKind::Usage, format!("there is no {entity} {row} in core"))
            .with_help(format!("`importer why core {entity} {row}` tells what became of it"))
            .with_code("NOT_FOUND"));
    }
    let all = session.links_of(&cx.tenant, entity, row).await?;
    let (leaving, staying) = chosen(request, &all)?;
    let (leaving, staying) = (leaving.as_slice(), staying.as_slice());
    let before = shown_of(cx, session, &[row], 0).await?.remove(&row).unwrap_or_default();
    records(cx, (leaving, staying)).await?;
    let back = given_back(cx, row).await?;
    let newest = newest(cx).await?;
    leave(cx, session, (leaving, newest.0), new_row).await?;
    stay(cx, session, &tables, (staying, newest.1), (row, back.as_slice())).await?;
    decide(cx, session, (leaving, staying)).await?;
    let after = shown_of(cx, session, &[row, new_row], 1).await?;
    let fields = PartedField::all(&before, &after, [row, new_row]);
    log_changes(cx, session, row, &fields).await?;
    let report = SplitReport {
        run_id: Some(cx.run_id),
        dry_run: false,
        entity: entity.clone(),
        row,
        new_row,
        links: leaving.len() as u64,
        fields,
    };
    let details = json!({ "row": row, "new_row": new_row, "links": report.links, "given_back": back });
    audit(cx, session, ("SPLIT", "core_row", row), details).await?;
    let brief = SplitReport { fields: Vec::new(), ..report.clone() };
    ledger(cx, session, 0, (2, serde_json::to_value(brief)?)).await?;
    fail::fail_point!("deciding::before_commit", |_| Err(Error::internal(
        "failpoint deciding::before_commit"
    )));
    Ok(report)
}

/// Makes the row of the records that leave.
async fn leave(
    cx: &RunContext,
    session: &mut Session,
    (links, at): (&[LinkRow], Option<i64>),
    new_row: i64,
) -> Result<()> {
    let (rows, print) = change(cx, &splitting::leaving_sql(&cx.shape, new_row), Image::Created).await?;
    for (load, rows) in cx.entity.loads.iter().zip(&rows) {
        let columns = rows.schema.fields().iter().map(|f| f.name().clone()).collect();
        session.copy_batches(&Target::new(load, &cx.shape, columns).place(), &rows.batches).await?;
    }
    let entity = &cx.entity.name;
    let said = said(cx, (links, at), print);
    session.set_provenance(&cx.fence, entity, new_row, Some(&said)).await?;
    for link in links {
        session.move_link(&cx.fence, entity, link, (new_row, true)).await?;
    }
    Ok(())
}

/// Makes of the row what the records that stay say of it.
async fn stay(
    cx: &RunContext,
    session: &mut Session,
    tables: &[Place],
    (links, at): (&[LinkRow], Option<i64>),
    (row, back): (i64, &[String]),
) -> Result<()> {
    let going = going(cx).await?;
    let (rows, print) = change(cx, &splitting::staying_sql(&cx.shape, row, back), Image::After).await?;
    for (load, rows) in cx.entity.loads.iter().zip(&rows) {
        let columns = rows.schema.fields().iter().map(|f| f.name().clone()).collect();
        update(session, &Target::new(load, &cx.shape, columns), rows).await?;
    }
    for place in tables.iter().filter(|place| place.mode == LoadMode::ChildSet) {
        let set = cx.shape.sets.iter().find(|set| place.load.as_ref().is_some_and(|l| l.table == set.table));
        for member in place.rows(session, row).await? {
            let key = set.and_then(|set| member.get(&set.key_column)).and_then(|cell| cell.as_str());
            if key.is_some_and(|key| going.contains(key)) {
                session.take_away(&place.shelf, &place.key, &member).await?;
            }
        }
    }
    let own = session.provenance_of(&cx.tenant, &cx.entity.name, row).await?;
    let others = said(cx, (links, at), print.clone());
    let of_others = |field: &str| back.iter().any(|back| back == field);
    let own = mixed((own.as_ref(), Some(&others)), &print, &fields_of(&cx.shape), of_others);
    Ok(session.set_provenance(&cx.fence, &cx.entity.name, row, own.as_ref()).await?)
}

/// The links that leave and those that stay.
fn chosen(request: &SplitRequest, all: &[LinkRow]) -> Result<(Vec<LinkRow>, Vec<LinkRow>)> {
    let wanted = |link: &LinkRow| request.links.iter().any(|(s, id)| (s, id) == (&link.system, &link.id));
    let (leaving, staying): (Vec<LinkRow>, Vec<LinkRow>) = all.iter().cloned().partition(wanted);
    let known: Vec<String> = all.iter().map(|link| format!("{}:{}", link.system, link.id)).collect();
    if leaving.len() < request.links.len() {
        return Err(refused(
            "SPLIT_LINK",
            format!("not all of these external ids lead to row {}", request.row),
            format!("those that do: {}", known.join(", ")),
        ));
    }
    if staying.is_empty() {
        return Err(refused(
            "SPLIT_ALL",
            format!("no external id would stay with row {}", request.row),
            "leave out those of the person that the row is about",
        ));
    }
    Ok((leaving, staying))
}

/// Registers `split_records`: the last record of each link, as its run staged it.
async fn records(cx: &RunContext, (leaving, staying): (&[LinkRow], &[LinkRow])) -> Result<()> {
    let names: Vec<String> = cx
        .shape
        .core_fields()
        .map(|field| field.name.as_str())
        .chain(cx.shape.sets.iter().map(|set| set.name.as_str()))
        .map(ident)
        .collect();
    let mut parts = Vec::new();
    let links = leaving.iter().map(|link| (link, true)).chain(staying.iter().map(|link| (link, false)));
    for (link, leaves) in links {
        let table = format!("split_run_{}", link.last_run);
        if !staged(cx, link.last_run, &table).await? {
            return Err(refused(
                "SPLIT_NO_RECORD",
                format!(
                    "what {}:{} said last, in run {}, is no longer in the lake",
                    link.system, link.id, link.last_run
                ),
                "import its record again, then split",
            ));
        }
        parts.push(format!(
            "(SELECT {leaves} AS is_chosen, effective_at, {} FROM {} WHERE link_system = {} AND link_id = {} ORDER BY effective_at DESC, sequence_number DESC LIMIT 1)",
            names.join(", "),
            ident(&table),
            literal(&link.system),
            literal(&link.id)
        ));
    }
    let (schema, rows) = tables::collect_compact(cx.plan(&parts.join("\nUNION ALL\n")).await?).await?;
    let found: usize = rows.iter().map(|batch| batch.num_rows()).sum();
    if found < leaving.len() + staying.len() {
        return Err(Error::internal("a run does not have the record of a link that it has seen"));
    }
    tables::register_rows(&cx.session, "split_records", schema, rows)
}

async fn given_back(cx: &RunContext, row: i64) -> Result<Vec<String>> {
    let (_, batches) =
        tables::collect_compact(cx.plan(&splitting::given_back_sql(&cx.shape, row)).await?).await?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(Vec::new()) };
    let is_back =
        |name: &str| batch.column_by_name(name).and_then(|c| c.as_boolean_opt()).is_some_and(|c| c.value(0));
    Ok(cx.shape.core_fields().map(|f| f.name.clone()).filter(|name| is_back(name)).collect())
}

/// Keys of sets that only the records that leave have.
async fn going(cx: &RunContext) -> Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for set in &cx.shape.sets {
        let (_, batches) = tables::collect_compact(cx.plan(&splitting::going_sql(set)).await?).await?;
        for batch in &batches {
            let texts = cast(batch.column(0), &DataType::Utf8)?;
            keys.extend(texts.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    Ok(keys)
}

/// What the load files make of a change, and its fingerprint.
async fn change(
    cx: &RunContext,
    sql: &str,
    image: Image,
) -> Result<(Vec<crate::steps::load::Rows>, Vec<u8>)> {
    let (schema, rows) = tables::collect_compact(cx.plan(sql).await?).await?;
    tables::register_rows(&cx.session, "chunk", schema, rows)?;
    let print = first_bytes(cx, &fingerprint_sql(&cx.shape)).await?;
    Ok((Lane::over(cx, cx.session.clone()).image_rows(image).await?, print))
}

/// How new the newest record of those that leave, and of those that stay, is.
async fn newest(cx: &RunContext) -> Result<(Option<i64>, Option<i64>)> {
    let sql = "SELECT max(arrow_cast(effective_at, 'Int64')) FILTER (WHERE is_chosen) AS leaving, max(arrow_cast(effective_at, 'Int64')) FILTER (WHERE NOT is_chosen) AS staying FROM split_records";
    let (_, batches) = tables::collect_compact(cx.plan(sql).await?).await?;
    let Some(batch) = batches.first() else { return Ok((None, None)) };
    let at = |column: usize| {
        let times = batch.column(column).as_primitive_opt::<datafusion::arrow::datatypes::Int64Type>();
        times.and_then(|times| times.iter().next().flatten())
    };
    Ok((at(0), at(1)))
}

/// Who wrote a row that is made of records.
fn said(cx: &RunContext, (links, at): (&[LinkRow], Option<i64>), fingerprint: Vec<u8>) -> ProvenanceRow {
    ProvenanceRow {
        fingerprint,
        source: links.first().map(|link| link.system.clone()).unwrap_or_default(),
        effective_at: at,
        run_id: cx.run_id,
        sequence_number: None,
        load_action: "created".to_owned(),
        fields: None,
    }
}

/// The records that left are not those that stayed.
async fn decide(
    cx: &RunContext,
    session: &mut Session,
    (leaving, staying): (&[LinkRow], &[LinkRow]),
) -> Result<()> {
    let table = core_table(cx);
    let record = |link: &LinkRow| -> RecordLink { (link.system.clone(), link.id.clone()) };
    for one in leaving {
        for other in staying {
            let (one, other) = (record(one), record(other));
            let verdict = NewVerdict {
                core_table: &table,
                records: (&one, &other),
                same: false,
                suggestion: None,
                run: Some(cx.run_id),
                actor: &cx.actor,
            };
            session.decide_pair(&cx.tenant, &verdict).await?;
        }
    }
    Ok(())
}

async fn log_changes(cx: &RunContext, session: &mut Session, row: i64, fields: &[PartedField]) -> Result<()> {
    for field in fields.iter().filter(|field| field.merged != field.winner) {
        let change = DecidedChange {
            entity: &cx.entity.name,
            core_id: row,
            field: &field.field,
            ordinal: 0,
            before: field.merged.clone(),
            after: field.winner.clone(),
            winner: None,
            loser: None,
            reason: "split".to_owned(),
            changed_by: &cx.actor,
        };
        session.log_change(&cx.fence, &change).await?;
    }
    Ok(())
}
