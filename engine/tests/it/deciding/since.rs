//! What happened while two were one: it belongs to the row whose record it came from; what nobody of ours wrote stays.

use super::stage::{import, merge, of, person, row_of, unmerge};
use crate::road::ground::{Ground, whole};
use crate::rollback::stage::{Person, host, value};
use crate::store::harness::{TestStore, on_both};

on_both!(
    each_change_belongs_to_its_record,
    what_is_said_again_belongs_to_its_record,
    members_go_with_their_record,
    the_first_address_goes_with_its_field,
    a_field_by_whom_it_was_changed,
);

const LATER: &str = "2025-06-10T00:00:00Z";

fn two() -> [Person; 2] {
    [
        Person { email: "anna@example.org", employer: "Harbor", ..person("A", "Anna", "Berlin") },
        Person {
            email: "bea@example.org",
            employer: "Mill",
            updated: "2025-02-10T00:00:00Z",
            ..person("B", "Anna", "Kiel")
        },
    ]
}

async fn merged(test: &TestStore) -> (Ground, i64, i64, Option<i64>) {
    let ground = Ground::new(test).await;
    import(&ground, "1.csv", "crm", &two()).await;
    let (a, b) = (row_of(&ground, "A").await, row_of(&ground, "B").await);
    let report = merge(&ground, a, b).await;
    (ground, a, b, report.merge_id)
}

async fn each_change_belongs_to_its_record(test: &TestStore) {
    let (ground, a, b, merge) = merged(test).await;
    import(&ground, "2.csv", "crm", &[Person { city: "Bonn", updated: LATER, ..two()[1].clone() }]).await;
    import(
        &ground,
        "3.csv",
        "crm",
        &[Person { employer: "Forge", updated: "2025-07-10T00:00:00Z", ..two()[0].clone() }],
    )
    .await;
    assert_eq!(
        (of(&ground, a, "city").await, of(&ground, a, "employer").await),
        ("Berlin".into(), "Forge".into())
    );
    let report = unmerge(&ground, merge).await;
    assert_eq!(report.status, "undone", "{report:#?}");
    assert_eq!(of(&ground, a, "employer").await, "Forge");
    assert_eq!(of(&ground, a, "city").await, "Berlin");
    assert_eq!(
        (of(&ground, b, "employer").await, of(&ground, b, "city").await),
        ("Mill".into(), "Bonn".into())
    );
    whole(ground.store()).await;
    // Both go on by themselves.
    import(
        &ground,
        "4.csv",
        "crm",
        &[Person { city: "Jena", updated: "2025-08-10T00:00:00Z", ..two()[1].clone() }],
    )
    .await;
    assert_eq!(
        (of(&ground, a, "city").await, of(&ground, b, "city").await),
        ("Berlin".into(), "Jena".into())
    );
}

/// The last record says what the merge had left: it is the record's all the same.
async fn what_is_said_again_belongs_to_its_record(test: &TestStore) {
    let (ground, a, b, merge) = merged(test).await;
    import(&ground, "2.csv", "crm", &[Person { city: "Bonn", updated: LATER, ..two()[1].clone() }]).await;
    let again = Person { city: "Kiel", updated: "2025-07-10T00:00:00Z", ..two()[0].clone() };
    import(&ground, "3.csv", "crm", &[again]).await;
    assert_eq!(of(&ground, a, "city").await, "Kiel");
    unmerge(&ground, merge).await;
    assert_eq!((of(&ground, a, "city").await, of(&ground, b, "city").await), ("Kiel".into(), "Bonn".into()));
    // It counts as a value of its source.
    let later = Person { city: "Jena", updated: "2025-08-10T00:00:00Z", ..two()[0].clone() };
    import(&ground, "4.csv", "crm", &[later]).await;
    assert_eq!(of(&ground, a, "city").await, "Jena");
}

async fn members_go_with_their_record(test: &TestStore) {
    let (ground, a, b, merge) = merged(test).await;
    let more = Person { others: "bea2@example.org", updated: LATER, ..two()[1].clone() };
    import(&ground, "2.csv", "crm", &[more]).await;
    let owner = "SELECT CAST(contact_id AS TEXT) FROM {contact_emails} WHERE email_key = 'bea2@example.org'";
    assert_eq!(value(&ground, owner).await, a.to_string());
    let report = unmerge(&ground, merge).await;
    assert_eq!(value(&ground, owner).await, b.to_string(), "{report:#?}");
    assert_eq!(
        (of(&ground, a, "email").await, of(&ground, b, "email").await),
        ("anna@example.org".into(), "bea@example.org".into())
    );
    whole(ground.store()).await;
}

