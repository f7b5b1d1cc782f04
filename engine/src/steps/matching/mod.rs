//! match: which core row, or which rows of this run, every validated row belongs to.
//!
//! Four rounds of SQL with two questions to the store between them: the links of the rows, then (for rows that are
//! not plainly unchanged) the owners of their keys. Only rows that share a key with another row are looked at two by
//! two; edges become clusters by union-find, whose result is named by the smallest sequence number, so that it does
//! not depend on the order of edges.
//!
//! - [`edges`]: what holds two to be one person, as pairs of numbers
//! - [`fuzzy`]: records compared by likeness; [`index`]: those of core rows, [`owners`]: whose they are by now
//! - [`decided`]: what people have decided about two; [`joining`], [`graph`]: which scored pairs join without them

mod decided;
mod edges;
mod fuzzy;
mod graph;
mod index;
mod joining;
mod owners;

use std::collections::HashMap;

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use futures::FutureExt;
use futures::future::try_join_all;
use importer_plans::compile::{Keep, KeyShape, Query, SetShape, matching as compiled};
use importer_plans::project::Ties;
use petgraph::unionfind::UnionFind;
use serde::{Deserialize, Serialize};

use super::core_tables;
use super::lookup::{self, Question, column, schema, time};
use super::similar;
use crate::context::RunContext;
use crate::error::{Error, Result};
use crate::lake::{DataSet, DataSetName};
use crate::progress::StepProgress;
use crate::store::{Dialect, Table, ident};
use crate::tables;

/// What match gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Matched {
    pub links: DataSet,
    pub pairs: DataSet,
    /// Keys of incoming rows that stand on core rows: the load takes them for known.
    pub hits: DataSet,
    /// What the store said of the links of the rows; nothing where core was empty. Resolve reads it, nobody after.
    pub found_links: Option<DataSet>,
    /// Scored pairs with what became of them, where records are compared by likeness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<DataSet>,
}

/// Decides all validated rows, or in a later round those of the table `retry` only.
pub async fn matching(cx: &RunContext, round: u32, progress: &StepProgress) -> Result<Matched> {
    cx.run_queries(&compiled::incoming(&cx.shape, round > 0), round, progress).await?;
    let empty = super::core_tables::core_is_empty(cx).await?;
    let found_links = if cx.is_small() {
        // Of two questions each waits for the database while the other one has work for this process.
        let (found_links, ()) = futures::try_join!(
            link_hits(cx, empty, round, progress),
            similar::ask_systems(cx, empty, round)
        )?;
        futures::try_join!(similar::ask_forms(cx, empty, round, progress), met(cx, empty, round, progress))?;
        found_links
    } else {
        let found_links = link_hits(cx, empty, round, progress).await?;
        similar::ask_systems(cx, empty, round).await?;
        similar::ask_forms(cx, empty, round, progress).await?;
        met(cx, empty, round, progress).await?;
        found_links
    };
    cx.run_queries(&compiled::edges(&cx.shape), round, progress).await?;
    fuzzy::fuzzy(cx, empty, round, progress).boxed().await?;
    clusters(cx).await?;
    similar::decide(cx, round, progress).await?;
    let mut data_sets = cx
        .run_queries(&compiled::decisions(&cx.shape, cx.entity.matching.fuzzy.as_ref()), round, progress)
        .await?;
    let mut take = |name: &str| {
        data_sets.remove(name).ok_or_else(|| Error::internal(format!("match gave no data set {name}")))
    };
    let (links, pairs) = (take("links")?, take("dedupe_pairs")?);
    let scores = cx.entity.matching.fuzzy.as_ref().map(|_| take("dedupe_scores")).transpose()?;
    let (hits, validated) = futures::try_join!(
        cx.write_query("hits", "SELECT * FROM hits", &DataSetName::Hits, round, |_| ()),
        cx.count("SELECT count(*) AS n FROM incoming")
    )?;
    let matched = Matched { links, pairs, hits, found_links, scores };
    fuzzy::tell(cx).await?;
    cx.forget(compiled::WORKINGS)?;
    if matched.links.rows() != validated {
        return Err(Error::internal(format!(
            "{} validated rows have {} links; every validated row has exactly one",
            validated,
            matched.links.rows()
        )));
    }
    Ok(matched)
}

