//! One connection: statements, transactions, locks.
//!
//! A session dropped inside a transaction is rolled back. Temporary tables live until the end of the transaction they
//! were made in (both databases behave alike: on SQLite we drop them before COMMIT); made outside one, until the
//! session ends, whose connection is then closed instead of going back to the pool.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor, Postgres, Sqlite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use xxhash_rust::xxh3::xxh3_64;

use super::answers::TableAnswers;
use super::fence::Fence;
use super::value::{self, Row, Value};
use super::{Dialect, Result, Statement, StoreError, StoreErrorKind, Table};

#[derive(Debug)]
pub(super) enum Connection {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

/// A temporary table of this session.
#[derive(Debug)]
pub(super) struct TempTable {
    pub(super) name: String,
    pub(super) transactional: bool,
}

/// One connection of the store. See the module's text.
#[derive(Debug)]
pub struct Session {
    pub(super) connection: Connection,
    pub(super) temp_tables: Vec<TempTable>,
    /// Names and columns of all temporary tables this session ever made.
    pub(super) temp_history: Vec<(String, String)>,
    /// What was asked of tables, by this session or by those that it shares with.
    pub(super) answers: TableAnswers,
    transaction: bool,
    deferred: bool,
    /// What this transaction was found to be allowed by, until it ends.
    fenced: Option<Fence>,
    /// The same when each open savepoint was made: what is locked after it is let go with it.
    fenced_before: Vec<Option<Fence>>,
    writer: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Session {
    pub(super) fn new(connection: Connection, writer: Arc<Semaphore>) -> Self {
        Self {
            connection,
            temp_tables: Vec::new(),
            temp_history: Vec::new(),
            answers: TableAnswers::default(),
            transaction: false,
            deferred: false,
            fenced: None,
            fenced_before: Vec::new(),
            writer,
            permit: None,
        }
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Postgres(_) => Dialect::Postgres,
            Connection::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.transaction
    }

    /// Begins a transaction; on SQLite it holds the file's only write lock from here to commit or rollback.
    pub async fn begin(&mut self) -> Result<()> {
        if self.in_transaction() {
            return Err(StoreError::internal("a transaction is open already"));
        }
        // Set before the statement: should it be interrupted, the connection is closed and not reused.
        self.transaction = true;
        self.unfence();
        match self.dialect() {
            Dialect::Postgres => self.execute_script("BEGIN").await?,
            Dialect::Sqlite => {
                let permit = Arc::clone(&self.writer)
                    .acquire_owned()
                    .await
                    .map_err(|_| StoreError::new(StoreErrorKind::ConnectionLost, "the store was closed"))?;
                if let Err(error) = self.execute_script("BEGIN IMMEDIATE").await {
                    self.transaction = false;
                    return Err(error);
                }
                self.permit = Some(permit);
            }
        }
        Ok(())
    }

    /// Commits. Temporary tables made in the transaction are gone afterwards.
    pub async fn commit(&mut self) -> Result<()> {
        if !self.in_transaction() {
            return Err(StoreError::internal("no transaction is open"));
        }
        fail::fail_point!("store::before_commit", |_| Err(StoreError::new(
            StoreErrorKind::ConnectionLost,
            "failpoint store::before_commit"
        )));
        self.drop_transactional_temp_tables().await?;
        self.execute_script("COMMIT").await?;
        self.transaction = false;
        self.unfence();
        self.permit = None;
        fail::fail_point!("store::after_commit", |_| Err(StoreError::new(
            StoreErrorKind::ConnectionLost,
            "failpoint store::after_commit"
        )));
        Ok(())
    }

    /// Marks a place in the transaction that can be gone back to.
    pub async fn savepoint(&mut self) -> Result<()> {
        self.execute_script("SAVEPOINT importer_part").await?;
        self.fenced_before.push(self.fenced.clone());
        Ok(())
    }

    /// What was written since the last savepoint stays.
    pub async fn release(&mut self) -> Result<()> {
        self.execute_script("RELEASE SAVEPOINT importer_part").await?;
        self.fenced_before.pop();
        Ok(())
    }

    /// Nothing stays of what was written since the last savepoint. Temporary tables made since are gone with it.
    ///
    /// False where the database has ended the whole transaction by itself, as SQLite does for `RAISE(ROLLBACK)` and
    /// `ON CONFLICT ROLLBACK`: then nothing stays of the transaction, and none is open.
    pub async fn rollback_to_savepoint(&mut self) -> Result<bool> {
        let sql = "ROLLBACK TO SAVEPOINT importer_part; RELEASE SAVEPOINT importer_part";
        match self.execute_script(sql).await {
            Ok(()) => self.fenced = self.fenced_before.pop().flatten(),
            Err(error) if self.is_over(&error, "no such savepoint") => {
                self.ended();
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Whether an error says that SQLite has ended the transaction already; the driver does not tell otherwise.
    fn is_over(&self, error: &StoreError, words: &str) -> bool {
        self.dialect() == Dialect::Sqlite && error.message().contains(words)
    }

    /// No transaction is open any more, and nothing of it stays.
    fn ended(&mut self) {
        self.transaction = false;
        self.unfence();
        self.temp_tables.retain(|table| !table.transactional);
        self.permit = None;
    }

    /// Whether this transaction was found to be allowed by a fence already.
    pub(super) fn is_fenced(&self, fence: &Fence) -> bool {
        self.fenced.as_ref() == Some(fence)
    }

    /// Remembers that a fence holds until this transaction ends.
    pub(super) fn set_fenced(&mut self, fence: &Fence) {
        self.fenced = Some(fence.clone());
    }

    fn unfence(&mut self) {
        self.fenced = None;
        self.fenced_before.clear();
    }

    /// Remembers whether something was found only at a commit.
    pub fn defer(&mut self, found: bool) {
        self.deferred = found;
    }

    /// Whether something was found only at a commit before.
    pub fn defers(&self) -> bool {
        self.deferred
    }

    /// Rolls back; nothing happens when no transaction is open.
    pub async fn rollback(&mut self) -> Result<()> {
        if self.in_transaction()
            && let Err(error) = self.execute_script("ROLLBACK").await
            && !self.is_over(&error, "no transaction is active")
        {
            return Err(error);
        }
        self.ended();
        Ok(())
    }

    /// Runs one statement with parameters (`$1`, `$2`, … in both databases) and gives the number of rows touched.
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let persistent = !params.contains(&Value::Null);
        Ok(match &mut self.connection {
            Connection::Postgres(connection) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), value::postgres_arguments(params)?);
                (**connection).execute(query.persistent(persistent)).await?.rows_affected()
            }
            Connection::Sqlite(connection) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), value::sqlite_arguments(params)?);
                (**connection).execute(query).await?.rows_affected()
            }
        })
    }

    /// Runs several statements without parameters.
    pub async fn execute_script(&mut self, sql: &str) -> Result<()> {
        self.execute_text(sql).await.map(|_| ())
    }

    /// The same, with the number of rows touched.
    pub(super) async fn execute_text(&mut self, sql: &str) -> Result<u64> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        Ok(match &mut self.connection {
            Connection::Postgres(connection) => (**connection).execute(sql).await?.rows_affected(),
            Connection::Sqlite(connection) => (**connection).execute(sql).await?.rows_affected(),
        })
    }

    /// Runs a query whose result is small. Large results: [`Session::read`].
    pub async fn fetch(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        // A statement first prepared with an untyped NULL would fix that parameter's type for later calls.
        let persistent = !params.contains(&Value::Null);
        match &mut self.connection {
            Connection::Postgres(connection) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), value::postgres_arguments(params)?);
                let rows = (**connection).fetch_all(query.persistent(persistent)).await?;
                rows.iter().map(value::from_postgres).collect()
            }
            Connection::Sqlite(connection) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), value::sqlite_arguments(params)?);
                let rows = (**connection).fetch_all(query).await?;
                rows.iter().map(value::from_sqlite).collect()
            }
        }
    }

    /// The first row, if any.
    pub async fn fetch_optional(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.fetch(sql, params).await?.into_iter().next())
    }

    /// The first row; no row is an error.
    pub async fn fetch_one(&mut self, sql: &str, params: &[Value]) -> Result<Row> {
        self.fetch_optional(sql, params)
            .await?
            .ok_or_else(|| StoreError::new(StoreErrorKind::NotFound, "the query gave no row"))
    }

    pub(super) async fn run(&mut self, statement: &Statement, params: &[Value]) -> Result<u64> {
        let sql = statement.text(self.dialect());
        self.execute(sql, params).await
    }

    pub(super) async fn rows(&mut self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>> {
        let sql = statement.text(self.dialect());
        self.fetch(sql, params).await
    }

    /// Waits until no other load transaction works on this tenant and entity, and keeps others out until the end of
    /// this transaction. On SQLite BEGIN IMMEDIATE has done so already.
    pub async fn lock_entity(&mut self, tenant: &str, entity: &str) -> Result<()> {
        self.lock_key(&["entity", tenant, entity]).await?;
        self.lock_key(&["entity lanes", tenant, entity]).await
    }

    /// The same for one of several load transactions of a run that stand behind one [`EntityGate`](super::EntityGate).
    pub async fn share_entity(&mut self, tenant: &str, entity: &str) -> Result<()> {
        let sql = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../sql/store/postgres/lock_transaction_shared.sql"
        ));
        self.lock_with(sql, &["entity lanes", tenant, entity]).await
    }

    /// An advisory lock of this transaction (Postgres); the whole file is locked on SQLite.
    pub(super) async fn lock_key(&mut self, parts: &[&str]) -> Result<()> {
        let sql =
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../sql/store/postgres/lock_transaction.sql"));
        self.lock_with(sql, parts).await
    }

    async fn lock_with(&mut self, sql: &str, parts: &[&str]) -> Result<()> {
        if !self.in_transaction() {
            return Err(StoreError::internal("a lock is taken outside a transaction"));
        }
        if self.dialect() == Dialect::Postgres {
            self.fetch(sql, &[Value::Int(lock_number(parts))]).await?;
        }
        Ok(())
    }

    /// The store's clock, microseconds since 1970 UTC.
    pub async fn now(&mut self) -> Result<i64> {
        const NOW: Statement = super::statement!("now");
        let rows = self.rows(&NOW, &[]).await?;
        let row = rows.first().ok_or_else(|| StoreError::internal("the clock gave no row"))?;
        row.opt_timestamp(0)?.ok_or_else(|| StoreError::internal("the clock gave nothing"))
    }

    /// Whether the connection still answers.
    pub async fn ping(&mut self) -> Result<()> {
        match &mut self.connection {
            Connection::Postgres(connection) => connection.ping().await?,
            Connection::Sqlite(connection) => connection.ping().await?,
        }
        Ok(())
    }

    /// Closes the connection instead of giving it back to the pool.
    pub(super) fn discard_on_drop(&mut self) {
        match &mut self.connection {
            Connection::Postgres(connection) => connection.close_on_drop(),
            Connection::Sqlite(connection) => connection.close_on_drop(),
        }
    }

    async fn drop_transactional_temp_tables(&mut self) -> Result<()> {
        if self.dialect() == Dialect::Sqlite {
            let names: Vec<String> = self
                .temp_tables
                .iter()
                .filter(|table| table.transactional)
                .map(|table| Table::temp(table.name.as_str()).sql(Dialect::Sqlite))
                .collect();
            for name in names {
                self.execute_script(&format!("DROP TABLE IF EXISTS {name}")).await?;
            }
        }
        self.temp_tables.retain(|table| !table.transactional);
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The server rolls back when the connection closes.
        if self.transaction || self.temp_tables.iter().any(|table| !table.transactional) {
            self.discard_on_drop();
        }
    }
}

/// The number of an advisory lock: the same words give the same number in every process.
pub(super) fn lock_number(parts: &[&str]) -> i64 {
    let mut text = String::from("importer");
    for part in parts {
        text.push('\u{1f}');
        text.push_str(part);
    }
    i64::from_ne_bytes(xxh3_64(text.as_bytes()).to_ne_bytes())
}
