//! JSON in all its forms, whole and damaged.

use std::fmt::Write as _;
use std::io::Write as _;

use importer_connectors::connector::{Input, recognise};
use importer_connectors::source::{Confidence, Unit};
use proptest::prelude::*;

use crate::support::Drip;
use crate::texts::{self, All};

fn read(data: impl AsRef<[u8]>) -> All {
    texts::all("json", data, &[])
}

fn format_of(data: impl AsRef<[u8]>) -> &'static str {
    let mut input = Input::bytes("test", data.as_ref().to_vec());
    recognise(&mut input).unwrap().0.name()
}

#[test]
fn one_object_per_line() {
    let f =
        read("{\"id\":1,\"name\":\"Ann\"}\n\n{\"name\":\"Bob\",\"id\":2,\"city\":null}\r\n{\"city\":\"\"}");
    assert_eq!(f.names, ["id", "name", "city"]);
    assert_eq!(f.cells(), [["1", "Ann", "~"], ["2", "Bob", "~"], ["~", "~", "~"]]);
    assert_eq!(f.lines, [1, 3, 4]);
    assert_eq!((f.counts.blank, f.counts.lines), (1, 4));
    assert_eq!(f.description.unit, Unit::Line);
    assert_eq!(f.description.evidence.why("format").unwrap().value, "NDJSON");
    assert!(f.notes.is_empty() && f.findings.is_empty());
}

#[test]
fn values_come_as_they_are_written() {
    let f = read(
        "{\"a\":123456789012345678901234567890,\"b\":1.10,\"c\":-0.5e+10,\"d\":true,\"e\":false,\"f\":\"  x \",\
         \"g\":\"\\u00e9\\n\\ud83d\\ude00\\\"/\\/\"}\n{}\n",
    );
    assert_eq!(
        f.cells()[0],
        ["123456789012345678901234567890", "1.10", "-0.5e+10", "true", "false", "  x ", "é\n😀\"//"]
    );
    assert_eq!(f.cells()[1], ["~"; 7]);
}

#[test]
fn objects_are_flattened_and_lists_stay() {
    let f = read(
        "[{\"id\":1,\"address\":{\"city\":\"Rome\",\"geo\":{\"lat\":41.90}},\"tags\":[\"a\" , \"b c\"],\
         \"items\":[ { \"n\" : 1 } ],\"none\":[],\"nil\":{}}]",
    );
    assert_eq!(f.names, ["id", "address.city", "address.geo.lat", "tags", "items", "none"]);
    assert_eq!(f.cells(), [["1", "Rome", "41.90", "[\"a\",\"b c\"]", "[{\"n\":1}]", "[]"]]);
    assert_eq!(f.description.unit, Unit::Record);
    // Types that change.
    let f = read("{\"a\":1}\n{\"a\":{\"b\":2}}\n{\"a\":null}\n{\"c\":null}\n{\"c\":{\"d\":3}}\n");
    assert_eq!(f.names, ["a", "a.b", "c.d"]);
    assert_eq!(f.cells()[..2], [["1", "~", "~"], ["~", "2", "~"]]);
    assert_eq!(f.cells()[4], ["~", "~", "3"]);
    // A dot in a name.
    let f = read("{\"a.b\":1,\"a\":{\"b\":2},\"\":3}");
    assert_eq!(f.names, ["a.b", "a.b_2", "column_3"]);
    assert_eq!(f.cells(), [["1", "2", "3"]]);
}

#[test]
fn lists_documents_and_single_objects() {
    for list in [
        "[{\"a\":1},{\"a\":2}]",
        "[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2\n  }\n]\n",
        "[{\"a\":1}]\n[{\"a\":2}]",
        "{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n",
        "{\"a\":1}{\"a\":2}",
        "{\"a\":1} {\"a\":2}\n",
        "\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n",
    ] {
        let f = read(list);
        assert_eq!(f.cells(), [["1"], ["2"]], "{list}");
        assert_eq!(f.lines, [1, 2], "{list}");
        assert!(f.error.is_none() && f.notes.is_empty());
    }
    let f = read("{\n \"a\": 1,\n \"b\": [1]\n}");
    assert_eq!(f.cells(), [["1", "[1]"]]);
    assert_eq!(f.description.unit, Unit::Record);
    let f = read("[]");
    assert_eq!((f.names.len(), f.rows.len()), (0, 0));
}

