//! Parquet files.

use std::io::Write;
use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{DataType, Field, Fields, Int32Type, Schema, TimeUnit};
use importer_connectors::connector::Input;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use proptest::prelude::*;

use crate::tables::{open_all, read, read_with, refused};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, c)| c).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn write(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn plain(batch: &RecordBatch) -> Vec<u8> {
    write(batch, WriterProperties::default())
}

fn people(rows: usize) -> RecordBatch {
    batch(vec![
        ("id", Arc::new(Int64Array::from_iter_values(0..rows as i64)) as ArrayRef),
        ("name", Arc::new(StringArray::from_iter_values((0..rows).map(|i| format!("Person {i}"))))),
        ("born", Arc::new(Date32Array::from_iter_values((0..rows).map(|i| i as i32)))),
    ])
}

#[test]
fn one_row() {
    let t = read(&plain(&people(1)));
    assert_eq!(t.cells(), [["0", "Person 0", "1970-01-01"]]);
    assert_eq!(t.types(), ["Int64", "Utf8", "Date32"]);
    assert_eq!((t.description.connector, t.lines.as_slice()), ("parquet", &[1][..]));
    assert_eq!(t.why("format"), "Parquet");
    assert_eq!((t.why("rows"), t.why("row_groups"), t.why("compression")), ("1", "1", "uncompressed"));
    assert!(t.why("created_by").contains("parquet"));
}

#[test]
fn no_rows_keep_the_schema() {
    let t = read(&plain(&people(0)));
    assert_eq!(t.headers.unique, ["id", "name", "born"]);
    assert_eq!(t.types(), ["Int64", "Utf8", "Date32"]);
    assert!(t.counts.is_header_only());
}

#[test]
fn several_row_groups_and_codecs() {
    let rows = people(1000);
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
            let properties = WriterProperties::builder()
                .set_compression(codec)
                .set_writer_version(version)
                .set_max_row_group_row_count(Some(300))
                .set_data_page_row_count_limit(64)
                .set_write_batch_size(16)
                .build();
            let t = read(&write(&rows, properties));
            assert_eq!(t.counts.records, 1000, "{codec:?}");
            assert_eq!(t.why("row_groups"), "4");
            assert_eq!(t.lines, (1..=1000).collect::<Vec<_>>());
            assert_eq!(t.cells()[999], ["999", "Person 999", "1972-09-26"]);
        }
    }
}

#[test]
fn numbers_become_few_types() {
    let t = read(&plain(&batch(vec![
        ("i8", Arc::new(Int8Array::from(vec![Some(-1), None])) as ArrayRef),
        ("u16", Arc::new(UInt16Array::from(vec![65535, 0]))),
        ("u32", Arc::new(UInt32Array::from(vec![u32::MAX, 0]))),
        ("u64", Arc::new(UInt64Array::from(vec![u64::MAX, 0]))),
        ("f16", Arc::new(Float16Array::from_iter_values([1.5_f32, -2.0].map(half)))),
        ("f32", Arc::new(Float32Array::from(vec![0.1, f32::NAN]))),
        ("bool", Arc::new(BooleanArray::from(vec![Some(true), None]))),
    ])));
    assert_eq!(t.types(), ["Int64", "Int64", "Int64", "Decimal128(20, 0)", "Float32", "Float32", "Boolean"]);
    assert_eq!(
        t.cells(),
        [
            ["-1", "65535", "4294967295", "18446744073709551615", "1.5", "0.1", "true"],
            ["~", "0", "0", "0", "-2.0", "NaN", "~"]
        ]
    );
}

fn half(n: f32) -> <arrow::datatypes::Float16Type as arrow::datatypes::ArrowPrimitiveType>::Native {
    <arrow::datatypes::Float16Type as arrow::datatypes::ArrowPrimitiveType>::Native::from_f32(n)
}

