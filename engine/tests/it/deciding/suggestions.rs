//! What becomes of suggestions of today's exact keys, and what later runs make of it.

use importer_engine::deciding::{AcceptRequest, DecideSuggestions, MergeRequest, SuggestionsRequest};
use importer_engine::store::{Decision, SuggestionFilter};

use super::stage::{import, person, try_merge, unmerge};
use crate::road::ground::{Ground, count};
use crate::rollback::stage::Person;
use crate::store::harness::{TestStore, on_both};

on_both!(
    a_suggestion_is_merged,
    what_is_rejected_does_not_come_back,
    a_suggestion_is_put_off,
    many_are_accepted_at_once,
);

/// A mother and her daughter share an address: two people, and a suggestion.
fn family() -> [Person; 2] {
    [
        Person { email: "stein@example.org", ..person("A", "Anna", "Berlin") },
        Person { email: "stein@example.org", ..person("K", "Klara", "Berlin") },
    ]
}

async fn suggested(test: &TestStore) -> (Ground, i64) {
    let ground = Ground::new(test).await;
    import(&ground, "1.csv", "crm", &family()).await;
    let shown = list(&ground, SuggestionFilter::default()).await;
    assert_eq!(shown.len(), 1, "{shown:#?}");
    let one = &shown[0];
    assert_eq!(
        (one.suggestion.match_type.as_str(), one.suggestion.decision),
        ("household", Decision::Pending)
    );
    let email = |row: &Option<std::collections::BTreeMap<String, Option<String>>>| {
        row.as_ref().and_then(|row| row.get("email")).cloned().flatten()
    };
    assert!(email(&one.one).is_some_and(|email| email != "stein@example.org"), "masked: {one:#?}");
    (ground, one.suggestion.id)
}

async fn list(ground: &Ground, filter: SuggestionFilter) -> Vec<importer_engine::deciding::ShownSuggestion> {
    Box::pin(ground.engine.suggestions(&SuggestionsRequest { filter, show: false })).await.unwrap()
}

fn pending() -> SuggestionFilter {
    SuggestionFilter { decision: Some(Decision::Pending), ..SuggestionFilter::default() }
}

async fn decide(
    ground: &Ground,
    id: i64,
    decision: Decision,
) -> importer_engine::deciding::DecidedSuggestions {
    let request = DecideSuggestions {
        ids: vec![id],
        decision,
        until: None,
        reason: None,
        triggered_by: Some("stella".to_owned()),
    };
    ground.engine.decide_suggestions(&request).await.unwrap()
}

async fn a_suggestion_is_merged(test: &TestStore) {
    let (ground, id) = suggested(test).await;
    let request = MergeRequest { suggestion: Some(id), entity: None, ..MergeRequest::default() };
    let report = try_merge(&ground, request).await.unwrap();
    assert!(report.winner < report.loser, "the older one stays: {report:#?}");
    let filter = SuggestionFilter { id: Some(id), ..SuggestionFilter::default() };
    assert_eq!(list(&ground, filter.clone()).await[0].suggestion.decision, Decision::Merged);
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1);
    unmerge(&ground, report.merge_id).await;
    assert_eq!(list(&ground, filter).await[0].suggestion.decision, Decision::Rejected);
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 2);
}

async fn what_is_rejected_does_not_come_back(test: &TestStore) {
    let (ground, id) = suggested(test).await;
    let decided = decide(&ground, id, Decision::Rejected).await;
    assert_eq!((decided.decided.as_slice(), decided.pairs), ([id].as_slice(), 1));
    let again = DecideSuggestions {
        ids: vec![id],
        decision: Decision::Deferred,
        until: None,
        reason: None,
        triggered_by: None,
    };
    assert!(ground.engine.decide_suggestions(&again).await.is_err(), "it is decided already");
    // The same two say something else, and share what they shared.
    let later = family().map(|p| Person { city: "Bonn", updated: "2025-03-10T00:00:00Z", ..p });
    import(&ground, "2.csv", "crm", &later).await;
    assert_eq!(list(&ground, pending()).await.len(), 0);
}

async fn a_suggestion_is_put_off(test: &TestStore) {
    let (ground, id) = suggested(test).await;
    let request = DecideSuggestions {
        ids: vec![id],
        decision: Decision::Deferred,
        until: Some(1_900_000_000_000_000),
        reason: Some("ask them".to_owned()),
        triggered_by: Some("stella".to_owned()),
    };
    ground.engine.decide_suggestions(&request).await.unwrap();
    let filter = SuggestionFilter { decision: Some(Decision::Deferred), ..SuggestionFilter::default() };
    let shown = list(&ground, filter).await;
    assert_eq!(shown[0].suggestion.deferred_until, Some(1_900_000_000_000_000));
    assert_eq!(shown[0].suggestion.decided_by.as_deref(), Some("stella"));
    // It may still be decided.
    decide(&ground, id, Decision::Rejected).await;
}

async fn many_are_accepted_at_once(test: &TestStore) {
    let (ground, id) = suggested(test).await;
    let nothing = ground.engine.accept_suggestions(&AcceptRequest::default()).await;
    assert!(nothing.is_err(), "somebody has to say which");
    // Households are two people, whatever their score.
    let all = |reason: &str, dry_run| AcceptRequest {
        filter: SuggestionFilter { reason: Some(reason.to_owned()), ..SuggestionFilter::default() },
        dry_run,
        triggered_by: Some("stella".to_owned()),
    };
    let reason = list(&ground, pending()).await[0].suggestion.reason.clone().unwrap();
    let report = Box::pin(ground.engine.accept_suggestions(&all(&reason, false))).await.unwrap();
    assert_eq!((report.suggestions.len(), report.merges.len()), (0, 0), "{report:#?}");
    let sql = format!(
        "UPDATE {{dedupe_suggestions}} SET match_type = 'email', reason = 'merged_at_source', score = 0.99 WHERE id = {id}"
    );
    crate::rollback::stage::host(&ground, &sql).await;
    let scored = |dry_run| AcceptRequest {
        filter: SuggestionFilter { min_score: Some(0.9), ..SuggestionFilter::default() },
        dry_run,
        triggered_by: Some("stella".to_owned()),
    };
    let look = Box::pin(ground.engine.accept_suggestions(&scored(true))).await.unwrap();
    assert_eq!((look.suggestions.as_slice(), look.merges.len()), ([id].as_slice(), 0));
    assert!((look.expected_wrong - 0.01).abs() < 1e-9, "{look:#?}");
    let done = Box::pin(ground.engine.accept_suggestions(&scored(false))).await.unwrap();
    assert_eq!(done.merges.len(), 1, "{done:#?}");
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 1);
    unmerge(&ground, done.merges.first().copied()).await;
    assert_eq!(count(ground.store(), "SELECT count(*) FROM {contacts}").await, 2);
}
