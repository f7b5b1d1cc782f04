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
    let (mut first, mut titles) = (0, 0);
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
        if let Some(better) = known_header(rows, first).or_else(|| header_below(rows, first)) {
            titles += better - first;
            first = better;
        }
    }
    Layout { first, width, agreeing: agreeing(rows, first), titles }
}

/// Share of the rows below a head that go with it.
fn agreeing(rows: &[Row], head: usize) -> f64 {
    let Some(row) = rows.get(head) else { return 0.0 };
    let body = rows.get(head + 1..).unwrap_or_default();
    let (mut all, mut fits) = (0_usize, 0_usize);
    for other in body.iter().filter(|other| !(other.comment && other.fields != row.fields)) {
        all += 1;
        fits += usize::from(same_width(row, other));
    }
    if all == 0 { 1.0 } else { fits as f64 / all as f64 }
}

/// As many fields, or a difference that consists of blank cells at the end.
pub(super) fn same_width(head: &Row, row: &Row) -> bool {
    !row.bad
        && (row.fields == head.fields
            || (row.fields > head.fields && row.last_filled <= head.fields)
            || (row.fields < head.fields && row.fields >= head.last_filled))
}

/// The commonest number of fields; of equally common ones the larger. Comments do not count where there is more.
fn usual_width(rows: &[Row]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    let real = rows.iter().any(|row| !row.comment && !row.bad);
    for row in rows.iter().filter(|row| !(row.bad || real && row.comment)) {
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
    let Some(next_full) = later.iter().find(|r| r.fields == width && !r.comment && !r.bad) else {
        return Before::No;
    };
    if row.comment {
        // `#,name` and `#id,name` are headers: the row under them holds data, not names.
        let header = row.fields == width
            && width > 1
            && !(next_full.header_like && next_full.values == 0 && has_data(later, width));
        return if header { Before::No } else { Before::Comment };
    }
    if row.bad || row.fields > width || width < 2 || begins_table(rows, at) {
        return Before::No;
    }
    // A title filled up with delimiters: one cell where the table has several.
    let lonely = row.filled <= 1;
    if row.fields == width {
        let fuller = later.iter().take(10).any(|r| r.filled >= 2 && r.filled * 10 >= width * 6);
        let apart = later.first().is_some_and(|next| next.after_blank && next.header_like);
        let title = lonely && fuller && (width >= 3 || apart);
        return if title || groups_of_names(rows, at) { Before::Title } else { Before::No };
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

/// A row of names above rows of another kind of cells: a table of its own, not titles of the one below.
fn begins_table(rows: &[Row], at: usize) -> bool {
    let Some(head) = rows.get(at) else { return false };
    let body = rows.get(at + 1..).unwrap_or_default();
    let body = body.iter().take_while(|row| !row.after_blank && row.fields == head.fields && !row.bad);
    let body: Vec<&Row> = body.collect();
    if head.fields < 2 || body.len() < 2 || !head.header_like || head.values > 0 {
        return false;
    }
    // `Rows;12` below `Exported by;Ann` has a word in front of each value.
    let columns = if head.fields == 2 { 0..1 } else { 0..head.fields };
    columns.into_iter().any(|column| names_values(head, &body, column))
}

/// A column with a name above and values below.
fn names_values(head: &Row, body: &[&Row], column: usize) -> bool {
    let kind = |row: &Row| row.kinds.get(column).copied();
    let mut seen = body.iter().filter(|row| !row.kinds.is_empty()).peekable();
    kind(head).is_some_and(|k| !k.is_value())
        && seen.peek().is_some()
        && seen.all(|row| kind(row).is_some_and(|k| k.is_value()))
}

/// `Person,,Contact,,Address` above `First name,Last name,Email,Phone,City`: names of groups, with gaps, and every
/// column has its own name below.
fn groups_of_names(rows: &[Row], at: usize) -> bool {
    let (Some(row), Some(next)) = (rows.get(at), rows.get(at + 1)) else { return false };
    let below: Vec<&Row> =
        rows.get(at + 2..).unwrap_or_default().iter().take(20).filter(|r| same_width(next, r)).collect();
    row.filled < next.filled
        && row.values == 0
        && next.fields == row.fields
        && next.filled == next.fields
        && next.header_like
        && next.values == 0
        && !below.is_empty()
        && (0..next.fields).any(|column| names_values(next, &below, column))
}

/// The row below in which most names are known, if the one that was found has fewer, and no data would be passed over.
fn known_header(rows: &[Row], first: usize) -> Option<usize> {
    let own = rows.get(first)?.hits;
    let near = rows.get(..rows.len().min(MAX_PREAMBLE_ROWS))?;
    let (at, best) =
        near.iter().enumerate().skip(first + 1).max_by_key(|(at, row)| (row.hits, usize::MAX - at))?;
    let data = |row: &Row| row.fields == best.fields && row.values > 0 && row.filled * 2 > row.fields;
    let better = best.hits >= 2 && best.hits * 2 >= best.filled && (own == 0 || best.hits >= own * 2);
    (better && !rows.get(first..at)?.iter().any(data)).then_some(at)
}

/// A title wider than its table (`Set, by Ann, Feb 11` above `cm,T`): no record agrees with it, and all agree with a row
/// of names below.
fn header_below(rows: &[Row], first: usize) -> Option<usize> {
    let head = rows.get(first)?;
    if head.bad || rows.len() < first + 3 || agreeing(rows, first) > 0.0 || head.hits >= 2 {
        return None;
    }
    (first + 1..rows.len().min(first + 20)).find(|&at| {
        let Some(row) = rows.get(at) else { return false };
        let below: Vec<&Row> =
            rows.get(at + 1..).unwrap_or_default().iter().filter(|r| same_width(row, r)).collect();
        row.fields >= 2
            && row.header_like
            && row.values == 0
            && agreeing(rows, at) >= 0.9
            && (0..row.fields).any(|column| !below.is_empty() && names_values(row, &below, column))
    })
}
