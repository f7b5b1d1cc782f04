//! Options by their words.

use importer_connectors::connector::{self, Input, Words, words_of};

use super::kind::Kind;
use super::table::Meant;

/// For each word, what it cannot be.
const CANNOT_BE: &[(&str, &str)] = &[
    ("binary", "octal"),
    ("columns", "no_such_column"),
    ("compression", "rar"),
    ("delimiter", ""),
    ("encoding", "klingon"),
    ("escape", "sometimes"),
    ("header", "perhaps"),
    ("layout", "id"),
    ("line_ending", "vt"),
    ("max_cell_bytes", "many"),
    ("max_cell_lines", "many"),
    ("max_record_bytes", "many"),
    ("max_unpacked_bytes", "many"),
    ("member", "a["),
    ("quote", "quotes"),
    ("ragged", "perhaps"),
    ("records", "a..b"),
    ("sheet", ""),
    ("skip_lines", "-1"),
    ("trim", "perhaps"),
];

pub fn unknown(kind: &Kind) {
    let meant = Meant::people(3);
    let input = Input::bytes("people.bin", (kind.write)(&meant));
    let Err(error) = kind.open(input, &meant, 10, &[("colour", "red")]) else {
        panic!("it was opened");
    };
    assert_eq!(error.code(), "SOURCE_OPTIONS");
    let said = format!("{error} {}", error.help());
    assert!(error.to_string().contains("colour"), "{said}");
    for word in words_of(kind.connector) {
        assert!(said.contains(word.name), "{}: {said}", word.name);
    }
    let words: Words = [("colour", "red")].into_iter().collect();
    assert!(connector::check(kind.connector, &words).is_err());
}

pub fn bad(kind: &Kind) {
    let meant = Meant::people(3);
    let own = connector::connector(kind.connector).expect("it is in the list").words();
    for word in own {
        let (_, value) =
            CANNOT_BE.iter().find(|(name, _)| *name == word.name).expect("add it to the list above");
        let input = Input::bytes("people.bin", (kind.write)(&meant));
        let Err(error) = kind.open(input, &meant, 10, &[(word.name, value)]) else {
            panic!("{} was {value:?}", word.name);
        };
        assert_eq!(error.code(), "SOURCE_OPTIONS", "{error}");
        assert!(error.to_string().contains(word.name), "{error}");
        assert!(error.to_string().contains(value), "{error}");
        assert!(!word.about.is_empty() && !word.value.is_empty());
    }
}
