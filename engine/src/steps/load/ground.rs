//! Whether the ground of a change has moved since it was computed: somebody else has written to its core row, or has taken
//! the external id or a key of a new person.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use importer_plans::compile::load as compiled;
use importer_plans::compile::matching::key_sets;
use importer_plans::project::LoadMode;
use tokio::sync::OnceCell;

use super::beside::Beside;
use super::chunk::{Chunk, Lane, Prepared, int_column};
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::core_tables;
use crate::steps::lookup::{column, schema, text};
use crate::store::{Session, Table, ident};

/// What is no news to this run: core ids that it created itself, and whose keys its new people carry.
#[derive(Debug, Clone, Default)]
pub struct OwnIds {
    /// Ranges of core ids: first id and how many.
    pub ids: Vec<(i64, i64)>,
    pub known: KnownHits,
}

impl OwnIds {
    /// A condition that is true for core ids of others.
    fn foreign(&self, column: &str) -> String {
        let own: Vec<_> = self
            .ids
            .iter()
            .map(|(first, count)| format!("{column} BETWEEN {first} AND {}", first + count - 1))
            .collect();
        if own.is_empty() { "TRUE".to_owned() } else { format!("NOT ({})", own.join(" OR ")) }
    }

    /// Ranges outside our own, as inclusive bounds; the database answers each with one look into an index.
    fn gaps(&self) -> Vec<(i64, i64)> {
        let mut ranges = self.ids.clone();
        ranges.sort_unstable();
        let mut gaps = Vec::new();
        let mut next = i64::MIN;
        for (first, count) in ranges {
            if first > next {
                gaps.push((next, first - 1));
            }
            next = first + count;
        }
        gaps.push((next, i64::MAX));
        gaps
    }
}

/// Keys of new people that stand on core rows and were decided about: households above all. They are few.
#[derive(Debug, Clone, Default)]
pub struct KnownHits {
    /// As match saw them in core.
    seen: HashSet<Hit>,
    /// Keys that chunks of this round add to existing core rows and that its new people carry too: match held their rows
    /// against each other. Asked only where a hit is not explained otherwise.
    added: Arc<OnceCell<HashSet<Hit>>>,
}

/// Type of key, key, and the core row that it stands on; none for a key that says nothing about identity.
type Hit = (String, String, Option<i64>);

impl KnownHits {
    /// Those of the round that is loaded.
    pub async fn of(cx: &RunContext) -> Result<Self> {
        Ok(Self { seen: hits(cx, KNOWN_HITS).await?, added: Arc::default() })
    }

    /// New core ids whose keys stand on core rows that match did not see.
    async fn unknown(&self, cx: &RunContext, key_type: &str, found: &RecordBatch) -> Result<Vec<i64>> {
        let (ids, owners) = (int_column(found, "id")?, int_column(found, "owner")?);
        let keys = found.column(2).as_string::<i32>();
        let mut unknown = Vec::new();
        for row in 0..found.num_rows() {
            let mut hit = (key_type.to_owned(), keys.value(row).to_owned(), None);
            // A key that says nothing about identity is no news on whomever it stands.
            if self.seen.contains(&hit) {
                continue;
            }
            hit.2 = Some(owners.value(row));
            if self.seen.contains(&hit) {
                continue;
            }
            let added = self.added.get_or_try_init(|| own_hits(cx)).await?;
            if !added.contains(&hit) {
                unknown.push(ids.value(row));
            }
        }
        Ok(unknown)
    }
}

/// The rows of a query for keys and the core rows that they stand on.
async fn hits(cx: &RunContext, sql: &str) -> Result<HashSet<Hit>> {
    let wanted = schema(vec![
        column("key_type", DataType::Utf8),
        column("key", DataType::Utf8),
        column("core_id", DataType::Int64),
    ]);
    let mut found = HashSet::new();
    for batch in cx.plan(sql).await?.collect().await? {
        let batch = crate::tables::conform(&batch, &wanted)?;
        let (kinds, keys) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        let cores = int_column(&batch, "core_id")?;
        for row in 0..batch.num_rows() {
            let core = cores.is_valid(row).then(|| cores.value(row));
            found.insert((kinds.value(row).to_owned(), keys.value(row).to_owned(), core));
        }
    }
    Ok(found)
}

async fn own_hits(cx: &RunContext) -> Result<HashSet<Hit>> {
    hits(cx, &compiled::own_hits_sql(&cx.shape)).await
}

const KNOWN_HITS: &str = include_str!("../../../../sql/steps/load/known_hits.sql");

/// Lead rows of the changes of a chunk whose ground has moved. Writes nothing.
pub async fn probe_chunk(cx: &RunContext, lane: &Lane, chunk: &Chunk, own: &OwnIds) -> Result<Vec<i64>> {
    let prepared = lane.prepare(chunk.rows.clone()).await?;
    let mut session = cx.store.begin().await?;
    session.lock_entity(&cx.tenant, &cx.entity.name).await?;
    let mut cores: HashSet<i64> = HashSet::new();
    moved_existing(cx, &mut session, &prepared, &mut cores).await?;
    moved_created(cx, &mut session, &prepared, own, &mut cores).await?;
    session.rollback().await?;
    chunk.leads_of(&cores)
}

