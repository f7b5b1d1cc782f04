//! Encodings: detected, given, and broken.

use importer_connectors::csv::{CsvCode, CsvEncoding};

use crate::support::{options, read, read_with};

fn utf16(text: &str, big: bool, bom: bool) -> Vec<u8> {
    let mark = bom.then_some(0xFEFF_u16);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
        .collect()
}

#[test]
fn utf8_with_and_without_mark() {
    let f = read("id,name\n1,José 日本\n");
    assert_eq!((f.dialect.encoding, f.dialect.bom), (CsvEncoding::Utf8, false));
    let f = read("\u{FEFF}id,name\n1,José\n2\n");
    assert_eq!((f.dialect.encoding, f.dialect.bom), (CsvEncoding::Utf8, true));
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.rejects[0].byte_offset, 3 + 8 + 8);
}

#[test]
fn utf8_mark_before_a_quoted_name() {
    let f = read("\u{FEFF}\"id\",\"name\"\n1,x\n");
    assert_eq!(f.names(), ["id", "name"]);
}

#[test]
fn utf16_in_all_forms() {
    let text = "id,name\r\n1,José\r\n2\r\n3,\"日本, 😀\"\r\n";
    for (big, bom) in [(false, true), (true, true), (false, false), (true, false)] {
        let f = read(utf16(text, big, bom));
        let expected = if big { CsvEncoding::Utf16Be } else { CsvEncoding::Utf16Le };
        assert_eq!((f.dialect.encoding, f.dialect.bom), (expected, bom));
        assert_eq!(f.cells(), [["1", "José"], ["3", "日本, 😀"]]);
        let start = if bom { 2 } else { 0 };
        assert_eq!(f.rejects[0].byte_offset, start + 2 * 17);
        assert_eq!(f.rejects[0].raw, utf16("2", big, false));
    }
}

#[test]
fn utf16_offsets_behind_wide_characters() {
    let f = read(utf16("id,name\n1,😀é日\n2\n", false, true));
    assert_eq!(f.rejects[0].byte_offset, 2 + 2 * (8 + 7));
}

#[test]
fn utf16_lone_surrogate_costs_its_record() {
    let mut data = utf16("id,name\n1,Ann\n2,B", false, true);
    data.extend([0x00, 0xD8]);
    data.extend(utf16("b\n3,Cid\n", false, false));
    let f = read(&data);
    assert_eq!(f.rejected(), [(3, CsvCode::InvalidEncoding)]);
    assert_eq!(f.cells(), [["1", "Ann"], ["3", "Cid"]]);
    assert_eq!(f.rejects[0].raw, [b'2', 0, b',', 0, b'B', 0, 0x00, 0xD8, b'b', 0]);
}

#[test]
fn utf16_odd_byte_at_the_end() {
    let mut data = utf16("id,name\n1,Ann\n2,Bob", false, true);
    data.push(b'x');
    let f = read(&data);
    assert_eq!(f.rejected(), [(3, CsvCode::InvalidEncoding)]);
    assert_eq!(f.rejects[0].raw.last(), Some(&b'x'));
    assert_eq!(f.counts.records, 1);
}

#[test]
fn windows_1252() {
    let f = read(b"id,name\n1,Jos\xE9\n2,M\xFCller\n3,\x80 5 \x96 10\n");
    assert_eq!(f.dialect.encoding, CsvEncoding::Windows1252);
    assert_eq!(f.cells(), [["1", "José"], ["2", "Müller"], ["3", "€ 5 – 10"]]);
}

#[test]
fn windows_1252_capitals_and_quotes() {
    let f = read(b"id,name\n1,\xC9mile\n2,\"\xD6ZG\xDCR \"\"x\"\" \xE9\"\n");
    assert_eq!(f.cells(), [["1", "Émile"], ["2", "ÖZGÜR \"x\" é"]]);
}

