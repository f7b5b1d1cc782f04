//! How bytes come: little by little, with errors, compressed, from files under any name.

use std::error::Error as _;
use std::fs::File;
use std::io::{self, Read};

use importer_connectors::connector::{self, ANY, Input};
use importer_connectors::source::SourceError;

use super::damage::gzip;
use super::kind::Kind;
use super::order::essence;
use super::packed;
use super::table::{Cell, Meant};
use crate::support::Drip;
use crate::tables::{Table, drain};

/// Is interrupted before every piece.
struct Interrupted(Drip, bool);

impl Read for Interrupted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(buf) }
    }
}

/// Fails behind its bytes.
struct Failing(Drip, io::ErrorKind);

impl Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 => Err(io::Error::new(self.1, "the door is shut")),
            n => Ok(n),
        }
    }
}

/// The one table of an input.
fn table(kind: &Kind, input: Input, meant: &Meant) -> Result<Table, SourceError> {
    let mut sources = kind.open(input, meant, 8192, &[])?;
    assert_eq!(sources.len(), 1);
    Ok(drain(sources.remove(0).as_mut(), 8192))
}

pub fn slow(kind: &Kind) {
    let meant = Meant::people(300);
    let whole = essence(&kind.read(&meant));
    for step in [1, 7] {
        let drip = Drip { data: (kind.write)(&meant), at: 0, step };
        let slow = table(kind, Input::stream("test.bin", drip), &meant).expect("it is opened");
        assert_eq!(essence(&slow), whole, "{step} bytes at a time");
    }
    let drip = Drip { data: (kind.write)(&meant), at: 0, step: 11 };
    let slow =
        table(kind, Input::stream("test.bin", Interrupted(drip, false)), &meant).expect("it is opened");
    assert_eq!(essence(&slow), whole, "interrupted");
}

pub fn failing(kind: &Kind) {
    use io::ErrorKind::{ConnectionReset, NotFound, PermissionDenied};
    let meant = Meant::people(5000);
    let data = (kind.write)(&meant);
    for (at, why) in [(0, PermissionDenied), (0, NotFound), (data.len() / 2, ConnectionReset)] {
        let drip = Drip { data: data[..at].to_vec(), at: 0, step: 1 << 16 };
        let error = match table(kind, Input::stream("test.bin", Failing(drip, why)), &meant) {
            Err(error) => error,
            Ok(table) => table.stopped.expect("it fails"),
        };
        assert!(error.to_string().contains("test.bin"), "{error}");
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(format!("{error} {cause}").contains("the door is shut"), "{error}: {cause}");
    }
}

pub fn folder(kind: &Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let meant = Meant::people(1);
    let opened = || Input::file("inbox", File::open(folder.path()).expect("it is there"));
    let named = kind.open(opened(), &meant, 10, &[]).map(|_| ());
    let any = connector::open(ANY, opened(), &Default::default()).map(|_| ());
    for error in [named.expect_err("no file"), any.expect_err("no file")] {
        assert!(error.to_string().contains("inbox is a folder"), "{error}");
        assert!(error.code().contains("DIRECTORY"), "{}", error.code());
    }
}

/// `people.xlsx.zst`, `people.ndjson.gz`, `people.csv.zst`, …
pub fn packed(kind: &Kind) {
    let meant = Meant::people(300);
    let plain = (kind.write)(&meant);
    let wanted = meant.texts();
    let two_parts = [zstd::encode_all(&plain[..9], 1), zstd::encode_all(&plain[9..], 1)];
    for (end, bytes) in [
        ("gz", gzip(&plain)),
        ("zst", zstd::encode_all(plain.as_slice(), 3).expect("memory")),
        ("zst", two_parts.map(|part| part.expect("memory")).concat()),
    ] {
        let name = format!("people.{}.{end}", kind.name);
        let found = table(kind, Input::bytes(name.clone(), bytes.clone()), &meant).expect("it is opened");
        assert!(found.stopped.is_none(), "{:?}", found.stopped);
        assert_eq!((kind.rows)(&found, &meant), wanted, "{name}");
        if kind.why_not(super::Case::Recognised).is_none() {
            let mut sources = connector::open(ANY, Input::bytes(name.clone(), bytes), &Default::default())
                .expect("it is recognised");
            let found = drain(sources.remove(0).as_mut(), 8192);
            assert_eq!(found.description.connector, kind.shown, "{name}");
            assert_eq!((kind.rows)(&found, &meant), wanted, "{name}");
        }
    }
}

