//! Where the rows of a core row stand: the tables of its entity, and those that refer to it. And the images of them.

use std::collections::BTreeMap;

use importer_plans::project::{Entity, LoadFile, LoadMode, Project, TENANT};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::refusal::refused;
use crate::context::RunContext;
use crate::error::Result;
use crate::steps::lookup::text;
use crate::store::{Session, Shelf, ShelvedRow, StoreErrorKind, ident};

/// The rows of a core row, by table.
pub type Rows = BTreeMap<String, Vec<ShelvedRow>>;

/// The rows of two core rows before they became one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Images {
    pub winner: Rows,
    pub loser: Rows,
}

/// A column by which rows are found by a core id.
#[derive(Debug, Clone)]
struct Owner {
    column: String,
    /// Where the core id is the number of a row whose key is none: the table of numbers, its shelf, and the column of the key
    /// there.
    numbered: Option<(Shelf, String)>,
}

impl Owner {
    /// The condition that a row `t` belongs to a core row.
    fn holds(&self, id: i64) -> String {
        let column = ident(&self.column);
        match &self.numbered {
            None => format!("t.{column} = {id}"),
            Some((numbers, key)) => {
                format!(
                    "t.{column} = (SELECT k.{} FROM {} k WHERE k.core_id = {id})",
                    ident(key),
                    numbers.sql
                )
            }
        }
    }

    /// What stands in the column for a core row.
    async fn cell(&self, session: &mut Session, id: i64) -> Result<Option<Json>> {
        let Some((numbers, key)) = &self.numbered else { return Ok(Some(session.number_cell(id))) };
        let rows = session.shelve(numbers, &format!("t.core_id = {id}")).await?;
        Ok(rows.first().and_then(|row| row.get(key)).cloned())
    }
}

/// A table with rows of a core row.
#[derive(Debug, Clone)]
pub struct Place {
    /// The table for people.
    pub name: String,
    pub mode: LoadMode,
    pub shelf: Shelf,
    /// The columns that tell its rows apart.
    pub key: Vec<String>,
    /// The load file that writes it; nothing for tables of others, or of other entities.
    pub load: Option<LoadFile>,
    /// The entity and the field whose reference it is.
    pub reference: Option<(String, String)>,
    owners: Vec<Owner>,
    /// The condition that a row `t` is one of the tenant.
    of_tenant: Option<String>,
}

impl Place {
    /// A table of an entity.
    async fn of(cx: &RunContext, session: &mut Session, load: &LoadFile) -> Result<Self> {
        let shelf = session.shelf(None, load.own_table()).await?;
        let mut owners = Vec::new();
        match &load.numbered {
            Some(numbered) => {
                let numbers = session.shelf(None, &numbered.numbers).await?;
                for (own, key) in numbered.joined.iter().filter(|(own, _)| own != TENANT) {
                    owners
                        .push(Owner { column: own.clone(), numbered: Some((numbers.clone(), key.clone())) });
                }
            }
            None => {
                let set = cx.shape.sets.iter().find(|set| set.table == load.table);
                let column = set.map_or(load.owner_column(), |set| set.owner_column.as_str());
                owners.push(Owner { column: column.to_owned(), numbered: None });
            }
        }
        let of_tenant = shelf.has(TENANT).then(|| tenant_is(cx, TENANT)).filter(|_| load.has_tenant());
        Ok(Self {
            name: load.own_table().to_owned(),
            mode: load.mode,
            key: load.own_key().to_vec(),
            shelf,
            load: Some(load.clone()),
            reference: None,
            owners,
            of_tenant,
        })
    }

    /// The condition that a row `t` belongs to a core row.
    pub fn holds(&self, id: i64) -> String {
        let owners = self.owners.iter().map(|owner| owner.holds(id));
        self.of_tenant.iter().cloned().chain(owners).collect::<Vec<_>>().join(" AND ")
    }

    /// What its rows have in the columns that say whose they are, for a core row; nothing where the core row has no key there.
    pub async fn owner_cells(&self, session: &mut Session, id: i64) -> Result<Option<ShelvedRow>> {
        let mut cells = ShelvedRow::new();
        for owner in &self.owners {
            let Some(cell) = owner.cell(session, id).await? else { return Ok(None) };
            cells.insert(owner.column.clone(), cell);
        }
        Ok(Some(cells))
    }

    /// The columns that say whose a row is.
    pub fn owner_columns(&self) -> Vec<String> {
        self.owners.iter().map(|owner| owner.column.clone()).collect()
    }

    /// Its rows of a core row.
    pub async fn rows(&self, session: &mut Session, id: i64) -> Result<Vec<ShelvedRow>> {
        Ok(session.shelve(&self.shelf, &self.holds(id)).await?)
    }

    /// The field that a column holds as it is.
    pub fn field_of<'a>(&'a self, column: &'a str) -> &'a str {
        self.load.as_ref().map_or(column, |load| load.source_of(column))
    }
}

fn tenant_is(cx: &RunContext, column: &str) -> String {
    format!("t.{} = {}", ident(column), text(&cx.tenant))
}

/// The tables of the entity, in the order in which they are written.
pub async fn places(cx: &RunContext, session: &mut Session) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for load in &cx.entity.loads {
        places.push(Place::of(cx, session, load).await?);
    }
    Ok(places)
}

/// Entities whose records are rows of the same core table, this one first.
pub fn entities<'a>(project: &'a Project, entity: &'a Entity) -> Vec<&'a Entity> {
    let table = |entity: &Entity| entity.core_load().map(|load| load.own_table().to_owned());
    let own = table(entity);
    let others = project.entities.values().filter(|other| other.name != entity.name && table(other) == own);
    std::iter::once(entity).chain(others).collect()
}

