//! `check/<CODE>.sql`: a rule, the SELECT of the bad rows.

use super::contract::Contract;
use super::decode::Reader;
use super::diagnostics::{SourceFile, suggestion};
use super::filter::FilterRule;
use super::front_matter::SqlFile;
use super::policy::ExternalIdPolicy;
use super::sql_text::TableName;
use super::words::words;

/// The schema of tables of the store, in rules and mappings.
pub const CORE_SCHEMA: &str = "core";
/// The schema of the project's own lists there.
pub const LISTS_SCHEMA: &str = "lists";

/// A check with a stable code.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub code: String,
    pub severity: Severity,
    pub mode: RuleMode,
    /// What is wrong, one sentence for the person who fixes the row.
    pub message: String,
    /// What to write instead.
    pub hint: String,
    /// Contract fields that the rule is about.
    pub fields: Vec<String>,
    /// Looks at delete rows too.
    pub deletes: bool,
    /// Enforced only where a source's policy asks for it.
    pub policy: Option<RulePolicy>,
    /// Its rows count as bad ones where too many of them stop a run. Not so for what was never meant as a record.
    pub breaker: bool,
    pub sql: SqlFile,
    /// Tables that it names in a schema: `core.<table>`, `lists.<name>`.
    pub reads: Vec<TableName>,
    pub(super) columns: Vec<String>,
    pub(super) filter: Option<FilterRule>,
}

words! {
    /// How bad a violation is.
    Severity {
        /// The row is quarantined, if the rule is enforced.
        Error = "error",
        Warn = "warn",
        Info = "info",
    }
}

words! {
    /// Whether a rule decides, or only reports.
    RuleMode {
        Enforce = "enforce",
        /// Violations are written down, no row is quarantined.
        Warn = "warn",
    }
}

words! {
    /// A policy of the source that switches a rule on.
    RulePolicy {
        /// Only where the source says `external_id: required`.
        ExternalId = "external_id",
    }
}

impl Rule {
    pub(super) const EXAMPLE: &'static str = "rule: VOL_EMAIL_FORMAT\nseverity: error\nmessage: what is wrong\nhint: what to write instead\nfields: [email]";

    /// True when a violation keeps the row out of core.
    pub fn quarantines(&self) -> bool {
        self.severity == Severity::Error && self.mode == RuleMode::Enforce
    }

    /// Asked of the rows of a source: one with a policy only where the source has that policy too.
    pub fn is_enforced(&self, external_id: ExternalIdPolicy) -> bool {
        match self.policy {
            Some(RulePolicy::ExternalId) => external_id == ExternalIdPolicy::Required,
            None => true,
        }
    }

    /// Reads tables of the store.
    pub fn reads_core(&self) -> bool {
        self.reads.iter().any(|table| table.schema == CORE_SCHEMA)
    }

    /// The rule as a plain filter over `staged`, to be fused with others into one scan.
    pub fn as_filter(&self) -> Option<&FilterRule> {
        self.filter.as_ref()
    }

    /// Names of the columns that the SELECT gives: `sequence_number`, and any of `field`, `value`, `suggestion`, `message`, `hint`.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn read(map: Reader<'_>, file: &SourceFile, stem: &str, contract: Option<&Contract>) -> Self {
        let code = map.required_text("rule").unwrap_or_else(|| stem.to_owned());
        if code != stem {
            map.report(
                map.error(
                    map.span_of("rule"),
                    "PRJ0011",
                    format!("the file `{stem}.sql` calls its rule `{code}`"),
                )
                .help(format!("write `rule: {stem}` or rename the file to `{code}.sql`")),
            );
        }
        if map.node("severity").is_none() {
            map.missing("severity");
        }
        let fields = map.texts("fields");
        if let Some(contract) = contract {
            for (field, span) in fields.iter().filter(|(field, _)| contract.field(field).is_none()) {
                map.report(
                    map.error(
                        *span,
                        "PRJ0009",
                        format!("the contract of {} has no field `{field}`", contract.entity),
                    )
                    .label("unknown field")
                    .help(suggestion(field, &contract.names())),
                );
            }
        }
        let rule = Self {
            severity: map.word("severity", Severity::WORDS).unwrap_or(Severity::Error),
            mode: map.word("mode", RuleMode::WORDS).unwrap_or(RuleMode::Enforce),
            message: map.required_text("message").unwrap_or_default(),
            hint: map.required_text("hint").unwrap_or_default(),
            fields: fields.into_iter().map(|(field, _)| field).collect(),
            deletes: map.flag("deletes").unwrap_or(false),
            policy: map.word("policy", RulePolicy::WORDS),
            breaker: map.flag("breaker").unwrap_or(true),
            sql: SqlFile::of(file),
            reads: Vec::new(),
            columns: Vec::new(),
            filter: None,
            code,
        };
        map.finish();
        rule
    }
}