/// A few kilobytes that hold a cell of eight mebibytes, where a limit of one megabyte is set.
pub fn bomb(kind: &Kind) {
    let cell: Cell = "x".repeat(8 << 20).into();
    let meant = Meant::new(&["id", "name", "note"], vec![vec!["1".into(), cell, "last".into()]]);
    let bytes = gzip(&(kind.write)(&meant));
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    let own = connector::connector(kind.connector).expect("it is in the list").words();
    let limits = own.iter().filter(|word| word.name.starts_with("max_") && word.name.ends_with("_bytes"));
    let words: Vec<(&str, &str)> = limits.map(|word| (word.name, "1000000")).collect();
    let mut sources = match kind.open(Input::bytes("test.bin", bytes), &meant, 10, &words) {
        Err(error) => return assert!(error.help().len() > 10, "{error}"),
        Ok(sources) => sources,
    };
    let table = drain(sources.remove(0).as_mut(), 10);
    let told = table.stopped.is_some() || !table.rejects.is_empty();
    // What comes block by block or message by message is never kept as a whole: each of them has a limit of its own.
    let streamed = ["avro", "ipc stream"].contains(&kind.name);
    assert!(told || streamed && (kind.rows)(&table, &meant) == meant.texts());
}

pub fn recognised(kind: &Kind) {
    let meant = Meant::people(20);
    let bytes = (kind.write)(&meant);
    for name in
        ["people.dat", "people", "people.xlsx", "people.json", "people.parquet", "people.vcf", "a.zip"]
    {
        let input = Input::bytes(name, bytes.clone());
        let mut sources = connector::open(ANY, input, &Default::default()).expect("it is recognised");
        assert_eq!(sources.len(), 1);
        let table = drain(sources.remove(0).as_mut(), 8192);
        assert_eq!(table.description.connector, kind.shown, "{name}");
        assert_eq!((kind.rows)(&table, &meant), meant.texts(), "{name}");
    }
    let packed = connector::open(ANY, Input::bytes("people.csv.gz", gzip(&bytes)), &Default::default());
    let opened = connector::open(ANY, Input::bytes("people.csv", bytes), &Default::default());
    if kind.name == packed::ARCHIVE.name {
        // Several tables under the name of one: whoever sent that has mixed something up.
        for opened in [opened, packed] {
            let error = opened.map(|_| ()).expect_err("an archive under the name of a CSV");
            assert_eq!(error.code(), "CSV_FILE_OTHER_FORMAT");
        }
    } else {
        for opened in [opened, packed] {
            let sources = opened.expect("it is recognised");
            assert_eq!(sources[0].description().connector, kind.shown);
        }
    }
}

/// A file under a name that is no text is read like any other; the name is shown as far as it is one.
#[cfg(unix)]
pub fn file_name(kind: &Kind) {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(std::ffi::OsStr::from_bytes(b"p\xFFple \xE2\x98\xBA.bin"));
    let meant = Meant::people(20);
    std::fs::write(&path, (kind.write)(&meant)).expect("there is room");
    let name = path.file_name().expect("it has one").to_string_lossy().into_owned();
    let file = File::open(&path).expect("it is there");
    let table = table(kind, Input::file(name.clone(), file), &meant).expect("it is opened");
    assert!(table.name.starts_with(&name), "{}", table.name);
    assert_eq!((kind.rows)(&table, &meant), meant.texts());
    // From a file as from memory, but for the name.
    let from_memory = kind.read(&meant);
    assert_eq!((table.lines, table.counts), (from_memory.lines, from_memory.counts));
}

#[cfg(not(unix))]
pub fn file_name(_kind: &Kind) {}
