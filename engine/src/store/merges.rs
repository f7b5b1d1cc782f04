//! Rows of core that were made one: the log of merges, and what a merge writes into the control tables.

use serde_json::Value as Json;

use super::fence::Fence;
use super::json::{json, json_text};
use super::{Result, Row, Session, Statement, Store, StoreError, StoreErrorKind, Value, statement};

const INSERT: Statement = statement!("merge_insert");
const AMEND: Statement = statement!("merge_amend");
const PART: Statement = statement!("merge_part");
const GET: Statement = statement!("merge_get");
const LIST: Statement = statement!("merge_list");
const LINKS: Statement = statement!("links_of");
const LINK_MOVE: Statement = statement!("link_move");
const PROVENANCE: Statement = statement!("provenance_get");
const PROVENANCE_PUT: Statement = statement!("provenance_put");
const PROVENANCE_DROP: Statement = statement!("provenance_drop");
const CHANGES: Statement = statement!("changes_since");
const CHANGE: Statement = statement!("change_insert");

/// A merge as it is written down.
#[derive(Debug, Clone)]
pub struct NewMerge {
    pub entity: String,
    pub core_table: String,
    pub winner: i64,
    pub loser: i64,
    pub suggestion: Option<i64>,
    pub documents: MergeDocuments,
    pub score: Option<f64>,
    pub reason: Option<String>,
    pub decided_by: String,
}

/// What a merge found, what it left, and what it takes to part the two again.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeDocuments {
    pub before: Json,
    pub after: Json,
    pub undo: Json,
}

/// A merge of the log.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MergeRow {
    pub id: i64,
    pub run_id: i64,
    pub entity: String,
    pub core_table: String,
    pub winner: i64,
    pub loser: i64,
    pub suggestion: Option<i64>,
    /// `merged`, `undone`, `partly_undone`.
    pub status: String,
    pub reason: Option<String>,
    pub decided_by: String,
    /// Microseconds since 1970 UTC.
    pub merged_at: i64,
    pub undone_by: Option<String>,
    pub undone_at: Option<i64>,
    pub undone_run_id: Option<i64>,
}

impl MergeRow {
    /// Nobody has taken it back.
    pub fn stands(&self) -> bool {
        self.status == "merged"
    }

    fn from_row(row: &Row) -> Result<Self> {
        let text = |index| Ok::<_, StoreError>(row.opt_text(index)?.map(str::to_owned));
        Ok(Self {
            id: row.int(0)?,
            run_id: row.int(1)?,
            entity: row.text(2)?.to_owned(),
            core_table: row.text(3)?.to_owned(),
            winner: row.int(4)?,
            loser: row.int(5)?,
            suggestion: row.opt_int(6)?,
            status: row.text(7)?.to_owned(),
            reason: text(8)?,
            decided_by: row.text(9)?.to_owned(),
            merged_at: row.opt_timestamp(10)?.unwrap_or_default(),
            undone_by: text(11)?,
            undone_at: row.opt_timestamp(12)?,
            undone_run_id: row.opt_int(13)?,
        })
    }
}

/// Which merges to read; an absent filter takes all.
#[derive(Debug, Clone, Default)]
pub struct MergeFilter {
    pub core_table: Option<String>,
    /// Only those that this row of core won or lost.
    pub core_id: Option<i64>,
    pub run: Option<i64>,
}

/// An external id of a row of core.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct LinkRow {
    pub system: String,
    pub id: String,
    pub last_run: i64,
}

/// Who wrote a row of core last.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProvenanceRow {
    /// In hexadecimal digits, as JSON keeps it.
    #[serde(with = "digits")]
    pub fingerprint: Vec<u8>,
    pub source: String,
    pub effective_at: Option<i64>,
    pub run_id: i64,
    pub sequence_number: Option<i64>,
    pub load_action: String,
    /// JSON as the database has it.
    pub fields: Option<String>,
}

mod digits {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::super::shelf::hex(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        super::super::shelf::bytes(&text).ok_or_else(|| D::Error::custom("no hexadecimal digits"))
    }
}

/// A field that a run changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    pub run_id: i64,
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub reason: Option<String>,
    pub sequence_number: Option<i64>,
}