#[test]
fn times_and_decimals() {
    let t = read(&plain(&batch(vec![
        ("ms", Arc::new(TimestampMillisecondArray::from(vec![0]).with_timezone("+01:00")) as ArrayRef),
        ("us", Arc::new(TimestampMicrosecondArray::from(vec![1]))),
        ("ns", Arc::new(TimestampNanosecondArray::from(vec![1]).with_timezone("+00:00"))),
        ("s", Arc::new(TimestampSecondArray::from(vec![-62_135_596_800]))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![1_000_000]))),
        ("d64", Arc::new(Date64Array::from(vec![86_400_000]))),
        ("money", Arc::new(Decimal128Array::from(vec![12345]).with_precision_and_scale(10, 2).unwrap())),
        ("small", Arc::new(Decimal32Array::from(vec![-105]).with_precision_and_scale(5, 1).unwrap())),
        (
            "huge",
            Arc::new(
                Decimal256Array::from(vec![arrow::datatypes::i256::from_i128(7)])
                    .with_precision_and_scale(50, 0)
                    .unwrap(),
            ),
        ),
    ])));
    assert_eq!(
        t.types(),
        [
            "Timestamp(ms, \"+01:00\")",
            "Timestamp(µs)",
            "Timestamp(ns, \"+00:00\")",
            "Timestamp(s)",
            "Time64(µs)",
            "Timestamp(ms)",
            "Decimal128(10, 2)",
            "Decimal128(5, 1)",
            "Decimal256(50, 0)"
        ]
    );
    assert_eq!(t.column("s"), ["0001-01-01T00:00:00"]);
    assert_eq!(t.column("d64"), ["1970-01-02T00:00:00"]);
    assert_eq!((t.column("money"), t.column("small")), (vec!["123.45".to_owned()], vec!["-10.5".to_owned()]));
}

