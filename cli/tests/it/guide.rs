//! Guides whose files and commands are run as they stand there: a file block stands below its name, commands below `sh`, and
//! every line of a `text` block must be in what the last command printed. And the queries that all of them show.

use std::collections::BTreeMap;
use std::path::Path;

use importer_engine::EngineOptions;

use crate::documents;
use crate::harness::Folder;

/// A fenced block of a guide.
struct Block {
    /// The line above it, where that is a name in backticks alone.
    name: Option<String>,
    language: String,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block> {
    let (mut found, mut above, mut lines) = (Vec::new(), String::new(), guide.lines());
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            if !line.trim().is_empty() {
                above = line.trim().to_owned();
            }
            continue;
        };
        let text: String =
            lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let name = above.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        found.push(Block {
            name: name.filter(|name| !name.contains('`')).map(str::to_owned),
            language: language.to_owned(),
            text,
        });
        above.clear();
    }
    found
}

/// Words of a command; double quotes hold blanks together.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in command.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What the shell of SQLite does with a script.
fn script(folder: &Folder, database: &str, file: &str) {
    let store = format!("sqlite://{}", folder.path(database).display());
    let text = std::fs::read_to_string(folder.path(file)).unwrap();
    let run = async {
        let store =
            importer_engine::connect(&EngineOptions { store, ..EngineOptions::default() }).await.unwrap();
        store.session().await.unwrap().execute_script(&text).await.unwrap();
        store.close().await;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(run);
}

/// Runs a guide in an empty folder, and gives how many commands it has.
fn run(guide: &str) -> usize {
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides");
    let guide = std::fs::read_to_string(guides.join(guide)).unwrap();
    let folder = Folder::new();
    let mut said = String::new();
    let mut commands = 0;
    for block in blocks(&guide) {
        match (block.name, block.language.as_str()) {
            (Some(name), _) => drop(folder.write(&name, &block.text)),
            (None, "sh") => {
                for command in block.text.lines() {
                    let words = words(command);
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    match words.as_slice() {
                        ["importer", arguments @ ..] => {
                            let done = folder.importer(arguments);
                            assert_eq!(done.code, 0, "{command}\n{}\n{}", done.out, done.err);
                            said = done.out;
                            commands += 1;
                        }
                        ["sqlite3", database, "<", file] => script(&folder, database, file),
                        _ => panic!("nobody runs {command}"),
                    }
                }
            }
            (None, "text") => {
                for line in block.text.lines() {
                    assert!(said.contains(line), "{line:?} is not in\n{said}");
                }
            }
            (None, other) => panic!("a block of {other} without a name:\n{}", block.text),
        }
    }
    commands
}

#[test]
fn an_entity_of_your_own() {
    let commands = run("an-entity-of-your-own.md");
    assert!(commands >= 8, "{commands} commands were found");
}

#[test]
fn finding_and_merging_duplicates() {
    let commands = run("finding-and-merging-duplicates.md");
    assert!(commands >= 10, "{commands} commands were found");
}

/// A store after a run with rows of every fate, a dry run, and a row that was mended: what queries ask for is there.
fn with_a_bit_of_everything() -> Folder {
    let folder = Folder::new();
    let header = "external_id,first_name,last_name,email,city,E-Mail 2\n";
    let first = "V-1,Anna,Able,anna@example.org,Aachen,\nV-2,Bert,Baker,no address,Bonn,\nV-3,too,few\n";
    let first = folder.write("people.csv", &format!("{header}{first}"));
    let said = folder.importer(&["run", "-q", "--accept-bad", "--file", &first]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let second = folder.write("later.csv", &format!("{header}V-1,Anna,Able,anna@example.org,Köln,\n"));
    let said = folder.importer(&["plan", "-q", "--file", &second]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let findings =
        folder.importer(&["violations", "--rule", "VOL_EMAIL_FORMAT", "--run", "1", "--json"]).json();
    let finding = findings[0]["violation"].to_string();
    let said = folder.importer(&["remediate", &finding, "--set", "email=bert@example.org", "-q"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    folder
}

#[test]
fn every_query_that_is_shown_can_be_asked() {
    let mut asked: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for shown in documents::commands() {
        // Those of a project of its own are asked where that project is: above.
        let is_query = shown.words.get(1).is_some_and(|word| word == "sql");
        let is_verb_alone = shown.is_mention && shown.words.get(2).is_none_or(|word| word.starts_with("--"));
        if is_query && !is_verb_alone {
            asked.entry(shown.words).or_insert(shown.place);
        }
    }
    assert!(asked.len() >= 15, "{} queries were found: {asked:#?}", asked.len());
    let folder = with_a_bit_of_everything();
    let mut wrong = Vec::new();
    for (words, place) in &asked {
        let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        // One of them comes down a pipe.
        let said = folder.with(&words, &[], "SELECT * FROM clean_volunteers");
        if said.code != 0 || said.out.is_empty() {
            wrong.push(format!("{place}: {words:?}\n{}{}", said.out, said.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
