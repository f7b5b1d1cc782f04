//! What stands in cells where others are meant: counts of days for times, years of two digits in columns of their own, faxes
//! among the numbers of a card, and times of the last change that nobody can read; on both databases.

use importer_engine::RunSummary;
use importer_engine::request::RunRequest;
use importer_engine::store::Table;

use super::ground::{Ground, lines, succeeded};
use super::people::people;
use crate::store::harness::{TestStore, on_both};

on_both!(
    counts_of_days_are_no_times,
    years_of_two_digits_in_a_column_of_their_own,
    a_fax_of_a_card_is_no_number_to_call,
    a_time_of_the_last_change_that_nobody_can_read_holds_its_row,
);

async fn run(ground: &Ground, source: &str, name: &str, text: &str) -> RunSummary {
    let request = RunRequest {
        source: Some(source.to_owned()),
        accept_bad: true,
        ..RunRequest::files([ground.file(name, text)])
    };
    succeeded(ground.run(&request).await)
}

/// Rows that were created, and rows that are held.
fn outcome(summary: &RunSummary) -> (u64, u64) {
    let count = |stage: &str, name: &str| summary.counts[stage][&summary.entity][name].as_u64().unwrap_or(0);
    (count("core", "rows_created"), count("dq", "rows_quarantined"))
}

/// The findings of a rule: field, severity and value.
async fn findings(ground: &Ground, summary: &RunSummary, rule: &str) -> Vec<String> {
    let all = lines(ground.store(), &Table::control("dq_violations"), &[]).await;
    let part = |line: &str, name: &str| -> String {
        let (_, rest) = line.split_once(&format!(" {name}=")).unwrap_or_default();
        rest.split(' ').next().unwrap_or_default().to_owned()
    };
    let mut found: Vec<String> = all
        .iter()
        .filter(|line| part(line, "rule_code") == rule && part(line, "run_id") == summary.run_id.to_string())
        .map(|line| ["field", "severity", "original_value"].map(|name| part(line, name)).join(" "))
        .collect();
    found.sort();
    found
}

/// A spreadsheet's count of days is told as what it is, and never read as a moment: in what zone, nobody can say.
async fn counts_of_days_are_no_times(test: &TestStore) {
    let ground = Ground::new(test).await;
    let events = "Event ID,Event,Start,End\nE-1,Fair,45731.5,\nE-2,Concert,2025-06-01 18:00,45809\nE-3,Choir,2025-06-08 18:00,2025-06-08 20:00\n";
    let summary = run(&ground, "events", "events.csv", events).await;
    assert_eq!(outcome(&summary), (2, 1), "{:?} {:?}", summary.counts, summary.rules);
    assert_eq!(
        findings(&ground, &summary, "STG_DATE_SERIAL").await,
        ["ends_at warn 45809", "starts_at error 45731.5"]
    );
    assert_eq!(findings(&ground, &summary, "STG_CAST").await, [""; 0]);
    let people = "First name,Last name,Email,Email verified on\nAnna,Schmidt,anna@example.org,45731\nBen,Moss,ben@example.org,2025-03-15\n";
    let summary = run(&ground, "csv", "people.csv", people).await;
    assert_eq!(outcome(&summary), (2, 0), "{:?} {:?}", summary.counts, summary.rules);
    assert_eq!(findings(&ground, &summary, "STG_DATE_SERIAL").await, ["email_verified_at warn 45731"]);
}

