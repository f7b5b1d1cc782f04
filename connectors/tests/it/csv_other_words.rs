//! A header that stands there twice: in the words of two languages, in another order, right below the first or far from it.

use importer_connectors::connector::KnownNames;
use importer_connectors::csv::CsvCode;

use crate::support::{options, read_with};

/// As if a contract knew these names in two languages.
fn knowing_both(pairs: &'static [[&'static str; 2]]) -> importer_connectors::csv::CsvOptions {
    options(|o| {
        o.names = Some(KnownNames::new(|cell| pairs.iter().position(|pair| pair.contains(&cell))));
    })
}

#[test]
fn a_header_in_two_languages() {
    let o = knowing_both(&[["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"], ["Mail", "Mail"]]);
    let f = read_with("First,Last,Mail,Town\nVorname,Nachname,Mail,Ort\nAda,Amt,a@x.org,Bonn\n", &o);
    assert_eq!(f.names(), ["First", "Last", "Mail", "Town"]);
    assert_eq!(f.cells(), [["Ada", "Amt", "a@x.org", "Bonn"]]);
    assert_eq!(f.noted(), [(2, CsvCode::LinesPassed)]);
    // Most of its words are the same: no other table begins there.
    let f = read_with("First,Last,Mail,Town\nFirst,Last,Mail,Ort\nAda,Amt,a@x.org,Bonn\n", &o);
    assert_eq!((f.counts.records, f.noted()), (1, vec![(2, CsvCode::LinesPassed)]));
    // A column that nobody knows is no hindrance.
    let f = read_with("First,Last,Hobby,Town\nVorname,Nachname,Steckenpferd,Ort\nAda,Amt,Chess,Bonn\n", &o);
    assert_eq!((f.counts.records, f.noted()), (1, vec![(2, CsvCode::LinesPassed)]));
    // One name among words is data.
    let f = read_with("First,Last,Town\nAda,Nachname,Bonn\nBob,Beil,Kiel\n", &o);
    assert_eq!(f.counts.records, 2, "{:?}", f.notes);
}

#[test]
fn a_second_header_in_another_order_and_language() {
    let o = knowing_both(&[["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"], ["Mail", "Mail"]]);
    let ada = "Amt,Ada,a@x.org,Bonn\n";
    // The first line may be wrong, or the second: nothing is read by a guess.
    for second in ["Nachname,Vorname,Mail,Ort", "Nachname,Vorname,Mail,Town", "Ort,Nachname,Vorname,Mail"] {
        let f = read_with(format!("First,Last,Mail,Town\n{second}\n{ada}"), &o);
        assert_eq!(f.counts.records, 0, "{second}: {:?}", f.cells());
        assert_eq!(f.rejected(), [2, 3].map(|line| (line, CsvCode::OtherTable)), "{second}");
        assert_eq!(f.noted(), [(2, CsvCode::SecondTable)], "{second}");
        assert_eq!(f.notes[0].count, 1);
        let reason = &f.notes[0].reason;
        assert!(reason.contains("another order") && reason.contains("--skip-lines 1"), "{reason}");
    }
    // Neither where both come again on each page, in whatever order.
    let page = format!("First,Last,Mail,Town\nNachname,Vorname,Mail,Ort\n{ada}");
    let f = read_with(format!("{page}{page}{page}"), &o);
    assert_eq!((f.counts.records, f.counts.passed), (0, 2), "{:?}", f.notes);
    // The same words in another order are read by, and a record that has such words is one.
    let f = read_with(format!("First,Last,Mail,Town\nLast,First,Mail,Town\n{ada}"), &o);
    assert_eq!(f.cells(), [["Ada", "Amt", "a@x.org", "Bonn"]]);
    for row in ["Nachname,Vorname,a@x.org,Ort", "Nachname,Amt,Mail,Bonn", "Nachname,Amt,Berta,Ort"] {
        let f = read_with(format!("First,Last,Mail,Town\n{row}\n{ada}"), &o);
        assert_eq!((f.counts.records, f.rejected()), (2, vec![]), "{row}: {:?}", f.notes);
    }
}

#[test]
fn a_second_header_in_another_language_far_below() {
    let o = knowing_both(&[["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"], ["Mail", "E-Mail"]]);
    let rows = "Ada,Amt,a@x.org,Bonn\nBob,Beil,b@x.org,Kiel\n";
    for (second, what) in [
        ("Vorname,Nachname,E-Mail,Ort", "in other words"),
        ("Nachname,Vorname,E-Mail,Ort", "in another order"),
    ] {
        let f = read_with(format!("First,Last,Mail,Town\n{rows}{second}\n{rows}"), &o);
        assert_eq!((f.counts.records, f.counts.rejected), (2, 3), "{second}: {:?}", f.notes);
        assert_eq!(f.noted(), [(4, CsvCode::SecondTable)]);
        let reason = &f.notes[0].reason;
        assert!(reason.contains(what) && !reason.contains("with other columns"), "{reason}");
    }
}

