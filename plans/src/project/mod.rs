//! A project: the files of a data engineer, read into typed structs.
//!
//! Pure: the input is a map from path to text ([`FileSet`]), the output is a [`Project`] or *all* errors of all files
//! ([`ProjectErrors`]), each with file, line, column, the source line and what to write instead. Reading a folder is
//! the engine's business; [`FileSet::overlaid_with`] lays a folder's files over the shipped ones.
//!
//! | file | module | struct |
//! | --- | --- | --- |
//! | `project.yml` | `settings` | [`Settings`] with [`Defaults`] |
//! | `sources/<name>.yml` | `source` | [`Source`] |
//! | `entities/<entity>/contract.yml` | `contract`, `field`, `field_type`, `reference` | [`Contract`], [`Field`] |
//! | `entities/<entity>/map/<source>.sql` | `mapping` | [`Mapping`] |
//! | `entities/<entity>/check/<CODE>.sql` | `rule`, `filter` | [`Rule`], [`FilterRule`] |
//! | `lists/<name>.csv` | `entity` | [`List`] |
//! | `entities/<entity>/match.yml` | `matching` | [`MatchSpec`] |
//! | `entities/<entity>/resolve.yml` | `survivorship` | [`ResolveSpec`] |
//! | `entities/<entity>/load/<table>.sql` | `load_file` | [`LoadFile`] |
//! | `entities/<entity>/tests/*.yml` | `cases` | [`TestCase`] |
//!
//! Around them: `across` (what ties entities together), `place` (what a path is), `yaml` (a tree that knows where each value stands), `decode` (typed reading of that tree, unknown keys
//! refused), `front_matter` (SQL files), `sql_text` (parsing, positions), `diagnostics` (errors), `bundle` (pinning a
//! project to a run), `refuse` (SQL and words that could never mean anything), `lint` (what is valid and still doubtful).

mod across;
mod bundle;
mod cases;
mod contract;
mod decode;
mod diagnostics;
mod entity;
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
mod numbered;
mod place;
mod reference;
mod refuse;
mod rule;
mod settings;
mod source;
mod sql_text;
mod survivorship;
mod without_effect;
mod yaml;

pub use bundle::{Bundle, BundleDifferences};
pub use cases::{ExpectedRow, TestCase};
pub use contract::{Contract, CoreTable, DateParts, StandsIn, ValueSet};
pub(crate) use diagnostics::nearest;
pub use diagnostics::{ProjectError, ProjectErrors};
pub use entity::{Entity, List};
pub use field::{Field, NullWords, OnBadValue, Role};
pub use field_type::{DurationUnit, EnumChoice, FieldType, TypeOptions};
pub use files::FileSet;
pub use filter::FilterRule;
pub use front_matter::SqlFile;
pub use load_file::{LoadFile, LoadMode, TENANT};
pub use loader::Project;
pub use mapping::Mapping;
pub use matching::{
    Guard, IdReused, Incompatible, KeyPatterns, KeyValues, MatchKey, MatchNames, MatchSpec, NoKey,
    SetPatterns, SimilarId,
};
pub use numbered::{NUMBERED_VIEW, NUMBERS, NumberedTable, own_name};
pub use reference::{Reference, ReferenceTarget, ReferenceWay};
pub use rule::{CORE_SCHEMA, LISTS_SCHEMA, Rule, RuleMode, RulePolicy, Severity};
pub use settings::{DateOrder, Defaults, NumberFormat, Settings};
pub use source::{
    After, BadRows, BadValues, DuplicatePolicy, ExternalIdPolicy, Freshness, ImportMode, NewColumns, Source,
    SourceContract, Ties,
};
pub use sql_text::TableName;
pub use survivorship::{FieldGroup, Preference, ResolveSpec};