#[test]
fn texts_of_all_kinds() {
    let t = read(&plain(&batch(vec![
        ("large", Arc::new(LargeStringArray::from(vec![Some("Zoë"), Some("")])) as ArrayRef),
        ("view", Arc::new(StringViewArray::from(vec![Some("a text that is longer than a view"), None]))),
        ("dictionary", Arc::new(vec!["北京", ""].into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("null", Arc::new(NullArray::new(2))),
    ])));
    assert_eq!(t.types(), ["Utf8"; 4]);
    assert_eq!(t.cells(), [["Zoë", "a text that is longer than a view", "北京", "~"], ["~", "~", "~", "~"]]);
}

#[test]
fn bytes_are_text_or_told() {
    let rows = batch(vec![
        ("b", Arc::new(BinaryArray::from(vec![&b"abc"[..], b"\xFF\xFE", b"a\0b", b""])) as ArrayRef),
        (
            "f",
            Arc::new(
                FixedSizeBinaryArray::try_from_iter([[1_u8, 2], [3, 4], [5, 6], [7, 255]].iter()).unwrap(),
            ),
        ),
    ]);
    let t = read(&plain(&rows));
    assert_eq!(t.cells(), [["abc", "0102"], ["~", "0304"], ["~", "0506"], ["~", "07ff"]]);
    let told: Vec<_> = t.findings.iter().map(|f| (f.line_number, f.column, f.code.as_str())).collect();
    assert_eq!(told, [(2, 0, "PARQUET_BINARY"), (3, 0, "PARQUET_BINARY")]);
    let t = read_with(&plain(&rows), &[("binary", "hex")]);
    assert_eq!(t.column("b"), ["616263", "fffe", "610062", ""]);
    assert!(t.findings.is_empty());
    assert_eq!(refused("parquet", &plain(&rows), &[("binary", "octal")]).code(), "SOURCE_OPTIONS");
}

/// Writers that put Latin-1 into texts exist: such a value costs itself only.
#[test]
fn a_text_that_is_none_costs_itself() {
    let rows = batch(vec![("t", Arc::new(StringArray::from(vec!["abc", "Zo##", "def"])) as ArrayRef)]);
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let mut data = write(&rows, properties);
    let at = data.windows(4).position(|w| w == b"Zo##").unwrap();
    data[at + 2] = 0xEB;
    let t = read(&data);
    assert_eq!(t.cells(), [["abc"], ["~"], ["def"]]);
    assert_eq!((t.findings[0].line_number, t.findings[0].column), (2, 0));
}

#[test]
fn nested_columns() {
    let point = |x: i32| {
        let fields: Fields =
            vec![Field::new("id", DataType::Int32, true), Field::new("note", DataType::Utf8, true)].into();
        StructArray::new(
            fields,
            vec![Arc::new(Int32Array::from(vec![x, x])), Arc::new(StringArray::from(vec!["", "n"]))],
            None,
        )
    };
    let mut list = ListBuilder::new(StringBuilder::new());
    list.values().append_value("");
    list.values().append_value("x");
    list.append(true);
    list.append(false);
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int16Builder::new());
    map.keys().append_value("k");
    map.values().append_value(5);
    map.append(true).unwrap();
    map.append(true).unwrap();
    let t = read(&plain(&batch(vec![
        ("id", Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef),
        ("a", Arc::new(point(3))),
        ("b", Arc::new(point(4))),
        ("list", Arc::new(list.finish())),
        ("map", Arc::new(map.finish())),
    ])));
    let both = "Struct(\"id\": Int64, \"note\": Utf8)";
    let map = "List(Struct(\"keys\": Utf8, \"values\": Int64))";
    assert_eq!(t.types(), ["Int64", both, both, "List(Utf8)", map]);
    assert_eq!(
        t.cells(),
        [
            ["1", "{id: 3, note: ~}", "{id: 4, note: ~}", "[, x]", "[{keys: k, values: 5}]"],
            ["2", "{id: 3, note: n}", "{id: 4, note: n}", "~", "[]"]
        ]
    );
    let t = read_with(&plain(&batch(vec![("a", Arc::new(point(3)) as ArrayRef)])), &[("columns", "a")]);
    assert_eq!(t.headers.unique, ["a"]);
}

/// Only the deprecated type of the first Hive and Impala; far dates do not fit into nanoseconds.
#[test]
fn int96_keeps_far_dates() {
    use parquet::data_type::{Int96, Int96Type};
    use parquet::file::writer::SerializedFileWriter;
    let schema = parquet::schema::parser::parse_message_type("message m { optional int96 at; }").unwrap();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let day = |julian: u32| {
        let mut n = Int96::new();
        n.set_data(0, 0, julian);
        n
    };
    // 1970-01-01 and 0001-01-01.
    let days = [day(2_440_588), day(1_721_426)];
    column.typed::<Int96Type>().write_batch(&days, Some(&[1, 1, 0]), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let t = read(&writer.into_inner().unwrap());
    assert_eq!(t.types(), ["Timestamp(µs)"]);
    assert_eq!(t.cells(), [["1970-01-01T00:00:00"], ["0001-01-01T00:00:00"], ["~"]]);
    assert_eq!(DataType::Timestamp(TimeUnit::Microsecond, None).to_string(), "Timestamp(µs)");
}

#[test]
fn uuids_and_enums() {
    use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message m { required fixed_len_byte_array(16) id (UUID); required binary kind (ENUM); }";
    let schema = parquet::schema::parser::parse_message_type(schema).unwrap();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let id = FixedLenByteArray::from((0..16).map(|i| i * 17).collect::<Vec<u8>>());
    column.typed::<FixedLenByteArrayType>().write_batch(&[id], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&[ByteArray::from("RED")], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let t = read(&writer.into_inner().unwrap());
    assert_eq!(t.cells(), [["00112233-4455-6677-8899-aabbccddeeff", "RED"]]);
}

#[test]
fn names_are_made_unique_and_chosen() {
    let n = |i| Arc::new(Int64Array::from(vec![i])) as ArrayRef;
    let data = plain(&batch(vec![("a", n(1)), ("A ", n(2)), ("a", n(3)), ("", n(4))]));
    let t = read(&data);
    assert_eq!(t.headers.unique, ["a", "A_2", "a_3", "column_4"]);
    assert_eq!(t.headers.original, ["a", "A ", "a", ""]);
    assert_eq!(t.cells(), [["1", "2", "3", "4"]]);
    let t = read_with(&data, &[("columns", " a_3, A_2,a_3")]);
    assert_eq!(t.headers.unique, ["A_2", "a_3"]);
    assert_eq!(t.cells(), [["2", "3"]]);
    assert_eq!(t.why("columns"), "2 of 4");
    let error = refused("parquet", &data, &[("columns", "b")]);
    assert_eq!(error.code(), "SOURCE_OPTIONS");
    assert!(error.to_string().contains("there is no column \"b\"") && error.to_string().contains("A_2"));
    assert_eq!(refused("parquet", &data, &[("columns", ",")]).code(), "SOURCE_OPTIONS");
    assert_eq!(refused("parquet", &data, &[("sheet", "x")]).code(), "SOURCE_OPTIONS");
}

#[test]
fn wide() {
    let columns: Vec<String> = (0..1200).map(|i| format!("c{i}")).collect();
    let n = |i| Arc::new(Int64Array::from(vec![i, i + 1])) as ArrayRef;
    let data = plain(&batch(columns.iter().enumerate().map(|(i, c)| (c.as_str(), n(i as i64))).collect()));
    let t = read(&data);
    assert_eq!(t.headers.unique.len(), 1200);
    assert_eq!(t.cells()[1][1199], "1200");
}

#[test]
fn a_huge_cell() {
    let text = "x".repeat(20 << 20);
    let t =
        read(&plain(&batch(vec![("t", Arc::new(StringArray::from(vec![text.as_str(), "y"])) as ArrayRef)])));
    assert_eq!(t.cells()[0][0].len(), 20 << 20);
    assert_eq!(t.cells()[1][0], "y");
}

#[test]
fn compressed_as_a_whole() {
    let data = plain(&people(10));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&data).unwrap();
    let gz = gz.finish().unwrap();
    for packed in [gz.clone(), zstd::encode_all(&data[..], 1).unwrap()] {
        assert_eq!(read(&packed).counts.records, 10);
    }
    let error = refused("parquet", &gz[..gz.len() - 20], &[]);
    assert!(error.to_string().contains("gz compression is cut off"), "{error}");
    assert_eq!(refused("parquet", &gz, &[("max_unpacked_bytes", "100")]).code(), "FILE_TOO_LARGE");
}

#[test]
fn what_is_no_parquet_file() {
    assert_eq!(refused("parquet", b"", &[]).code(), "PARQUET_EMPTY");
    assert_eq!(refused("parquet", b"a,b\n1,2\n", &[]).code(), "PARQUET_OTHER_FORMAT");
    assert_eq!(refused("parquet", b"PAR1", &[]).code(), "PARQUET_CUT_OFF");
    let data = plain(&people(100));
    for cut in [5, 12, data.len() / 2, data.len() - 1] {
        assert_eq!(refused("parquet", &data[..cut], &[]).code(), "PARQUET_CUT_OFF");
    }
    let mut encrypted = data.clone();
    let end = encrypted.len();
    encrypted[end - 4..].copy_from_slice(b"PARE");
    assert_eq!(refused("parquet", &encrypted, &[]).code(), "PARQUET_ENCRYPTED");
    // A header of delimited text may look like it.
    let t = open_all("file", Input::bytes("a.csv", "PAR1,x\n1,2\n"), &[], 10).unwrap();
    assert_eq!(t[0].description.connector, "csv");
}

/// The footer claims what it does not hold.
#[test]
fn footers_that_claim_too_much() {
    let data = plain(&people(3));
    let footer = |bytes: &[u8]| {
        let mut file = b"PAR1".to_vec();
        file.extend_from_slice(bytes);
        file.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        file.extend_from_slice(b"PAR1");
        file
    };
    let huge = [0xFF, 0xFF, 0xFF, 0xFF, 0x07];
    // version 1; a schema of 2^31 elements.
    let schema = [&[0x15, 0x02, 0x19, 0xFC][..], &huge].concat();
    // An empty schema, no rows, 2^31 row groups.
    let groups =
        [&[0x15, 0x02, 0x19, 0x1C, 0x48, 0x01, b'm', 0x15, 0x00, 0x00, 0x16, 0x00, 0x19, 0xFC][..], &huge]
            .concat();
    for bytes in [&schema[..], &groups, b"", b"\xFF\xFF", &[0x1C; 100]] {
        let code = refused("parquet", &footer(bytes), &[]).code();
        assert!(["PARQUET_DAMAGED", "PARQUET_UNSUPPORTED"].contains(&code), "{code}");
    }
    let mut long = data.clone();
    let end = long.len();
    long[end - 8..end - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(refused("parquet", &long, &[]).code(), "PARQUET_DAMAGED");
}

/// Groups in groups without end.
#[test]
fn nesting_has_a_limit() {
    let mut bytes = vec![0x15, 0x02, 0x19, 0xFC, 0xD0, 0x0F];
    for _ in 0..2000 {
        // required, named g, one child
        bytes.extend_from_slice(&[0x35, 0x00, 0x18, 0x01, b'g', 0x15, 0x02, 0x00]);
    }
    bytes.extend_from_slice(&[0x16, 0x00, 0x19, 0x0C, 0x00]);
    let mut file = b"PAR1".to_vec();
    file.extend_from_slice(&bytes);
    file.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    file.extend_from_slice(b"PAR1");
    assert_eq!(refused("parquet", &file, &[]).code(), "PARQUET_UNSUPPORTED");
}

/// What stands in front of a damaged page is read, whatever the batches.
#[test]
fn a_damaged_page_in_the_middle() {
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(10)
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(500))
        .build();
    let clean = write(&people(1000), properties);
    let at = clean.windows(10).position(|w| w == b"Person 730").unwrap();
    let mut data = clean.clone();
    data[at - 40..at + 40].fill(0xFF);
    let t = read_with(&data, &[]);
    let error = t.stopped.as_ref().expect("it is damaged");
    assert_eq!(error.code(), "PARQUET_DAMAGED");
    // Values that are not compressed are read one after the other.
    assert_eq!(t.counts.records, 728);
    assert_eq!(error.to_string(), "test.bin is damaged: it cannot be read from row 729 on");
    assert_eq!(t.cells()[720][1], "Person 720");
    // Another column is not concerned.
    let t = read_with(&data, &[("columns", "id")]);
    assert!(t.stopped.is_none());
    assert_eq!(t.counts.records, 1000);
}

#[test]
fn a_damaged_page_that_is_compressed() {
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(10)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(500))
        .build();
    let mut data = write(&people(1000), properties);
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(
        data.clone(),
    ));
    let metadata = Arc::clone(reader.unwrap().metadata());
    let (start, length) = metadata.row_group(1).column(2).byte_range();
    data[(start + length * 2 / 3) as usize] ^= 0xFF;
    let t = read_with(&data, &[]);
    assert_eq!(t.stopped.expect("it is damaged").code(), "PARQUET_DAMAGED");
    assert!(
        t.counts.records >= 500 && t.counts.records < 1000 && t.counts.records.is_multiple_of(100),
        "{:?}",
        t.counts
    );
}

