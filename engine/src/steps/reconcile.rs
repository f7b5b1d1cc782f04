//! reconcile: does what was written stand in core, how fresh is it, and what does a person get to decide and to fix?

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, TimestampMicrosecondType};
use futures::FutureExt;
use importer_plans::compile::ident;
use serde::{Deserialize, Serialize};

use super::core_rows::register_images;
use super::land::Landed;
use super::{load, statistics};
use crate::context::RunContext;
use crate::error::Result;
use crate::progress::StepProgress;

/// What reconcile gives.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Reconciled {
    /// Microseconds since 1970 UTC.
    pub max_source_updated_at: Option<i64>,
    pub freshness_seconds: Option<i64>,
    /// Written core rows that were read back, and how many of them differ from what was written.
    pub sampled: u64,
    pub differing: u64,
    /// The error reports, one per file, and behind it what found no room in it.
    pub reports: Vec<String>,
    /// What there is to say about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
}

/// Written rows from which on the database is told to look at its tables anew, instead of in its own time.
const MANY: u64 = 100_000;

/// Written rows up to which the reports are written meanwhile: above, the memory of both would add up.
const SIDE_BY_SIDE: u64 = 2_000_000;

/// How many written core rows are read back.
const SAMPLE: usize = 200;

/// Reconciles a run that wrote so many rows to core; one that loaded nothing has none. What waits for the database and
/// what is work for us goes on side by side.
pub async fn reconcile(
    cx: &RunContext,
    landed: &Landed,
    written: Option<u64>,
    progress: &StepProgress,
) -> Result<Reconciled> {
    let newest = newest(cx).await?;
    let core = Box::pin(async {
        let Some(written) = written else { return Ok((0, 0)) };
        let statistics = async { if written >= MANY { statistics::gather(cx).await } else { Ok(()) } };
        let decided = async {
            if cx.is_small() {
                let (_, _, sample) = futures::try_join!(
                    load::write_suggestions(cx),
                    super::close_superseded(cx),
                    parity(cx, progress)
                )?;
                return Ok(sample);
            }
            load::write_suggestions(cx).await?;
            super::close_superseded(cx).await?;
            parity(cx, progress).await
        };
        Ok(futures::try_join!(decided, statistics)?.0)
    });
    let reports = super::report::write_reports(cx, landed).boxed();
    let ((sampled, differing), reports) = if written.unwrap_or(0) <= SIDE_BY_SIDE {
        futures::try_join!(core, reports)?
    } else {
        (core.await?, reports.await?)
    };
    Ok(Reconciled {
        max_source_updated_at: newest,
        freshness_seconds: newest.map(|t| (cx.settings.landed_at - t) / 1_000_000),
        sampled,
        differing,
        reports: reports.paths,
        told: reports.told,
    })
}

async fn newest(cx: &RunContext) -> Result<Option<i64>> {
    let Some(field) = &cx.shape.roles.source_updated_at else { return Ok(None) };
    let sql = format!("SELECT max({}) AS newest FROM staged", ident(field));
    for batch in cx.plan(&sql).await?.collect().await? {
        let column = datafusion::arrow::compute::cast(
            batch.column(0),
            &DataType::Timestamp(datafusion::arrow::datatypes::TimeUnit::Microsecond, None),
        )?;
        let times = column.as_primitive::<TimestampMicrosecondType>();
        if times.len() == 1 && times.is_valid(0) {
            return Ok(Some(times.value(0)));
        }
    }
    Ok(None)
}

/// Reads some of the written core rows back and compares fingerprints.
async fn parity(cx: &RunContext, progress: &StepProgress) -> Result<(u64, u64)> {
    let sample = format!(
        "SELECT core_id, fingerprint FROM (\n  SELECT i.core_id, x.fingerprint, x.lead_sequence_number\n  FROM (SELECT lead_sequence_number, core_id FROM created_ids ORDER BY lead_sequence_number LIMIT {SAMPLE}) i\n  JOIN changes_created x ON x.lead_sequence_number = i.lead_sequence_number\n  UNION ALL\n  SELECT core_id, fingerprint, lead_sequence_number FROM changes_merged WHERE core_id IS NOT NULL AND action NOT IN ('unchanged')\n) ORDER BY lead_sequence_number LIMIT {SAMPLE}"
    );
    let (schema, batches) = crate::tables::collect_compact(cx.plan(&sample).await?).await?;
    crate::tables::register_rows(&cx.session, "sample", schema, batches)?;
    crate::tables::register_view(&cx.session, "touched", cx.plan("SELECT core_id FROM sample").await?)?;
    register_images(cx, 99, progress).await?;
    let sampled = cx.count("SELECT count(*) AS n FROM sample").await?;
    let same = cx.count("SELECT count(*) AS n FROM sample s JOIN core_found f ON f.core_id = s.core_id WHERE f.found_fingerprint = s.fingerprint",
    )
    .await?;
    Ok((sampled, sampled.saturating_sub(same)))
}
