//! Core as people see it: one row per core row, without ids and clocks, as the expected files are written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use importer_engine::store::{Store, Table, timestamp_type};

pub type Person = BTreeMap<String, String>;

const FIELDS: [&str; 13] = [
    "first_name",
    "last_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "city",
    "postal_code",
    "country",
    "employer",
    "email_verified_at",
    "phone_verified_at",
    "id",
];

fn kind(field: &str) -> DataType {
    match field {
        "birth_date" => DataType::Date32,
        "id" | "contact_id" | "core_id" => DataType::Int64,
        f if f.ends_with("_at") => timestamp_type(),
        f if f.starts_with("is_") => DataType::Boolean,
        _ => DataType::Utf8,
    }
}

/// Rows of a table as text by column.
pub async fn rows(store: &Store, table: &Table, columns: &[&str], filter: &str) -> Vec<Person> {
    let schema =
        Arc::new(Schema::new(columns.iter().map(|c| Field::new(*c, kind(c), true)).collect::<Vec<_>>()));
    let sql = format!("SELECT {} FROM {} {filter}", columns.join(", "), table.sql(store.dialect()));
    let mut session = store.session().await.expect("a session");
    let batches = session.read_all(&sql, &[], &schema).await.expect("the table can be read");
    batches.iter().flat_map(text_rows).collect()
}

fn text_rows(batch: &RecordBatch) -> Vec<Person> {
    let options = FormatOptions::default().with_null("").with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%SZ"));
    let formats: Vec<_> =
        batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).expect("text")).collect();
    (0..batch.num_rows())
        .map(|row| {
            let names = batch.schema().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>();
            names.into_iter().zip(&formats).map(|(n, f)| (n, f.value(row).to_string())).collect()
        })
        .collect()
}

/// Everybody in core.
pub async fn people(store: &Store) -> Vec<Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for mut person in rows(store, &Table::core("contacts"), &FIELDS, "").await {
        let id = person.remove("id").expect("an id");
        people.insert(id, person);
    }
    for state in rows(store, &Table::core("volunteers"), &["contact_id", "is_active"], "").await {
        people
            .get_mut(&state["contact_id"])
            .expect("a contact")
            .insert("is_active".into(), state["is_active"].clone());
    }
    for (set, table, key) in
        [("emails", "contact_emails", "email_key"), ("phones", "contact_phones", "phone_key")]
    {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in rows(store, &Table::core(table), &["contact_id", key, "is_primary"], "").await {
            let mark = if row["is_primary"] == "true" { "*" } else { "" };
            found.entry(row["contact_id"].clone()).or_default().insert(format!("{}{mark}", row[key]));
        }
        join(&mut people, set, found);
    }
    let columns = ["core_id", "external_system", "external_id", "is_active", "is_synthetic"];
    let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(store, &Table::control("external_id_map"), &columns, "").await {
        let gone = if row["is_active"] == "true" { "" } else { "!" };
        let id = if row["is_synthetic"] == "true" { "~" } else { &row["external_id"] };
        links
            .entry(row["core_id"].clone())
            .or_default()
            .insert(format!("{}:{id}{gone}", row["external_system"]));
    }
    join(&mut people, "links", links);
    people.into_values().collect()
}

fn join(people: &mut BTreeMap<String, Person>, column: &str, found: BTreeMap<String, BTreeSet<String>>) {
    for (id, person) in people.iter_mut() {
        let values =
            found.get(id).map(|v| v.iter().cloned().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        person.insert(column.to_owned(), values);
    }
}

/// The people that a case expects, with the columns that its file has.
pub fn expected(path: &Path) -> (Vec<String>, Vec<Person>) {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let columns: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let people = reader
        .records()
        .map(|r| columns.iter().cloned().zip(r.expect("a record").iter().map(str::to_owned)).collect())
        .collect();
    (columns, people)
}

/// A person with some columns only, sets in one order.
pub fn line(person: &Person, columns: &[String]) -> String {
    let cell = |c: &String| {
        let value = person.get(c).map(String::as_str).unwrap_or_default();
        if matches!(c.as_str(), "emails" | "phones" | "links") {
            let mut parts: Vec<&str> = value.split_whitespace().collect();
            parts.sort_unstable();
            parts.join(" ")
        } else {
            value.to_owned()
        }
    };
    columns.iter().map(cell).collect::<Vec<_>>().join(" | ")
}
