//! Records that are drawn, a way to ask over them, and what is said of them.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
};
use arrow::datatypes::{Int64Type, Schema};
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use importer_benches::draw::Draw;
use importer_plans::compile::Query;
use importer_plans::compile::fuzzy;
use importer_plans::project::{
    BlockingRule, Cluster, Comparison, FuzzySpec, Level, LevelKind, Never, Prepared, SqlPlace, Thresholds,
    TwoIds, When,
};

/// One record as it is drawn.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub node: i64,
    pub core_id: Option<i64>,
    pub is_new: bool,
    pub given: Option<String>,
    pub family: Option<String>,
    pub zip: Option<String>,
    pub phones: Option<Vec<Option<String>>>,
    pub tags: Option<Vec<Option<String>>>,
}

const GIVEN: [&str; 8] = ["anna", "anne", "hanna", "ben", "benno", "clara", "klara", "dora"];
const FAMILY: [&str; 6] = ["smith", "smyth", "schmidt", "miller", "mueller", "lang"];

/// Records of few values, so that many meet; every third value is missing somewhere.
pub fn drawn(seed: u64, count: u64) -> Vec<Drawn> {
    let draw = Draw::new(seed);
    let word = |key: u64, salt: u32, from: &[&str]| {
        (!draw.chance(key, salt, 0.2)).then(|| draw.pick(key, salt + 1, 1.5, from).to_owned())
    };
    let list = |key: u64, salt: u32, values: u64| {
        (!draw.chance(key, salt, 0.3)).then(|| {
            let items = 1 + draw.below(key, salt + 1, 3);
            (0..items)
                .map(|n| {
                    let salt = salt + 2 + u32::try_from(n).unwrap();
                    // Empty places and values that stand twice.
                    (!draw.chance(key, salt + 10, 0.1)).then(|| draw.below(key, salt, values).to_string())
                })
                .collect()
        })
    };
    (0..count)
        .map(|key| Drawn {
            node: i64::try_from(key).unwrap() - 7,
            core_id: draw.chance(key, 1, 0.5).then(|| i64::try_from(draw.below(key, 2, 9)).unwrap()),
            is_new: draw.chance(key, 3, 0.7),
            given: word(key, 10, &GIVEN),
            family: word(key, 20, &FAMILY),
            zip: (!draw.chance(key, 30, 0.2)).then(|| draw.below(key, 31, 12).to_string()),
            phones: list(key, 40, 25),
            tags: list(key, 60, 10),
        })
        .collect()
}

fn texts(records: &[Drawn], of: impl Fn(&Drawn) -> Option<String>) -> ArrayRef {
    Arc::new(records.iter().map(of).collect::<StringArray>())
}

fn lists(records: &[Drawn], of: impl Fn(&Drawn) -> &Option<Vec<Option<String>>>) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    records.iter().for_each(|record| lists.append_option(of(record).clone()));
    Arc::new(lists.finish())
}

