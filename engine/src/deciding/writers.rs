//! Who wrote the two rows that a merge is taken back to: what was said of both before, and what the records of each have written
//! since.

use std::collections::BTreeMap;

use importer_plans::compile::merging::places as fields_of;

use super::log::OfEntity;
use super::provenance::{PART, as_found, is_same, is_same_writing, mixed, own_entry};
use super::replay::{Records, Since};
use super::winner::{Side, first_bytes};
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::core_rows::core_rows_of;
use crate::store::{MergeRow, ProvenanceRow, Session};

/// Under which rows are read whose files nobody else may write.
const ROUND: u32 = u32::MAX;

/// Who wrote both.
pub async fn said(
    cx: &RunContext,
    session: &mut Session,
    (of, merge): (&OfEntity, &MergeRow),
    since: &BTreeMap<String, Since>,
) -> Result<()> {
    let now = session.provenance_of(&cx.tenant, &of.entity, merge.winner).await?;
    let (mut winner, mut loser) = match &now {
        Some(now) if !is_same(of.after.as_ref(), now) && of.entity == cx.entity.name => {
            let here = session.links_of(&cx.tenant, &of.entity, merge.winner).await?;
            written_since(cx, (of, now), Records::of(here), since).await?
        }
        Some(now) if !is_same(of.after.as_ref(), now) => (Some(now.clone()), of.loser.clone()),
        _ => (of.winner.clone(), of.loser.clone()),
    };
    if of.entity == cx.entity.name && since.values().any(|since| since.others.is_some()) {
        let both = [(Side::Winner, merge.winner, &mut winner), (Side::Loser, merge.loser, &mut loser)];
        given(cx, session, both, since).await?;
    }
    session.set_provenance(&cx.fence, &of.entity, merge.winner, winner.as_ref()).await?;
    Ok(session.set_provenance(&cx.fence, &of.entity, merge.loser, loser.as_ref()).await?)
}

/// What the records of a side had said last before the other side said something else is given back to it: it is no edit of the
/// host.
async fn given(
    cx: &RunContext,
    session: &mut Session,
    both: [(Side, i64, &mut Option<ProvenanceRow>); 2],
    since: &BTreeMap<String, Since>,
) -> Result<()> {
    core_rows_of(cx, session, &both.each_ref().map(|(_, id, _)| *id), ROUND).await?;
    let fields = fields_of(&cx.shape);
    for (side, id, row) in both {
        let Some(row) = row else { continue };
        let sql = format!("SELECT found_fingerprint FROM core_found WHERE core_id = {id}");
        let found = first_bytes(cx, &sql).await?;
        let is_given = |field: &str| since.get(field).is_some_and(|s| s.side != side && s.others.is_some());
        as_found(row, &found, &fields, is_given);
    }
    Ok(())
}

async fn written_since(
    cx: &RunContext,
    (of, now): (&OfEntity, &ProvenanceRow),
    mut records: Records,
    since: &BTreeMap<String, Since>,
) -> Result<(Option<ProvenanceRow>, Option<ProvenanceRow>)> {
    let fields = fields_of(&cx.shape);
    let writer = match is_same_writing(of.after.as_ref(), Some(now)) {
        true => None,
        false => match now.sequence_number {
            Some(row) => records.side(cx, of, now.run_id, row).await?,
            None => Some(Side::Winner),
        },
    };
    let part = |row: &ProvenanceRow, field: &str| {
        let place = fields.iter().position(|known| *known == field).map_or(0, |at| at + 1);
        row.fingerprint.get(place * PART..(place + 1) * PART).map(<[u8]>::to_vec)
    };
    let touched = |field: &str| {
        let entry = |row: &ProvenanceRow| own_entry(row, field);
        of.after
            .as_ref()
            .is_none_or(|after| part(after, field) != part(now, field) || entry(after) != entry(now))
    };
    // A value that nobody has changed goes back to what it was: what is said of it now is only said of the same value.
    let by = |side: Side, before: Option<&ProvenanceRow>, field: &str| match since.get(field) {
        Some(since) => since.side == side,
        None => {
            let same = before.is_some_and(|before| part(before, field) == part(now, field));
            writer == Some(side) && touched(field) && same
        }
    };
    let of_side = |side: Side, before: Option<&ProvenanceRow>| {
        let like = before.map_or(now.fingerprint.as_slice(), |before| before.fingerprint.as_slice());
        let by = |field: &str| by(side, before, field);
        if before.is_none() && writer != Some(side) && !fields.iter().any(|field| by(field)) {
            return None;
        }
        match writer == Some(side) {
            true => mixed((Some(now), before), like, &fields, |field| !by(field)),
            false => mixed((before, Some(now)), like, &fields, by),
        }
    };
    Ok((of_side(Side::Winner, of.winner.as_ref()), of_side(Side::Loser, of.loser.as_ref())))
}
