//! Candidates against each other.

use super::super::split::Rules;
use super::super::{CsvOptions, Escape, LineEnding};
use super::layout::{Layout, layout};
use super::trial::{Glass, Row, Trial};
use crate::cell::kind;
use crate::dialect::show_byte;
use crate::source::{Confidence, Evidence};

/// Candidates and how common they are: decides only when the file leaves it open.
const DELIMITERS: [(u8, f64); 14] = [
    (b',', 1.0),
    (b'\t', 0.99),
    (b';', 0.98),
    (b'|', 0.95),
    (0x1F, 0.94),
    (0x01, 0.94),
    (b'^', 0.8),
    (b'~', 0.8),
    (b':', 0.7),
    (b' ', 0.6),
    (b'#', 0.6),
    (b'*', 0.5),
    (b'!', 0.5),
    (b'&', 0.5),
];

/// The usual ones. The others must make an even table of the whole sample to be believed.
const USUAL: [u8; 7] = [b',', b'\t', b';', b'|', 0x1F, 0x01, b'^'];

/// What a file of one column scores: a delimiter must do better than that.
const ONE_COLUMN: f64 = 0.3;

/// A dialect and how it did.
#[derive(Debug)]
pub(super) struct Candidate {
    pub rules: Rules,
    pub escape: Escape,
    pub trial: Trial,
    pub layout: Layout,
    score: f64,
}

/// The best candidate and the next one.
#[derive(Debug)]
pub(super) struct Choice {
    pub winner: Candidate,
    runner_up: Option<(u8, f64)>,
}

/// What candidates are tried on.
#[derive(Clone, Copy)]
pub(super) struct Sample<'a> {
    pub text: &'a [u8],
    pub complete: bool,
    pub options: &'a CsvOptions,
    pub ending: LineEnding,
    pub titles: bool,
    pub glass: Glass<'a>,
}

/// Tries everything that is still open.
pub(super) fn choose(sample: Sample<'_>, delimiter: Option<u8>) -> Choice {
    let attempt = |delimiter: u8, prior: f64| {
        let mut best = best_quoting(sample, delimiter);
        best.score = prior * score(&best);
        best
    };
    if let Some(delimiter) = delimiter {
        return Choice { winner: attempt(delimiter, 1.0), runner_up: None };
    }
    let text = sample.text;
    let mut candidates: Vec<Candidate> = DELIMITERS
        .iter()
        .filter(|(delimiter, _)| memchr::memchr(*delimiter, text).is_some())
        .map(|(delimiter, prior)| attempt(*delimiter, *prior))
        .filter(|candidate| USUAL.contains(&candidate.rules.delimiter) || is_even(candidate, text))
        .collect();
    // One column: read with a delimiter that does not occur, or the text would be cut up.
    let absent = DELIMITERS
        .iter()
        .map(|(delimiter, _)| *delimiter)
        .find(|delimiter| USUAL.contains(delimiter) && memchr::memchr(*delimiter, text).is_none())
        .unwrap_or(0x1E);
    candidates.push(attempt(absent, 1.0));

    // A stable sort: equal scores keep the order of the list above.
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let runner_up = candidates.get(1).map(|c| (c.rules.delimiter, c.score));
    let winner = candidates.swap_remove(0);
    Choice { winner, runner_up }
}

/// A rare delimiter is believed where every row has as many fields as the header, and lines are more than one value
/// that happens to hold it (`15:02:37`). Blanks separate measurements, not the words of names.
fn is_even(candidate: &Candidate, text: &[u8]) -> bool {
    let Candidate { rules, trial, layout, .. } = candidate;
    let Some((head, body)) = trial.rows.get(layout.first..).and_then(<[Row]>::split_first) else {
        return false;
    };
    let even = layout.first == 0 && head.fields >= 2 && !body.is_empty() && layout.agreeing >= 1.0;
    let whole_value =
        |row: &Row| text.get(row.start..row.end).is_some_and(|line| kind(line.trim_ascii()).is_value());
    let measured = rules.delimiter != b' '
        || body
            .iter()
            .all(|row| row.values * 2 >= row.filled && (row.fields >= 3 || row.values == row.filled));
    even && measured && trial.bad_rows == 0 && (rules.delimiter == b' ' || !body.iter().all(whole_value))
}

