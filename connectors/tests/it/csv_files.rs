//! Whole files: compression, and what is no CSV at all.

use std::io::{self, Read, Write};

use importer_connectors::csv::{Compression, CsvError, CsvOptions};

use crate::support::{Drip, read, try_read, try_read_from};

const TEXT: &[u8] = b"id,name\n1,Ann\n2,Bob\n";

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(data).expect("memory");
    out.finish().expect("memory")
}

fn code(data: &[u8]) -> &'static str {
    match try_read(data, &CsvOptions::default()) {
        Ok(whole) => panic!("it was read:\n{}", whole.dialect.evidence),
        Err(error) => {
            assert!(error.to_string().contains("test.csv") && error.help().len() > 10);
            error.code()
        }
    }
}

#[test]
fn gz() {
    let data = gzip(TEXT);
    let f = read(&data);
    assert_eq!(f.counts.records, 2);
    assert_eq!(f.dialect.compression, Compression::Gzip);
    assert_eq!(f.counts.bytes_read, TEXT.len() as u64);
    assert_eq!(f.counts.bytes_in, data.len() as u64);
}

#[test]
fn gz_of_several_members() {
    let mut data = gzip(TEXT);
    data.extend(gzip(b"3,Cid\n"));
    assert_eq!(read(&data).counts.records, 3);
}

#[test]
fn zst() {
    let f = read(zstd::encode_all(TEXT, 3).expect("memory"));
    assert_eq!(f.counts.records, 2);
    assert_eq!(f.dialect.compression, Compression::Zstd);
}

#[test]
fn zst_of_several_frames() {
    let mut data = zstd::encode_all(TEXT, 3).expect("memory");
    data.extend(zstd::encode_all(&b"3,Cid\n"[..], 3).expect("memory"));
    assert_eq!(read(&data).counts.records, 3);
}

#[test]
fn truncated() {
    let long: Vec<u8> = (0..100_000_u32)
        .flat_map(|i| format!("{},{}\n", i, i.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    for mut data in [gzip(&long), zstd::encode_all(&long[..], 3).expect("memory")] {
        data.truncate(data.len() - data.len() / 3);
        assert_eq!(code(&data), "CSV_FILE_TRUNCATED");
    }
    let mut data = gzip(TEXT);
    data.truncate(data.len() - 3);
    assert_eq!(code(&data), "CSV_FILE_TRUNCATED");
}

#[test]
fn corrupt() {
    let mut data = gzip(TEXT);
    let at = data.len() - 6;
    data[at] ^= 0xFF;
    assert_eq!(code(&data), "CSV_FILE_CORRUPT");
}

#[test]
fn compressed_other_formats() {
    assert_eq!(code(&gzip(b"PK\x03\x04 and so on")), "CSV_FILE_OTHER_FORMAT");
}

#[test]
fn empty_and_blank() {
    assert_eq!(code(b""), "CSV_FILE_EMPTY");
    assert_eq!(code(b"\xEF\xBB\xBF"), "CSV_FILE_EMPTY");
    assert_eq!(code(&gzip(b"")), "CSV_FILE_EMPTY");
    assert_eq!(code(b"\n\r\n  \n,,,\n"), "CSV_FILE_BLANK");
}

#[test]
fn other_formats() {
    for data in [
        &b"PK\x03\x04\x14\0\x06\0"[..],
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"%PDF-1.7\n",
        b"PAR1\x15\x04\x15\x10",
        b"<!DOCTYPE html>\n<html>",
        b"\n <HTML><body>",
        b"{\"id\": 1}\n",
        b"BZh91AY&SY\x94\x01",
    ] {
        assert_eq!(code(data), "CSV_FILE_OTHER_FORMAT");
    }
    let Err(error) = try_read(b"PK\x03\x04\x14\0\x06\0", &CsvOptions::default()) else {
        panic!("it was read")
    };
    assert_eq!(error.to_string(), "test.csv is a ZIP or XLSX file, not delimited text");
}

#[test]
fn a_header_may_look_like_a_magic_number() {
    assert_eq!(read("PAR1,x\n1,2\n").counts.records, 1);
}

#[test]
fn binary() {
    let data: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_eq!(code(&data), "CSV_FILE_BINARY");
}

#[test]
fn directory() {
    let folder = std::fs::File::open(".").expect("a folder");
    let result = try_read_from(Box::new(folder), &CsvOptions::default());
    assert!(matches!(result, Err(CsvError::Directory { .. })));
}

struct Fails(bool);

impl Read for Fails {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if std::mem::replace(&mut self.0, true) {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "gone"));
        }
        buf[..4].copy_from_slice(b"a,b\n");
        Ok(4)
    }
}

#[test]
fn unreadable() {
    let result = try_read_from(Box::new(Fails(false)), &CsvOptions::default());
    assert_eq!(result.err().map(|e| e.code()), Some("CSV_FILE_UNREADABLE"));
}

#[test]
fn contradicting_options() {
    let mut o = CsvOptions { quote: "|".parse().ok(), ..CsvOptions::default() };
    o.delimiter = "|".parse().ok();
    assert_eq!(try_read(TEXT, &o).err().map(|e| e.code()), Some("CSV_OPTIONS"));
}

#[test]
fn compressed_in_single_bytes() {
    let input = Drip { data: gzip(TEXT), at: 0, step: 1 };
    let f = try_read_from(Box::new(input), &CsvOptions::default()).expect("readable");
    assert_eq!(f.counts.records, 2);
}

#[test]
fn a_reader_can_move_to_another_thread() {
    fn movable<T: Send + 'static>() {}
    movable::<importer_connectors::csv::CsvReader>();
    movable::<importer_connectors::source::Batch>();
    movable::<CsvError>();
}