/// Year, month and day in three columns: a year of two digits is the last one that has been.
async fn years_of_two_digits_in_a_column_of_their_own(test: &TestStore) {
    let ground = Ground::new(test).await;
    let text = "First name,Last name,Email,Birth year,Birth month,Birth day\n\
                Anna,Abel,anna@example.org,85,4,12\n\
                Ben,Bock,ben@example.org,68,12,1\n\
                Cleo,Cohn,cleo@example.org,05,1,31\n\
                Dan,Dorn,dan@example.org,1990,04,23\n\
                Eva,Ems,eva@example.org,71,May,3\n\
                Flo,Fell,flo@example.org,85,,12\n";
    let summary = run(&ground, "csv", "people.csv", text).await;
    assert_eq!(outcome(&summary), (6, 0), "{:?} {:?}", summary.counts, summary.rules);
    let mut born: Vec<String> = people(ground.store())
        .await
        .iter()
        .map(|person| format!("{} {}", person["last_name"], person["birth_date"]))
        .collect();
    born.sort();
    assert_eq!(
        born,
        [
            "Abel 1985-04-12",
            "Bock 1968-12-01",
            "Cohn 2005-01-31",
            "Dorn 1990-04-23",
            "Ems 1971-05-03",
            // Half a date is none.
            "Fell ",
        ]
    );
}

/// The kind of a line stands beside its number, also in a card.
async fn a_fax_of_a_card_is_no_number_to_call(test: &TestStore) {
    let ground = Ground::new(test).await;
    let card = |name: &str, email: &str, lines: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nN:{name}\r\nEMAIL:{email}\r\n{lines}END:VCARD\r\n")
    };
    let cards = [
        card(
            "Amt;Ada",
            "ada@example.org",
            "TEL;TYPE=WORK,FAX:+1 202 555 0182\r\nTEL;TYPE=CELL:+1 202 555 0186\r\n",
        ),
        card(
            "Beil;Bob",
            "bob@example.org",
            "TEL;TYPE=CELL:+1 202 555 0187\r\nTEL;TYPE=FAX:+1 202 555 0188\r\n",
        ),
        card("Cohn;Cay", "cay@example.org", "TEL;TYPE=PAGER:+1 202 555 0189\r\n"),
    ];
    let summary = run(&ground, "csv", "cards.vcf", &cards.concat()).await;
    assert_eq!(outcome(&summary), (3, 0), "{:?} {:?}", summary.counts, summary.rules);
    let mut phones: Vec<String> = people(ground.store())
        .await
        .iter()
        .map(|person| format!("{}: {}", person["last_name"], person["phones"]))
        .collect();
    phones.sort();
    assert_eq!(phones, ["Amt: +12025550186*", "Beil: +12025550187*", "Cohn: "]);
    // What is left out is told.
    let found = lines(ground.store(), &Table::control("dq_violations"), &[]).await;
    assert!(found.iter().any(|line| line.to_lowercase().contains("fax")), "{found:#?}");
}

/// It decides which version of a record is the later one, so a guess could undo a newer value.
async fn a_time_of_the_last_change_that_nobody_can_read_holds_its_row(test: &TestStore) {
    let ground = Ground::new(test).await;
    let people = "Volunteer ID,First name,Last name,Email\nV-1,Anna,Schmidt,anna@example.org\n";
    run(&ground, "csv", "people.csv", people).await;
    for (source, header, good, bad) in [
        (
            "events",
            "Event ID,Event,Start,Last modified",
            "E-1,Fair,2025-06-01 18:00,",
            "E-2,Choir,2025-06-08 18:00,",
        ),
        ("signups", "Volunteer,Event,Status,Last modified", "V-1,E-1,registered,", "V-1,E-1,attended,"),
        (
            "leads",
            "First name,Last name,Email,Last modified",
            "Ben,Moss,ben@example.org,",
            "Cleo,Noon,cleo@example.org,",
        ),
    ] {
        let text = format!("{header}\n{good}2025-03-01T12:00:00Z\n{bad}sometime\n");
        let summary = run(&ground, source, &format!("{source}.csv"), &text).await;
        assert_eq!(outcome(&summary), (1, 1), "{source}: {:?} {:?}", summary.counts, summary.rules);
        assert_eq!(
            findings(&ground, &summary, "STG_CAST").await,
            ["source_updated_at error sometime"],
            "{source}"
        );
    }
}
