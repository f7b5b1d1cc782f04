//! Delimiter, quote, escape, line ending, preamble and width, from a bounded sample.
//!
//! Every candidate dialect is tried with the real record rules, then scored by how well the rows
//! agree in their number of fields, whether the [cells](crate::cell) look like cells, and what went wrong with
//! quotes. Deterministic: the same sample gives the same answer.
//!
//! | file | what it judges |
//! | --- | --- |
//! | `trial` | one candidate over the rows of the sample |
//! | `layout` | where the table starts and how wide it is |
//! | `score` | one candidate against the others; quotes, escapes, blanks |
//! | `table` | what the rows of the winner say together: header, width, odd lines |
//! | `second` | where another table begins below the first |
//! | here | line endings, `sep=`, lines to skip, and the reasons in words |

mod layout;
mod score;
mod second;
mod table;
mod trial;

use super::split::{LineEnd, Rules};
use super::{CsvOptions, Escape, LineEnding};
use crate::cell::Kind;
use crate::dialect::HighHalf;
use crate::source::{Confidence, Evidence, Note};
use score::{Candidate, Sample};
use table::{Marks, Table};
use trial::{Glass, Row};

pub(super) use table::{Fit, Mark, Marked, SecondHeader};

/// Bytes of the sample that candidates are tried on; all of it, where they hold few lines.
const TRIED: usize = 256 << 10;
const FEW_LINES: usize = 50;

/// What was found.
#[derive(Debug)]
pub(super) struct Guess {
    pub rules: Rules,
    pub escape: Escape,
    pub line_ending: LineEnding,
    /// The first row names the columns.
    pub header: bool,
    pub fit: Fit,
    /// Where the header (or the first record) starts in the text.
    pub start: usize,
    /// Physical lines before it.
    pub preamble_lines: u64,
    /// Fields of most rows, and of the longest where no row is like another.
    pub width: usize,
    /// Without a header, and every row has its own number of cells.
    pub uneven: bool,
    /// Number of fields, and fields up to the last one with content, for the rows after the header.
    pub filled_widths: Vec<(usize, usize)>,
    /// Lines of the sample that are no ordinary records.
    pub marks: Vec<Mark>,
    /// The cells of the lines below the header that name its columns in other words.
    pub otherwise: Vec<Vec<Vec<u8>>>,
    /// What the columns usually hold.
    pub patterns: Vec<Option<Kind>>,
    pub notes: Vec<Note>,
    pub evidence: Vec<Evidence>,
}

/// Looks at the start of the text. `complete`: it is the whole file.
pub(super) fn detect(sample: &[u8], complete: bool, table: Option<&HighHalf>, options: &CsvOptions) -> Guess {
    let few =
        memchr::memchr2_iter(b'\n', b'\r', sample.get(..TRIED).unwrap_or(sample)).take(FEW_LINES).count()
            < FEW_LINES;
    let text = if few { sample } else { sample.get(..TRIED).unwrap_or(sample) };
    let complete = complete && text.len() == sample.len();
    let mut evidence = Vec::new();

    let (line_ending, why) = line_ending(sample, options);
    evidence.push(why);

    let any = Rules::new(b',', None, Escape::Doubled, line_ending);
    let (mut start, mut skipped) = (0, 0_u64);
    if let Some(lines) = options.skip_lines {
        for _ in 0..lines {
            let LineEnd::At { next, .. } = any.line_end(sample, start, true) else { break };
            if next == start {
                break;
            }
            (start, skipped) = (next, skipped + 1);
        }
    }
    let mut sep = None;
    if let LineEnd::At { end, next } = any.line_end(sample, start, true)
        && let Some(byte) = excel_sep(sample.get(start..end).unwrap_or_default())
    {
        sep = Some(byte);
        (start, skipped) = (next, skipped + 1);
    }

    let text = text.get(start..).unwrap_or_default();
    let odd = odd_signs(&any, text);
    let given = options.delimiter.map(|d| d.byte());
    let sample = Sample {
        text,
        complete,
        options,
        ending: line_ending,
        titles: options.skip_lines.is_none(),
        glass: Glass { odd: &odd, names: options.names.as_ref(), table },
    };
    let best = score::choose(sample, given.or(sep));
    let Candidate { rules, escape, trial, layout, .. } = &best.winner;

    evidence.push(match (given, sep) {
        (Some(_), _) => Evidence::new("delimiter", score::show_delimiter(rules), Confidence::Given, "given"),
        (None, Some(_)) => Evidence::new(
            "delimiter",
            score::show_delimiter(rules),
            Confidence::High,
            "the first line says `sep=`",
        ),
        (None, None) => best.explain_delimiter(),
    });
    evidence.push(best.winner.explain_quote(options));
    evidence.push(best.winner.explain_escape(options));

    let head = trial.rows.get(layout.first);
    let preamble_lines = skipped + head.map_or(0, |row| row.line);
    evidence.push(preamble_evidence(options, sep.is_some(), layout.titles, preamble_lines));

    let table = Table { rules, text, complete, trial, layout, skipped, glass: sample.glass };
    let look = table.header();
    let header = options.header.unwrap_or(look.present);
    evidence.push(header_evidence(options, &look));
    let Marks { marks, notes, otherwise } = table.marks(header);
    let owned = |row: &Row| table.cells(row).iter().map(|cell| cell.to_vec()).collect();
    let otherwise = otherwise.into_iter().map(owned).collect();
    let below = trial.rows.get(layout.first + 1..).unwrap_or_default();
    let uneven = !header && trial.all_values() && layout.agreeing < 0.5 && below.len() > 1;
    let widest = trial.rows.iter().map(|row| row.fields).max().unwrap_or(layout.width);
    Guess {
        escape: *escape,
        line_ending,
        header,
        fit: if header { table.fit() } else { Fit::Plain },
        start: start + head.map_or(0, |row| row.start),
        preamble_lines,
        width: if uneven { widest } else { layout.width },
        uneven,
        filled_widths: below.iter().filter(|row| !row.bad).map(|row| (row.fields, row.last_filled)).collect(),
        marks,
        otherwise,
        patterns: table.patterns(),
        notes,
        evidence,
        rules: rules.clone(),
    }
}

