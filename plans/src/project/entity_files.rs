//! The files of an entity's folder: contract, mappings, rules, load files, what is matched and survives, test cases.

use std::collections::BTreeMap;

use super::cases::TestCase;
use super::contract::Contract;
use super::diagnostics::{ProjectError, SourceFile, suggestion};
use super::entity::Entity;
use super::filter::{FilterRule, RULE_COLUMNS};
use super::load_file::LoadFile;
use super::mapping::Mapping;
use super::matching::MatchSpec;
use super::numbered;
use super::place::{Place, entity_of};
use super::reading::Loader;
use super::refuse;
use super::rule::Rule;
use super::settings::Defaults;
use super::sql_text;
use super::survivorship::ResolveSpec;

impl Loader<'_> {
    /// An entity, from the files of its folder.
    pub(super) fn entity(&self, name: &str, defaults: &Defaults) -> Option<Entity> {
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
}