/// The sizes of the first page, written anew: `to` stands for the bytes after decompression.
fn claim(data: &mut Vec<u8>, to: &[u8]) {
    assert_eq!(data[4..7], [0x15, 0x00, 0x15]);
    let length = data[7..].iter().position(|b| b & 0x80 == 0).unwrap() + 1;
    data.splice(7..7 + length, to.iter().copied());
}

#[test]
fn a_page_that_claims_too_much() {
    let properties = || {
        WriterProperties::builder().set_dictionary_enabled(false).set_compression(Compression::SNAPPY).build()
    };
    for rows in [people(10), nested(10)] {
        let mut data = write(&rows, properties());
        claim(&mut data, &[0xFE, 0xFF, 0xFF, 0xFF, 0x0F]);
        let t = read_with(&data, &[]);
        assert_eq!(t.stopped.expect("it is refused").code(), "PARQUET_TOO_LARGE");
    }
}

/// The header says a thousand bytes; there are 300 MiB.
#[test]
fn a_page_that_unfolds() {
    let text = "x".repeat(300 << 20);
    let rows = batch(vec![("t", Arc::new(StringArray::from(vec![text.as_str()])) as ArrayRef)]);
    drop(text);
    for codec in [Compression::GZIP(GzipLevel::try_new(1).unwrap()), Compression::BROTLI(Default::default())]
    {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None)
            .set_compression(codec)
            .build();
        let mut data = write(&rows, properties);
        claim(&mut data, &[0xD0, 0x8F, 0x80, 0x80, 0x00]);
        let tables = open_all("parquet", Input::bytes("t", data), &[], 10).unwrap();
        assert_eq!(
            tables[0].stopped.as_ref().expect("it is refused").code(),
            "PARQUET_TOO_LARGE",
            "{codec:?}"
        );
    }
}