/// Signs that would be another delimiter: of the usual ones those that stand in the first line that has any, and in
/// lines behind blank ones. `id,list` above `1,a|b|c` says that `|` is text.
fn odd_signs(any: &Rules, text: &[u8]) -> Vec<u8> {
    const SIGNS: &[u8] = b",;\t|^";
    let mut odd: Vec<u8> = Vec::new();
    let (mut at, mut after_blank) = (0, true);
    for _ in 0..12 {
        let LineEnd::At { end, next } = any.line_end(text, at, true) else { break };
        if next == at {
            break;
        }
        let line = text.get(at..end).unwrap_or_default();
        let blank = line.trim_ascii().is_empty();
        if !blank && (after_blank || odd.is_empty()) && !line.starts_with(b"#") {
            odd.extend(SIGNS.iter().filter(|sign| line.contains(sign)));
        }
        (at, after_blank) = (next, blank);
    }
    odd
}

/// `sep=;`, the line that Excel understands, in quotes or not.
fn excel_sep(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    match rest {
        [byte] | [byte, b'"'] if super::Delimiter::new(*byte).is_ok() => Some(*byte),
        _ => None,
    }
}

fn line_ending(sample: &[u8], options: &CsvOptions) -> (LineEnding, Evidence) {
    let evidence = |ending: LineEnding, confidence, why: String| {
        (ending, Evidence::new("line ending", ending.to_string(), confidence, why))
    };
    if let Some(given) = options.line_ending {
        return evidence(given, Confidence::Given, "given".to_owned());
    }
    let (mut lf, mut crlf, mut cr) = (0_usize, 0_usize, 0_usize);
    for i in memchr::memchr2_iter(b'\n', b'\r', sample) {
        let after_cr = i > 0 && sample.get(i - 1) == Some(&b'\r');
        match (sample.get(i), after_cr) {
            (Some(b'\n'), true) => {
                crlf += 1;
                cr = cr.saturating_sub(1);
            }
            (Some(b'\n'), false) => lf += 1,
            // A CR at the very end may be half of a CRLF that lies beyond the sample.
            _ if i + 1 == sample.len() && crlf + lf > 0 => {}
            _ => cr += 1,
        }
    }
    let counts = format!("{lf} LF, {crlf} CRLF, {cr} lone CR in the sample");
    let lines = lf + crlf;
    if lines + cr == 0 {
        return evidence(LineEnding::Lf, Confidence::Assumed, "the sample is a single line".to_owned());
    }
    if lines == 0 {
        return evidence(LineEnding::Cr, Confidence::High, counts);
    }
    // A lone CR here and there is text that came along with an address; many of them end lines.
    if cr * 10 >= lines + cr {
        return evidence(LineEnding::Mixed, Confidence::Medium, counts);
    }
    let ending = if crlf >= lf { LineEnding::CrLf } else { LineEnding::Lf };
    let pure = lf == 0 || crlf == 0;
    evidence(ending, if pure { Confidence::High } else { Confidence::Medium }, counts)
}

fn preamble_evidence(options: &CsvOptions, sep: bool, titles: usize, lines: u64) -> Evidence {
    let value = match lines {
        0 => "none".to_owned(),
        1 => "1 line".to_owned(),
        n => format!("{n} lines"),
    };
    let (confidence, why) = match (options.skip_lines, lines) {
        (Some(_), _) => (Confidence::Given, "given".to_owned()),
        (None, 0) => (Confidence::High, "the first line has the width of the table".to_owned()),
        (None, _) if titles > 0 => (
            Confidence::Medium,
            format!("{titles} title rows above the table: check that the header is right"),
        ),
        (None, _) if sep => {
            (Confidence::High, "a `sep=` line, comments or blank lines above the table".to_owned())
        }
        (None, _) => (Confidence::High, "comments or blank lines above the table".to_owned()),
    };
    Evidence::new("preamble", value, confidence, why)
}

fn header_evidence(options: &CsvOptions, look: &table::HeaderLook) -> Evidence {
    match (options.header, look.present) {
        (Some(true), _) => Evidence::new("header", "yes", Confidence::Given, "given"),
        (Some(false), _) => Evidence::new("header", "no", Confidence::Given, "given: columns are numbered"),
        (None, present) => {
            Evidence::new("header", if present { "yes" } else { "no" }, look.confidence, look.why.clone())
        }
    }
}