/// The quote and escape that go best with a delimiter.
fn best_quoting(sample: Sample<'_>, delimiter: u8) -> Candidate {
    let Sample { text, options, .. } = sample;
    let attempt = |quote: Option<u8>, escape: Escape| best_spacing(sample, delimiter, quote, escape);
    let has = |byte: u8| memchr::memchr(byte, text).is_some();
    let with_escape = |quote: u8| {
        if let Some(escape) = options.escape {
            return attempt(Some(quote), escape);
        }
        let doubled = attempt(Some(quote), Escape::Doubled);
        if doubled.trial.broken == 0 || memchr::memmem::find(text, &[b'\\', quote]).is_none() {
            return doubled;
        }
        let backslash = attempt(Some(quote), Escape::Backslash);
        if backslash.trial.broken < doubled.trial.broken { backslash } else { doubled }
    };
    if let Some(given) = options.quote {
        return match given.byte() {
            Some(quote) => with_escape(quote),
            None => attempt(None, options.escape.unwrap_or_default()),
        };
    }
    if has(b'"') {
        let double = with_escape(b'"');
        // Nearly all cells that begin with a quote go wrong: here quotes are text. A few broken
        // quotes prove nothing; they are rejected record by record.
        let (broken, rows) = (double.trial.broken, double.trial.rows.len());
        if broken >= 10 && broken * 20 >= rows && broken > 4 * double.trial.quoted.saturating_sub(broken) {
            let none = attempt(None, Escape::Doubled);
            if none.layout.agreeing > double.layout.agreeing {
                return none;
            }
        }
        if double.trial.quoted > 0 || !has(b'\'') {
            return double;
        }
    }
    if has(b'\'') {
        // Apostrophes are common in names, so single quotes must prove themselves: several cells
        // in quotes, none of them broken, and rows that agree at least as well.
        let single = with_escape(b'\'');
        // An apostrophe inside such a cell, as in `won't`, is mended like any stray quote.
        let few_broken = single.trial.bad_rows == 0 && single.trial.broken * 4 <= single.trial.quoted;
        if single.trial.quoted >= 2 && few_broken {
            let plain = attempt(Some(b'"'), Escape::Doubled);
            let wrapped = single.trial.quoted >= single.trial.rows.len();
            let better = single.layout.agreeing > plain.layout.agreeing;
            if wrapped && single.trial.broken == 0 && single.layout.agreeing >= plain.layout.agreeing
                || better && (wrapped || single.trial.broken == 0)
            {
                return single;
            }
            return plain;
        }
    }
    attempt(Some(b'"'), options.escape.unwrap_or_default())
}

