//! Rows of other tables that refer to the row that goes: they refer to the one that stays afterwards. One that it has already is
//! set aside.

use importer_plans::compile::Shape;
use importer_plans::project::{LoadFile, Project};

use super::log::{Aside, AsideRecord, Child, Told};
use super::provenance::PART;
use super::read::Place;
use super::winner::first_bytes;
use crate::context::RunContext;
use crate::error::Result;
use crate::store::{Session, ShelvedRow};

/// What became of them.
#[derive(Debug, Clone, Default)]
pub struct MovedChildren {
    pub children: Vec<Child>,
    pub aside: Vec<Aside>,
}

/// How many rows of a table refer to a core row.
pub async fn count(session: &mut Session, places: &[Place], id: i64) -> Result<Vec<(String, u64)>> {
    let mut counted = Vec::new();
    for place in places {
        let rows = place.rows(session, id).await?.len();
        if rows > 0 {
            counted.push((place.name.clone(), rows as u64));
        }
    }
    Ok(counted)
}

/// Moves all of them.
pub async fn hand_over(
    cx: &RunContext,
    session: &mut Session,
    (project, places): (&Project, &[Place]),
    (from, to): (i64, i64),
) -> Result<MovedChildren> {
    let mut moved = MovedChildren::default();
    for place in places {
        let rows = place.rows(session, from).await?;
        if rows.is_empty() {
            continue;
        }
        let Some(cells) = place.owner_cells(session, to).await? else { continue };
        for row in rows {
            match rival(session, place, &row, &cells).await? {
                Some(rival) => {
                    let aside = set_aside(cx, session, (project, place), row, &rival).await?;
                    moved.aside.push(aside);
                }
                None => {
                    session.set_cells(&place.shelf, &place.key, &row, &cells).await?;
                    said_of(cx, session, (project, place), &row, (from, to)).await?;
                    let key = key_of(place, &with(&row, &cells));
                    moved.children.push(Child { table: place.name.clone(), owner: owner(place, &row), key });
                }
            }
        }
    }
    Ok(moved)
}

fn with(row: &ShelvedRow, cells: &ShelvedRow) -> ShelvedRow {
    let mut row = row.clone();
    row.extend(cells.clone());
    row
}

/// The cells by which a row is found.
fn key_of(place: &Place, row: &ShelvedRow) -> ShelvedRow {
    place.key.iter().filter_map(|name| Some((name.clone(), row.get(name)?.clone()))).collect()
}

fn owner(place: &Place, row: &ShelvedRow) -> ShelvedRow {
    let columns = place.owner_columns();
    columns.into_iter().filter_map(|name| row.get(&name).cloned().map(|cell| (name, cell))).collect()
}

