//! The document of a row's life. Names are stable: programs read it as JSON.

use serde::Serialize;

use super::ask::{Asked, Row};

/// The life of one record of a run, step by step. A step that the record did not reach is absent, and `stopped` says why.
#[derive(Debug, Clone, Serialize)]
pub struct RowStory {
    pub run: RunFacts,
    pub record: Record,
    pub outcome: Outcome,
    /// One sentence.
    pub summary: String,
    /// Why the story ends before core, when it does.
    pub stopped: Option<String>,
    pub core_id: Option<i64>,
    pub land: Land,
    pub stage: Option<Stage>,
    pub check: Option<Check>,
    #[serde(rename = "match")]
    pub matched: Option<Match>,
    pub resolve: Option<Resolve>,
    pub load: Option<Load>,
    pub since: Since,
}

/// The run as the database has it.
#[derive(Debug, Clone, Serialize)]
pub struct RunFacts {
    pub run_id: i64,
    pub kind: String,
    pub status: String,
    pub dry_run: bool,
    pub entity: String,
    pub source: String,
    pub policy: Option<String>,
    pub mode: Option<String>,
    pub project_hash: Option<String>,
    pub triggered_by: Option<String>,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
}

/// Where the record stands.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// The sequence number; a record that could not be read has none.
    pub row: Option<i64>,
    pub file: String,
    pub file_number: i32,
    pub line: i64,
}

/// What became of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It could not be read.
    Rejected,
    /// An enforced rule of severity error spoke.
    Quarantined,
    /// A person has to decide.
    Review,
    Created,
    Updated,
    Reactivated,
    SoftDeleted,
    /// Its contents, or those of its core row, stay as they are.
    Unchanged,
    /// Another row of the run is the stronger one of the same person.
    Duplicate,
    /// The policy leaves known records alone.
    SkippedDuplicate,
    /// The policy updates known records only, and it is none.
    NotFound,
    /// The run stopped before it was decided.
    Undecided,
}

/// land: the record as it stands in the file.
#[derive(Debug, Clone, Serialize)]
pub struct Land {
    /// How the file was read, one line per decision.
    pub dialect: Vec<String>,
    pub is_error_report: bool,
    /// Where a row of a remediation was first landed, and which of its fields a person has set.
    pub origin: Option<Row>,
    pub cells: Vec<LandedCell>,
    pub reject: Option<Reject>,
    pub asked: Vec<Asked>,
}

/// One cell under its own header.
#[derive(Debug, Clone, Serialize)]
pub struct LandedCell {
    pub column: String,
    /// The contract field that is read from it.
    pub field: Option<String>,
    pub text: Option<String>,
}

/// Why a record could not be read.
#[derive(Debug, Clone, Serialize)]
pub struct Reject {
    pub code: String,
    pub reason: String,
    pub hint: String,
    pub byte_offset: Option<i64>,
    pub lines: Option<i64>,
    pub raw: Option<String>,
    pub raw_truncated: bool,
}

/// stage: the record as the contract reads it.
#[derive(Debug, Clone, Serialize)]
pub struct Stage {
    /// `entity/name@version`.
    pub mapping: String,
    pub mapping_path: String,
    pub mapping_sql: String,
    pub fields: Vec<StagedField>,
    /// Link, keys, checksum, effective time.
    pub keys: Row,
    /// Whether the mapping, run once more, gives the same values; absent where the run did not keep its parameters.
    pub mapping_agrees: Option<bool>,
    pub asked: Vec<Asked>,
}

/// One field of the contract.
#[derive(Debug, Clone, Serialize)]
pub struct StagedField {
    pub field: String,
    pub columns: Vec<String>,
    pub value: Option<String>,
    /// The text that could not be read as the field's type.
    pub unparsed: Option<String>,
    pub sensitive: bool,
}

/// check: every rule of the entity with its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    pub quarantined: bool,
    pub rules: Vec<RuleVerdict>,
    pub asked: Vec<Asked>,
}

/// What one rule said.
#[derive(Debug, Clone, Serialize)]
pub struct RuleVerdict {
    pub rule_code: String,
    pub verdict: Verdict,
    pub severity: String,
    pub mode: String,
    pub field: Option<String>,
    pub original_value: Option<String>,
    pub normalised_value: Option<String>,
    pub message: String,
    pub hint: String,
    /// The rule's file in the project; absent for a built-in check.
    pub path: Option<String>,
    /// Gives the row when it is bad. Absent where land itself spoke.
    pub sql: Option<String>,
    /// Where a finding stands now: open, fixed, suppressed, wont_fix.
    pub status: Option<String>,
    pub resolution: Option<String>,
    pub resolved_by: Option<String>,
    pub resolved_run_id: Option<i64>,
}