/// Blanks beside delimiters, delimiters in pairs and in runs, and typographic quotes.
fn best_spacing(sample: Sample<'_>, delimiter: u8, quote: Option<u8>, escape: Escape) -> Candidate {
    let Sample { text, complete, options, .. } = sample;
    let mut rules = Rules::new(delimiter, quote, escape, sample.ending);
    rules.field_bytes = options.limits.field_bytes;
    rules.field_lines = options.limits.field_lines;
    rules.remember = 1 << 16;
    let attempt = |rules: Rules| {
        let trial = Trial::run(&rules, text, complete, sample.glass);
        let layout = layout(&trial, sample.titles);
        Candidate { rules, escape, trial, layout, score: 0.0 }
    };
    let given = options.delimiter.filter(|d| d.byte() == delimiter);
    rules.doubled = given.is_some_and(|d| d.is_doubled());
    rules.blank_after_delimiter = given.is_some_and(|d| d.takes_blank());
    rules.blank_before_quote = rules.blank_after_delimiter;
    if rules.doubled || rules.blank_after_delimiter {
        return attempt(rules);
    }
    if delimiter == b' ' && memchr::memmem::find(text, b"  ").is_some() {
        let runs = attempt(Rules { runs: true, ..rules.clone() });
        let plain = attempt(rules);
        return if runs.layout.agreeing >= plain.layout.agreeing { runs } else { plain };
    }
    let plain = attempt(rules.clone());
    if plain.trial.is_doubled() {
        return attempt(Rules { doubled: true, ..rules });
    }
    if plain.trial.curly >= 2 && plain.trial.quoted == 0 {
        let curly = attempt(Rules { curly: true, ..rules });
        return if curly.layout.agreeing >= plain.layout.agreeing { curly } else { plain };
    }
    let Trial { spaced, delimiters, late_quotes, broken, .. } = plain.trial;
    // `a, b`: where a blank follows nearly every delimiter, it is part of it.
    if delimiter != b' ' && delimiters >= 2 && spaced * 10 >= delimiters * 8 {
        let blank = attempt(Rules { blank_after_delimiter: true, blank_before_quote: true, ..rules.clone() });
        let head = blank.trial.rows.get(blank.layout.first);
        let always =
            blank.trial.spaced * 20 >= blank.trial.delimiters * 19 && head.is_some_and(|h| h.fields > 1);
        if always && blank.trial.broken <= broken && blank.layout.agreeing >= plain.layout.agreeing {
            return blank;
        }
    }
    // `"a", "b"`: taken only if it makes the rows agree and breaks nothing.
    if late_quotes >= 2 {
        let blank = attempt(Rules { blank_before_quote: true, ..rules });
        if blank.trial.broken <= broken && blank.layout.agreeing >= plain.layout.agreeing {
            return blank;
        }
    }
    plain
}

/// Between 0 and 1; known names of columns lift it beyond.
fn score(candidate: &Candidate) -> f64 {
    let Candidate { trial, layout, rules, .. } = candidate;
    let Some(head) = trial.rows.get(layout.first) else { return 0.0 };
    let quality = trial.cell_quality() * trial.cell_quality();
    if head.fields < 2 {
        // `id,name` is no name for a single column, even if no row below it has a comma.
        let one_name = trial.delimiters == 0 && !head.odd;
        // `"a";"b"` is no cell whose quotes need mending.
        let unwrapped = trial.broken * 2 >= trial.rows.len() && trial.broken > 1;
        return ONE_COLUMN * quality * if one_name && !unwrapped { 1.0 } else { 0.5 };
    }
    let width = head.fields as f64;
    let rich = (width - 1.0) / width;
    let uneven = trial.all_values()
        && USUAL.contains(&rules.delimiter)
        && trial.rows.len() >= 2
        && trial.rows.iter().all(|row| row.fields >= 2);
    // A header that splits into names speaks for the delimiter even where the rows are a mess; so do rows of numbers,
    // however many each has.
    let agreeing = if layout.titles == 0 {
        let floor = if head.header_like || uneven { 0.5 } else { 0.0 };
        layout.agreeing.max(floor).max(0.9 * one_wider(trial, head))
    } else {
        layout.agreeing * layout.agreeing
    };
    let mut score = rich * agreeing * quality;
    if layout.titles > 0 {
        // "Smith, John" under the header "name" is one column, not a title above two.
        let prose = trial.delimiters > 0 && trial.spaced == trial.delimiters;
        score *= if prose { 0.3 } else { 0.8 };
    }
    let rows = trial.rows.len();
    score *= 1.0 - 0.5 * trial.bad_rows as f64 / rows.max(1) as f64;
    if head.hits >= 2 { score + 0.2 * head.hits as f64 } else { score }
}

/// Share of the rows that have one cell more than a row of names: the first column, of row names, has none.
fn one_wider(trial: &Trial, head: &Row) -> f64 {
    let Some((first, body)) = trial.rows.split_first().filter(|(_, body)| !body.is_empty()) else {
        return 0.0;
    };
    if first.start != head.start || head.values > 0 || head.filled < head.fields {
        return 0.0;
    }
    body.iter().filter(|row| row.fields == head.fields + 1 && !row.bad).count() as f64 / body.len() as f64
}

