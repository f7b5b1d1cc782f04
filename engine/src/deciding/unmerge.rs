//! One merge taken back, inside an open transaction: what would stand there if both had lived apart since.
//!
//! What the merge left and nobody has changed goes back to what it was. What a run has written since belongs to the row whose
//! record it came from ([`replay`](super::replay)). Everything else stays with the row that stayed, and is told.

use std::collections::BTreeMap;

use importer_plans::compile::{SetShape, Shape};
use importer_plans::project::{LoadMode, Project};
use serde_json::Value as Json;

use super::children::give_back;
use super::log::{Kept, OfEntity, Told};
use super::read::{Place, children, places, rows_of, stands};
use super::refusal::refused;
use super::replay::{Came, Since, since};
use super::winner::Side;
use super::writers::said;
use crate::context::RunContext;
use crate::error::Result;
use crate::store::{Decision, MergeRow, Session, ShelvedRow};

/// Parts the two. `decided`: somebody says that they are two.
pub async fn part(
    cx: &RunContext,
    session: &mut Session,
    project: &Project,
    (merge, kept): (&MergeRow, &Kept),
    decided: bool,
) -> Result<Vec<Told>> {
    let places = places(cx, session).await?;
    may_part(cx, session, &places, merge).await?;
    let own = kept.undo.entities.iter().find(|of| of.entity == cx.entity.name);
    let own = own.cloned().unwrap_or_default();
    let came = since(cx, session, &own, (merge, kept.undo.run)).await?;
    let now = rows_of(session, &places, merge.winner).await?;
    let mut apart = Apart { came: &came, told: Vec::new(), of_loser: kept.before.loser.clone() };
    for place in &places {
        let of = |rows: &super::read::Rows| rows.get(&place.name).cloned().unwrap_or_default();
        let rows = Three { before: of(&kept.before.winner), after: of(&kept.after), now: of(&now) };
        let set = match place.mode {
            LoadMode::ChildSet => {
                let cells = place.owner_cells(session, merge.loser).await?.unwrap_or_default();
                apart.members(session, &cx.shape, place, (&rows, &cells))?
            }
            LoadMode::Core | LoadMode::Row => apart.single(session, place, &rows)?,
        };
        for row in &set.gone {
            session.take_away(&place.shelf, &place.key, row).await?;
        }
        for (row, cells) in &set.cells {
            session.set_cells(&place.shelf, &place.key, row, cells).await?;
        }
    }
    fail::fail_point!("deciding::winner_parted", |_| Err(crate::error::Error::internal(
        "failpoint deciding::winner_parted"
    )));
    let Apart { mut told, of_loser, .. } = apart;
    for place in &places {
        for row in of_loser.get(&place.name).into_iter().flatten() {
            session.put_back(&place.shelf, row).await?;
        }
    }
    let others = children(cx, session, project).await?;
    let moved = (kept.undo.children.as_slice(), kept.undo.aside.as_slice());
    told.extend(
        give_back(cx, session, (project, others.as_slice()), moved, (merge.winner, merge.loser)).await?,
    );
    for of in &kept.undo.entities {
        links(cx, session, (of, merge, kept.undo.run), &mut told).await?;
        said(cx, session, (of, merge), &came.fields).await?;
    }
    suggestions(cx, session, (merge, kept), decided).await?;
    Ok(told)
}

/// The row that stayed is there, and the place of the other one is free.
async fn may_part(cx: &RunContext, session: &mut Session, places: &[Place], merge: &MergeRow) -> Result<()> {
    let entity = &cx.entity.name;
    if !stands(session, places, merge.winner).await? {
        return Err(refused(
            "UNMERGE_GONE",
            format!("{entity} {}, in which merge {} left both, is no longer in core", merge.winner, merge.id),
            format!("`importer why core {entity} {}` tells what became of it", merge.winner),
        ));
    }
    if stands(session, places, merge.loser).await? {
        return Err(refused(
            "UNMERGE_TAKEN",
            format!(
                "the id {} of the row that merge {} took away is taken by another row",
                merge.loser, merge.id
            ),
            "ids are not given twice by Importer: somebody else has made that row",
        ));
    }
    Ok(())
}

