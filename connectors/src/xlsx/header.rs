//! The row that names the columns, or the first record where no row does.

use super::cell::Kind;
use super::layout::Look;
use super::options::Options;
use super::sample::Line;
use crate::source::{Confidence, Evidence};

/// Rows among which the header is looked for.
const LOOKED_AT: usize = 40;

/// Rows of one cell that are titles though the records have one cell as well.
const TITLES: usize = 4;

/// The row that was taken for the header, or for the first record.
pub(super) struct Head {
    pub present: bool,
    pub hits: usize,
    pub evidence: Evidence,
}

impl Look<'_> {
    /// The place of the header among the lines, or of the first record where there is no header.
    pub(super) fn head(&self, options: &Options) -> (usize, Head) {
        let evidence = |value: &str, confidence, why: String| Evidence::new("header", value, confidence, why);
        let given = |present: bool, at: usize| Head {
            present,
            hits: self.lines.get(at).map_or(0, |line| self.hits(line)),
            evidence: evidence(
                if present { "true" } else { "false" },
                Confidence::Given,
                "it was said so".into(),
            ),
        };
        if let Some(skip) = options.skip_lines {
            let at = self.lines.iter().position(|l| u64::from(l.number) > skip).unwrap_or(self.lines.len());
            return (at, given(options.header != Some(false), at));
        }
        let known = self.known();
        let wide = self.first_wide();
        if options.header == Some(false) {
            return (wide, given(false, wide));
        }
        let number = |at: usize| self.lines.get(at).map_or(0, |line| line.number);
        let enough = known.1 >= 2 || known.1 == 1 && self.lines.get(known.0).is_some_and(|l| l.values() == 0);
        if enough {
            let why = format!("{} cells of row {} are names of known fields", known.1, number(known.0));
            let head =
                Head { present: true, hits: known.1, evidence: evidence("true", Confidence::High, why) };
            return (known.0, head);
        }
        if options.header == Some(true) {
            return (wide, given(true, wide));
        }
        let (present, confidence, why) = self.is_header(wide);
        let why = format!("row {}: {why}", number(wide));
        let word = if present { "true" } else { "false" };
        (wide, Head { present, hits: known.1, evidence: evidence(word, confidence, why) })
    }

    /// The row with the most known names, and how many.
    fn known(&self) -> (usize, usize) {
        let enough = |(hits, line): (usize, &Line)| hits * 3 >= line.filled() || line.values() == 0;
        self.lines
            .iter()
            .take(LOOKED_AT)
            .map(|line| Some(self.hits(line)).filter(|hits| enough((*hits, line))).unwrap_or(0))
            .enumerate()
            .fold((0, 0), |best, (at, hits)| if hits > best.1 { (at, hits) } else { best })
    }

    fn hits(&self, line: &Line) -> usize {
        self.names.map_or(0, |names| names.count(&line.words()))
    }

    /// The first row that is about as wide as the table; what stands above it are titles. One row that is wider than all
    /// others makes no titles of the rows above it.
    fn first_wide(&self) -> usize {
        let spreads: Vec<usize> = self.lines.iter().map(|line| self.spread(line)).collect();
        let mut sorted = spreads.clone();
        sorted.sort_unstable();
        let usual = sorted.get(sorted.len() * 3 / 4).copied().unwrap_or(0);
        let enough = |width: usize| if width <= 1 { 1 } else { width.div_ceil(2).max(2) };
        let wide = |least: usize| spreads.iter().position(|spread| *spread >= least);
        let at = wide(enough(usual)).unwrap_or(0);
        // A list of which only the first column is filled in, below a title and a header.
        let widest = sorted.last().copied().unwrap_or(0);
        match wide(enough(widest)) {
            Some(below) if usual <= 1 && widest > 1 && below <= TITLES => below,
            _ => at,
        }
    }

    /// Filled cells, merged ones as often as they are wide; but a title over the whole table is one cell.
    fn spread(&self, line: &Line) -> usize {
        let filled = line.filled();
        if filled == 1 {
            return 1;
        }
        let wide = self.wide_regions(line).map(|r| (r.right - r.left) as usize).sum::<usize>();
        filled.saturating_add(wide)
    }

    /// Does this row name the columns? A cell of the same kind as the cells below it speaks against it, a word above values
    /// for it.
    fn is_header(&self, at: usize) -> (bool, Confidence, String) {
        let Some(head) = self.lines.get(at) else {
            return (true, Confidence::Medium, "there is nothing else".into());
        };
        let below = self.lines.get(at + 1..).unwrap_or_default();
        let (mut same, mut named) = (0_usize, 0_usize);
        for cell in &head.cells {
            let kinds: Vec<Kind> = below.iter().filter_map(|line| line.kind(cell.column)).collect();
            let like = |k: &&Kind| k.is_value();
            let values = kinds.iter().filter(like).count();
            let mostly = !kinds.is_empty() && values * 10 >= kinds.len() * 9;
            if cell.kind.is_value() && !cell.is_label() {
                same += usize::from(mostly || kinds.is_empty());
            } else if cell.kind == Kind::Text {
                named += usize::from(mostly);
            }
        }
        match (same, named) {
            (0, 0) => (true, Confidence::Medium, "the first row of the table is taken as header".into()),
            (0, _) => (true, Confidence::High, "its words stand above numbers, dates or truth values".into()),
            (_, 0) => (
                false,
                Confidence::Medium,
                format!("{same} of its cells hold data of the kind of the rows below"),
            ),
            _ => (
                true,
                Confidence::Low,
                format!("assumed, but {same} of its cells look like data: say so if there is no header"),
            ),
        }
    }
}
