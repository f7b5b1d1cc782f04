//! Avro object container files.

use std::io::Write;
use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use arrow_avro::compression::CompressionCodec;
use arrow_avro::writer::WriterBuilder;
use importer_connectors::connector::Input;

use crate::tables::{open_all, read, read_with, refused};

const SYNC: [u8; 16] = *b"0123456789abcdef";

fn long(to: &mut Vec<u8>, n: i64) {
    let mut n = ((n << 1) ^ (n >> 63)) as u64;
    while n >= 0x80 {
        to.push((n & 0x7F) as u8 | 0x80);
        n >>= 7;
    }
    to.push(n as u8);
}

fn text(to: &mut Vec<u8>, text: &[u8]) {
    long(to, text.len() as i64);
    to.extend_from_slice(text);
}

/// A container file written by hand.
fn container(schema: &str, codec: &str, blocks: &[(i64, &[u8])]) -> Vec<u8> {
    let mut file = b"Obj\x01".to_vec();
    long(&mut file, 2);
    text(&mut file, b"avro.schema");
    text(&mut file, schema.as_bytes());
    text(&mut file, b"avro.codec");
    text(&mut file, codec.as_bytes());
    long(&mut file, 0);
    file.extend_from_slice(&SYNC);
    for (records, data) in blocks {
        long(&mut file, *records);
        text(&mut file, data);
        file.extend_from_slice(&SYNC);
    }
    file
}

