//! The commands that README, guides and help texts show, word by word as a shell would hand them over.
//!
//! Used from both sides: the binary's own tests parse them, those from outside ask their queries.

use std::path::{Path, PathBuf};

/// A command as it is shown.
#[derive(Debug)]
pub struct Shown {
    /// File and line.
    pub place: String,
    /// From `importer` on.
    pub words: Vec<String>,
    /// It stands within a sentence, perhaps as the name of a verb and not as a whole command.
    pub is_mention: bool,
}

/// What is read, from the folder of the workspace on.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found: Vec<PathBuf> = std::fs::read_dir(root.join("docs/guides"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    found.push(root.join("README.md"));
    found.push(root.join("docs/reference/cli.md"));
    found.sort();
    found
}

/// All of them.
pub fn commands() -> Vec<Shown> {
    let mut found = Vec::new();
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        commands_of(&name, &text, &mut found);
    }
    found
}

fn commands_of(name: &str, text: &str, found: &mut Vec<Shown>) {
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            mentions(&format!("{name}:{number}"), line, found);
            continue;
        };
        let block: Vec<(usize, &str)> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        let Some((first, _)) = block.first() else { continue };
        match language {
            "sh" | "console" => {
                let script: String = block.iter().map(|(_, line)| format!("{line}\n")).collect();
                script_of(name, *first, &script, found);
            }
            // What the program itself proposes: the command, and behind blanks what it is for.
            "" | "text" => {
                for (number, line) in &block {
                    let Some(line) = line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) else {
                        continue;
                    };
                    script_of(name, *number, line.split("  ").next().unwrap_or(line), found);
                }
            }
            _ => {}
        }
    }
}

/// Commands in backticks within a line of text, with what stands for a value in place.
fn mentions(place: &str, line: &str, found: &mut Vec<Shown>) {
    for span in line.split('`').skip(1).step_by(2).filter(|span| span.starts_with("importer ")) {
        let mut own = Vec::new();
        script_of("", 0, span, &mut own);
        for shown in own {
            let words = shown.words.into_iter().filter(|word| word != "…" && !word.contains('<'));
            let words = words.map(|word| if word == "N" { "1".to_owned() } else { word }).collect();
            found.push(Shown { place: place.to_owned(), words, is_mention: true });
        }
    }
}

/// The commands of a script that are ours: quotes hold blanks and line breaks together, `#` begins a comment, and a pipe or
/// an arrow ends a command. With cargo they are `cargo run -- …`.
fn script_of(name: &str, first: usize, script: &str, found: &mut Vec<Shown>) {
    let (mut words, mut word, mut quote, mut line) = (Vec::<String>::new(), None::<String>, None, first);
    let mut begun = first;
    let mut end = |words: &mut Vec<String>, place: usize| {
        let own = match words.iter().position(|word| word == "--") {
            Some(at) if words.starts_with(&["cargo".to_owned(), "run".to_owned()]) => {
                [vec!["importer".to_owned()], words.split_off(at + 1)].concat()
            }
            _ => std::mem::take(words),
        };
        words.clear();
        if own.first().is_some_and(|word| word == "importer") {
            found.push(Shown { place: format!("{name}:{place}"), words: own, is_mention: false });
        }
    };
    let mut signs = script.chars().peekable();
    while let Some(sign) = signs.next() {
        line += usize::from(sign == '\n');
        match (quote, sign) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), inside) => word.get_or_insert_default().push(inside),
            (None, '"' | '\'') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => while signs.next_if(|sign| *sign != '\n').is_some() {},
            (None, ' ' | '\n' | '|' | '>' | '<') => {
                if words.is_empty() {
                    begun = line - usize::from(sign == '\n');
                }
                words.extend(word.take());
                if sign != ' ' {
                    end(&mut words, begun);
                }
            }
            (None, other) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word.take());
    end(&mut words, begun);
}
