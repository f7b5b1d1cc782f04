//! Two columns for the id of a record: its own number, and the number that it has elsewhere.
//!
//! CiviCRM exports both, `Contact ID` and `External Identifier`. What a record is called outside is its external id where
//! the file has it, and the own number otherwise. Row by row they are never mixed: 101 of one column and 101 of the other
//! are two people. So the columns decide as wholes, and where only some of the people have the outer number, nobody but the
//! operator knows which one is meant.

use std::collections::HashSet;

use super::assign::Matching;
use super::fold::words_of;
use super::recognise::{Reading, Strength};
use crate::project::Field;

/// How words for what is outside begin: `External`, `Externe`, `Externo`, `Externer`.
const OUTSIDE: &str = "extern";

impl Matching<'_> {
    /// Which of two columns is the id; both where it stays open, the own number first, which every record has. `None` where
    /// they are not an own number and an outer one.
    pub(super) fn which_id(
        &self,
        candidates: &[(Strength, usize)],
        readings: &[Option<Reading>],
    ) -> Option<Result<usize, [usize; 2]>> {
        let [(first, one), (second, other)] = *candidates else { return None };
        let ((strength, external), own) = match (self.is_external(one), self.is_external(other)) {
            (true, false) => ((first, one), other),
            (false, true) => ((second, other), one),
            _ => return None,
        };
        let has = |column: usize| self.samples.values(column).next().is_some();
        if !has(external) && has(own) {
            return Some(Ok(own));
        }
        // The field's own name is not doubted for a row that lacks it.
        if strength == Strength::Canonical || !has(own) || self.tells_apart(external, own, readings) {
            return Some(Ok(external));
        }
        Some(Err([own, external]))
    }

    fn is_external(&self, column: usize) -> bool {
        self.headers
            .get(column)
            .is_some_and(|header| words_of(header).iter().any(|word| word.starts_with(OUTSIDE)))
    }

    /// Whether every person with an own number has an outer one, each another. Households and organizations of an export
    /// have neither names nor, mostly, a number from outside.
    fn tells_apart(&self, external: usize, own: usize, readings: &[Option<Reading>]) -> bool {
        let names = self.columns_of_required(readings);
        let mut seen = HashSet::new();
        (0..self.samples.rows()).all(|row| {
            let is_person =
                names.is_empty() || names.iter().any(|column| self.samples.cell(*column, row).is_some());
            match self.samples.cell(external, row) {
                Some(id) => seen.insert(id),
                None => !is_person || self.samples.cell(own, row).is_none(),
            }
        })
    }

    /// Columns of fields that every record must have, or of what stands for them.
    fn columns_of_required(&self, readings: &[Option<Reading>]) -> Vec<usize> {
        let fields = &self.contract.fields;
        let is_required = |index: usize| {
            fields.get(index).is_some_and(|field| {
                let stands_for =
                    |other: &Field| other.required && other.satisfied_by.as_ref() == Some(&field.name);
                field.required || fields.iter().any(stands_for)
            })
        };
        let chosen = self.taken.iter().enumerate().filter(|(field, _)| is_required(*field));
        let read = readings.iter().enumerate();
        let read = read.filter(|(_, reading)| reading.is_some_and(|reading| is_required(reading.field)));
        chosen
            .flat_map(|(_, columns)| columns.iter().copied())
            .chain(read.map(|(column, _)| column))
            .collect()
    }
}