/// Who shares a key with whom: the keys of the rows, their owners in core, and all meetings.
async fn met(cx: &RunContext, empty: bool, round: u32, progress: &StepProgress) -> Result<()> {
    cx.run_queries(&compiled::keys(&cx.shape), round, progress).await?;
    key_hits(cx, empty, round, progress).await?;
    cx.run_queries(&compiled::meetings(&cx.shape), round, progress).await?;
    core_systems(cx, empty, round).await
}

/// Makes what match gave known to the steps after it, as if it had just been done.
pub async fn register_matched(
    cx: &RunContext,
    matched: &Matched,
    round: u32,
    progress: &StepProgress,
) -> Result<()> {
    let quarantined: Vec<Query> = compiled::incoming(&cx.shape, round > 0)
        .into_iter()
        .filter(|query| query.name == "quarantined")
        .collect();
    cx.run_queries(&quarantined, round, progress).await?;
    let sets = [("links", &matched.links), ("dedupe_pairs", &matched.pairs), ("hits", &matched.hits)];
    for (name, set) in sets.into_iter().chain(matched.scores.as_ref().map(|set| ("dedupe_scores", set))) {
        tables::register_files(&cx.session, name, set).await?;
    }
    match &matched.found_links {
        Some(found) => {
            // Files of older versions lack what was added since.
            let frame = tables::read_files(&cx.session, found).await?;
            tables::register_view(&cx.session, "found_links", tables::widened(frame, &link_answer())?)?;
        }
        None => lookup::no_answer(cx, "found_links", &link_answer())?,
    }
    // What is stale has been decided.
    name_link_hits(cx, false, round, progress).await
}

const LINK_KEYS: &str = "SELECT seq, link_system, link_id, checksum, is_delete, effective_at FROM incoming WHERE link_id IS NOT NULL";

async fn link_hits(
    cx: &RunContext,
    empty: bool,
    round: u32,
    progress: &StepProgress,
) -> Result<Option<DataSet>> {
    let keys = schema(vec![
        column("seq", DataType::Int64),
        column("link_system", DataType::Utf8),
        column("link_id", DataType::Utf8),
        column("checksum", DataType::Binary),
        column("is_delete", DataType::Boolean),
        column("effective_at", time()),
    ]);
    let answer = link_answer();
    let found = if empty {
        lookup::no_answer(cx, "found_links", &answer)?;
        None
    } else {
        let sql = |dialect: Dialect, table: &str| link_question(cx, dialect, table);
        let question = Question {
            name: "found_links",
            keys: (LINK_KEYS, &keys),
            by: "link_id",
            sql: &sql,
            answer: &answer,
        };
        Some(lookup::ask_and_keep(cx, &question, round).await?)
    };
    // Few runs delete anything.
    let deletes = !empty && cx.count("SELECT count(*) AS n FROM incoming WHERE is_delete").await? > 0;
    if deletes {
        cx.run_queries(&[compiled::outlived()], round, progress).await?;
    }
    name_link_hits(cx, deletes, round, progress).await?;
    Ok(found)
}

fn link_answer() -> SchemaRef {
    let mut fields = vec![
        column("seq", DataType::Int64),
        column("core_id", DataType::Int64),
        column("link_active", DataType::Boolean),
        column("unchanged", DataType::Boolean),
        column("stale", DataType::Boolean),
        column("seen_at", time()),
        column("link_at", time()),
        column("late", DataType::Boolean),
        column("late_tie", DataType::Boolean),
        column("said_later", DataType::Boolean),
        column("as_new_as_delete", DataType::Boolean),
    ];
    fields.extend(lookup::identity_fields());
    schema(fields)
}

