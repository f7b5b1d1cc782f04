//! One folder below `entities/`: a kind of record.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cases::TestCase;
use super::contract::Contract;
use super::field::Field;
use super::front_matter::SqlFile;
use super::load_file::LoadFile;
use super::mapping::Mapping;
use super::matching::MatchSpec;
use super::rule::Rule;
use super::sql_text::TableName;
use super::survivorship::ResolveSpec;
use super::type_options::Reference;

/// A kind of record and everything that the seven steps do with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub name: String,
    pub contract: Contract,
    /// By name, the stem of the file.
    pub mappings: BTreeMap<String, Mapping>,
    /// Sorted by code.
    pub rules: Vec<Rule>,
    pub matching: MatchSpec,
    pub resolve: ResolveSpec,
    /// In the order in which they must be written.
    pub loads: Vec<LoadFile>,
    pub cases: Vec<TestCase>,
    /// Lists of the project that its rules and mappings read, by name.
    pub lists: BTreeMap<String, List>,
}

/// A table of the project's own: `lists/<name>.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub path: String,
    pub text: Arc<String>,
}

impl Entity {
    /// A rule by code.
    pub fn rule(&self, code: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.code == code)
    }

    /// The files that name tables in a schema, with those tables.
    pub fn reads(&self) -> impl Iterator<Item = (&SqlFile, &TableName)> {
        let mappings = self.mappings.values().map(|mapping| (&mapping.sql, &mapping.reads));
        let rules = self.rules.iter().map(|rule| (&rule.sql, &rule.reads));
        mappings.chain(rules).flat_map(|(file, reads)| reads.iter().map(move |table| (file, table)))
    }

    /// Its name with its fields that name records of other entities.
    pub fn references(&self) -> impl Iterator<Item = (&str, &Field, &Reference)> {
        let fields = self.contract.fields.iter();
        fields.filter_map(|field| Some((self.name.as_str(), field, field.options.reference.as_ref()?)))
    }

    /// The table whose sequence gives the core ids.
    pub fn core_load(&self) -> Option<&LoadFile> {
        self.loads.iter().find(|load| load.table == self.contract.core.table)
    }
}
