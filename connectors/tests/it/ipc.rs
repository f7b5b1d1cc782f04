//! Arrow IPC files and streams.

use std::io::Write;
use std::sync::Arc;

use arrow::array::*;
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, UnionFields};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use importer_connectors::connector::Input;
use proptest::prelude::*;

use crate::tables::{open_all, read, read_with, refused};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, c)| c).collect())
        .unwrap()
}

fn file_of(batches: &[RecordBatch], options: IpcWriteOptions) -> Vec<u8> {
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|b| writer.write(b).unwrap());
    writer.into_inner().unwrap()
}

fn stream_of(batches: &[RecordBatch], options: IpcWriteOptions) -> Vec<u8> {
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|b| writer.write(b).unwrap());
    writer.into_inner().unwrap()
}

fn both(batches: &[RecordBatch]) -> [Vec<u8>; 2] {
    [file_of(batches, IpcWriteOptions::default()), stream_of(batches, IpcWriteOptions::default())]
}

fn people(from: i64, rows: i64) -> RecordBatch {
    batch(vec![
        ("id", Arc::new(Int64Array::from_iter_values(from..from + rows)) as ArrayRef),
        ("name", Arc::new(StringArray::from_iter_values((from..from + rows).map(|i| format!("Person {i}"))))),
    ])
}

#[test]
fn files_and_streams() {
    let [file, stream] = both(&[people(0, 3), people(3, 0), people(3, 2)]);
    let t = read(&file);
    assert_eq!((t.description.connector, t.why("format")), ("arrow", "Arrow IPC file"));
    assert_eq!(t.column("id"), ["0", "1", "2", "3", "4"]);
    assert_eq!(t.lines, [1, 2, 3, 4, 5]);
    let s = read(&stream);
    assert_eq!(s.why("format"), "Arrow IPC stream");
    assert_eq!(s.cells(), t.cells());
    assert_eq!(read_with(&file, &[("columns", "name")]).headers.unique, ["name"]);
}

#[test]
fn no_rows_keep_the_schema() {
    let nothing: [RecordBatch; 1] = [people(0, 0)];
    for data in both(&nothing) {
        let t = read(&data);
        assert_eq!(t.types(), ["Int64", "Utf8"]);
        assert!(t.counts.is_header_only());
    }
}

#[test]
fn compressed_buffers() {
    for codec in [CompressionType::LZ4_FRAME, CompressionType::ZSTD] {
        let options = || IpcWriteOptions::default().try_with_compression(Some(codec)).unwrap();
        let rows = [people(0, 5000)];
        assert_eq!(read(&file_of(&rows, options())).counts.records, 5000);
        assert_eq!(read(&stream_of(&rows, options())).cells()[4999], ["4999", "Person 4999"]);
    }
}

#[test]
fn messages_of_the_first_versions() {
    let options = IpcWriteOptions::try_new(8, true, arrow::ipc::MetadataVersion::V4).unwrap();
    let data = stream_of(&[people(0, 3)], options);
    assert_ne!(data[..4], [0xFF; 4]);
    assert_eq!(read(&data).counts.records, 3);
}

