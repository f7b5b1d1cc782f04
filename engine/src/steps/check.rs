//! check: the rules of the entity over the staged rows, the rejects and findings of land beside them.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::check::{
    FAILED, FLAGGED, LandedFile as CheckedFile, VIOLATIONS, check_queries, own_table,
};
use importer_plans::compile::{BadValue, Query, Shape, ident, literal};
use importer_plans::project::{BadValues, ExternalIdPolicy, Rule, Source};
use serde::{Deserialize, Serialize};

use super::alike::{Alike, alike};
use super::land::Landed;
use super::promotions;
use super::stage::{borrowed, landed_view};
use crate::catalogue::locate;
use crate::context::{RunContext, blame};
use crate::error::{Error, Result};
use crate::lake::{DataSet, DataSetName};
use crate::progress::StepProgress;
use crate::tables;

/// What check gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checked {
    pub violations: DataSet,
    pub evaluated: u64,
    pub quarantined: u64,
    /// Quarantined rows that do not speak against the file: the rules that hold them have `breaker: false`.
    #[serde(default)]
    pub set_aside: u64,
    /// Violations per rule, rejects included.
    pub rules: Vec<RuleCount>,
}

/// How often a rule spoke with one severity, with one example.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleCount {
    pub rule_code: String,
    pub violations: u64,
    pub severity: String,
    pub mode: String,
    pub message: String,
    pub hint: String,
    pub example: Option<Example>,
}

/// One place where a rule spoke. The value stays in the lake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Example {
    pub file: String,
    pub line: i64,
    pub field: Option<String>,
}

impl Checked {
    /// Rows that may go on.
    pub fn validated(&self) -> u64 {
        self.evaluated - self.quarantined
    }
}

/// A source may rather lose a value than a row: what cannot be read is then a warning.
pub fn lenient(shape: &Shape, source: &Source) -> Shape {
    let mut shape = shape.clone();
    if source.contract.bad_values == BadValues::DiscardValue {
        for field in shape.fields.iter_mut().filter(|f| f.bad_value == BadValue::Error) {
            field.bad_value = BadValue::Warn;
        }
    }
    shape
}

/// Landed files as the compiled check takes them, each under the number of the first that is read as it is. `columns`: those of
/// each.
pub fn checked_files<'a>(
    tables: &'a [Alike<'a>],
    columns: &'a [Vec<(&'a str, Vec<&'a str>)>],
) -> Vec<CheckedFile<'a>> {
    let checked = tables.iter().zip(columns).map(|(files, columns)| CheckedFile {
        view: landed_view(files.first().number),
        number: files.file_number(),
        columns,
        texts: &files.first().texts,
    });
    checked.collect()
}

/// Runs all rules.
pub async fn check(
    cx: &RunContext,
    landed: &Landed,
    staged: &DataSet,
    progress: &StepProgress,
) -> Result<Checked> {
    register_rejected(cx, landed).await?;
    let tables = alike(landed);
    let columns: Vec<_> = tables.iter().map(|files| borrowed(files.first())).collect();
    let files = checked_files(&tables, &columns);
    let shape = lenient(&cx.shape, &cx.source);
    let asked = |rule: &Rule| rule.is_enforced(cx.source.external_id);
    let ids_required = cx.source.external_id == ExternalIdPolicy::Required;
    let mut queries = check_queries(&shape, &cx.entity.rules, asked, ids_required, &files);
    if promotions::at_work(cx) {
        promotions::register_suppressed(cx).await?;
        for query in queries.iter_mut().filter(|q| q.name == FAILED) {
            query.sql = promotions::without_suppressed(&query.sql);
        }
    }
    let (parts, queries): (Vec<Query>, Vec<Query>) = queries.into_iter().partition(|q| q.name == VIOLATIONS);
    let rules = || cx.entity.rules.iter().filter(|rule| asked(rule));
    if let Err(error) = cx.run_queries_of_project(&queries, 0, progress).await {
        return Err(cx.blame_rules(error, rules()).await);
    }
    for rule in rules().filter(|rule| rule.as_filter().is_none()) {
        of_this_run(cx, rule).await?;
    }
    let violations = violations(cx, &parts).await?;
    let (quarantined, rules) = futures::try_join!(cx.count(QUARANTINED), rule_counts(cx, landed))?;
    let set_aside = set_aside(cx, &rules).await?;
    cx.forget([FLAGGED, FAILED])?;
    Ok(Checked { violations, evaluated: staged.rows(), quarantined, set_aside, rules })
}

/// The data set of findings, part by part.
async fn violations(cx: &RunContext, parts: &[Query]) -> Result<DataSet> {
    let mut violations = DataSet::default();
    for (number, part) in (0..).zip(parts) {
        let named = (part.name.as_str(), part.sql.as_str());
        let written =
            cx.write_query_read_as(None, named, &DataSetName::Violations, (number, None), |_| ()).await;
        violations.extend(written.map_err(|e| e.context(format!("query {}", part.name)))?);
    }
    tables::register_files(&cx.session, VIOLATIONS, &violations).await?;
    Ok(violations)
}

const STRANGERS: &str = include_str!("../../../sql/steps/check/strangers.sql");