impl Choice {
    pub(super) fn explain_delimiter(&self) -> Evidence {
        let Candidate { rules, trial, layout, score, .. } = &self.winner;
        let value = show_delimiter(rules);
        let width = trial.rows.get(layout.first).map_or(0, |row| row.fields);
        if width < 2 {
            let why = "no delimiter splits the sample: one column";
            return Evidence::new("delimiter", "none", Confidence::Assumed, why);
        }
        let rows = trial.rows.len().saturating_sub(layout.first + 1);
        let share = (layout.agreeing * 100.0).round();
        let mut why =
            format!("splits the header into {width} fields, and {share} % of {rows} sample records agree");
        let mut confidence = match *score {
            s if s >= 0.6 => Confidence::High,
            s if s >= 0.4 => Confidence::Medium,
            _ => Confidence::Low,
        };
        if width == 2 && layout.agreeing >= 0.99 && rows >= 3 {
            confidence = Confidence::High;
        }
        if let Some((next, next_score)) = self.runner_up
            && next_score * 1.3 > *score
        {
            confidence = confidence.min(Confidence::Low);
            why.push_str(&format!("; {} does nearly as well", show_byte(next)));
        }
        Evidence::new("delimiter", value, confidence, why)
    }
}

impl Candidate {
    pub(super) fn explain_quote(&self, options: &CsvOptions) -> Evidence {
        let value = self.rules.quote.map_or_else(|| "none".to_owned(), show_byte);
        if options.quote.is_some() {
            return Evidence::new("quote", value, Confidence::Given, "given");
        }
        let Trial { quoted, broken, .. } = &self.trial;
        let (confidence, why) = match (self.rules.quote, *quoted, *broken) {
            _ if self.rules.curly => {
                (Confidence::Medium, format!("typographic quotes stand around {quoted} cells"))
            }
            (None, _, _) => {
                (Confidence::Medium, "most cells that begin with a quote do not end with one".to_owned())
            }
            (Some(_), 0, 0) => (Confidence::Assumed, "no quoted cells in the sample".to_owned()),
            (Some(_), quoted, 0) if self.rules.blank_before_quote && !self.rules.blank_after_delimiter => (
                Confidence::Medium,
                format!("{quoted} cells are quoted, with blanks before the quote that are dropped"),
            ),
            (Some(_), quoted, 0) => {
                (Confidence::High, format!("{quoted} cells of the sample are quoted, all well"))
            }
            (Some(_), quoted, broken) => {
                let confidence = if broken * 10 <= quoted { Confidence::Medium } else { Confidence::Low };
                (
                    confidence,
                    format!("{quoted} cells of the sample are quoted, {broken} records have broken quotes"),
                )
            }
        };
        Evidence::new("quote", value, confidence, why)
    }

    pub(super) fn explain_escape(&self, options: &CsvOptions) -> Evidence {
        let value = self.escape.to_string();
        match (options.escape, self.escape) {
            (Some(_), _) => Evidence::new("escape", value, Confidence::Given, "given"),
            (None, Escape::Backslash) => Evidence::new(
                "escape",
                value,
                Confidence::Medium,
                "quotes behind a backslash, and fewer broken cells that way",
            ),
            (None, Escape::Doubled) => {
                Evidence::new("escape", value, Confidence::Assumed, "no sign of another way")
            }
        }
    }
}

/// A delimiter as a person would write it.
pub(super) fn show_delimiter(rules: &Rules) -> String {
    let byte = show_byte(rules.delimiter);
    if rules.doubled {
        format!("{byte} twice")
    } else if rules.blank_after_delimiter {
        format!("{byte} and a blank")
    } else if rules.runs {
        format!("{byte}, several as one")
    } else {
        byte
    }
}