/// The footer is readable, its columns are not.
#[test]
fn encrypted_columns() {
    let mut data = plain(&people(10));
    let end = data.len();
    let length = u32::from_le_bytes(data[end - 8..end - 4].try_into().unwrap());
    assert_eq!(data[end - 9], 0);
    data.splice(end - 9..end - 9, [0x1C, 0x00]);
    data[end - 6..end - 2].copy_from_slice(&(length + 2).to_le_bytes());
    assert_eq!(refused("parquet", &data, &[]).code(), "PARQUET_ENCRYPTED");
}

fn nested(rows: usize) -> RecordBatch {
    let mut lists = ListBuilder::new(StringBuilder::new());
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for i in 0..rows {
        (0..i % 4).for_each(|n| lists.values().append_value(format!("item {n} of {i}")));
        lists.append(i % 5 > 0);
        maps.keys().append_value("k");
        maps.values().append_value(i as i64);
        maps.append(true).unwrap();
    }
    batch(vec![("lists", Arc::new(lists.finish()) as ArrayRef), ("maps", Arc::new(maps.finish()))])
}

#[test]
fn a_long_list() {
    let mut lists = ListBuilder::new(Int64Builder::new());
    for rows in [1, 3_000_000, 0] {
        (0..rows).for_each(|n| lists.values().append_value(n));
        lists.append(true);
    }
    let tables = open_all(
        "parquet",
        Input::bytes("t", plain(&batch(vec![("l", Arc::new(lists.finish()) as ArrayRef)]))),
        &[],
        8192,
    )
    .unwrap();
    assert_eq!(tables[0].records.column(0).as_list::<i32>().values().len(), 3_000_001);
    assert_eq!(tables[0].counts.records, 3);
}

