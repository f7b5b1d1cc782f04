//! Text with columns at fixed places.

use proptest::prelude::*;

use crate::support::Drip;
use crate::texts::{self, All};

const NAME: &str = "fixed_width";

fn read(data: impl AsRef<[u8]>, layout: &str) -> All {
    texts::all(NAME, data, &[("layout", layout)])
}

#[test]
fn places_and_widths() {
    let text = "0001Ann       Rome\n0002Bob  Lee  Oslo\r\n\n0003          Bern\n";
    for layout in ["id:1-4, name:5-14, city:15-18", "id:4,name:10,city:4"] {
        let f = read(text, layout);
        assert_eq!(f.names, ["id", "name", "city"]);
        assert_eq!(f.cells(), [["0001", "Ann", "Rome"], ["0002", "Bob  Lee", "Oslo"], ["0003", "~", "Bern"]]);
        assert_eq!(f.lines, [1, 2, 4]);
        assert_eq!(f.counts.blank, 1);
        assert!(f.findings.is_empty() && f.notes.is_empty());
    }
    let f = texts::all(NAME, text, &[("layout", "name:5-14"), ("trim", "false"), ("skip_lines", "1")]);
    assert_eq!(f.rejected().len(), 2, "content behind the last column");
    let f =
        texts::all(NAME, "one\nx  y \n", &[("layout", "a:2,b:3"), ("trim", "false"), ("skip_lines", "1")]);
    assert_eq!(f.cells(), [["x ", " y "]]);
    assert_eq!((f.counts.preamble_lines, f.description.preamble[0].as_str()), (1, "one"));
    // Columns may stand in any order, and on one another.
    assert_eq!(read("20240131\n", "day:7-8, date:1-8, date:1-4").cells(), [["31", "20240131", "2024"]]);
    assert_eq!(read("ab", "x:1,x:1").names, ["x", "x_2"]);
}

#[test]
fn short_and_long_lines() {
    let f = read("abcde\nab\nabc\na\nabcde   \nabcdef\n", "x:1-2,y:3-5");
    assert_eq!(f.cells(), [["ab", "cde"], ["ab", "~"], ["ab", "c"], ["a", "~"], ["ab", "cde"]]);
    assert_eq!(f.found(), [(3, "FIXED_WIDTH_CELL_CUT"), (4, "FIXED_WIDTH_CELL_CUT")]);
    assert_eq!(f.findings[0].column, 1);
    assert_eq!(f.rejected(), [(6, "FIXED_WIDTH_LINE_TOO_LONG")]);
    assert_eq!(f.rejects[0].raw, b"abcdef");
    assert_eq!(f.counts.padded, 2);
}

#[test]
fn characters_and_encodings() {
    let text = "Jürgen   Köln \nAnn      Rom  \n日本語   東京\n";
    let f = read(text, "name:1-9,city:10-14");
    assert_eq!(f.cells()[0], ["Jürgen", "Köln"]);
    let f = read("日本語東京\n", "a:1-3,b:4-5");
    assert_eq!(f.cells(), [["日本語", "東京"]]);
    let latin: Vec<u8> = "J\u{FC}rgen   K\u{F6}ln \n".chars().map(|c| c as u8).collect();
    assert_eq!(read(&latin, "name:1-9,city:10-14").cells(), [["Jürgen", "Köln"]]);
    let words = [("layout", "name:9,city:5"), ("encoding", "utf-8")];
    let f = texts::all(NAME, &latin, &words);
    assert_eq!(f.rejected(), [(1, "FIXED_WIDTH_INVALID_ENCODING")]);
    assert_eq!(f.rejects[0].raw, latin[..latin.len() - 1]);
    let wide: Vec<u8> =
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    assert_eq!(read(&wide, "name:1-9,city:10-14").cells(), read(text, "name:1-9,city:10-14").cells());
    let sjis = encoding_rs::SHIFT_JIS.encode("田中　ソ能\n").0.into_owned();
    let f = texts::all(NAME, sjis, &[("layout", "a:3,b:2"), ("encoding", "shift_jis")]);
    assert_eq!(f.cells(), [["田中", "ソ能"]]);
    let mut late = "plain text of fixed width\n".repeat(60_000).into_bytes();
    late.extend(b"J\xFCrgen und M\xFCller, K\xF6ln\n");
    let f = read(&late, "a:1-30");
    assert_eq!(f.column("a").last().unwrap(), &"Jürgen und Müller, Köln");
    assert_eq!((f.notes.len(), f.notes[0].code.as_str()), (1, "FIXED_WIDTH_ENCODING_DOUBTFUL"));
    assert_eq!(f.description.evidence.why("encoding").unwrap().value, "windows-1252");
    assert_eq!(read("a\0b\nabc\n", "a:3").rejected(), [(1, "FIXED_WIDTH_NUL_BYTE")]);
}