#[test]
fn the_list_of_records_in_a_member() {
    let f = read("{\"count\":2,\"next\":null,\"data\":[{\"a\":1},{\"a\":2}],\"meta\":{\"x\":[1]}}");
    assert_eq!(f.cells(), [["1"], ["2"]]);
    let why = f.description.evidence.why("records").unwrap();
    assert_eq!((why.value.as_str(), why.confidence), ("data", Confidence::Medium));
    assert_eq!(f.noted(), [(2, 1, "JSON_MEMBERS_PASSED")]);
    assert!(f.notes[0].reason.contains("count, next, meta"), "{}", f.notes[0].reason);
    // Two lists: nothing is chosen.
    let f = read("{\"a\":[{\"x\":1}],\"b\":[{\"x\":1}]}");
    assert_eq!(f.cells(), [["[{\"x\":1}]", "[{\"x\":1}]"]]);
    // Orders with their items are records.
    let f = read("{\"id\":1,\"items\":[{\"x\":1}]}\n{\"id\":2,\"items\":[]}\n");
    assert_eq!(f.names, ["id", "items"]);
    assert_eq!(f.rows.len(), 2);
}

#[test]
fn the_path_to_the_records() {
    let path = [("records", "data.items")];
    let text =
        "{\"skip\":{\"items\":[{\"no\":\"}\"}]},\"data\":{\"n\":\"[\",\"items\":[{\"a\":1},{\"a\":2}]}}";
    assert_eq!(texts::all("json", text, &path).cells(), [["1"], ["2"]]);
    // One page per line.
    let f =
        texts::all("json", "{\"data\":{\"items\":[{\"a\":1}]}}\n{\"data\":{\"items\":[{\"b\":2}]}}\n", &path);
    assert_eq!(f.cells(), [["1", "~"], ["~", "2"]]);
    let f = texts::all("json", "{\"data\":{\"a\":1}}", &[("records", "data")]);
    assert_eq!(f.cells(), [["1"]]);
    let e = texts::refused("json", "{\"data\":[],\"rows\":[{\"a\":1}]}", &path);
    assert_eq!(e.code(), "JSON_RECORDS_NOT_FOUND");
    assert!(e.to_string().contains("data, rows"), "{e}");
    for wrong in ["", "a..b", "."] {
        assert_eq!(texts::refused("json", text, &[("records", wrong)]).code(), "SOURCE_OPTIONS");
    }
    assert_eq!(texts::refused("json", text, &[("max_record_bytes", "many")]).code(), "SOURCE_OPTIONS");
    assert_eq!(texts::refused("json", text, &[("delimiter", ",")]).code(), "SOURCE_OPTIONS");
}

#[test]
fn a_damaged_line_costs_itself() {
    let f = read(
        "{\"a\":1}\n{\"a\":2,}\n{\"a\" 3}\n{\"a\":tru}\n[1]\n\"x\"\n{\"a\":4}}\n{\"a\":5\n{\"a\":\"t\tt\"}\n{\"a\":\"\\ud800\"}\n\
         {\"a\":\"\\u0000\"}\n{\"a\":01}\n{\"a\":6}\n{\"a\":7}\n{\"a\":8}\n{\"a\":9}\n{\"a\":10}\n{\"a\":11}\n{\"a\":12}\n\
         {\"a\":13}\n{\"a\":14}\n{\"a\":15}\n{\"a\":16}\n",
    );
    let damaged = "JSON_RECORD_DAMAGED";
    assert_eq!(
        f.rejected(),
        [
            (2, damaged),
            (3, damaged),
            (4, damaged),
            (5, "JSON_NOT_AN_OBJECT"),
            (6, "JSON_NOT_AN_OBJECT"),
            (7, damaged),
            (8, damaged),
            (9, damaged),
            (10, damaged),
            (11, "JSON_NUL_CHARACTER"),
            (12, damaged),
        ]
    );
    assert_eq!(f.rejects[0].reason, "line 2, column 8: a comma stands before the closing bracket");
    assert_eq!(f.rejects[0].raw, b"{\"a\":2,}");
    assert_eq!(f.rejects[0].byte_offset, 8);
    assert!(f.rejects[6].reason.contains("cut off"), "{}", f.rejects[6].reason);
    assert_eq!(f.names, ["a"]);
    assert_eq!(f.column("a").len(), 12);
}

