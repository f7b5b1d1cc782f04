//! Tables that an organisation made long before, with names and keys of their own and without tenants: people who stand
//! there already are met, new ones get ids of the table's own sequence, and all of it can be taken back.

use std::sync::Arc;

use importer_engine::project_check::compare_tables;
use importer_engine::request::RunRequest;
use importer_engine::why::CoreQuestion;
use importer_engine::{Engine, EngineOptions, ErrorKind, RunSummary, Silent};

use super::students::project;
use crate::remedy::ground::texts;
use crate::road::ground::{Ground, count, succeeded};
use crate::rollback::stage::{all_of, back, host};
use crate::store::harness::{TestStore, on_both};

on_both!(people_who_stand_there_are_met, a_table_without_tenants_is_one_tenants);

const HEADER: &str = "Kundennummer,Vorname,Nachname,E-Mail,Ort,Geändert\n";

async fn shop(test: &TestStore) -> Ground {
    project(test, "kunden", |_| ()).await
}

/// The host application changes the city of a row to Bremen, and what is asked about the row tells of it.
pub async fn edited_by_the_host(ground: &Ground, edit: &str, (entity, id): (&str, i64)) {
    host(ground, edit).await;
    let question = CoreQuestion { entity: entity.to_owned(), id, field: None };
    let story = ground.engine.why_core(&question).await.expect("its story");
    let city = story.fields.iter().find(|f| f.field == "city").expect("the field");
    assert_eq!((city.value.as_deref(), city.edited_since), (Some("Bremen"), true));
}

async fn people(ground: &Ground) -> Vec<String> {
    let sql = "SELECT CAST(\"Nr\" AS TEXT) || ' ' || vorname || ' ' || mail || ' ' || ort FROM kunden ORDER BY \"Nr\"";
    texts(ground.store(), sql).await
}

fn core(summary: &RunSummary, name: &str) -> u64 {
    summary.counts["core"]["kunden"][name].as_u64().unwrap_or(0)
}

async fn people_who_stand_there_are_met(test: &TestStore) {
    let ground = shop(test).await;
    let fits = compare_tables(&ground.engine.project, ground.store()).await.expect("the tables");
    assert!(fits.iter().all(|f| f.is_warning), "{fits:#?}");

    let first =
        "7,Alma,Alt,alma@example.org,Neu-Ulm,2025-01-01\n8,Bea,Bunt,bea@example.org,Bonn,2025-01-01\n";
    let first = ground.file("one.csv", format!("{HEADER}{first}"));
    let summary = ground.load(&first).await;
    assert_eq!(
        (core(&summary, "rows_created"), core(&summary, "rows_manual_kept")),
        // What stood there before counts as the shop's own word.
        (1, 1),
        "{:?}",
        summary.counts
    );
    let now = ["1 Alma alma@example.org Ulm", "2 Bea bea@example.org Bonn"];
    assert_eq!(people(&ground).await, now);
    let again = ground.load(&first).await;
    assert_eq!(core(&again, "rows_skipped_no_change"), 2, "{:?}", again.counts);

    let second = "8,Bea,Bunt,bea@example.org;b.bunt@example.org,Berlin,2025-02-01\n9,Cid,Cor,cid@example.org,Celle,2025-02-01\n";
    let second = ground.file("two.csv", format!("{HEADER}{second}"));
    let changed = ground.load(&second).await;
    assert_eq!(
        (core(&changed, "rows_created"), core(&changed, "rows_updated")),
        (1, 1),
        "{:?}",
        changed.counts
    );
    assert_eq!(people(&ground).await[1..], ["2 Bea bea@example.org Berlin", "3 Cid cid@example.org Celle"]);
    assert_eq!(count(ground.store(), "SELECT count(*) FROM kunden_mails").await, 4);

    // The shop writes itself: its edit stays.
    let edit = "UPDATE kunden SET ort = 'Bremen' WHERE \"Nr\" = 2";
    edited_by_the_host(&ground, edit, ("kunden", 2)).await;

    back(&ground, &all_of(changed.run_id)).await;
    assert_eq!(people(&ground).await, ["1 Alma alma@example.org Ulm", "2 Bea bea@example.org Bremen"]);
}

async fn a_table_without_tenants_is_one_tenants(test: &TestStore) {
    let ground = shop(test).await;
    let file = ground.file("one.csv", format!("{HEADER}8,Bea,Bunt,bea@example.org,Bonn,2025-01-01\n"));
    succeeded(ground.run(&RunRequest::files([&file])).await);
    let options = EngineOptions { tenant: "other".into(), ..ground.options.clone() };
    let engine = Engine::open(options).await.unwrap_or_else(|_| panic!("it opens"));
    let error =
        Box::pin(engine.run(&RunRequest::files([&file]), Arc::new(Silent))).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert!(error.to_string().contains("`kunden") && error.to_string().contains("default"), "{error}");
}