/// Tables with rows that refer to rows of the entity: by fields of the project's entities, by foreign keys, and the further
/// tables of entities that live on the same core table.
pub async fn children(cx: &RunContext, session: &mut Session, project: &Project) -> Result<Vec<Place>> {
    let entities = entities(project, &cx.entity);
    let mut found: Vec<Place> = Vec::new();
    let own: Vec<&str> = cx.entity.loads.iter().map(LoadFile::own_table).collect();
    for load in entities.iter().skip(1).flat_map(|entity| &entity.loads) {
        if !own.contains(&load.own_table()) && load.numbered.is_none() {
            let owner =
                load.set.as_ref().and_then(|_| load.key.iter().find(|c| *c != TENANT).map(String::as_str));
            let column = owner.unwrap_or(load.owner_column());
            add(cx, session, &mut found, (None, load.own_table(), column), None).await?;
        }
    }
    for other in project.entities.values() {
        for (entity, field, reference) in other.references() {
            let Some(load) = other.core_load() else { continue };
            if !entities.iter().any(|e| e.name == reference.to) {
                continue;
            }
            if let Some(column) = load.column_of(&field.name) {
                let of = Some((entity.to_owned(), field.name.clone()));
                add(cx, session, &mut found, (None, load.own_table(), column), of).await?;
            }
        }
    }
    for load in &cx.entity.loads {
        foreign_keys(cx, session, load, &own, &mut found).await?;
    }
    Ok(found)
}

async fn add(
    cx: &RunContext,
    session: &mut Session,
    found: &mut Vec<Place>,
    (schema, table, column): (Option<&str>, &str, &str),
    reference: Option<(String, String)>,
) -> Result<()> {
    let name = schema.map_or_else(|| table.to_owned(), |schema| format!("{schema}.{table}"));
    if found.iter().any(|place| place.name == name && place.owners.iter().any(|o| o.column == column)) {
        return Ok(());
    }
    let shelf = match session.shelf(schema, table).await {
        // The project may know entities whose tables nobody has made yet.
        Err(error) if error.kind() == StoreErrorKind::Schema => return Ok(()),
        shelf => shelf?,
    };
    let of_tenant = shelf.has(TENANT).then(|| tenant_is(cx, TENANT));
    found.push(Place {
        name,
        mode: LoadMode::Row,
        key: shelf.key.clone(),
        shelf,
        load: None,
        reference,
        owners: vec![Owner { column: column.to_owned(), numbered: None }],
        of_tenant,
    });
    Ok(())
}

/// The foreign keys of other tables that point at a table of the entity.
async fn foreign_keys(
    cx: &RunContext,
    session: &mut Session,
    load: &LoadFile,
    own: &[&str],
    found: &mut Vec<Place>,
) -> Result<()> {
    let numbered = load.numbered.as_ref();
    let keys = numbered.map(|n| n.joined.iter().filter(|(own, _)| own != TENANT).collect::<Vec<_>>());
    let key = match &keys {
        Some(keys) => keys.first().map(|(own, _)| own.as_str()),
        None => Some(load.owner_column()),
    };
    let Some(key) = key else { return Ok(()) };
    for foreign in session.references_to(load.own_table(), key).await? {
        let (space, table) = (foreign.schema.as_deref(), foreign.table.as_str());
        let here = space.is_none_or(|s| s == cx.store.options().core_schema);
        if own.contains(&table) && here {
            continue;
        }
        if keys.as_ref().is_some_and(|keys| keys.len() > 1) {
            return Err(refused(
                "MERGE_REFERENCED",
                format!("rows of `{table}` refer to `{}` by several columns", load.own_table()),
                "merge the two in the application that owns that table",
            ));
        }
        let known = found.len();
        add(cx, session, found, (space.filter(|_| !here), table, foreign.column.as_str()), None).await?;
        let Some(place) = found.get_mut(known) else { continue };
        place.of_tenant = foreign.tenant_column.as_deref().map(|column| tenant_is(cx, column));
        if let (Some(numbered), Some(owner)) = (numbered, place.owners.first_mut()) {
            let numbers = session.shelf(None, &numbered.numbers).await?;
            let kept = numbered.joined.iter().find(|(own, _)| own == key);
            owner.numbered = kept.map(|(_, key)| (numbers, key.clone()));
        }
    }
    Ok(())
}

/// The rows of a core row in all tables of its entity.
pub async fn rows_of(session: &mut Session, places: &[Place], id: i64) -> Result<Rows> {
    let mut rows = Rows::new();
    for place in places {
        rows.insert(place.name.clone(), place.rows(session, id).await?);
    }
    Ok(rows)
}

/// Locks the core rows in the order of their keys, so that two writers cannot wait for each other.
pub async fn lock(session: &mut Session, places: &[Place], ids: &[i64]) -> Result<()> {
    if !session.dialect().locks_rows() {
        return Ok(());
    }
    let Some(core) = places.iter().find(|place| place.mode == LoadMode::Core) else { return Ok(()) };
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    for id in ids {
        let sql = format!("SELECT 1 FROM {} t WHERE {} FOR UPDATE", core.shelf.sql, core.holds(id));
        session.fetch(&sql, &[]).await?;
    }
    Ok(())
}

/// Whether a core row stands in core.
pub async fn stands(session: &mut Session, places: &[Place], id: i64) -> Result<bool> {
    let Some(core) = places.iter().find(|place| place.mode == LoadMode::Core) else { return Ok(false) };
    Ok(!core.rows(session, id).await?.is_empty())
}

/// The table that holds core rows, for people and for the log of merges.
pub fn core_table(cx: &RunContext) -> String {
    cx.entity.core_load().map_or_else(|| cx.shape.core_table.clone(), |load| load.own_table().to_owned())
}