/// Whether a rule spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    /// The source does not ask for it.
    NotAsked,
}

/// match: who the record is.
#[derive(Debug, Clone, Serialize)]
pub struct Match {
    /// As the data set `links` names it.
    pub outcome: String,
    pub reason: Option<String>,
    /// The reason as a sentence.
    pub because: String,
    pub match_type: Option<String>,
    pub core_id: Option<i64>,
    pub cluster_id: Option<i64>,
    /// The round that decided; earlier ones were overtaken because core had moved.
    pub round: i64,
    /// The record's own names and birth date, which the name test holds against those of others.
    pub given: Option<String>,
    pub family: Option<String>,
    pub born: Option<String>,
    /// Rows of the run that are the same person, itself included; the first 20.
    pub members: Vec<i64>,
    pub member_count: i64,
    pub keys: Vec<Key>,
    /// Who else has these keys.
    pub hits: Vec<Hit>,
    pub asked: Vec<Asked>,
}

/// One key that was looked up.
#[derive(Debug, Clone, Serialize)]
pub struct Key {
    pub key_type: String,
    pub key: String,
    pub is_primary: bool,
}

/// Somebody with the same key, and what was decided.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    pub key_type: String,
    pub key: String,
    pub core_id: Option<i64>,
    pub row: Option<i64>,
    pub given: Option<String>,
    pub family: Option<String>,
    pub born: Option<String>,
    /// Whether match held both to be one person, as it is stored; none where the run did not keep it.
    pub joined: Option<bool>,
    /// Why not, where a key alone did not do: `same_key_other_person`, `weak_key`, `two_ids`, `other_family`, `weaker`.
    pub verdict: Option<String>,
    /// What names and birth dates said, in the word of `person_evidence`.
    pub evidence: Option<String>,
    /// `match`: as match saw it; `run`: another row of the run; `now`: as core stands now, for the run did not keep it.
    pub seen: &'static str,
}

/// resolve: what the run does to the core row, field by field.
#[derive(Debug, Clone, Serialize)]
pub struct Resolve {
    pub action: String,
    pub core_id: Option<i64>,
    /// The strongest row; its action is the action of all.
    pub lead_row: Option<i64>,
    pub incoming_rows: Option<i64>,
    pub differs: bool,
    pub fields: Vec<FieldChange>,
    pub asked: Vec<Asked>,
}

/// One field of the change.
#[derive(Debug, Clone, Serialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub changed: bool,
    pub winner: Option<Candidate>,
    pub losers: Vec<Candidate>,
}

/// A value that was offered for a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// `row`, `core` or `manual` (a value of core that a person wrote).
    pub from: &'static str,
    pub row: Option<i64>,
    pub value: Option<String>,
    pub source: Option<String>,
    /// How fresh the value is; unknown where the run did not keep it.
    pub at: Option<String>,
    /// Why it won, or lost against the winner.
    pub reason: &'static str,
}

/// load: whether core has it.
#[derive(Debug, Clone, Serialize)]
pub struct Load {
    pub state: LoadState,
    pub core_id: Option<i64>,
    pub round: Option<i64>,
    pub chunk: Option<i64>,
    pub committed_at: Option<String>,
    pub loaded_by: Option<String>,
    pub asked: Vec<Asked>,
}

/// Whether the change is in core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadState {
    Loaded,
    /// A dry run: core was not touched.
    WouldBe,
    /// The run stopped before, or its chunk was not committed.
    NotLoaded,
    /// The run broke off, and did not keep how it cut its chunks: a run of an older version.
    Unknown,
    /// Core had moved in every round.
    Refused,
    /// The core row stays as it is; its link was noted as seen again.
    NothingToWrite,
}

/// What happened after the run, and how things stand now.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Since {
    /// The external id as the database has it now.
    pub link: Option<Row>,
    /// Fields that other runs changed on the core row.
    pub later_changes: Vec<Row>,
    /// Rollbacks, remediations, retries of the run.
    pub related_runs: Vec<Row>,
    /// What rollbacks of the run did to the core row.
    pub taken_back: Vec<Row>,
    pub suggestions: Vec<Row>,
    pub findings: Vec<Row>,
    /// Who wrote the core row last.
    pub provenance: Option<Row>,
    /// The core row as it stands now, field by field; empty when there is none.
    pub core: Vec<Row>,
    pub core_exists: Option<bool>,
    pub asked: Vec<Asked>,
}