#[test]
fn damaged_anywhere_in_lists() {
    let properties =
        WriterProperties::builder().set_data_page_row_count_limit(10).set_write_batch_size(5).build();
    let clean = write(&nested(40), properties);
    for at in (0..clean.len()).step_by(5) {
        let mut data = clean.clone();
        data[at] ^= 0x55;
        if let Ok(tables) = open_all("parquet", Input::bytes("t", data), &[], 16) {
            assert!(tables[0].counts.records <= 40);
        }
    }
}

type Row = (Option<i64>, Option<String>, Option<Vec<Option<String>>>);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// What is written comes back, whatever the pages and batches.
    #[test]
    fn round_trip(rows in prop::collection::vec(any::<Row>(), 1..40), page in 1_usize..20) {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for (_, _, list) in &rows {
            list.iter().flatten().for_each(|item| lists.values().append_option(item.as_ref()));
            lists.append(list.is_some());
        }
        let whole = batch(vec![
            ("n", Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()) as ArrayRef),
            ("t", Arc::new(rows.iter().map(|r| r.1.clone()).collect::<LargeStringArray>())),
            ("l", Arc::new(lists.finish())),
        ]);
        let properties = WriterProperties::builder()
            .set_data_page_row_count_limit(page)
            .set_write_batch_size(3)
            .set_max_row_group_row_count(Some(17))
            .build();
        let t = read(&write(&whole, properties));
        prop_assert_eq!(t.records.num_rows(), rows.len());
        let n = t.records.column(0).as_primitive::<arrow::datatypes::Int64Type>();
        let text = t.records.column(1).as_string::<i32>();
        let lists = t.records.column(2).as_list::<i32>();
        for (i, row) in rows.iter().enumerate() {
            prop_assert_eq!(n.is_valid(i).then(|| n.value(i)), row.0);
            prop_assert_eq!(text.is_valid(i).then(|| text.value(i)), row.1.as_deref().filter(|t| !t.is_empty()));
            let list = lists.is_valid(i).then(|| {
                lists.value(i).as_string::<i32>().iter().map(|t| t.map(str::to_owned)).collect::<Vec<_>>()
            });
            prop_assert_eq!(&list, &row.2);
        }
    }
}

/// Nothing that is damaged ends in a panic or goes on for ever.
#[test]
fn damaged_anywhere() {
    let clean = plain(&people(50));
    for at in (0..clean.len()).step_by(3) {
        for flip in [0xFF, 0x01, 0x80] {
            let mut data = clean.clone();
            data[at] ^= flip;
            if let Ok(tables) = open_all("parquet", Input::bytes("t", data), &[], 16) {
                assert!(tables[0].counts.records <= 50);
            }
        }
    }
}

/// One long text for a million rows takes a few bytes in the file.
#[test]
fn a_dictionary_that_unfolds_is_cut_into_batches() {
    let text = "y".repeat(1 << 20);
    let values = StringArray::from(vec![text.as_str()]);
    let keys = Int32Array::from(vec![0; 300]);
    let column = DictionaryArray::<Int32Type>::new(keys, Arc::new(values));
    let data = plain(&batch(vec![("t", Arc::new(column) as ArrayRef)]));
    assert!(data.len() < 3 << 20);
    let mut sources = importer_connectors::connector::open(
        "parquet",
        Input::bytes("t", data),
        &crate::tables::request(&[], 8192),
    )
    .unwrap();
    let mut rows = 0;
    while let Some(batch) = sources[0].next_batch().unwrap() {
        assert!(batch.records.get_array_memory_size() <= 80 << 20);
        rows += batch.records.num_rows();
    }
    assert_eq!(rows, 300);
}
