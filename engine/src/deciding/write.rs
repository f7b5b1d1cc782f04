//! One merge, inside an open transaction: the row that goes leaves everything that it has to the one that stays.
//!
//! The row that goes is kept whole, as the database has it, before anything is changed; so is the one that stays. What is made
//! of both is written by the load files, as load writes it.

use std::collections::BTreeMap;

use importer_plans::compile::load::Image;
use importer_plans::compile::merging::{Pair, places as fields_of};
use importer_plans::project::{LoadMode, Project};

use super::children::{self, hand_over, rival};
use super::log::{FieldOutcome, Kept, MERGE_OF, MovedSuggestion, OfEntity, Undo, outcomes};
use super::provenance::{mixed, source_of};
use super::read::{Images, Place, children as tables_of_children, entities, places, rows_of};
use super::winner::{Chosen, Side, choose};
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::load::{Lane, Rows, Target};
use crate::store::{DecidedChange, Decision, Session};

/// What is to become one, and what a person says of it.
#[derive(Debug, Clone)]
pub struct Unit {
    pub pair: Pair,
    pub picks: BTreeMap<String, Side>,
}

/// What would become of it.
pub struct Planned {
    pub places: Vec<Place>,
    pub children: Vec<Place>,
    pub before: Images,
    pub chosen: Chosen,
}

impl Planned {
    /// What becomes of each field.
    pub fn fields(&self) -> Vec<FieldOutcome> {
        outcomes(&self.chosen)
    }
}

/// Looks at both rows, and decides. `round`: which merge of its transaction it is.
pub async fn plan(
    cx: &RunContext,
    session: &mut Session,
    project: &Project,
    unit: &Unit,
    round: u32,
) -> Result<Planned> {
    let places = places(cx, session).await?;
    let children = tables_of_children(cx, session, project).await?;
    let before = Images {
        winner: rows_of(session, &places, unit.pair.winner).await?,
        loser: rows_of(session, &places, unit.pair.loser).await?,
    };
    let chosen = choose(cx, session, unit.pair, &unit.picks, round).await?;
    Ok(Planned { places, children, before, chosen })
}

/// Does it. `ordinal`: which change of a field in its run it is.
pub async fn merge_in(
    cx: &RunContext,
    session: &mut Session,
    project: &Project,
    (unit, planned): (&Unit, Planned),
    ordinal: i64,
) -> Result<Kept> {
    let pair = unit.pair;
    let after_rows = Lane::over(cx, cx.session.clone()).image_rows(Image::After).await?;
    let mut undo = Undo {
        run: cx.run_id,
        sides: planned.chosen.sides.clone(),
        picks: unit.picks.clone(),
        ..Undo::default()
    };
    let moved =
        hand_over(cx, session, (project, planned.children.as_slice()), (pair.loser, pair.winner)).await?;
    (undo.children, undo.aside) = (moved.children, moved.aside);
    hand_over_members(session, &planned, pair).await?;
    fail::fail_point!("deciding::children_moved", |_| Err(crate::error::Error::internal(
        "failpoint deciding::children_moved"
    )));
    take_away(session, &planned).await?;
    for (load, rows) in cx.entity.loads.iter().zip(after_rows) {
        let columns = rows.schema.fields().iter().map(|f| f.name().clone()).collect();
        update(session, &Target::new(load, &cx.shape, columns), &rows).await?;
    }
    fail::fail_point!("deciding::rows_written", |_| Err(crate::error::Error::internal(
        "failpoint deciding::rows_written"
    )));
    for entity in entities(project, &cx.entity) {
        undo.entities.push(of_entity(cx, session, &entity.name, (pair, &planned.chosen)).await?);
    }
    undo.suggestions = suggestions(cx, session, pair).await?;
    log_changes(cx, session, (pair, &planned.chosen, &undo), ordinal).await?;
    let after = rows_of(session, &planned.places, pair.winner).await?;
    Ok(Kept { before: planned.before, after, undo })
}

/// Members of sets that the row that stays has not are given to it, with all that others wrote into them.
async fn hand_over_members(session: &mut Session, planned: &Planned, pair: Pair) -> Result<()> {
    for place in planned.places.iter().filter(|place| place.mode == LoadMode::ChildSet) {
        let Some(cells) = place.owner_cells(session, pair.winner).await? else { continue };
        for row in planned.before.loser.get(&place.name).into_iter().flatten() {
            if rival(session, place, row, &cells).await?.is_none() {
                session.set_cells(&place.shelf, &place.key, row, &cells).await?;
            }
        }
    }
    Ok(())
}

