//! Who did what: every action of a run and of the store is in the audit, and a project that changed between two runs is
//! named with its files.

use importer_engine::request::RunRequest;
use importer_engine::store::{AuditFilter, AuditRecord, NamespaceStatus};

use super::ground::{Ground, open, succeeded, workspace};
use crate::store::harness::{TestStore, on_both};

const PEOPLE: &str = "external_id,first_name,last_name,email\nC-1,Anna,Schmidt,anna@example.org\n";

async fn entries(ground: &Ground, filter: AuditFilter) -> Vec<AuditRecord> {
    ground.store().list_audit("default", &filter).await.unwrap()
}

async fn run(ground: &Ground, who: &str) -> i64 {
    let mut request = RunRequest::files([ground.file("people.csv", PEOPLE)]);
    request.external_system = Some("crm".to_owned());
    request.triggered_by = Some(who.to_owned());
    succeeded(ground.run(&request).await).run_id
}

async fn a_run_leaves_its_trail(test: &TestStore) {
    let ground = Ground::with(test, |options, _| options.actor = "keeper".to_owned()).await;
    let id = run(&ground, "anna").await;
    let of_run = entries(&ground, AuditFilter { run_id: Some(id), ..AuditFilter::default() }).await;
    let actions: Vec<&str> = of_run.iter().rev().map(|r| r.entry.action.as_str()).collect();
    assert_eq!(actions, ["IMPORT_RUN_STARTED", "NAMESPACE_SEEN", "IMPORT_RUN_FINISHED"]);
    assert!(of_run.iter().all(|r| r.entry.actor == "anna" && r.created_at > 0));
    let started = &of_run.last().unwrap().entry;
    assert_eq!(started.details_json["files"][0], "people.csv");
    assert_eq!(
        (&started.details_json["policy"], &started.details_json["mode"]),
        (&"upsert".into(), &"valid_only".into())
    );
    assert!(started.details_json["project_hash"].as_str().is_some_and(|h| h.len() == 32));

    ground.store().decide_namespace("default", "crm", NamespaceStatus::Approved, "keeper").await.unwrap();
    let filter = AuditFilter {
        target_type: Some("namespace".to_owned()),
        target_id: Some("crm".to_owned()),
        ..AuditFilter::default()
    };
    let decided = &entries(&ground, filter).await[0].entry;
    assert_eq!((decided.action.as_str(), decided.actor.as_str()), ("NAMESPACE_DECIDED", "keeper"));
    assert_eq!(decided.details_json["before"]["status"], "seen");
    assert_eq!(decided.details_json["after"]["status"], "approved");
    // Nobody is asked who they are when the engine knows: a run that names nobody is the engine's actor's.
    let mut request = RunRequest::files([ground.file("people.csv", PEOPLE)]);
    request.external_system = Some("crm".to_owned());
    succeeded(ground.run(&request).await);
    assert_eq!(entries(&ground, AuditFilter::default()).await[0].entry.actor, "keeper");
}

async fn a_changed_policy_is_named(test: &TestStore) {
    let ground = Ground::with(test, |options, folder| {
        let rules = folder.join("project/entities/volunteers/check");
        std::fs::create_dir_all(&rules).unwrap();
        options.project = Some(folder.join("project"));
    })
    .await;
    run(&ground, "anna").await;
    run(&ground, "anna").await;
    let changed = AuditFilter { action: Some("PROJECT_CHANGED".to_owned()), ..AuditFilter::default() };
    assert!(entries(&ground, changed.clone()).await.is_empty(), "the same project twice is no change");

    let name = "entities/volunteers/check/VOL_EMAIL_FORMAT.sql";
    let rule = std::fs::read_to_string(workspace().join("sql/project").join(name)).unwrap();
    let folder = ground.folder().join("project");
    std::fs::write(folder.join(name), rule.replace("severity: error", "severity: warn")).unwrap();
    let own = "entities/volunteers/check/VOL_OWN.sql";
    std::fs::write(folder.join(own), rule.replace("VOL_EMAIL_FORMAT", "VOL_OWN")).unwrap();
    let engine = open(&ground.options).await;
    let mut request = RunRequest::files([ground.file("people.csv", PEOPLE)]);
    request.external_system = Some("crm".to_owned());
    request.triggered_by = Some("bob".to_owned());
    let summary = Box::pin(engine.run(&request, std::sync::Arc::new(importer_engine::Silent))).await.unwrap();
    let found = entries(&ground, changed).await;
    assert_eq!(found.len(), 1);
    let entry = &found[0].entry;
    assert_eq!((entry.actor.as_str(), entry.run_id), ("bob", Some(summary.run_id)));
    assert_eq!(entry.details_json["changed"], serde_json::json!([name]));
    assert_eq!(entry.details_json["added"], serde_json::json!([own]));
    assert_eq!(entry.details_json["removed"], serde_json::json!([]));
    assert_ne!(entry.details_json["before"]["project_hash"], entry.details_json["after"]["project_hash"]);
    assert_eq!(entry.details_json["before"]["run_id"], 2);
}

