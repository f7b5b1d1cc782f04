//! vCards as phones and mail programs write them, whole and damaged.

use std::fmt::Write as _;

use importer_connectors::connector::{Input, recognise};
use importer_connectors::source::Unit;
use proptest::prelude::*;

use crate::support::Drip;
use crate::texts::{self, All};

fn read(data: impl AsRef<[u8]>) -> All {
    texts::all("vcard", data, &[])
}

fn card(lines: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{}END:VCARD\r\n", lines.replace('\n', "\r\n"))
}

/// The cells of the first card that are not NULL, by name.
fn filled(f: &All) -> Vec<(&str, &str)> {
    let named = f.names.iter().zip(&f.rows[0]);
    named.filter_map(|(name, cell)| Some((name.as_str(), cell.as_deref()?))).collect()
}

#[test]
fn version_3() {
    let f = read(card(
        "N:Doe;Ann;Mary,Lou;Dr.;MA\nFN:Dr. Ann Doe\nNICKNAME:Annie,Nan\nBDAY:19850412\nEMAIL;TYPE=INTERNET,HOME:ann@example.org\n\
         EMAIL;TYPE=WORK;TYPE=pref:a.doe@example.com\nTEL;TYPE=CELL,VOICE:+1 555 0100\nTEL;TYPE=\"work,fax\":+1 555 0101\n\
         ADR;TYPE=HOME:;Apt 4;1 Main St\\, East;Springfield;IL;62701;USA\nADR;TYPE=WORK:;;2 Side St;Chicago;;;\n\
         ORG:Example\\, Inc.;Sales;West\nTITLE:Head\nROLE:Boss\nNOTE:one\\ntwo\\; three\n  and more\nURL:https://example.org\n\
         UID:urn:uuid:1\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRg\n ABAQ==\n",
    ));
    assert_eq!(
        filled(&f),
        [
            ("uid", "urn:uuid:1"),
            ("first_name", "Ann"),
            ("middle_name", "Mary Lou"),
            ("last_name", "Doe"),
            ("prefix", "Dr."),
            ("suffix", "MA"),
            ("full_name", "Dr. Ann Doe"),
            ("nickname", "Annie, Nan"),
            ("birth_date", "1985-04-12"),
            ("email", "a.doe@example.com"),
            ("email_2", "ann@example.org"),
            ("phone", "+1 555 0100"),
            ("phone_type", "cell"),
            ("phone_2", "+1 555 0101"),
            ("phone_2_type", "work fax"),
            ("organization", "Example, Inc."),
            ("department", "Sales, West"),
            ("title", "Head"),
            ("street", "1 Main St, East, Apt 4"),
            ("city", "Springfield"),
            ("region", "IL"),
            ("postal_code", "62701"),
            ("country", "USA"),
            ("note", "one\ntwo; three and more"),
            ("url", "https://example.org"),
            ("_more", "{\"ADR;TYPE=work\":\";;2 Side St;Chicago;;;\",\"ROLE\":\"Boss\"}"),
        ]
    );
    assert_eq!(f.noted(), [(1, 1, "VCARD_BINARY_PASSED")]);
    assert_eq!((f.description.unit, f.counts.record_lines), (Unit::Line, 22));
}

#[test]
fn version_2_1() {
    let f = read(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen=3B;;;\n\
         FN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:J=FCrgen\n\
         NOTE;ENCODING=QUOTED-PRINTABLE:a long=20=\nline=0D=0Aand=\n another é\n\
         TEL;CELL;PREF:1\nTEL;HOME;VOICE:2\nADR;HOME:;;Weg 1;Ort;;1234;CH\nPHOTO;JPEG;BASE64:\n /9j/4A\nAQSk==\n\nTITLE:x\n y\n\
         END:VCARD\n",
    );
    assert_eq!(
        filled(&f),
        [
            ("first_name", "Jürgen;"),
            ("last_name", "Müller"),
            ("full_name", "Jürgen"),
            ("phone", "1"),
            ("phone_type", "cell"),
            ("phone_2", "2"),
            ("phone_2_type", "home"),
            ("title", "x y"),
            ("street", "Weg 1"),
            ("city", "Ort"),
            ("postal_code", "1234"),
            ("country", "CH"),
            ("note", "a long line\nand another é"),
        ]
    );
}