async fn name_link_hits(cx: &RunContext, deletes: bool, round: u32, progress: &StepProgress) -> Result<()> {
    // What a person has set is set, also where the row says what is there already.
    let (unchanged, edits) = if super::promotions::at_work(cx) {
        ("unchanged AND e.manual IS NULL AS unchanged", "\nLEFT JOIN origins e ON e.sequence_number = f.seq")
    } else {
        ("unchanged", "")
    };
    // A record that comes back and is as new as its delete: nobody knows which of both is right, so the source says.
    let as_new = "coalesce(as_new_as_delete, false)";
    let late = match cx.source.ties {
        Ties::Core => "stale".to_owned(),
        Ties::Incoming => format!("(stale AND NOT {as_new})"),
    };
    let (stale, outlived) = match deletes {
        true => (
            format!("{late} OR o.outlived IS NOT NULL"),
            "\nLEFT JOIN (SELECT seq AS outlived FROM outlived) o ON o.outlived = f.seq",
        ),
        false => (late, ""),
    };
    let sql = format!(
        "SELECT seq, core_id, link_active, {unchanged}, {stale} AS stale, {as_new} AS as_new_as_delete, seen_at, link_at, coalesce(late, false) AS late, coalesce(late_tie, false) AS late_tie, coalesce(said_later, false) AS said_later, {person}\nFROM found_links f{edits}{outlived}",
        person = compiled::CORE_PERSON
    );
    let named = Query::new("link_hits", Keep::View, sql);
    cx.run_queries(&[named], round, progress).await?;
    Ok(())
}

/// The names come along only for rows that differ: they are what the test for a reused id needs.
///
/// A source can say again, later, what was loaded last for a link. Such a row is unchanged, and the time until which it holds
/// is kept. An older version that arrives afterwards comes late: it differs from what its source has been saying since
/// (`late`; `late_tie` at that very time). `said_later`: the row itself speaks of a later time than the link knows, and
/// not only because nobody told it a time. `as_new_as_delete`: the record comes back at the very time of its delete.
fn link_question(cx: &RunContext, dialect: Dialect, keys: &str) -> String {
    let (map, core) = (Table::control("external_id_map").sql(dialect), core_tables::core(cx, dialect));
    let (tenant, entity) = (lookup::text(&cx.tenant), lookup::text(&cx.entity.name));
    let finds = dialect.finds();
    let same = dialect.same("m.last_checksum", "k.checksum");
    let landed = dialect.instant(cx.settings.landed_at);
    let said = "coalesce(m.last_confirmed_at, m.last_effective_at)";
    format!(
        "SELECT k.seq, m.core_id, m.is_active, {same},\n       (k.is_delete AND k.effective_at < {said})\n         OR (NOT k.is_delete AND NOT m.is_active AND k.effective_at <= {said}),\n       m.last_seen_at, m.last_effective_at,\n       k.effective_at > m.last_effective_at AND k.effective_at <= m.last_confirmed_at,\n       k.effective_at > m.last_effective_at AND k.effective_at = m.last_confirmed_at,\n       k.effective_at > {said} AND k.effective_at <> {landed},\n       NOT k.is_delete AND NOT m.is_active AND k.effective_at = {said},\n       {}\nFROM {keys} k\n{finds} {map} m ON m.tenant_id = {tenant} AND m.entity_type = {entity}\n           AND m.external_system = k.link_system AND m.external_id = k.link_id\n{finds} {core} c ON c.tenant_id = {tenant} AND c.id = m.core_id",
        lookup::identity_columns(&cx.shape, "c")
    )
}

