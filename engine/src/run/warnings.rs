//! What a run warns of, step by step. Nothing of it stops the run.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use importer_plans::compile::resolve as compiled;
use importer_plans::project::{SimilarId, Ties};

use super::executor::Told;
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::alike::{alike, rows_of_files};
use crate::steps::land::Landed;
use crate::steps::promotions;
use crate::steps::reconcile::Reconciled;
use crate::steps::resolve::Resolved;
use crate::steps::similar;
use crate::steps::stage::landed_view;

/// What does not tell two ids apart.
const SPELLING: &str = "only by leading zeros (of the whole, or of the number at its end), case, a number sign (#, No., Nr.), \".0\" or the 15 and 18 characters of Salesforce";
const NAMESPACES: &str = include_str!("../../../sql/steps/check/namespaces.sql");
/// New namespaces that are named; of more, their number is told.
const NAMED: usize = 20;

/// What was met while reading, and how files are read that seemed to be meant otherwise.
pub(super) fn of_landed(cx: &RunContext, told: &mut Told, landed: &Landed) {
    for (file, note) in landed.files.iter().flat_map(|f| f.notes.iter().map(move |note| (f, note))) {
        told.warn(format!("{}, {} [{}]. {}", file.name, note.text, note.code, note.hint));
    }
    match (landed.records(), landed.rejected()) {
        (0, 0) => told.warn("no record was found below the header".to_owned()),
        (0, rejected) => told.warn(format!("no record could be read: all {rejected} were rejected")),
        _ => {}
    }
    // Nothing is taken on in silence.
    for s in cx.suggestions.iter().filter(|s| s.accepted) {
        told.warn(format!("read with {}, as suggested: {}", s.suggestion.flag(), s.suggestion.why));
    }
    for (file, (column, why)) in
        landed.files.iter().flat_map(|f| f.doubted.iter().map(move |column| (f, column)))
    {
        told.warn(format!(
            "{}: the column {column:?} is left out: {why}; --map \"Column=field\" takes it all the same",
            file.name
        ));
    }
}

/// A namespace that nobody has seen before is flagged, whether or not its rows have ids: ids of two systems in one
/// namespace would meet, and those of one system in two would not.
pub(super) async fn of_namespaces(cx: &RunContext, told: &mut Told, by_default: bool) -> Result<()> {
    let (schema, batches) = crate::tables::collect_compact(cx.plan(NAMESPACES).await?).await?;
    if by_default && has_ids(cx, &batches) {
        told.warn(format!(
            "the file has external ids and nothing says whose they are; they go into the namespace {:?} (name one with --external-system)",
            cx.settings.external_system
        ));
    }
    if cx.settings.dry_run {
        return Ok(());
    }
    let new = cx.store.see_namespaces(&cx.fence, (&schema, &batches), NAMED).await?;
    for system in &new.named {
        told.anomalies.push(format!("new_namespace:{system}"));
    }
    let more = new.count.saturating_sub(new.named.len() as u64);
    if more == 0 {
        for system in &new.named {
            told.warn(format!("the namespace {system:?} is new"));
        }
    } else {
        let named: Vec<String> = new.named.iter().map(|system| format!("{system:?}")).collect();
        told.warn(format!(
            "{} namespaces are new: {} and {more} more; look whether the column that names them is the right one",
            new.count,
            named.join(", ")
        ));
        told.anomalies.push(format!("new_namespaces:{}", new.count));
    }
    if cx.paths.attempt() == 1 {
        for system in &new.named {
            cx.audit_namespace(system, new.count).await?;
        }
    }
    Ok(())
}

/// Whether rows with ids of their own are in the namespace that nobody named.
fn has_ids(cx: &RunContext, batches: &[RecordBatch]) -> bool {
    batches.iter().any(|batch| {
        let (systems, ids) = (batch.column(0).as_string::<i32>(), batch.column(1).as_boolean());
        systems
            .iter()
            .zip(ids)
            .any(|(system, ids)| system == Some(cx.settings.external_system.as_str()) && ids == Some(true))
    })
}

