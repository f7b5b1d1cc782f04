//! What the tests of remediation share: a file with good, bad and unreadable rows, and ways to ask, mend and look.

use std::collections::BTreeMap;
use std::sync::Arc;

use importer_engine::remedy::{Edits, RemediateRequest, Remedied, RequeueRequest, Requeued};
use importer_engine::request::RunRequest;
use importer_engine::store::{Store, Table};
use importer_engine::{Error, RunSummary, Silent};

use crate::road::ground::{Ground, named, succeeded};
use crate::road::people::{Person, people};

/// Rows by number: 1 is good, 2 has a bad e-mail, 3 a bad e-mail and a bad phone, 4 no last name; line 6 is short.
pub const PEOPLE: &str = "\
external_id,Vorname,Nachname,E-Mail,Mobil,Geburtsdatum,Ort,source_updated_at,Notiz
N-1,Anna,Schmidt,anna@example.org,+49 30 901820,1990-04-23,Berlin,2025-03-01T12:00:00Z,good
N-2,Bert,Braun,no address,+49 30 901821,1991-05-01,Bonn,2025-03-01T12:00:00Z,=1+1
N-3,Cora,Claus,also none,call me,1992-06-01,Celle,2025-03-01T12:00:00Z,'quoted
N-4,Dora,,dora@example.org,,1993-07-01,Dresden,2025-03-01T12:00:00Z,
N-5,Emil
";

/// Imports a file whose bad rows are accepted.
pub async fn imported(ground: &Ground, name: &str, text: &str) -> RunSummary {
    let mut request = RunRequest::files([ground.file(name, text)]);
    request.accept_bad = true;
    request.external_system = Some("crm".to_owned());
    succeeded(ground.run(&request).await)
}

/// The findings of a run, as `rule field row status`.
pub async fn findings(store: &Store, run: i64) -> Vec<String> {
    let sql = format!(
        "SELECT rule_code, field, coalesce(sequence_number, -line_number), status, coalesce(resolution, '-') FROM {{dq_violations}} WHERE run_id = {run} AND severity = 'error' ORDER BY line_number, rule_code, field"
    );
    let mut session = store.session().await.expect("a session");
    let rows = session.fetch(&named(store, &sql), &[]).await.expect("the findings");
    rows.iter()
        .map(|r| {
            let text = |n: usize| r.text(n).expect("text").to_owned();
            format!("{} {} {} {} {}", text(0), text(1), r.int(2).expect("a number"), text(3), text(4))
        })
        .collect()
}

/// The number of a finding, by rule and row; a rejected record is asked for by its line, negated.
pub async fn violation(store: &Store, run: i64, rule: &str, row: i64) -> i64 {
    let sql = format!(
        "SELECT id FROM {{dq_violations}} WHERE run_id = {run} AND rule_code = '{rule}' AND coalesce(sequence_number, -line_number) = {row}"
    );
    crate::road::ground::count(store, &sql).await
}

/// Texts of one column.
pub async fn texts(store: &Store, sql: &str) -> Vec<String> {
    let mut session = store.session().await.expect("a session");
    let sql = named(store, sql);
    let rows = session.fetch(&sql, &[]).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    rows.iter().map(|r| r.opt_text(0).expect("text").unwrap_or_default().to_owned()).collect()
}

/// Sets cells of one row.
pub async fn set(ground: &Ground, violation: i64, values: &[(&str, &str)]) -> Result<Remedied, Error> {
    let values = values.iter().map(|(f, v)| ((*f).to_owned(), (*v).to_owned())).collect();
    let done = remediate(ground, Edits::Set { violation, values }).await?;
    Ok(done.into_iter().next().expect("one batch"))
}

pub async fn remediate(ground: &Ground, edits: Edits) -> Result<Vec<Remedied>, Error> {
    let request = RemediateRequest { edits, actor: Some("steward".to_owned()) };
    Box::pin(ground.engine.remediate(&request, Arc::new(Silent))).await
}

/// Lets held rows go again.
pub async fn requeue(
    ground: &Ground,
    rule: Option<&str>,
    run: Option<i64>,
    dry_run: bool,
) -> Result<Requeued, Error> {
    let request =
        RequeueRequest { rule: rule.map(str::to_owned), run, dry_run, actor: Some("steward".to_owned()) };
    Box::pin(ground.engine.requeue(&request, Arc::new(Silent))).await
}

/// Core by last name.
pub async fn by_name(store: &Store) -> BTreeMap<String, Person> {
    people(store).await.into_iter().map(|p| (p["last_name"].clone(), p)).collect()
}

/// Everything that a request which is refused must leave as it was.
pub async fn untouched(store: &Store) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for table in ["import_runs", "dq_violations", "row_promotions", "audit", "external_id_map"] {
        all.push(crate::road::ground::lines(store, &Table::control(table), &[]).await);
    }
    all.push(crate::road::ground::lines(store, &Table::core("contacts"), &[]).await);
    all
}
