//! Values that can be read in several ways: which one does a list mean? What some values prove for the others, else what is
//! usual in the country of the list.

use importer_sql::functions::list_values;

use super::asked::{Looked, Suggestion};
use crate::header::HeaderMatch;
use crate::project::{Contract, Field, FieldType};

/// A setting that says how such values are read.
pub(super) struct Setting {
    pub name: &'static str,
    /// What the values are.
    pub values: &'static str,
    /// Its words, each with what a value does that can be read in this way alone, and what a country does that is used to it.
    pub ways: &'static [(&'static str, &'static str, &'static str)],
}

/// What is usual in the country of a list.
#[derive(Clone, Copy)]
pub(super) struct Usual {
    pub region: &'static str,
    /// A word of the setting; empty where people write in several ways.
    pub way: &'static str,
}

/// In which ways one value can be read.
pub(super) struct Reading<const N: usize> {
    pub ways: [bool; N],
    /// Without the setting nobody knows what it is.
    pub open: bool,
}

/// What the values of one field allow.
struct Values<const N: usize> {
    columns: Vec<String>,
    all: usize,
    open: usize,
    /// By way: values that can be read in it alone.
    only: [usize; N],
}

impl<const N: usize> Values<N> {
    fn add(&mut self, reading: &Reading<N>) {
        let possible = reading.ways.iter().filter(|possible| **possible).count();
        if possible == 0 {
            return;
        }
        self.all += 1;
        self.open += usize::from(reading.open);
        for (only, possible_here) in self.only.iter_mut().zip(reading.ways) {
            *only += usize::from(possible_here && possible == 1);
        }
    }

    /// Its own values decide for those that are open: the rule by which a run reads a column.
    fn decides_itself(&self) -> bool {
        let proven: Vec<usize> = self.only.iter().copied().filter(|count| *count > 0).collect();
        matches!(proven.as_slice(), [count] if count.saturating_mul(10) >= self.open)
    }
}

fn values<const N: usize>(
    files: &[Looked<'_>],
    field: &Field,
    read: &impl Fn(&str) -> Reading<N>,
) -> Values<N> {
    let mut values = Values { columns: Vec::new(), all: 0, open: 0, only: [0; N] };
    for file in files {
        for &column in columns_of(file.matched, &field.name) {
            let name = file.headers.get(column).filter(|name| !values.columns.contains(name));
            values.columns.extend(name.cloned());
            file.samples.values(column).for_each(|cell| each(field, cell, |value| values.add(&read(value))));
        }
    }
    values
}

/// Calls `found` with what a cell of a field holds: each value of a list.
fn each(field: &Field, cell: &str, mut found: impl FnMut(&str)) {
    match field.field_type {
        FieldType::List => list_values(cell, field.options.separators(), found),
        _ => found(cell),
    }
}

/// The column of a field. Parts of one value in columns of their own have no way to be found.
fn columns_of<'m>(matched: &'m HeaderMatch, field: &str) -> &'m [usize] {
    let columns = matched.columns_of(field);
    if columns.len() == 1 { columns } else { &[] }
}

/// The way that some values prove, or else the country.
pub(super) fn suggest<const N: usize>(
    files: &[Looked<'_>],
    contract: &Contract,
    setting: &Setting,
    usual: Option<Usual>,
    concerns: impl Fn(&Field) -> bool,
    read: impl Fn(&str) -> Reading<N>,
) -> Option<Suggestion> {
    let fields: Vec<Values<N>> = contract
        .fields
        .iter()
        .filter(|field| concerns(field))
        .map(|field| values(files, field, &read))
        // A field whose values all have one reading in every way has no part in the question.
        .filter(|field| field.open > 0 || field.only.iter().any(|count| *count > 0))
        .collect();
    let (all, open) = fields.iter().fold((0, 0), |(all, open), field| (all + field.all, open + field.open));
    if open == 0 {
        return None;
    }
    let only = |way: usize| fields.iter().map(|field| field.only[way]).sum::<usize>();
    let proven: Vec<usize> = (0..N).filter(|way| only(*way) > 0).collect();
    let habit = usual.and_then(|usual| {
        let (_, _, words) = setting.ways.iter().find(|(word, ..)| *word == usual.way)?;
        Some((usual, format!("{} writes {words}", usual.region)))
    });
    let what = setting.values;
    let (value, why, doubtful) = match proven.as_slice() {
        [one] => {
            let (word, shows, _) = *setting.ways.get(*one)?;
            let mut why = format!("{} of {all} {what} {shows}, {open} can be read in two ways", only(*one));
            let silent: Vec<&str> = fields
                .iter()
                .filter(|field| field.open > 0 && !field.decides_itself())
                .flat_map(|field| &field.columns)
                .map(String::as_str)
                .collect();
            // A program's column may be written otherwise than what people typed beside it.
            let doubtful = !silent.is_empty() && habit.as_ref().is_none_or(|(usual, _)| usual.way != word);
            if !silent.is_empty() {
                why.push_str(&format!("; what stands in {} shows too little itself", silent.join(", ")));
                why.extend(habit.map(|(_, habit)| format!(", and {habit}")));
            }
            (word, why, doubtful)
        }
        [] => {
            let (usual, habit) = habit?;
            (usual.way, format!("{open} of {all} {what} can be read in two ways, and {habit}"), false)
        }
        // A list of two ways is for a person.
        _ => return None,
    };
    Some(Suggestion { setting: setting.name.to_owned(), value: value.to_owned(), why, doubtful })
}
