//! Batches, places, counts: what does not depend on how a source is read.

use importer_connectors::source::Unit;

use super::kind::Kind;
use super::table::Meant;
use crate::tables::{Table, drain};

/// All that is to be the same however a source is read.
pub fn essence(table: &Table) -> String {
    let Table { name, headers, lines, rejects, findings, notes, counts, stopped, .. } = table;
    let stopped = stopped.as_ref().map(ToString::to_string);
    let cells = table.cells();
    format!(
        "{name} {headers:?}\n{cells:?}\n{lines:?} {rejects:?}\n{findings:?} {notes:?}\n{counts:?} {stopped:?}"
    )
}

/// What holds of every reading, however it ends.
pub fn sound(table: &Table) {
    let Table { lines, rejects, findings, counts: c, headers, .. } = table;
    assert!(rejects.is_sorted_by(|a, b| a.line_number < b.line_number), "{rejects:?}");
    let rejected = |line: &i64| rejects.iter().any(|reject| reject.line_number == *line);
    assert!(!lines.iter().any(rejected), "a place is used twice");
    assert!(lines.iter().chain(rejects.iter().map(|r| &r.line_number)).all(|line| *line >= 1));
    for reject in rejects {
        assert!(reject.hint.len() > 10 && !reject.reason.is_empty() && reject.line_count >= 1, "{reject:?}");
    }
    for finding in findings {
        assert!(lines.binary_search(&finding.line_number).is_ok(), "{finding:?}");
        assert!(finding.column < headers.unique.len() && !finding.reason.is_empty(), "{finding:?}");
        assert!(finding.code.hint().len() > 10);
    }
    let all = c.preamble_lines + c.header_lines + c.record_lines + c.rejected_lines + c.passed + c.blank;
    assert_eq!(c.lines, all, "{c:?}");
}

pub fn batch_size(kind: &Kind) {
    let meant = Meant::people(500);
    let whole = kind.read(&meant);
    for rows in [1, 7] {
        let small = kind.try_read(&meant, rows).expect("it is opened");
        let (mut small, mut whole) = (essence(&small), essence(&whole));
        if !kind.is_file() {
            // Bytes of batches in memory are those of their buffers, which slices share.
            (small, whole) = (without_bytes(&small), without_bytes(&whole));
        }
        assert_eq!(small, whole, "{rows} rows");
    }
}

fn without_bytes(essence: &str) -> String {
    essence.split("bytes_read").next().unwrap_or_default().to_owned()
}

pub fn places(kind: &Kind) {
    let meant = Meant::people(30);
    let table = kind.read(&meant);
    assert!(table.lines.first().is_some_and(|first| *first >= 1));
    assert!(table.lines.is_sorted_by(|a, b| a < b), "{:?}", table.lines);
    let unit = table.description.unit;
    assert!([Unit::Line, Unit::Row, Unit::Record].contains(&unit));
    let place = format!("{}, {} {}", table.name, unit.as_str(), table.lines[29]);
    let told = table.description.evidence.to_string();
    assert!(printable(&place) && printable(&told), "{place} {told}");
    let first = table.description.evidence.first().expect("there is a reason");
    assert_eq!(first.item, "format");
    assert!(!first.why.is_empty());
    assert!(table.notes.iter().all(|note| printable(&note.to_string())));
}

/// Nothing moves the cursor but the ends of lines.
fn printable(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() && c != '\n')
}

pub fn counts(kind: &Kind) {
    for rows in [1, 2, 137] {
        let counts = kind.read(&Meant::people(rows)).counts;
        assert_eq!(counts.records + counts.rejected, rows as u64, "{counts:?}");
        assert!(counts.bytes_read > 0 && counts.bytes_in > 0, "{counts:?}");
        assert!(!counts.is_header_only());
    }
}

pub fn twice(kind: &Kind) {
    let meant = Meant::people(40);
    let (one, two) = (kind.read(&meant), kind.read(&meant));
    assert_eq!(essence(&one), essence(&two));
    assert_eq!(one.description, two.description);
    assert_eq!(one.records, two.records);
}

/// Opened by one thread and read by another; several at once.
pub fn threads(kind: &Kind) {
    let meant = Meant::people(200);
    let wanted = essence(&kind.read(&meant));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut source = kind.source(&meant, 8192).expect("it is opened");
            let wanted = &wanted;
            scope.spawn(move || assert_eq!(essence(&drain(source.as_mut(), 8192)), *wanted));
        }
    });
}

pub fn after_the_end(kind: &Kind) {
    let meant = Meant::people(3);
    let mut source = kind.source(&meant, 2).expect("it is opened");
    let (name, schema) = (source.name().to_owned(), source.schema());
    while source.next_batch().expect("it is read").is_some() {}
    let counts = source.counts();
    for _ in 0..3 {
        assert!(source.next_batch().expect("the end is no error").is_none());
    }
    assert_eq!((source.counts(), source.name(), source.schema()), (counts, name.as_str(), schema));
    assert_eq!(counts.records, 3);
}
