use std::sync::Arc;

use datafusion::arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use object_store::path::Path;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::generation::first_record;
use super::{Generation, Mark, MatchIndex, Part, PartSource, due};
use crate::lake::{DataFile, DataSet, Lake};

fn source(run_id: i64) -> PartSource {
    PartSource { run_id, attempt: 1 }
}

fn stream(column: &str, batches: &[&[&str]]) -> SendableRecordBatchStream {
    let batches: Vec<RecordBatch> = batches
        .iter()
        .map(|names| {
            let names = Arc::new(StringArray::from(names.to_vec()));
            RecordBatch::try_from_iter_with_nullable([(column, names as _, true)]).unwrap()
        })
        .collect();
    let schema = batches[0].schema();
    Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches.into_iter().map(Ok))))
}

async fn part(index: &MatchIndex, run: i64) -> Part {
    Part {
        generation: index.next(),
        records: index
            .write_records(source(run), stream("given", &[&["anna", "ben"], &["carl"]]))
            .await
            .unwrap(),
        blocks: index.write_blocks(source(run), stream("rule", &[&["email"]])).await.unwrap(),
    }
}

fn generation(index: &MatchIndex, parts: Vec<Part>) -> Generation {
    Generation { number: index.next(), compiled: "abc".to_owned(), mark: Mark::default(), parts }
}

async fn grown(lake: &Lake, run: i64) -> MatchIndex {
    let mut index = MatchIndex::open(lake, "t", "people").await.unwrap();
    let mut parts = index.current().map(|current| current.parts.clone()).unwrap_or_default();
    parts.push(part(&index, run).await);
    let next = generation(&index, parts);
    assert!(index.create(next).await.unwrap());
    index
}

fn lakes(folder: &std::path::Path) -> [Lake; 2] {
    [Lake::open("memory://").unwrap(), Lake::open(folder.to_str().unwrap()).unwrap()]
}

#[tokio::test]
async fn records_are_numbered_over_all_parts() {
    let folder = tempfile::tempdir().unwrap();
    for lake in lakes(folder.path()) {
        assert!(MatchIndex::open(&lake, "t", "people").await.unwrap().current().is_none());
        grown(&lake, 7).await;
        let index = grown(&lake, 8).await;
        let current = index.current().unwrap();
        assert_eq!((current.number, current.records().rows(), current.blocks().rows()), (2, 6, 2));
        let mut numbers = Vec::new();
        for file in &current.records().files {
            let bytes = lake.read(&Path::from(file.path.as_str())).await.unwrap();
            for batch in ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap() {
                numbers.extend(batch.unwrap().column(0).as_primitive::<Int64Type>().values().to_vec());
            }
        }
        let wanted: Int64Array =
            [1, 2].iter().flat_map(|g| (0..3).map(move |n| first_record(*g) + n)).collect::<Vec<_>>().into();
        assert_eq!(numbers, wanted.values().to_vec());
        // Another entity, and another tenant, have an index of their own.
        assert!(MatchIndex::open(&lake, "t", "leads").await.unwrap().current().is_none());
        assert!(MatchIndex::open(&lake, "u", "people").await.unwrap().current().is_none());
    }
}

#[tokio::test]
async fn who_comes_second_creates_nothing_and_its_files_are_swept() {
    let lake = Lake::open("memory://").unwrap();
    grown(&lake, 1).await;
    let mut late = MatchIndex::open(&lake, "t", "people").await.unwrap();
    let lost = part(&late, 2).await;
    let first = grown(&lake, 3).await;
    let next = generation(&late, vec![lost.clone()]);
    assert!(!late.create(next).await.unwrap(), "the number is taken");
    assert_eq!(late.current().unwrap().number, 1, "it still has what it had");
    first.sweep().await.unwrap();
    assert!(lost.records.require(&lake).await.is_err());
    let again = MatchIndex::open(&lake, "t", "people").await.unwrap();
    assert_eq!(again.usable("abc").await.unwrap().map(|g| (g.number, g.records().rows())), Some((2, 6)));
}

