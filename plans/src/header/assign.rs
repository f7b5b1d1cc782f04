//! Which column gives which field, all headers seen together.

use std::borrow::Cow;

use importer_sql::functions::spreadsheet_restore_str;

use super::agree::{agrees, contradiction};
use super::error::HeaderError;
use super::fold::fold_header;
use super::likeness::is_empty;
use super::outcome::{Assignment, HeaderChoices, HeaderMatch, REPORT_COLUMNS, UnmappedColumn, WhyUnmapped};
use super::recognise::{Reading, Strength, Vocabulary};
use super::samples::Samples;
use super::words::Rank;
use crate::project::{Contract, DateOrder, Field, Role};

/// Matches a header line, given as it stands in the file, to the fields of a contract. Nothing is known of the values, so
/// headers that mean a field only with the right ones stay unmapped, and likeness alone is enough for a proposal.
pub fn match_headers(headers: &[String], contract: &Contract, choices: &HeaderChoices) -> HeaderMatch {
    match_columns(headers, &Samples::default(), contract, choices, DateOrder::Auto)
}

/// Matches a header line and the first rows below it to the fields of a contract.
pub fn match_columns(
    headers: &[String],
    samples: &Samples,
    contract: &Contract,
    choices: &HeaderChoices,
    order: DateOrder,
) -> HeaderMatch {
    let vocabulary = Vocabulary::of(contract);
    let matching = matched(headers, samples, contract, choices, order, &vocabulary);
    if !matching.misses() {
        return matching.finish();
    }
    let mut matching = matching;
    let no_choices = HeaderChoices::default();
    let unknown = Samples::default();
    let below = samples.first_rows(ROWS_BELOW).find(|(_, cells)| {
        cells.len() > 1 && matched(cells, &unknown, contract, &no_choices, order, &vocabulary).is_header()
    });
    matching.tell_missing(below.map(|(line, _)| line));
    matching.finish()
}

/// Rows below the header line of which one may be the header that was meant.
const ROWS_BELOW: usize = 10;

fn matched<'a>(
    headers: &'a [String],
    samples: &'a Samples,
    contract: &'a Contract,
    choices: &HeaderChoices,
    order: DateOrder,
    vocabulary: &'a Vocabulary,
) -> Matching<'a> {
    let mut matching = Matching {
        headers: headers.iter().map(|header| Cow::Borrowed(header.as_str())).collect(),
        samples,
        contract,
        order,
        vocabulary,
        is_error_report: false,
        columns: vec![Column::Open; headers.len()],
        taken: vec![Vec::new(); contract.fields.len()],
        put_together: vec![false; contract.fields.len()],
        errors: Vec::new(),
    };
    matching.leave_out_report();
    matching.apply_choices(choices);
    let readings: Vec<Option<Reading>> =
        matching.open().map(|header| header.and_then(|h| vocabulary.read(h))).collect();
    let readings = matching.believed(readings);
    matching.assign_parts(&readings);
    matching.assign_sets(&readings);
    matching.assign_single(&readings);
    matching.assign_stand_ins(&readings);
    matching.assign_joined();
    matching
}

/// What is known of a column so far.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Open,
    Ignored,
    Assigned,
    Taken(usize),
    /// Its header means a field, and its values cannot be the field's.
    Doubted(usize, &'static str),
}

pub(super) struct Matching<'a> {
    /// As they stand in the file; those of an error report without the apostrophe that kept a spreadsheet from running them.
    pub(super) headers: Vec<Cow<'a, str>>,
    pub(super) samples: &'a Samples,
    pub(super) contract: &'a Contract,
    pub(super) order: DateOrder,
    pub(super) vocabulary: &'a Vocabulary,
    is_error_report: bool,
    columns: Vec<Column>,
    /// Columns by index of the field.
    pub(super) taken: Vec<Vec<usize>>,
    /// Fields that are read from the parts in their columns.
    put_together: Vec<bool>,
    pub(super) errors: Vec<HeaderError>,
}

impl<'a> Matching<'a> {
    /// The headers of columns that are still open; empty ones are `None`.
    pub(super) fn open(&self) -> impl Iterator<Item = Option<&str>> {
        self.headers
            .iter()
            .zip(&self.columns)
            .map(|(header, column)| (*column == Column::Open && !is_empty(header)).then_some(header.as_ref()))
    }