/// Asks for the owners of the rows' keys, set by set and by their fields, and registers them as `found_<set>`.
async fn key_hits(cx: &RunContext, empty: bool, round: u32, progress: &StepProgress) -> Result<()> {
    let mut fields = vec![column("key", DataType::Utf8), column("core_id", DataType::Int64)];
    fields.extend(lookup::identity_fields());
    fields.push(column("mail", DataType::Utf8));
    let (keys, answer) = (schema(vec![column("key", DataType::Utf8)]), schema(fields));
    let mut asked: Vec<Asked<'_>> = compiled::key_sets(&cx.shape)
        .map(|set| Asked {
            name: compiled::found_keys(set),
            wanted: compiled::wanted_keys(set),
            keys: SchemaRef::clone(&keys),
            sql: Box::new(move |dialect, table| key_question(cx, set, dialect, table)),
        })
        .collect();
    asked.extend(compiled::field_keys(&cx.shape).map(|(key, name)| Asked {
        name: compiled::found_by_fields(name),
        wanted: compiled::wanted_fields(key, name),
        keys: fields_schema(cx, key),
        sql: Box::new(move |dialect, table| fields_question(cx, key, dialect, table)),
    }));
    let questions: Vec<Question<'_>> = asked
        .iter()
        .map(|asked| Question {
            name: &asked.name,
            keys: (&asked.wanted, &asked.keys),
            by: "key",
            sql: &asked.sql,
            answer: &answer,
        })
        .collect();
    if empty {
        questions.iter().try_for_each(|question| lookup::no_answer(cx, question.name, question.answer))?;
    } else if lookup::keys_go_along(cx) {
        let gathered = try_join_all(questions.iter().map(|question| lookup::gathered(cx, question))).await?;
        lookup::ask_together(cx, &questions.iter().zip(&gathered).collect::<Vec<_>>(), round).await?;
    } else {
        for question in &questions {
            lookup::ask(cx, question, round).await?;
        }
    }
    let named = [
        Query::new("key_hits", Keep::View, compiled::key_hits(&cx.shape)),
        Query::new(
            "core_people",
            Keep::Memory,
            "SELECT DISTINCT core_id, given_key, generation, born FROM key_hits\nUNION\nSELECT DISTINCT core_id, given_key, generation, born FROM link_hits WHERE NOT unchanged",
        ),
    ];
    cx.run_queries(&named, round, progress).await?;
    Ok(())
}

/// A question for the owners of keys, before it is asked.
struct Asked<'a> {
    name: String,
    wanted: String,
    keys: SchemaRef,
    sql: Asking<'a>,
}

/// The SQL of a question, given the name of the table with its keys.
type Asking<'a> = Box<dyn Fn(Dialect, &str) -> String + Sync + Send + 'a>;

fn fields_schema(cx: &RunContext, key: &KeyShape) -> SchemaRef {
    let fields = key.fields.iter().filter_map(|field| cx.shape.field(field));
    let typed = fields.map(|field| column(&field.name, lookup::core_type(field)));
    schema(std::iter::once(column("key", DataType::Utf8)).chain(typed).collect())
}

/// The core rows whose fields are those of a key.
fn fields_question(cx: &RunContext, key: &KeyShape, dialect: Dialect, keys: &str) -> String {
    let core = core_tables::core(cx, dialect);
    let same: String = key.fields.iter().map(|field| format!(" AND c.{0} = k.{0}", ident(field))).collect();
    format!(
        "SELECT k.key, c.id, {}, {}\nFROM {keys} k\n{} {core} c ON c.tenant_id = {}{same}",
        lookup::identity_columns(&cx.shape, "c"),
        lookup::mail_column(&cx.shape, "c"),
        dialect.finds(),
        lookup::text(&cx.tenant),
    )
}

fn key_question(cx: &RunContext, set: &SetShape, dialect: Dialect, keys: &str) -> String {
    let (child, core) = (core_tables::set(cx, set, dialect), core_tables::core(cx, dialect));
    let (key, owner) = (ident(&set.key_column), ident(&set.owner_column));
    let (tenant, finds) = (lookup::text(&cx.tenant), dialect.finds());
    format!(
        "SELECT k.key, c.id, {}, {}\nFROM {keys} k\n{finds} {child} x ON x.tenant_id = {tenant} AND x.{key} = k.key\n{finds} {core} c ON c.tenant_id = {tenant} AND c.id = x.{owner}",
        lookup::identity_columns(&cx.shape, "c"),
        lookup::mail_column(&cx.shape, "c"),
    )
}

/// Asks which namespaces have the core rows in doubt under an id of their own, and registers them as `core_systems`.
async fn core_systems(cx: &RunContext, empty: bool, round: u32) -> Result<()> {
    let keys = schema(vec![column("core_id", DataType::Int64)]);
    let answer = schema(vec![column("core_id", DataType::Int64), column("system", DataType::Utf8)]);
    let sql = |dialect: Dialect, table: &str| system_question(cx, dialect, table);
    let question = Question {
        name: "core_systems",
        keys: ("SELECT core_id FROM doubts", &keys),
        by: "core_id",
        sql: &sql,
        answer: &answer,
    };
    if empty || cx.count("SELECT count(*) AS n FROM doubts").await? == 0 {
        return lookup::no_answer(cx, question.name, question.answer);
    }
    lookup::ask(cx, &question, round).await
}

