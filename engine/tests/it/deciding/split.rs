//! Records that an import joined by a shared key leave the row of the others.

use importer_engine::deciding::{SplitReport, SplitRequest};

use super::stage::{import, of, person, row_of};
use crate::road::ground::{Ground, count, whole};
use crate::rollback::stage::{Person, records, same, value};
use crate::store::harness::{TestStore, on_both};

on_both!(records_get_a_row_of_their_own, what_cannot_be_split_is_refused);

/// Two systems know an Anna Stein of one address. They are cousins.
async fn joined(test: &TestStore) -> (Ground, i64) {
    let ground = Ground::new(test).await;
    let one = Person { email: "stein@example.org", employer: "Harbor", ..person("A", "Anna", "Berlin") };
    import(&ground, "1.csv", "crm", std::slice::from_ref(&one)).await;
    let other = Person {
        email: "stein@example.org",
        others: "anna2@example.org",
        phone: "+49 30 1234567",
        updated: "2025-02-10T00:00:00Z",
        ..person("B", "Anna", "Kiel")
    };
    import(&ground, "2.csv", "shop", &[other]).await;
    let (a, b) = (row_of(&ground, "A").await, row_of(&ground, "B").await);
    assert_eq!(a, b, "the address joined them");
    assert_eq!(of(&ground, a, "city").await, "Kiel");
    (ground, a)
}

fn ask(row: i64, id: &str) -> SplitRequest {
    SplitRequest {
        entity: "volunteers".to_owned(),
        row,
        links: vec![("shop".to_owned(), id.to_owned())],
        show: true,
        dry_run: false,
        triggered_by: Some("stella".to_owned()),
    }
}

async fn split(ground: &Ground, request: SplitRequest) -> Result<SplitReport, importer_engine::Error> {
    Box::pin(ground.engine.split(&request)).await
}

async fn records_get_a_row_of_their_own(test: &TestStore) {
    let (ground, a) = joined(test).await;
    let before = records(ground.store()).await;
    let look = split(&ground, SplitRequest { dry_run: true, ..ask(a, "B") }).await.unwrap();
    assert!(look.dry_run, "{look:#?}");
    same(&records(ground.store()).await, &before, "a look changes nothing");

    let report = split(&ground, ask(a, "B")).await.unwrap();
    let b = row_of(&ground, "B").await;
    assert_eq!((report.row, report.new_row), (a, b));
    // What only the other record had goes with it; what both had stays with both.
    assert_eq!(
        (of(&ground, a, "city").await, of(&ground, b, "city").await),
        ("Berlin".into(), "Kiel".into())
    );
    assert_eq!(
        (of(&ground, a, "phone").await, of(&ground, b, "phone").await),
        ("NULL".into(), "+49301234567".into())
    );
    assert_eq!(
        (of(&ground, a, "employer").await, of(&ground, b, "employer").await),
        ("Harbor".into(), "NULL".into())
    );
    let owners = |key: &str| format!("SELECT count(*) FROM {{contact_emails}} WHERE email_key = '{key}'");
    assert_eq!(count(ground.store(), &owners("stein@example.org")).await, 2);
    assert_eq!(count(ground.store(), &owners("anna2@example.org")).await, 1);
    let owner = "SELECT CAST(contact_id AS TEXT) FROM {contact_emails} WHERE email_key = 'anna2@example.org'";
    assert_eq!(value(&ground, owner).await, b.to_string());
    whole(ground.store()).await;
    // Each record goes on in its own row.
    let later =
        Person { email: "stein@example.org", updated: "2025-03-10T00:00:00Z", ..person("B", "Anna", "Ulm") };
    import(&ground, "3.csv", "shop", &[later]).await;
    assert_eq!((of(&ground, a, "city").await, of(&ground, b, "city").await), ("Berlin".into(), "Ulm".into()));
}

async fn what_cannot_be_split_is_refused(test: &TestStore) {
    let (ground, a) = joined(test).await;
    assert_eq!(split(&ground, ask(a, "X")).await.unwrap_err().code(), Some("SPLIT_LINK"));
    let mut all = ask(a, "B");
    all.links.push(("crm".to_owned(), "A".to_owned()));
    assert_eq!(split(&ground, all).await.unwrap_err().code(), Some("SPLIT_ALL"));
    assert_eq!(split(&ground, ask(4711, "B")).await.unwrap_err().code(), Some("NOT_FOUND"));
}