/// The row that goes, with what was not given to the other: children first.
async fn take_away(session: &mut Session, planned: &Planned) -> Result<()> {
    for place in planned.places.iter().rev() {
        for row in planned.before.loser.get(&place.name).into_iter().flatten() {
            session.take_away(&place.shelf, &place.key, row).await?;
        }
    }
    Ok(())
}

/// Writes the row that stays as load would.
pub async fn update(session: &mut Session, target: &Target, rows: &Rows) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let dialect = session.dialect();
    let name = format!("importer_merge_{}", target.table);
    let temp = session.temp_from_batches(&name, &rows.schema, &rows.batches).await?.sql(dialect);
    let beside = target.beside(session, &rows.schema, &temp).await?;
    let conflicts = session.conflicts(&target.place()).await?;
    session.execute_script(&target.update(dialect, conflicts, &beside)).await?;
    if target.mode != LoadMode::Core {
        session.execute_script(&target.insert_missing(dialect, conflicts, &beside)).await?;
    }
    session.drop_temp(&name).await?;
    Ok(())
}

/// External ids and provenance of an entity.
async fn of_entity(
    cx: &RunContext,
    session: &mut Session,
    entity: &str,
    (pair, chosen): (Pair, &Chosen),
) -> Result<OfEntity> {
    let tenant = &cx.tenant;
    let mut of = OfEntity {
        entity: entity.to_owned(),
        winner_links: session.links_of(tenant, entity, pair.winner).await?,
        loser_links: session.links_of(tenant, entity, pair.loser).await?,
        winner: session.provenance_of(tenant, entity, pair.winner).await?,
        loser: session.provenance_of(tenant, entity, pair.loser).await?,
        after: None,
    };
    for link in &of.loser_links {
        session.move_link(&cx.fence, entity, link, (pair.winner, true)).await?;
    }
    of.after = match entity == cx.entity.name {
        true => {
            let fields = fields_of(&cx.shape);
            let from_loser = |field: &str| chosen.sides.get(field) == Some(&Side::Loser);
            mixed((of.winner.as_ref(), of.loser.as_ref()), &chosen.fingerprint, &fields, from_loser)
        }
        // Another entity of the same table says what it says of the row that stays, or of the only one that it knew.
        false => of.winner.clone().or_else(|| of.loser.clone()),
    };
    session.set_provenance(&cx.fence, entity, pair.loser, None).await?;
    session.set_provenance(&cx.fence, entity, pair.winner, of.after.as_ref()).await?;
    Ok(of)
}

/// Suggestions about the two are answered; others that speak of the row that goes speak of the one that stays.
async fn suggestions(cx: &RunContext, session: &mut Session, pair: Pair) -> Result<Vec<MovedSuggestion>> {
    let mut moved = Vec::new();
    let found = session.suggestions_of(&cx.tenant, &cx.entity.name, pair.loser).await?;
    for (id, core, other) in found {
        let about_both = [core, other].contains(&Some(pair.winner));
        if about_both {
            let decision = (Decision::Merged, None);
            if session.decide_suggestion(&cx.tenant, id, decision, &cx.actor).await? {
                moved.push(MovedSuggestion { id, answered: true });
            }
        } else {
            session.move_suggestion(&cx.fence, id, pair.loser, pair.winner).await?;
            moved.push(MovedSuggestion { id, answered: false });
        }
    }
    Ok(moved)
}

/// One row per field that is another one than it was on the row that stays.
async fn log_changes(
    cx: &RunContext,
    session: &mut Session,
    (pair, chosen, undo): (Pair, &Chosen, &Undo),
    ordinal: i64,
) -> Result<()> {
    let said = undo.entities.iter().find(|of| of.entity == cx.entity.name);
    for outcome in outcomes(chosen).into_iter().filter(|o| o.winner != o.merged) {
        let source = |side: Side| {
            let row =
                said.and_then(|of| if side == Side::Winner { of.winner.as_ref() } else { of.loser.as_ref() });
            source_of(row, &outcome.field)
        };
        let change = DecidedChange {
            entity: &cx.entity.name,
            core_id: pair.winner,
            field: &outcome.field,
            ordinal,
            before: outcome.winner.clone(),
            after: outcome.merged.clone(),
            winner: source(Side::Loser),
            loser: source(Side::Winner),
            reason: format!("{MERGE_OF}{}", pair.loser),
            changed_by: &cx.actor,
        };
        session.log_change(&cx.fence, &change).await?;
    }
    Ok(())
}

/// Tables whose rows would go along, for people.
pub async fn counted(session: &mut Session, planned: &Planned, pair: Pair) -> Result<Vec<(String, u64)>> {
    children::count(session, &planned.children, pair.loser).await
}
