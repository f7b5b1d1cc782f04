//! Files of one run that are read alike: the same columns, assigned in the same way, their texts meaning the same. They are
//! one table for the queries, so that a run of thousands of small files plans no more than a run of one.
//!
//! Which file a row comes from is told by its sequence number: the function `landed_file`, made for one run.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int32Array};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::utils::take_function_args;
use datafusion::common::{Result as QueryResult, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::land::{Landed, LandedFile};
use crate::context::Reading;
use crate::lake::DataSet;

/// The number of the file of a landed row `l`, where files share a table.
pub const FILE_OF_ROW: &str = "landed_file(l.sequence_number)";

/// Files that share a table. The first one names it.
#[derive(Debug)]
pub struct Alike<'a> {
    pub files: Vec<&'a LandedFile>,
}

impl<'a> Alike<'a> {
    /// The file that the others are like.
    pub fn first(&self) -> &'a LandedFile {
        self.files[0]
    }

    /// The rows of all of them.
    pub fn data_set(&self) -> DataSet {
        let mut all = DataSet::default();
        for file in &self.files {
            all.extend(file.data_set.clone());
        }
        all
    }

    /// The number of the file of a row `l`, as SQL.
    pub fn file_number(&self) -> String {
        match self.files.as_slice() {
            [one] => format!("CAST({} AS INT)", one.number),
            _ => FILE_OF_ROW.to_owned(),
        }
    }

    /// Its name on the screen: that of the first, and how many there are besides.
    pub fn name(&self) -> String {
        match self.files.len() {
            1 => self.first().name.clone(),
            all => format!("{} and {} like it", self.first().name, all - 1),
        }
    }
}

/// The files of a run, those that are read alike together, in the order of their first.
pub fn alike(landed: &Landed) -> Vec<Alike<'_>> {
    type Key<'a> = ([&'a [String]; 4], &'a [(String, Vec<String>)], bool, Option<&'a Reading>, String);
    let mut groups: Vec<Alike<'_>> = Vec::new();
    let mut known: HashMap<Key<'_>, usize> = HashMap::new();
    for file in &landed.files {
        let names = [&file.headers[..], &file.columns[..], &file.unmapped[..], &file.typed[..]];
        // What was decided of the texts of a file; most have nothing out of the ordinary.
        let texts = serde_json::to_string(&file.texts).unwrap_or_default();
        let key = (names, &file.assignments[..], file.is_error_report, file.reading.as_ref(), texts);
        let group = *known.entry(key).or_insert_with(|| {
            groups.push(Alike { files: Vec::new() });
            groups.len() - 1
        });
        groups[group].files.push(file);
    }
    groups
}

/// The first and the last row of every file, files as given: numbers go on from one file to the next.
pub fn rows_of_files(landed: &Landed) -> Vec<(i32, i64, i64)> {
    let mut next = 1_i64;
    landed
        .files
        .iter()
        .map(|file| {
            let first = next;
            next = next.saturating_add(i64::try_from(file.counts.records).unwrap_or(i64::MAX));
            (file.number, first, next - 1)
        })
        .collect()
}

/// The function `landed_file` of a run.
pub fn file_function(landed: &Landed) -> ScalarUDF {
    let files = rows_of_files(landed).into_iter().map(|(number, first, _)| (first, number)).collect();
    ScalarUDF::from(FileOfRow {
        signature: Signature::exact(vec![DataType::Int64], Volatility::Immutable),
        files,
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct FileOfRow {
    signature: Signature,
    /// Where each file begins, and its number.
    files: Arc<[(i64, i32)]>,
}

impl FileOfRow {
    fn number(&self, row: i64) -> Option<i32> {
        // An empty file begins where the next one does; the last that begins there has the row.
        let behind = self.files.partition_point(|(first, _)| *first <= row);
        self.files.get(behind.checked_sub(1)?).map(|(_, number)| *number)
    }
}

impl ScalarUDFImpl for FileOfRow {
    fn name(&self) -> &str {
        "landed_file"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> QueryResult<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> QueryResult<ColumnarValue> {
        let [rows] = take_function_args(self.name(), &args.args)?;
        let rows: ArrayRef = rows.to_array(args.number_rows)?;
        let Some(rows) = rows.as_primitive_opt::<Int64Type>() else {
            return exec_err!("landed_file takes a sequence number");
        };
        let numbers: Int32Array = rows.iter().map(|row| self.number(row?)).collect();
        Ok(ColumnarValue::Array(Arc::new(numbers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn landed(records: &[u64]) -> Landed {
        let file = |(number, records): (i32, &u64)| LandedFile {
            doubted: Vec::new(),
            name: format!("{number}.csv"),
            number,
            headers: Vec::new(),
            columns: vec![if number == 3 { "b" } else { "a" }.to_owned()],
            assignments: Vec::new(),
            unmapped: Vec::new(),
            is_error_report: false,
            dialect: String::new(),
            typed: Vec::new(),
            unit: "line".to_owned(),
            style: Default::default(),
            reading: None,
            counts: super::super::land::FileCounts { records: *records, ..Default::default() },
            notes: Vec::new(),
            texts: Default::default(),
            progress: None,
            data_set: DataSet::default(),
        };
        let empty = DataSet::default();
        Landed {
            files: (1..).zip(records).map(file).collect(),
            rejects: empty.clone(),
            findings: empty,
            origins: None,
        }
    }

    #[test]
    fn files_with_the_same_columns_share_a_table() {
        let landed = landed(&[2, 0, 3, 1]);
        let groups = alike(&landed);
        let numbers: Vec<Vec<i32>> =
            groups.iter().map(|g| g.files.iter().map(|f| f.number).collect()).collect();
        assert_eq!(numbers, [vec![1, 2, 4], vec![3]]);
        assert_eq!((groups[0].name(), groups[1].name()), ("1.csv and 2 like it".into(), "3.csv".into()));
    }

    #[test]
    fn rows_know_their_files() {
        let landed = landed(&[2, 0, 3, 1]);
        assert_eq!(rows_of_files(&landed), [(1, 1, 2), (2, 3, 2), (3, 3, 5), (4, 6, 6)]);
        let files = rows_of_files(&landed).into_iter().map(|(number, first, _)| (first, number)).collect();
        let signature = Signature::exact(vec![DataType::Int64], Volatility::Immutable);
        let function = FileOfRow { signature, files };
        let found: Vec<_> = (0..=7).map(|row| function.number(row)).collect();
        assert_eq!(found, [None, Some(1), Some(1), Some(3), Some(3), Some(3), Some(4), Some(4)]);
    }
}
