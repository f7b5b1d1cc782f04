//! Namespaces of external ids, and what the store knows of itself.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::fence::Fence;
use super::status::NamespaceStatus;
use super::{AuditEntry, Result, Row, Statement, Store, StoreError, StoreErrorKind, ident, retry, statement};

const SEEN: Statement = statement!("namespaces_seen");
const NEW: Statement = statement!("namespaces_new");
const GET: Statement = statement!("namespace_get");
const LIST: Statement = statement!("namespace_list");
const DECIDE: Statement = statement!("namespace_decide");
const INFO: Statement = statement!("store_info");

/// One namespace as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Its name.
    pub external_system: String,
    /// What was decided on it.
    pub status: NamespaceStatus,
    /// The run that met it first.
    pub first_run_id: Option<i64>,
    /// When.
    pub first_seen_at: Option<i64>,
    /// When it was decided on.
    pub decided_at: Option<i64>,
    /// By whom.
    pub decided_by: Option<String>,
}

/// Namespaces that a run was the first to meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNamespaces {
    /// How many.
    pub count: u64,
    /// The first of them, in the order of their names.
    pub named: Vec<String>,
}

/// What a lake is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreInfo {
    /// A random number given at the first migration.
    pub store_id: String,
    /// When that was.
    pub created_at: Option<i64>,
}

impl Store {
    /// Writes the namespaces of a run down, the first column of these rows, and gives those that were never seen before, or
    /// by this run first: so many of them by name.
    pub async fn see_namespaces(
        &self,
        fence: &Fence,
        (schema, batches): (&SchemaRef, &[RecordBatch]),
        named: usize,
    ) -> Result<NewNamespaces> {
        retry::transient(|| async {
            let mut session = self.begin_fenced(fence).await?;
            let dialect = session.dialect();
            let keys = session.temp_from_batches("importer_namespaces", schema, batches).await?.sql(dialect);
            let column = ident(schema.field(0).name());
            let text = |statement: Statement| {
                statement.text(dialect).replace("{keys}", &keys).replace("{column}", &column)
            };
            let params = [fence.tenant().into(), fence.run_id().into()];
            session.execute(&text(SEEN), &params).await?;
            // A run that is taken up again says the same as before.
            let rows = session.fetch(&text(NEW), &params).await?;
            session.commit().await?;
            let names = rows.iter().take(named).map(|row| Ok(row.text(0)?.to_owned()));
            Ok(NewNamespaces { count: rows.len() as u64, named: names.collect::<Result<_>>()? })
        })
        .await
    }

    /// One namespace, if it was ever seen.
    pub async fn get_namespace(&self, tenant: &str, external_system: &str) -> Result<Option<Namespace>> {
        let mut session = self.session().await?;
        let rows = session.rows(&GET, &[tenant.into(), external_system.into()]).await?;
        rows.first().map(Namespace::from_row).transpose()
    }

    /// All namespaces of a tenant.
    pub async fn list_namespaces(&self, tenant: &str) -> Result<Vec<Namespace>> {
        let mut session = self.session().await?;
        session.rows(&LIST, &[tenant.into()]).await?.iter().map(Namespace::from_row).collect()
    }

    /// Approves or refuses a namespace that was seen.
    pub async fn decide_namespace(
        &self,
        tenant: &str,
        external_system: &str,
        status: NamespaceStatus,
        actor: &str,
    ) -> Result<()> {
        let mut session = self.begin().await?;
        let params = [tenant.into(), external_system.into(), status.as_str().into(), actor.into()];
        let before = session.rows(&GET, &[tenant.into(), external_system.into()]).await?;
        let before = before.first().map(Namespace::from_row).transpose()?;
        if session.run(&DECIDE, &params).await? == 0 {
            return Err(StoreError::new(
                StoreErrorKind::NotFound,
                format!("the namespace {external_system} was never seen"),
            ));
        }
        let entry = AuditEntry {
            action: "NAMESPACE_DECIDED".to_owned(),
            actor: actor.to_owned(),
            target_type: Some("namespace".to_owned()),
            target_id: Some(external_system.to_owned()),
            run_id: None,
            details_json: serde_json::json!({
                "before": { "status": before.map(|n| n.status.as_str()) },
                "after": { "status": status.as_str() },
            }),
        };
        session.audit(tenant, &entry).await?;
        session.commit().await
    }

    /// The store's own number.
    pub async fn store_info(&self) -> Result<StoreInfo> {
        let mut session = self.session().await?;
        let rows = session.rows(&INFO, &[]).await?;
        let row = rows.first().ok_or_else(|| {
            StoreError::new(StoreErrorKind::Migration, "the store has no number of its own")
        })?;
        Ok(StoreInfo { store_id: row.text(0)?.to_owned(), created_at: row.opt_timestamp(1)? })
    }
}

impl Namespace {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            external_system: row.text(0)?.to_owned(),
            status: row.text(1)?.parse()?,
            first_run_id: row.opt_int(2)?,
            first_seen_at: row.opt_timestamp(3)?,
            decided_at: row.opt_timestamp(4)?,
            decided_by: row.opt_text(5)?.map(str::to_owned),
        })
    }
}
