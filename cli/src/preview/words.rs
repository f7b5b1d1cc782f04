//! A preview for people: what was detected and why, the header and its fields, the first rows, the rejects.

use std::fmt::Write as _;

use importer_connectors::csv::CsvEncoding;
use importer_connectors::source::{Confidence, Reject};

use super::args::Args;
use super::looked::{Looked, Matched, Read};
use crate::failure::Failure;
use crate::screen::{self, Sheet, Table, count, short};
use crate::settings::{Settings, quoted};

/// Rows per printed table; a table is laid out as a whole.
const PAGE: usize = 500;
/// Characters of a cell.
const CELL: usize = 32;
/// Columns of the rows that are shown unasked; a page of more is read by nobody.
const WIDE: usize = 100;

/// Prints the preview.
pub fn show(mut looked: Looked, args: &Args, settings: &Settings) -> Result<(), Failure> {
    let mut text = format!("{}\n\n", screen::line(&looked.name));
    dialect(&mut text, &looked);
    header(&mut text, &looked, args);
    if let Some(matched) = &looked.matched {
        mapping(&mut text, matched, &looked.reader.headers().original, args);
        suggested(&mut text, matched, args);
    }
    screen::print(&text)?;
    let read = rows(&mut looked, args)?;
    let mut text = String::new();
    notes(&mut text, &looked);
    rejects(&mut text, &read, looked.encoding());
    counts(&mut text, &read, args);
    next(&mut text, &looked, args, settings);
    screen::print(&text)
}

fn dialect(text: &mut String, looked: &Looked) {
    let dialect = looked.reader.description();
    let mut table = Table::new(["detected", "as", "sure", "because"]);
    for e in dialect.evidence.iter() {
        table.row([e.item, e.value.as_str(), &e.confidence.to_string(), e.why.as_str()]);
    }
    text.push_str(&table.text());
    if let Some(weakest) = dialect.evidence.weakest().filter(|e| e.confidence <= Confidence::Medium) {
        let _ = writeln!(
            text,
            "\nLook at this first: {} is taken to be {}, with {} confidence.",
            weakest.item,
            screen::line(&weakest.value),
            weakest.confidence
        );
    }
    if dialect.preamble_lines > 0 {
        let _ = writeln!(text, "\nBefore the header ({} {}s)", dialect.preamble_lines, dialect.unit.as_str());
        for line in &dialect.preamble {
            let _ = writeln!(text, "  {}", short(line, 100));
        }
    }
}

fn header(text: &mut String, looked: &Looked, args: &Args) {
    let all = &looked.reader.headers().unique;
    let (shown, more) = screen::listed(all, args.all_columns);
    let mut names: Vec<String> = shown.iter().map(|h| screen::line(h)).collect();
    if more > 0 {
        names.push(format!("and {} more", count(more as u64)));
    }
    let _ = writeln!(text, "\nHeader ({} columns): {}", all.len(), names.join(", "));
}

fn mapping(text: &mut String, matched: &Matched, headers: &[String], args: &Args) {
    let found = &matched.headers;
    let _ = writeln!(text, "\nAs {}", matched.entity);
    let mut table = Table::new(["field", "from"]);
    for a in &found.assignments {
        let from: Vec<&str> = a.columns.iter().filter_map(|&c| headers.get(c)).map(String::as_str).collect();
        table.row([a.field.as_str(), &from.join(", ")]);
    }
    text.push_str(&table.text());
    if found.is_error_report {
        let _ = writeln!(text, "This is an error report of an earlier run; its own columns are left out.");
    }
    if !found.unmapped.is_empty() {
        let _ = writeln!(text, "\nColumns that no field takes");
        let mut table = Table::new(["column", "why", "perhaps"]);
        let (shown, more) = screen::listed(&found.unmapped, args.all_columns);
        for column in shown {
            let name = column.name();
            let why = column.why.to_string();
            let perhaps =
                column.near.as_ref().map_or(String::new(), |near| format!("--map \"{name}={near}\""));
            table.row([name, why, perhaps]);
        }
        text.push_str(&table.text());
        if more > 0 {
            let _ = writeln!(text, " and {} more columns, with --all-columns", count(more as u64));
        }
    }
    for error in &found.errors {
        let _ = writeln!(
            text,
            "\nA run would stop here. {}: {}",
            error.error_code(),
            screen::line(&error.to_string())
        );
        for line in error.advice().lines() {
            let _ = writeln!(text, "  {}", screen::line(line));
        }
    }
}

fn suggested(text: &mut String, matched: &Matched, args: &Args) {
    if matched.suggestions.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nHow the file seems to be meant");
    for suggestion in &matched.suggestions {
        let taken = if args.suggested && !suggestion.doubtful { " (taken on)" } else { "" };
        let _ = writeln!(text, "  {}{taken}", suggestion.flag());
        text.push_str(&screen::paragraph(&format!("{}.", suggestion.why), 6));
    }
}

