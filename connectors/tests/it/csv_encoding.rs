//! Encodings: detected, given, and broken.

use importer_connectors::csv::{CsvCode, CsvEncoding};
use importer_connectors::source::Confidence;

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
    assert_eq!(f.cells()[0], ["Мария Иванова", "Москва"], "{}", f.dialect.evidence);
}

#[test]
fn invalid_utf8_costs_its_record() {
    for bad in [&b"\xFF"[..], b"\xC3\x28", b"\xE2\x82", b"\xC0\xAF", b"\xED\xA0\x80"] {
        let mut data = b"id,name\n1,Ann\n2,B".to_vec();
        data.extend_from_slice(bad);
        data.extend_from_slice(b"b\n3,Jos\xC3\xA9\n4,M\xC3\xBCller\n5,Zo\xC3\xAB\n");
        let f = read(&data);
        assert_eq!(f.rejected(), [(3, CsvCode::InvalidEncoding)], "{bad:?} {}", f.dialect.evidence);
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
    data.extend_from_slice(b"x,Jos\xC3\xA9\nx,Jos\xE9\ny,Bob\n");
    let f = read(&data);
    assert_eq!(f.rejected(), [(200_003, CsvCode::InvalidEncoding)]);
    assert_eq!(f.counts.records, 200_002);
    assert_eq!(f.rejects[0].byte_offset, data.len() as i64 - 13);
}

#[test]
fn given_encoding_beats_the_guess() {
    let o = options(|o| o.encoding = Some(CsvEncoding::Utf8));
    let f = read_with(b"id,name\n1,Jos\xE9\n2,Bob\n", &o);
    assert_eq!(f.rejected(), [(2, CsvCode::InvalidEncoding)]);
}

#[test]
fn an_umlaut_behind_the_sample_decides_the_encoding() {
    let mut ascii = b"id,name\n".to_vec();
    for i in 0..200_000 {
        ascii.extend_from_slice(format!("{i},Ann\n").as_bytes());
    }
    for (tail, name, encoding) in [
        (&b"x,J\xF6rg M\xFCller\n"[..], "J\u{F6}rg M\u{FC}ller", "windows-1252"),
        (b"x,J\xC3\xB6rg\n", "J\u{F6}rg", "utf-8"),
        (b"x,J\x9Arg M\x9Fller Gro\xA7mann\n", "J\u{F6}rg M\u{FC}ller Gro\u{DF}mann", "macintosh"),
    ] {
        let data = [&ascii[..], tail].concat();
        let f = read(&data);
        assert_eq!(f.counts.rejected, 0, "{encoding}");
        assert_eq!(f.rows.last().and_then(|row| row[1].as_deref()), Some(name));
        assert_eq!(f.dialect.encoding.name(), encoding);
        let told =
            f.noted().iter().any(|(line, code)| (*line, *code) == (200_002, CsvCode::EncodingDoubtful));
        assert!(told || encoding == "utf-8", "{:?}", f.notes);
    }
    let (gbk, _, _) =
        encoding_rs::GBK.encode("x,\u{738B}\u{5C0F}\u{660E}\ny,\u{674E}\u{56DB}\u{674E}\u{56DB}\n");
    let data = [&ascii[..], &gbk].concat();
    let f = read(&data);
    assert_eq!(f.rows.last().and_then(|row| row[1].as_deref()), Some("\u{674E}\u{56DB}\u{674E}\u{56DB}"));
}

#[test]
fn encodings_by_name() {
    let text = "Name,Ort\nJ\u{F6}rg,K\u{F6}ln\n";
    for name in
        ["macintosh", "mac-roman", "windows-1250", "iso-8859-2", "iso-8859-15", "windows-1254", "cp1252"]
    {
        let encoding: CsvEncoding = name.parse().expect(name);
        let real = encoding_rs::Encoding::for_label(if name == "mac-roman" {
            b"macintosh"
        } else {
            name.as_bytes()
        });
        // encoding_rs writes no single-byte encoding that it cannot read.
        let (bytes, _, lost) = real.expect(name).encode(text);
        assert!(!lost, "{name}");
        let f = read_with(&bytes, &options(|o| o.encoding = Some(encoding)));
        assert_eq!(f.cells(), [["J\u{F6}rg", "K\u{F6}ln"]], "{name}");
    }
    for (name, cell) in [
        ("gb18030", "\u{738B}\u{5C0F}\u{660E}\u{3400}"),
        ("gbk", "\u{738B}\u{5C0F}\u{660E}"),
        ("shift_jis", "\u{8868}\u{30BD}\u{80FD}|"),
        ("cp932", "\u{7530}\u{4E2D}"),
        ("euc-jp", "\u{7530}\u{4E2D}"),
        ("big5", "\u{738B}\u{5C0F}\u{660E}\u{8A31}\u{529F}"),
        ("euc-kr", "\u{AE40}\u{CCA0}\u{C218}"),
        ("iso-2022-jp", "\u{7530}\u{4E2D}"),
        ("koi8-r", "\u{418}\u{432}\u{430}\u{43D}"),
        ("ibm866", "\u{418}\u{432}\u{430}\u{43D}"),
    ] {
        let encoding: CsvEncoding = name.parse().expect(name);
        let label = if name == "cp932" { "shift_jis" } else { name };
        let real = encoding_rs::Encoding::for_label(label.as_bytes()).expect(name);
        let text = format!("id,name\r\n1,{cell}\r\n2,\"{cell}, x\"\r\n3,Ann,x\r\n");
        let (bytes, _, lost) = real.encode(&text);
        assert!(!lost, "{name}");
        let f = read_with(&bytes, &options(|o| o.encoding = Some(encoding)));
        assert_eq!(f.cells(), [["1", cell], ["2", &format!("{cell}, x")]], "{name}");
        assert_eq!(f.rejects[0].raw, b"3,Ann,x", "{name}");
        assert_eq!(f.rejects[0].byte_offset as usize, bytes.len() - 9, "{name}");
    }
    assert!("utf-9".parse::<CsvEncoding>().is_err());
    assert!("hz-gb-2312".parse::<CsvEncoding>().is_err());
}

#[test]
fn east_asian_texts_are_told_from_western_ones() {
    let rows = "id,name,city\n1,\u{738B}\u{5C0F}\u{660E},\u{5317}\u{4EAC}\n2,\u{674E}\u{56DB},\u{4E0A}\u{6D77}\n3,\u{5F20}\u{4E09},\u{5E7F}\u{5DDE}\n";
    let (bytes, _, _) = encoding_rs::GBK.encode(rows);
    let f = read(&bytes);
    assert_eq!(f.cells()[0], ["1", "\u{738B}\u{5C0F}\u{660E}", "\u{5317}\u{4EAC}"], "{}", f.dialect.evidence);
    assert!(f.dialect.evidence.why("encoding").is_some_and(|e| e.confidence <= Confidence::Medium));
    let japanese = "id,name\n1,\u{7530}\u{4E2D}\u{3055}\u{304F}\u{3089}\n2,\u{9234}\u{6728}\u{3059}\u{305A}\n3,\u{4F50}\u{85E4}\u{306F}\u{306A}\n";
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(japanese);
    let f = read(&bytes);
    assert_eq!(f.cells()[0][1], "\u{7530}\u{4E2D}\u{3055}\u{304F}\u{3089}", "{}", f.dialect.evidence);
    // Portuguese has pairs of letters beyond ASCII as well.
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(
        "nome,nota\nJo\u{E3}o,informa\u{E7}\u{E3}o\nAna,organiza\u{E7}\u{E3}o\nRui,Concei\u{E7}\u{E3}o\n",
    );
    let f = read(&bytes);
    assert_eq!(f.cells()[0], ["Jo\u{E3}o", "informa\u{E7}\u{E3}o"], "{}", f.dialect.evidence);
}

#[test]
fn never_sure_where_damage_shows() {
    let sure = |data: &[u8]| read(data).dialect.evidence.why("encoding").map(|e| e.confidence);
    assert_eq!(sure("name,city\nAnn,K\u{F6}ln\n".as_bytes()), Some(Confidence::High));
    // Twice encoded, an entity, a sign inside a word, a character that was lost.
    for text in ["M\u{C3}\u{BC}ller", "O&#039;Brien", "M\u{178}ller", "M\u{A7}ller", "M\u{FFFD}ller"] {
        let f = read(format!("name,city\n{text},Ulm\nAnn,Rome\n"));
        assert_eq!(f.dialect.evidence.why("encoding").map(|e| e.confidence), Some(Confidence::Low), "{text}");
        assert!(f.noted().contains(&(1, CsvCode::EncodingDoubtful)), "{text}");
    }
    // Mac Roman.
    let (mac, _) = (b"name,city\nJ\x9Arg M\x9Fller,K\x9Aln\nGro\xA7,D\x9Fren\n", ());
    let f = read(mac);
    assert_eq!(f.dialect.encoding.name(), "macintosh", "{}", f.dialect.evidence);
    assert_eq!(f.cells()[1], ["Gro\u{DF}", "D\u{FC}ren"]);
    // `\u{161}` is a letter: `Bene\u{161}` in windows-1252.
    let f = read(b"name,city\nBene\x9A,Brno\nM\xFCller,K\xF6ln\n");
    assert_eq!(f.cells()[0], ["Bene\u{161}", "Brno"]);
    // Polish in windows-1250.
    let (polish, _, _) = encoding_rs::WINDOWS_1250
        .encode("imi\u{119},nazwisko\n\u{141}ukasz,W\u{F3}jcik\nMa\u{142}gorzata,Wi\u{15B}niewska\nStanis\u{142}aw,D\u{105}browski\n");
    let f = read(&polish);
    assert_eq!(f.cells()[0], ["\u{141}ukasz", "W\u{F3}jcik"], "{}", f.dialect.evidence);
}