#[test]
fn windows_1252_unassigned_byte_costs_its_record() {
    let o = options(|o| o.encoding = Some(CsvEncoding::Windows1252));
    let f = read_with(b"id,name\n1,Jos\xE9\n2,B\x81b\n3,Cid\n", &o);
    assert_eq!(f.rejected(), [(3, CsvCode::InvalidEncoding)]);
    assert_eq!(f.cells(), [["1", "José"], ["3", "Cid"]]);
}

#[test]
fn latin_1_given() {
    let o = options(|o| o.encoding = Some("latin-1".parse().expect("latin-1")));
    let f = read_with(b"id,name\n1,Jos\xE9\n2,B\x85b\n", &o);
    assert_eq!(f.cells(), [["1", "José"], ["2", "B\u{85}b"]]);
}

#[test]
fn other_encodings_given() {
    let o = options(|o| o.encoding = Some("windows-1250".parse().expect("windows-1250")));
    let f = read_with(b"id,name\n1,\x8Aimon\n", &o);
    assert_eq!(f.cells(), [["1", "Šimon"]]);
}

#[test]
fn cyrillic_is_not_taken_for_western() {
    let (text, _, _) = encoding_rs::WINDOWS_1251
        .encode("имя,город\nМария Иванова,Москва\nПётр Сидоров,Новосибирск\nАнна Кузнецова,Казань\n");
    let f = read(text.as_ref());
    assert_eq!(f.cells()[0], ["Мария Иванова", "Москва"], "{}", f.dialect);
}

#[test]
fn invalid_utf8_costs_its_record() {
    for bad in [&b"\xFF"[..], b"\xC3\x28", b"\xE2\x82", b"\xC0\xAF", b"\xED\xA0\x80"] {
        let mut data = b"id,name\n1,Ann\n2,B".to_vec();
        data.extend_from_slice(bad);
        data.extend_from_slice(b"b\n3,Jos\xC3\xA9\n4,M\xC3\xBCller\n5,Zo\xC3\xAB\n");
        let f = read(&data);
        assert_eq!(f.rejected(), [(3, CsvCode::InvalidEncoding)], "{bad:?} {}", f.dialect);
        assert_eq!(f.counts.records, 4);
    }
}

#[test]
fn one_impossible_byte_in_ascii_does_not_change_the_encoding() {
    for bad in [&b"\xFF"[..], b"\xFE", b"\xC3\x28"] {
        let mut data = b"id,name\n1,Ann\n2,b".to_vec();
        data.extend_from_slice(bad);
        data.extend_from_slice(b"b\n3,Cid\n");
        let f = read(&data);
        assert_eq!(f.dialect.encoding, CsvEncoding::Utf8);
        assert_eq!(f.rejected(), [(3, CsvCode::InvalidEncoding)]);
    }
}

#[test]
fn character_cut_off_at_the_end_of_the_file() {
    let f = read(b"id,name\n1,Jos\xC3\xA9\n2,M\xC3");
    assert_eq!(f.rejected(), [(3, CsvCode::InvalidEncoding)]);
}

#[test]
fn invalid_bytes_beyond_the_sample() {
    let mut data = b"id,name\n".to_vec();
    for i in 0..200_000 {
        data.extend_from_slice(format!("{i},Ann\n").as_bytes());
    }
    data.extend_from_slice(b"x,Jos\xE9\ny,Bob\n");
    let f = read(&data);
    assert_eq!(f.rejected(), [(200_002, CsvCode::InvalidEncoding)]);
    assert_eq!(f.counts.records, 200_001);
    assert_eq!(f.rejects[0].byte_offset, data.len() as i64 - 13);
}

#[test]
fn given_encoding_beats_the_guess() {
    let o = options(|o| o.encoding = Some(CsvEncoding::Utf8));
    let f = read_with(b"id,name\n1,Jos\xE9\n2,Bob\n", &o);
    assert_eq!(f.rejected(), [(2, CsvCode::InvalidEncoding)]);
}