#[tokio::test]
async fn the_generation_before_stays_and_those_before_it_go() {
    let lake = Lake::open("memory://").unwrap();
    let first = grown(&lake, 1).await;
    let second = grown(&lake, 2).await;
    let mut third = MatchIndex::open(&lake, "t", "people").await.unwrap();
    // It takes the place of both parts.
    let merged = part(&third, 3).await;
    let next = generation(&third, vec![merged]);
    assert!(third.create(next).await.unwrap());
    third.sweep().await.unwrap();
    assert!(second.usable("abc").await.unwrap().is_some(), "a run may read it");
    grown(&lake, 4).await.sweep().await.unwrap();
    assert!(first.usable("abc").await.unwrap().is_none());
    assert!(second.usable("abc").await.unwrap().is_none());
    assert!(third.usable("abc").await.unwrap().is_some());
    let left = lake.list(&Path::from("_match_index")).await.unwrap();
    assert_eq!(left.len(), 2 + 4, "{left:?}");
}

#[tokio::test]
async fn what_was_compiled_otherwise_or_is_not_there_is_no_index() {
    let lake = Lake::open("memory://").unwrap();
    let index = grown(&lake, 1).await;
    assert!(index.usable("abc").await.unwrap().is_some());
    assert!(index.usable("abd").await.unwrap().is_none());
    let file = index.current().unwrap().parts[0].blocks.files[0].path.clone();
    lake.remove(&Path::from(file.as_str())).await.unwrap();
    assert!(index.usable("abc").await.unwrap().is_none());
    // A list that was cut short counts as none, and its number is not given again.
    let list = crate::lake::paths::match_index_generation(&index.root, 2);
    lake.replace(&list, "{\"number\"".into()).await.unwrap();
    let cut = MatchIndex::open(&lake, "t", "people").await.unwrap();
    assert!(cut.current().is_none());
    assert_eq!(cut.next(), 3);
}

fn of_rows(rows: u64) -> Part {
    let file: DataFile =
        serde_json::from_value(serde_json::json!({ "path": "p", "rows": rows, "bytes": 1, "checksum": "" }))
            .unwrap();
    let records = DataSet { files: vec![file] };
    Part { generation: 1, records, blocks: DataSet::default() }
}

fn due_of(rows: &[u64]) -> Vec<usize> {
    due(&rows.iter().map(|rows| of_rows(*rows)).collect::<Vec<_>>())
}

#[test]
fn small_parts_go_together_and_a_large_one_waits_until_they_are_near() {
    assert!(due_of(&[1_000_000, 10, 10, 10, 10, 10]).is_empty(), "seven may be open");
    assert_eq!(due_of(&[1_000_000, 10, 10, 10, 10, 10, 10]), [1, 2, 3, 4, 5, 6]);
    assert_eq!(due_of(&[100, 10, 10, 10, 10, 10, 10]), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(due_of(&[1 << 40, 1 << 36, 1 << 32, 1 << 28, 1 << 24, 1 << 20, 1]), [6]);
    assert_eq!(due_of(&[0; 7]).len(), 7);
}

#[test]
fn a_thousand_small_runs_write_every_record_a_few_times() {
    let (mut parts, mut written) = (vec![100_000_u64], 100_000_u64);
    for _ in 0..1000 {
        let taken = due_of(&parts);
        let along: u64 = taken.iter().map(|place| parts[*place]).sum();
        for place in taken.into_iter().rev() {
            parts.remove(place);
        }
        parts.push(100 + along);
        written += 100 + along;
        assert!(parts.len() < 8, "{parts:?}");
    }
    assert_eq!(parts.iter().sum::<u64>(), 200_000);
    assert!(written < 2_000_000, "{written} records were written for 200000");
}