/// A field that a decision changed.
#[derive(Debug, Clone)]
pub struct DecidedChange<'a> {
    pub entity: &'a str,
    pub core_id: i64,
    pub field: &'a str,
    /// Which change of the field it is in its run.
    pub ordinal: i64,
    pub before: Option<String>,
    pub after: Option<String>,
    pub winner: Option<String>,
    pub loser: Option<String>,
    pub reason: String,
    pub changed_by: &'a str,
}

impl Store {
    /// Merges, oldest first.
    pub async fn merges(&self, tenant: &str, filter: &MergeFilter) -> Result<Vec<MergeRow>> {
        self.session().await?.merges(tenant, filter).await
    }

    /// A merge with its documents; nothing where there is none of that number.
    pub async fn merge(&self, tenant: &str, id: i64) -> Result<Option<(MergeRow, MergeDocuments)>> {
        self.session().await?.merge(tenant, id).await
    }
}

impl Session {
    /// The same in the caller's transaction.
    pub async fn merges(&mut self, tenant: &str, filter: &MergeFilter) -> Result<Vec<MergeRow>> {
        let params =
            [tenant.into(), filter.core_table.clone().into(), filter.core_id.into(), filter.run.into()];
        self.rows(&LIST, &params).await?.iter().map(MergeRow::from_row).collect()
    }

