//! Strangers are drawn by the seed and by what records say, by nothing else.

use importer_plans::compile::fuzzy;
use importer_plans::project::FuzzySpec;

use super::ground::{Drawn, Table, drawn, rules, spec};

async fn strangers(
    records: &[Drawn],
    spec: &FuzzySpec,
    (partitions, batch_rows): (usize, usize),
    seed: i64,
) -> Vec<(i64, i64)> {
    let table = Table::new(records, partitions, batch_rows);
    table.run(&fuzzy::records(spec, "staged", None)).await;
    let mut sample = fuzzy::sample(spec, 60);
    sample.sql = sample.sql.replace("$seed", &seed.to_string());
    table.run(&[sample]).await;
    let mut found = table.numbers(&fuzzy::strangers(spec, 5)).await;
    found.sort_unstable();
    found
}

#[tokio::test]
async fn the_seed_alone_draws_them() {
    let spec = spec(rules());
    for drawn_by in 50..54 {
        let mut records = drawn(drawn_by, 150);
        let wanted = strangers(&records, &spec, (1, 8192), 1).await;
        // Each record beside the five after it, and the last five beside fewer.
        assert_eq!(wanted.iter().map(|(_, pairs)| pairs).sum::<i64>(), 60 * 5 - 15, "seed {drawn_by}");
        // Other numbers and another order of the same contents.
        records.reverse();
        records.iter_mut().zip(1_000..).for_each(|(record, node)| record.node = node);
        assert_eq!(strangers(&records, &spec, (4, 7), 1).await, wanted, "seed {drawn_by}");
        assert_ne!(strangers(&records, &spec, (1, 8192), 2).await, wanted, "seed {drawn_by}");
    }
}

/// Copies would stand side by side, and be taken for strangers that agree in everything.
#[tokio::test]
async fn copies_are_one_record() {
    let spec = spec(rules());
    let records = drawn(60, 40);
    let mut copied = [records.clone(), records.clone()].concat();
    copied.iter_mut().zip(0..).for_each(|(record, node)| record.node = node);
    let settings = (2, 100);
    assert_eq!(strangers(&copied, &spec, settings, 1).await, strangers(&records, &spec, settings, 1).await);
}