#[test]
fn types_of_all_kinds() {
    let runs =
        RunArray::<Int32Type>::try_new(&Int32Array::from(vec![1, 3]), &StringArray::from(vec!["a", "b"]))
            .unwrap();
    let fields: UnionFields = [
        (0_i8, Arc::new(Field::new("n", DataType::Int32, true))),
        (1, Arc::new(Field::new("t", DataType::Utf8, true))),
    ]
    .into_iter()
    .collect();
    let union = UnionArray::try_new(
        fields,
        ScalarBuffer::from(vec![0_i8, 1, 0]),
        Some(ScalarBuffer::from(vec![0, 0, 1])),
        vec![Arc::new(Int32Array::from(vec![Some(7), None])), Arc::new(StringArray::from(vec!["x"]))],
    )
    .unwrap();
    let views = ListViewArray::new(
        Arc::new(Field::new("item", DataType::Int32, true)),
        ScalarBuffer::from(vec![1, 0, 0]),
        ScalarBuffer::from(vec![1, 2, 0]),
        Arc::new(Int32Array::from(vec![1, 2])),
        None,
    );
    let large = LargeListArray::new(
        Arc::new(Field::new("item", DataType::Int32, false)),
        OffsetBuffer::new(ScalarBuffer::from(vec![0_i64, 1, 1, 2])),
        Arc::new(Int32Array::from(vec![1, 2])),
        None,
    );
    let fixed = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
        [Some(vec![Some(1), Some(2)]), None, Some(vec![None, Some(4)])],
        2,
    );
    let rows = batch(vec![
        (
            "dictionary",
            Arc::new(vec![Some("p"), None, Some("")].into_iter().collect::<DictionaryArray<Int32Type>>())
                as ArrayRef,
        ),
        ("runs", Arc::new(runs)),
        ("union", Arc::new(union)),
        ("views", Arc::new(views)),
        ("large", Arc::new(large)),
        ("fixed", Arc::new(fixed)),
        ("duration", Arc::new(DurationSecondArray::from(vec![90, 0, 1]))),
        ("months", Arc::new(IntervalYearMonthArray::from(vec![14, 0, 1]))),
        ("seconds", Arc::new(Time32SecondArray::from(vec![1, 2, 3]))),
        ("bytes", Arc::new(BinaryViewArray::from(vec![Some(&b"text"[..]), Some(b"\xFF"), None]))),
    ]);
    for data in both(&[rows.clone(), rows.slice(1, 2)]) {
        let t = read(&data);
        assert_eq!(t.column("dictionary"), ["p", "~", "~", "~", "~"]);
        assert_eq!(t.column("runs"), ["a", "b", "b", "b", "b"]);
        assert_eq!(t.column("union"), ["7", "x", "~", "x", "~"]);
        assert_eq!(t.column("views"), ["[2]", "[1, 2]", "[]", "[1, 2]", "[]"]);
        assert_eq!(t.column("large"), ["[1]", "[]", "[2]", "[]", "[2]"]);
        assert_eq!(t.column("fixed"), ["[1, 2]", "~", "[~, 4]", "~", "[~, 4]"]);
        assert_eq!(t.column("duration")[0], "PT90S");
        assert_eq!(t.column("months")[0], "1 years 2 mons");
        assert_eq!(t.column("bytes"), ["text", "~", "~", "~", "~"]);
        let told: Vec<_> = t.findings.iter().map(|f| (f.line_number, f.column, f.code.as_str())).collect();
        assert_eq!(told, [(2, 9, "ARROW_BINARY"), (4, 9, "ARROW_BINARY")]);
        assert_eq!(t.types()[6..9], ["Utf8", "Utf8", "Time32(s)"]);
    }
}

#[test]
fn what_is_no_arrow_file() {
    assert_eq!(refused("arrow", b"", &[]).code(), "ARROW_EMPTY");
    assert_eq!(refused("arrow", b"a,b\n1,2\n", &[]).code(), "ARROW_OTHER_FORMAT");
    let error = refused("arrow", b"FEA1....................", &[]);
    assert_eq!(error.code(), "ARROW_UNSUPPORTED");
    assert!(error.to_string().contains("Feather"));
    assert_eq!(refused("arrow", b"ARROW1", &[]).code(), "ARROW_CUT_OFF");
    assert_eq!(refused("arrow", &[0xFF; 4], &[]).code(), "ARROW_CUT_OFF");
    let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
    assert_eq!(
        refused("arrow", &stream_of(&[nothing], IpcWriteOptions::default()), &[]).code(),
        "ARROW_NO_COLUMNS"
    );
    // A header of delimited text may look like it.
    let t = open_all("file", Input::bytes("a.csv", "ARROW1,x\n1,2\n"), &[], 10).unwrap();
    assert_eq!(t[0].description.connector, "csv");
}

#[test]
fn cut_off() {
    let [file, stream] = both(&[people(0, 100), people(100, 100)]);
    let t = read_with(&file[..file.len() - 5], &[]);
    assert_eq!(t.counts.records, 200);
    assert_eq!(t.stopped.unwrap().code(), "ARROW_CUT_OFF");
    let middle = stream.len() / 2 + 200;
    for data in [&file[..middle], &stream[..middle]] {
        let t = read_with(data, &[]);
        assert_eq!(t.counts.records, 100);
        assert_eq!(t.stopped.unwrap().code(), "ARROW_CUT_OFF");
    }
    // The end of a stream need not be marked.
    assert_eq!(read(&stream[..stream.len() - 8]).counts.records, 200);
}

#[test]
fn claims_are_held_against_the_bytes() {
    let mut long = vec![0xFF; 4];
    long.extend_from_slice(&0x7FFF_FFF8_u32.to_le_bytes());
    long.resize(70 << 10, 1);
    assert_eq!(refused("arrow", &long, &[]).code(), "ARROW_DAMAGED");
}

