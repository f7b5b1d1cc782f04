//! One chunk in one transaction: lock, fence, guard, write, ledger, commit. Either all of it is visible or nothing.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use futures::future::join_all;
use importer_plans::compile::load as compiled;
use importer_plans::compile::matching::key_sets;
use importer_plans::project::{LoadMode, own_name};
use tokio::sync::OnceCell;

use super::beside::Beside;
use super::chunk::{Chunk, Lane, Prepared, Rows, int_column, with_ordinal};
use super::refusal::Refusal;
use super::sift::sift;
use super::statements::{self, Target};
use super::turns::Ready;
use crate::error::{Error, ErrorKind, Result};
use crate::run::RunContext;
use crate::steps::core_tables;
use crate::steps::lookup::{column, schema, text};
use crate::store::{Dialect, LedgerEntry, Session, StoreError, Table, ident};

/// What a chunk did.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub applied: u64,
    /// Lead rows of the changes that were refused because core had moved.
    pub moved: Vec<i64>,
    /// Changes that the target tables did not take.
    pub refused: Vec<Refusal>,
}

/// Changes of a committed chunk that the target tables did not take.
pub fn refused_of(entry: &LedgerEntry) -> Result<Vec<Refusal>> {
    match entry.detail_json.get("refused") {
        Some(refused) => Ok(serde_json::from_value(refused.clone())?),
        None => Ok(Vec::new()),
    }
}

/// Lead rows that a committed chunk left out because core had moved.
pub fn moved_of(entry: &LedgerEntry) -> Result<Vec<i64>> {
    match entry.detail_json.get("moved") {
        Some(moved) => Ok(serde_json::from_value(moved.clone())?),
        None => Ok(Vec::new()),
    }
}

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

/// A chunk that is ready, or what went wrong with it.
type Made = (Chunk, Lane, Result<Prepared>);

/// Loads the chunks of a turn: one in the transaction of the whole load or in one of its own, several side by side behind
/// a gate. All of them end, whatever becomes of one.
pub async fn load_chunks(
    cx: &RunContext,
    whole: Option<&mut Session>,
    turn: Vec<Ready>,
    round: u32,
    own: &OwnIds,
) -> Vec<Result<(Chunk, Outcome)>> {
    let mut chunks: Vec<Made> = Vec::with_capacity(turn.len());
    for Ready { chunk, lane, rows } in turn {
        let rows = rows.join_unwind().await.map_err(Error::from).flatten();
        chunks.push((chunk, lane, rows));
    }
    if let Some(session) = whole {
        let mut outcomes = Vec::new();
        for made in chunks {
            outcomes.push(write_part(cx, session, made, round, own).await);
        }
        return outcomes;
    }
    let alone = chunks.len() == 1;
    let gate = match alone {
        true => None,
        false => match cx.store.close_gate(&cx.tenant, &cx.entity.name).await {
            Ok(gate) => Some(gate),
            Err(error) => return vec![Err(error.into())],
        },
    };
    let lock = if alone { Lock::Alone } else { Lock::Shared };
    let outcomes = join_all(chunks.into_iter().map(|made| load_chunk(cx, lock, made, round, own))).await;
    if let Some(gate) = gate
        && let Err(error) = gate.open().await
    {
        tracing::warn!(run_id = cx.run_id, "the entity's gate was lost: {error}");
    }
    outcomes
}

/// How a chunk's transaction keeps others out of its entity.
#[derive(Debug, Clone, Copy)]
pub enum Lock {
    Alone,
    Shared,
}

/// Loads one chunk in a transaction of its own; again without what the target tables refuse, where they refuse some of it.
async fn load_chunk(
    cx: &RunContext,
    lock: Lock,
    made: Made,
    round: u32,
    own: &OwnIds,
) -> Result<(Chunk, Outcome)> {
    let (chunk, lane) = (made.0.clone(), made.1.clone());
    let mut session = cx.store.begin().await?;
    let error = match write_chunk(cx, &mut session, lock, made, round, own).await {
        Ok((chunk, outcome)) => match end(cx, &mut session, &outcome).await {
            Ok(()) => return Ok((chunk, outcome)),
            Err(error) => {
                // What is looked at only now is looked at sooner the next time.
                let at_the_end = Refusal::is(&error);
                let _ = session.rollback().await;
                session.defer(at_the_end);
                error
            }
        },
        Err(error) => {
            // The first error is the one to tell; a rollback that fails ends with the connection.
            let _ = session.rollback().await;
            error
        }
    };
    if !Refusal::is(&error) {
        return Err(of_chunk(error, &chunk));
    }
    tracing::debug!(run_id = cx.run_id, chunk = chunk.number, "part of the chunk is refused: {error}");
    session.begin().await?;
    let sifted = match sift(cx, &mut session, lock, (&chunk, &lane), round, own).await {
        Ok(outcome) => end(cx, &mut session, &outcome).await.map(|()| outcome),
        Err(error) => Err(error),
    };
    match sifted {
        Ok(outcome) => Ok((chunk, outcome)),
        Err(error) => {
            let _ = session.rollback().await;
            Err(of_chunk(error, &chunk))
        }
    }
}

