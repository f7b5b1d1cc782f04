//! What a decision about rows says of their records, by which later runs are bound.

use super::log::Kept;
use crate::context::RunContext;
use crate::error::Result;
use crate::store::{NewVerdict, RecordLink, Session};

/// What was decided about the records of both rows.
pub async fn verdicts(
    cx: &RunContext,
    session: &mut Session,
    (kept, table): (&Kept, &str),
    (same, suggestion): (bool, Option<i64>),
) -> Result<()> {
    for (one, other) in pairs(cx, kept) {
        let verdict = NewVerdict {
            core_table: table,
            records: (&one, &other),
            same,
            suggestion,
            run: Some(cx.run_id),
            actor: &cx.actor,
        };
        session.decide_pair(&cx.tenant, &verdict).await?;
    }
    Ok(())
}

/// Each record of the one with each of the other.
pub fn pairs(cx: &RunContext, kept: &Kept) -> Vec<(RecordLink, RecordLink)> {
    let own = kept.undo.entities.iter().filter(|of| of.entity == cx.entity.name);
    own.flat_map(|of| {
        of.winner_links.iter().flat_map(|one| {
            of.loser_links
                .iter()
                .map(|other| ((one.system.clone(), one.id.clone()), (other.system.clone(), other.id.clone())))
        })
    })
    .collect()
}