/// A finding about a row that is not in this run, or about no field of the contract, would be lost further on.
async fn of_this_run(cx: &RunContext, rule: &Rule) -> Result<()> {
    let table = ident(&own_table(rule));
    let batches = cx.plan(&STRANGERS.replace("{rule}", &table)).await?.collect().await?;
    let number = |n: usize| {
        let column = batches.iter().find(|b| b.num_rows() > 0)?.column(n).as_primitive_opt::<Int64Type>()?;
        column.is_valid(0).then(|| column.value(0))
    };
    let strangers = number(0).unwrap_or(0);
    if strangers > 0 {
        let example = match number(1) {
            Some(row) => format!("such as sequence_number {row}"),
            None => "without a sequence_number".to_owned(),
        };
        let message =
            format!("the rule gives {strangers} findings for rows that are not in this run ({example})");
        let span = locate::word(&rule.sql.text, "sequence_number");
        return Err(blame::at(&rule.sql, span, &message)
            .with_help("give the sequence_number of a row of `staged` as it is; it is no line number"));
    }
    if !rule.columns().iter().any(|column| column == "field") {
        return Ok(());
    }
    let sql = format!(
        "SELECT DISTINCT CAST(field AS VARCHAR) AS field FROM {table} WHERE field IS NOT NULL ORDER BY field"
    );
    let (_, batches) = tables::collect_compact(cx.plan(&sql).await?).await?;
    let names = cx.entity.contract.names();
    let fields = batches.iter().flat_map(|b| b.column(0).as_string::<i32>().iter().flatten());
    match fields.into_iter().find(|field| !names.contains(field)) {
        None => Ok(()),
        Some(field) => {
            let near = crate::catalogue::nearest(field, names.iter().copied());
            let help = near.map_or_else(
                || format!("fields are {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let message =
                format!("the rule speaks about a field `{field}`, which the contract does not have");
            Err(blame::at(&rule.sql, locate::word(&rule.sql.text, "field"), &message).with_help(help))
        }
    }
}

/// Counts anew what is held and what each rule found, after findings were added.
pub async fn recount(cx: &RunContext, landed: &Landed, checked: &mut Checked) -> Result<()> {
    (checked.quarantined, checked.rules) =
        futures::try_join!(cx.count(QUARANTINED), rule_counts(cx, landed))?;
    checked.set_aside = set_aside(cx, &checked.rules).await?;
    Ok(())
}

/// Makes known what land could not read, and what it read after a repair.
pub async fn register_rejected(cx: &RunContext, landed: &Landed) -> Result<()> {
    tables::register_files(&cx.session, "rejects", &landed.rejects).await?;
    tables::register_files(&cx.session, "findings", &landed.findings).await
}

const QUARANTINED: &str = "SELECT count(DISTINCT sequence_number) AS n FROM dq_violations WHERE severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL";

/// Counts the rows that rules with `breaker: false` hold; most runs have none.
async fn set_aside(cx: &RunContext, counts: &[RuleCount]) -> Result<u64> {
    let spoke =
        |rule: &&Rule| !rule.breaker && rule.quarantines() && counts.iter().any(|c| c.rule_code == rule.code);
    let codes: Vec<String> = cx.entity.rules.iter().filter(spoke).map(|rule| literal(&rule.code)).collect();
    if codes.is_empty() {
        return Ok(0);
    }
    cx.count(&format!("{QUARANTINED} AND rule_code IN ({})", codes.join(", "))).await
}

const RULE_COUNTS: &str = include_str!("../../../sql/steps/check/rule_counts.sql");

async fn rule_counts(cx: &RunContext, landed: &Landed) -> Result<Vec<RuleCount>> {
    let (_, batches) = tables::collect_compact(cx.plan(RULE_COUNTS).await?).await?;
    let mut counts = Vec::new();
    for batch in &batches {
        read_counts(batch, landed, &mut counts)?;
    }
    Ok(counts)
}

fn read_counts(batch: &RecordBatch, landed: &Landed, counts: &mut Vec<RuleCount>) -> Result<()> {
    use datafusion::arrow::datatypes::Int32Type;
    let shape = || Error::internal("the rule counts have an unexpected shape");
    let text = |n: usize| batch.column(n).as_string_opt::<i32>().ok_or_else(shape);
    let (code, severity, mode, message, hint) = (text(0)?, text(2)?, text(3)?, text(4)?, text(5)?);
    let violations = batch.column(1).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
    let example = batch.column(6).as_struct_opt().ok_or_else(shape)?;
    let file = example.column(0).as_primitive_opt::<Int32Type>().ok_or_else(shape)?;
    let line = example.column(1).as_primitive_opt::<Int64Type>().ok_or_else(shape)?;
    let field = example.column(2).as_string_opt::<i32>().ok_or_else(shape)?;
    for row in 0..batch.num_rows() {
        let name = landed.files.iter().find(|f| f.number == file.value(row)).map(|f| f.name.clone());
        counts.push(RuleCount {
            rule_code: code.value(row).to_owned(),
            violations: u64::try_from(violations.value(row)).unwrap_or(0),
            severity: severity.value(row).to_owned(),
            mode: mode.value(row).to_owned(),
            message: message.value(row).to_owned(),
            hint: hint.value(row).to_owned(),
            example: name.map(|file| Example {
                file,
                line: line.value(row),
                field: field.is_valid(row).then(|| field.value(row).to_owned()),
            }),
        });
    }
    Ok(())
}