/// Nothing that is damaged ends in a panic or goes on for ever.
#[test]
fn damaged_anywhere() {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD)).unwrap();
    let dictionary = batch(vec![
        ("d", Arc::new(vec!["p", "q"].into_iter().collect::<DictionaryArray<Int32Type>>()) as ArrayRef),
        ("v", Arc::new(StringViewArray::from(vec!["a text that is longer than a view", "b"]))),
    ]);
    for clean in [stream_of(&[people(0, 20)], options), file_of(&[dictionary], IpcWriteOptions::default())] {
        for at in (0..clean.len()).step_by(2) {
            for flip in [0xFF, 0x40] {
                let mut data = clean.clone();
                data[at] ^= flip;
                if let Ok(tables) = open_all("arrow", Input::bytes("t", data), &[], 16) {
                    assert!(tables[0].counts.records < 10_000);
                }
            }
        }
    }
}

/// A list that stands once in the file and a thousand times in the table.
#[test]
fn overlapping_lists_are_cut_into_batches() {
    let items = Int64Array::from_iter_values(0..200_000);
    let rows = 1000;
    let views = ListViewArray::new(
        Arc::new(Field::new("item", DataType::Int64, true)),
        ScalarBuffer::from(vec![0; rows]),
        ScalarBuffer::from(vec![200_000; rows]),
        Arc::new(items),
        None,
    );
    let data = file_of(&[batch(vec![("v", Arc::new(views) as ArrayRef)])], IpcWriteOptions::default());
    assert!(data.len() < 3 << 20);
    let request = crate::tables::request(&[], 8192);
    let mut sources =
        importer_connectors::connector::open("arrow", Input::bytes("t", data), &request).unwrap();
    let mut read = 0;
    while let Some(batch) = sources[0].next_batch().unwrap() {
        assert!(batch.records.get_array_memory_size() <= 80 << 20);
        read += batch.records.num_rows();
    }
    assert_eq!(read, rows);
}

/// A record that would take more than the memory may hold is a reject; the others come.
#[test]
fn a_record_that_is_too_large() {
    let items = Int64Array::from_iter_values(0..1_000_000);
    let inner = ListViewArray::new(
        Arc::new(Field::new("item", DataType::Int64, true)),
        ScalarBuffer::from(vec![0; 100]),
        ScalarBuffer::from(vec![1_000_000; 100]),
        Arc::new(items),
        None,
    );
    let outer = ListArray::new(
        Arc::new(Field::new("item", inner.data_type().clone(), true)),
        OffsetBuffer::new(ScalarBuffer::from(vec![0, 1, 99, 100])),
        Arc::new(inner),
        None,
    );
    let data = file_of(&[batch(vec![("v", Arc::new(outer) as ArrayRef)])], IpcWriteOptions::default());
    let tables = open_all("arrow", Input::bytes("t", data), &[], 100).unwrap();
    let t = &tables[0];
    assert_eq!(t.lines, [1, 3]);
    assert_eq!((t.rejects[0].line_number, t.rejects[0].code.as_str()), (2, "ARROW_RECORD_TOO_LARGE"));
    assert!(t.rejects[0].raw_truncated);
}

#[test]
fn compressed_as_a_whole() {
    for data in both(&[people(0, 10)]) {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(&data).unwrap();
        assert_eq!(read(&gz.finish().unwrap()).counts.records, 10);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// What is written comes back, whatever the batches.
    #[test]
    fn round_trip(rows in prop::collection::vec((any::<Option<i64>>(), any::<Option<String>>(), any::<Option<bool>>()), 1..60), cut in 0_usize..60) {
        let whole = batch(vec![
            ("n", Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()) as ArrayRef),
            ("t", Arc::new(rows.iter().map(|r| r.1.clone()).collect::<StringViewArray>())),
            ("b", Arc::new(rows.iter().map(|r| r.2).collect::<BooleanArray>())),
        ]);
        let cut = cut.min(rows.len());
        let parts = [whole.slice(0, cut), whole.slice(cut, rows.len() - cut)];
        for data in both(&parts) {
            let t = read(&data);
            let n = t.records.column(0).as_primitive::<arrow::datatypes::Int64Type>();
            let text = t.records.column(1).as_string::<i32>();
            for (i, row) in rows.iter().enumerate() {
                prop_assert_eq!(n.is_valid(i).then(|| n.value(i)), row.0);
                prop_assert_eq!(text.is_valid(i).then(|| text.value(i)), row.1.as_deref().filter(|t| !t.is_empty()));
            }
        }
    }
}