    /// The same in the caller's transaction.
    pub async fn merge(&mut self, tenant: &str, id: i64) -> Result<Option<(MergeRow, MergeDocuments)>> {
        let rows = self.rows(&GET, &[tenant.into(), id.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let documents = MergeDocuments {
            before: json(row, 14)?.unwrap_or_default(),
            after: json(row, 15)?.unwrap_or_default(),
            undo: json(row, 16)?.unwrap_or_default(),
        };
        Ok(Some((MergeRow::from_row(row)?, documents)))
    }

    /// Writes a merge down and gives its number.
    pub async fn insert_merge(&mut self, fence: &Fence, merge: &NewMerge) -> Result<i64> {
        self.fence(fence).await?;
        let params = [
            fence.tenant().into(),
            fence.run_id().into(),
            merge.entity.as_str().into(),
            merge.core_table.as_str().into(),
            merge.winner.into(),
            merge.loser.into(),
            merge.suggestion.into(),
            json_text(&merge.documents.before).into(),
            json_text(&merge.documents.after).into(),
            json_text(&merge.documents.undo).into(),
            Value::Null,
            merge.score.map_or(Value::Null, Value::Float),
            merge.reason.clone().into(),
            merge.decided_by.as_str().into(),
        ];
        let rows = self.rows(&INSERT, &params).await?;
        rows.first().ok_or_else(|| StoreError::internal("a merge got no number"))?.int(0)
    }

    /// What a merge found and left is another thing now: one before it was taken back.
    pub async fn amend_merge(&mut self, fence: &Fence, id: i64, documents: &MergeDocuments) -> Result<()> {
        self.fence(fence).await?;
        let params = [
            fence.tenant().into(),
            id.into(),
            json_text(&documents.before).into(),
            json_text(&documents.after).into(),
            json_text(&documents.undo).into(),
        ];
        one(self.run(&AMEND, &params).await?, id)
    }

    /// A merge is taken back; `left` is what could not be.
    pub async fn part_merge(
        &mut self,
        fence: &Fence,
        id: i64,
        (partly, undo): (bool, &Json),
        actor: &str,
    ) -> Result<()> {
        self.fence(fence).await?;
        let params = [
            fence.tenant().into(),
            id.into(),
            if partly { "partly_undone" } else { "undone" }.into(),
            actor.into(),
            fence.run_id().into(),
            json_text(undo).into(),
        ];
        one(self.run(&PART, &params).await?, id)
    }

    /// The external ids of a row of core.
    pub async fn links_of(&mut self, tenant: &str, entity: &str, core_id: i64) -> Result<Vec<LinkRow>> {
        let rows = self.rows(&LINKS, &[tenant.into(), entity.into(), core_id.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(LinkRow {
                    system: row.text(1)?.to_owned(),
                    id: row.text(2)?.to_owned(),
                    last_run: row.int(4)?,
                })
            })
            .collect()
    }

    /// An external id belongs to another row of core. `known`: what its record says was loaded into that row.
    pub async fn move_link(
        &mut self,
        fence: &Fence,
        entity: &str,
        link: &LinkRow,
        (to, known): (i64, bool),
    ) -> Result<()> {
        self.fence(fence).await?;
        let params = [
            fence.tenant().into(),
            entity.into(),
            link.system.as_str().into(),
            link.id.as_str().into(),
            to.into(),
            known.into(),
        ];
        self.run(&LINK_MOVE, &params).await.map(|_| ())
    }

    /// Who wrote a row of core last; nothing where no run did.
    pub async fn provenance_of(
        &mut self,
        tenant: &str,
        entity: &str,
        core_id: i64,
    ) -> Result<Option<ProvenanceRow>> {
        let rows = self.rows(&PROVENANCE, &[tenant.into(), entity.into(), core_id.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(ProvenanceRow {
            fingerprint: row.opt_bytes(0)?.unwrap_or_default().to_vec(),
            source: row.text(1)?.to_owned(),
            effective_at: row.opt_timestamp(2)?,
            run_id: row.int(3)?,
            sequence_number: row.opt_int(4)?,
            load_action: row.text(5)?.to_owned(),
            fields: row.opt_text(6)?.map(str::to_owned),
        }))
    }

    /// Sets who wrote a row of core last, or that nobody did.
    pub async fn set_provenance(
        &mut self,
        fence: &Fence,
        entity: &str,
        core_id: i64,
        provenance: Option<&ProvenanceRow>,
    ) -> Result<()> {
        self.fence(fence).await?;
        let Some(it) = provenance else {
            let params = [fence.tenant().into(), entity.into(), core_id.into()];
            return self.run(&PROVENANCE_DROP, &params).await.map(|_| ());
        };
        let params = [
            fence.tenant().into(),
            entity.into(),
            core_id.into(),
            it.fingerprint.clone().into(),
            it.source.as_str().into(),
            it.effective_at.map_or(Value::Null, Value::Timestamp),
            it.run_id.into(),
            it.sequence_number.into(),
            it.load_action.as_str().into(),
            it.fields.clone().into(),
        ];
        self.run(&PROVENANCE_PUT, &params).await.map(|_| ())
    }

    /// What later runs changed of a row of core, oldest first.
    pub async fn changes_since(
        &mut self,
        tenant: &str,
        (entity, core_id): (&str, i64),
        run: i64,
    ) -> Result<Vec<ChangeRow>> {
        let params = [tenant.into(), entity.into(), core_id.into(), run.into()];
        let rows = self.rows(&CHANGES, &params).await?;
        let text = |row: &Row, index| Ok::<_, StoreError>(row.opt_text(index)?.map(str::to_owned));
        rows.iter()
            .map(|row| {
                Ok(ChangeRow {
                    run_id: row.int(0)?,
                    field: row.text(1)?.to_owned(),
                    before: text(row, 2)?,
                    after: text(row, 3)?,
                    reason: text(row, 4)?,
                    sequence_number: row.opt_int(5)?,
                })
            })
            .collect()
    }

    /// Writes down that a decision changed a field.
    pub async fn log_change(&mut self, fence: &Fence, change: &DecidedChange<'_>) -> Result<()> {
        self.fence(fence).await?;
        let params = [
            fence.tenant().into(),
            fence.run_id().into(),
            change.entity.into(),
            change.core_id.into(),
            change.field.into(),
            change.ordinal.into(),
            change.before.clone().into(),
            change.after.clone().into(),
            change.winner.clone().into(),
            change.loser.clone().into(),
            change.reason.as_str().into(),
            change.changed_by.into(),
        ];
        self.run(&CHANGE, &params).await.map(|_| ())
    }
}

fn one(rows: u64, id: i64) -> Result<()> {
    match rows {
        1 => Ok(()),
        _ => Err(StoreError::new(StoreErrorKind::Conflict, format!("merge {id} no longer stands"))),
    }
}
