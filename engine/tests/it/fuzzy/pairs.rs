//! Each pair that shares a block comes once, by the first rule that finds it.

use std::collections::BTreeMap;

use importer_plans::compile::fuzzy::{self, PairUse};
use importer_plans::project::FuzzySpec;

use super::ground::{Drawn, Table, drawn, in_bucket, rule, rules, spec};

/// The values of a record for one name of `compare`.
fn values<'a>(record: &'a Drawn, name: &str) -> Vec<&'a str> {
    let items = |list: &'a Option<Vec<Option<String>>>| -> Vec<&'a str> {
        let mut items: Vec<&str> = list.iter().flatten().flatten().map(String::as_str).collect();
        items.sort_unstable();
        items.dedup();
        items
    };
    match name {
        "given" => record.given.iter().map(String::as_str).collect(),
        "family" => record.family.iter().map(String::as_str).collect(),
        "zip" => record.zip.iter().map(String::as_str).collect(),
        "phones" => items(&record.phones),
        "tags" => items(&record.tags),
        other => panic!("{other} is not drawn"),
    }
}

/// Every combination of the values of a rule.
fn keys<'a>(record: &'a Drawn, on: &[String]) -> Vec<Vec<&'a str>> {
    on.iter().fold(vec![Vec::new()], |keys, name| {
        let values = values(record, name);
        let longer = |key: &Vec<&'a str>| {
            values.iter().map(|value| [key.as_slice(), &[*value]].concat()).collect::<Vec<_>>()
        };
        keys.iter().flat_map(longer).collect()
    })
}

/// Two by two, rule after rule.
fn by_hand(records: &[Drawn], spec: &FuzzySpec) -> BTreeMap<(i64, i64), usize> {
    let mut found = BTreeMap::new();
    for (n, rule) in spec.blocking.iter().enumerate() {
        let mut blocks: BTreeMap<Vec<&str>, Vec<&Drawn>> = BTreeMap::new();
        for record in records {
            keys(record, &rule.on).into_iter().for_each(|key| blocks.entry(key).or_default().push(record));
        }
        let most = usize::try_from(spec.max_block_of(rule)).unwrap();
        for block in blocks.values().filter(|block| block.len() <= most) {
            for (at, one) in block.iter().enumerate() {
                for other in &block[at + 1..] {
                    let same = one.core_id.is_some() && one.core_id == other.core_id;
                    if (one.is_new || other.is_new) && !same {
                        let pair = (one.node.min(other.node), one.node.max(other.node));
                        found.entry(pair).or_insert(n);
                    }
                }
            }
        }
    }
    found
}

/// What the compiled queries find, each pair once.
async fn compiled(
    records: &[Drawn],
    spec: &FuzzySpec,
    (partitions, batch_rows): (usize, usize),
    buckets: u64,
) -> BTreeMap<(i64, i64), usize> {
    let table = Table::new(records, partitions, batch_rows);
    table.find_members(spec).await;
    let query = fuzzy::pairs(spec, PairUse::Count);
    let mut found = BTreeMap::new();
    let mut counted = vec![0; spec.blocking.len()];
    // The same join, with the pairs themselves.
    let (rule, join) = query.sql.split_once(" AS rule\n").expect("a query over pairs");
    let (rule, join) =
        (rule.rsplit_once("SELECT ").expect("a rule").1, join.rsplit_once("\n)").expect("its end").0);
    for bucket in 0..buckets {
        let sql = format!("SELECT a.node AS one, b.node AS other, {rule} AS rule\n{join}");
        let ask = |sql: &str| in_bucket(sql, bucket, buckets);
        let pairs = table.numbers(&ask(&sql)).await;
        let mut rules: BTreeMap<(i64, i64), usize> = BTreeMap::new();
        for (n, _) in spec.blocking.iter().enumerate() {
            let of_rule = ask(&format!("SELECT one, other FROM ({sql}) WHERE rule = {n}"));
            rules.extend(table.numbers(&of_rule).await.into_iter().map(|pair| (pair, n)));
        }
        assert_eq!(pairs.len(), rules.len(), "each pair comes once");
        for (rule, pairs) in table.numbers(&ask(&query.sql)).await {
            counted[usize::try_from(rule).unwrap()] += usize::try_from(pairs).unwrap();
        }
        for (pair, rule) in rules {
            assert!(found.insert(pair, rule).is_none(), "{pair:?} came in two buckets");
        }
    }
    for (rule, counted) in counted.into_iter().enumerate() {
        assert_eq!(found.values().filter(|of| **of == rule).count(), counted, "rule {rule}");
    }
    found
}

#[tokio::test]
async fn pairs_are_those_of_comparing_two_by_two_each_by_its_first_rule() {
    let spec = spec(rules());
    let mut per_rule = vec![0; spec.blocking.len()];
    for seed in 0..12 {
        let records = drawn(seed, 80);
        let wanted = by_hand(&records, &spec);
        for (settings, buckets) in [((1, 8192), 1), ((4, 7), 3)] {
            let found = compiled(&records, &spec, settings, buckets).await;
            assert_eq!(found, wanted, "seed {seed}, {settings:?}, {buckets} buckets");
        }
        wanted.values().for_each(|rule| per_rule[*rule] += 1);
    }
    assert!(per_rule.iter().all(|pairs| *pairs > 20), "each rule has work: {per_rule:?}");
}

/// Two records share a value of an earlier rule whose block is too large: the later rule has the pair.
#[tokio::test]
async fn a_block_that_is_too_large_hides_no_pair_of_a_later_rule() {
    let mut records = drawn(3, 9);
    for (n, record) in records.iter_mut().enumerate() {
        (record.core_id, record.is_new) = (None, true);
        record.zip = Some("1".to_owned());
        record.given = Some(if n < 2 { "anna" } else { "ben" }.to_owned());
    }
    let spec = spec(vec![rule("zip", &["zip"], Some(8)), rule("given", &["given"], Some(2))]);
    let wanted = BTreeMap::from([((records[0].node, records[1].node), 1)]);
    assert_eq!(compiled(&records, &spec, (2, 100), 1).await, wanted);
    assert_eq!(by_hand(&records, &spec), wanted);
}

#[tokio::test]
async fn the_blocks_of_the_index_are_those_of_the_rules() {
    let (records, spec) = (drawn(5, 60), spec(rules()));
    let table = Table::new(&records, 2, 100);
    table.run(&fuzzy::records(&spec, "staged", None)).await;
    let blocks = table.numbers(&format!("SELECT rule, node FROM ({})", fuzzy::block_keys(&spec).sql)).await;
    let mut wanted: Vec<(i64, i64)> = Vec::new();
    for (n, rule) in spec.blocking.iter().enumerate() {
        let of_rule =
            records.iter().flat_map(|record| keys(record, &rule.on).into_iter().map(|_| record.node));
        wanted.extend(of_rule.map(|node| (i64::try_from(n).unwrap(), node)));
    }
    let sorted = |mut rows: Vec<(i64, i64)>| {
        rows.sort_unstable();
        rows
    };
    assert_eq!(sorted(blocks), sorted(wanted));
}