fn rows(looked: &mut Looked, args: &Args) -> Result<Read, Failure> {
    let columns = looked.reader.headers().unique.len();
    let shown = if args.all_columns { columns } else { columns.min(WIDE) };
    let names = looked.reader.headers().unique.iter().take(shown).map(|h| short(h, CELL));
    let header: Vec<String> =
        std::iter::once(looked.reader.description().unit.as_str().to_owned()).chain(names).collect();
    let mut sheet = Sheet::new(header, vec![0], true);
    screen::print("\n")?;
    let read = looked.read(args.all, |line, cells| {
        let cells = cells.into_iter().take(shown).map(|c| short(c.unwrap_or_default(), CELL));
        sheet.row(std::iter::once(line.to_string()).chain(cells).collect());
        if sheet.len() == PAGE { screen::print(&sheet.take()) } else { Ok(()) }
    })?;
    if sheet.len() > 0 {
        screen::print(&sheet.take())?;
    }
    if shown < columns {
        let more = count((columns - shown) as u64);
        screen::print(&format!("and {more} more columns, with --all-columns\n"))?;
    }
    Ok(read)
}

fn notes(text: &mut String, looked: &Looked) {
    let notes = looked.reader.notes();
    if notes.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nWorth knowing of this file");
    let mut table = Table::new(["line", "code", "what, and what to do"]).right(&[0]).wrapped(&[2]);
    for note in notes {
        let times = if note.count > 1 { format!(" ({} times)", count(note.count)) } else { String::new() };
        let what = format!("{}{times}. {}", note.reason, note.code.hint());
        table.row([note.line_number.to_string(), note.code.to_string(), screen::line(&what)]);
    }
    text.push_str(&table.text());
}

fn rejects(text: &mut String, read: &Read, encoding: CsvEncoding) {
    if read.rejects.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nRecords that cannot be read (each costs itself only)");
    let mut table = Table::new(["line", "code", "reason and what to do", "raw"]).right(&[0]).wrapped(&[2]);
    for reject in &read.rejects {
        let Reject { line_number, code, reason, hint, raw, .. } = reject;
        let raw = encoding.text(raw);
        table.row([
            line_number.to_string(),
            code.to_string(),
            format!("{reason}. {hint}"),
            short(&raw, CELL),
        ]);
    }
    text.push_str(&table.text());
}

fn counts(text: &mut String, read: &Read, args: &Args) {
    let c = &read.counts;
    let reach = if read.complete { "The whole file" } else { "The beginning of the file" };
    let mut parts = vec![
        format!("{} records", count(c.records)),
        format!("{} rejected", count(c.rejected)),
        format!("{} blank lines", count(c.blank)),
    ];
    if c.passed > 0 {
        parts.push(format!("{} lines passed over", count(c.passed)));
    }
    if c.repaired > 0 {
        parts.push(format!("{} repaired", count(c.repaired)));
    }
    if c.padded > 0 {
        parts.push(format!("{} filled up", count(c.padded)));
    }
    let _ = writeln!(text, "\n{reach}: {}.", parts.join(", "));
    let hidden = c.records > read.shown || c.rejected > read.rejects.len() as u64;
    if !args.all && (hidden || !read.complete) {
        let _ = writeln!(
            text,
            "Shown: the first {} rows and {} rejects; everything with --all.",
            count(read.shown),
            count(read.rejects.len() as u64)
        );
    }
}

fn next(text: &mut String, looked: &Looked, args: &Args, settings: &Settings) {
    let loadable = looked.matched.as_ref().is_some_and(|m| m.headers.errors.is_empty());
    if args.file.as_deref() == Some("-") || !loadable {
        return;
    }
    let mut command = String::from("run --dry-run");
    if let Some(source) = &args.source {
        let _ = write!(command, " --source {}", quoted(source));
    }
    let suggestions = looked.matched.iter().flat_map(|m| &m.suggestions).filter(|s| !s.doubtful);
    if args.suggested {
        suggestions.for_each(|suggestion| {
            let _ = write!(command, " {}", suggestion.flag());
        });
    } else if suggestions.count() > 0 {
        command.push_str(" --suggested");
    }
    for (header, field) in &args.headers.map {
        let _ = write!(command, " --map {}", quoted(&format!("{header}={field}")));
    }
    let flags = crate::run::Dialect { options: Vec::new(), ..args.dialect.clone() };
    for (key, value) in flags.words() {
        match key.as_str() {
            "header" if value == "true" => command.push_str(" --header"),
            "header" => command.push_str(" --no-header"),
            key => {
                let _ = write!(command, " --{} {}", key.replace('_', "-"), quoted(&value));
            }
        }
    }
    for (key, value) in &args.dialect.options {
        let _ = write!(command, " --option {}", quoted(&format!("{key}={value}")));
    }
    if let Some(file) = &args.file {
        let _ = write!(command, " --file {}", quoted(file));
    }
    let _ = writeln!(text, "\nNext\n  {}", settings.command(&command));
}