fn system_question(cx: &RunContext, dialect: Dialect, keys: &str) -> String {
    let map = Table::control("external_id_map").sql(dialect);
    let (tenant, entity) = (lookup::text(&cx.tenant), lookup::text(&cx.entity.name));
    let finds = dialect.finds();
    format!(
        "SELECT k.core_id, m.external_system\nFROM {keys} k\n{finds} {map} m ON m.core_id = k.core_id AND m.tenant_id = {tenant} AND m.entity_type = {entity} AND NOT m.is_synthetic"
    )
}

/// Joins the edges to clusters and registers `row_clusters` and `core_clusters`.
async fn clusters(cx: &RunContext) -> Result<()> {
    let rows = edges::pairs(cx, edges::OF_ROWS).await?;
    let cores = edges::pairs(cx, edges::TO_CORE).await?;
    let clusters = Clusters::of(&rows, &cores);
    let row_schema = schema(vec![column("seq", DataType::Int64), column("cluster_id", DataType::Int64)]);
    let core_schema = schema(vec![column("core_id", DataType::Int64), column("cluster_id", DataType::Int64)]);
    edges::register(cx, "row_clusters", &row_schema, &clusters.rows)?;
    edges::register(cx, "core_clusters", &core_schema, &clusters.cores)
}

/// Connected components over rows and core rows, each named by its smallest sequence number.
#[derive(Debug, Default, PartialEq, Eq)]
struct Clusters {
    rows: Vec<(i64, i64)>,
    cores: Vec<(i64, i64)>,
}

impl Clusters {
    fn of(row_edges: &[(i64, i64)], core_edges: &[(i64, i64)]) -> Self {
        let mut nodes: HashMap<(bool, i64), usize> = HashMap::new();
        let mut node = |is_core: bool, id: i64| {
            let next = nodes.len();
            *nodes.entry((is_core, id)).or_insert(next)
        };
        let mut edges: Vec<(usize, usize)> = Vec::with_capacity(row_edges.len() + core_edges.len());
        edges.extend(row_edges.iter().map(|&(a, b)| (node(false, a), node(false, b))));
        edges.extend(core_edges.iter().map(|&(row, core)| (node(false, row), node(true, core))));
        let mut joined = UnionFind::new(nodes.len());
        for (a, b) in edges {
            joined.union(a, b);
        }
        let mut smallest: HashMap<usize, i64> = HashMap::new();
        for (&(is_core, id), &n) in &nodes {
            if !is_core {
                let name = smallest.entry(joined.find(n)).or_insert(id);
                *name = (*name).min(id);
            }
        }
        let mut clusters = Self::default();
        for (&(is_core, id), &n) in &nodes {
            if let Some(&name) = smallest.get(&joined.find(n)) {
                if is_core { clusters.cores.push((id, name)) } else { clusters.rows.push((id, name)) }
            }
        }
        clusters.rows.sort_unstable();
        clusters.cores.sort_unstable();
        clusters
    }
}

#[cfg(test)]
mod tests {
    use super::Clusters;
    use proptest::prelude::*;

    #[test]
    fn components_are_named_by_their_smallest_row() {
        let clusters = Clusters::of(&[(5, 3), (9, 5), (20, 21)], &[(20, 7), (30, 7), (40, 8)]);
        assert_eq!(clusters.rows, [(3, 3), (5, 3), (9, 3), (20, 20), (21, 20), (30, 20), (40, 40)]);
        assert_eq!(clusters.cores, [(7, 20), (8, 40)]);
    }

    proptest! {
        #[test]
        fn the_order_of_edges_does_not_matter(
            mut rows in prop::collection::vec((0_i64..30, 0_i64..30), 0..40),
            mut cores in prop::collection::vec((0_i64..30, 0_i64..10), 0..20),
        ) {
            let forward = Clusters::of(&rows, &cores);
            rows.reverse();
            cores.reverse();
            for pair in &mut rows {
                *pair = (pair.1, pair.0);
            }
            prop_assert_eq!(forward, Clusters::of(&rows, &cores));
        }
    }
}
