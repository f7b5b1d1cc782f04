//! Lists and command lines of unusual size and shape: very many columns, cells of many lines, very many files, names that
//! are no text. They are read, or refused with a way out; none of them ends in a crash.

use std::fmt::Write as _;

use crate::harness::Folder;

/// A name without digits, different for every number.
fn letters(n: usize) -> String {
    n.to_string().bytes().map(|digit| char::from(b'a' + (digit - b'0'))).collect()
}

fn person(n: usize) -> String {
    let name = letters(n);
    format!("P-{n},Given{name},Family{name},person{n}@example.org")
}

const HEADER: &str = "external_id,first_name,last_name,email";

/// Columns of the wide list.
const COLUMNS: usize = 1_200;

#[test]
fn a_list_of_twelve_hundred_columns() {
    let folder = Folder::new();
    let mut text = HEADER.to_owned();
    for n in 5..=COLUMNS {
        let _ = write!(text, ",Survey {n:04}");
    }
    text.push('\n');
    for row in 0..20 {
        text.push_str(&person(row));
        for n in 5..=COLUMNS {
            let _ = write!(text, ",answer {row} {n}");
        }
        text.push('\n');
    }
    let file = folder.write("wide.csv", &text);
    let said = folder.importer(&["run", "--file", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for wanted in ["20 records read: 20 landed, 0 rejected, 0 blank", "20 processed: 20 created"] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    // Twenty of them, how many more, and the command that shows all.
    let listed = |out: &str| out.lines().filter(|line| line.contains("Survey ")).count();
    assert_eq!(listed(&said.out), 20, "{}", said.out);
    let more = said.out.lines().find(|line| line.contains("more columns")).expect("there are more");
    assert_eq!(more.trim(), "and 1,176 more columns: importer show 1 --all-columns");
    assert!(!said.out.contains("answer 0"), "samples are masked: {}", said.out);
    let all = folder.importer(&["show", "1", "--all-columns"]);
    assert_eq!((all.code, listed(&all.out)), (0, COLUMNS - 4), "{}{}", all.out, all.err);
    assert_eq!(listed(&folder.importer(&["show", "1"]).out), 20);
    // None of them is lost, the last one neither.
    let last = folder.rows(
        "SELECT \"Survey 0005\" AS first, \"Survey 1200\" AS last FROM landed WHERE sequence_number = 20",
    );
    assert_eq!(last, [serde_json::json!({"first": "answer 19 5", "last": "answer 19 1200"})]);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], 20);
    // A preview shows as many as somebody may read.
    let seen = folder.importer(&["preview", &file]);
    assert!(seen.out.contains("and 1,100 more columns, with --all-columns"), "{}", seen.out);
    assert!(seen.out.contains("answer 0 100") && !seen.out.contains("answer 0 101"), "{}", seen.out);
}

/// Lines of the long note.
const LINES: usize = 9_000;

/// A note as people write them: of many lines, with commas, empty lines and words in quotes.
fn note() -> String {
    let line = |n: usize| match n % 10 {
        9 => String::new(),
        5 => format!("she said \"\"line {n}, of many\"\" again"),
        _ => format!("line {n}, of a long note"),
    };
    (0..LINES).map(line).collect::<Vec<_>>().join("\n")
}

