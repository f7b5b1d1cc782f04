//! The first rows of a file, for what a header alone does not say.

use arrow::array::{Array, AsArray, RecordBatch};

/// Rows that are looked at; more say nothing new, and every file is judged by as many.
const ROWS: usize = 1000;

/// The first rows of a file, as text, in file order.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    batches: Vec<RecordBatch>,
    lines: Vec<i64>,
    rows: usize,
}

impl Samples {
    /// Enough for [`Samples::add`] to be given.
    pub fn is_full(&self) -> bool {
        self.rows >= ROWS
    }

    /// Adds rows, and the line on which each stands. What is beyond the first thousand is left aside.
    pub fn add(&mut self, records: &RecordBatch, lines: &[i64]) {
        let rows = records.num_rows().min(ROWS.saturating_sub(self.rows));
        if rows > 0 {
            self.batches.push(records.slice(0, rows));
            self.lines.extend(lines.iter().take(rows));
            self.rows += rows;
        }
    }

    /// Nothing is known of the values.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// One cell; `None` when it is blank.
    pub fn cell(&self, column: usize, row: usize) -> Option<&str> {
        let mut row = row;
        for batch in &self.batches {
            if row < batch.num_rows() {
                let cells = batch.columns().get(column)?.as_string_opt::<i32>()?;
                return cells
                    .is_valid(row)
                    .then(|| cells.value(row).trim())
                    .filter(|value| !value.is_empty());
            }
            row -= batch.num_rows();
        }
        None
    }

    /// The values of a column that are not blank.
    pub fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.batches
            .iter()
            .filter_map(move |batch| batch.columns().get(column)?.as_string_opt::<i32>())
            .flat_map(|cells| {
                (0..cells.len()).filter(|&row| cells.is_valid(row)).map(|row| cells.value(row).trim())
            })
            .filter(|value| !value.is_empty())
    }

    /// The cells of the first rows, each with its line.
    pub(super) fn first_rows(&self, most: usize) -> impl Iterator<Item = (i64, Vec<String>)> {
        let rows = self.batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)));
        self.lines.iter().copied().zip(rows.take(most).map(|(batch, row)| {
            let cell = |column: &arrow::array::ArrayRef| {
                let cells = column.as_string_opt::<i32>()?;
                cells.is_valid(row).then(|| cells.value(row).to_owned())
            };
            batch.columns().iter().map(|column| cell(column).unwrap_or_default()).collect()
        }))
    }
}
