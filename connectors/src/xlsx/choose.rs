//! Which sheets are read: the ones that were named, or the one that looks most like the table.

use super::book::{Sheet, caught};
use super::error::Fault;
use super::layout::{self, Layout};
use super::options::{Options, Which};
use super::survey::Survey;
use super::workbook::Opening;
use crate::request::KnownNames;
use crate::source::{Confidence, Evidence, SourceError};

/// A sheet that is going to be read.
pub(super) struct Chosen {
    pub sheet: String,
    pub survey: Survey,
    pub layout: Layout,
    pub evidence: Evidence,
}

/// The sheets to read, in their order.
pub(super) fn choose(
    opening: &mut Opening,
    options: &Options,
    names: Option<&KnownNames>,
) -> Result<Vec<Chosen>, SourceError> {
    let sheets = opening.sheets.clone();
    if sheets.is_empty() {
        return Err(none(opening, "XLSX_NO_SHEETS", "holds no sheets"));
    }
    let indices = match &options.sheet {
        Some(Which::One(word)) => vec![named(&sheets, word).map_err(|why| unknown(opening, word, why))?],
        _ => (0..sheets.len()).filter(|i| sheets.get(*i).is_some_and(|s| s.is_table && s.visible)).collect(),
    };
    if indices.is_empty() {
        let why = "holds no visible sheet with rows: only charts, macros or hidden sheets";
        return Err(none(opening, "XLSX_NO_SHEETS", why));
    }
    let mut found = Vec::new();
    for index in indices {
        let looked = caught(|| look(opening, index, options, names));
        let (survey, layout) = looked.map_err(|fault| {
            let name = sheets.get(index).map_or("", |sheet| sheet.name.as_str());
            opening.workbook.error(&format!("{}!{name}", opening.workbook.name()), fault)
        })?;
        if survey.is_filled()
            && let Some(sheet) = sheets.get(index)
        {
            let evidence = Evidence::new("sheet", &sheet.name, Confidence::Given, "it was asked for");
            found.push(Chosen { sheet: sheet.name.clone(), survey, layout, evidence });
        }
    }
    if found.is_empty() {
        return Err(none(opening, "XLSX_EMPTY", "holds nothing in the sheets that are read"));
    }
    match &options.sheet {
        Some(Which::One(_)) => Ok(found),
        Some(Which::All) => Ok(all(found, &sheets)),
        None => Ok(vec![best(found, &sheets)]),
    }
}

fn look(
    opening: &mut Opening,
    index: usize,
    options: &Options,
    names: Option<&KnownNames>,
) -> Result<(Survey, Layout), Fault> {
    let survey = opening.survey(index)?;
    let sample = opening.sample(index, &survey, options)?;
    let layout = layout::find(&sample, &survey, options, names);
    Ok((survey, layout))
}

/// The sheet of this name, else of this number among those that people see.
fn named(sheets: &[Sheet], word: &str) -> Result<usize, &'static str> {
    let folded = |name: &str| name.trim().to_lowercase();
    let by_name = sheets
        .iter()
        .position(|s| s.name == word)
        .or_else(|| sheets.iter().position(|s| folded(&s.name) == folded(word)));
    let by_number = || {
        let at = word.parse::<usize>().ok()?.checked_sub(1)?;
        let mut visible = sheets.iter().enumerate().filter(|(_, s)| s.visible);
        visible.nth(at).map(|(index, _)| index)
    };
    let index = by_name.or_else(by_number).ok_or("is not there")?;
    match sheets.get(index) {
        Some(sheet) if sheet.is_table => Ok(index),
        _ => Err("is a chart or macro without rows"),
    }
}

fn unknown(opening: &Opening, word: &str, why: &str) -> SourceError {
    let visible = opening.sheets.iter().filter(|s| s.visible && s.is_table);
    let names: Vec<&str> = visible.map(|s| s.name.as_str()).take(20).collect();
    SourceError::new(
        "XLSX_SHEET_UNKNOWN",
        format!("the sheet {word:?} of {} {why}", opening.workbook.name()),
        format!("Name one of its sheets: {}; or write its number, or all.", names.join(", ")),
    )
}

fn none(opening: &Opening, code: &'static str, why: &str) -> SourceError {
    SourceError::new(
        code,
        format!("{} {why}", opening.workbook.name()),
        "Look at the workbook in a spreadsheet program; name a hidden sheet with `sheet` if it is meant.",
    )
}

fn all(mut found: Vec<Chosen>, sheets: &[Sheet]) -> Vec<Chosen> {
    let read = found.len();
    for chosen in &mut found {
        let why = format!("all were asked for: {read} of {} sheets hold visible rows", sheets.len());
        chosen.evidence = Evidence::new("sheet", &chosen.sheet, Confidence::Given, why);
    }
    found
}

/// The sheet that looks most like the table.
fn best(mut found: Vec<Chosen>, sheets: &[Sheet]) -> Chosen {
    let hits = |c: &Chosen| if c.layout.hits >= 2 { c.layout.hits } else { 0 };
    let size = |c: &Chosen| c.survey.rows.saturating_mul(c.layout.columns.len() as u64);
    let most = found.iter().map(hits).max().unwrap_or(0);
    let largest = found.iter().filter(|c| hits(c) == most).map(size).max().unwrap_or(0);
    let lead: Vec<String> = found
        .iter()
        .filter(|c| hits(c) == most && size(c) == largest)
        .flat_map(|c| c.layout.names.clone())
        .take(1 << 14)
        .collect();
    // Sheets with the same header are parts of one table; without one, those of about the same size look alike.
    let alike = |c: &Chosen| {
        hits(c) == most
            && (size(c).saturating_mul(2) >= largest || !lead.is_empty() && c.layout.names == lead)
    };
    let same: Vec<usize> =
        found.iter().enumerate().filter(|(_, c)| alike(c)).map(|(index, _)| index).collect();
    let others: Vec<String> =
        same.iter().skip(1).filter_map(|i| found.get(*i)).map(|c| c.sheet.clone()).take(5).collect();
    let visible = sheets.iter().filter(|s| s.visible && s.is_table).count();
    let (confidence, why) = match (visible, others.is_empty()) {
        (1, _) => (Confidence::High, "it is the only one with rows".to_owned()),
        (_, true) if most > 0 => {
            (Confidence::High, format!("its header has {most} known names, the most of all"))
        }
        (_, true) => (Confidence::High, "it is by far the largest table".to_owned()),
        (_, false) => {
            (Confidence::Medium, format!("the first of several that look alike: also {}", others.join(", ")))
        }
    };
    let mut chosen = found.swap_remove(same.first().copied().unwrap_or(0));
    chosen.evidence = Evidence::new("sheet", &chosen.sheet, confidence, why);
    chosen
}