/// Commits a chunk; one of a plan that has moved is left out.
async fn end(cx: &RunContext, session: &mut Session, outcome: &Outcome) -> Result<()> {
    if cx.plan_run_id.is_some() && !outcome.moved.is_empty() {
        session.rollback().await?;
    } else {
        session.commit().await?;
    }
    Ok(())
}

/// Writes a chunk into the transaction of the whole load; again without what the target tables refuse.
async fn write_part(
    cx: &RunContext,
    session: &mut Session,
    made: Made,
    round: u32,
    own: &OwnIds,
) -> Result<(Chunk, Outcome)> {
    let (chunk, lane) = (made.0.clone(), made.1.clone());
    session.savepoint().await?;
    match write_chunk(cx, session, Lock::Alone, made, round, own).await {
        Ok(written) => {
            session.release().await?;
            Ok(written)
        }
        Err(error) if Refusal::is(&error) => {
            session.rollback_to_savepoint().await?;
            let outcome = sift(cx, session, Lock::Alone, (&chunk, &lane), round, own).await;
            outcome.map_err(|e| of_chunk(e, &chunk)).map(|outcome| (chunk, outcome))
        }
        Err(error) => Err(of_chunk(error, &chunk)),
    }
}

fn of_chunk(error: Error, chunk: &Chunk) -> Error {
    if error.kind() == ErrorKind::Project {
        // It begins with the place in the file.
        return error;
    }
    error.context(format!("chunk {}", chunk.number))
}

/// Writes one chunk into an open transaction.
async fn write_chunk(
    cx: &RunContext,
    session: &mut Session,
    lock: Lock,
    (chunk, lane, rows): Made,
    round: u32,
    own: &OwnIds,
) -> Result<(Chunk, Outcome)> {
    let written = match rows {
        Ok(rows) => write_rows(cx, session, lock, (&chunk, &lane), rows, round, own).await,
        Err(error) => Err(error),
    };
    written.map(|outcome| (chunk, outcome))
}

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

async fn write_rows(
    cx: &RunContext,
    session: &mut Session,
    lock: Lock,
    (chunk, lane): (&Chunk, &Lane),
    prepared: Prepared,
    round: u32,
    own: &OwnIds,
) -> Result<Outcome> {
    enter(cx, session, lock).await?;
    let changes = prepared.changes as u64;
    let (prepared, moved) = refuse_moved(cx, session, (chunk, lane), prepared, own).await?;
    if cx.plan_run_id.is_some() && !moved.is_empty() {
        // A plan is loaded as it is or not at all; nothing of this chunk is.
        return Ok(Outcome { moved, ..Outcome::default() });
    }
    fail::fail_point!("load::before_copy", |_| Err(crate::Error::internal("failpoint load::before_copy")));
    write_changes(session, &prepared, round).await?;
    let wrote = Wrote { changes, moved, refused: Vec::new() };
    ledger(cx, session, chunk, round, &wrote).await?;
    Ok(wrote.outcome())
}

/// What became of the changes of a chunk.
pub struct Wrote {
    pub changes: u64,
    pub moved: Vec<i64>,
    pub refused: Vec<Refusal>,
}

impl Wrote {
    fn left_out(&self) -> u64 {
        (self.moved.len() + self.refused.len()) as u64
    }

    pub fn outcome(self) -> Outcome {
        Outcome { applied: self.changes - self.left_out(), moved: self.moved, refused: self.refused }
    }
}

/// Keeps others out, and makes sure that the run is still ours.
pub async fn enter(cx: &RunContext, session: &mut Session, lock: Lock) -> Result<()> {
    match lock {
        Lock::Alone => session.lock_entity(&cx.tenant, &cx.entity.name).await?,
        Lock::Shared => session.share_entity(&cx.tenant, &cx.entity.name).await?,
    }
    Ok(session.check_epoch(&cx.tenant, cx.run_id, cx.epoch).await?)
}