/// A value that a person has set stays; that the source still says something else is worth knowing.
pub(super) async fn of_values_by_hand(cx: &RunContext, told: &mut Told, resolved: &Resolved) -> Result<()> {
    let rows = resolved.counts.rows_manual_kept;
    if rows == 0 {
        return Ok(());
    }
    let sql =
        "SELECT DISTINCT unnest(string_to_array(fields, ', ')) AS field FROM manual_kept ORDER BY field";
    let (_, batches) = crate::tables::collect_compact(cx.plan(sql).await?).await?;
    let fields: Vec<&str> =
        batches.iter().flat_map(|b| b.column(0).as_string::<i32>().iter().flatten()).collect();
    told.warn(format!(
        "{rows} rows bring other values than those set by hand ({}); what was set by hand stays",
        fields.join(", ")
    ));
    Ok(())
}

/// What a person set stands in for a value (`none@…`): the steward wants to know that it changed nothing.
pub(super) async fn of_nothing_by_hand(cx: &RunContext, told: &mut Told) -> Result<()> {
    if !promotions::at_work(cx) {
        return Ok(());
    }
    let Some(sql) = compiled::nothing_by_hand(&cx.shape) else { return Ok(()) };
    let (_, batches) = crate::tables::collect_compact(cx.plan(&sql).await?).await?;
    let fields: Vec<String> = batches
        .iter()
        .flat_map(|batch| {
            let (fields, rows) =
                (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
            fields
                .iter()
                .flatten()
                .zip(rows.values())
                .map(|(field, rows)| format!("{field}: {rows}"))
                .collect::<Vec<_>>()
        })
        .collect();
    if !fields.is_empty() {
        told.warn(format!(
            "what was set by hand stands in for a value (rows by field: {}); what is known stays",
            fields.join(", ")
        ));
    }
    Ok(())
}

/// A row that is as new as what stands there says something else: nobody knows which of both is right. It is not loaded,
/// and is looked at again when it comes again. So is a record that comes back at the very time of its delete.
pub(super) async fn of_ties(
    cx: &RunContext,
    told: &mut Told,
    resolved: &Resolved,
    landed: &Landed,
) -> Result<()> {
    if resolved.counts.rows_tied == 0 {
        return Ok(());
    }
    let file = format!("sources/{}.yml", cx.source.name);
    let by_core = cx.source.ties == Ties::Core;
    let rows = cx.count(&format!("SELECT count(*) AS n FROM tied WHERE {TIED_FIELDS}")).await?;
    if rows > 0 {
        let example = first_tie(cx, landed, TIED_FIELDS).await?;
        // Between rows of one run, or with values of other ids, the word would change nothing.
        let word = match by_core && cx.count(TIED_WITH_OWN).await? > 0 {
            true => format!(", or `ties: incoming` in {file} where core has the value from the same id"),
            false => String::new(),
        };
        let who = if rows == 1 { "1 row says".to_owned() } else { format!("{rows} rows say") };
        told.warn(format!(
            "{who} something else than a value that is just as new, which stays{example}; a later source_updated_at lets a row win{word}"
        ));
    }
    let rows = cx.count(&format!("SELECT count(*) AS n FROM tied WHERE {TIED_DELETES}")).await?;
    if rows > 0 {
        let example = first_tie(cx, landed, TIED_DELETES).await?;
        let word = if by_core { format!(", or `ties: incoming` in {file}") } else { String::new() };
        let who = match rows {
            1 => "1 row would bring a deleted record back and is".to_owned(),
            rows => format!("{rows} rows would bring deleted records back and are"),
        };
        told.warn(format!(
            "{who} just as new as the delete, which stays{example}; a later source_updated_at lets a row win{word}"
        ));
    }
    Ok(())
}

/// Rows of `tied` that lost fields, and those that lost to a delete.
const TIED_FIELDS: &str = "fields IS NOT NULL";
const TIED_DELETES: &str = "fields IS NULL";

/// Rows that are as new as what was loaded last for their own external id.
const TIED_WITH_OWN: &str = "SELECT count(*) AS n
FROM tied t
JOIN links l ON l.sequence_number = t.sequence_number AND l.outcome = 'linked'
JOIN link_hits h ON h.seq = t.sequence_number
JOIN staged s ON s.sequence_number = t.sequence_number
WHERE t.fields IS NOT NULL AND (h.late_tie OR s.effective_at = h.link_at)";

/// Where the first row of a kind stands that lost a tie, and the fields in which it did, in words.
async fn first_tie(cx: &RunContext, landed: &Landed, kind: &str) -> Result<String> {
    let sql = format!(
        "SELECT sequence_number, coalesce(fields, '') AS fields FROM tied WHERE {kind} ORDER BY sequence_number LIMIT 1"
    );
    let (_, batches) = crate::tables::collect_compact(cx.plan(&sql).await?).await?;
    let Some(first) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(String::new()) };
    let row = first.column(0).as_primitive::<Int64Type>().value(0);
    let fields = first.column(1).as_string::<i32>().value(0);
    let place = place_of(cx, landed, row).await?;
    let fields = if fields.is_empty() { String::new() } else { format!(" ({fields})") };
    Ok(format!(", such as {place}{fields}"))
}