/// The mark of the first e-mail follows the field, whoever changed it while both were one.
async fn the_first_address_goes_with_its_field(test: &TestStore) {
    let (ground, a, b, merge) = merged(test).await;
    import(&ground, "2.csv", "crm", &[Person { city: "Bonn", updated: LATER, ..two()[0].clone() }]).await;
    assert_eq!(of(&ground, a, "email").await, "anna@example.org");
    let newer = Person { email: "bea3@example.org", updated: "2025-07-10T00:00:00Z", ..two()[1].clone() };
    import(&ground, "3.csv", "crm", &[newer]).await;
    assert_eq!(of(&ground, a, "email").await, "bea3@example.org");
    unmerge(&ground, merge).await;
    let first =
        |id: i64| format!("SELECT email FROM {{contact_emails}} WHERE contact_id = {id} AND is_primary");
    assert_eq!(
        (of(&ground, a, "email").await, value(&ground, &first(a)).await),
        ("anna@example.org".into(), "anna@example.org".into())
    );
    assert_eq!(
        (of(&ground, b, "email").await, value(&ground, &first(b)).await),
        ("bea3@example.org".into(), "bea3@example.org".into())
    );
    let marks = "SELECT count(*) FROM {contact_emails} WHERE is_primary";
    assert_eq!(crate::road::ground::count(ground.store(), marks).await, 2);
    whole(ground.store()).await;
}

/// Untouched, later by the one, later by the other, by the host.
async fn a_field_by_whom_it_was_changed(test: &TestStore) {
    for (who, expected) in [
        ("nobody", ("Berlin", "Kiel")),
        ("winner", ("Bonn", "Kiel")),
        ("loser", ("Berlin", "Bonn")),
        ("host", ("Bonn", "Kiel")),
    ] {
        let (ground, a, b, merge) = merged_as(test, who).await;
        assert_eq!(of(&ground, a, "city").await, if who == "nobody" { "Kiel" } else { "Bonn" }, "{who}");
        let report = unmerge(&ground, merge).await;
        let found = (of(&ground, a, "city").await, of(&ground, b, "city").await);
        assert_eq!((found.0.as_str(), found.1.as_str()), expected, "{who}: {report:#?}");
    }
}

/// Two people of a system of their own, and what becomes of their city while they are one.
async fn merged_as(test: &TestStore, who: &'static str) -> (Ground, i64, i64, Option<i64>) {
    let ground = Ground::new(test).await;
    let ids = match who {
        "nobody" => ("N1", "N2"),
        "winner" => ("W1", "W2"),
        "loser" => ("L1", "L2"),
        _ => ("H1", "H2"),
    };
    let emails = match who {
        "nobody" => ("n1@example.org", "n2@example.org"),
        "winner" => ("w1@example.org", "w2@example.org"),
        "loser" => ("l1@example.org", "l2@example.org"),
        _ => ("h1@example.org", "h2@example.org"),
    };
    let one = Person { email: emails.0, ..person(ids.0, "Anna", "Berlin") };
    let other = Person { email: emails.1, updated: "2025-02-10T00:00:00Z", ..person(ids.1, "Anna", "Kiel") };
    import(&ground, "1.csv", who, &[one.clone(), other.clone()]).await;
    let (a, b) = (row_of(&ground, ids.0).await, row_of(&ground, ids.1).await);
    let merge = merge(&ground, a, b).await.merge_id;
    match who {
        "winner" => {
            import(&ground, "2.csv", who, &[Person { city: "Bonn", updated: LATER, ..one }]).await;
        }
        "loser" => {
            import(&ground, "2.csv", who, &[Person { city: "Bonn", updated: LATER, ..other }]).await;
        }
        "host" => host(&ground, &format!("UPDATE {{contacts}} SET city = 'Bonn' WHERE id = {a}")).await,
        _ => {}
    }
    (ground, a, b, merge)
}
