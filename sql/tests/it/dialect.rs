//! Runs `sql/functions_slt/*.slt` against DataFusion with our functions registered.
//!
//! To fill in answers after writing queries only: `UPDATE_SLT=1 cargo test -p importer-sql --test it`, then read the
//! difference before keeping it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::{SessionConfig, SessionContext};
use sqllogictest::{DBOutput, DefaultColumnType, Runner};
use tokio::runtime::Runtime;

/// DataFusion as sqllogictest sees a database. Each file gets its own.
struct Dialect {
    context: SessionContext,
    runtime: Runtime,
}

impl Dialect {
    fn new() -> Self {
        // Spans make an error in a query point into it.
        let config = SessionConfig::new().set_bool("datafusion.sql_parser.collect_spans", true);
        let context = SessionContext::new_with_config(config);
        for function in importer_sql::functions::all() {
            context.register_udf(function);
        }
        for function in importer_sql::functions::aggregates() {
            context.register_udaf(function);
        }
        Self { context, runtime: Runtime::new().expect("a runtime for the test") }
    }
}

impl sqllogictest::DB for Dialect {
    type Error = DataFusionError;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, DataFusionError> {
        let (types, batches) = self.runtime.block_on(async {
            let frame = self.context.sql(sql).await?;
            let types: Vec<_> =
                frame.schema().fields().iter().map(|field| column_type(field.data_type())).collect();
            Ok::<_, DataFusionError>((types, frame.collect().await?))
        })?;
        if types.is_empty() {
            return Ok(DBOutput::StatementComplete(0));
        }
        let mut rows = Vec::new();
        for batch in &batches {
            push_rows(batch, &mut rows)?;
        }
        Ok(DBOutput::Rows { types, rows })
    }

    fn engine_name(&self) -> &str {
        "importer"
    }
}

fn column_type(data_type: &DataType) -> DefaultColumnType {
    match data_type {
        data_type if data_type.is_integer() => DefaultColumnType::Integer,
        data_type if data_type.is_floating() => DefaultColumnType::FloatingPoint,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DefaultColumnType::Text,
        _ => DefaultColumnType::Any,
    }
}

/// Blanks at the ends would be lost in a file of answers, so texts that have them are shown in quotes.
fn push_rows(batch: &RecordBatch, rows: &mut Vec<Vec<String>>) -> Result<(), DataFusionError> {
    let options = FormatOptions::default().with_null("NULL");
    let columns = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()?;
    for row in 0..batch.num_rows() {
        let values = columns.iter().map(|column| {
            let value = column.value(row).to_string();
            if value.is_empty() {
                "(empty)".to_owned()
            } else if value.trim() != value || value.contains('\n') {
                format!("{value:?}")
            } else {
                value
            }
        });
        rows.push(values.collect());
    }
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("functions_slt")
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .expect("the folder of tests")
        .map(|entry| entry.expect("a test").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "slt"))
        .collect();
    files.sort();
    files
}

#[test]
fn files_hold() {
    let update = std::env::var_os("UPDATE_SLT").is_some();
    for file in files() {
        let mut runner = Runner::new(|| async { Ok(Dialect::new()) });
        runner.with_column_validator(sqllogictest::strict_column_validator);
        if update {
            futures::executor::block_on(runner.update_test_file(
                &file,
                "  ",
                sqllogictest::default_validator,
                sqllogictest::default_normalizer,
                sqllogictest::default_column_validator,
            ))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        } else {
            runner.run_file(&file).unwrap_or_else(|error| panic!("{}", error.display(true)));
        }
    }
}

#[test]
fn every_function_has_a_file_and_documentation() {
    let mut expected = BTreeSet::new();
    let (functions, aggregates) = (importer_sql::functions::all(), importer_sql::functions::aggregates());
    let documented = functions.iter().map(|f| (f.name(), f.documentation()));
    for (name, documentation) in documented.chain(aggregates.iter().map(|f| (f.name(), f.documentation()))) {
        expected.insert(folder().join(format!("{name}.slt")));
        assert!(documentation.is_some_and(|doc| !doc.description.is_empty()), "{name}");

        let text = fs::read_to_string(folder().join(format!("{name}.slt")))
            .unwrap_or_else(|error| panic!("{name}.slt: {error}"));
        let calls =
            text.lines().filter(|line| !line.starts_with('#') && line.contains(&format!("{name}("))).count();
        assert!(
            calls > 0 && text.lines().any(|line| line.starts_with("query ")),
            "{name}.slt queries nothing"
        );
    }
    let found: BTreeSet<_> = files().into_iter().collect();
    let strays: Vec<_> = found.difference(&expected).collect();
    assert!(strays.is_empty(), "no such function: {strays:?}");
}