/// As a run would have staged them.
fn batch(records: &[Drawn]) -> RecordBatch {
    let none = || -> ArrayRef { Arc::new(StringArray::new_null(records.len())) };
    let columns: [(&str, ArrayRef); 11] = [
        ("node", Arc::new(records.iter().map(|r| Some(r.node)).collect::<Int64Array>())),
        ("core_id", Arc::new(records.iter().map(|r| r.core_id).collect::<Int64Array>())),
        ("is_new", Arc::new(records.iter().map(|r| Some(r.is_new)).collect::<BooleanArray>())),
        ("is_synthetic", Arc::new(records.iter().map(|_| Some(true)).collect::<BooleanArray>())),
        ("link_system", none()),
        ("link_id", none()),
        ("given", texts(records, |r| r.given.clone())),
        ("family", texts(records, |r| r.family.clone())),
        ("zip", texts(records, |r| r.zip.clone())),
        ("phones", lists(records, |r| &r.phones)),
        ("tags", lists(records, |r| &r.tags)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

/// A session with staged rows.
pub struct Table {
    pub context: SessionContext,
    partitions: usize,
}

impl Table {
    pub fn new(records: &[Drawn], partitions: usize, batch_rows: usize) -> Self {
        let config = SessionConfig::new().with_target_partitions(partitions).with_batch_size(batch_rows);
        let context = SessionContext::new_with_config(config);
        importer_sql::functions::all().into_iter().for_each(|function| context.register_udf(function));
        let parts = records.chunks(records.len().div_ceil(partitions).max(1)).map(batch).collect();
        let table = Self { context, partitions };
        table.register("staged", parts);
        table
    }

    fn register(&self, name: &str, batches: Vec<RecordBatch>) {
        let schema = batches[0].schema();
        let mut parts = vec![Vec::new(); self.partitions];
        for (n, batch) in batches.into_iter().enumerate() {
            parts[n % self.partitions].push(batch);
        }
        let table = MemTable::try_new(schema, parts).unwrap();
        self.context.deregister_table(name).unwrap();
        self.context.register_table(name, Arc::new(table)).unwrap();
    }

    pub async fn ask(&self, sql: &str) -> Vec<RecordBatch> {
        let frame = self.context.sql(sql).await.unwrap_or_else(|e| panic!("{e}\n{sql}"));
        let fields = frame.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batches = frame.collect().await.unwrap_or_else(|e| panic!("{e}\n{sql}"));
        let mut rows: Vec<RecordBatch> = batches
            .into_iter()
            .map(|batch| RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec()).unwrap())
            .collect();
        rows.push(RecordBatch::new_empty(schema));
        rows
    }

    pub async fn run(&self, queries: &[Query]) {
        for query in queries {
            self.register(&query.name, self.ask(&query.sql).await);
        }
    }

    /// Finds the candidates of all pairs.
    pub async fn find_members(&self, spec: &FuzzySpec) {
        self.run(&fuzzy::records(spec, "staged", None)).await;
        self.run(&fuzzy::members(spec)).await;
    }

    /// The rows of two whole numbers each.
    pub async fn numbers(&self, sql: &str) -> Vec<(i64, i64)> {
        let mut rows = Vec::new();
        for batch in self.ask(sql).await {
            let (one, other) =
                (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_primitive::<Int64Type>());
            rows.extend(one.values().iter().copied().zip(other.values().iter().copied()));
        }
        rows
    }
}

/// A query for one part of the blocks.
pub fn in_bucket(sql: &str, bucket: u64, buckets: u64) -> String {
    sql.replace("$buckets", &buckets.to_string()).replace("$bucket", &bucket.to_string())
}

fn prepared(name: &str, is_list: bool) -> Prepared {
    Prepared {
        name: name.to_owned(),
        sql: format!("\"{name}\""),
        is_list,
        fields: vec![name.to_owned()],
        place: SqlPlace::default(),
    }
}

pub fn rule(name: &str, on: &[&str], max_block: Option<u64>) -> BlockingRule {
    let on = on.iter().map(|name| (*name).to_owned()).collect();
    BlockingRule { name: name.to_owned(), on, max_block, train: true }
}

fn level(code: u8, when: When, kind: LevelKind) -> Level {
    Level {
        code,
        when,
        kind,
        label: kind.as_str().to_owned(),
        m: None,
        u: None,
        weight: None,
        terms: None,
        is_costly: false,
        place: SqlPlace::default(),
    }
}

fn holds(sql: impl Into<String>) -> When {
    When::Condition(sql.into())
}

/// A name: equal, close, alike, another one.
fn name_comparison(name: &str) -> Comparison {
    let missing = format!("(a.\"{name}\" IS NULL OR b.\"{name}\" IS NULL)");
    let likeness = |least: f64| format!("jaro_winkler_similarity(a.\"{name}\", b.\"{name}\") >= {least:?}");
    let equal = Level {
        terms: Some(name.to_owned()),
        ..level(4, holds(format!("a.\"{name}\" = b.\"{name}\"")), LevelKind::Equal)
    };
    let close = Level { is_costly: true, ..level(3, holds(likeness(0.92)), LevelKind::Close) };
    let alike = Level { is_costly: true, ..level(2, holds(likeness(0.8)), LevelKind::Alike) };
    Comparison {
        name: name.to_owned(),
        from: vec![name.to_owned()],
        levels: vec![
            level(0, When::Missing(missing), LevelKind::Missing),
            equal,
            close,
            alike,
            level(1, When::Else, LevelKind::Else),
        ],
        terms: Some(name.to_owned()),
    }
}

fn overlap_comparison(name: &str) -> Comparison {
    let missing = format!("(a.\"{name}\" IS NULL OR b.\"{name}\" IS NULL)");
    let overlap = format!("array_overlap(a.\"{name}\", b.\"{name}\") >= 1");
    Comparison {
        name: name.to_owned(),
        from: vec![name.to_owned()],
        levels: vec![
            level(0, When::Missing(missing), LevelKind::Missing),
            Level { terms: Some(name.to_owned()), ..level(2, holds(overlap), LevelKind::Overlap) },
            level(1, When::Else, LevelKind::Else),
        ],
        terms: Some(name.to_owned()),
    }
}

/// Three comparisons, and rules over texts and lists.
pub fn spec(blocking: Vec<BlockingRule>) -> FuzzySpec {
    FuzzySpec {
        compare: vec![
            prepared("given", false),
            prepared("family", false),
            prepared("zip", false),
            prepared("phones", true),
            prepared("tags", true),
        ],
        personal: vec!["given".to_owned()],
        two_ids: TwoIds::Weigh,
        blocking,
        max_block: 6,
        comparisons: vec![name_comparison("given"), name_comparison("family"), overlap_comparison("phones")],
        never: vec![Never {
            sql: "a.\"zip\" = '3' AND b.\"zip\" = '4'".to_owned(),
            because: "their towns know each other".to_owned(),
            place: SqlPlace::default(),
        }],
        thresholds: Thresholds { review: 0.5, matched: 0.9 },
        auto: None,
        cluster: Cluster { bridge: 0.99 },
        model: None,
        model_file: "match.model.json".to_owned(),
        is_model_named: false,
    }
}

/// The rules that most tests ask.
pub fn rules() -> Vec<BlockingRule> {
    vec![
        rule("phone", &["phones"], None),
        rule("tags_phone", &["tags", "phones"], Some(5)),
        rule("given_zip", &["given", "zip"], Some(3)),
        rule("tag", &["tags"], Some(12)),
        rule("zip", &["zip"], None),
        rule("family", &["family"], Some(40)),
    ]
}