fn record(fields: &str) -> String {
    format!(r#"{{"type": "record", "name": "r", "fields": [{fields}]}}"#)
}

fn people(from: i64, rows: i64) -> Vec<u8> {
    let mut data = Vec::new();
    for i in from..from + rows {
        long(&mut data, i);
        text(&mut data, format!("Person {i}").as_bytes());
    }
    data
}

const PEOPLE: &str = r#"{"name": "id", "type": "long"}, {"name": "name", "type": "string"}"#;

#[test]
fn one_and_many() {
    let data = container(&record(PEOPLE), "null", &[(1, &people(0, 1))]);
    let t = read(&data);
    assert_eq!(t.cells(), [["0", "Person 0"]]);
    assert_eq!((t.description.connector, t.why("format"), t.why("compression")), ("avro", "Avro", "none"));
    let data = container(&record(PEOPLE), "null", &[(3, &people(0, 3)), (0, &[]), (200, &people(3, 200))]);
    let t = read(&data);
    assert_eq!(t.lines, (1..=203).collect::<Vec<_>>());
    assert_eq!(t.cells()[202], ["202", "Person 202"]);
    assert_eq!(read_with(&data, &[("columns", "name")]).cells()[1], ["Person 1"]);
}

#[test]
fn no_records_keep_the_schema() {
    let t = read(&container(&record(PEOPLE), "null", &[]));
    assert_eq!(t.types(), ["Int64", "Utf8"]);
    assert!(t.counts.is_header_only());
}

#[test]
fn codecs() {
    let rows = RecordBatch::try_new(
        Arc::new(Schema::new(vec![Field::new("name", DataType::Utf8, true)])),
        vec![Arc::new(StringArray::from_iter_values((0..2000).map(|i| format!("Person {i}"))))],
    )
    .unwrap();
    for codec in [
        None,
        Some(CompressionCodec::Deflate),
        Some(CompressionCodec::Snappy),
        Some(CompressionCodec::ZStandard),
    ] {
        let builder = WriterBuilder::new(rows.schema().as_ref().clone()).with_compression(codec);
        let mut writer = builder.build::<_, arrow_avro::writer::format::AvroOcfFormat>(Vec::new()).unwrap();
        writer.write(&rows).unwrap();
        writer.finish().unwrap();
        let t = read(&writer.into_inner());
        assert_eq!(t.counts.records, 2000);
        assert_eq!(t.cells()[1999], ["Person 1999"]);
    }
    let error = refused("avro", &container(&record(PEOPLE), "bzip2", &[]), &[]);
    assert_eq!(error.code(), "AVRO_UNSUPPORTED");
    assert!(error.to_string().contains("bzip2"));
}

#[test]
fn logical_types_and_unions() {
    let schema = record(
        r#"{"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "ms", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "us", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
        {"name": "time", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "money", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "kind", "type": {"type": "enum", "name": "k", "symbols": ["RED", "BLUE"]}},
        {"name": "hash", "type": {"type": "fixed", "name": "h", "size": 2}},
        {"name": "any", "type": ["null", "long", "string"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "map", "type": {"type": "map", "values": "int"}},
        {"name": "inner", "type": {"type": "record", "name": "i", "fields": [{"name": "x", "type": ["null", "double"]}]}},
        {"name": "raw", "type": "bytes"}, {"name": "f", "type": "float"}, {"name": "b", "type": "boolean"}"#,
    );
    let mut data = Vec::new();
    for (i, any) in [1, 2, 0].into_iter().enumerate() {
        long(&mut data, 1);
        long(&mut data, 0);
        long(&mut data, i64::from(i > 0));
        if i > 0 {
            long(&mut data, 1);
        }
        long(&mut data, 1500);
        long(&mut data, 1000);
        text(&mut data, &[0x30, 0x39]);
        text(&mut data, b"00112233-4455-6677-8899-aabbccddeeff");
        long(&mut data, 1);
        data.extend_from_slice(&[0xAB, 0x01]);
        long(&mut data, any);
        match any {
            1 => long(&mut data, -7),
            2 => text(&mut data, "Zoë".as_bytes()),
            _ => {}
        }
        long(&mut data, 2);
        text(&mut data, b"a");
        text(&mut data, b"");
        long(&mut data, 0);
        long(&mut data, 1);
        text(&mut data, b"k");
        long(&mut data, 5);
        long(&mut data, 0);
        long(&mut data, 0);
        text(&mut data, if i == 0 { b"abc" } else { b"\xFF" });
        data.extend_from_slice(&1.5_f32.to_le_bytes());
        data.push(1);
    }
    let t = read(&container(&schema, "null", &[(3, &data)]));
    assert_eq!(
        t.cells()[0],
        [
            "1970-01-02",
            "1970-01-01T00:00:00Z",
            "~",
            "1970-01-01T00:00:01.500",
            "00:00:01",
            "123.45",
            "00112233-4455-6677-8899-aabbccddeeff",
            "BLUE",
            "ab01",
            "-7",
            "[a, ]",
            "[{key: k, value: 5}]",
            "{x: ~}",
            "abc",
            "1.5",
            "true"
        ]
    );
    assert_eq!(t.column("any"), ["-7", "Zoë", "~"]);
    assert_eq!(t.column("us"), ["~", "1970-01-01T00:00:00.000001Z", "1970-01-01T00:00:00.000001Z"]);
    assert_eq!(t.column("raw"), ["abc", "~", "~"]);
    assert_eq!(t.findings.iter().map(|f| (f.line_number, f.column)).collect::<Vec<_>>(), [(2, 13), (3, 13)]);
    assert_eq!(t.types()[5], "Decimal128(10, 2)");
}

#[test]
fn enumerations_of_several_blocks() {
    let schema =
        record(r#"{"name": "kind", "type": {"type": "enum", "name": "k", "symbols": ["RED", "BLUE"]}}"#);
    let t = read(&container(&schema, "null", &[(2, &[0, 2]), (1, &[2])]));
    assert_eq!(t.column("kind"), ["RED", "BLUE", "BLUE"]);
    let _ = Int32Type::DATA_TYPE;
}

#[test]
fn names_are_made_unique() {
    let schema = record(r#"{"name": "a", "type": "int"}, {"name": "A", "type": "int"}"#);
    assert_eq!(read(&container(&schema, "null", &[(1, &[2, 4])])).headers.unique, ["a", "A_2"]);
}

#[test]
fn what_is_no_avro_file() {
    assert_eq!(refused("avro", b"", &[]).code(), "AVRO_EMPTY");
    assert_eq!(refused("avro", b"a,b\n1,2\n", &[]).code(), "AVRO_OTHER_FORMAT");
    assert_eq!(refused("avro", b"Obj\x01", &[]).code(), "AVRO_CUT_OFF");
    let schema = container("\"string\"", "null", &[]);
    assert_eq!(refused("avro", &schema, &[]).code(), "AVRO_UNSUPPORTED");
    assert_eq!(refused("avro", &container("no JSON", "null", &[]), &[]).code(), "AVRO_UNSUPPORTED");
    assert_eq!(refused("avro", &container(&record(""), "null", &[]), &[]).code(), "AVRO_NO_COLUMNS");
}

#[test]
fn cut_off() {
    let data = container(&record(PEOPLE), "null", &[(100, &people(0, 100)), (100, &people(100, 100))]);
    let t = read_with(&data[..data.len() - 30], &[]);
    assert_eq!(t.counts.records, 100);
    let error = t.stopped.unwrap();
    assert_eq!(
        (error.code(), error.to_string()),
        ("AVRO_CUT_OFF", "test.bin is cut off: it cannot be read from record 101 on".to_owned())
    );
}

/// The records in front of the damaged one are read.
#[test]
fn a_damaged_record() {
    let mut block = people(0, 100);
    let at = block.windows(9).position(|w| w == b"Person 50").unwrap();
    block[at - 1] = 0xFF;
    let data = container(&record(PEOPLE), "null", &[(2, &people(0, 2)), (100, &block)]);
    let t = read_with(&data, &[]);
    assert_eq!(t.counts.records, 52);
    assert_eq!(t.stopped.unwrap().to_string(), "test.bin is damaged: it cannot be read from record 53 on");
}

#[test]
fn damaged_blocks() {
    let schema = record(PEOPLE);
    let good = (2, &people(0, 2)[..]);
    for (records, bytes) in
        [(5, &people(0, 2)[..]), (3, b""), (i64::MAX, &people(0, 2)), (-1, &people(0, 2)), (0, b"x")]
    {
        let t = read_with(&container(&schema, "null", &[good, (records, bytes)]), &[]);
        assert!(t.counts.records >= 2);
        assert_eq!(t.stopped.expect("it is damaged").code(), "AVRO_DAMAGED", "{records}");
    }
    // Another mark at the end of a block.
    let mut data = container(&schema, "null", &[good]);
    let end = data.len();
    data[end - 1] ^= 1;
    assert_eq!(read_with(&data, &[]).stopped.unwrap().code(), "AVRO_DAMAGED");
    for codec in ["deflate", "snappy", "zstandard"] {
        let t = read_with(&container(&schema, codec, &[(1, b"no such thing")]), &[]);
        assert_eq!(t.stopped.unwrap().code(), "AVRO_DAMAGED");
    }
}

#[test]
fn blocks_that_unfold() {
    let zeros = vec![0; 300 << 20];
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(&zeros).unwrap();
    let blocks =
        [("deflate", deflate.finish().unwrap()), ("zstandard", zstd::encode_all(&zeros[..], 1).unwrap())];
    for (codec, block) in blocks {
        let data = container(&record(PEOPLE), codec, &[(1, &block)]);
        let tables = open_all("avro", Input::bytes("t", data), &[], 10).unwrap();
        assert_eq!(tables[0].stopped.as_ref().unwrap().code(), "AVRO_TOO_LARGE");
    }
    // It claims to be 2 GiB long, and is not.
    let mut data = container(&record(PEOPLE), "null", &[]);
    long(&mut data, 1);
    long(&mut data, 2 << 30);
    let tables = open_all("avro", Input::bytes("t", data), &[], 10).unwrap();
    assert_eq!(tables[0].stopped.as_ref().unwrap().code(), "AVRO_TOO_LARGE");
}

/// Nothing that is damaged ends in a panic or goes on for ever.
#[test]
fn damaged_anywhere() {
    let schema = record(
        r#"{"name": "a", "type": ["null", "string"]}, {"name": "b", "type": {"type": "array", "items": "long"}}"#,
    );
    let mut block = Vec::new();
    for i in 0..20 {
        block.push(2);
        text(&mut block, b"some text");
        long(&mut block, 2);
        long(&mut block, i);
        long(&mut block, -i);
        block.push(0);
    }
    let clean =
        container(&schema, "null", &[(10, &block[..block.len() / 2]), (10, &block[block.len() / 2..])]);
    for at in 0..clean.len() {
        for flip in [0xFF, 0x01] {
            let mut data = clean.clone();
            data[at] ^= flip;
            if let Ok(tables) = open_all("avro", Input::bytes("t", data), &[], 16) {
                assert!(tables[0].counts.records <= 20);
            }
        }
    }
}