/// The rows of a table: before the merge, as it left them, and now.
struct Three {
    before: Vec<ShelvedRow>,
    after: Vec<ShelvedRow>,
    now: Vec<ShelvedRow>,
}

/// What is to be done with the rows of the row that stayed.
#[derive(Default)]
struct Set {
    gone: Vec<ShelvedRow>,
    cells: Vec<(ShelvedRow, ShelvedRow)>,
}

struct Apart<'a> {
    came: &'a Came,
    told: Vec<Told>,
    /// The rows of the one that went, as they will be.
    of_loser: super::read::Rows,
}

impl Apart<'_> {
    /// A table in which a core row has one row.
    fn single(&mut self, session: &Session, place: &Place, rows: &Three) -> Result<Set> {
        let mut set = Set::default();
        let (before, after, now) = (rows.before.first(), rows.after.first(), rows.now.first());
        match (before, after, now) {
            (Some(before), Some(after), Some(now)) => {
                let mut cells = ShelvedRow::new();
                for (column, was) in before.iter().filter(|(column, _)| !place.key.contains(column)) {
                    let (left, here) = (after.get(column), now.get(column));
                    // What records have said since counts, also where the last one says again what the merge left.
                    let untouched = here == left && !self.came.fields.contains_key(place.field_of(column));
                    let to = match untouched {
                        true => was.clone(),
                        false => self.changed(session, place, (column.as_str(), was, here))?,
                    };
                    if Some(&to) != here {
                        cells.insert(column.clone(), to);
                    }
                }
                set.cells.push((now.clone(), cells));
            }
            (None, Some(after), Some(now)) if after == now => set.gone.push(now.clone()),
            (None, Some(_), Some(_)) => self.told.push(Told::new("kept_by_winner", &place.name, None, None)),
            (_, Some(_), None) => self.told.push(Told::new("removed_by_host", &place.name, None, None)),
            _ => {}
        }
        Ok(set)
    }

    /// A cell that somebody has changed since: what it is to be on the row that stayed.
    fn changed(
        &mut self,
        session: &Session,
        place: &Place,
        (column, was, here): (&str, &Json, Option<&Json>),
    ) -> Result<Json> {
        let here = here.cloned().unwrap_or_default();
        let field = place.field_of(column);
        let Some(since) = self.came.fields.get(field) else {
            // What nobody of ours writes about is the host's, and so are times of the last write.
            if here != *was && column != "updated_at" {
                self.told.push(Told::new("kept_by_winner", &place.name, Some(field), None));
            }
            return Ok(here);
        };
        let text = |text: &Option<String>| match text {
            Some(text) => session.text_cell(&place.shelf, column, text),
            None => Ok(Json::Null),
        };
        let others = since.others.as_ref().map(text).transpose()?;
        let what = if since.side == Side::Winner { "kept_by_winner" } else { "given_to_loser" };
        self.told.push(Told::new(what, &place.name, Some(field), Some(since.run)));
        let (winners, losers) = match since.side {
            Side::Winner => (here, others),
            Side::Loser => (others.unwrap_or_else(|| was.clone()), Some(here)),
        };
        let rows = self.of_loser.entry(place.name.clone()).or_default();
        if let (Some(cell), Some(value)) = (rows.first_mut().and_then(|row| row.get_mut(column)), losers) {
            *cell = value;
        }
        Ok(winners)
    }

    /// A table with the members of a set.
    fn members(
        &mut self,
        session: &Session,
        shape: &Shape,
        place: &Place,
        (rows, cells): (&Three, &ShelvedRow),
    ) -> Result<Set> {
        let mut set = Set::default();
        let owners = place.owner_columns();
        let by_key = |rows: &[ShelvedRow]| -> BTreeMap<String, ShelvedRow> {
            rows.iter().map(|row| (member(place, &owners, row), row.clone())).collect()
        };
        let (before, after, now) = (by_key(&rows.before), by_key(&rows.after), by_key(&rows.now));
        let field = place.load.as_ref().and_then(|load| load.set.as_deref()).unwrap_or_default();
        // The mark of the first value belongs to whoever the field with that value belongs to.
        let set_shape = shape.sets.iter().find(|set| set.name == field);
        let mark = set_shape.map_or("", |set| set.primary_column.as_str());
        let first = shape.primary_of(field).and_then(|field| self.came.fields.get(&field.name));
        let losers = first.is_some_and(|since| since.side == Side::Loser);
        let winners = first.is_some_and(|since| since.side == Side::Winner);
        for (key, here) in &now {
            match (before.get(key), after.get(key)) {
                (Some(was), left) => {
                    let mut cells = undone(was, left, here, &place.key);
                    if winners {
                        cells.remove(mark);
                    }
                    if let Some(cell) = was.get(mark).filter(|cell| losers && here.get(mark) != Some(*cell)) {
                        cells.insert(mark.to_owned(), cell.clone());
                    }
                    set.cells.push((here.clone(), cells));
                }
                (None, Some(left)) => {
                    set.gone.push(here.clone());
                    self.follow(place, (owners.as_slice(), mark), (left, here));
                }
                (None, None) => {
                    let text = set_shape.and_then(|set| here.get(&set.key_column)).and_then(Json::as_str);
                    let by = self.came.members.get(&(field.to_owned(), text.unwrap_or_default().to_owned()));
                    let what = match by {
                        Some((Side::Loser, _)) => {
                            set.gone.push(here.clone());
                            self.adopt(place, (owners.as_slice(), cells), here);
                            "given_to_loser"
                        }
                        _ => {
                            set.cells.push((here.clone(), ShelvedRow::new()));
                            "kept_by_winner"
                        }
                    };
                    self.told.push(Told::new(what, &place.name, Some(field), by.map(|(_, run)| *run)));
                }
            }
        }
        // What only the row that went had, and somebody has removed since, stays removed.
        let removed = |row: &ShelvedRow| {
            let key = member(place, &owners, row);
            after.contains_key(&key) && !now.contains_key(&key) && !before.contains_key(&key)
        };
        let of_loser = self.of_loser.entry(place.name.clone()).or_default();
        let all = of_loser.len();
        of_loser.retain(|row| !removed(row));
        for row in of_loser.iter_mut().filter(|_| losers) {
            let cell = now.get(&member(place, &owners, row)).and_then(|here| here.get(mark));
            if let Some(cell) = cell {
                row.insert(mark.to_owned(), cell.clone());
            }
        }
        if of_loser.len() < all || before.keys().any(|key| after.contains_key(key) && !now.contains_key(key))
        {
            self.told.push(Told::new("removed_by_host", &place.name, Some(field), None));
        }
        if let (Some(first), Some(set_shape)) = (first, set_shape) {
            self.mark_others(session, place, (set_shape, first), &mut set)?;
        }
        Ok(set)
    }

    /// Where the records of the other side had said something of the first value before the last change, that is marked there.
    fn mark_others(
        &mut self,
        session: &Session,
        place: &Place,
        (shape, first): (&SetShape, &Since),
        set: &mut Set,
    ) -> Result<()> {
        let Some(Some(text)) = &first.others else { return Ok(()) };
        let is_first = |row: &ShelvedRow| {
            let cells = [&shape.value_column, &shape.key_column].map(|column| row.get(column));
            cells.into_iter().flatten().any(|c| c.as_str().is_some_and(|c| c.eq_ignore_ascii_case(text)))
        };
        let mark = &shape.primary_column;
        let yes = session.text_cell(&place.shelf, mark, "true")?;
        let no = session.text_cell(&place.shelf, mark, "false")?;
        let cell = |row: &ShelvedRow| if is_first(row) { yes.clone() } else { no.clone() };
        let of_loser = self.of_loser.entry(place.name.clone()).or_default();
        match first.side {
            Side::Loser if set.cells.iter().any(|(row, _)| is_first(row)) => {
                for (row, cells) in &mut set.cells {
                    cells.insert(mark.clone(), cell(row));
                }
            }
            Side::Winner if of_loser.iter().any(&is_first) => {
                for row in of_loser {
                    let cell = cell(row);
                    row.insert(mark.clone(), cell);
                }
            }
            Side::Loser | Side::Winner => {}
        }
        Ok(())
    }

    /// What somebody wrote into a member of the row that went goes with it.
    fn follow(
        &mut self,
        place: &Place,
        (owners, mark): (&[String], &str),
        (left, here): (&ShelvedRow, &ShelvedRow),
    ) {
        let key = member(place, owners, here);
        let rows = self.of_loser.entry(place.name.clone()).or_default();
        let Some(row) = rows.iter_mut().find(|row| member(place, owners, row) == key) else { return };
        for (column, cell) in here {
            if !owners.contains(column) && column != mark && left.get(column) != Some(cell) {
                row.insert(column.clone(), cell.clone());
            }
        }
    }

    /// A member that came since, with a record of the row that went.
    fn adopt(&mut self, place: &Place, (owners, cells): (&[String], &ShelvedRow), here: &ShelvedRow) {
        let rows = self.of_loser.entry(place.name.clone()).or_default();
        let key = member(place, owners, here);
        if rows.iter().any(|row| member(place, owners, row) == key) {
            return;
        }
        let mut row = here.clone();
        row.extend(cells.clone());
        rows.push(row);
    }
}