/// The row that is in the way of another one, were that given to somebody else: no two may agree in these columns.
pub async fn rival(
    session: &mut Session,
    place: &Place,
    row: &ShelvedRow,
    cells: &ShelvedRow,
) -> Result<Option<ShelvedRow>> {
    let wanted = with(row, cells);
    for columns in &place.shelf.unique {
        let speaks = columns.iter().any(|column| cells.contains_key(column));
        let whole = columns.iter().all(|column| wanted.get(column).is_some_and(|cell| !cell.is_null()));
        if !speaks || !whole {
            continue;
        }
        if let Some(found) = session.like(&place.shelf, columns, &wanted).await?.into_iter().next() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The load file of the entity whose core rows stand in a place.
fn core_of<'a>(project: &'a Project, place: &Place) -> Option<(&'a str, &'a LoadFile)> {
    let (entity, _) = place.reference.as_ref()?;
    let entity = project.entities.get(entity)?;
    // The numbers of rows without a number are not in the row.
    entity.core_load().filter(|load| load.numbered.is_none()).map(|load| (entity.name.as_str(), load))
}

fn core_id(load: &LoadFile, row: &ShelvedRow) -> Option<i64> {
    let cell = row.get(load.owner_column())?;
    cell.as_i64().or_else(|| cell.as_str()?.parse().ok())
}

async fn set_aside(
    cx: &RunContext,
    session: &mut Session,
    (project, place): (&Project, &Place),
    row: ShelvedRow,
    rival: &ShelvedRow,
) -> Result<Aside> {
    let mut record = None;
    if let Some((entity, load)) = core_of(project, place)
        && let (Some(id), Some(instead)) = (core_id(load, &row), core_id(load, rival))
    {
        let links = session.links_of(&cx.tenant, entity, id).await?;
        for link in &links {
            session.move_link(&cx.fence, entity, link, (instead, false)).await?;
        }
        let provenance = session.provenance_of(&cx.tenant, entity, id).await?;
        session.set_provenance(&cx.fence, entity, id, None).await?;
        record = Some(AsideRecord { entity: entity.to_owned(), core_id: id, instead, links, provenance });
    }
    session.take_away(&place.shelf, &place.key, &row).await?;
    Ok(Aside { table: place.name.clone(), columns: place.owner_columns(), row, record })
}

/// A reference of ours that changes is no edit of the host: what is said of it changes with it.
async fn said_of(
    cx: &RunContext,
    session: &mut Session,
    (project, place): (&Project, &Place),
    row: &ShelvedRow,
    (from, to): (i64, i64),
) -> Result<()> {
    let (Some((entity, load)), Some((_, field))) = (core_of(project, place), &place.reference) else {
        return Ok(());
    };
    let Some(id) = core_id(load, row) else { return Ok(()) };
    let Some(mut said) = session.provenance_of(&cx.tenant, entity, id).await? else { return Ok(()) };
    let Some(shape) = project.entities.get(entity).map(Shape::of) else { return Ok(()) };
    let Some(place) = shape.core_fields().position(|core| core.name == *field) else { return Ok(()) };
    let part = (place + 1) * PART..(place + 2) * PART;
    let (was, now) = (part_of(cx, from).await?, part_of(cx, to).await?);
    if said.fingerprint.get(part.clone()) != Some(was.as_slice()) {
        return Ok(());
    }
    if let Some(target) = said.fingerprint.get_mut(part).filter(|target| target.len() == now.len()) {
        target.copy_from_slice(&now);
    }
    Ok(session.set_provenance(&cx.fence, entity, id, Some(&said)).await?)
}

/// The part of a fingerprint that stands for a reference to a core row.
async fn part_of(cx: &RunContext, id: i64) -> Result<Vec<u8>> {
    first_bytes(cx, &format!("SELECT fingerprint(CAST({id} AS BIGINT)) AS part")).await
}

/// Gives children back. What somebody has given to another one since stays there, and a place that is taken is not taken away.
pub async fn give_back(
    cx: &RunContext,
    session: &mut Session,
    (project, places): (&Project, &[Place]),
    (children, aside): (&[Child], &[Aside]),
    (from, to): (i64, i64),
) -> Result<Vec<Told>> {
    let mut told = Vec::new();
    for child in children {
        let columns: Vec<&String> = child.owner.keys().collect();
        let place = places.iter().find(|place| {
            place.name == child.table && place.owner_columns().iter().all(|column| columns.contains(&column))
        });
        let Some(place) = place else {
            told.push(Told::new("child_gone", &child.table, None, None));
            continue;
        };
        let key: Vec<String> = child.key.keys().cloned().collect();
        let found = session.like(&place.shelf, &key, &child.key).await?.into_iter().next();
        let held = place.owner_cells(session, from).await?;
        let Some(row) = found.filter(|row| held.as_ref().is_some_and(|held| holds(row, held))) else {
            told.push(Told::new("child_gone", &child.table, None, None));
            continue;
        };
        if rival(session, place, &row, &child.owner).await?.is_some() {
            told.push(Told::new("child_taken", &child.table, None, None));
            continue;
        }
        session.set_cells(&place.shelf, &key, &row, &child.owner).await?;
        said_of(cx, session, (project, place), &row, (from, to)).await?;
    }
    for one in aside {
        told.extend(put_back(cx, session, places, one).await?);
    }
    Ok(told)
}

fn holds(row: &ShelvedRow, cells: &ShelvedRow) -> bool {
    cells.iter().all(|(name, cell)| row.get(name) == Some(cell))
}

async fn put_back(
    cx: &RunContext,
    session: &mut Session,
    places: &[Place],
    aside: &Aside,
) -> Result<Option<Told>> {
    let place = places.iter().find(|p| p.name == aside.table && p.owner_columns() == aside.columns);
    let Some(place) = place else { return Ok(Some(Told::new("child_gone", &aside.table, None, None))) };
    let own: ShelvedRow = key_of(place, &aside.row);
    if !session.like(&place.shelf, &place.key, &own).await?.is_empty()
        || rival(session, place, &aside.row, &aside.row).await?.is_some()
    {
        return Ok(Some(Told::new("child_taken", &aside.table, None, None)));
    }
    session.put_back(&place.shelf, &aside.row).await?;
    let Some(record) = &aside.record else { return Ok(None) };
    let here = session.links_of(&cx.tenant, &record.entity, record.instead).await?;
    for link in &record.links {
        if here.iter().any(|other| (&other.system, &other.id) == (&link.system, &link.id)) {
            session.move_link(&cx.fence, &record.entity, link, (record.core_id, false)).await?;
        }
    }
    session.set_provenance(&cx.fence, &record.entity, record.core_id, record.provenance.as_ref()).await?;
    Ok(None)
}
