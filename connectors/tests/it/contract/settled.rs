//! Doubts that were settled, each by one test.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, DictionaryArray, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use arrow::ipc::writer::{FileWriter, StreamWriter};
use arrow_avro::writer::WriterBuilder;
use arrow_avro::writer::format::AvroOcfFormat;
use importer_connectors::connector::Input;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use super::order::essence;
use crate::tables::{Table, open_all, read, read_with, refused};

/// An object is a record unless all that stands beside its only list of objects is said of an answer.
#[test]
fn an_object_with_a_list_is_one_record() {
    for text in [
        r#"{"id":1,"items":[{"sku":"a"},{"sku":"b"}]}"#,
        r#"{"items":[{"sku":"a"}],"customer":{"name":"Ann"}}"#,
        r#"{"name":"Ann","status":"new","data":[{"x":1}]}"#,
        r#"{"status":"shipped","items":[{"sku":"a"}]}"#,
        r#"{"first":"Ann","last":"Lee","emails":[{"value":"a@b.org"}]}"#,
        r#"{"a":[{"x":1}],"b":[{"x":1}]}"#,
        "{\n \"id\": 1,\n \"items\": [\n {\"sku\": \"a\"}\n ]\n}\n",
    ] {
        let table = read(text.as_bytes());
        assert_eq!(table.counts.records, 1, "{text}");
        assert!(table.why("records").is_empty(), "{text}");
    }
    let table = read(br#"{"id":1,"items":[{"sku":"a"},{"sku":"b"}]}"#);
    assert_eq!(table.cells(), [["1", r#"[{"sku":"a"},{"sku":"b"}]"#]]);
    let why = &table.description.evidence.why("format").expect("it is told").why;
    assert!(why.contains("`id`") && why.contains("records: items"), "{why}");
    // Whoever knows better says so.
    let table = read_with(br#"{"id":1,"items":[{"sku":"a"},{"sku":"b"}]}"#, &[("records", "items")]);
    assert_eq!(table.cells(), [["a"], ["b"]]);
}

#[test]
fn what_wraps_a_list_is_no_record() {
    for (text, list) in [
        (r#"{"people":[{"a":1},{"a":2}]}"#, "people"),
        (r#"{"meta":{"page":1},"data":[{"a":1},{"a":2}]}"#, "data"),
        (r#"{"total":3,"records":[{"a":1},{"a":2}]}"#, "records"),
        (r#"{"@odata.context":"x","value":[{"a":1},{"a":2}],"@odata.nextLink":"y"}"#, "value"),
        (r#"{"object":"list","has_more":false,"url":"/v1","data":[{"a":1},{"a":2}]}"#, "data"),
        (r#"{"status":"ok","errors":[],"results":[{"a":1},{"a":2}]}"#, "results"),
        (r#"{"id":null,"count":2,"items":[{"a":1},{"a":2}]}"#, "items"),
        ("{\"totalSize\":2,\"done\":true,\n\"records\":[{\"a\":1},\n{\"a\":2}]}", "records"),
    ] {
        let table = read(text.as_bytes());
        assert_eq!((table.counts.records, table.why("records")), (2, list), "{text}");
    }
}

const TEXTS: [&str; 4] = ["Ann", "BROKEN", "Zoë", "Bob"];

/// Texts as a column, in a list, and as a dictionary; and a number that must survive.
fn texts(dictionary: bool) -> RecordBatch {
    let mut list = ListBuilder::new(StringBuilder::new());
    for text in TEXTS {
        list.append_value([Some(text), Some("x")]);
    }
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values(1..=4))),
        ("name", Arc::new(StringArray::from_iter_values(TEXTS))),
        ("names", Arc::new(list.finish())),
    ];
    if dictionary {
        columns.push(("kind", Arc::new(TEXTS.into_iter().collect::<DictionaryArray<Int32Type>>())));
    }
    let fields: Vec<Field> =
        columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, c)| c).collect())
        .expect("one length")
}

/// Damages the encoding of a text wherever it stands.
fn broken(mut file: Vec<u8>) -> Vec<u8> {
    let places: Vec<usize> = (0..file.len() - 6).filter(|at| &file[*at..*at + 6] == b"BROKEN").collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| file[at] = 0xFF);
    file
}

/// A text in another encoding costs itself, and is told; its neighbours are read.
fn costs_itself(file: Vec<u8>) -> Table {
    let table = read(&broken(file));
    assert_eq!(table.column("id"), ["1", "2", "3", "4"]);
    assert_eq!(table.column("name"), ["Ann", "~", "Zoë", "Bob"]);
    assert_eq!(table.column("names")[2], "[Zoë, x]");
    assert!(!table.column("names")[1].contains("BROKEN"));
    assert_eq!(table.findings.len(), 1, "{:?}", table.findings);
    assert_eq!((table.findings[0].line_number, table.findings[0].column), (2, 1));
    assert!(table.findings[0].code.as_str().ends_with("_BINARY"));
    table
}

#[test]
fn texts_that_are_none_in_arrow() {
    let batch = texts(true);
    let mut file = FileWriter::try_new(Vec::new(), &batch.schema()).expect("memory");
    file.write(&batch).expect("memory");
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("memory");
    stream.write(&batch).expect("memory");
    for bytes in [file.into_inner().expect("memory"), stream.into_inner().expect("memory")] {
        let table = costs_itself(bytes);
        assert_eq!(table.column("kind"), ["Ann", "~", "Zoë", "Bob"]);
        assert_eq!(table.types()[1], "Utf8");
    }
}

#[test]
fn texts_that_are_none_in_avro() {
    let batch = texts(false);
    let builder = WriterBuilder::new(batch.schema().as_ref().clone());
    let mut writer = builder.build::<_, AvroOcfFormat>(Vec::new()).expect("a schema");
    writer.write(&batch).expect("memory");
    writer.finish().expect("memory");
    assert_eq!(costs_itself(writer.into_inner()).types()[1], "Utf8");
}

fn parquet(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("a schema");
    writer.write(batch).expect("memory");
    writer.into_inner().expect("memory")
}

#[test]
fn texts_that_are_none_in_parquet() {
    costs_itself(parquet(
        &texts(false),
        WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build(),
    ));
}

const OF_LENGTHS: [Encoding; 2] = [Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY];

/// A page that claims more lengths than there is memory is refused before room is made for them.
#[test]
fn a_page_that_claims_all_memory() {
    let names = StringArray::from_iter_values((0..300).map(|i| format!("Person {i}")));
    let schema = Arc::new(Schema::new(vec![Field::new("name", DataType::Utf8, false)]));
    let batch = RecordBatch::try_new(schema, vec![Arc::new(names)]).expect("one length");
    for encoding in OF_LENGTHS {
        let properties =
            WriterProperties::builder().set_dictionary_enabled(false).set_encoding(encoding).build();
        let mut file = parquet(&batch, properties);
        // Blocks of 128 in 4 parts, 300 lengths.
        let header = [0x80, 0x01, 0x04, 0xAC, 0x02];
        let at = file.windows(5).position(|bytes| bytes == header).expect("the page begins so");
        // 2 to the power of 38.
        file[at + 3..at + 9].copy_from_slice(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x08]);
        let opened = open_all("file", Input::bytes("test.bin", file), &[], 8192);
        let mut tables = opened.expect("its footer is sound");
        let stopped = tables.remove(0).stopped.expect("it cannot be read");
        assert_eq!(stopped.code(), "PARQUET_DAMAGED");
    }
}

/// Looking through pages of lengths refuses none that is sound.
#[test]
fn pages_of_lengths_in_all_forms() {
    let names: ArrayRef = Arc::new(StringArray::from_iter(
        (0..2000).map(|i| (i % 7 != 0).then(|| format!("{}-{}", "long ".repeat(i % 50), i))),
    ));
    let mut list = ListBuilder::new(StringBuilder::new());
    for i in 0..2000 {
        list.append_value((0..i % 4).map(|n| (n != 2).then(|| format!("item {n} of {i}"))));
    }
    let list: ArrayRef = Arc::new(list.finish());
    let batch = RecordBatch::try_from_iter_with_nullable([("names", names, true), ("list", list, true)])
        .expect("one length");
    let wanted = read(&parquet(&batch, WriterProperties::default()));
    assert_eq!(wanted.counts.records, 2000);
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for encoding in OF_LENGTHS {
                let properties = WriterProperties::builder()
                    .set_compression(codec)
                    .set_writer_version(version)
                    .set_dictionary_enabled(false)
                    .set_encoding(encoding)
                    .set_data_page_row_count_limit(700)
                    .build();
                let found = read(&parquet(&batch, properties));
                assert_eq!(found.cells(), wanted.cells(), "{codec:?} {version:?} {encoding:?}");
            }
        }
    }
}

/// What is read of a damaged page does not depend on how many rows are asked for.
#[test]
fn damaged_pages_whatever_the_batches() {
    let names: ArrayRef = Arc::new(StringArray::from_iter_values((0..40).map(|i| format!("Ann {}", i % 7))));
    let ids: ArrayRef = Arc::new(Int64Array::from_iter((0..40).map(|i| (i % 9 != 0).then_some(i))));
    let batch = RecordBatch::try_from_iter_with_nullable([("name", names, true), ("id", ids, true)])
        .expect("one length");
    let clean = parquet(&batch, WriterProperties::default());
    let read = |file: Vec<u8>, rows| {
        let input = Input::bytes("test.bin", file);
        let read = open_all("parquet", input, &[], rows).map(|mut tables| essence(&tables.remove(0)));
        read.unwrap_or_else(|e| e.to_string())
    };
    for at in 0..clean.len() {
        for bit in [at % 8, (at + 3) % 8] {
            let mut file = clean.clone();
            file[at] ^= 1 << bit;
            assert_eq!(read(file.clone(), 7), read(file, 8192), "byte {at}, bit {bit}");
        }
    }
}

/// Headers of pages go on behind the first kilobyte where statistics are long.
#[test]
fn pages_with_long_statistics() {
    let long: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..20).map(|i| format!("{i}{}", "x".repeat(9000)))));
    let batch = RecordBatch::try_from_iter([("name", long)]).expect("one length");
    let properties = WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_write_page_header_statistics(true)
        .set_statistics_truncate_length(None)
        .set_column_index_truncate_length(None)
        .set_data_page_row_count_limit(5)
        .set_write_batch_size(5)
        .build();
    let table = read(&parquet(&batch, properties));
    assert_eq!((table.counts.records, table.cells()[19][0].len()), (20, 9002));
}

/// What a connector that was named cannot read is told together with what the file looks like.
#[test]
fn what_the_file_looks_like_is_told() {
    let help = |connector, data: &[u8]| refused(connector, data, &[]).help().to_owned();
    assert!(help("parquet", b"[{\"a\":1}]").contains("looks like JSON"));
    assert!(help("csv", b"[\n {\"a\":1}\n]\n").contains("connector `json`"));
    assert!(help("csv", b"BEGIN:VCARD\nEND:VCARD\n").contains("connector `vcard`"));
    assert!(help("json", b"a,b\n1,2\n").contains("connector `csv`"));
    assert!(!help("json", b"").contains("looks like"));
}
