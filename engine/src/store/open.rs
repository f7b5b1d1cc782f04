//! Opening a store: pools, and what every connection is told before its first statement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Executor, PgPool, SqlitePool};
use tokio::sync::Semaphore;

use super::session::{Connection, Session};
use super::{Dialect, Durability, Result, StoreError, StoreErrorKind, StoreOptions, StoreUrl, ident, retry};

/// An open store. Cheap to clone; clones share the pool.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pool: Pool,
    options: StoreOptions,
    /// SQLite has one writer per file: tasks of this process queue here, in order, instead of polling the lock.
    writer: Arc<Semaphore>,
}

#[derive(Debug)]
enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Store {
    /// Opens the pool and proves with one connection that the store answers.
    pub async fn connect(options: StoreOptions) -> Result<Self> {
        let pool = match options.url.clone() {
            StoreUrl::Postgres(url) => Pool::Postgres(postgres_pool(url.as_str(), &options).await?),
            StoreUrl::Sqlite(path) => {
                if options.create {
                    make_folder(&path)?;
                }
                Pool::Sqlite(sqlite_pool(&path, &options).await?)
            }
        };
        Ok(Self { inner: Arc::new(Inner { pool, options, writer: Arc::new(Semaphore::new(1)) }) })
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        self.inner.options.url.dialect()
    }

    /// Where it is; prints without password.
    pub fn url(&self) -> &StoreUrl {
        &self.inner.options.url
    }

    /// How it was opened.
    pub fn options(&self) -> &StoreOptions {
        &self.inner.options
    }

    /// One connection of its own, outside a transaction.
    pub async fn session(&self) -> Result<Session> {
        let connection = match &self.inner.pool {
            Pool::Postgres(pool) => {
                comes_back(pool).await;
                Connection::Postgres(pool.acquire().await?)
            }
            Pool::Sqlite(pool) => Connection::Sqlite(pool.acquire().await?),
        };
        Ok(Session::new(connection, Arc::clone(&self.inner.writer)))
    }

    /// One connection with a transaction begun: BEGIN on Postgres, BEGIN IMMEDIATE on SQLite.
    pub async fn begin(&self) -> Result<Session> {
        let mut session = self.session().await?;
        session.begin().await?;
        Ok(session)
    }

    /// Waits for connections in use to come back and closes all.
    pub async fn close(&self) {
        match &self.inner.pool {
            Pool::Postgres(pool) => pool.close().await,
            Pool::Sqlite(pool) => pool.close().await,
        }
    }
}

/// The pool looks at a connection that was given back before it lends it again, and meanwhile opens another one for who
/// asks. A new server process costs ten times this.
const COMES_BACK: Duration = Duration::from_millis(1);

/// Waits a moment for a connection that is on its way back. No timer is as short as that way.
async fn comes_back(pool: &PgPool) {
    let begun = Instant::now();
    while pool.size() > 0 && pool.num_idle() == 0 && begun.elapsed() < COMES_BACK {
        tokio::task::yield_now().await;
    }
}

/// How long a server that lets us in usually takes.
const LET_IN: Duration = Duration::from_millis(100);
/// How long the database may take to answer the first time.
const FIRST_CONNECTION: Duration = Duration::from_secs(15);

async fn postgres_pool(url: &str, options: &StoreOptions) -> Result<PgPool> {
    let connect: PgConnectOptions = url
        .parse()
        .map_err(|_| StoreError::new(StoreErrorKind::Address, "the Postgres URL is not understood"))?;
    let connect = connect.application_name("importer");
    // set_config and not startup parameters: connection poolers refuse those.
    let search_path = ident(&options.core_schema);
    let millis = |duration: Duration| duration.as_millis().to_string();
    let settings = Arc::new([
        search_path,
        millis(options.statement_timeout),
        millis(options.lock_timeout),
        millis(options.idle_transaction_timeout),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections.max(2))
        .acquire_timeout(Duration::from_secs(60))
        .after_connect(move |connection, _| {
            let settings = Arc::clone(&settings);
            Box::pin(async move {
                let [path, statement, lock, idle] = &*settings;
                let query = sqlx::query(include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/../sql/store/postgres/session_settings.sql"
                )))
                .bind(path)
                .bind(statement)
                .bind(lock)
                .bind(idle);
                connection.execute(query).await?;
                Ok(())
            })
        });
    let open = retry::transient(|| async { Ok(pool.clone().connect_with(connect.clone()).await?) });
    // A pool goes on knocking for a minute; where it is not let in at once, a knock of our own tells why.
    let knock = async {
        tokio::time::sleep(LET_IN).await;
        match tokio::time::timeout(FIRST_CONNECTION, sqlx::PgConnection::connect_with(&connect)).await {
            Ok(Ok(connection)) => Ok(connection.close().await?),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(StoreError::new(
                StoreErrorKind::Connect,
                "the database cannot be reached: it does not answer",
            )),
        }
    };
    let (open, knock) = (std::pin::pin!(open), std::pin::pin!(knock));
    let opened = match select(open, knock).await {
        Either::Left((opened, _)) => opened,
        Either::Right((Ok(()), open)) => open.await,
        Either::Right((Err(error), _)) => Err(error),
    };
    opened.map_err(unreachable)
}

async fn sqlite_pool(path: &std::path::Path, options: &StoreOptions) -> Result<SqlitePool> {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(options.create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match options.durability {
            Durability::Normal => SqliteSynchronous::Normal,
            Durability::Full => SqliteSynchronous::Full,
        })
        .foreign_keys(true)
        .busy_timeout(options.lock_timeout)
        // 64 MiB of pages per connection, and a checkpoint every 64 MiB of log instead of every 4: a bulk load
        // writes its hot pages once per checkpoint.
        .pragma("cache_size", "-65536")
        .pragma("wal_autocheckpoint", "16384")
        .row_buffer_size(1024)
        .command_buffer_size(8);
    let pool = SqlitePoolOptions::new()
        .max_connections(options.max_connections.max(2))
        .acquire_timeout(Duration::from_secs(60));
    retry::transient(|| async { Ok(pool.clone().connect_with(connect.clone()).await?) }).await
}

/// A refused connection is an I/O error to the driver; at this point it means that nobody listens.
fn unreachable(error: StoreError) -> StoreError {
    if error.kind() == StoreErrorKind::ConnectionLost {
        return StoreError::new(StoreErrorKind::Connect, format!("the database cannot be reached: {error}"));
    }
    error
}

fn make_folder(path: &std::path::Path) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| {
        StoreError::new(
            StoreErrorKind::Storage,
            format!("the folder of the SQLite file cannot be made: {}", error.kind()),
        )
    })
}