#[test]
fn wide_and_huge() {
    let layout: Vec<String> = (0..1200).map(|n| format!("c{n}:2")).collect();
    let line: String = (0..1200).map(|n| format!("{:02}", n % 100)).collect();
    let f = read(format!("{line}\n"), &layout.join(","));
    assert_eq!(f.cells()[0][1199], "99");
    let text = format!("abc\n{}\nabc\n", "x".repeat(20_000_000));
    for words in [&[("layout", "a:3")][..], &[("layout", "a:3"), ("max_record_bytes", "100")]] {
        let f = texts::all(NAME, &text, words);
        assert_eq!(f.rejected(), [(2, "FIXED_WIDTH_RECORD_TOO_LARGE")]);
        assert!(f.rejects[0].raw_truncated);
        assert_eq!(f.lines, [1, 3]);
    }
    let mut bomb = vec![b'x'; 50_000_000];
    bomb[1] = b'\n';
    let f = read(zstd::encode_all(&bomb[..], 1).unwrap(), "a:1");
    assert_eq!((f.rows.len(), f.rejects.len()), (1, 1));
}

#[test]
fn what_cannot_be() {
    let code = |data: &str, words: &[(&str, &str)]| texts::refused(NAME, data, words).code();
    assert_eq!(code("abc\n", &[]), "FIXED_WIDTH_LAYOUT");
    assert_eq!(code("abc\n", &[("layout", "a")]), "SOURCE_OPTIONS");
    assert_eq!(code("abc\n", &[("layout", "a:1"), ("trim", "perhaps")]), "SOURCE_OPTIONS");
    assert_eq!(code("abc\n", &[("layout", "a:1"), ("quote", "none")]), "SOURCE_OPTIONS");
    assert_eq!(code("", &[("layout", "a:1")]), "FIXED_WIDTH_EMPTY");
    assert_eq!(code("\n\n", &[("layout", "a:1")]), "FIXED_WIDTH_EMPTY");
    assert_eq!(code("\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}abc", &[("layout", "a:1")]), "FIXED_WIDTH_BINARY");
    // Beyond the skipped lines there is nothing.
    let f = texts::all(NAME, "a\nb\n", &[("layout", "a:1"), ("skip_lines", "5")]);
    assert_eq!((f.rows.len(), f.counts.preamble_lines), (0, 2));
    let whole = zstd::encode_all(&b"abc\n".repeat(1000)[..], 1).unwrap();
    assert_eq!(code_of(&whole[..whole.len() - 3]), "FIXED_WIDTH_FILE_TRUNCATED");
}

fn code_of(data: &[u8]) -> &'static str {
    texts::refused(NAME, data, &[("layout", "a:3")]).code()
}

proptest! {
    #[test]
    fn cells_come_back(rows in proptest::collection::vec(("[a-zé日 ]{0,6}", "[0-9]{0,4}", "[a-z\"',;]{0,3}"), 1..20), crlf in any::<bool>()) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text: String = rows.iter().map(|(a, b, c)| format!("{a:<6}{b:>4}{c:<3}.{end}")).collect();
        let f = read(&text, "a:6,b:4,c:3,end:1");
        prop_assert!(f.rejects.is_empty() && f.findings.is_empty());
        for (row, (a, b, c)) in f.rows.iter().zip(&rows) {
            let wanted = [a.trim(), b, c, "."].map(|cell| (!cell.is_empty()).then(|| cell.to_owned()));
            prop_assert_eq!(row, &wanted);
        }
    }

    #[test]
    fn pieces_and_batches_change_nothing(text in "([a-c é\0]{0,30}\r?\n){0,20}x", step in 1..20_usize, rows in 1..4_usize) {
        let words = [("layout", "a:5,b:12-20"), ("max_record_bytes", "25"), ("skip_lines", "2"), ("encoding", "utf-8")];
        let whole = texts::open(NAME, std::io::Cursor::new(text.clone().into_bytes()), &words, 8192);
        let drip = Drip { data: text.into_bytes(), at: 0, step };
        match (whole, texts::open(NAME, drip, &words, rows)) {
            (Ok(whole), Ok(pieces)) => prop_assert_eq!(whole.essence(), pieces.essence()),
            (whole, pieces) => prop_assert_eq!(whole.unwrap_err().code(), pieces.unwrap_err().code()),
        }
    }
}
