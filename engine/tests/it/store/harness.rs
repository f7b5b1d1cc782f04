//! A fresh store per case, on either database, dropped at the end even when the case fails.

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use futures::FutureExt;
use importer_engine::store::{Store, StoreOptions, UpgradeOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A store for one case.
pub struct TestStore {
    pub store: Store,
    pub options: StoreOptions,
}

impl TestStore {
    /// A second, independent pool on the same store, as another process would open it.
    pub async fn reopen(&self) -> Store {
        Store::connect(self.options.clone()).await.expect("the store opens again")
    }

    /// Applies all migrations.
    pub async fn upgraded(&self) -> &Store {
        self.store.upgrade(UpgradeOptions::default()).await.expect("migrations apply");
        &self.store
    }
}

type Case<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

fn unique_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos());
    format!(
        "importer_test_{}_{}_{}",
        process::id(),
        nanos % 1_000_000_000,
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

async fn run(
    options: StoreOptions,
    case: impl for<'a> FnOnce(&'a TestStore) -> Case<'a>,
) -> std::thread::Result<()> {
    let store = Store::connect(options.clone()).await.expect("the store opens");
    let test = TestStore { store, options };
    let outcome = AssertUnwindSafe(case(&test)).catch_unwind().await;
    if outcome.is_ok() {
        test.store.close().await;
    }
    outcome
}

/// Whether lakes in a bucket can be tested; says so where they were left out on purpose.
pub fn has_bucket() -> bool {
    match std::env::var("IMPORTER_TEST_S3").as_deref() {
        Ok("off") => {
            eprintln!("SKIPPED: IMPORTER_TEST_S3 is off, lakes in a bucket are not tested");
            false
        }
        Ok(_) => true,
        Err(_) => panic!("IMPORTER_TEST_S3 is not set: run ./test, which starts a private server"),
    }
}

/// A folder of its own in the test server's bucket.
pub fn bucket_folder() -> String {
    format!("s3://importer-test/{}", unique_name())
}

/// Runs a case on Postgres.
pub async fn on_postgres(case: impl for<'a> FnOnce(&'a TestStore) -> Case<'a>) {
    let Ok(server) = std::env::var("IMPORTER_TEST_POSTGRES") else {
        panic!("IMPORTER_TEST_POSTGRES is not set: run ./test, which starts a private Postgres");
    };
    let name = unique_name();
    let mut admin = PgConnection::connect(&server).await.expect("the test server answers");
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database for the case");
    let mut url = url::Url::parse(&server).expect("IMPORTER_TEST_POSTGRES is a URL");
    url.set_path(&name);
    let options = StoreOptions::new(url.as_str().parse().expect("a store URL"));
    let outcome = run(options, case).await;
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    admin.execute(AssertSqlSafe(drop)).await.expect("the database goes away");
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Runs a case on SQLite.
pub async fn on_sqlite(case: impl for<'a> FnOnce(&'a TestStore) -> Case<'a>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}/sub/store.db", folder.path().display());
    let outcome = run(StoreOptions::new(url.parse().expect("a store URL")), case).await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Makes a test per database out of each `async fn case(test: &TestStore)`.
macro_rules! on_both {
    ($($(#[$attribute:meta])* $case:ident),* $(,)?) => {
        mod postgres {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::store::harness::on_postgres(|test| Box::pin(super::$case(test))).await;
            })*
        }
        mod sqlite {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::store::harness::on_sqlite(|test| Box::pin(super::$case(test))).await;
            })*
        }
    };
}

pub(crate) use on_both;
