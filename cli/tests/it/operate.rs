//! `plan`, `apply`, `resume`, `retry`, `pause`, `cancel` and Ctrl-C, as they are typed.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Folder, golden};

#[test]
fn a_plan_is_shown_written_and_applied_once() {
    let folder = Folder::with_run();
    let text = std::fs::read_to_string(golden("volunteers_valid.csv")).unwrap();
    // A later version of the row: with the same time, what core has would stay.
    let newer = text.replace("anna.bergstrom@example.org", "anna.b@example.org").replacen(
        "2025-03-01T09:15:00Z",
        "2025-03-02T09:15:00Z",
        1,
    );
    let changed = folder.write("changed.csv", &newer);
    let said = folder.importer(&["plan", "--file", &changed, "--out", "diff.csv"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Dry run 2") && said.out.contains("What would change"), "{}", said.out);
    assert!(said.out.contains("importer apply 2"), "{}", said.out);
    assert!(!said.out.contains("anna.b@example.org"), "sensitive values are masked: {}", said.out);
    let diff = std::fs::read_to_string(folder.path("diff.csv")).unwrap();
    assert!(diff.starts_with("row,core_id,action,field,before,after,why\n"), "{diff}");
    assert!(
        diff.lines().any(|l| l.contains(",updated,email,anna.bergstrom@example.org,anna.b@example.org,")),
        "{diff}"
    );

    let said = folder.importer(&["plan", "--json", "-q", "--limit", "2", "--unmasked", "--file", &changed]);
    let plan = said.json();
    assert_eq!((said.code, &plan["plan"]), (0, &3.into()));
    assert_eq!(
        plan["diff"]["sample"].as_array().unwrap().len().min(2),
        plan["diff"]["sample"].as_array().unwrap().len()
    );
    assert_eq!(plan["diff"]["lines"], diff.lines().count() - 1);

    let applied = folder.importer(&["apply", "3", "--json", "-q"]);
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    assert_eq!((&applied.json()["status"], &applied.json()["plan_run_id"]), (&"succeeded".into(), &3.into()));
    assert_eq!(
        folder.rows("SELECT count(*) AS n FROM contacts WHERE email = 'anna.b@example.org'")[0]["n"],
        1
    );
    let again = folder.importer(&["apply", "3", "--json"]);
    assert_eq!((again.code, &again.json()["error"]["code"]), (1, &"PLAN_APPLIED".into()));

    // The plan before was made for the core before.
    let late = folder.importer(&["apply", "2", "--json", "-q", "--out", "moved.csv"]);
    assert_eq!(late.code, 1, "{}", late.out);
    let document = late.json();
    assert_eq!((&document["status"], &document["code"]), (&"failed".into(), &"PLAN_MOVED".into()));
    assert!(late.err.contains("error[PLAN_MOVED]"), "{}", late.err);
    assert!(document["moved"]["lines"].as_u64().unwrap() > 0, "{document}");
    let moved = std::fs::read_to_string(folder.path("moved.csv")).unwrap();
    assert!(moved.lines().any(|l| l.contains("anna.bergstrom@example.org,anna.b@example.org")), "{moved}");
    let anew = folder.importer(&["apply", "2", "--replan"]);
    assert_eq!(anew.code, 0, "{}{}", anew.out, anew.err);
    assert!(anew.out.contains("What is different from plan 2"), "{}", anew.out);

    for (args, code) in [
        (&["apply", "1"][..], "PLAN_STATE"),
        (&["apply", "99"], "NOT_FOUND"),
        (&["plan", "--out", "diff.doc", "--file", &changed], "USAGE"),
        (&["plan", "--out", "nowhere/diff.csv", "--file", &changed], "USAGE"),
    ] {
        let said = folder.importer(args);
        assert!(said.code == 2 && said.err.contains(&format!("error[{code}]")), "{args:?}: {}", said.err);
    }
}

#[test]
fn runs_that_cannot_go_on_say_what_can_be_done() {
    let folder = Folder::with_run();
    for verb in ["resume", "retry", "pause", "cancel"] {
        let said = folder.importer(&[verb, "1"]);
        assert_eq!(said.code, 2, "{verb}: {}", said.err);
        assert!(
            said.err.contains("error[RUN_STATE]") && said.err.contains("= help:"),
            "{verb}: {}",
            said.err
        );
        let said = folder.importer(&[verb, "7", "--json"]);
        assert_eq!((said.code, &said.json()["error"]["code"]), (2, &"NOT_FOUND".into()), "{verb}");
    }
    let file = golden("volunteers_invalid.csv");
    let stopped = folder.importer(&["run", "--file", &file]);
    assert_eq!(stopped.code, 1);
    assert!(stopped.out.contains("importer resume 2 --accept-bad"), "{}", stopped.out);
    assert!(stopped.err.contains("error[TOO_MANY_BAD]"), "{}", stopped.err);
    assert_eq!(folder.importer(&["cancel", "2"]).code, 0);
    assert_eq!(folder.importer(&["retry", "2"]).code, 1, "the file is as bad as before");
    let said = folder.importer(&["resume", "2", "--accept-bad", "--json", "-q"]);
    assert_eq!((said.code, &said.json()["status"]), (0, &"succeeded".into()), "{}", said.err);
}

#[cfg(unix)]
#[test]
fn asked_to_stop_a_run_pauses_and_goes_on() {
    let folder = Folder::new();
    let mut text = "external_id,first_name,last_name,email\n".to_owned();
    for n in 0..20_000_u32 {
        let name: String = n.to_string().bytes().map(|b| char::from(b - b'0' + b'a')).collect();
        writeln!(text, "S-{n},Sam{name},Stone{name},sam{n}@example.org").unwrap();
    }
    let file = folder.write("many.csv", &text);
    let mut child = Command::new(env!("CARGO_BIN_EXE_importer"))
        .current_dir(folder.path(""))
        .args(["run", "--file", &file, "--chunk-rows", "500"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let landed = folder.path(".importer/lake/_runs/default/1/land.json");
    let since = Instant::now();
    while !landed.exists() && since.elapsed() < Duration::from_secs(120) {
        assert!(child.try_wait().unwrap().is_none(), "it is at work");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{err}");
    assert!(err.contains("error[RUN_PAUSED]") && err.contains("importer resume 1"), "{err}");
    assert_eq!(folder.importer(&["runs", "--json"]).json()["runs"][0]["status"], "paused");
    // The same command goes on with the same run.
    let said = folder.importer(&["run", "--file", &file, "--json", "-q"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!((&said.json()["run_id"], &said.json()["status"]), (&1.into(), &"succeeded".into()));
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 20_000);
}

#[test]
fn a_run_that_review_stopped_goes_on_without_those_rows() {
    let folder = Folder::new();
    let header = "external_id,first_name,last_name,email,source_updated_at\n";
    let first =
        folder.write("first.csv", &format!("{header}C-2,Ben,Weber,ben@example.org,2026-01-01T00:00:00Z\n"));
    let crm = ["--external-system", "crm", "-q"];
    let said = folder.importer(&[&["run", "--file", &first], &crm[..]].concat());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);

    // The id of somebody else: a person has to look. The other record is new.
    let second = folder.write(
        "second.csv",
        &format!("{header}C-2,Gustav,Other,gustav@example.org,2026-04-01T00:00:00Z\nC-9,Nora,New,nora@example.org,2026-04-01T00:00:00Z\n"),
    );
    let said = folder.importer(&[&["run", "--mode", "all_or_nothing", "--file", &second], &crm[..]].concat());
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.err.contains("importer resume 2 --mode valid_only"), "it says how to go on: {}", said.err);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 1, "nothing is loaded");

    let said = folder.importer(&["resume", "2", "--mode", "all_or_nothing"]);
    assert_eq!(said.code, 2, "only the other way: {}", said.err);
    let summary = folder.importer(&["resume", "2", "--mode", "valid_only", "--json", "-q"]);
    assert_eq!(summary.code, 0, "{}{}", summary.out, summary.err);
    let counts = &summary.json()["counts"]["core"]["volunteers"];
    assert_eq!((&counts["rows_created"], &counts["rows_review"]), (&1.into(), &1.into()), "{counts}");
    let people = folder.rows("SELECT first_name FROM contacts ORDER BY first_name");
    assert_eq!(people.len(), 2);
    assert_eq!((&people[0]["first_name"], &people[1]["first_name"]), (&"Ben".into(), &"Nora".into()));
}

/// Nobody reads what a run says: it goes on all the same, and its exit code is its own.
#[test]
fn a_closed_pipe_stops_nothing() {
    let folder = Folder::new();
    let file = folder.write("people.csv", &people_without_end(3_000));
    let mut child = Command::new(env!("CARGO_BIN_EXE_importer"))
        .current_dir(folder.path(""))
        .args(["run", "--file", &file, "-v"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 3_000);

    let bad = folder.write("bad.csv", "first_name,last_name,email\nAda,Amt,none at all\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_importer"))
        .current_dir(folder.path(""))
        .args(["run", "--file", &bad])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(1), "a run that failed has failed, whoever reads it");
}

/// `importer … | head -1`: whoever reads goes after one line. The run is whole in the store, and a question ends well.
#[cfg(unix)]
#[test]
fn a_reader_that_leaves_after_one_line_stops_nothing() {
    let folder = Folder::new();
    let file = folder.write("people.csv", &people_without_end(3_000));
    // The exit code is that of the importer, and both streams go into the pipe. What is printed is more than a pipe holds.
    let first_line = |command: &str| {
        let script =
            format!("{{ '{}' {command} 2>&1; echo $? >code; }} | head -n 1", env!("CARGO_BIN_EXE_importer"));
        let mut shell = Command::new("sh");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("IMPORTER_")) {
            shell.env_remove(name);
        }
        let output = shell
            .current_dir(folder.path(""))
            .env("NO_COLOR", "1")
            .args(["-c", &script])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let code = std::fs::read_to_string(folder.path("code")).unwrap();
        (String::from_utf8(output.stdout).unwrap(), code.trim().to_owned())
    };
    let (line, code) = first_line(&format!("run -vv --file '{file}'"));
    assert_eq!((line.lines().count(), code.as_str()), (1, "0"), "{line}");
    let runs = folder.importer(&["runs", "--json"]).json();
    assert_eq!(runs["runs"][0]["status"], "succeeded", "{runs}");
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 3_000);
    let columns = "*, repeat(first_name, 20) AS much";
    for command in [
        &format!("sql 'SELECT {columns} FROM contacts' --format csv"),
        &format!("sql 'SELECT {columns} FROM contacts' --json"),
        &format!("sql 'SELECT {columns} FROM contacts' --limit 3000"),
        &format!("preview '{file}' --all --format csv"),
        &format!("preview '{file}' --all"),
        "explain",
    ] {
        let (line, code) = first_line(command);
        assert_eq!((line.lines().count(), code.as_str()), (1, "0"), "{command}: {line}");
        assert!(!line.contains("panicked"), "{command}: {line}");
    }
}

