//! `docs/reference/cli.md` says what the help texts say. `UPDATE_DOCS=1` writes it anew.

use std::path::Path;

use crate::harness::Folder;

const COMMANDS: [&[&str]; 32] = [
    &[],
    &["run"],
    &["plan"],
    &["apply"],
    &["resume"],
    &["retry"],
    &["rollback"],
    &["pause"],
    &["cancel"],
    &["preview"],
    &["runs"],
    &["show"],
    &["why"],
    &["why", "core"],
    &["match"],
    &["match", "analyze"],
    &["match", "train"],
    &["violations"],
    &["audit"],
    &["remediate"],
    &["requeue"],
    &["suppress"],
    &["wont-fix"],
    &["sql"],
    &["explain"],
    &["db"],
    &["db", "upgrade"],
    &["db", "downgrade"],
    &["db", "status"],
    &["project"],
    &["project", "check"],
    &["doctor"],
];

/// Options of every command stand once, under the first one.
fn help(folder: &Folder, command: &[&str]) -> String {
    let said = folder.importer(&[command, &["--help"]].concat());
    assert_eq!(said.code, 0, "{command:?}: {}", said.err);
    if command.is_empty() {
        return said.out;
    }
    let mut kept = String::new();
    let mut general = false;
    for line in said.out.lines() {
        if !line.is_empty() && !line.starts_with(' ') {
            general = line == "Options of every command:";
        }
        if !general {
            kept.push_str(line.trim_end());
            kept.push('\n');
        }
    }
    kept
}

#[test]
fn the_reference_is_up_to_date() {
    let folder = Folder::new();
    let mut text = String::from(
        "# Command line\n\nGenerated from the help texts by `UPDATE_DOCS=1 cargo test -p importer-cli reference`.\n\n\
         Flags win over `IMPORTER_*` variables, then comes `importer.toml` (keys: store, lake, tenant, project, core_schema,\n\
         memory, partitions, batch_rows, chunk_rows, rollback_days), then the default. Results go to stdout, everything else to stderr.\n\n\
         Exit codes: 0 done, 1 failed, 2 wrong usage or project, 3 done with `--strict` and rows left out, 130 interrupted.\n",
    );
    for command in COMMANDS {
        let name = [&["importer"], command].concat().join(" ");
        let level = "#".repeat(command.len().min(2) + 2);
        text.push_str(&format!("\n{level} {name}\n\n```text\n{}\n```\n", help(&folder, command).trim_end()));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/reference/cli.md is out of date: UPDATE_DOCS=1 cargo test -p importer-cli reference"
    );
}
