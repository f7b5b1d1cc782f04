//! Core ids: ranges of the table's own sequence, taken per run and committed before their first use.

use super::fence::Fence;
use super::session::Session;
use super::{Dialect, Result, Statement, Store, StoreError, StoreErrorKind, Table, ident, retry, statement};

const LIST: Statement = statement!("ids_list");
const INSERT: Statement = statement!("ids_insert");
const DRAW: Statement = statement!("ids_draw");
const FORGET: Statement = statement!("ids_forget");

/// What ids are taken for.
#[derive(Debug, Clone)]
pub struct IdRequest {
    /// The entity that is created.
    pub entity: String,
    /// Which resolution of the run.
    pub round: i64,
    /// The core table whose sequence gives the numbers.
    pub table: String,
    /// Its column with the core id.
    pub id_column: String,
    /// Its rows say whose they are.
    pub has_tenant: bool,
    /// How many.
    pub count: i64,
}

/// `count` neighbouring ids from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// The first.
    pub first: i64,
    /// How many.
    pub count: i64,
}

impl Store {
    /// Takes ids and commits them; asked again for the same run, entity and round, gives the same ones.
    pub async fn take_ids(&self, fence: &Fence, request: &IdRequest) -> Result<Vec<IdRange>> {
        if request.count <= 0 {
            return Ok(Vec::new());
        }
        retry::transient(|| async {
            let mut session = self.begin_fenced(fence).await?;
            let (tenant, run_id) = (fence.tenant(), fence.run_id());
            session.lock_key(&["ids", tenant, &run_id.to_string(), &request.entity]).await?;
            let known = session.known_ids((tenant, run_id), &request.entity, request.round).await?;
            if !known.is_empty() {
                session.rollback().await?;
                return enough(run_id, request, known);
            }
            let ranges = session.draw_ids(tenant, request).await?;
            for (range, ordinal) in ranges.iter().zip(0i64..) {
                let params = [
                    tenant.into(),
                    run_id.into(),
                    request.entity.as_str().into(),
                    request.round.into(),
                    ordinal.into(),
                    range.first.into(),
                    range.count.into(),
                ];
                session.run(&INSERT, &params).await?;
            }
            session.commit().await?;
            enough(run_id, request, ranges)
        })
        .await
    }
}

impl Store {
    /// Forgets the ids that a run took from a round on, because that round will be computed anew. Only for rounds of
    /// which no chunk is committed.
    pub async fn forget_ids(&self, fence: &Fence, round: i64) -> Result<()> {
        retry::transient(|| async {
            let mut session = self.begin_fenced(fence).await?;
            session.run(&FORGET, &[fence.tenant().into(), fence.run_id().into(), round.into()]).await?;
            session.commit().await
        })
        .await
    }
}

fn enough(run_id: i64, request: &IdRequest, ranges: Vec<IdRange>) -> Result<Vec<IdRange>> {
    let taken: i64 = ranges.iter().map(|range| range.count).sum();
    if taken >= request.count {
        return Ok(ranges);
    }
    Err(StoreError::new(
        StoreErrorKind::Conflict,
        format!("run {run_id} took {taken} ids in this round before, {} are asked for", request.count),
    ))
}

impl Session {
    pub(super) async fn known_ids(
        &mut self,
        (tenant, run_id): (&str, i64),
        entity: &str,
        round: i64,
    ) -> Result<Vec<IdRange>> {
        let params = [tenant.into(), run_id.into(), entity.into(), round.into()];
        let rows = self.rows(&LIST, &params).await?;
        rows.iter().map(|row| Ok(IdRange { first: row.int(0)?, count: row.int(1)? })).collect()
    }

    async fn draw_ids(&mut self, tenant: &str, request: &IdRequest) -> Result<Vec<IdRange>> {
        let table = Table::core(request.table.as_str()).sql(self.dialect());
        match self.dialect() {
            Dialect::Postgres => {
                let column = request.id_column.as_str();
                let rows = self.rows(&DRAW, &[table.into(), request.count.into(), column.into()]).await?;
                rows.iter()
                    .map(|row| match row.bool(2)? {
                        true => Ok(IdRange { first: row.int(0)?, count: row.int(1)? }),
                        false => Err(StoreError::internal("the sequence does not rise by one")),
                    })
                    .collect()
            }
            Dialect::Sqlite => {
                let id = ident(&request.id_column);
                let highest = match request.has_tenant {
                    true => {
                        let sql = format!("SELECT coalesce(max({id}), 0) FROM {table} WHERE tenant_id = $1");
                        self.fetch_one(&sql, &[tenant.into()]).await?.int(0)?
                    }
                    false => {
                        let sql = format!("SELECT coalesce(max({id}), 0) FROM {table}");
                        self.fetch_one(&sql, &[]).await?.int(0)?
                    }
                };
                let first = self.raise_counter(&request.table, request.count, highest).await?;
                Ok(vec![IdRange { first, count: request.count }])
            }
        }
    }

    /// Takes neighbouring numbers of a counter of SQLite, above the highest one that is in use, and gives the first.
    pub(super) async fn raise_counter(&mut self, name: &str, count: i64, highest: i64) -> Result<i64> {
        let rows = self.rows(&DRAW, &[name.into(), count.into(), highest.into()]).await?;
        rows.first().ok_or_else(|| StoreError::internal("the counter gave no row"))?.int(0)
    }
}