/// No field takes notes; they are read all the same, and whatever is found below them is told with the line at which an
/// editor shows it. A quote that is never closed costs its record, above the long cell as well as below it.
#[test]
fn a_cell_of_nine_thousand_lines() {
    let folder = Folder::new();
    let note = note();
    assert!(note.len() > 200_000, "{}", note.len());
    let text = format!(
        "{HEADER},Notes\n\
         N-1,Anna,Able,anna@example.org,short\n\
         N-2,Bert,Baker,bert@example.org,\"called twice\n\
         N-3,Cora,Cole,cora@example.org,\"{note}\"\n\
         N-4,Dora,Dale,no address,short\n\
         N-5,Emil,Eder,emil@example.org,\"and \"\"quoted\"\"\"\n\
         N-6,Fritz,Falk,fritz@example.org,\"never closed\n\
         N-7,Greta,Gruen,greta@example.org,short\n\
         N-8,Hugo,Hahn,not one either,short\n"
    );
    let file = folder.write("notes.csv", &text);
    let said = folder.importer(&["run", "--accept-bad", "--file", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for wanted in [
        "8 records read: 6 landed, 2 rejected, 0 blank",
        "6 checked: 4 valid, 2 quarantined",
        "4 processed: 4 created",
        // The long cell is one cell, and nothing of it is on the screen.
        "Notes",
    ] {
        assert!(said.out.contains(wanted), "{wanted}\n{}", said.out);
    }
    assert!(!said.out.contains("long note"), "{}", said.out);

    // N-3 begins in line 4 and has as many lines as its note.
    let below = 4 + LINES;
    let told = folder.rows(
        "SELECT rule_code, line_number FROM store.dq_violations WHERE severity = 'error' ORDER BY line_number",
    );
    let told: Vec<(&str, u64)> =
        told.iter().map(|r| (r["rule_code"].as_str().unwrap(), r["line_number"].as_u64().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("CSV_UNCLOSED_QUOTE", 3),
            ("VOL_EMAIL_FORMAT", below as u64),
            ("CSV_UNCLOSED_QUOTE", below as u64 + 2),
            ("VOL_EMAIL_FORMAT", below as u64 + 4),
        ]
    );
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[below - 1].starts_with("N-4,") && lines[below + 3].starts_with("N-8,"));

    let landed = folder.rows(
        "SELECT external_id, line_number, character_length(\"Notes\") AS length FROM landed ORDER BY sequence_number",
    );
    let read: Vec<String> = landed
        .iter()
        .map(|r| format!("{} {} {}", r["external_id"].as_str().unwrap(), r["line_number"], r["length"]))
        .collect();
    let length = note.replace("\"\"", "\"").chars().count();
    assert_eq!(
        read,
        [
            "N-1 2 5".to_owned(),
            format!("N-3 4 {length}"),
            format!("N-4 {below} 5"),
            format!("N-5 {} 12", below + 1),
            format!("N-7 {} 5", below + 3),
            format!("N-8 {} 5", below + 4),
        ]
    );
    // Each says what became of its quote.
    let reasons = folder.rows("SELECT reason FROM rejects ORDER BY line_number");
    let reasons: Vec<&str> = reasons.iter().map(|r| r["reason"].as_str().unwrap()).collect();
    assert!(reasons[0].ends_with("text follows a quote on the next line"), "{reasons:?}");
    assert!(reasons[1].ends_with("not closed before the end of the file"), "{reasons:?}");
    // The story of the row is found at that line, and so is the place in the preview.
    let why = folder.importer(&["why", "1", "--line", &below.to_string()]);
    assert!(why.code == 0 && why.out.contains("VOL_EMAIL_FORMAT"), "{}{}", why.out, why.err);
    let preview = folder.importer(&["preview", "--json", &file]);
    assert_eq!(preview.code, 0, "{}{}", preview.out, preview.err);
    assert_eq!(preview.json()["counts"]["rejected"], 2, "{}", preview.out);
}

/// Each file is named by an argument of its own; what they hold is loaded, and the run is over in the store as well.
fn very_many_files(files: usize) {
    let folder = Folder::new();
    let names: Vec<String> = (0..files)
        .map(|n| {
            folder.write(&format!("f{n}.csv"), &format!("{HEADER}\n{}\n", person(n)));
            format!("f{n}.csv")
        })
        .collect();
    let mut args = vec!["run", "--summary-json", "-q"];
    for name in &names {
        args.extend(["--file", name]);
    }
    let said = folder.importer(&args);
    assert_eq!(said.code, 0, "{}", said.err);
    let summary = said.json();
    assert_eq!((&summary["run_id"], &summary["status"]), (&1.into(), &"succeeded".into()));
    assert_eq!(summary["counts"]["core"]["volunteers"]["rows_created"], files);
    let of_files = folder.rows("SELECT count(*) AS files, sum(rows_landed) AS landed FROM run_files");
    assert_eq!(of_files, [serde_json::json!({"files": files, "landed": files})]);
    assert_eq!(folder.rows("SELECT count(*) AS n FROM contacts")[0]["n"], files);
    let runs = folder.importer(&["runs", "--json"]).json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "{runs}");
    assert_eq!(runs["runs"][0]["status"], "succeeded");
    // What a person sees of it fits on a screen.
    let shown = folder.importer(&["show", "1"]);
    assert!(shown.code == 0 && shown.out.lines().count() < 200, "{}", shown.out);
}

/// As many as a debug build takes seconds for; the whole number is in the long set.
#[test]
fn hundreds_of_files_by_name() {
    very_many_files(800);
}