/// The file and line of a row.
async fn place_of(cx: &RunContext, landed: &Landed, row: i64) -> Result<String> {
    let number = rows_of_files(landed).into_iter().find(|(_, first, last)| (*first..=*last).contains(&row));
    for files in alike(landed) {
        let own = files.files.iter().find(|file| number.is_some_and(|(number, ..)| number == file.number));
        let Some(file) = own else { continue };
        let view = importer_plans::compile::ident(&landed_view(files.first().number));
        let sql = format!("SELECT line_number FROM {view} WHERE sequence_number = {row}");
        let line = cx.count(&sql).await?;
        return Ok(format!("{} line {line}", file.name));
    }
    Ok(format!("row {row}"))
}

/// New ids that are others but for their spelling make nobody in silence.
pub(super) async fn of_similar_ids(cx: &RunContext, told: &mut Told) -> Result<()> {
    let create = cx.entity.matching.similar_id == SimilarId::Create;
    let known = similar::known(cx).await?;
    if known.pairs > 0 {
        let then = if create {
            "match.yml says `similar_id: create`, so each is taken as it is"
        } else {
            "a row that no other key ties to a known record waits for review: write the id as it is known, or set `similar_id: create` in match.yml where they are two"
        };
        told.warn(format!(
            "new external ids differ from known ones {SPELLING} ({}): {}; {then}",
            known.pairs,
            known.words()
        ));
        told.anomalies.push("similar_ids".to_owned());
    }
    let in_run = similar::in_run(cx).await?;
    if in_run.pairs > 0 {
        let then = if create { "" } else { "; where the names agree too, the rows wait for review" };
        told.warn(format!(
            "new external ids differ from each other {SPELLING} ({}): {}{then}",
            in_run.pairs,
            in_run.words()
        ));
    }
    Ok(())
}

/// What reading back has shown.
pub(super) fn of_reconciled(cx: &RunContext, told: &mut Told, reconciled: &Reconciled) {
    of_freshness(cx, told, reconciled.freshness_seconds);
    if reconciled.differing > 0 {
        told.anomalies.push("parity".to_owned());
        told.warn(format!(
            "{} of {} rows that were read back differ from what was written; somebody else may have edited them meanwhile",
            reconciled.differing, reconciled.sampled
        ));
    }
    for text in &reconciled.told {
        told.warn(text.clone());
    }
}

/// Data that is older than the source promises.
fn of_freshness(cx: &RunContext, told: &mut Told, seconds: Option<i64>) {
    let (Some(limits), Some(seconds)) = (cx.source.freshness, seconds) else { return };
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
    told.anomalies.push(flag.to_owned());
    told.warn(format!(
        "the newest record of this run is {} hours old; the source promises fresher data",
        seconds / 3600
    ));
}
