//! Required fields without a column: what the file has instead, and which fields unknown headers may have meant.

use importer_sql::functions::{reads_as_date, reads_as_email};

use super::agree::{agrees, is_phone_like};
use super::assign::Matching;
use super::error::{HeaderError, Instead, MissingField};
use super::likeness::is_empty;
use crate::project::{Field, Role};

impl Matching<'_> {
    /// Required fields have a column, unless the file is a list of deletes, which need only their key.
    fn missing(&self) -> Vec<&Field> {
        let index_of = |name: &str| self.contract.fields.iter().position(|field| field.name == name);
        let has = |name: &str| index_of(name).is_some_and(|index| !self.taken[index].is_empty());
        let has_role = |role| self.contract.role(role).is_some_and(|field| has(&field.name));
        if has_role(Role::ExternalId) && (has_role(Role::IsDeleted) || has_role(Role::DeletedAt)) {
            return Vec::new();
        }
        let fields = self.contract.fields.iter();
        fields
            .filter(|field| field.required && !has(&field.name))
            .filter(|field| !field.satisfied_by.as_deref().is_some_and(has))
            .collect()
    }

    pub(super) fn misses(&self) -> bool {
        !self.missing().is_empty()
    }

    /// These are the names of columns: nothing is missing, and several of them are known.
    pub(super) fn is_header(&self) -> bool {
        !self.misses()
            && self.errors.is_empty()
            && self.taken.iter().filter(|columns| !columns.is_empty()).count() > 1
    }

    /// Says what is missing, and what is there instead; `below` is a line further down that would do as header.
    pub(super) fn tell_missing(&mut self, below: Option<i64>) {
        let fields: Vec<MissingField> = self
            .missing()
            .into_iter()
            .map(|field| MissingField {
                field: field.name.clone(),
                or: field.satisfied_by.clone(),
                near: self.nearest_headers(field),
            })
            .collect();
        let headers: Vec<String> =
            self.headers.iter().filter(|header| !is_empty(header)).map(ToString::to_string).collect();
        let instead = match below {
            Some(line) => Instead::HeaderBelow { line },
            None if headers.is_empty() || self.is_data() => {
                Instead::NoHeader { first_is_data: !headers.is_empty(), known: self.known_by_value() }
            }
            None => Instead::Header,
        };
        self.errors.push(HeaderError::Missing { fields, headers, instead });
    }

    /// The first line is a record: an address or a number in it, or a date where no cell names a field.
    fn is_data(&self) -> bool {
        let nameless = self.taken.iter().all(Vec::is_empty);
        self.headers.iter().any(|header| is_contact(header) || (nameless && is_figure(header)))
    }

    /// Columns, counted from 1, whose values can only be one of the fields with a main value of a set.
    fn known_by_value(&self) -> Vec<(usize, String)> {
        let mut known = Vec::new();
        for field in self.contract.fields.iter().filter(|field| field.primary) {
            let column =
                (0..self.headers.len()).find(|column| agrees(field, self.samples, *column, self.order));
            known.extend(column.map(|column| (column + 1, field.name.clone())));
        }
        known.sort();
        known
    }

    /// Whether a column that no field takes may have meant this one: by its header, and by its values where they are known.
    fn may_mean(&self, column: usize, field: &Field) -> bool {
        self.vocabulary.is_like(&self.headers[column], &field.name)
            && (self.samples.is_empty() || agrees(field, self.samples, column, self.order))
    }

    fn is_of_another(&self, header: &str) -> bool {
        self.vocabulary.other(header).is_some()
    }

    /// Up to three headers without a field that look like this one, the nearest first.
    fn nearest_headers(&self, field: &Field) -> Vec<String> {
        let open =
            self.open().enumerate().filter(|(_, header)| header.is_some_and(|h| !self.is_of_another(h)));
        let near = open.filter(|(column, _)| self.may_mean(*column, field));
        near.filter_map(|(_, header)| header.map(str::to_owned)).take(3).collect()
    }

    /// A field without a column that a header looks like, if there is exactly one.
    pub(super) fn nearest_field(&self, column: usize) -> Option<String> {
        let fields = self.contract.fields.iter().zip(&self.taken);
        let mut near = fields
            .filter(|(field, columns)| columns.is_empty() && self.may_mean(column, field))
            .map(|(field, _)| field.name.clone());
        let found = near.next()?;
        near.next().is_none().then_some(found)
    }
}

/// Nobody names a column so.
fn is_contact(header: &str) -> bool {
    reads_as_email(header) || is_phone_like(header.trim())
}

/// Columns are named after numbers and days, but not all of them.
fn is_figure(header: &str) -> bool {
    let header = header.trim();
    let is_number = header.len() > 2 && header.bytes().all(|b| b.is_ascii_digit());
    (is_number && !is_year(header)) || ["dmy", "mdy", "ymd"].iter().any(|order| reads_as_date(header, order))
}

/// Columns are named after years.
fn is_year(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year))
}
