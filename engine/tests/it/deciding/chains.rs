//! Three people become one by two merges, which are taken back in any order.

use importer_engine::store::Table;

use super::stage::{import, merge, of, person, row_of, unmerge};
use crate::road::ground::{Ground, count, whole};
use crate::rollback::stage::{Person, host, records, same};
use crate::store::harness::{TestStore, on_both};

on_both!(
    three_in_all_orders,
    a_record_speaks_for_its_row_wherever_that_went,
    the_id_of_one_that_went_may_be_taken,
    a_rollback_tells_who_was_merged,
);

fn three() -> [Person; 3] {
    [
        Person { email: "anna@example.org", ..person("A", "Anna", "") },
        Person {
            email: "bea@example.org",
            employer: "Mill",
            updated: "2025-02-10T00:00:00Z",
            ..person("B", "Anna", "Kiel")
        },
        Person {
            email: "cora@example.org",
            phone: "+49 30 1234567",
            updated: "2025-03-10T00:00:00Z",
            ..person("C", "Anna", "Ulm")
        },
    ]
}

async fn three_in_all_orders(test: &TestStore) {
    let ground = Ground::new(test).await;
    import(&ground, "1.csv", "crm", &three()).await;
    let ids = [row_of(&ground, "A").await, row_of(&ground, "B").await, row_of(&ground, "C").await];
    let before = without_suggestions(records(ground.store()).await);
    for first in [(0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)] {
        let third = 3 - first.0 - first.1;
        for second in [(first.0, third), (third, first.0)] {
            for forwards in [true, false] {
                let what = format!("{first:?} {second:?} forwards {forwards}");
                let one = merge_again(&ground, ids[first.0], ids[first.1]).await;
                let other = merge_again(&ground, ids[second.0], ids[second.1]).await;
                assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1, "{what}");
                whole(ground.store()).await;
                let order = if forwards { [one, other] } else { [other, one] };
                let report = unmerge(&ground, order[0]).await;
                assert_eq!(report.reopened.len(), usize::from(forwards), "{what}: {report:#?}");
                assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 2, "{what}");
                whole(ground.store()).await;
                unmerge(&ground, order[1]).await;
                same(&without_suggestions(records(ground.store()).await), &before, &what);
            }
        }
    }
}

/// A went into C, and what a record of B said then was written there.
async fn a_record_speaks_for_its_row_wherever_that_went(test: &TestStore) {
    let ground = Ground::new(test).await;
    import(&ground, "1.csv", "crm", &three()).await;
    let [a, b, c] = [row_of(&ground, "A").await, row_of(&ground, "B").await, row_of(&ground, "C").await];
    let (one, other) = (merge(&ground, a, b).await, merge(&ground, c, a).await);
    let [of_a, of_b, _] = three();
    import(&ground, "2.csv", "crm", &[Person { city: "Bonn", updated: "2025-06-10T00:00:00Z", ..of_b }])
        .await;
    assert_eq!(of(&ground, c, "city").await, "Bonn");
    let report = unmerge(&ground, one.merge_id).await;
    assert_eq!(report.reopened.len(), 1, "{report:#?}");
    assert_eq!((of(&ground, b, "city").await, of(&ground, c, "city").await), ("Bonn".into(), "Ulm".into()));
    let decisions = Table::control("match_decisions").sql(ground.store().dialect());
    let same = format!(
        "SELECT count(*) FROM {decisions} WHERE verdict = 'same' AND revoked_at IS NULL AND 'B' IN (one_id, other_id)"
    );
    assert_eq!(count(ground.store(), &same).await, 0, "nobody says that B is one with anybody");
    unmerge(&ground, other.merge_id).await;
    assert_eq!((of(&ground, a, "city").await, of(&ground, c, "city").await), ("NULL".into(), "Ulm".into()));
    assert_eq!(of(&ground, a, "email").await, "anna@example.org");
    whole(ground.store()).await;
    // Nothing of A counts as written by the host.
    import(&ground, "3.csv", "crm", &[Person { city: "Jena", updated: "2025-07-10T00:00:00Z", ..of_a }])
        .await;
    assert_eq!(of(&ground, a, "city").await, "Jena");
}

fn without_suggestions(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().filter(|line| !line.starts_with("dedupe_suggestions")).collect()
}

/// Whoever parted them said that they are two; here they are one again.
async fn merge_again(ground: &Ground, winner: i64, loser: i64) -> Option<i64> {
    let request = importer_engine::deciding::MergeRequest {
        rows: Some((winner, loser)),
        force: true,
        ..importer_engine::deciding::MergeRequest::default()
    };
    super::stage::try_merge(ground, request).await.unwrap().merge_id
}

async fn the_id_of_one_that_went_may_be_taken(test: &TestStore) {
    let ground = Ground::new(test).await;
    import(&ground, "1.csv", "crm", &three()).await;
    let (a, b) = (row_of(&ground, "A").await, row_of(&ground, "B").await);
    let merged = merge(&ground, a, b).await;
    host(
        &ground,
        &format!("INSERT INTO {{contacts}} (tenant_id, id, first_name) VALUES ('default', {b}, 'Zoe')"),
    )
    .await;
    let request = importer_engine::deciding::UnmergeRequest {
        merge: merged.merge_id.unwrap(),
        ..importer_engine::deciding::UnmergeRequest::default()
    };
    let error = super::stage::try_unmerge(&ground, request.clone()).await.unwrap_err();
    assert_eq!(error.code(), Some("UNMERGE_TAKEN"), "{error}");
    assert_eq!(of(&ground, b, "first_name").await, "Zoe");
    for (table, owner) in [
        ("contact_emails", "contact_id"),
        ("contact_phones", "contact_id"),
        ("volunteers", "id"),
        ("contacts", "id"),
    ] {
        host(&ground, &format!("DELETE FROM {{{table}}} WHERE {owner} IN ({a}, {b})")).await;
    }
    let error = super::stage::try_unmerge(&ground, request).await.unwrap_err();
    assert_eq!(error.code(), Some("UNMERGE_GONE"), "{error}");
}

/// What a run made cannot be taken back while it is one with something else.
async fn a_rollback_tells_who_was_merged(test: &TestStore) {
    let ground = Ground::new(test).await;
    let [a, b, c] = three();
    import(&ground, "1.csv", "crm", &[a]).await;
    let run = import(&ground, "2.csv", "crm", &[b, c]).await;
    let (a, b) = (row_of(&ground, "A").await, row_of(&ground, "B").await);
    let merged = merge(&ground, a, b).await;
    let report = crate::rollback::stage::back(&ground, &crate::rollback::stage::all_of(run)).await;
    assert_eq!((report.counts.removed, report.reasons.get("merged_since")), (1, Some(&1)), "{report:#?}");
    let told = report.sample.iter().find(|kept| kept.reason == "merged_since").unwrap();
    assert_eq!(told.who.as_deref(), Some(format!("merge {}", merged.merge_id.unwrap()).as_str()));
    unmerge(&ground, merged.merge_id).await;
    let rest = crate::rollback::stage::back(&ground, &crate::rollback::stage::all_of(run)).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1, "{rest:#?}");
}