fn people_without_end(rows: usize) -> String {
    let mut text = "external_id,first_name,last_name,email\n".to_owned();
    for n in 0..rows {
        let letters: String = n.to_string().bytes().map(|d| char::from(b'a' + (d - b'0'))).collect();
        let _ = writeln!(text, "P-{n},Given{letters},Family{letters},person{n}@example.org");
    }
    text
}

#[tokio::test]
async fn the_doctor_names_runs_whose_process_died() {
    use importer_engine::store::{Store, StoreOptions};
    let folder = Folder::with_run();
    let said = folder.importer(&["doctor"]);
    assert!(said.code == 0 && !said.out.contains("process is gone"), "{}{}", said.out, said.err);
    let url = format!("sqlite://{}", folder.path(".importer/importer.db").display());
    let store = Store::connect(StoreOptions::new(url.parse().unwrap())).await.unwrap();
    let mut session = store.session().await.unwrap();
    session
        .execute("UPDATE import_runs SET status = 'running', finished_at = NULL WHERE id = 1", &[])
        .await
        .unwrap();
    drop(session);
    store.close().await;
    let said = folder.importer(&["doctor"]);
    assert_eq!(said.code, 0, "a run can work: {}{}", said.out, said.err);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("run 1") && words.contains("importer resume 1"), "{}", said.out);
}