    fn field(&self, index: usize) -> &'a Field {
        &self.contract.fields[index]
    }

    fn take(&mut self, field: usize, column: usize) {
        self.taken[field].push(column);
        self.columns[column] = Column::Assigned;
    }

    fn leave_out_report(&mut self) {
        let report = |header: &str| REPORT_COLUMNS.contains(&header.trim().to_lowercase().as_str());
        let has = |name: &str| self.headers.iter().any(|header| header.trim().eq_ignore_ascii_case(name));
        let is_report = has("_row") && has("_rule") && has("_message");
        if is_report {
            for (column, _) in self.headers.iter().enumerate().filter(|(_, header)| report(header)) {
                self.columns[column] = Column::Ignored;
            }
            for header in &mut self.headers {
                if let Some(restored) = spreadsheet_restored(header) {
                    *header = Cow::Owned(restored);
                }
            }
        }
        self.is_error_report = is_report;
    }

    /// Headers that mean a field by their values only, where they do, and none whose values cannot be the field's.
    fn believed(&mut self, mut readings: Vec<Option<Reading>>) -> Vec<Option<Reading>> {
        for (column, slot) in readings.iter_mut().enumerate() {
            let Some(reading) = *slot else { continue };
            let field = &self.contract.fields[reading.field];
            if reading.by_value && !agrees(field, self.samples, column, self.order) {
                *slot = None;
            } else if let Some(why) = contradiction(field, self.samples, column) {
                *slot = None;
                self.columns[column] = Column::Doubted(reading.field, why);
            }
        }
        readings
    }

    /// Year, month and day in columns of their own, unless the whole date has a column.
    fn assign_parts(&mut self, readings: &[Option<Reading>]) {
        for (index, field) in self.contract.fields.iter().enumerate() {
            let Some(parts) = field.parts.as_ref().filter(|_| self.taken[index].is_empty()) else { continue };
            let found: Option<Vec<usize>> = [&parts.year, &parts.month, &parts.day]
                .map(|headers| self.only_column(headers))
                .into_iter()
                .collect();
            let Some(found) = found else { continue };
            let whole = readings.iter().enumerate().any(|(column, reading)| {
                reading.is_some_and(|reading| reading.field == index) && !found.contains(&column)
            });
            self.put_together[index] = !whole;
            for column in found {
                if whole {
                    self.columns[column] = Column::Taken(index);
                } else {
                    self.take(index, column);
                }
            }
        }
    }

    /// The one open column with one of these headers. A column that is doubted as a whole date may be a part of one.
    fn only_column(&self, headers: &[String]) -> Option<usize> {
        if headers.is_empty() {
            return None;
        }
        let folded: Vec<String> = headers.iter().map(|header| fold_header(header)).collect();
        let is_free = |column: &Column| matches!(column, Column::Open | Column::Doubted(..));
        let mut fitting =
            self.headers.iter().zip(&self.columns).enumerate().filter(|(_, (header, column))| {
                is_free(column) && folded.contains(&self.vocabulary.words_of(header).concat())
            });
        let (column, _) = fitting.next()?;
        fitting.next().is_none().then_some(column)
    }

    /// Columns whose text goes before or behind that of a field that has its column.
    fn assign_joined(&mut self) {
        for (index, field) in self.contract.fields.iter().enumerate() {
            let [own] = self.taken[index][..] else { continue };
            let before = self.only_column(&field.before);
            let after = self.only_column(&field.after);
            if before.is_none() && after.is_none() {
                continue;
            }
            self.taken[index].clear();
            for column in before.into_iter().chain([own]).chain(after) {
                self.take(index, column);
            }
        }
    }

    fn apply_choices(&mut self, choices: &HeaderChoices) {
        for (header, field) in &choices.command_line {
            if !self.choose(header, field) {
                let near = crate::project::nearest(header, self.headers.iter().map(Cow::as_ref));
                let near = near.map(str::to_owned);
                self.errors.push(HeaderError::UnknownHeader {
                    header: header.clone(),
                    field: field.clone(),
                    near,
                });
            }
        }
        let decided: Vec<bool> = self.taken.iter().map(|columns| !columns.is_empty()).collect();
        for (header, field) in &choices.source_file {
            let single = |f: &Field| f.name == *field && !f.primary && !f.field_type.is_list();
            let index = self.contract.fields.iter().position(single);
            // The command line has chosen a column for it already.
            if !index.is_some_and(|index| decided[index]) {
                self.choose(header, field);
            }
        }
    }

    /// Maps the columns that a choice names; false when it names none.
    fn choose(&mut self, header: &str, field: &str) -> bool {
        let columns = self.named(header);
        let field_index = self.contract.fields.iter().position(|f| f.name == field);
        if field_index.is_none() && !field.is_empty() {
            let near = crate::project::nearest(field, self.contract.names()).map(str::to_owned);
            self.errors.push(HeaderError::UnknownField {
                header: header.to_owned(),
                field: field.to_owned(),
                near,
            });
            return true;
        }
        for &column in &columns {
            if self.columns[column] != Column::Open {
                continue;
            }
            match field_index {
                Some(index) => self.take(index, column),
                None => self.columns[column] = Column::Ignored,
            }
        }
        !columns.is_empty()
    }

    /// Columns by number, else by the very header, else by the folded one.
    fn named(&self, header: &str) -> Vec<usize> {
        let all = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            self.headers.iter().enumerate().filter(|(_, h)| same(h)).map(|(column, _)| column).collect()
        };
        let number = header.trim().strip_prefix('#').and_then(|number| number.parse::<usize>().ok());
        if let Some(column) =
            number.and_then(|number| number.checked_sub(1)).filter(|c| *c < self.headers.len())
        {
            return vec![column];
        }
        let exact = all(&|h| h.trim() == header.trim());
        let folded = fold_header(header);
        if exact.is_empty() && !folded.is_empty() { all(&|h| fold_header(h) == folded) } else { exact }
    }

    /// E-mails and phones: the first is the main one, the others go to the list field.
    fn assign_sets(&mut self, readings: &[Option<Reading>]) {
        for (main, field) in self.contract.fields.iter().enumerate().filter(|(_, field)| field.primary) {
            let list = field.set.as_deref().and_then(|set| self.contract.list_of(set));
            let list = list.and_then(|list| self.contract.fields.iter().position(|f| f.name == list.name));
            let mut found: Vec<(Rank, usize)> = Vec::new();
            for (column, reading) in readings.iter().enumerate() {
                match reading {
                    Some(reading) if reading.field == main => found.push((rank_of(reading.strength), column)),
                    Some(reading) if Some(reading.field) == list => self.take(reading.field, column),
                    _ => {}
                }
            }
            found.sort_unstable();
            let mut chosen = std::mem::take(&mut self.taken[main]);
            chosen.sort_unstable();
            let ordered: Vec<usize> =
                chosen.into_iter().chain(found.into_iter().map(|(_, column)| column)).collect();
            let (first, others) = ordered.split_at(ordered.len().min(1));
            self.take_all(main, first);
            match list {
                Some(list) => {
                    let listed = std::mem::take(&mut self.taken[list]);
                    self.take_all(list, others);
                    self.take_all(list, &listed);
                }
                None => others.iter().for_each(|column| self.columns[*column] = Column::Taken(main)),
            }
        }
    }

    fn take_all(&mut self, field: usize, columns: &[usize]) {
        for column in columns {
            self.take(field, *column);
        }
    }

    /// Fields with one column: the surest reading wins.
    fn assign_single(&mut self, readings: &[Option<Reading>]) {
        for index in 0..self.contract.fields.len() {
            let field = self.field(index);
            if field.primary || field.field_type.is_list() || self.put_together[index] {
                continue;
            }
            let candidates: Vec<(Strength, usize)> = readings
                .iter()
                .enumerate()
                .filter_map(|(column, reading)| Some((reading.as_ref()?, column)))
                .filter(|(reading, _)| reading.field == index && !reading.stands_in)
                .map(|(reading, column)| (reading.strength, column))
                .collect();
            if field.role == Some(Role::ExternalId) && self.taken[index].is_empty() {
                match self.which_id(&candidates, readings) {
                    Some(Ok(column)) => self.take(index, column),
                    Some(Err(columns)) => {
                        self.duplicate(index, &columns);
                        self.take(index, columns[0]);
                    }
                    None => {}
                }
            }
            self.settle(index, candidates);
        }
    }

    /// Gives a field the surest of its candidates; what stays undecided is an error.
    fn settle(&mut self, index: usize, mut candidates: Vec<(Strength, usize)>) {
        let field = self.field(index);
        candidates.sort_unstable();
        if let [first, second, ..] = self.taken[index].as_slice() {
            let columns = [*first, *second];
            self.duplicate(index, &columns);
        } else if self.taken[index].is_empty()
            && let Some((surest, column)) = candidates.first().copied()
        {
            let identity = matches!(
                field.role,
                Some(Role::ExternalId | Role::ExternalSystem | Role::IsDeleted | Role::DeletedAt)
            );
            let rivals: Vec<usize> = candidates
                .iter()
                .filter(|(strength, _)| *strength == surest || (identity && surest != Strength::Canonical))
                .map(|(_, column)| *column)
                .collect();
            // A column without any value is no rival.
            let filled: Vec<usize> =
                rivals.iter().copied().filter(|c| self.samples.values(*c).next().is_some()).collect();
            let chosen = match filled.as_slice() {
                [only] if rivals.len() > 1 => *only,
                _ => {
                    if rivals.len() > 1 {
                        self.duplicate(index, &rivals);
                    }
                    column
                }
            };
            self.take(index, chosen);
        }
        for (_, column) in candidates {
            if self.columns[column] == Column::Open {
                self.columns[column] = Column::Taken(index);
            }
        }
    }

    fn duplicate(&mut self, index: usize, columns: &[usize]) {
        self.errors.push(HeaderError::Duplicate {
            field: self.field(index).name.clone(),
            columns: columns.iter().map(|column| (column + 1, self.headers[*column].to_string())).collect(),
        });
    }

    /// `Name` beside `Vorname` is the last name; alone it is the whole.
    fn assign_stand_ins(&mut self, readings: &[Option<Reading>]) {
        for (whole, field) in self.contract.fields.iter().enumerate() {
            let Some(stands_in) = &field.stands_in else { continue };
            let candidates: Vec<(Strength, usize)> = readings
                .iter()
                .enumerate()
                .filter_map(|(column, reading)| Some((reading.as_ref()?, column)))
                .filter(|(reading, column)| {
                    reading.field == whole && reading.stands_in && self.columns[*column] == Column::Open
                })
                .map(|(reading, column)| (reading.strength, column))
                .collect();
            let parts: Vec<usize> = stands_in
                .parts
                .iter()
                .filter_map(|part| self.contract.fields.iter().position(|field| field.name == *part))
                .collect();
            let missing: Vec<usize> =
                parts.iter().copied().filter(|part| self.taken[*part].is_empty()).collect();
            match missing.as_slice() {
                [part] if parts.len() == 2 => self.settle(*part, candidates),
                _ => self.settle(whole, candidates),
            }
        }
    }

    fn finish(self) -> HeaderMatch {
        let unmapped = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| {
                let header = self.headers[index].to_string();
                let why = match column {
                    Column::Assigned | Column::Ignored => return None,
                    Column::Open if is_empty(&header) => WhyUnmapped::Empty,
                    Column::Open => {
                        self.vocabulary.other(&header).map_or(WhyUnmapped::Unknown, WhyUnmapped::Other)
                    }
                    Column::Taken(field) => WhyUnmapped::Taken(self.field(*field).name.clone()),
                    Column::Doubted(field, why) => WhyUnmapped::Values(self.field(*field).name.clone(), why),
                };
                let near = if why == WhyUnmapped::Unknown { self.nearest_field(index) } else { None };
                Some(UnmappedColumn { index, header, why, near })
            })
            .collect();
        let is_error_report = self.is_error_report;
        let ignored =
            (0..self.columns.len()).filter(|column| self.columns[*column] == Column::Ignored).collect();
        let assignments = self
            .contract
            .fields
            .iter()
            .zip(self.taken)
            .filter(|(_, columns)| !columns.is_empty())
            .map(|(field, columns)| Assignment { field: field.name.clone(), columns })
            .collect();
        HeaderMatch { assignments, unmapped, ignored, is_error_report, errors: self.errors }
    }
}

/// The order of e-mail or phone columns; ties go by column.
fn rank_of(strength: Strength) -> Rank {
    match strength {
        Strength::Canonical | Strength::Alias(_) | Strength::AfterNoun | Strength::Beside => Rank::Main,
        Strength::Qualified(rank) => rank,
    }
}

/// A header without the apostrophe that a report puts before what a spreadsheet would run.
fn spreadsheet_restored(header: &str) -> Option<String> {
    let restored = spreadsheet_restore_str(header);
    (restored != header).then(|| restored.to_owned())
}