#[test]
fn version_4_and_groups() {
    let f = read(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nN:;Bob;;;\r\nitem1.TEL;VALUE=uri;PREF=1:tel:+49-30-1\r\nitem1.X-ABLabel:_$!<Mobile>!$_\r\n\
         TEL;TYPE=home:2\r\nitem2.EMAIL;TYPE=INTERNET:mailto:b@x.org\r\nitem2.X-ABLabel:Club\r\n\
         BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-02\r\nX-SOCIAL;x=\"a:b;c\":v\r\nX-SOCIAL:w\r\nEND:VCARD\r\n",
    );
    assert_eq!(
        filled(&f),
        [
            ("first_name", "Bob"),
            ("birth_date", "--03-02"),
            ("email", "b@x.org"),
            ("phone", "+49-30-1"),
            ("phone_type", "cell"),
            ("phone_2", "2"),
            ("phone_2_type", "home"),
            ("_more", "{\"item2.X-ABLABEL\":\"Club\",\"X-SOCIAL\":[\"v\",\"w\"]}"),
        ]
    );
}

#[test]
fn several_cards_and_damaged_ones() {
    let text = "\n\
         BEGIN:VCARD\nFN:one\nEND:VCARD\n\
         BEGIN:VCARD\nFN:two\nthis is no property\nEND:VCARD\n\
         \n\
         BEGIN:VCARD\nFN:three\n\
         begin:vcard\nFN:four\nend:vcard\n\
         FN:five\nEND:VCARD\n\
         stray\n\
         BEGIN:VCARD\nFN:six\nAGENT:\nBEGIN:VCARD\nFN:agent\nEND:VCARD\nTITLE:t\nEND:VCARD\n\
         BEGIN:VCARD\nFN:\0\nEND:VCARD\n\
         BEGIN:VCARD\nFN:seven";
    let f = read(text);
    assert_eq!(f.column("full_name"), ["one", "four", "six"]);
    assert_eq!(f.lines, [2, 12, 18]);
    assert_eq!(f.column("_more")[2], "{\"AGENT.FN\":\"agent\"}");
    assert_eq!(
        f.rejected(),
        [
            (5, "VCARD_DAMAGED"),
            (10, "VCARD_NOT_CLOSED"),
            (15, "VCARD_OUTSIDE"),
            (17, "VCARD_OUTSIDE"),
            (26, "VCARD_NUL_CHARACTER"),
            (29, "VCARD_NOT_CLOSED"),
        ]
    );
    assert_eq!(f.rejects[0].reason, "line 7 is no property: it has no name and colon");
    assert_eq!(f.rejects[0].raw, b"BEGIN:VCARD\nFN:two\nthis is no property\nEND:VCARD");
    assert_eq!(f.rejects[0].line_count, 4);
    assert_eq!(&text.as_bytes()[f.rejects[2].byte_offset as usize..][..7], b"FN:five");
    assert_eq!((f.counts.blank, f.counts.lines), (2, 30));
}

#[test]
fn encodings() {
    let text = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=windows-1252:M\u{FC}ller;J\u{F6}rg\nEND:VCARD\n";
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    assert_eq!(read(&latin).column("last_name"), ["Müller"]);
    let plain = text.replace(";CHARSET=windows-1252", "");
    let latin: Vec<u8> = plain.chars().map(|c| c as u8).collect();
    let f = texts::all("vcard", &latin, &[("encoding", "latin-1")]);
    assert_eq!(f.column("first_name"), ["Jörg"]);
    let f = texts::all("vcard", &latin, &[("encoding", "utf-8")]);
    assert_eq!(f.rejected(), [(1, "VCARD_INVALID_ENCODING")]);
    let wide: Vec<u8> =
        "\u{FEFF}".encode_utf16().chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide).column("last_name"), ["Müller"]);
    let zst = zstd::encode_all(plain.as_bytes(), 1).unwrap();
    assert_eq!(read(&zst).column("last_name"), ["Müller"]);
}

