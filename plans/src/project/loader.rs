//! From files to a project: what each path is, in which order it is read, and what must hold between files.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::across;
use super::cases::TestCase;
use super::contract::Contract;
use super::diagnostics::{ProjectError, ProjectErrors, SourceFile, nearest, suggestion};
use super::entity::Entity;
use super::files::FileSet;
use super::filter::{FilterRule, RULE_COLUMNS};
use super::load_file::LoadFile;
use super::mapping::Mapping;
use super::matching::MatchSpec;
use super::numbered;
use super::place::{PLACES, Place, better, entity_of};
use super::reading::Loader;
use super::refuse;
use super::rule::Rule;
use super::settings::{Defaults, Settings};
use super::source::Source;
use super::sql_text;
use super::survivorship::ResolveSpec;
use super::yaml;

/// A whole project, read and cross-checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    pub settings: Settings,
    /// By name.
    pub sources: BTreeMap<String, Source>,
    /// By name.
    pub entities: BTreeMap<String, Entity>,
    pub(super) files: FileSet,
}

impl Project {
    /// Reads a project; errors of all files are collected.
    pub fn load(files: &FileSet) -> Result<Self, ProjectErrors> {
        Self::load_unless(files, |_| true)
    }

    /// Reads the project that a run was pinned to: what is refused today and was not then stays as it was.
    pub(super) fn load_pinned(files: &FileSet) -> Result<Self, ProjectErrors> {
        Self::load_unless(files, |error| !error.is_lately())
    }

    fn load_unless(files: &FileSet, counts: impl Fn(&ProjectError) -> bool) -> Result<Self, ProjectErrors> {
        let files = &across::used(files);
        let loader = Loader { files, errors: RefCell::default() };
        let project = loader.project();
        let mut errors = loader.errors.into_inner();
        errors.retain(counts);
        if errors.is_empty() { Ok(project) } else { Err(ProjectErrors::new(errors)) }
    }

    /// Whether a file of a project's folder is one of the project, or was meant to be. All others are nobody's business.
    pub fn reads(path: &str) -> bool {
        !matches!(Place::of(path), Place::Other)
    }

    /// The files that the project was read from.
    pub fn files(&self) -> &FileSet {
        &self.files
    }

    /// A source and its entity.
    pub fn source(&self, name: &str) -> Option<(&Source, &Entity)> {
        let source = self.sources.get(name)?;
        Some((source, self.entities.get(&source.entity)?))
    }

    /// The mapping that a source uses.
    pub fn mapping_of(&self, source: &Source) -> Option<&Mapping> {
        self.entities.get(&source.entity)?.mappings.get(&source.mapping)
    }

    /// An error at a word of one of the project's files, for checks that need more than the files: the last of these
    /// words, each looked for behind the one before.
    pub fn error_at(
        &self,
        path: &str,
        words: &[&str],
        code: &'static str,
        message: String,
        help: &str,
    ) -> ProjectError {
        let error = match self.files.shared(path) {
            Some(text) => {
                let span = sql_text::behind_each_other(&text, words);
                ProjectError::at(&SourceFile { path: path.to_owned(), text }, span, code, message)
            }
            None => ProjectError::about(path, code, message),
        };
        error.help(help)
    }

    /// The name most like one that does not exist, for "did you mean".
    pub fn nearest_source(&self, name: &str) -> Option<&str> {
        nearest(name, self.sources.keys().map(String::as_str))
    }
}