#[test]
#[ignore = "long: ./test --long"]
fn three_thousand_files_by_name() {
    very_many_files(3_000);
}

/// Systems other than Linux have no such names.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::{Command, Stdio};

    let folder = Folder::new();
    let name = OsStr::from_bytes(b"liste-\xfcber.csv");
    let inbox = folder.path("inbox");
    std::fs::create_dir(&inbox).unwrap();
    std::fs::write(inbox.join(name), format!("{HEADER}\n{}\n", person(1))).unwrap();
    let run_with = |variable: Option<(&str, &OsStr)>, args: &[&str], last: Option<&OsStr>, input: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_importer"));
        for (name, _) in std::env::vars_os() {
            if name.as_bytes().starts_with(b"IMPORTER_") {
                command.env_remove(name);
            }
        }
        let output = command
            .current_dir(&inbox)
            .env("NO_COLOR", "1")
            .envs(variable)
            .args(args)
            .args(last)
            .stdin(input)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let run = |args: &[&str], last: Option<&OsStr>, input: Stdio| run_with(None, args, last, input);
    for args in [&["run", "--file"][..], &["plan", "--file"], &["preview"], &["doctor", "--project"]] {
        let (code, out, err) = run(args, Some(name), Stdio::null());
        assert_eq!(code, Some(2), "{args:?}: {out}{err}");
        assert!(
            out.is_empty() && err.starts_with("error[USAGE]: the argument liste-"),
            "{args:?}: {out}{err}"
        );
        assert!(err.contains("= help: rename it") && !err.contains("panicked"), "{args:?}: {err}");
    }
    let (code, out, err) = run(&["run", "--json", "--file"], Some(name), Stdio::null());
    let error: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}"));
    assert_eq!((code, &error["error"]["code"]), (Some(2), &"USAGE".into()), "{err}");
    let (code, _, err) = run_with(Some(("IMPORTER_STORE", name)), &["runs"], None, Stdio::null());
    assert!(code == Some(2) && err.contains("the variable IMPORTER_STORE is not UTF-8"), "{err}");
    assert!(!inbox.join(".importer").exists(), "nothing was begun");

    // The ways out: as standard input, and as what a folder or a pattern stands for.
    let file = std::fs::File::open(inbox.join(name)).unwrap();
    let (code, out, err) = run(&["run", "--json", "--file", "-"], None, file.into());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("\"rows_created\": 1"), "{out}");
    for place in [".", "*.csv"] {
        let (code, out, err) = run(&["run", "--json", "--again", "--file", place], None, Stdio::null());
        assert_eq!(code, Some(0), "{place}: {out}{err}");
        assert!(out.contains("\"rows_skipped_no_change\": 1"), "{place}: {out}");
    }
    let (code, out, err) =
        run(&["sql", "SELECT count(*) FROM run_files", "--format", "csv"], None, Stdio::null());
    assert_eq!((code, out.lines().last()), (Some(0), Some("3")), "{err}");
}

#[test]
fn a_tenant_without_a_name() {
    let folder = Folder::new();
    let file = folder.write("people.csv", &format!("{HEADER}\n{}\n", person(1)));
    let refused = |said: crate::harness::Said, what: &str| {
        assert_eq!(said.code, 2, "{what}: {}{}", said.out, said.err);
        assert!(
            said.err.starts_with("error[USAGE]: \"\" cannot be the name of a tenant"),
            "{what}: {}",
            said.err
        );
        assert!(said.err.contains("= help:") && said.err.contains("leave it out"), "{what}: {}", said.err);
    };
    let run = ["run", "--file", &file];
    refused(folder.importer(&[&run[..], &["--tenant", ""]].concat()), "a flag");
    refused(folder.with(&run, &[("IMPORTER_TENANT", "")], ""), "a variable");
    refused(folder.importer(&["db", "upgrade", "--tenant", ""]), "a store alone");
    assert!(!folder.path(".importer/importer.db").exists(), "nothing was begun");
    let said = folder.importer(&[&run[..], &["--tenant", "", "--json"]].concat());
    assert_eq!((said.code, &said.json()["error"]["code"]), (2, &"USAGE".into()));
    let said = folder.importer(&[&run[..], &["--tenant", "a b"]].concat());
    assert!(said.code == 2 && said.err.contains("use letters, digits"), "{}", said.err);
    // The way out.
    assert_eq!(folder.importer(&run).code, 0);
}