#[test]
fn a_damaged_list_ends_there() {
    let f = read("[\n{\"a\":1},\n{\"a\":2},\n{\"a\":2 \"b\":3},\n{\"a\":4}]");
    assert_eq!(f.cells(), [["1"], ["2"]]);
    let e = f.error.unwrap();
    assert_eq!(e.code(), "JSON_DAMAGED");
    assert!(e.to_string().contains("line 4, column 8: a comma or } is missing"), "{e}");
    let f = read("[{\"a\":1},{\"a\":2},{\"a\":");
    assert_eq!(f.rows.len(), 2);
    let e = f.error.unwrap();
    assert!(
        e.to_string().contains("cut off: it ends at line 1, column 23, in the middle of record 3"),
        "{e}"
    );
    for (text, what) in [
        ("[{\"a\":1},{\"a\":2}", "cut off"),
        ("[{\"a\":1},{\"a\":2} {\"a\":3}]", "a comma or ] is missing behind a record"),
        ("[{\"a\":1},,{\"a\":2}]", "a record is missing before the comma"),
        ("[{\"a\":1},{\"a\":2}]]", "a value is expected here"),
        ("[{\"a\":1},{\"a\":2}]\nTotal 1", "a value is expected here"),
        ("[{\"a\":1}\n{\"a\":2}]", "a comma or ] is missing behind a record"),
        ("{\"d\":[{\"a\":1}],\"x\":[1", "cut off"),
        ("{\"d\":[{\"a\":1}] \"x\":1}", "a comma or } is missing"),
    ] {
        let words: &[(&str, &str)] = if text.starts_with('{') { &[("records", "d")] } else { &[] };
        let f = texts::all("json", text, words);
        let e = f.error.unwrap();
        assert!(!f.rows.is_empty() && e.to_string().contains(what), "{text}: {e}");
    }
    // Which list the words mean is not known before the first document is whole.
    let e = texts::refused("json", "{\"a\":1},\n{\"a\":2}", &[("records", "d")]);
    assert!(e.to_string().contains("no [ stands before the first"), "{e}");
}

#[test]
fn a_record_of_a_list_costs_itself_where_its_end_is_known() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let text = format!(
        "[{{\"a\":1}}, 5, [ {{}} ], null, {{\"a\":\"t\tt\"}}, {{\"a\":\"\\ud83d\"}}, {{\"a\":{deep}}}, {{\"a\":2}}, \"x\"]"
    );
    let f = read(&text);
    assert_eq!(f.cells(), [["1"], ["2"]]);
    let codes: Vec<&str> = f.rejected().iter().map(|r| r.1).collect();
    assert_eq!(
        codes,
        [
            "JSON_NOT_AN_OBJECT",
            "JSON_NOT_AN_OBJECT",
            "JSON_NOT_AN_OBJECT",
            "JSON_RECORD_DAMAGED",
            "JSON_RECORD_DAMAGED",
            "JSON_TOO_DEEP",
            "JSON_NOT_AN_OBJECT",
        ]
    );
    assert_eq!(f.rejects[1].raw, b"[ {} ]");
    assert_eq!(f.lines, [1, 8]);
    let mut bytes = b"[{\"a\":1},{\"a\":\"".to_vec();
    bytes.extend(b"\xFF\xFE\"},{\"a\":3}]");
    let f = read(&bytes);
    assert_eq!(f.rejected(), [(2, "JSON_INVALID_ENCODING")]);
    assert_eq!(f.rejects[0].raw, b"{\"a\":\"\xFF\xFE\"}");
    assert_eq!(f.cells(), [["1"], ["3"]]);
    assert_eq!(read(b"{\"a\":1}\n{\"a\":\"\xE9\"}\n").rejected(), [(2, "JSON_INVALID_ENCODING")]);
}

