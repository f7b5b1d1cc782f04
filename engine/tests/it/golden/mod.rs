//! The golden cases of `testdata/golden`: every case on both databases, and again with another partition count, batch
//! size and chunk size, with equal results. And the cases of `testdata/field`, situations from bug reports of importers.

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
        mod other_shape {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::runner::run(&super::case::root().join(stringify!($name)), super::Dialect::Sqlite, super::runner::OTHER).await;
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

/// Situations from the field: every folder of `testdata/field` with a `case.toml`.
mod field {
    use std::path::PathBuf;

    use rstest::rstest;

    use super::{Dialect, runner};

    #[rstest]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite(#[files("../testdata/field/*/case.toml")] case: PathBuf) {
        runner::run(case.parent().expect("a folder"), Dialect::Sqlite, runner::USUAL).await;
    }

    #[rstest]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres(#[files("../testdata/field/*/case.toml")] case: PathBuf) {
        runner::run(case.parent().expect("a folder"), Dialect::Postgres, runner::USUAL).await;
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
