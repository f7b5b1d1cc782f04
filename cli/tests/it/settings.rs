//! Flags over environment over importer.toml over defaults.

use crate::harness::Folder;

fn store_of(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> String {
    let said = folder.with(&[&["db", "upgrade"], args].concat(), variables, "");
    assert_eq!(said.code, 0, "{}", said.err);
    let mut found: Vec<String> = std::fs::read_dir(folder.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".db"))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    std::fs::remove_file(folder.path(&found[0])).unwrap();
    found.remove(0)
}

#[test]
fn the_nearer_word_wins() {
    let folder = Folder::new();
    folder.write("importer.toml", "store = \"sqlite://file.db\"\nmemory = \"1GiB\"\n");
    let variable = [("IMPORTER_STORE", "sqlite://variable.db")];
    assert_eq!(store_of(&folder, &[], &[]), "file.db");
    assert_eq!(store_of(&folder, &[], &variable), "variable.db");
    assert_eq!(store_of(&folder, &["--store", "sqlite://flag.db"], &variable), "flag.db");
    for empty in ["IMPORTER_STORE", "IMPORTER_PROJECT", "IMPORTER_CONFIG", "IMPORTER_MEMORY"] {
        assert_eq!(store_of(&folder, &[], &[(empty, "")]), "file.db", "{empty} says nothing");
    }
}

#[test]
fn unknown_settings_are_refused_at_their_line() {
    let folder = Folder::new();
    folder.write("importer.toml", "# mine\nlake = \"l\"\nstroe = \"sqlite://x.db\"\n");
    let said = folder.importer(&["runs"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("importer.toml:3:1") && said.err.contains("did you mean `store`?"),
        "{}",
        said.err
    );
    folder.write("importer.toml", "partitions = \"many\"\n");
    assert!(folder.importer(&["runs"]).err.contains("importer.toml:1:1"));
    folder.write("importer.toml", "store = \n");
    assert_eq!(folder.importer(&["runs"]).code, 2);
}

#[test]
fn sizes_and_passwords() {
    let folder = Folder::new();
    let said = folder.importer(&["doctor", "--memory", "lots"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("768MiB"), "{}", said.err);
    let url = "postgres://anna:s3cret@127.0.0.1:1/x";
    let said = folder.importer(&["doctor", "-vv", "--store", url]);
    assert_eq!(said.code, 1);
    assert!(!said.err.contains("s3cret") && !said.out.contains("s3cret"), "{}{}", said.out, said.err);
    let said = folder.importer(&["run", "--file", "x", "--store", "mysql://u:s3cret@h/db"]);
    assert_eq!(said.code, 2);
    assert!(!said.err.contains("s3cret"), "{}", said.err);
}