#[test]
fn the_same_name_twice() {
    let f = read("{\"a\":1,\"a\":2}\n{\"a\":null,\"a\":3}\n{\"a\":4,\"a\":null}\n{\"a\":5}\n");
    assert_eq!(f.names, ["a", "_more"]);
    assert_eq!(f.cells(), [["1", "{\"a\":2}"], ["3", "~"], ["4", "~"], ["5", "~"]]);
    let code = "JSON_DUPLICATE_KEY";
    assert_eq!(f.found(), [(1, code), (2, code), (3, code)]);
    assert!(f.notes.is_empty(), "{:?}", f.notes);
}

#[test]
fn members_behind_the_sample() {
    let mut text = String::new();
    for n in 0..20_000 {
        writeln!(text, "{{\"id\":{n},\"o\":{{\"x\":1}}}}").unwrap();
    }
    assert_eq!(read(&text).names, ["id", "o.x"]);
    text += "{\"id\":20000,\"new\":\"n\",\"o\":{\"y\": [1, 2]},\"nothing\":null,\"void\":\"\"}\n";
    text += "{\"new\":\"m\",\"id\":{\"z\":1},\"o\":5}\n";
    let f = read(&text);
    assert_eq!(f.names, ["id", "o.x", "_more"]);
    assert_eq!(f.cells()[20_000], ["20000", "~", "{\"new\":\"n\",\"o.y\":[1,2]}"]);
    assert_eq!(f.cells()[20_001], ["~", "~", "{\"new\":\"m\",\"id.z\":1,\"o\":5}"]);
    let new = "JSON_NEW_MEMBER";
    assert_eq!(f.noted(), [(20_001, 2, new), (20_001, 1, new), (20_002, 1, new), (20_002, 1, new)]);
    assert!(f.notes[0].reason.contains("`new`"));
}

#[test]
fn what_programs_write_beside_the_rules() {
    let f = read("[{\"a\":NaN},{\"a\":-Infinity},]");
    assert_eq!(f.cells(), [["NaN"], ["-Infinity"]]);
    assert_eq!(f.noted(), [(1, 2, "JSON_NOT_A_NUMBER"), (2, 1, "JSON_TRAILING_COMMA")]);
    let f = read("\u{FEFF}{\"a\":1}\n\u{FEFF}{\"a\":2}\n");
    assert_eq!(f.cells(), [["1"], ["2"]]);
}

