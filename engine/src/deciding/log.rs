//! What the log of merges keeps: what was found, what was left, and what it takes to part the two again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::read::{Images, Rows};
use super::winner::{Chosen, Shown, Side};
use crate::error::Result;
use crate::store::{LinkRow, MergeDocuments, ProvenanceRow, ShelvedRow};

/// What the change log says of a field that a merge changed, before the row that went.
pub const MERGE_OF: &str = "merge of ";
/// The same of the way back.
pub const UNMERGE_OF: &str = "unmerge of ";

/// A merge as it was done.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    pub before: Images,
    pub after: Rows,
    pub undo: Undo,
}

/// What was moved, and what was said of both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// The run that did it last: what runs after it wrote came since.
    pub run: i64,
    /// Who gave each field.
    pub sides: BTreeMap<String, Side>,
    /// What a person said of it.
    pub picks: BTreeMap<String, Side>,
    pub entities: Vec<OfEntity>,
    pub children: Vec<Child>,
    pub aside: Vec<Aside>,
    pub suggestions: Vec<MovedSuggestion>,
    /// What could not be parted, once it was taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
}

/// Links and provenance of one entity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OfEntity {
    pub entity: String,
    pub winner_links: Vec<LinkRow>,
    pub loser_links: Vec<LinkRow>,
    pub winner: Option<ProvenanceRow>,
    pub loser: Option<ProvenanceRow>,
    /// Of the row that stays, as the merge left it.
    pub after: Option<ProvenanceRow>,
}

impl OfEntity {
    /// Whether a record was one of the row that went.
    pub fn is_losers(&self, system: &str, id: &str) -> bool {
        self.loser_links.iter().any(|link| link.system == system && link.id == id)
    }
}

/// A row of another table that refers to the row that stays now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Child {
    pub table: String,
    /// What it had in the columns that say whose it is.
    pub owner: ShelvedRow,
    /// By what it is found since.
    pub key: ShelvedRow,
}

/// A row of another table that the row that stays has already: both signed up for one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    pub table: String,
    pub columns: Vec<String>,
    pub row: ShelvedRow,
    /// Where it is a core row of its own: the entity, its number, and the number of the row that stays in its place.
    pub record: Option<AsideRecord>,
}

/// A core row that was set aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AsideRecord {
    pub entity: String,
    pub core_id: i64,
    pub instead: i64,
    pub links: Vec<LinkRow>,
    pub provenance: Option<ProvenanceRow>,
}

/// A suggestion that spoke of the row that went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedSuggestion {
    pub id: i64,
    /// It was about these two, and the merge has answered it; the others speak of the row that stays since.
    pub answered: bool,
}

/// What stays when a merge is taken back, or goes elsewhere than it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// `kept_by_winner`, `given_to_loser`, `removed_by_host`, `link_gone`, `link_stays`, `child_gone`, `child_taken`.
    pub what: String,
    pub table: String,
    /// The field, or the external system of a link.
    pub field: Option<String>,
    /// The run that wrote it since; nothing where the host did.
    pub by_run: Option<i64>,
}

impl Told {
    pub fn new(what: &str, table: &str, field: Option<&str>, by_run: Option<i64>) -> Self {
        Self { what: what.to_owned(), table: table.to_owned(), field: field.map(str::to_owned), by_run }
    }

    /// The two are not apart in this.
    pub fn is_left(&self) -> bool {
        matches!(self.what.as_str(), "child_gone" | "child_taken" | "link_gone")
    }
}

impl Kept {
    pub fn documents(&self) -> Result<MergeDocuments> {
        Ok(MergeDocuments {
            before: serde_json::to_value(&self.before)?,
            after: serde_json::to_value(&self.after)?,
            undo: serde_json::to_value(&self.undo)?,
        })
    }

    pub fn of(documents: &MergeDocuments) -> Result<Self> {
        Ok(Self {
            before: serde_json::from_value(documents.before.clone())?,
            after: serde_json::from_value(documents.after.clone())?,
            undo: serde_json::from_value(documents.undo.clone())?,
        })
    }
}

/// What became of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOutcome {
    pub field: String,
    pub winner: Option<String>,
    pub loser: Option<String>,
    pub merged: Option<String>,
    /// Who gave it; nothing for sets, which have the members of both.
    pub from: Option<Side>,
}

/// What becomes of the fields, for people.
pub fn outcomes(chosen: &Chosen) -> Vec<FieldOutcome> {
    let of = |shown: &BTreeMap<String, Option<String>>, field: &str| shown.get(field).cloned().flatten();
    chosen
        .merged
        .iter()
        .map(|(field, merged)| FieldOutcome {
            field: field.clone(),
            winner: of(&chosen.winner, field),
            loser: of(&chosen.loser, field),
            merged: merged.clone(),
            from: chosen.sides.get(field).copied(),
        })
        .collect()
}

/// A field of both rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartedField {
    pub field: String,
    pub merged: Option<String>,
    pub winner: Option<String>,
    pub loser: Option<String>,
}

impl PartedField {
    /// The fields of a row as it was, and of both rows that it became.
    pub fn all(was: &Shown, apart: &BTreeMap<i64, Shown>, [one, other]: [i64; 2]) -> Vec<Self> {
        let of = |id: i64, field: &str| apart.get(&id).and_then(|row| row.get(field)).cloned().flatten();
        was.iter()
            .map(|(field, merged)| Self {
                field: field.clone(),
                merged: merged.clone(),
                winner: of(one, field),
                loser: of(other, field),
            })
            .collect()
    }
}