/// Writes changes into the tables.
pub async fn write_changes(session: &mut Session, prepared: &Prepared, round: u32) -> Result<()> {
    write_existing(session, prepared).await?;
    write_created(session, prepared).await?;
    fail::fail_point!("load::after_copy", |_| Err(crate::Error::internal("failpoint load::after_copy")));
    let log = Table::control("change_log");
    let changed = prepared.change_log.batches.iter().map(|b| with_ordinal(b, i64::from(round)));
    session.copy_batches(&log, &changed.collect::<Result<Vec<_>>>()?).await?;
    Ok(())
}

/// Writes down that a chunk is in.
pub async fn ledger(
    cx: &RunContext,
    session: &mut Session,
    chunk: &Chunk,
    round: u32,
    wrote: &Wrote,
) -> Result<()> {
    let mut detail = serde_json::json!({ "moved": &wrote.moved });
    if !wrote.refused.is_empty() {
        detail["refused"] = serde_json::to_value(&wrote.refused)?;
    }
    let row = LedgerEntry {
        entity: cx.entity.name.clone(),
        round: i64::from(round),
        chunk: chunk.number,
        attempt: i64::from(cx.paths.attempt()),
        lease_epoch: cx.epoch,
        changes: i64::try_from(wrote.changes).unwrap_or(i64::MAX),
        applied: i64::try_from(wrote.changes - wrote.left_out()).unwrap_or(i64::MAX),
        refused: i64::try_from(wrote.left_out()).unwrap_or(i64::MAX),
        detail_json: detail,
    };
    session.insert_ledger(&cx.tenant, cx.run_id, &row).await?;
    fail::fail_point!("load::ledger_written", |_| Err(crate::Error::internal(
        "failpoint load::ledger_written"
    )));
    Ok(())
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
        let before = beside(session, "before", target, &rows.before.project(&target.compared())?).await?;
        before.ids(session, &target.moved(dialect, before.sql()), cores).await?;
        if dialect == Dialect::Postgres && target.mode == LoadMode::Row && !rows.after.is_empty() {
            let written = beside(session, "after", target, &rows.after.project(&target.compared())?).await?;
            written.execute(session, &target.lock(written.sql())).await?;
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
        let created = beside(session, "created", &rows.target, &rows.created.project(&[owner, key])?).await?;
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

async fn write_existing(session: &mut Session, prepared: &Prepared) -> Result<()> {
    let dialect = session.dialect();
    for rows in &prepared.tables {
        if rows.after.is_empty() {
            continue;
        }
        let after = beside(session, "after", &rows.target, &rows.after).await?;
        let of_table = |e: StoreError| e.of_table(own_name(&rows.target.table));
        after.execute(session, &rows.target.update(dialect, after.sql())).await.map_err(of_table)?;
        if rows.target.mode != LoadMode::Core {
            let missing = rows.target.insert_missing(dialect, after.sql());
            after.execute(session, &missing).await.map_err(of_table)?;
        }
    }
    if !prepared.other_links.is_empty() {
        let links = Beside::of(session, "importer_links", &prepared.other_links).await?;
        if prepared.seen_again {
            links.execute(session, &statements::bump_links(dialect, links.sql())).await?;
        }
        links.execute(session, &statements::update_links(dialect, links.sql())).await?;
        links.execute(session, &statements::insert_links(dialect, links.sql())).await?;
    }
    if !prepared.other_provenance.is_empty() {
        let rows = Beside::of(session, "importer_provenance", &prepared.other_provenance).await?;
        for sql in statements::update_provenance(dialect, rows.sql()) {
            rows.execute(session, &sql).await?;
        }
    }
    Ok(())
}

async fn write_created(session: &mut Session, prepared: &Prepared) -> Result<()> {
    for rows in &prepared.tables {
        let written = session.copy_batches(&rows.target.place(), &rows.created.batches).await;
        written.map_err(|e| e.of_table(own_name(&rows.target.table)))?;
        fail::fail_point!("load::in_copy", |_| Err(crate::Error::internal("failpoint load::in_copy")));
    }
    let links = prepared.created_links.project(statements::link_columns())?;
    session.copy_batches(&Table::control("external_id_map"), &links.batches).await?;
    session.copy_batches(&Table::control("core_provenance"), &prepared.created_provenance.batches).await?;
    Ok(())
}

async fn beside(session: &mut Session, what: &str, target: &Target, rows: &Rows) -> Result<Beside> {
    Beside::of_target(session, &format!("importer_{what}_{}", target.table), rows, target).await
}