#[test]
fn encodings_and_compression() {
    let text = "{\"naïve\":\"é😀\"}\n{\"naïve\":\"x\"}\nno\n{\"naïve\":\"y\"}\n";
    let plain = read(text);
    assert_eq!(plain.names, ["naïve"]);
    for big in [false, true] {
        for mark in [false, true] {
            let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
            let bytes: Vec<u8> =
                units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
            assert_eq!(format_of(&bytes), "json");
            let f = read(&bytes);
            assert_eq!(f.cells(), plain.cells());
            let raw: Vec<u8> = "no"
                .encode_utf16()
                .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
                .collect();
            assert_eq!(f.rejects[0].raw, raw);
        }
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    assert_eq!(format_of(&gz), "json");
    assert_eq!(read(&gz).cells(), plain.cells());
    let zst = zstd::encode_all(text.as_bytes(), 3).unwrap();
    assert_eq!(read(&zst).cells(), plain.cells());
    let e = texts::refused("json", &gz[..gz.len() - 20], &[]);
    assert_eq!(e.code(), "JSON_FILE_TRUNCATED");
}

#[test]
fn a_stream_that_breaks_later() {
    let mut text = String::new();
    for n in 0..400_000_u64 {
        writeln!(text, "{{\"id\":{n},\"name\":\"name {}\"}}", n * 7919 % 100_003).unwrap();
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let f = read(&gz[..gz.len() - 100]);
    assert_eq!(f.error.unwrap().code(), "JSON_FILE_TRUNCATED");
    assert!(f.rows.len() > 300_000);
}

#[test]
fn limits() {
    // Depth.
    let deep =
        |n: usize| format!("{{\"a\":{}1{}}}\n{{\"a\":2}}\n{{\"a\":3}}\n", "[".repeat(n), "]".repeat(n));
    assert!(read(deep(127)).rejects.is_empty());
    assert_eq!(read(deep(128)).rejected(), [(1, "JSON_TOO_DEEP")]);
    assert_eq!(read(deep(1_000_000)).rejected(), [(1, "JSON_TOO_DEEP")]);
    let objects = format!("[{}1{},{{\"b\":1}}]", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(read(objects).rejected(), [(1, "JSON_TOO_DEEP")]);
    let f = read(format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40)));
    assert_eq!(f.names[0].len(), 63);
    assert_eq!(f.cells()[0][0].matches('{').count(), 8);
    // Length.
    let small = [("max_record_bytes", "100")];
    let long = "x".repeat(2_000_000);
    for text in [
        format!("{{\"a\":1}}\n{{\"a\":\"{long}\"}}\n{{\"a\":3}}\n"),
        format!("[{{\"a\":1}},{{\"a\":\"{long}\"}},{{\"a\":3}}]"),
    ] {
        let f = texts::all("json", &text, &small);
        assert_eq!(f.rejected(), [(2, "JSON_RECORD_TOO_LARGE")]);
        assert_eq!(f.cells(), [["1"], ["3"]]);
        assert_eq!(f.rejects[0].raw.len(), 1 << 20);
        assert!(f.rejects[0].raw_truncated);
        let f = read(&text);
        assert_eq!(f.cells()[1][0].len(), long.len());
    }
    // Beyond the sample and the default limit.
    let long = "x".repeat(18 << 20);
    for text in [
        format!("{{\"a\":1}}\n{{\"a\":\"{long}\"}}\n{{\"a\":3,\"b\":1}}\n"),
        format!("[{{\"a\":1}},\n{{\"a\":\"{long}\"}},{{\"a\":3,\"b\":1}}]"),
    ] {
        let f = read(&text);
        assert_eq!(f.rejected(), [(2, "JSON_RECORD_TOO_LARGE")]);
        assert_eq!(f.cells(), [["1", "~"], ["3", "{\"b\":1}"]]);
        assert_eq!(f.noted(), [(3, 1, "JSON_NEW_MEMBER")]);
        let f = texts::all("json", &text, &[("max_record_bytes", "100000000")]);
        assert_eq!(f.rows.len(), 3);
    }
}

#[test]
fn records_larger_than_the_sample() {
    let long = "x".repeat(9 << 20);
    let raised = [("records", "data"), ("max_record_bytes", "20000000")];
    let f = texts::all("json", format!("{{\"x\":1,\"data\":{{\"a\":\"{long}\"}},\"y\":2}}"), &raised);
    assert_eq!(f.column("a")[0].len(), long.len());
    assert!(f.error.is_none(), "{:?}", f.error);
    // The list is known before its end is.
    let mut text = String::from("{\"n\":1,\"rows\":[");
    for n in 0..900_000 {
        write!(text, "{{\"a\":{n}}},").unwrap();
    }
    text += "{\"a\":\"last\"}],\"more\":[{\"b\":1}]}";
    let f = read(&text);
    assert_eq!(f.rows.len(), 900_001);
    assert_eq!(f.column("a")[900_000], "last");
    assert!(f.notes[0].reason.contains("n, more"), "{:?}", f.notes);
    // A member that is passed over may be of any length.
    let text = format!("{{\"skip\":[\"{}\"],\"rows\":[{{\"a\":1}}]}}", "\\\\".repeat(9 << 20));
    assert_eq!(texts::all("json", text, &[("records", "rows")]).cells(), [["1"]]);
}

#[test]
fn too_many_members() {
    let mut text = String::from("{");
    for n in 0..70_000 {
        write!(text, "\"{n}\":1,").unwrap();
    }
    text += "\"x\":1}";
    assert_eq!(texts::refused("json", &text, &[]).code(), "JSON_TOO_MANY_COLUMNS");
    // Names that would grow without end when they are put together.
    let name = "n".repeat(1 << 20);
    let members: Vec<String> = (0..1000).map(|n| format!("\"{n}\":1")).collect();
    let text = format!("{{\"{name}\":{{{}}}}}", members.join(","));
    assert_eq!(texts::refused("json", text, &[]).code(), "JSON_TOO_MANY_COLUMNS");
}

#[test]
fn wide_and_unordered() {
    let forward: Vec<String> = (0..1200).map(|n| format!("\"k{n}\":{n}")).collect();
    let mut backward = forward.clone();
    backward.reverse();
    let f = read(format!("{{{}}}\n{{{}}}\n", forward.join(","), backward.join(",")));
    assert_eq!(f.names.len(), 1200);
    assert_eq!(f.cells()[0], f.cells()[1]);
    assert_eq!(f.cells()[0][1199], "1199");
}

#[test]
fn a_bomb_stays_small() {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(b"[{\"a\":1},{\"a\":\"").unwrap();
    for _ in 0..100 {
        gz.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    gz.write_all(b"\"},{\"a\":2}]").unwrap();
    let f = read(gz.finish().unwrap());
    assert!(f.error.is_none(), "{:?}", f.error);
    assert_eq!(f.rejected(), [(2, "JSON_RECORD_TOO_LARGE")]);
    assert_eq!(f.column("a"), ["1", "2"]);
}

#[test]
fn nothing_and_other_formats() {
    for blank in ["", "\n \n", "\u{FEFF}"] {
        assert_eq!(texts::refused("json", blank, &[]).code(), "JSON_EMPTY", "{blank:?}");
    }
    for other in [&b"id,name\n1,Ann\n"[..], b"PK\x03\x04", b"<?xml?>", b"{x", b"null"] {
        let result = texts::open("json", std::io::Cursor::new(other.to_vec()), &[], 10);
        let code = match &result {
            Err(e) => e.code(),
            Ok(f) => f.error.as_ref().unwrap().code(),
        };
        assert!(matches!(code, "JSON_OTHER_FORMAT" | "JSON_DAMAGED"), "{other:?}: {code}");
    }
    for damaged in ["[{\"a\":1}]", "[\n{\"a\":1},\n]", "[{\"a\":1},]", "{\"a\":1},\n{\"a\":2}"] {
        let error = texts::refused("csv", damaged, &[]);
        assert_eq!(error.code(), "CSV_FILE_OTHER_FORMAT", "{damaged}");
        assert!(error.help().contains("`json`"), "{damaged}: {}", error.help());
    }
    // Of no format: the connector `file` is told as little as any other that it is the one to name.
    let error = texts::refused("file", "{\"a\":1},b\n1,2\n", &[]);
    assert!(error.help().contains("where it is damaged"), "{}", error.help());
}

#[test]
fn recognised_by_content() {
    for json in [
        "{\"a\":1}",
        " \n[ {\"a\":1}, {\"a\":2} ]",
        "[]",
        "{}",
        "[[1]]",
        "{\"a\":1}\n{\"a\":2}\n",
        "{\"a\":1",
        "{\"a\":1,,}\n{\"a\":2}\n",
        "\u{FEFF}{\"a\":1}",
        // Damaged further on.
        "[{\"a\":1},{\"a\":2},]",
        "[\n{\"a\":1},\n{\"a\":2},\n]",
        "{\"a\":1},\n{\"a\":2}",
        "[{\"a\":1}\n{\"a\":2}]",
        "[{\"a\":1}]\nTotal 1",
        "{\"a\":1}\nTotal 1",
        "[ { \"a\" : tru } ]",
    ] {
        assert_eq!(format_of(json), "json", "{json}");
        assert_eq!(texts::all("file", json, &[]).description.connector, "json");
    }
    for csv in [
        "{id},name\n1,Ann\n",
        "[id],name\n1,Ann\n",
        "{\"a\"},b\n1,2\n",
        "[],x\n1,2\n",
        "{\"a\":1},b\n1,2\n",
        "{\"id,\"name\n1,2\n",
        "\"{\"\"a\"\":1}\",b\n1,2\n",
        "[[a]],b\n",
        "",
    ] {
        assert_eq!(format_of(csv), "csv", "{csv}");
    }
    let long = format!("[{}", "{\"a\":1},".repeat(20_000));
    assert_eq!(format_of(&long), "json");
}

/// A value of JSON as text, and a table of records.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[a-z\"\\\\{}\\[\\], é\n]{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            proptest::collection::btree_map("[a-d.]{0,2}", inner, 0..4)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

/// What a record must become: paths and texts.
fn flat(prefix: &str, value: &serde_json::Value, out: &mut Vec<(String, String)>) {
    use serde_json::Value as V;
    match value {
        V::Object(members) => {
            for (name, value) in members {
                let path = if prefix == "\0" { name.clone() } else { format!("{prefix}.{name}") };
                flat(&path, value, out);
            }
        }
        V::Null => {}
        V::String(text) if text.is_empty() => {}
        V::String(text) => out.push((prefix.to_owned(), text.clone())),
        other => out.push((prefix.to_owned(), other.to_string())),
    }
}

proptest! {
    #[test]
    fn every_value_arrives(records in proptest::collection::vec(
        proptest::collection::btree_map("[a-d]{1,2}", value(), 0..5), 1..12), form in 0..5_usize)
    {
        let records: Vec<serde_json::Value> =
            records.into_iter().map(|m| serde_json::Value::Object(m.into_iter().collect())).collect();
        let mut text = String::new();
        match form {
            0 => records.iter().for_each(|r| writeln!(text, "{r}").unwrap()),
            1 => text = serde_json::to_string(&records).unwrap(),
            2 => text = serde_json::to_string_pretty(&records).unwrap(),
            3 => records.iter().for_each(|r| writeln!(text, "{r:#}").unwrap()),
            _ => text = serde_json::json!({"x": 1, "path": {"list": records}}).to_string(),
        }
        let words: &[(&str, &str)] = if form == 4 { &[("records", "path.list")] } else { &[] };
        // A single object may have a list of objects that is taken for the records.
        prop_assume!(records.len() > 1 || form == 1 || form == 2 || form == 4);
        let f = texts::all("json", &text, words);
        prop_assert!(f.error.is_none() && f.rejects.is_empty(), "{text}\n{:?}{:?}", f.error, f.rejects);
        prop_assert_eq!(f.rows.len(), records.len());
        for (row, record) in f.rows.iter().zip(&records) {
            let mut wanted = Vec::new();
            flat("\0", record, &mut wanted);
            let mut wanted: Vec<String> = wanted.into_iter().map(|(_, text)| text).collect();
            let mut found: Vec<String> = row.iter().flatten().cloned().collect();
            wanted.sort();
            found.sort();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn pieces_and_batches_change_nothing(
        text in "(\\{\"a\":[0-9]{1,3},\"b\":(\"[a-c\\\\\"]{0,6}\"|\\[1,2\\]|\\{\"c\":null\\}|x)\\},?\n?){0,12}",
        list in any::<bool>(), step in 1..40_usize, rows in 1..5_usize)
    {
        let text = if list { format!("[{text}]") } else { text };
        let whole = texts::open("json", std::io::Cursor::new(text.clone().into_bytes()), &[], 8192);
        let pieces = texts::open("json", Drip { data: text.into_bytes(), at: 0, step }, &[], rows);
        match (whole, pieces) {
            (Ok(whole), Ok(pieces)) => prop_assert_eq!(whole.essence(), pieces.essence()),
            (Err(whole), Err(pieces)) => prop_assert_eq!(whole.to_string(), pieces.to_string()),
            (whole, pieces) => prop_assert!(false, "{:?} {:?}", whole, pieces),
        }
    }

    #[test]
    fn no_bytes_make_it_panic(text in "([\\[\\]{},:\"\\\\ \n0-9a-eu.-]|true|null|\"a\":){0,80}", cut in 0..80_usize) {
        let text = text.as_bytes();
        let _ = texts::open("json", std::io::Cursor::new(text[..cut.min(text.len())].to_vec()), &[], 2);
        let _ = texts::open("json", std::io::Cursor::new(text.to_vec()), &[("records", "a"), ("max_record_bytes", "20")], 2);
    }
}