/// Takes out the changes whose ground has moved since they were computed.
pub async fn refuse_moved(
    cx: &RunContext,
    session: &mut Session,
    (chunk, lane): (&Chunk, &Lane),
    prepared: Prepared,
    own: &OwnIds,
) -> Result<(Prepared, Vec<i64>)> {
    let mut cores: HashSet<i64> = HashSet::new();
    moved_existing(cx, session, &prepared, &mut cores).await?;
    moved_created(cx, session, &prepared, own, &mut cores).await?;
    if cores.is_empty() {
        return Ok((prepared, Vec::new()));
    }
    let mut moved = chunk.leads_of(&cores)?;
    moved.sort_unstable();
    let leads: HashSet<i64> = moved.iter().copied().collect();
    Ok((lane.prepare(chunk.without(&leads)?.rows).await?, moved))
}

async fn moved_existing(
    cx: &RunContext,
    session: &mut Session,
    prepared: &Prepared,
    cores: &mut HashSet<i64>,
) -> Result<()> {
    let dialect = session.dialect();
    for rows in &prepared.tables {
        if rows.before.is_empty() || rows.target.mode == LoadMode::ChildSet {
            continue;
        }
        let target = &rows.target;
        let before =
            Beside::of_chunk(session, "before", target, &rows.before.project(&target.compared())?).await?;
        before.ids(session, &target.moved(dialect, before.sql()), cores).await?;
        if dialect.locks_rows() && target.mode == LoadMode::Row && !rows.after.is_empty() {
            let written =
                Beside::of_chunk(session, "after", target, &rows.after.project(&target.compared())?).await?;
            written.execute(session, &target.lock(dialect, written.sql())).await?;
        }
    }
    if !prepared.children_before.is_empty() {
        let before = Beside::of(session, "importer_children_before", &prepared.children_before).await?;
        for set in &cx.shape.sets {
            let Some(rows) = prepared.tables.iter().find(|t| t.target.table == set.table) else { continue };
            let keys = format!("{}_keys", set.name);
            let sql = rows.target.children_moved(dialect, before.sql(), &set.key_column, &keys);
            before.ids(session, &sql, cores).await?;
        }
    }
    Ok(())
}

/// A new person is news only where nobody else has taken its external id, or one of its keys, in the meantime.
async fn moved_created(
    cx: &RunContext,
    session: &mut Session,
    prepared: &Prepared,
    own: &OwnIds,
    cores: &mut HashSet<i64>,
) -> Result<()> {
    if prepared.created_links.is_empty() || !others_in_core(cx, session, own).await? {
        return Ok(());
    }
    taken_links(cx, session, prepared, cores).await?;
    let dialect = session.dialect();
    let (tenant, finds) = (text(&cx.tenant), dialect.finds());
    let answer = schema(vec![
        column("id", DataType::Int64),
        column("owner", DataType::Int64),
        column("key", DataType::Utf8),
    ]);
    for set in key_sets(&cx.shape) {
        let Some(rows) = prepared.tables.iter().find(|t| t.target.table == set.table) else { continue };
        if rows.created.is_empty() {
            continue;
        }
        let (owner, key) = (set.owner_column.as_str(), set.key_column.as_str());
        let created =
            Beside::of_chunk(session, "created", &rows.target, &rows.created.project(&[owner, key])?).await?;
        let sql = format!(
            "SELECT n.{owner}, t.{owner}, n.{key} FROM {created} n {finds} {table} t ON t.tenant_id = {tenant} AND t.{key} = n.{key}\nWHERE {foreign}",
            created = created.sql(),
            owner = ident(owner),
            key = ident(key),
            table = core_tables::set(cx, set, dialect),
            foreign = own.foreign(&format!("t.{}", ident(owner))),
        );
        for batch in created.read(session, &sql, &answer).await? {
            cores.extend(own.known.unknown(cx, set.key_type(), &batch).await?);
        }
    }
    Ok(())
}

/// Links of others to the external ids of new people. Links to core rows that are gone give way.
async fn taken_links(
    cx: &RunContext,
    session: &mut Session,
    prepared: &Prepared,
    cores: &mut HashSet<i64>,
) -> Result<()> {
    let dialect = session.dialect();
    let (tenant, entity, finds) = (text(&cx.tenant), text(&cx.entity.name), dialect.finds());
    let links = prepared.created_links.project(&["external_system", "external_id", "core_id"])?;
    let links = Beside::of(session, "importer_created_links", &links).await?;
    let (map, core) = (Table::control("external_id_map").sql(dialect), core_tables::core(cx, dialect));
    let taken = format!(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM {core} c WHERE c.tenant_id = {tenant} AND c.id = m.core_id) THEN l.core_id ELSE -1 END AS id FROM {} l {finds} {map} m ON m.tenant_id = {tenant} AND m.entity_type = {entity} AND m.external_system = l.external_system AND m.external_id = l.external_id",
        links.sql()
    );
    let mut found = HashSet::new();
    links.ids(session, &taken, &mut found).await?;
    if found.remove(&-1) {
        let gone = format!(
            "DELETE FROM {map} WHERE tenant_id = {tenant} AND entity_type = {entity} AND EXISTS (SELECT 1 FROM {} l WHERE l.external_system = {map}.external_system AND l.external_id = {map}.external_id) AND NOT EXISTS (SELECT 1 FROM {core} c WHERE c.tenant_id = {tenant} AND c.id = {map}.core_id)",
            links.sql()
        );
        links.execute(session, &gone).await?;
    }
    cores.extend(found);
    Ok(())
}

async fn others_in_core(cx: &RunContext, session: &mut Session, own: &OwnIds) -> Result<bool> {
    let (core, tenant) = (core_tables::core(cx, session.dialect()), text(&cx.tenant));
    let sql =
        format!("SELECT 1 FROM {core} c WHERE c.tenant_id = {tenant} AND c.id BETWEEN $1 AND $2 LIMIT 1");
    for (first, last) in own.gaps() {
        if first <= last && session.fetch_optional(&sql, &[first.into(), last.into()]).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
