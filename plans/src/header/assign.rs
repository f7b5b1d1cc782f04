//! Which column gives which field, all headers seen together.

use super::error::{HeaderError, MissingField};
use super::fold::fold_header;
use super::likeness::{LIKE, is_empty, likeness};
use super::outcome::{Assignment, HeaderChoices, HeaderMatch, REPORT_COLUMNS, UnmappedColumn, WhyUnmapped};
use super::recognise::{Reading, Strength, Vocabulary};
use super::words::Rank;
use crate::project::{Contract, Field, Role};

/// Matches a header line, given as it stands in the file, to the fields of a contract.
pub fn match_headers(headers: &[String], contract: &Contract, choices: &HeaderChoices) -> HeaderMatch {
    let mut matching = Matching {
        headers,
        contract,
        columns: vec![Column::Open; headers.len()],
        taken: vec![Vec::new(); contract.fields.len()],
        errors: Vec::new(),
    };
    let is_error_report = matching.leave_out_report();
    matching.apply_choices(choices);
    let vocabulary = Vocabulary::of(contract);
    let readings: Vec<Option<Reading>> =
        matching.open().map(|header| header.and_then(|h| vocabulary.read(h))).collect();
    matching.assign_sets(&readings);
    matching.assign_single(&readings);
    matching.assign_stand_ins(&readings);
    matching.require();
    matching.finish(is_error_report)
}

/// What is known of a column so far.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Open,
    Ignored,
    Assigned,
    Taken(usize),
}

struct Matching<'a> {
    headers: &'a [String],
    contract: &'a Contract,
    columns: Vec<Column>,
    /// Columns by index of the field.
    taken: Vec<Vec<usize>>,
    errors: Vec<HeaderError>,
}

impl<'a> Matching<'a> {
    /// The headers of columns that are still open; empty ones are `None`.
    fn open(&self) -> impl Iterator<Item = Option<&'a str>> {
        self.headers
            .iter()
            .zip(&self.columns)
            .map(|(header, column)| (*column == Column::Open && !is_empty(header)).then_some(header.as_str()))
    }

    fn field(&self, index: usize) -> &'a Field {
        &self.contract.fields[index]
    }

    fn take(&mut self, field: usize, column: usize) {
        self.taken[field].push(column);
        self.columns[column] = Column::Assigned;
    }

    fn leave_out_report(&mut self) -> bool {
        let report = |header: &String| REPORT_COLUMNS.contains(&header.trim().to_lowercase().as_str());
        let has = |name: &str| self.headers.iter().any(|header| header.trim().eq_ignore_ascii_case(name));
        let is_report = has("_row") && has("_rule") && has("_message");
        if is_report {
            for (column, _) in self.headers.iter().enumerate().filter(|(_, header)| report(header)) {
                self.columns[column] = Column::Ignored;
            }
        }
        is_report
    }

    fn apply_choices(&mut self, choices: &HeaderChoices) {
        for (header, field) in &choices.command_line {
            if !self.choose(header, field) {
                let near = crate::project::nearest(header, self.headers.iter().map(String::as_str));
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
            if field.primary || field.field_type.is_list() {
                continue;
            }
            let candidates: Vec<(Strength, usize)> = readings
                .iter()
                .enumerate()
                .filter_map(|(column, reading)| Some((reading.as_ref()?, column)))
                .filter(|(reading, _)| reading.field == index && !reading.stands_in)
                .map(|(reading, column)| (reading.strength, column))
                .collect();
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
            if rivals.len() > 1 {
                self.duplicate(index, &rivals);
            }
            self.take(index, column);
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
            columns: columns.iter().map(|column| (column + 1, self.headers[*column].clone())).collect(),
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

    /// Required fields have a column, unless the file is a list of deletes, which need only their key.
    fn require(&mut self) {
        let index_of = |name: &str| self.contract.fields.iter().position(|field| field.name == name);
        let has_role = |role| {
            let field = self.contract.role(role).and_then(|field| index_of(&field.name));
            field.is_some_and(|index| !self.taken[index].is_empty())
        };
        if has_role(Role::ExternalId) && (has_role(Role::IsDeleted) || has_role(Role::DeletedAt)) {
            return;
        }
        let has = |name: &str| index_of(name).is_some_and(|index| !self.taken[index].is_empty());
        let missing: Vec<MissingField> = self
            .contract
            .fields
            .iter()
            .filter(|field| field.required && !has(&field.name))
            .filter(|field| !field.satisfied_by.as_deref().is_some_and(has))
            .map(|field| MissingField {
                field: field.name.clone(),
                or: field.satisfied_by.clone(),
                near: self.nearest_headers(field),
            })
            .collect();
        if !missing.is_empty() {
            let headers = self.headers.iter().filter(|header| !is_empty(header)).cloned().collect();
            self.errors.push(HeaderError::Missing { fields: missing, headers });
        }
    }

    /// Up to three headers without a field that look like this one.
    fn nearest_headers(&self, field: &Field) -> Vec<String> {
        let mut scored: Vec<(f64, &str)> = self
            .open()
            .flatten()
            .map(|header| (likeness(header, field), header))
            .filter(|(score, _)| *score >= LIKE)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        scored.into_iter().take(3).map(|(_, header)| header.to_owned()).collect()
    }

    fn finish(self, is_error_report: bool) -> HeaderMatch {
        let unmapped = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| {
                let header = self.headers[index].clone();
                let why = match column {
                    Column::Assigned | Column::Ignored => return None,
                    Column::Open if is_empty(&header) => WhyUnmapped::Empty,
                    Column::Open => WhyUnmapped::Unknown,
                    Column::Taken(field) => WhyUnmapped::Taken(self.field(*field).name.clone()),
                };
                let near = if why == WhyUnmapped::Unknown { self.nearest_field(&header) } else { None };
                Some(UnmappedColumn { index, header, why, near })
            })
            .collect();
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

    /// A field without a column that a header looks like.
    fn nearest_field(&self, header: &str) -> Option<String> {
        self.contract
            .fields
            .iter()
            .zip(&self.taken)
            .filter(|(_, columns)| columns.is_empty())
            .map(|(field, _)| (likeness(header, field), &field.name))
            .filter(|(score, _)| *score >= LIKE)
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
            .map(|(_, name)| name.clone())
    }
}

/// The order of e-mail or phone columns; ties go by column.
fn rank_of(strength: Strength) -> Rank {
    match strength {
        Strength::Canonical | Strength::Alias(_) | Strength::AfterNoun => Rank::Main,
        Strength::Qualified(rank) => rank,
    }
}