async fn filters_and_pages(test: &TestStore) {
    let ground = Ground::new(test).await;
    for who in ["anna", "bob", "anna"] {
        run(&ground, who).await;
    }
    let all = entries(&ground, AuditFilter { limit: Some(1_000), ..AuditFilter::default() }).await;
    assert!(all.windows(2).all(|two| two[0].id > two[1].id), "newest first");
    let bob = entries(&ground, AuditFilter { actor: Some("bob".to_owned()), ..AuditFilter::default() }).await;
    assert_eq!(bob.iter().map(|r| r.entry.run_id).collect::<Vec<_>>(), [Some(2), Some(2)]);
    let mut seen = Vec::new();
    let mut filter = AuditFilter { limit: Some(2), ..AuditFilter::default() };
    loop {
        let page = entries(&ground, filter.clone()).await;
        let Some(last) = page.last() else { break };
        filter.before_id = Some(last.id);
        seen.extend(page.iter().map(|r| r.id));
    }
    assert_eq!(seen, all.iter().map(|r| r.id).collect::<Vec<_>>());
    let middle = all[all.len() / 2].created_at;
    let since =
        entries(&ground, AuditFilter { since: Some(middle), limit: Some(1_000), ..AuditFilter::default() })
            .await;
    assert!(since.iter().all(|r| r.created_at >= middle) && !since.is_empty());
    assert_eq!(
        entries(&ground, AuditFilter { days: Some(1), limit: Some(1_000), ..AuditFilter::default() })
            .await
            .len(),
        all.len()
    );
    let tomorrow = all[0].created_at + 24 * 3600 * 1_000_000;
    assert!(
        entries(&ground, AuditFilter { since: Some(tomorrow), ..AuditFilter::default() }).await.is_empty()
    );
    assert!(
        ground.store().list_audit("other", &AuditFilter::default()).await.unwrap().is_empty(),
        "another tenant"
    );
    let words = ground.store().audit_words("default").await.unwrap();
    assert!(
        words.actors.contains(&"bob".to_owned()) && words.actions.contains(&"IMPORT_RUN_STARTED".to_owned())
    );
}

async fn migrations_are_written_down(test: &TestStore) {
    use importer_engine::store::{AuditAs, Store, StoreOptions, UpgradeOptions};
    let by = AuditAs { tenant: "default".to_owned(), actor: "keeper".to_owned() };
    let store = Store::connect(StoreOptions { audit_as: Some(by), ..test.options.clone() }).await.unwrap();
    let done = store.upgrade(UpgradeOptions::default()).await.unwrap();
    let last = *done.last().unwrap();
    store.downgrade(last - 1).await.unwrap();
    let found = store.list_audit("default", &AuditFilter::default()).await.unwrap();
    let told: Vec<(String, String)> =
        found.iter().map(|r| (r.entry.action.clone(), r.entry.target_id.clone().unwrap())).collect();
    let up = |n: &i64| ("STORE_UPGRADED".to_owned(), n.to_string());
    let mut wanted: Vec<_> = done.iter().map(up).collect();
    wanted.push(("STORE_DOWNGRADED".to_owned(), last.to_string()));
    wanted.reverse();
    assert_eq!(told, wanted);
    // Numbers may have gaps.
    assert_eq!(found[0].entry.details_json["after"]["version"], done[done.len() - 2]);
    assert!(found.iter().all(|r| r.entry.actor == "keeper"));
    store.close().await;
}

on_both!(a_run_leaves_its_trail, a_changed_policy_is_named, filters_and_pages, migrations_are_written_down,);
