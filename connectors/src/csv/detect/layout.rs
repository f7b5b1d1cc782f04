//! Where the table starts: title and comment lines before the header, and how wide the table is.

use super::trial::{Row, Trial};

/// Titles longer than this are no titles.
const MAX_PREAMBLE_ROWS: usize = 50;

/// The table within the rows of a trial.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// Which row is the header (or, without header, the first record).
    pub first: usize,
    /// Fields of most rows.
    pub width: usize,
    /// Share of the rows after the first that have as many fields as the first (blank cells at
    /// the end left aside).
    pub agreeing: f64,
    /// Rows before the table that are no plain comments: each is a guess.
    pub titles: usize,
}

pub(super) fn layout(trial: &Trial, look_for_titles: bool) -> Layout {
    let rows = &trial.rows;
    let width = usual_width(rows);
    let mut first = 0;
    let mut titles = 0;
    if look_for_titles {
        while first < rows.len().min(MAX_PREAMBLE_ROWS) {
            match before_table(rows, first, width) {
                Before::Comment => {}
                Before::Title => titles += 1,
                Before::No => break,
            }
            first += 1;
        }
        if first >= rows.len() {
            (first, titles) = (0, 0);
        }
    }
    let agreeing = match rows.get(first) {
        Some(head) => {
            let body = rows.get(first + 1..).unwrap_or_default();
            let fits = body.iter().filter(|row| same_width(head, row)).count();
            if body.is_empty() { 1.0 } else { fits as f64 / body.len() as f64 }
        }
        None => 0.0,
    };
    Layout { first, width, agreeing, titles }
}

/// As many fields, or a difference that consists of blank cells at the end.
fn same_width(head: &Row, row: &Row) -> bool {
    row.fields == head.fields
        || (row.fields > head.fields && row.last_filled <= head.fields)
        || (row.fields < head.fields && row.fields >= head.last_filled)
}

/// The commonest number of fields; of equally common ones the larger.
fn usual_width(rows: &[Row]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for row in rows.iter().filter(|row| row.fields > 0) {
        *counts.entry(row.fields).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(0, |(width, _)| width)
}

enum Before {
    Comment,
    Title,
    No,
}

/// Is this row something that stands before the table?
fn before_table(rows: &[Row], at: usize, width: usize) -> Before {
    let Some(row) = rows.get(at) else { return Before::No };
    let later = rows.get(at + 1..).unwrap_or_default();
    let Some(next_full) = later.iter().find(|r| r.fields == width && !r.comment) else {
        return Before::No;
    };
    if row.comment {
        // `#,name` and `#id,name` are headers: the row under them holds data, not names.
        let header = row.fields == width
            && !(next_full.header_like && next_full.values == 0 && has_data(later, width));
        return if header { Before::No } else { Before::Comment };
    }
    if row.fields == 0 || row.fields > width || width < 2 {
        return Before::No;
    }
    // A title filled up with delimiters: one cell where the table has several.
    let lonely = row.filled <= 1;
    if row.fields == width {
        let fuller = later.iter().take(10).any(|r| r.filled >= 2 && r.filled * 10 >= width * 6);
        return if width >= 3 && lonely && fuller { Before::Title } else { Before::No };
    }
    let gap = later.iter().take_while(|r| r.start <= next_full.start).any(|r| r.after_blank);
    if row.fields == 1 || lonely {
        // One word straight above rows of data is a header that is too short, not a title: taking
        // it for a title would make a header of the first record.
        let above_data = next_full.values * 2 >= next_full.filled && row.header_like && !row.spaces && !gap;
        return if above_data { Before::No } else { Before::Title };
    }
    // `Exported by;Ann`: only if a row of names follows above rows of data.
    let names = next_full.header_like && next_full.values == 0;
    if names && (gap || has_data(later, width)) { Before::Title } else { Before::No }
}

/// Some full row holds numbers, dates or the like.
fn has_data(rows: &[Row], width: usize) -> bool {
    rows.iter().any(|r| r.fields == width && r.values > 0)
}
