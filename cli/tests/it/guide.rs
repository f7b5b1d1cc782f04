//! Guides whose files and commands are run as they stand there: a file block stands below its name, commands below `sh`, and
//! every line of a `text` block must be in what the last command printed.

use std::path::Path;

use importer_engine::EngineOptions;

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

#[test]
fn an_entity_of_your_own() {
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides");
    let guide = std::fs::read_to_string(guides.join("an-entity-of-your-own.md")).unwrap();
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
    assert!(commands >= 8, "{commands} commands were found");
}
