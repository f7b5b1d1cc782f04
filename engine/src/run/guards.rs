//! What makes a run stop before the load, and what it warns of.

use std::collections::BTreeMap;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::resolve as compiled;
use importer_plans::project::{BadRows, ImportMode, SimilarId, Ties};

use super::road::Road;
use crate::error::{ALL_OR_NOTHING, Error, ErrorKind, Result, TOO_MANY_BAD, UNREADABLE_ROWS};
use crate::steps::alike::{alike, rows_of_files};
use crate::steps::promotions;
use crate::steps::resolve::Resolved;
use crate::steps::similar;
use crate::steps::stage::landed_view;

/// What does not tell two ids apart.
const SPELLING: &str = "only by leading zeros (of the whole, or of the number at its end), case, \".0\" or the 15 and 18 characters of Salesforce";

const NAMESPACES: &str = include_str!("../../../sql/steps/check/namespaces.sql");
/// New namespaces that are named; of more, their number is told.
const NAMED: usize = 20;

impl Road<'_> {
    /// A namespace that nobody has seen before is flagged, whether or not its rows have ids: ids of two systems in one
    /// namespace would meet, and those of one system in two would not.
    pub(super) async fn namespaces(&mut self, by_default: bool) -> Result<()> {
        let cx = self.cx;
        let (schema, batches) = crate::tables::collect_compact(cx.plan(NAMESPACES).await?).await?;
        if by_default && self.has_ids(&batches) {
            self.warn(format!(
                "the file has external ids and nothing says whose they are; they go into the namespace {:?} (name one with --external-system)",
                cx.settings.external_system
            ));
        }
        if cx.settings.dry_run {
            return Ok(());
        }
        let new = cx.store.see_namespaces(&cx.tenant, cx.run_id, (&schema, &batches), NAMED).await?;
        for system in &new.named {
            self.anomalies.push(format!("new_namespace:{system}"));
        }
        let more = new.count.saturating_sub(new.named.len() as u64);
        if more == 0 {
            for system in &new.named {
                self.warn(format!("the namespace {system:?} is new"));
            }
        } else {
            let named: Vec<String> = new.named.iter().map(|system| format!("{system:?}")).collect();
            self.warn(format!(
                "{} namespaces are new: {} and {more} more; look whether the column that names them is the right one",
                new.count,
                named.join(", ")
            ));
            self.anomalies.push(format!("new_namespaces:{}", new.count));
        }
        if cx.paths.attempt() == 1 {
            for system in &new.named {
                cx.audit_namespace(system, new.count).await?;
            }
        }
        Ok(())
    }

    /// Whether rows with ids of their own are in the namespace that nobody named.
    fn has_ids(&self, batches: &[RecordBatch]) -> bool {
        batches.iter().any(|batch| {
            let (systems, ids) = (batch.column(0).as_string::<i32>(), batch.column(1).as_boolean());
            systems.iter().zip(ids).any(|(system, ids)| {
                system == Some(self.cx.settings.external_system.as_str()) && ids == Some(true)
            })
        })
    }

    /// Too many bad rows are a bad file, not bad rows.
    pub(super) fn breaker(&self) -> Result<()> {
        let (Some(landed), Some(checked)) = (&self.parts.landed, &self.parts.checked) else { return Ok(()) };
        let bad = landed.rejected() + checked.quarantined;
        let all = landed.records() + landed.rejected();
        if bad == 0 {
            return Ok(());
        }
        if self.cx.settings.mode == ImportMode::AllOrNothing {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{bad} of {all} rows are bad, and this run takes all or nothing"),
            )
            .with_code(ALL_OR_NOTHING)
            .with_help(self.without_them("fix the rows in the error report")));
        }
        // Lines that were never meant as records say nothing about the others.
        let bad = bad.saturating_sub(checked.set_aside);
        let all = all.saturating_sub(checked.set_aside);
        // Divided and not multiplied: 29 of 100 is exactly the number that 0.29 is read as.
        if landed.rejected() > 0 && self.cx.source.contract.bad_rows == BadRows::Freeze {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} records cannot be read, and this source takes none such", landed.rejected()),
            )
            .with_code(UNREADABLE_ROWS)
            .with_help("look at the error report, or write bad_rows: discard_row in the source file"));
        }
        if self.cx.settings.accept_bad || bad == 0 || bad as f64 / all as f64 <= self.cx.settings.max_bad {
            return Ok(());
        }
        // A rule may say what it found in several sentences; it counts as one.
        let mut spoke: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for rule in checked.rules.iter().filter(|c| c.severity == "error" && c.mode == "enforce") {
            spoke.entry(&rule.rule_code).or_insert((0, &rule.message)).0 += rule.violations;
        }
        // Of equally frequent ones the first by its code.
        let top = spoke
            .iter()
            .rev()
            .max_by_key(|(_, (times, _))| *times)
            .map(|(code, (times, message))| format!("; most often {code} ({times} times): {message}"))
            .unwrap_or_default();
        Err(Error::new(
            ErrorKind::Refused,
            format!("{bad} of {all} rows are bad, more than {:.0} %{top}", self.cx.settings.max_bad * 100.0),
        )
        .with_code(TOO_MANY_BAD)
        .with_help(format!(
            "{}look at the error report; --accept-bad loads the good rows all the same, --max-bad sets the limit",
            self.perhaps()
        )))
    }

    /// A row that waits for a person is not loaded, so nothing is.
    pub(super) fn all_or_nothing(&self, review: u64) -> Result<()> {
        if review == 0 || self.cx.settings.mode != ImportMode::AllOrNothing {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!("{review} rows wait for a person, and this run takes all or nothing"),
        )
        .with_code(ALL_OR_NOTHING)
        .with_help(self.without_them("look at them in dedupe_pairs and mend their rows")))
    }

    fn without_them(&self, first: &str) -> String {
        format!(
            "{first}, or load the others without them: `importer resume {} --mode valid_only`",
            self.cx.run_id
        )
    }

    /// A value that a person has set stays; that the source still says something else is worth knowing.
    pub(super) async fn warn_of_values_by_hand(&mut self, round: u32, resolved: &Resolved) -> Result<()> {
        let rows = resolved.counts.rows_manual_kept;
        if round > 0 || rows == 0 {
            return Ok(());
        }
        let sql =
            "SELECT DISTINCT unnest(string_to_array(fields, ', ')) AS field FROM manual_kept ORDER BY field";
        let (_, batches) = crate::tables::collect_compact(self.cx.plan(sql).await?).await?;
        let fields: Vec<&str> =
            batches.iter().flat_map(|b| b.column(0).as_string::<i32>().iter().flatten()).collect();
        self.warn(format!(
            "{rows} rows bring other values than those set by hand ({}); what was set by hand stays",
            fields.join(", ")
        ));
        Ok(())
    }

    /// What a person set stands in for a value (`none@…`): the steward wants to know that it changed nothing.
    pub(super) async fn warn_of_nothing_by_hand(&mut self, round: u32) -> Result<()> {
        if round > 0 || !promotions::at_work(self.cx) {
            return Ok(());
        }
        let Some(sql) = compiled::nothing_by_hand(&self.cx.shape) else { return Ok(()) };
        let (_, batches) = crate::tables::collect_compact(self.cx.plan(&sql).await?).await?;
        let told: Vec<String> = batches
            .iter()
            .flat_map(|batch| {
                let (fields, rows) =
                    (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
                let told = fields.iter().flatten().zip(rows.values());
                told.map(|(field, rows)| format!("{field}: {rows}")).collect::<Vec<_>>()
            })
            .collect();
        if !told.is_empty() {
            self.warn(format!(
                "what was set by hand stands in for a value (rows by field: {}); what is known stays",
                told.join(", ")
            ));
        }
        Ok(())
    }

    /// A row that is as new as what stands there says something else: nobody knows which of both is right. It is not loaded,
    /// and is looked at again when it comes again.
    pub(super) async fn warn_of_ties(&mut self, round: u32, resolved: &Resolved) -> Result<()> {
        let rows = resolved.counts.rows_tied;
        if round > 0 || rows == 0 {
            return Ok(());
        }
        let example = self.first_tie().await?.map_or(String::new(), |(place, fields)| {
            format!(", such as {place}{}", if fields.is_empty() { fields } else { format!(" ({fields})") })
        });
        let word = match self.cx.source.ties {
            Ties::Core => format!(
                ", or `ties: incoming` in sources/{}.yml where core has the value from the same id",
                self.cx.source.name
            ),
            Ties::Incoming => String::new(),
        };
        let who = if rows == 1 { "1 row says".to_owned() } else { format!("{rows} rows say") };
        self.warn(format!(
            "{who} something else than a value that is just as new, which stays{example}; a later source_updated_at lets a row win{word}"
        ));
        Ok(())
    }

    /// Where the first row stands that lost a tie, and the fields in which it did.
    async fn first_tie(&self) -> Result<Option<(String, String)>> {
        let cx = self.cx;
        let sql = "SELECT sequence_number, fields FROM tied ORDER BY sequence_number LIMIT 1";
        let (_, batches) = crate::tables::collect_compact(cx.plan(sql).await?).await?;
        let Some(first) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
        let row = first.column(0).as_primitive::<Int64Type>().value(0);
        let fields = first.column(1).as_string::<i32>().value(0).to_owned();
        let Some(landed) = &self.parts.landed else { return Ok(None) };
        let number =
            rows_of_files(landed).into_iter().find(|(_, first, last)| (*first..=*last).contains(&row));
        for files in alike(landed) {
            let own =
                files.files.iter().find(|file| number.is_some_and(|(number, ..)| number == file.number));
            let Some(file) = own else { continue };
            let view = importer_plans::compile::ident(&landed_view(files.first().number));
            let sql = format!("SELECT line_number FROM {view} WHERE sequence_number = {row}");
            let line = cx.count(&sql).await?;
            return Ok(Some((format!("{} line {line}", file.name), fields)));
        }
        Ok(Some((format!("row {row}"), fields)))
    }

    /// New ids that are others but for their spelling make nobody in silence.
    pub(super) async fn warn_of_similar_ids(&mut self, round: u32) -> Result<()> {
        if round > 0 {
            return Ok(());
        }
        let create = self.cx.entity.matching.similar_id == SimilarId::Create;
        let known = similar::known(self.cx).await?;
        if known.pairs > 0 {
            let then = if create {
                "match.yml says `similar_id: create`, so each is taken as it is"
            } else {
                "a row that no other key ties to a known record waits for review: write the id as it is known, or set `similar_id: create` in match.yml where they are two"
            };
            self.warn(format!(
                "new external ids differ from known ones {SPELLING} ({}): {}; {then}",
                known.pairs,
                known.words()
            ));
            self.anomalies.push("similar_ids".to_owned());
        }
        let in_run = similar::in_run(self.cx).await?;
        if in_run.pairs > 0 {
            let then = if create { "" } else { "; where the names agree too, the rows wait for review" };
            self.warn(format!(
                "new external ids differ from each other {SPELLING} ({}): {}{then}",
                in_run.pairs,
                in_run.words()
            ));
        }
        Ok(())
    }

    /// Data that is older than the source promises.
    pub(super) fn freshness(&mut self, seconds: Option<i64>) {
        let (Some(limits), Some(seconds)) = (self.cx.source.freshness, seconds) else { return };
        let older = |limit: Option<std::time::Duration>| {
            limit.is_some_and(|l| i64::try_from(l.as_secs()).is_ok_and(|l| seconds > l))
        };
        let flag = if older(limits.error_after) {
            "freshness_error"
        } else if older(limits.warn_after) {
            "freshness_warn"
        } else {
            return;
        };
        self.anomalies.push(flag.to_owned());
        self.warn(format!(
            "the newest record of this run is {} hours old; the source promises fresher data",
            seconds / 3600
        ));
    }
}