#[test]
fn many_of_one_kind_and_limits() {
    let mut lines = String::new();
    for n in 0..30 {
        writeln!(lines, "EMAIL:{n}@x.org\nTEL;TYPE=work:{n}").unwrap();
    }
    let f = read(card(&lines));
    assert_eq!(f.names.iter().filter(|n| n.starts_with("email")).count(), 20);
    assert_eq!(f.column("email_20"), ["19@x.org"]);
    let more = f.column("_more")[0];
    assert!(more.contains("\"29@x.org\"") && more.contains("\"TEL;TYPE=work\":[\"20\""), "{more}");
    let long = "n".repeat(3_000_000);
    for note in [format!("NOTE:{long}"), format!("NOTE:x\n{}", " nnnnnn\n".repeat(400_000))] {
        let text =
            format!("{}{}{}", card("FN:one\n"), card(&format!("{note}\nFN:two\n")), card("FN:three\n"));
        let f = texts::all("vcard", &text, &[("max_record_bytes", "1000000")]);
        assert_eq!(f.column("full_name"), ["one", "three"]);
        assert_eq!(f.rejected(), [(5, "VCARD_TOO_LARGE")]);
        assert!(f.rejects[0].raw_truncated && f.rejects[0].raw.len() <= 1 << 20);
        assert_eq!(f.counts.lines, text.lines().count() as u64);
        assert_eq!(read(&text).column("full_name"), ["one", "two", "three"]);
    }
}

#[test]
fn nothing_and_other_formats() {
    assert_eq!(texts::refused("vcard", "", &[]).code(), "VCARD_EMPTY");
    assert_eq!(texts::refused("vcard", "\n\n", &[]).code(), "VCARD_EMPTY");
    assert_eq!(texts::refused("vcard", "id,name\n1,Ann\n", &[]).code(), "VCARD_OTHER_FORMAT");
    assert_eq!(texts::refused("vcard", card(""), &[("records", "x")]).code(), "SOURCE_OPTIONS");
    let connector = |text: &str| recognise(&mut Input::bytes("x", text.to_owned())).unwrap().0.name();
    assert_eq!(connector(&card("FN:x\n")), "vcard");
    assert_eq!(connector("\u{FEFF}begin:vcard\n"), "vcard");
    assert_eq!(connector("BEGIN:VCALENDAR\n"), "csv");
    let f = texts::all("file", card(""), &[]);
    assert_eq!((f.rows.len(), f.description.connector), (1, "vcard"));
}

proptest! {
    #[test]
    fn pieces_and_batches_change_nothing(
        text in "((BEGIN:VCARD|END:VCARD|AGENT:|FN:a|N:a;b|TEL;CELL:1|NOTE;ENCODING=QUOTED-PRINTABLE:x=| y|z|)\r?\n){0,25}",
        step in 1..30_usize, rows in 1..4_usize)
    {
        let text = format!("BEGIN:VCARD\nFN:a\nEND:VCARD\n{text}");
        let small = [("max_record_bytes", "100")];
        for words in [&[][..], &small] {
            let whole = texts::all("vcard", &text, words);
            let drip = Drip { data: text.clone().into_bytes(), at: 0, step };
            let pieces = texts::open("vcard", drip, words, rows).unwrap();
            prop_assert_eq!(whole.essence(), pieces.essence());
            prop_assert_eq!(whole.counts.lines, text.lines().count() as u64);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(lines in proptest::collection::vec("([A-Z;:=,.\"\\\\ é\t]|ENCODING=|QUOTED-PRINTABLE|=3B|BDAY){0,12}", 0..12)) {
        let f = read(card(&(lines.join("\n") + "\n")));
        prop_assert_eq!(f.rows.len() + f.rejects.len(), 1);
    }
}
