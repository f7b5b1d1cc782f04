//! ZIP archives with several members.

use std::io::{Cursor, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use importer_connectors::connector::{self, Input};
use importer_connectors::source::SourceError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::tables::{Table, open_all, refused, request};

fn pack(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in members {
        if name.ends_with('/') {
            zip.add_directory(*name, options).unwrap();
        } else {
            zip.start_file(*name, options).unwrap();
            zip.write_all(content).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn read(data: &[u8], words: &[(&str, &str)]) -> Vec<Table> {
    match open_all("file", Input::bytes("people.zip", data.to_vec()), words, 100) {
        Ok(tables) => tables,
        Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
    }
}

fn names(tables: &[Table]) -> Vec<&str> {
    tables.iter().map(|t| t.name.as_str()).collect()
}

fn parquet() -> Vec<u8> {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let batch = RecordBatch::try_from_iter([("n", column)]).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn each_member_by_its_content() {
    let data = pack(&[
        ("folder/", b""),
        ("folder/b.csv", b"id,name\n1,Ann\n2,Bob\n"),
        ("events.parquet", &parquet()),
        ("__MACOSX/folder/._b.csv", b"\0\0"),
        (".DS_Store", b"\0\0"),
        ("empty.txt", b""),
        ("a.csv.zst", &zstd::encode_all(&b"x;y\n1;2\n"[..], 1).unwrap()),
    ]);
    let tables = read(&data, &[]);
    assert_eq!(
        names(&tables),
        ["people.zip!a.csv.zst", "people.zip!events.parquet", "people.zip!folder/b.csv"]
    );
    assert_eq!(tables.iter().map(|t| t.description.connector).collect::<Vec<_>>(), ["csv", "parquet", "csv"]);
    assert_eq!(tables[2].cells(), [["1", "Ann"], ["2", "Bob"]]);
    assert_eq!(tables[1].column("n"), ["1", "2", "3"]);
    let members = tables[0].description.evidence.why("members").unwrap();
    assert_eq!(members.value, "3 of 7");
    assert_eq!(members.why, "passed over: 1 folder, 2 files of the system, 1 empty member");
    assert_eq!((tables[0].notes[0].code.as_str(), tables[0].notes[0].count), ("ARCHIVE_PASSED_OVER", 4));
    assert!(tables[1].notes.is_empty());
}

#[test]
fn members_are_chosen() {
    let data = pack(&[
        ("a/one.csv", b"x,y\n1,2\n"),
        ("a/two.csv", b"x,y\n3,4\n"),
        ("readme.txt", b"Read me, please\n"),
    ]);
    assert_eq!(names(&read(&data, &[("member", "*.csv")])).len(), 2);
    assert_eq!(names(&read(&data, &[("member", "two.csv")])), ["people.zip!a/two.csv"]);
    assert_eq!(names(&read(&data, &[("member", "a/one*")])), ["people.zip!a/one.csv"]);
    let t = read(&data, &[("member", "a/one.csv"), ("delimiter", "comma")]);
    assert_eq!(
        t[0].description.evidence.why("members").unwrap().why,
        "all members are read; 2 left out by the option `member`"
    );
    let error = refused("archive", &data, &[("member", "*.xml")]);
    assert_eq!(error.code(), "ARCHIVE_MEMBER");
    assert!(error.to_string().contains("a/one.csv, a/two.csv, readme.txt"));
    assert_eq!(refused("archive", &data, &[("member", "a[")]).code(), "SOURCE_OPTIONS");
    // Options of the members' connectors are known.
    assert_eq!(
        open_all("archive", Input::bytes("a", data.clone()), &[("delimiter", ";")], 9).unwrap().len(),
        3
    );
    assert_eq!(refused("archive", &data, &[("colour", "red")]).code(), "SOURCE_OPTIONS");
}

#[test]
fn names_are_never_paths() {
    let data = pack(&[
        ("../../etc/evil.csv", b"a,b\n1,2\n"),
        ("/abs.csv", b"a,b\n1,2\n"),
        ("x\n\x1B[2J.csv", b"a,b\n1,2\n"),
    ]);
    let tables = read(&data, &[]);
    assert_eq!(tables.len(), 3);
    assert!(tables.iter().all(|t| t.counts.records == 1 && !t.name.contains(['\n', '\x1B'])));
    assert!(!std::path::Path::new("../../etc/evil.csv").exists());
}

#[test]
fn documents_are_refused() {
    let why = |members: &[(&str, &[u8])]| refused("archive", &pack(members), &[]).to_string();
    assert!(why(&[("word/document.xml", b"<x/>")]).contains("a Word document"));
    assert!(why(&[("ppt/presentation.xml", b"<x/>")]).contains("a PowerPoint presentation"));
    assert!(why(&[("META-INF/MANIFEST.MF", b"x")]).contains("a Java archive"));
    assert!(why(&[("mimetype", b"application/epub+zip")]).contains("EPUB"));
    assert!(why(&[("mimetype", b"application/vnd.oasis.opendocument.text")]).contains("OpenDocument"));
}

#[test]
fn what_is_no_archive() {
    let code = |data: &[u8]| refused("archive", data, &[]).code();
    assert_eq!(code(b""), "ARCHIVE_EMPTY");
    assert_eq!(code(b"a,b\n1,2\n"), "ARCHIVE_OTHER_FORMAT");
    assert_eq!(code(&pack(&[])), "ARCHIVE_EMPTY");
    assert_eq!(code(&pack(&[("a/", b""), ("b.csv", b"")])), "ARCHIVE_EMPTY");
    let data = pack(&[("a.csv", &b"a,b\n1,2\n".repeat(100)[..])]);
    assert_eq!(code(&data[..data.len() - 10]), "ARCHIVE_DAMAGED");
    assert_eq!(code(b"PK\x03\x04"), "ARCHIVE_DAMAGED");
}

#[test]
fn a_damaged_member_is_named() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a.csv", SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
        .unwrap();
    zip.write_all(b"id,name\n1,Ann\n").unwrap();
    let mut data = zip.finish().unwrap().into_inner();
    let at = data.windows(3).position(|w| w == b"Ann").unwrap();
    data[at] = b'E';
    let error = refused("archive", &data, &[]);
    assert_eq!(error.code(), "ARCHIVE_DAMAGED");
    assert!(error.to_string().contains("!a.csv is damaged"));
}

#[test]
fn archives_in_archives() {
    let inner = pack(&[("a.csv", b"a,b\n1,2\n")]);
    let data = pack(&[("inner.zip", &inner), ("b.csv", b"a,b\n1,2\n")]);
    assert_eq!(refused("archive", &data, &[]).code(), "ARCHIVE_NESTED");
    assert_eq!(read(&data, &[("member", "*.csv")]).len(), 1);
}

/// The bit that says so, in both headers.
#[test]
fn encrypted_members() {
    let mut data = pack(&[("a.csv", b"a,b\n1,2\n"), ("b.csv", b"a,b\n1,2\n")]);
    for (mark, offset) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let at = data.windows(4).position(|w| w == mark).unwrap();
        data[at + offset] |= 1;
    }
    let error = refused("archive", &data, &[]);
    assert_eq!(error.code(), "ARCHIVE_ENCRYPTED");
    assert!(error.to_string().contains("a.csv"));
    assert_eq!(read(&data, &[("member", "b.csv")]).len(), 1);
}

fn code(result: Result<Vec<Table>, SourceError>) -> &'static str {
    result.expect_err("it is refused").code()
}

#[test]
fn limits_hold_while_it_is_unpacked() {
    let line = b"a,b\n1,2\n";
    let data = pack(&[("a.csv", &line.repeat(1000)[..]), ("b.csv", &line.repeat(1000)[..])]);
    let open = |limit: &str| {
        open_all("file", Input::bytes("p.zip", data.clone()), &[("max_unpacked_bytes", limit)], 9999)
    };
    assert_eq!(code(open("9000")), "FILE_TOO_LARGE");
    // Together they are too large.
    assert_eq!(code(open("15000")), "FILE_TOO_LARGE");
    assert_eq!(open("16000").unwrap().len(), 2);
    assert_eq!(code(open("many")), "SOURCE_OPTIONS");
    // What shrinks so much is a trap, unless the caller says how large it may be.
    let text = [&b"a,b\n"[..], &vec![b'x'; 80 << 20]].concat();
    let data = pack(&[("trap.csv", &text)]);
    assert_eq!(code(open_all("file", Input::bytes("p.zip", data), &[], 9)), "ARCHIVE_TRAP");
}

/// Hundreds of members do not hold hundreds of open files.
#[test]
fn many_members() {
    let names: Vec<String> = (0..300).map(|i| format!("{i:03}.csv")).collect();
    let contents: Vec<String> = (0..300).map(|i| format!("id,name\n{i},Ann\n")).collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().zip(&contents).map(|(n, c)| (n.as_str(), c.as_bytes())).collect();
    let before = std::fs::read_dir("/proc/self/fd").map(Iterator::count).unwrap_or(0);
    let sources = connector::open("file", Input::bytes("p.zip", pack(&members)), &request(&[], 100)).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").map(Iterator::count).unwrap_or(0);
    assert!(open < before + 100, "{before} {open}");
    for (i, mut source) in sources.into_iter().enumerate() {
        assert_eq!(source.name(), format!("p.zip!{i:03}.csv"));
        let t = crate::tables::drain(source.as_mut(), 100);
        assert_eq!(t.cells(), [[i.to_string(), "Ann".to_owned()]]);
        assert_eq!(source.counts().records, 1);
    }
}

#[test]
fn damaged_anywhere() {
    let clean = pack(&[("a.csv", b"a,b\n1,2\n"), ("b/c.csv", b"a,b\n1,2\n3,4\n")]);
    for at in 0..clean.len() {
        for flip in [0xFF, 0x01] {
            let mut data = clean.clone();
            data[at] ^= flip;
            if let Ok(tables) = open_all("archive", Input::bytes("t", data), &[], 16) {
                assert!(tables.len() <= 2);
            }
        }
    }
}
