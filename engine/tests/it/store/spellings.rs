//! The databases and the SQL functions agree on the form of an external id: ids are found by one and asked for by the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;
use importer_engine::store::{Dialect, id_form, id_spelt};

use super::harness::{TestStore, on_both};

on_both!(the_form_of_an_id_is_the_same_everywhere);

/// Not among them: what the databases know not to be a spelling, commas between thousands and digits of other scripts.
const SPELLINGS: [&str; 56] = [
    "101",
    "000101",
    "0",
    "00",
    "1001.0",
    "007.0",
    ".0",
    "1.00",
    "V-1001",
    "v-1001",
    "00A1",
    "F-007",
    "F-7",
    "acme0012",
    "2024-007",
    "A0B7",
    "0A-007.0",
    "a-00",
    "001D000000IRt53",
    "001D000000IRt53IAD",
    "001d000000irt53iad",
    "100000000000000001",
    "ABCDEFGHIJKLMNOPQR",
    "#1007",
    "# 007",
    "#  7",
    "#\t007",
    "#\u{a0}007",
    "#",
    "# ",
    "##7",
    "No. 1007",
    "nr.007",
    "No.  7",
    "Nr 7",
    "No 8",
    "NO 08",
    "nr  007.0",
    "N\u{b0} 9",
    "n\u{b0}009",
    "N\u{ba} 9",
    "N.\u{ba} 9",
    "N.\u{b0}F-007",
    "\u{2116} 9",
    "\u{2116}009",
    "NO7",
    "NR-7",
    "No",
    "No x7",
    "N.7",
    "N\u{b0}",
    "\u{2116}",
    "North 7",
    "\u{c9}A-1",
    "no.reply",
    "Nora 7",
];

async fn the_form_of_an_id_is_the_same_everywhere(test: &TestStore) {
    let values: Vec<String> = SPELLINGS.iter().map(|id| format!("('{id}')")).collect();
    let values = values.join(", ");
    let store = test.upgraded().await;
    let dialect = store.dialect();
    // Letters are folded as ASCII, also where the database's own way of folding knows more of them.
    let id = if dialect == Dialect::Postgres { "id COLLATE \"und-x-icu\"" } else { "id" };
    let asked = format!(
        "WITH given(id) AS (VALUES {values}), ids AS (SELECT {id} AS id FROM given) SELECT id, {} AS form, CASE WHEN {} THEN 'spelt' ELSE 'plain' END AS spelt FROM ids",
        id_form(dialect, "id"),
        id_spelt(dialect, "id"),
    );
    let columns = ["id", "form", "spelt"].map(|name| Field::new(name, DataType::Utf8, true));
    let mut session = store.session().await.expect("a session");
    let answer = session
        .read_all(&asked, &[], &Arc::new(Schema::new(columns.to_vec())))
        .await
        .expect("the database answers");
    let wanted = forms_of_functions(&values).await;
    let mut seen = 0;
    for row in answer.iter().flat_map(rows) {
        let [id, form, spelt] = row.as_slice() else { panic!("three columns") };
        assert_eq!(Some(form), wanted.get(id), "{id:?}");
        assert!(
            form == id || spelt == "spelt",
            "{id:?} is not its own form {form:?}, and would not be found"
        );
        seen += 1;
    }
    assert_eq!(seen, SPELLINGS.len());
}

/// The form of each id by `external_id_form`.
async fn forms_of_functions(values: &str) -> BTreeMap<String, String> {
    let context = SessionContext::new();
    for function in importer_sql::functions::all() {
        context.register_udf(function);
    }
    let sql = format!("SELECT id, external_id_form(id) AS form FROM (VALUES {values}) AS t(id)");
    let batches = context.sql(&sql).await.expect("a query").collect().await.expect("an answer");
    batches.iter().flat_map(rows).map(|row| (row[0].clone(), row[1].clone())).collect()
}

fn cell(column: &ArrayRef, row: usize) -> String {
    array_value_to_string(column, row).expect("a text")
}

/// The rows of a batch as texts.
fn rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    (0..batch.num_rows())
        .map(|row| batch.columns().iter().map(|column| cell(column, row)).collect())
        .collect()
}
