//! A project: the files of a data engineer, read into typed structs.
//!
//! Pure: the input is a map from path to text ([`FileSet`]), the output is a [`Project`] or *all* errors of all files
//! ([`ProjectErrors`]), each with file, line, column, the source line and what to write instead. Reading a folder is
//! the engine's business; [`FileSet::overlaid_with`] lays a folder's files over the shipped ones.
//!
//! | file | module | struct |
//! | --- | --- | --- |
//! | `project.yml` | `settings` | [`Settings`] with [`Defaults`] |
//! | `sources/<name>.yml` | `source`, `policy` | [`Source`] |
//! | `entities/<entity>/contract.yml` | `contract`, `field`, `field_type`, `type_options`, `reference` | [`Contract`], [`Field`] |
//! | `entities/<entity>/map/<source>.sql` | `mapping` | [`Mapping`] |
//! | `entities/<entity>/check/<CODE>.sql` | `rule`, `filter` | [`Rule`], [`FilterRule`] |
//! | `lists/<name>.csv` | `entity` | [`List`] |
//! | `entities/<entity>/match.yml`, `match.model.json`, `match.terms.<name>.csv` | `matching`, `patterns` | [`MatchSpec`], [`FuzzySpec`] |
//! | `entities/<entity>/resolve.yml` | `survivorship` | [`ResolveSpec`] |
//! | `entities/<entity>/load/<table>.sql` | `load_file`, `numbered`, `order` | [`LoadFile`] |
//! | `entities/<entity>/tests/*.yml` | `cases` | [`TestCase`] |
//!
//! Around them: `loader` (from files to a project), `entity_files` (those of an entity), `whole` (what holds of all of
//! them), `reading` (files at hand, errors gathered), `across` (what ties entities together), `place` (what a path is),
//! `words` (enums that are words), `yaml` (a tree that knows where each value stands), `decode` (typed reading of that
//! tree, unknown keys refused), `front_matter` (SQL files), `sql_text` (parsing, positions), `diagnostics` (errors),
//! `bundle` (pinning a project to a run), `refuse` (SQL and words that could never mean anything), `lint` (what is
//! valid and still doubtful).

mod across;
mod bundle;
mod cases;
mod contract;
mod decode;
mod diagnostics;
mod entity;
mod entity_files;
mod field;
mod field_type;
mod files;
mod filter;
mod front_matter;
mod lint;
mod load_file;
mod loader;
mod mapping;
mod matching;
mod models;
mod numbered;
mod order;
mod patterns;
mod place;
mod policy;
mod reading;
mod reference;
mod refuse;
mod rule;
mod settings;
mod source;
mod sql_text;
mod survivorship;
mod type_options;
mod whole;
mod without_effect;
mod words;
mod yaml;

pub use bundle::{Bundle, BundleDifferences};
pub use cases::{ExpectedRow, TestCase};
pub use contract::{Contract, CoreTable, ValueSet};
pub(crate) use diagnostics::nearest;
pub use diagnostics::{ProjectError, ProjectErrors};
pub use entity::{Entity, List};
pub use field::{DateParts, Field, NullWords, OnBadValue, Role, StandsIn};
pub use field_type::FieldType;
pub use files::FileSet;
pub use filter::FilterRule;
pub use front_matter::SqlFile;
pub use load_file::{LoadFile, LoadMode, NumberedTable, TENANT};
pub use loader::Project;
pub use mapping::Mapping;
pub(crate) use matching::isotonic;
pub use matching::{
    Auto, BlockingRule, Cluster, Comparison, FuzzySpec, Guard, IdReused, Incompatible, KeyPatterns,
    KeyValues, Level, LevelKind, MatchKey, MatchNames, MatchSpec, Model, ModelFile, Never, NoKey, Pattern,
    Patterns, Prepared, Round, Score, SimilarId, SqlPlace, Terms, Thresholds, TwoIds, Weights, When,
};
pub use numbered::{NUMBERED_VIEW, NUMBERS, own_name};
pub use patterns::SetPatterns;
pub use policy::{
    After, BadRows, BadValues, DuplicatePolicy, ExternalIdPolicy, ImportMode, NewColumns, Ties,
};
pub use rule::{CORE_SCHEMA, LISTS_SCHEMA, Rule, RuleMode, RulePolicy, Severity};
pub use settings::{DateOrder, Defaults, NumberFormat, Settings};
pub use source::{Freshness, Source, SourceContract};
pub use sql_text::TableName;
pub use survivorship::{FieldGroup, Preference, ResolveSpec};
pub use type_options::{DurationUnit, EnumChoice, Reference, ReferenceTarget, ReferenceWay, TypeOptions};
