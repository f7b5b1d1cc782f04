//! The lake is for everybody: DuckDB reads it by glob, pandas and PyArrow by folder.

use std::process::Command;

use importer_engine::request::RunRequest;
use serde_json::{Value, json};

use super::ground::{Ground, golden, python, succeeded};
use crate::store::harness::on_sqlite;

/// The line that the documentation gives, and the same through PyArrow and pandas where they are installed.
const LOOK: &str = r#"
import json, sys, duckdb
lake = sys.argv[1]
def glob(name): return f"read_parquet('{lake}/{name}/**/*.parquet', hive_partitioning = true, union_by_name = true)"
def one(sql): return list(duckdb.sql(sql).fetchall()[0])
told = {"duckdb": one(f"SELECT count(*), count(DISTINCT run_id), min(run_id), max(run_id), min(tenant) FROM {glob('staging_volunteers')}")}
told["types"] = {c: t for c, t, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM {glob('staging_volunteers')}").fetchall()
                 if c in ("birth_date", "source_updated_at", "effective_at", "is_deleted", "sequence_number", "ingest_version", "run_id")}
told["anna"] = one(f"""SELECT CAST(birth_date AS VARCHAR), epoch_ms(source_updated_at), email, phone, ingest_version
                       FROM {glob('staging_volunteers')} WHERE external_id = 'V-1001'""")
told["landed"] = one(f"SELECT count(*), count(first_name), count(\"Prénom\") FROM {glob('landed')}")
told["links"] = one(f"SELECT count(*) FROM {glob('links')}")
told["dry"] = one(f"SELECT count(*), min(run_id) FROM {glob('_dry/staging_volunteers')}")
try:
    import pyarrow, pyarrow.dataset
    table = pyarrow.dataset.dataset(f"{lake}/staging_volunteers", partitioning="hive").to_table()
    told["pyarrow"] = [table.num_rows, str(table.schema.field("birth_date").type), str(table.schema.field("source_updated_at").type)]
    import pandas
    frame = pandas.read_parquet(f"{lake}/staging_volunteers")
    anna = frame[frame.external_id == "V-1001"].iloc[0]
    told["pandas"] = [len(frame), str(frame.source_updated_at.dtype), str(anna.birth_date), anna.source_updated_at.isoformat(), sorted(set(map(int, frame.run_id)))]
except ImportError as missing:
    print(f"{missing}: read by DuckDB alone", file=sys.stderr)
print(json.dumps(told))
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_read_the_lake() {
    let Some(python) = python() else { return };
    on_sqlite(|test| {
        Box::pin(async move {
            let ground = Ground::new(test).await;
            let first = ground.load(&golden("volunteers_valid.csv")).await;
            let mut dry = RunRequest::files([golden("volunteers_duplicate_skip.csv")]);
            dry.dry_run = true;
            let dry = succeeded(ground.run(&dry).await);
            let last = ground.load(&golden("localised_headers/fr.csv")).await;
            let looked = Command::new(&python).args(["-c", LOOK]).arg(ground.lake()).output().expect("Python starts");
            let error = String::from_utf8_lossy(&looked.stderr);
            assert!(looked.status.success(), "{error}");
            let told: Value = serde_json::from_slice(&looked.stdout).expect("JSON");
            let anna_at = 1_740_820_500_000_i64; // 2025-03-01T09:15:00Z
            assert_eq!(told["duckdb"], json!([26, 2, first.run_id, last.run_id, "default"]), "{told}");
            assert_eq!(
                told["types"],
                json!({"sequence_number": "BIGINT", "birth_date": "DATE", "source_updated_at": "TIMESTAMP WITH TIME ZONE",
                       "ingest_version": "BIGINT", "is_deleted": "BOOLEAN", "effective_at": "TIMESTAMP WITH TIME ZONE", "run_id": "BIGINT"}),
                "{told}"
            );
            assert_eq!(told["anna"], json!(["1988-04-12", anna_at, "anna.bergstrom@example.org", "+12125550101", 1]));
            assert_eq!(told["landed"], json!([26, 25, 1]), "each file under its own headers");
            assert_eq!(told["links"], json!([26]));
            assert_eq!(told["dry"], json!([6, dry.run_id]), "a dry run lies apart");
            if told["pyarrow"].is_null() {
                eprintln!("{error}");
                return;
            }
            assert_eq!(told["pyarrow"], json!([26, "date32[day]", "timestamp[us, tz=UTC]"]));
            let days = json!([26, "datetime64[us, UTC]", "1988-04-12", "2025-03-01T09:15:00+00:00", [first.run_id, last.run_id]]);
            assert_eq!(told["pandas"], days);
        })
    })
    .await;
}
