//! The golden cases of `testdata/golden`: every case on both databases, and again with another partition count, batch
//! size and chunk size, under the policies of larger runs, and some (in the long set all) with a lake in a bucket, with equal
//! results. And the cases of `testdata/field`, situations from bug reports of importers.

mod case;
mod people;
mod runner;

use importer_engine::store::Dialect;

macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::runner::run(&super::case::root().join(stringify!($name)), super::Dialect::Sqlite, super::runner::USUAL).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::runner::run(&super::case::root().join(stringify!($name)), super::Dialect::Postgres, super::runner::USUAL).await;
            })*
        }
        mod every_case_in_a_bucket {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "long: ./test --long"]
            async fn $name() {
                super::in_a_bucket(stringify!($name)).await;
            })*
        }
        mod other_shape {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::runner::run(&super::case::root().join(stringify!($name)), super::Dialect::Sqlite, super::runner::OTHER).await;
            })*
        }
        mod large {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::runner::run(&super::case::root().join(stringify!($name)), super::Dialect::Postgres, super::runner::LARGE).await;
            })*
        }
        mod frugal {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::runner::run(&super::case::root().join(stringify!($name)), super::Dialect::Sqlite, super::runner::FRUGAL).await;
            })*
        }
    };
}

cases!(
    all_or_nothing,
    ambiguous,
    changed_payload,
    combined,
    compatible_names,
    dry_run,
    dual_match,
    duplicate_skip,
    email_only,
    encodings,
    external_id_required,
    household,
    invalid,
    localised_headers,
    manual_edits,
    missing_header,
    no_key,
    not_a_table,
    out_of_order,
    partial_replay,
    phone_only,
    policy_update,
    ragged_and_torn,
    repeated_columns,
    replay,
    reused_id,
    several_files,
    soft_delete_and_return,
    source_repeats_itself,
    survivorship_conflicts,
    ties,
    verified_vs_newest,
);

/// The cases that differ in what goes into the lake. All others are in the long set: the server that stands in for a bucket
/// takes more of their time than Importer does.
mod bucket {
    macro_rules! cases {
        ($($name:ident),*) => {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::in_a_bucket(stringify!($name)).await;
            })*
        };
    }

    cases!(
        all_or_nothing,
        dry_run,
        invalid,
        manual_edits,
        replay,
        several_files,
        soft_delete_and_return,
        ties
    );
}

async fn in_a_bucket(name: &str) {
    if crate::store::harness::has_bucket() {
        runner::run(&case::root().join(name), Dialect::Sqlite, runner::BUCKET).await;
    }
}

/// Situations from the field: every folder of `testdata/field` with a `case.toml`, those of ten numbers in one test.
mod field {
    use std::path::PathBuf;

    use futures::StreamExt;

    use super::{Dialect, case, runner};

    /// Cases that run side by side.
    const AT_ONCE: usize = 4;

    fn folders(first: char) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = std::fs::read_dir(case::field())
            .expect("the folder of cases")
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.join("case.toml").exists())
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(first)))
            .collect();
        found.sort();
        found
    }

    /// Runs the cases that begin with a digit; all that fail are named.
    async fn of(first: char, dialect: Dialect) {
        let only = std::env::var("IMPORTER_TEST_CASE").ok();
        let wanted = folders(first).into_iter().filter(|folder| {
            only.as_ref().is_none_or(|only| folder.display().to_string().contains(only.as_str()))
        });
        let outcomes = futures::stream::iter(wanted.map(|folder| async move {
            let at = folder.clone();
            let ran = tokio::spawn(async move { runner::run(&at, dialect, runner::USUAL).await });
            ran.await.err().map(|_| folder.file_name().unwrap_or_default().to_string_lossy().into_owned())
        }));
        let failed: Vec<String> =
            outcomes.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
        assert!(failed.is_empty(), "failed, with the reason above: {failed:?}");
    }

    macro_rules! tens {
        ($($name:ident: $first:literal),*) => {
            mod sqlite {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::of($first, super::Dialect::Sqlite).await;
                })*
            }
            mod postgres {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::of($first, super::Dialect::Postgres).await;
                })*
            }
        };
    }

    tens!(n0: '0', n1: '1', n2: '2', n3: '3', n4: '4', n5: '5', n6: '6', n7: '7', n8: '8', n9: '9');

    #[test]
    fn every_case_has_a_number() {
        let all = std::fs::read_dir(case::field()).expect("the folder of cases").count();
        let found: usize = ('0'..='9').map(|first| folders(first).len()).sum();
        assert_eq!(found + 1, all, "beside the cases there is a README only");
    }
}

/// A case that is in the folder and not in the list would never run.
#[test]
fn every_case_is_listed() {
    let mut found: Vec<String> = std::fs::read_dir(case::root())
        .expect("the golden folder")
        .filter_map(|e| e.ok())
        .filter(|e| e.path().join("case.toml").exists())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, NAMES);
}
