//! What concerns the entities of a project together: which of them it has, records of others that their fields name, and
//! lists that their rules read.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostics::{ProjectError, SourceFile, suggestion};
use super::entity::{Entity, List};
use super::files::FileSet;
use super::place::{Place, entity_of};
use super::reading::Loader;
use super::rule::{CORE_SCHEMA, LISTS_SCHEMA};
use super::settings::Settings;
use super::yaml::{self, Value};

/// The files without those of shipped entities that `entities` in `project.yml` does not name, and their shipped sources.
pub(super) fn used(files: &FileSet) -> FileSet {
    let Some(named) = entities_named(files) else { return files.clone() };
    let shipped: BTreeMap<&str, &str> = importer_sql::project::files().into_iter().collect();
    let is_shipped = |path: &str, text: &str| shipped.get(path).is_some_and(|shipped| *shipped == text);
    let left_out: BTreeSet<&str> =
        shipped.keys().copied().filter_map(entity_of).filter(|entity| !named.contains(*entity)).collect();
    let of_left_out = |text: &str| {
        let entity = text.lines().find_map(|line| line.strip_prefix("entity:"));
        entity.is_some_and(|entity| left_out.contains(entity.trim()))
    };
    let kept = files.iter().filter(|(path, text)| {
        let unused = match Place::of(path) {
            Place::Source(_) => of_left_out(text),
            _ => entity_of(path).is_some_and(|entity| left_out.contains(entity)),
        };
        !(unused && is_shipped(path, text))
    });
    FileSet::new(kept)
}

/// What `entities` says, where `project.yml` can be read.
fn entities_named(files: &FileSet) -> Option<BTreeSet<String>> {
    let file = SourceFile { path: "project.yml".to_owned(), text: files.shared("project.yml")? };
    let root = yaml::parse(&file, 0, file.text.len()).ok()?;
    let Value::Map(entries) = root.value else { return None };
    let (_, node) = entries.into_iter().find(|(key, _)| key.name == "entities")?;
    let names = match node.value {
        Value::Scalar(name) => vec![name],
        Value::List(items) => items
            .into_iter()
            .filter_map(|item| match item.value {
                Value::Scalar(name) => Some(name),
                _ => None,
            })
            .collect(),
        _ => return None,
    };
    Some(names.into_iter().collect())
}

impl Loader<'_> {
    /// Where `project.yml` names its entities, it names all that there are, and no others.
    pub(super) fn named_entities(&self, settings: &Settings, entities: &BTreeMap<String, Entity>) {
        let Some(named) = &settings.entities else { return };
        let known: Vec<&str> = entities.keys().map(String::as_str).collect();
        for name in named.iter().filter(|name| !entities.contains_key(*name)) {
            let message = format!("there is no entity `{name}`");
            let words = ["entities", name.as_str()];
            let error = self.error_behind("project.yml", &words, "PRJ0009", message);
            self.report(error.help(suggestion(name, &known)));
        }
        for name in known.iter().filter(|name| !named.iter().any(|named| named == *name)) {
            let message =
                format!("the project has files of the entity `{name}`, and `entities` does not name it");
            let error = self.error_behind("project.yml", &["entities"], "PRJ0009", message);
            self.report(error.help(format!("add `{name}` to `entities`, or remove entities/{name}")));
        }
    }

    /// Where the records stand that references name.
    pub(super) fn find_references(&self, entities: &mut BTreeMap<String, Entity>) {
        let mut found = Vec::new();
        for (name, field, reference) in entities.values().flat_map(Entity::references) {
            let target = match entities.get(&reference.to) {
                Some(to) => reference.found_in(to),
                None => {
                    let known: Vec<&str> = entities.keys().map(String::as_str).collect();
                    let message = format!("the project has no entity `{}`", reference.to);
                    Err(("to", message, suggestion(&reference.to, &known)))
                }
            };
            match target {
                Ok(target) => found.push((name.to_owned(), field.name.clone(), target)),
                Err((key, message, help)) => {
                    let path = format!("entities/{name}/contract.yml");
                    let words = ["fields", field.name.as_str(), key];
                    self.report(self.error_behind(&path, &words, "PRJ0009", message).help(help));
                }
            }
        }
        for (entity, field, target) in found {
            let fields = entities.get_mut(&entity).map(|entity| entity.contract.fields.iter_mut());
            let reference = fields.into_iter().flatten().find(|f| f.name == field);
            if let Some(reference) = reference.and_then(|field| field.options.reference.as_mut()) {
                reference.target = Some(target);
            }
        }
    }

    /// The lists that rules and mappings name. A mapping reads nothing of the store: what it makes of a file must not depend
    /// on the day.
    pub(super) fn find_lists(&self, entities: &mut BTreeMap<String, Entity>) {
        let paths = self.files.paths().filter_map(|path| match Place::of(path) {
            Place::List(name) => Some((name, path)),
            _ => None,
        });
        let known: BTreeMap<&str, &str> = paths.collect();
        for entity in entities.values_mut() {
            for mapping in entity.mappings.values() {
                for table in mapping.reads.iter().filter(|table| table.schema == CORE_SCHEMA) {
                    let message = format!(
                        "a mapping reads no tables of the store, and this one reads `{}`",
                        table.table
                    );
                    let words = [CORE_SCHEMA, table.table.as_str()];
                    let help = "look it up in a rule, or name the record by a field of type reference";
                    self.report(self.error_behind(&mapping.sql.path, &words, "PRJ0013", message).help(help));
                }
            }
            let mut lists = BTreeMap::new();
            for (file, table) in entity.reads().filter(|(_, table)| table.schema == LISTS_SCHEMA) {
                let name = table.table.as_str();
                match known.get(name).and_then(|path| Some((path, self.files.shared(path)?))) {
                    Some((path, text)) => {
                        lists.insert(name.to_owned(), List { path: (*path).to_owned(), text });
                    }
                    None => self.report(self.unknown_list(&file.path, name, &known)),
                }
            }
            entity.lists = lists;
        }
    }

    fn unknown_list(&self, path: &str, name: &str, known: &BTreeMap<&str, &str>) -> ProjectError {
        let names: Vec<&str> = known.keys().copied().collect();
        let help = match names.is_empty() {
            true => format!("write lists/{name}.csv"),
            false => suggestion(name, &names),
        };
        let message = format!("the project has no list `{name}`");
        self.error_behind(path, &[LISTS_SCHEMA, name], "PRJ0009", message).help(help)
    }
}
