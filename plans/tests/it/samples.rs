//! Rows below a header, for tests.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use importer_plans::header::{HeaderChoices, HeaderMatch, Samples, match_columns};
use importer_plans::project::DateOrder;

use crate::shipped_project::shipped;

/// A small list: the header, and the rows below it.
pub struct List {
    pub headers: Vec<String>,
    pub samples: Samples,
}

impl List {
    /// Cells between bars, one row a line; the first line is the header.
    pub fn of(text: &str) -> Self {
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<String>>();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(cells);
        let headers = lines.next().expect("a header");
        let rows: Vec<Vec<String>> = lines.collect();
        let columns = (0..headers.len()).map(|column| {
            let cells = rows.iter().map(|row| row.get(column).cloned().filter(|cell| !cell.is_empty()));
            (format!("c{column}"), Arc::new(cells.collect::<StringArray>()) as ArrayRef, true)
        });
        let mut samples = Samples::default();
        if !rows.is_empty() {
            let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("a batch");
            let lines: Vec<i64> = (2..).take(rows.len()).collect();
            samples.add(&batch, &lines);
        }
        Self { headers, samples }
    }

    pub fn matched(&self, order: DateOrder) -> HeaderMatch {
        let contract = &shipped().entities["volunteers"].contract;
        match_columns(&self.headers, &self.samples, contract, &HeaderChoices::default(), order)
    }

    /// `first_name=First name email=E-mail,Mail`, then what stays over and why.
    pub fn told(&self) -> String {
        let matched = self.matched(DateOrder::Auto);
        let name = |column: &usize| {
            let header = &self.headers[*column];
            let again = self.headers[..*column].iter().filter(|other| *other == header).count();
            if again > 0 { format!("{header} (again)") } else { header.clone() }
        };
        let mut lines: Vec<String> = matched
            .assignments
            .iter()
            .map(|a| format!("{} = {}", a.field, a.columns.iter().map(name).collect::<Vec<_>>().join(" + ")))
            .collect();
        lines.extend(matched.unmapped.iter().map(|column| {
            let near = column.near.as_ref().map_or(String::new(), |near| format!(" -> {near}"));
            format!("? {}: {}{near}", column.name(), column.why)
        }));
        lines.extend(
            matched.errors.iter().map(|error| format!("{}: {error}\n{}", error.error_code(), error.advice())),
        );
        lines.join("\n")
    }
}
