//! Whatever is merged, imported and parted: once all merges are taken back and the records came again, everybody is who they
//! would be without any of it.

use std::collections::BTreeMap;

use importer_engine::deciding::{MergeRequest, UnmergeRequest};

use super::stage::{try_merge, try_unmerge};
use crate::road::ground::Ground;
use crate::road::ground::named;
use crate::store::harness::{TestStore, on_both};

on_both!(lives_apart);

const IDS: [&str; 4] = ["A", "B", "C", "D"];
const CITIES: [&str; 5] = ["Aachen", "Bonn", "Celle", "Dresden", "Essen"];

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % n
    }
}

/// A record as its source says it last.
#[derive(Debug, Clone, Copy)]
struct Record {
    city: usize,
    mails: usize,
    day: usize,
}

fn text(records: &[(usize, Record)]) -> String {
    let mut text =
        "external_system,external_id,first_name,last_name,email,alternate_emails,city,source_updated_at\n"
            .to_owned();
    for (n, record) in records {
        let id = IDS[*n].to_lowercase();
        let more: Vec<String> = (1..record.mails).map(|m| format!("{id}{m}@example.org")).collect();
        text.push_str(&format!(
            "crm,{},Anna,Stein,{id}@example.org,{},{},2025-{:02}-{:02}T00:00:00Z\n",
            IDS[*n],
            more.join(";"),
            CITIES[record.city],
            1 + record.day / 28,
            1 + record.day % 28
        ));
    }
    text
}

async fn import(ground: &Ground, name: &str, records: &[(usize, Record)]) {
    ground.load(&ground.file(name, text(records))).await;
}

async fn ids(ground: &Ground, tenant: &str) -> BTreeMap<String, i64> {
    let sql = format!("SELECT external_id, core_id FROM {{external_id_map}} WHERE tenant_id = '{tenant}'");
    let mut session = ground.store().session().await.unwrap();
    let rows = session.fetch(&named(ground.store(), &sql), &[]).await.unwrap();
    rows.iter().map(|row| (row.text(0).unwrap().to_owned(), row.int(1).unwrap())).collect()
}

/// Everybody by external id: city, first address, all addresses.
async fn everybody(ground: &Ground, tenant: &str) -> Vec<String> {
    let mut told = Vec::new();
    for (id, core) in ids(ground, tenant).await {
        let sql = format!(
            "SELECT c.city, c.email, e.email_key, CAST(e.is_primary AS TEXT) FROM {{contacts}} c JOIN {{contact_emails}} e ON e.tenant_id = c.tenant_id AND e.contact_id = c.id WHERE c.tenant_id = '{tenant}' AND c.id = {core} ORDER BY 3"
        );
        let mut session = ground.store().session().await.unwrap();
        for row in session.fetch(&named(ground.store(), &sql), &[]).await.unwrap() {
            let cells: Vec<&str> = (0..4).map(|n| row.opt_text(n).unwrap().unwrap_or("NULL")).collect();
            told.push(format!("{id}: {}", cells.join(" ")));
        }
    }
    told
}

async fn lives_apart(test: &TestStore) {
    for seed in 1..=6_u64 {
        lives_apart_from(test, seed).await;
    }
}

async fn lives_apart_from(test: &TestStore, seed: u64) {
    let (one, other) = (format!("m{seed}"), format!("p{seed}"));
    let merged = Ground::with(test, |options, _| options.tenant.clone_from(&one)).await;
    let plain = Ground::with(test, |options, _| options.tenant.clone_from(&other)).await;
    let mut dice = Dice(seed);
    let mut last: Vec<Record> = (0..IDS.len()).map(|n| Record { city: n, mails: 1, day: n }).collect();
    let all = |last: &[Record]| last.iter().copied().enumerate().collect::<Vec<_>>();
    for ground in [&merged, &plain] {
        import(ground, "0.csv", &all(&last)).await;
    }
    let (mut standing, mut log) = (Vec::new(), Vec::new());
    for step in 1..=10 {
        match dice.below(4) {
            0 | 1 => {
                let n = dice.below(IDS.len());
                let mails = last[n].mails + dice.below(2);
                last[n] = Record { city: dice.below(CITIES.len()), mails, day: 10 * step + dice.below(9) };
                log.push(format!("import {} {:?}", IDS[n], last[n]));
                for ground in [&merged, &plain] {
                    import(ground, &format!("{step}.csv"), &[(n, last[n])]).await;
                }
            }
            2 => {
                let mut rows: Vec<i64> = ids(&merged, &one).await.into_values().collect();
                rows.sort_unstable();
                rows.dedup();
                if rows.len() < 2 {
                    continue;
                }
                let (a, b) = (dice.below(rows.len()), dice.below(rows.len() - 1));
                let b = if b >= a { b + 1 } else { b };
                log.push(format!("merge {} {}", rows[a], rows[b]));
                let request =
                    MergeRequest { rows: Some((rows[a], rows[b])), force: true, ..MergeRequest::default() };
                let report = try_merge(&merged, request).await;
                standing
                    .push(report.unwrap_or_else(|e| panic!("seed {seed}: {e}\n{log:#?}")).merge_id.unwrap());
            }
            _ => {
                if standing.is_empty() {
                    continue;
                }
                let merge = standing.remove(dice.below(standing.len()));
                log.push(format!("unmerge {merge}"));
                part(&merged, merge, seed, &log).await;
            }
        }
    }
    while !standing.is_empty() {
        let merge = standing.remove(dice.below(standing.len()));
        log.push(format!("unmerge {merge}"));
        part(&merged, merge, seed, &log).await;
    }
    for ground in [&merged, &plain] {
        import(ground, "last.csv", &all(&last)).await;
    }
    assert_eq!(everybody(&merged, &one).await, everybody(&plain, &other).await, "seed {seed}: {log:#?}");
}

async fn part(ground: &Ground, merge: i64, seed: u64, log: &[String]) {
    let request = UnmergeRequest { merge, ..UnmergeRequest::default() };
    let done = try_unmerge(ground, request).await;
    done.unwrap_or_else(|e| panic!("seed {seed}: {e}\n{log:#?}"));
}