/// What tells a member from the others of its core row.
fn member(place: &Place, owners: &[String], row: &ShelvedRow) -> String {
    let own = place.key.iter().filter(|column| !owners.contains(column));
    own.map(|column| row.get(column).map(Json::to_string).unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\u{1f}")
}

/// The cells that go back: those that nobody has changed since.
fn undone(was: &ShelvedRow, left: Option<&ShelvedRow>, here: &ShelvedRow, key: &[String]) -> ShelvedRow {
    let cells = was.iter().filter(|(column, cell)| {
        let now = here.get(*column);
        !key.contains(column) && now != Some(*cell) && left.is_none_or(|left| left.get(*column) == now)
    });
    cells.map(|(column, cell)| (column.clone(), cell.clone())).collect()
}

/// External ids go back with what was loaded from them last. What a record said while both were one may have lost against the
/// other's values: it is looked at anew when it comes again.
async fn links(
    cx: &RunContext,
    session: &mut Session,
    (of, merge, run): (&OfEntity, &MergeRow, i64),
    told: &mut Vec<Told>,
) -> Result<()> {
    let here = session.links_of(&cx.tenant, &of.entity, merge.winner).await?;
    let find = |system: &str, id: &str| here.iter().find(|link| link.system == system && link.id == id);
    for link in &of.loser_links {
        match find(&link.system, &link.id) {
            Some(now) => {
                let known = now.last_run <= run;
                session.move_link(&cx.fence, &of.entity, link, (merge.loser, known)).await?;
            }
            None => told.push(Told::new("link_gone", "external_id_map", Some(&link.system), None)),
        }
    }
    for link in &here {
        let known = |links: &[crate::store::LinkRow]| {
            links.iter().any(|l| (&l.system, &l.id) == (&link.system, &link.id))
        };
        if known(&of.winner_links) {
            if link.last_run > run {
                session.move_link(&cx.fence, &of.entity, link, (merge.winner, false)).await?;
            }
        } else if !known(&of.loser_links) {
            told.push(Told::new("link_stays", "external_id_map", Some(&link.system), Some(link.last_run)));
        }
    }
    Ok(())
}

/// Suggestions speak of whom they spoke.
async fn suggestions(
    cx: &RunContext,
    session: &mut Session,
    (merge, kept): (&MergeRow, &Kept),
    decided: bool,
) -> Result<()> {
    let decision = if decided { Decision::Rejected } else { Decision::Pending };
    for moved in &kept.undo.suggestions {
        match moved.answered {
            true => session.reopen_suggestion(&cx.fence, moved.id, decision, &cx.actor).await?,
            false => session.move_suggestion(&cx.fence, moved.id, merge.winner, merge.loser).await?,
        }
    }
    Ok(())
}
