//! What ties the entities of a project together: records of others that their fields name, and lists that their rules read.

use std::collections::BTreeMap;

use super::diagnostics::{ProjectError, suggestion};
use super::entity::{Entity, List};
use super::loader::Loader;
use super::place::Place;
use super::rule::{CORE_SCHEMA, LISTS_SCHEMA};

impl Loader<'_> {
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
                    let message = format!("a mapping reads no tables of the store, and this one reads `{}`", table.table);
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
