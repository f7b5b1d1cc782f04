//! What must hold of a project as a whole, once each of its files is read.

use std::collections::BTreeMap;

use super::diagnostics::{ProjectError, suggestion};
use super::entity::Entity;
use super::reading::Loader;
use super::settings::Settings;
use super::source::Source;
use super::sql_text;

impl Loader<'_> {
    /// The source that is taken where none is named is one of the project.
    pub(super) fn default_source(&self, settings: &Settings, sources: &BTreeMap<String, Source>) {
        let Some(name) = settings.source.as_deref().filter(|name| !sources.contains_key(*name)) else {
            return;
        };
        // A source that cannot be read has an error of its own.
        if self.files.get(&format!("sources/{name}.yml")).is_some() {
            return;
        }
        let known: Vec<&str> = sources.keys().map(String::as_str).collect();
        let Some(file) = self.file("project.yml") else { return };
        let span = sql_text::last_word(&file.text, name);
        self.report(
            ProjectError::at(&file, span, "PRJ0009", format!("the default source `{name}` does not exist"))
                .help(suggestion(name, &known)),
        );
    }

    /// A code names one rule of the whole project.
    pub(super) fn unique_rules(&self, entities: &BTreeMap<String, Entity>) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for rule in entities.values().flat_map(|entity| &entity.rules) {
            let Some(other) = seen.insert(rule.code.to_uppercase(), &rule.sql.path) else { continue };
            let message = format!("`{other}` has the rule code `{}` too", rule.code);
            self.report(
                self.error_behind(&rule.sql.path, &["rule", &rule.code], "PRJ0010", message)
                    .help("give one of the two another code; the code is what people search for"),
            );
        }
    }

    /// Of each entity there is what a run needs, and its cases name sources of its own.
    pub(super) fn whole_entities(
        &self,
        entities: &BTreeMap<String, Entity>,
        sources: &BTreeMap<String, Source>,
    ) {
        for entity in entities.values() {
            if entity.core_load().is_none() {
                let table = &entity.contract.core.table;
                let path = format!("entities/{}/load/{table}.sql", entity.name);
                let message = format!("nothing writes the core table `{table}` of {}", entity.name);
                self.report(
                    ProjectError::about(&path, "PRJ0012", message)
                        .help("write it: a SELECT from `resolved` with `mode: core` and the table's key")
                        .lately(),
                );
            }
            self.core_fields_are_written(entity);
            for case in &entity.cases {
                let Some(name) = &case.source else { continue };
                if sources.get(name).is_some_and(|source| source.entity == entity.name) {
                    continue;
                }
                let own = sources.values().filter(|source| source.entity == entity.name);
                let known: Vec<&str> = own.map(|source| source.name.as_str()).collect();
                let Some(file) = self.file(&case.path) else { continue };
                let span = sql_text::word_from_line(&file.text, case.line, name);
                let message = format!("{} has no source `{name}`", entity.name);
                self.report(
                    ProjectError::at(&file, span, "PRJ0009", message)
                        .label("unknown source")
                        .help(suggestion(name, &known))
                        .lately(),
                );
            }
        }
    }

    /// A core field that the core table never gets would differ at every import.
    fn core_fields_are_written(&self, entity: &Entity) {
        let Some(load) = entity.core_load() else { return };
        if load.columns.is_none() {
            return;
        }
        let Some(file) = self.file(&load.sql.path) else { return };
        let fields = entity.contract.core_fields().filter(|field| load.column_of(&field.name).is_none());
        let missing: Vec<String> = fields.map(|field| format!("`{}`", field.name)).collect();
        if missing.is_empty() {
            return;
        }
        let message =
            format!("the SELECT does not give {}, which belong to the core row", missing.join(", "));
        self.report(
            ProjectError::at(&file, sql_text::first_word(&file.text, "select"), "PRJ0003", message)
                .label("here")
                .help("add them to the SELECT, or write `core: false` in contract.yml")
                .lately(),
        );
    }
}
