//! Several lists that belong together: which source reads which files of a folder, and in which order, so that what a row
//! refers to is there before it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use importer_plans::project::Project;

use crate::error::{Error, ErrorKind, Result};
use crate::inputs::{files_of, folders_of, is_emptied, none_new};
use crate::request::Input;

/// The lists of a set that one run imports.
#[derive(Debug, Clone, PartialEq)]
pub struct SetMember {
    pub source: String,
    pub entity: String,
    pub inputs: Vec<Input>,
    /// Entities of the set whose records its rows may name.
    pub refers_to: Vec<String>,
}

/// The lists in a folder, in the order in which they are imported. A file, or a folder of files, belongs to the source or
/// the entity that its name begins with: `events.csv`, `events-2025.xlsx`, `events/may.csv`.
///
/// # Errors
/// The folder cannot be read or holds nothing; a name belongs to no source, or to an entity that several sources have.
pub fn set_of(project: &Project, folder: &Path) -> Result<Vec<SetMember>> {
    let mut members: BTreeMap<String, SetMember> = BTreeMap::new();
    let mut add = |name: &str, inputs: Vec<Input>| -> Result<()> {
        let source = source_of(project, name)?;
        let entity = project.sources.get(&source).map(|s| s.entity.clone()).unwrap_or_default();
        let member = members.entry(source.clone()).or_insert_with(|| SetMember {
            source,
            entity,
            inputs: Vec::new(),
            refers_to: Vec::new(),
        });
        member.inputs.extend(inputs);
        Ok(())
    };
    for path in files_of(folder)? {
        add(&name_of(&path), vec![Input::File(path)])?;
    }
    for below in folders_of(folder)? {
        let files = files_of(&below)?;
        if !files.is_empty() {
            add(&name_of(&below), files.into_iter().map(Input::File).collect())?;
        }
    }
    if members.is_empty() {
        let mut below = folders_of(folder)?;
        below.push(folder.to_owned());
        for folder in &below {
            if is_emptied(folder)? {
                return Err(none_new(&folder.display().to_string()));
            }
        }
        return Err(Error::new(ErrorKind::Usage, format!("{}: the folder holds no lists", folder.display()))
            .with_help("put files into it that are called after sources or entities, such as events.csv")
            .with_code("NO_FILES"));
    }
    Ok(in_order(project, members.into_values().collect()))
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The source that a name begins with, else the one source of the entity that it begins with; of several the longest.
fn source_of(project: &Project, name: &str) -> Result<String> {
    let begins = |word: &&String| begins_with(name, word);
    let longest = |words: Vec<&String>| words.into_iter().max_by_key(|word| word.len()).cloned();
    if let Some(source) = longest(project.sources.keys().filter(begins).collect()) {
        return Ok(source);
    }
    let refused = |message: String, help: String| Error::new(ErrorKind::Usage, message).with_help(help);
    let Some(entity) = longest(project.entities.keys().filter(begins).collect()) else {
        let known: BTreeSet<&str> =
            project.sources.keys().chain(project.entities.keys()).map(String::as_str).collect();
        let known: Vec<&str> = known.into_iter().collect();
        return Err(refused(
            format!(
                "{name}: a list of a set is called after its source or its entity, and this name begins with none"
            ),
            format!("rename it so that it begins with one of {}", known.join(", ")),
        ));
    };
    let sources: Vec<&str> =
        project.sources.values().filter(|s| s.entity == entity).map(|s| s.name.as_str()).collect();
    match sources.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(refused(
            format!("{name}: the project has no source of the entity {entity}"),
            format!("write sources/{entity}.yml"),
        )),
        several => Err(refused(
            format!("{name}: several sources have the entity {entity}"),
            format!("rename it so that it begins with one of {}", several.join(", ")),
        )),
    }
}

/// Whether a name is a word, or goes on behind it with something that belongs to no word; `Sign-Ups 2025` begins with
/// `sign_ups`.
fn begins_with(name: &str, word: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let (name, word) = (plain(name), plain(word));
    name.strip_prefix(&word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// What is referred to comes first; otherwise by name. Where entities refer to each other in a circle, its first by name
/// begins, and rows that wait are sent again at the end.
fn in_order(project: &Project, mut waiting: Vec<SetMember>) -> Vec<SetMember> {
    let there: BTreeSet<String> = waiting.iter().map(|member| member.entity.clone()).collect();
    for member in &mut waiting {
        let entity = project.entities.get(&member.entity);
        let to: BTreeSet<String> =
            entity.into_iter().flat_map(|e| e.references()).map(|(.., found)| found.to.clone()).collect();
        let others = to.into_iter().filter(|to| *to != member.entity && there.contains(to));
        member.refers_to = others.collect();
    }
    let mut ordered: Vec<SetMember> = Vec::new();
    while !waiting.is_empty() {
        let is_free = |member: &SetMember| {
            member.refers_to.iter().all(|to| waiting.iter().all(|other| other.entity != *to))
        };
        let next = waiting.iter().position(is_free).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::begins_with;

    #[test]
    fn a_name_belongs_to_the_word_that_it_begins_with() {
        for (name, word, expected) in [
            ("events.csv", "events", true),
            ("Events-2025.xlsx", "events", true),
            ("events 2025.csv", "events", true),
            ("sign-ups.csv", "sign_ups", true),
            ("eventsource.csv", "events", false),
            ("events2.csv", "events", false),
            ("my events.csv", "events", false),
        ] {
            assert_eq!(begins_with(name, word), expected, "{name} {word}");
        }
    }
}