impl Loader<'_> {
    fn project(&self) -> Project {
        self.refuse_strays();
        let shipped = self.shipped();
        let settings = self
            .yaml("project.yml", |file, node| {
                Some(Settings::read(self.reader(file, node, "project.yml")?, &shipped))
            })
            .unwrap_or_else(|| {
                if self.files.get("project.yml").is_none() {
                    self.report(
                        ProjectError::about("project.yml", "PRJ0012", "the project has no project.yml")
                            .help("write one with a line such as `name: my_project`"),
                    );
                }
                Settings::nothing()
            });
        let folders: BTreeSet<&str> = self.files.paths().filter_map(entity_of).collect();
        let mut entities: BTreeMap<String, Entity> = folders
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), self.entity(name, &settings.defaults)?)))
            .collect();
        self.named_entities(&settings, &entities);
        self.find_references(&mut entities);
        self.find_lists(&mut entities);
        let sources = self.sources(&settings.defaults, &entities);
        self.default_source(&settings, &sources);
        self.unique_rules(&entities);
        self.whole_entities(&entities, &sources);
        Project { settings, sources, entities, files: self.files.clone() }
    }

    fn refuse_strays(&self) {
        for path in self.files.paths().filter(|path| matches!(Place::of(path), Place::Unknown)) {
            let help = match better(path) {
                Some(other) => format!("rename it to `{other}`"),
                None => PLACES.to_owned(),
            };
            let error = ProjectError::about(path, "PRJ0006", "nothing reads this file").help(help);
            // Files with such endings were not seen at all, and are in no bundle.
            self.report(error);
        }
    }

    /// What the shipped `project.yml` says: it holds where the project's own says nothing else.
    fn shipped(&self) -> Settings {
        let nothing = Settings::nothing();
        let text = importer_sql::project::files().into_iter().find(|(path, _)| *path == "project.yml");
        let Some((path, text)) = text else { return nothing };
        let file = SourceFile { path: path.to_owned(), text: Arc::new(text.to_owned()) };
        let Ok(node) = yaml::parse(&file, 0, file.text.len()) else { return nothing };
        let settings =
            self.reader(&file, &node, "project.yml").map(|reader| Settings::read(reader, &nothing));
        let mut settings = settings.unwrap_or(nothing);
        let is_there = |name: &String| self.files.get(&format!("sources/{name}.yml")).is_some();
        settings.source = settings.source.filter(is_there);
        settings
    }

    fn entity(&self, name: &str, defaults: &Defaults) -> Option<Entity> {
        let path = format!("entities/{name}/contract.yml");
        let contract = self
            .yaml(&path, |file, node| Some(Contract::read(self.reader(file, node, "the contract")?, name)));
        if self.files.get(&path).is_none() {
            self.report(
                ProjectError::about(&path, "PRJ0012", format!("the entity `{name}` has no contract"))
                    .help("write `contract.yml` with `entity`, `core` and `fields`"),
            );
        }
        // The other files are read without a contract too, for the sake of their errors.
        let known = contract.as_ref();
        let mut mappings = BTreeMap::new();
        let mut rules = Vec::new();
        let mut loads = Vec::new();
        let mut cases = Vec::new();
        let mut matching = None;
        let mut resolve = None;
        for path in self.files.paths().filter(|path| entity_of(path) == Some(name)) {
            match Place::of(path) {
                Place::Mapping(_, stem) => {
                    mappings.extend(self.mapping(path, stem, known).map(|m| (stem.to_owned(), m)))
                }
                Place::Rule(_, stem) => rules.extend(self.rule(path, stem, known)),
                Place::Load(_, stem) => loads.extend(self.load(path, stem, known)),
                Place::Tests(_) => cases.extend(
                    self.yaml(path, |file, node| {
                        Some(TestCase::read_all(self.reader(file, node, "a test file")?))
                    })
                    .unwrap_or_default(),
                ),
                Place::Match(_) => {
                    matching = self.yaml(path, |file, node| {
                        Some(MatchSpec::read(self.reader(file, node, "match.yml")?, known, defaults))
                    });
                }
                Place::Resolve(_) => {
                    resolve = self.yaml(path, |file, node| {
                        Some(ResolveSpec::read(self.reader(file, node, "resolve.yml")?, known))
                    });
                }
                _ => {}
            }
        }
        // Of a match.yml that cannot be read nobody knows which models it names.
        let is_read = matching.is_some() || self.files.get(&format!("entities/{name}/match.yml")).is_none();
        let mut matching = matching.unwrap_or_else(|| MatchSpec::without_keys(defaults));
        if is_read {
            self.models(name, &mut matching);
        }
        let mut contract = contract?;
        let mut loads = self.in_order(&contract, loads);
        for unfit in numbered::number(&mut contract, &mut loads) {
            let error = self.error_behind(&unfit.path, &[unfit.word], "PRJ0013", unfit.message);
            self.report(error.help(unfit.help));
        }
        Some(Entity {
            name: name.to_owned(),
            matching,
            resolve: resolve.unwrap_or_else(|| ResolveSpec::of_one_group(&contract)),
            contract,
            mappings,
            rules,
            loads,
            cases,
            lists: BTreeMap::new(),
        })
    }

    fn mapping(&self, path: &str, stem: &str, contract: Option<&Contract>) -> Option<Mapping> {
        self.sql(path, Mapping::EXAMPLE, |file, node, query| {
            let columns = query.as_ref().and_then(sql_text::output_columns);
            if let Some(columns) = &columns {
                self.output(file, columns, contract.map(Contract::names), "sequence_number");
            }
            let mut mapping = Mapping::read(self.reader(file, node, "a mapping")?, file, stem, columns);
            if let Some(query) = &query {
                refuse::in_mapping(query, file).into_iter().for_each(|error| self.report(error));
                mapping.row_by_row = refuse::row_by_row(query);
                mapping.reads = sql_text::tables_in_schemas(query);
            }
            Some(mapping)
        })
    }

    fn rule(&self, path: &str, stem: &str, contract: Option<&Contract>) -> Option<Rule> {
        self.sql(path, Rule::EXAMPLE, |file, node, query| {
            let columns = query.as_ref().map(sql_text::output_columns);
            match &columns {
                Some(Some(columns)) => {
                    self.output(file, columns, Some(RULE_COLUMNS.to_vec()), "sequence_number")
                }
                Some(None) => {
                    let unnamed = query.as_ref().and_then(|query| refuse::unnamed_column(query, file));
                    let (place, help) = match unnamed {
                        Some(place) => (place, "give it a name: `… AS value`"),
                        None => (
                            sql_text::first_word(&file.text, "select"),
                            "write `SELECT sequence_number, '…' AS field, … AS value` instead of `*`",
                        ),
                    };
                    let error =
                        ProjectError::at(file, place, "PRJ0013", "a rule names every column that it gives")
                            .label("here")
                            .help(help);
                    self.report(error);
                }
                None => {}
            }
            if let (Some(query), Some(contract)) = (&query, contract) {
                refuse::in_rule(query, file, contract).into_iter().for_each(|error| self.report(error));
            }
            let mut rule = Rule::read(self.reader(file, node, "a rule")?, file, stem, contract);
            rule.columns = columns.flatten().unwrap_or_default();
            rule.reads = query.as_ref().map(sql_text::tables_in_schemas).unwrap_or_default();
            rule.filter = query.as_ref().and_then(FilterRule::recognise);
            Some(rule)
        })
    }

    fn load(&self, path: &str, stem: &str, contract: Option<&Contract>) -> Option<LoadFile> {
        self.sql(path, LoadFile::EXAMPLE, |file, node, query| {
            let columns = query.as_ref().and_then(sql_text::output_columns);
            let sources = query.as_ref().map(sql_text::output_sources).unwrap_or_default();
            let reader = self.reader(file, node, "a load file")?;
            Some(LoadFile::read(reader, file, stem, columns, sources, contract))
        })
    }

    /// A query gives the columns that it must, and none that nobody knows.
    fn output(&self, file: &SourceFile, columns: &[String], known: Option<Vec<&str>>, needed: &str) {
        if !columns.iter().any(|column| column == needed) {
            let error = ProjectError::at(
                file,
                sql_text::first_word(&file.text, "select"),
                "PRJ0003",
                format!("the SELECT must give `{needed}`"),
            )
            .label("here")
            .help(format!("begin with `SELECT {needed}, …`"));
            self.report(error);
        }
        let Some(mut known) = known else { return };
        if !known.contains(&needed) {
            known.insert(0, needed);
        }
        for column in columns.iter().filter(|column| !known.contains(&column.as_str())) {
            let error = ProjectError::at(
                file,
                sql_text::last_word(&file.text, column),
                "PRJ0009",
                format!("the SELECT gives a column `{column}` that nothing reads"),
            )
            .label("unknown column")
            .help(suggestion(column, &known));
            self.report(error);
        }
    }

    fn sources(&self, defaults: &Defaults, entities: &BTreeMap<String, Entity>) -> BTreeMap<String, Source> {
        self.files
            .paths()
            .filter_map(|path| match Place::of(path) {
                Place::Source(stem) => Some((path, stem)),
                _ => None,
            })
            .filter_map(|(path, stem)| {
                let source = self.yaml(path, |file, node| {
                    Some(Source::read(self.reader(file, node, "a source")?, stem, defaults, entities))
                })?;
                Some((stem.to_owned(), source))
            })
            .collect()
    }

    fn default_source(&self, settings: &Settings, sources: &BTreeMap<String, Source>) {
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
    fn unique_rules(&self, entities: &BTreeMap<String, Entity>) {
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
    fn whole_entities(&self, entities: &BTreeMap<String, Entity>, sources: &BTreeMap<String, Source>) {
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
