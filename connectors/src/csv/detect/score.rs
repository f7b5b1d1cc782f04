//! Candidates against each other.

use super::super::dialect::show_byte;
use super::super::split::Rules;
use super::super::{Confidence, CsvOptions, Escape, Evidence, LineEnding};
use super::layout::{Layout, layout};
use super::trial::Trial;

/// Candidates and how common they are: decides only when the file leaves it open.
const DELIMITERS: [(u8, f64); 6] =
    [(b',', 1.0), (b'\t', 0.99), (b';', 0.98), (b'|', 0.95), (b'^', 0.8), (b':', 0.7)];

/// What a file of one column scores: a delimiter must do better than that.
const ONE_COLUMN: f64 = 0.3;

/// A dialect and how it did.
#[derive(Debug)]
pub(super) struct Candidate {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub escape: Escape,
    pub blank_before_quote: bool,
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

/// Tries everything that is still open.
pub(super) fn choose(
    text: &[u8],
    complete: bool,
    options: &CsvOptions,
    ending: LineEnding,
    delimiter: Option<u8>,
    titles: bool,
) -> Choice {
    let attempt = |delimiter: u8, prior: f64| {
        let mut best = best_quoting(text, complete, options, ending, delimiter, titles);
        best.score = prior * score(&best);
        best
    };
    if let Some(delimiter) = delimiter {
        return Choice { winner: attempt(delimiter, 1.0), runner_up: None };
    }
    let mut candidates: Vec<Candidate> = DELIMITERS
        .iter()
        .filter(|(delimiter, _)| memchr::memchr(*delimiter, text).is_some())
        .map(|(delimiter, prior)| attempt(*delimiter, *prior))
        .collect();
    // One column: read with a delimiter that does not occur, or the text would be cut up.
    let absent = DELIMITERS
        .iter()
        .map(|(delimiter, _)| *delimiter)
        .chain([b'~', 0x1F])
        .find(|delimiter| memchr::memchr(*delimiter, text).is_none())
        .unwrap_or(0x1F);
    candidates.push(attempt(absent, 1.0));

    // A stable sort: equal scores keep the order of the list above.
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let runner_up = candidates.get(1).map(|c| (c.delimiter, c.score));
    let winner = candidates.swap_remove(0);
    Choice { winner, runner_up }
}

/// The quote and escape that go best with a delimiter.
fn best_quoting(
    text: &[u8],
    complete: bool,
    options: &CsvOptions,
    ending: LineEnding,
    delimiter: u8,
    titles: bool,
) -> Candidate {
    let attempt_with = |quote: Option<u8>, escape: Escape, blank_before_quote: bool| {
        let mut rules = Rules::new(delimiter, quote, escape, ending);
        rules.blank_before_quote = blank_before_quote;
        rules.field_bytes = options.limits.field_bytes;
        rules.field_lines = options.limits.field_lines;
        rules.remember = 1 << 16;
        let trial = Trial::run(&rules, text, complete);
        let layout = layout(&trial, titles);
        Candidate { delimiter, quote, escape, blank_before_quote, trial, layout, score: 0.0 }
    };
    let attempt = |quote: Option<u8>, escape: Escape| {
        let plain = attempt_with(quote, escape, false);
        // `"a", "b"`: taken only if it makes the rows agree and breaks nothing.
        if plain.trial.late_quotes >= 2 && quote.is_some() {
            let blank = attempt_with(quote, escape, true);
            if blank.trial.broken <= plain.trial.broken && blank.layout.agreeing >= plain.layout.agreeing {
                return blank;
            }
        }
        plain
    };
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
        if single.trial.quoted >= 2 && single.trial.broken == 0 {
            let plain = attempt(Some(b'"'), Escape::Doubled);
            let wrapped = single.trial.quoted >= single.trial.rows.len();
            if wrapped && single.layout.agreeing >= plain.layout.agreeing
                || single.layout.agreeing > plain.layout.agreeing
            {
                return single;
            }
            return plain;
        }
    }
    attempt(Some(b'"'), options.escape.unwrap_or_default())
}

/// Between 0 and 1.
fn score(candidate: &Candidate) -> f64 {
    let Candidate { trial, layout, .. } = candidate;
    let Some(head) = trial.rows.get(layout.first) else { return 0.0 };
    let quality = trial.cell_quality() * trial.cell_quality();
    if head.fields < 2 {
        // `id,name` is no name for a single column, even if no row below it has a comma.
        let one_name = trial.delimiters == 0 && !head.odd;
        return ONE_COLUMN * quality * if one_name { 1.0 } else { 0.5 };
    }
    let width = head.fields as f64;
    let rich = (width - 1.0) / width;
    // A header that splits into names speaks for the delimiter even where the rows are a mess.
    let agreeing = if layout.titles == 0 {
        let floor = if head.header_like { 0.5 } else { 0.0 };
        layout.agreeing.max(floor)
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
    score * (1.0 - 0.5 * trial.bad_rows as f64 / rows.max(1) as f64)
}

impl Choice {
    pub(super) fn explain_delimiter(&self) -> Evidence {
        let Candidate { delimiter, trial, layout, score, .. } = &self.winner;
        let value = show_byte(*delimiter);
        let width = trial.rows.get(layout.first).map_or(0, |row| row.fields);
        if width < 2 {
            let confidence = if trial.rows.len() > 1 { Confidence::Medium } else { Confidence::Low };
            return Evidence::new(
                "delimiter",
                value,
                confidence,
                "no delimiter splits the sample: one column",
            );
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
        let value = self.quote.map_or_else(|| "none".to_owned(), show_byte);
        if options.quote.is_some() {
            return Evidence::new("quote", value, Confidence::Given, "given");
        }
        let Trial { quoted, broken, .. } = &self.trial;
        let (confidence, why) = match (self.quote, *quoted, *broken) {
            (None, _, _) => {
                (Confidence::Medium, "most cells that begin with a quote do not end with one".to_owned())
            }
            (Some(_), 0, 0) => (Confidence::Assumed, "no quoted cells in the sample".to_owned()),
            (Some(_), quoted, 0) if self.blank_before_quote => (
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
