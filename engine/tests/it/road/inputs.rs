//! Several inputs of one run: a compressed one that cannot be read twice, as standard input would come, and a file
//! with other headers in another dialect. Findings name the file and the line in it.

use std::io::Write;
use std::process::Command;

use importer_engine::request::RunRequest;
use importer_engine::store::Table;

use super::ground::{Ground, adds_up, core, count, lines, number, succeeded};
use super::people::{line, people};
use crate::store::harness::{TestStore, on_both};

/// A quoted newline, a blank line and a torn record before good ones: line numbers are those of an editor.
const FIRST: &str = "external_id,first_name,last_name,email,city\n\
    A-1,Anna,Able,anna@example.org,Aachen\n\
    A-2,Bert,Baker,bert@example.org,\"Bad\nHomburg\"\n\
    \n\
    A-3,Carl,Cole,not an address,Celle\n\
    A-4,Too,few\n\
    A-5,Dora,Dale,dora@example.org,Dresden\n";

const SECOND: &str = "Unsere Ehrenamtlichen\r\n\
    \r\n\
    Vorname;Nachname;E-Mail-Adresse;Ort;Mitgliedsnummer;Bemerkung\r\n\
    Emil;Eder;emil@example.org;Essen;B-1;früh\r\n\
    Frida;Fink;kaputt;Fulda;B-2;spät\r\n\
    Gerd;Gruber;gerd@example.org;Gera;B-3;\r\n";

async fn a_pipe_and_a_file(test: &TestStore) {
    let ground = Ground::new(test).await;
    let pipe = ground.folder().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts").success());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(FIRST.as_bytes()).expect("it is packed");
    let packed = packed.finish().expect("it is packed");
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let mut pipe = std::fs::OpenOptions::new().write(true).open(pipe).expect("somebody reads");
            // In small pieces, as a slow producer would.
            for piece in packed.chunks(50) {
                pipe.write_all(piece).expect("somebody reads");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    });
    let mut request = RunRequest::files([pipe, ground.file("liste.csv", SECOND)]);
    request.external_system = Some("crm".to_owned());
    request.accept_bad = true;
    let summary = succeeded(ground.run(&request).await);
    writer.join().expect("all was written");
    adds_up(&summary);
    assert_eq!(number(&summary.counts, "staging", "rows_rejected"), 1);
    assert_eq!(number(&summary.counts, "staging", "rows_skipped_blank"), 1, "{}", summary.counts["staging"]);
    assert_eq!(number(&summary.counts, "dq", "rows_quarantined"), 2);
    assert_eq!(core(&summary, "rows_created"), 5);

    let found = count(ground.store(), "SELECT count(*) FROM {dq_violations}").await;
    assert_eq!(found, 3, "{:?}", summary.rules);
    let kept = |line: &String| {
        let names = ["sequence_number=", "file_number=", "line_number=", "rule_code=", "field=", "link_id="];
        line.split(' ').filter(|part| names.iter().any(|n| part.starts_with(n))).collect::<Vec<_>>().join(" ")
    };
    let mut findings: Vec<String> = lines(
        ground.store(),
        &Table::control("dq_violations"),
        &["message", "hint", "original_value", "normalised_value"],
    )
    .await
    .iter()
    .map(kept)
    .collect();
    findings.sort();
    let mut wanted = [
        "sequence_number=3 file_number=1 line_number=6 rule_code=VOL_EMAIL_FORMAT field=email link_id=A-3",
        "sequence_number=NULL file_number=1 line_number=7 rule_code=CSV_TOO_FEW_FIELDS field= link_id=NULL",
        "sequence_number=6 file_number=2 line_number=5 rule_code=VOL_EMAIL_FORMAT field=email link_id=B-2",
    ];
    wanted.sort_unstable();
    assert_eq!(findings, wanted);
    for rule in summary.rules.iter().filter(|r| r.rule_code == "CSV_TOO_FEW_FIELDS") {
        let example = rule.example.as_ref().expect("an example");
        assert_eq!((example.file.as_str(), example.line), ("pipe", 7));
    }
    assert_eq!(
        summary.unmapped.iter().map(|u| (u.file.as_str(), u.column.as_str())).collect::<Vec<_>>(),
        [("liste.csv", "Bemerkung")]
    );

    let columns = ["first_name", "last_name", "email", "city", "links"].map(str::to_owned);
    let mut loaded: Vec<String> = people(ground.store()).await.iter().map(|p| line(p, &columns)).collect();
    loaded.sort();
    let everybody = [
        "Anna | Able | anna@example.org | Aachen | crm:A-1",
        "Bert | Baker | bert@example.org | Bad Homburg | crm:A-2",
        "Dora | Dale | dora@example.org | Dresden | crm:A-5",
        "Emil | Eder | emil@example.org | Essen | crm:B-1",
        "Gerd | Gruber | gerd@example.org | Gera | crm:B-3",
    ];
    assert_eq!(loaded, everybody);
    assert_eq!(summary.reports.len(), 2);
    let report = std::fs::read_to_string(&summary.reports[1]).expect("the report");
    assert!(
        report.starts_with("Vorname;Nachname;E-Mail-Adresse;Ort;Mitgliedsnummer;Bemerkung;_row;"),
        "{report}"
    );
    assert!(report.contains("Frida;Fink;kaputt;Fulda;B-2;spät;6;5;VOL_EMAIL_FORMAT;"), "{report}");
}

on_both!(a_pipe_and_a_file);