/// Far behind the sample as in it, in columns that show a break at once and in such that hold words only.
#[test]
fn a_second_header_behind_the_sample() {
    let o = knowing_both(&[["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"], ["Mail", "E-Mail"]]);
    let with_mail = ("First,Last,Mail,Town", "Ada,Amt,a@x.org,Bonn");
    let words = ("First,Last,Town", "Ada,Amt,Bonn");
    let (turned, in_words) = ("in another order", "in other words");
    for ((head, row), second, what) in [
        (with_mail, "Nachname,Vorname,E-Mail,Ort", turned),
        (with_mail, "Ort,Nachname,Vorname,E-Mail", turned),
        (with_mail, "Vorname,Nachname,E-Mail,Ort", in_words),
        (with_mail, "First,Last,E-Mail,Ort", in_words),
        (words, "Nachname,Vorname,Ort", turned),
        (words, "\"Nachname\",\"Vorname\",Ort", turned),
        (words, "Vorname,Nachname,Ort", in_words),
    ] {
        for rows in [2, 5000] {
            let f =
                read_with(format!("{head}\n{}{second}\n{row}\n{row}\n", format!("{row}\n").repeat(rows)), &o);
            assert_eq!(f.counts.records, rows as u64, "{rows} {second}: {:?}", f.notes);
            let line = rows as i64 + 2;
            assert_eq!(f.rejected(), [0, 1, 2].map(|n| (line + n, CsvCode::OtherTable)), "{rows} {second}");
            assert_eq!(f.noted(), [(line, CsvCode::SecondTable)], "{rows} {second}");
            let reason = &f.notes[0].reason;
            assert!(reason.contains(what) && !reason.contains("with other columns"), "{reason}");
        }
        // Words of a header in a record are data.
        for record in
            [row.replace("Ada", "Nachname"), row.replace("Ada,Amt", "Nachname,Vorname").replace("Bonn", "7")]
        {
            let text = format!("{head}\n{}{record}\n{row}\n", format!("{row}\n").repeat(5000));
            let f = read_with(text, &o);
            assert_eq!((f.counts.records, f.rejected()), (5002, vec![]), "{record}: {:?}", f.notes);
        }
    }
}

#[test]
fn pages_with_a_header_in_three_languages() {
    let words = [["First", "Vorname", "Prénom"], ["Last", "Nachname", "Nom"], ["Town", "Ort", "Ville"]];
    let o = options(|o| {
        o.names = Some(KnownNames::new(move |cell| words.iter().position(|words| words.contains(&cell))));
    });
    let head = "First,Last,Town\nVorname,Nachname,Ort\nPrénom,Nom,Ville\n";
    for rows in [1, 5000] {
        let f = read_with(format!("{head}{}{head}Bob,Beil,Kiel\n", "Ada,Amt,Bonn\n".repeat(rows)), &o);
        assert_eq!((f.rows.len(), f.rejected()), (rows + 1, vec![]), "{rows}: {:?}", f.notes);
        assert_eq!(f.counts.passed, 5, "{rows}: {:?}", f.notes);
    }
}

#[test]
fn a_word_of_a_header_that_may_mean_something_else() {
    let o = knowing_both(&[
        ["First", "Vorname"],
        ["Last", "Nachname"],
        ["Town", "Ort"],
        ["Mail", "Mail"],
        ["Full name", "Name"],
    ]);
    let head = "First,Last,Mail,Town\n";
    // No column of this header is the full name.
    let f = read_with(format!("{head}Vorname,Name,Mail,Ort\nAda,Amt,a@x.org,Bonn\n"), &o);
    assert_eq!(f.cells(), [["Ada", "Amt", "a@x.org", "Bonn"]]);
    assert_eq!(f.noted(), [(2, CsvCode::LinesPassed)]);
    // Data is never passed over, whatever words are in it.
    for row in [
        "Vorname,Name,Name,Ort",
        "Vorname,Name,Berta,Ort",
        "Mail,Ort,mail.ort@x.org,Ort",
        "Vorname,Nachname,vorname@x.org,Ort",
        "Mail,Nachname,Mail,Ort",
    ] {
        let f = read_with(format!("{head}{row}\nAda,Amt,a@x.org,Bonn\n"), &o);
        assert_eq!((f.counts.records, f.rejected()), (2, vec![]), "{row}: {:?}", f.notes);
        assert_eq!(f.cells()[0].join(","), row);
    }
}

#[test]
fn pages_that_begin_with_a_header_in_two_languages() {
    let o = knowing_both(&[["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"], ["Mail", "Mail"]]);
    let ada = "Ada,Amt,a@x.org,Bonn\n";
    // Lines that are read by the sample, and lines far behind it.
    for rows in [1, 2, 5000] {
        for other in ["Vorname,Nachname,Mail,Ort", "First,Last,Mail,Ort", "VORNAME,NACHNAME,MAIL,ORT"] {
            // The second line in capitals is known by the first pages' spelling.
            let first = if other.starts_with("VOR") { "Vorname,Nachname,Mail,Ort" } else { other };
            let page = format!("First,Last,Mail,Town\n{other}\n");
            let text = format!(
                "First,Last,Mail,Town\n{first}\n{}{page}Bob,Beil,b@x.org,Kiel\n{page}Cay,Cohn,c@x.org,Ulm\n",
                ada.repeat(rows)
            );
            let f = read_with(text, &o);
            assert_eq!(f.rejected(), [], "{rows} {other}: {:?}", f.notes);
            assert_eq!((f.rows.len(), f.counts.passed), (rows + 2, 5), "{rows} {other}: {:?}", f.notes);
            assert_eq!(f.cells()[rows], ["Bob", "Beil", "b@x.org", "Kiel"]);
            assert!(f.noted().iter().all(|(_, code)| *code != CsvCode::SecondTable), "{:?}", f.notes);
        }
    }
}
