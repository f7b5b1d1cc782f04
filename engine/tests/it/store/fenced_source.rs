//! No write is forgotten: the source of the engine is read for functions that write, and each either asks for a fence or is
//! named here with the reason why it asks for none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::fences::writes;

/// Functions of the store that write and ask for no fence.
const UNFENCED: &[(&str, &str)] = &[
    ("audit.rs audit", "what people do; what runs do comes through audit_of_run"),
    ("ids.rs draw_ids", "for take_ids, which has asked"),
    (
        "ids.rs raise_counter",
        "for take_ids, which has asked, and for numbers of rows, which belong to no run",
    ),
    ("lease/mod.rs raise_epoch", "it is what others are fenced by"),
    ("lease/mod.rs release", "the statement names the epoch"),
    ("lease/postgres.rs beat", "the statement names the epoch"),
    ("namespace.rs decide_namespace", "a person's decision"),
    ("operate.rs request_stop", "asks the process that has the lease, from outside"),
    ("pairs.rs decide_pair", "a person's decision; a run that writes one has asked before"),
    ("pairs.rs decide_suggestion", "a person's decision; a run that writes one has asked before"),
    ("remedy.rs close_replaced", "a person's request, before it has a run"),
    ("remedy.rs decide_filtered", "a person's decision"),
    ("remedy.rs decide_ids", "a person's decision"),
    ("remedy.rs reopen_rolled_back", "a person's request, before it has a run"),
    ("run.rs create_run", "there is no lease before there is a run"),
];

/// Files beside the store that begin a transaction without a fence.
const BEGIN: &[(&str, &str)] = &[
    ("deciding/suggestions.rs", "a person's decision"),
    ("deciding/transaction.rs", "asks when it has the locks of its entities"),
    ("remedy/decide.rs", "a person's decision"),
    ("remedy/select.rs", "a person's request, before it has a run"),
    ("rollback/aside.rs", "asks when it has the entity's lock"),
    ("rollback/piece.rs", "asks when it has the entity's lock; a dry one is rolled back"),
    ("steps/load/apply.rs", "asks when it has the entity's lock (enter)"),
    ("steps/load/ground.rs", "looks at a chunk, and is rolled back"),
    ("steps/load/round.rs", "each chunk asks when it has the entity's lock (enter)"),
    ("steps/load/sift.rs", "asks when it has the entity's lock (enter)"),
    ("steps/lookup.rs", "a question with its keys, and is rolled back"),
];

/// Files beside the store that write with statements of their own.
const WRITE: &[(&str, &str)] = &[
    ("deciding/split.rs", "in the transaction of a decision"),
    ("deciding/write.rs", "in the transaction of a decision"),
    ("rollback/aside.rs", "in the transaction of the end of a rollback"),
    ("rollback/write.rs", "in the transaction of a piece"),
    ("steps/load/beside.rs", "in the transaction of a chunk"),
    ("steps/load/ground.rs", "in the transaction of a chunk"),
    ("steps/load/write.rs", "in the transaction of a chunk"),
    ("steps/violations.rs", "in a fenced transaction"),
];

fn engine() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Rust files of a folder, without comments, by their path in it.
fn sources(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                let text = fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.insert(name, code.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    found
}

struct Function {
    /// Its file and name.
    name: String,
    public: bool,
    signature: String,
    body: String,
}

fn functions(file: &str, code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let line = code[..at].rfind('\n').map_or(0, |n| n + 1);
        let before = code[line..at].trim();
        let declares = before.split(' ').all(|word| {
            matches!(word, "" | "pub" | "async" | "const" | "unsafe") || word.starts_with("pub(")
        });
        let rest = &code[at + 3..];
        let Some(open) = rest.find(['{', ';']).filter(|_| declares) else { continue };
        if rest.as_bytes()[open] == b';' {
            continue;
        }
        let mut depth = 0;
        let end = rest[open..].char_indices().find_map(|(n, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(open + n)
        });
        let name = rest[..rest.find(['(', '<']).unwrap()].trim();
        found.push(Function {
            name: format!("{file} {name}"),
            public: before.split(' ').next() == Some("pub"),
            signature: rest[..open].to_owned(),
            body: rest[open..end.expect("a function ends")].to_owned(),
        });
    }
    found
}

fn functions_of_the_store() -> Vec<Function> {
    let sources = sources(&engine().join("store"));
    sources.iter().flat_map(|(file, code)| functions(file, code)).collect()
}

/// The test of stale fences tries all functions that take one.
#[test]
fn every_function_that_takes_a_fence_is_tried() {
    let functions = functions_of_the_store();
    let fenced = functions.iter().filter(|f| f.public && f.signature.contains("&Fence"));
    let mut fenced: Vec<&str> = fenced.map(|f| f.name.as_str()).collect();
    let writes = writes();
    let mut tried: Vec<&str> = writes.iter().map(|write| write.function).collect();
    fenced.sort_unstable();
    tried.sort_unstable();
    assert_eq!(fenced, tried);
}

/// Statements of the store that change rows, by name.
fn changes_rows(name: &str) -> bool {
    ["postgres", "sqlite"].iter().any(|dialect| {
        let file = format!("../sql/store/{dialect}/{name}.sql");
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let mut lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("--"));
        lines.any(|line| {
            line.starts_with("UPDATE ") || line.contains("INSERT INTO ") || line.contains("DELETE FROM ")
        })
    })
}

#[test]
fn every_other_write_of_the_store_is_named() {
    let mut unfenced = BTreeSet::new();
    let mut writing = 0;
    for (file, code) in sources(&engine().join("store")) {
        if file.starts_with("migrate/") {
            continue; // Upgrades are made when no run is at work.
        }
        let mut statements = Vec::new();
        for (at, _) in code.match_indices(": Statement = ") {
            let constant = code[..at].rsplit(' ').next().unwrap();
            let name = code[at..].split('"').nth(1).unwrap();
            if changes_rows(name) {
                statements.push(constant.to_owned());
            }
        }
        for function in functions(&file, &code) {
            let mut words = function.body.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            if !words.any(|word| statements.iter().any(|statement| statement == word)) {
                continue;
            }
            writing += 1;
            let asks = ["begin_fenced(", ".fence(fence)", ".fence(&self.fence)"];
            let asks = asks.iter().any(|call| function.body.contains(call));
            let told_by_caller = function.signature.contains("&Fence") && function.body.contains("(fence, ");
            if !asks && !told_by_caller {
                unfenced.insert(function.name);
            }
        }
    }
    assert!(writing > 25, "{writing} functions write");
    let named: BTreeSet<String> = UNFENCED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(unfenced, named);
}

/// Code of the engine beside the store writes in transactions that are known to be fenced.
#[test]
fn every_other_transaction_of_the_engine_is_named() {
    let sources = sources(&engine());
    let with = |calls: &[&str]| -> BTreeSet<String> {
        let beside = sources.iter().filter(|(file, _)| !file.starts_with("store/"));
        let found = beside.filter(|(_, code)| {
            let code: String = code.split_whitespace().collect();
            calls.iter().any(|call| code.contains(call))
        });
        found.map(|(file, _)| file.clone()).collect()
    };
    let named = |list: &[(&str, &str)]| -> BTreeSet<String> {
        list.iter().map(|(file, _)| (*file).to_owned()).collect()
    };
    assert_eq!(with(&["store.begin()", "session.begin()"]), named(BEGIN));
    assert_eq!(with(&[".execute(", ".execute_script(", ".execute_about(", ".copy_batches("]), named(WRITE));
}
