//! Load files beside the tables that they write: what is missing there is found before a run, not in the middle of one.

use importer_plans::project::{Entity, Field, FieldType, LoadFile, LoadMode, NumberedTable, Project, TENANT};

use super::finding::Finding;
use crate::catalogue::{QueryError, Span, locate, nearest};
use crate::context::blame;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Dialect, Store, Table, TableColumn, TableShape, is_made_by_upgrade};

/// The code of a load file that does not fit its table.
const UNFIT: &str = "PRJ0015";

/// Compares the load files of all entities with their tables.
pub async fn compare_tables(project: &Project, store: &Store) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for entity in project.entities.values() {
        compare(entity, store, &mut found).await?;
    }
    Ok(found)
}

/// Refuses a run whose load files do not fit their tables.
pub async fn require_tables(entity: &Entity, store: &Store, tenant: &str) -> Result<()> {
    let mut found = Vec::new();
    compare(entity, store, &mut found).await?;
    one_tenant(entity, store, tenant).await?;
    let errors: Vec<&Finding> = found.iter().filter(|finding| !finding.is_warning).collect();
    let Some(first) = errors.first() else { return Ok(()) };
    let load = entity.loads.iter().find(|load| load.sql.path == first.path);
    let error = match load {
        Some(load) => blame::at(&load.sql, first.error.span, &first.error.message),
        None => Error::internal(first.error.message.clone()),
    };
    let more = match errors.len() - 1 {
        0 => String::new(),
        n => format!(" ({n} more: importer project check)"),
    };
    let help = first.error.help.clone().unwrap_or_default();
    Err(error.with_code(UNFIT).with_help(format!("{help}{more}")))
}

/// A table that does not say whose its rows are is one tenant's: another one would take these for its own.
async fn one_tenant(entity: &Entity, store: &Store, tenant: &str) -> Result<()> {
    let Some(load) = entity.loads.iter().find(|load| !load.has_tenant()) else { return Ok(()) };
    let mut session = store.session().await?;
    let sql = format!(
        "SELECT tenant_id FROM {} WHERE entity_type = $1 AND tenant_id <> $2 LIMIT 1",
        Table::control("external_id_map").sql(session.dialect())
    );
    let Some(other) = session.fetch_optional(&sql, &[entity.name.as_str().into(), tenant.into()]).await?
    else {
        return Ok(());
    };
    let message = format!(
        "the table `{}` does not say whose its rows are, and the tenant {} has imported into it",
        load.own_table(),
        other.text(0)?
    );
    Err(Error::new(ErrorKind::Usage, message)
        .with_help("give the table a column tenant_id and name it in `key`, or import under that tenant"))
}

async fn compare(entity: &Entity, store: &Store, found: &mut Vec<Finding>) -> Result<()> {
    for load in &entity.loads {
        let mut fit = Fit { entity, load, found };
        match store.table_shape(&Table::core(load.own_table())).await? {
            Some(table) => fit.look_at(&table, store.dialect()),
            None => fit.no_table(store.dialect()),
        }
    }
    Ok(())
}

/// One load file and its table.
struct Fit<'a> {
    entity: &'a Entity,
    load: &'a LoadFile,
    found: &'a mut Vec<Finding>,
}

impl Fit<'_> {
    fn report(&mut self, word: &str, message: String, help: String) {
        let span: Option<Span> =
            locate::last_word(&self.load.sql.text, word).or_else(|| locate::first_word(&self.load.sql.text));
        self.found.push(Finding {
            path: self.load.sql.path.clone(),
            text: self.load.sql.text.clone(),
            error: QueryError { code: UNFIT, message, help: Some(help), span },
            is_warning: false,
        });
    }

    fn no_table(&mut self, dialect: Dialect) {
        let table = self.load.own_table();
        let help = match is_made_by_upgrade(table) {
            true => "`importer db upgrade` under this project makes it".to_owned(),
            false => format!(
                "make the table, with the columns that the SELECT gives, in {}",
                dialect.place_of_tables()
            ),
        };
        self.report("select", format!("the database has no table `{table}`"), help);
    }

    fn look_at(&mut self, table: &TableShape, dialect: Dialect) {
        let Some(given) = &self.load.columns else { return };
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        // A number that stands for a key of other columns goes into none.
        let beside = self.load.numbered.as_ref().filter(|numbered| !numbered.is_made);
        for column in given.iter().filter(|column| beside.is_none_or(|numbered| numbered.number != **column))
        {
            match table.column(column) {
                None => {
                    let help = match nearest(column, names.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`? Or add the column to the table"),
                        None => format!(
                            "add the column to the table, or take it out; its columns: {}",
                            names.join(", ")
                        ),
                    };
                    let message = format!("the table `{}` has no column `{column}`", self.load.own_table());
                    self.report(column, message, help);
                }
                Some(there) => self.type_of(there, dialect),
            }
        }
        for column in &table.columns {
            if column.required && column.default.is_none() && !given.contains(&column.name) {
                let message = format!(
                    "the table `{}` needs `{}` in every row, and the SELECT does not give it",
                    self.load.own_table(),
                    column.name
                );
                self.report(
                    "select",
                    message,
                    "add it to the SELECT, or give the column a default".to_owned(),
                );
            }
        }
        if self.load.mode == LoadMode::Core {
            self.core_id(table, dialect);
        }
        if !self.load.has_tenant() && table.column(TENANT).is_some() {
            let message =
                format!("the table `{}` says whose its rows are, and `key` does not", self.load.own_table());
            self.report("key", message, format!("add `{TENANT}` to `key` and to the SELECT"));
        }
        if !table.indexes.is_empty() && !table.is_unique_by(self.load.own_key()) {
            let (key, name) = (self.load.own_key().join(", "), self.load.own_table());
            let message = format!("no key or unique index of the table `{name}` is over {key}");
            self.report("key", message, format!("CREATE UNIQUE INDEX … ON {name} ({key})"));
            if !self.load.numbered.as_ref().is_some_and(|numbered| numbered.is_core)
                && let Some(last) = self.found.last_mut()
            {
                last.is_warning = true;
            }
        }
    }

    /// The key of the core table is a whole number that the table's own sequence gives, or Importer numbers its rows.
    fn core_id(&mut self, table: &TableShape, dialect: Dialect) {
        if let Some(numbered) = &self.load.numbered {
            return self.numbered(numbered, table);
        }
        let id = self.load.owner_column();
        let Some(column) = table.column(id) else {
            let message = format!("the core table `{}` has no column `{id}`", self.load.table);
            let help = "the first column of `key` besides tenant_id is a whole number, the id of a row";
            return self.report(id, message, help.to_owned());
        };
        if !dialect.draws_ids_from_tables() {
            return;
        }
        let table = &self.load.table;
        if !matches!(column.base.as_str(), "int8" | "int4" | "int2") {
            let message = format!("`{id}` of the core table `{table}` is of type {}", column.declared);
            let help = "write `numbered: true` into the load file: Importer then keeps a number for each row beside the table";
            return self.report(id, message, help.to_owned());
        }
        let drawn = |default: &String| default == "identity" || default.starts_with("nextval(");
        if !column.default.as_ref().is_some_and(drawn) {
            let message = format!("`{id}` of the core table `{table}` has no sequence that gives new ids");
            let help = format!("ALTER TABLE {table} ALTER COLUMN {id} ADD GENERATED BY DEFAULT AS IDENTITY");
            self.report(id, message, help);
        }
    }

    /// The key of a numbered table is made by the database, or fields are it.
    fn numbered(&mut self, numbered: &NumberedTable, table: &TableShape) {
        for column in table.columns.iter().filter(|column| numbered.key.contains(&column.name)) {
            if !column.required {
                let message = format!(
                    "`{}` of the table `{}` is part of its key and may be empty",
                    column.name, numbered.table
                );
                let help =
                    format!("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", numbered.table, column.name);
                self.report(&column.name, message, help);
            }
        }
        if !numbered.is_made {
            return;
        }
        let Some(column) = table.column(&numbered.number) else { return };
        if matches!(column.base.to_lowercase().as_str(), "int8" | "int4" | "int2" | "integer") {
            let message = format!("`{}` of the table `{}` is a whole number", column.name, numbered.table);
            return self.report("numbered", message, "take `numbered` out: the table has numbers".to_owned());
        }
        if column.default.is_none() && !column.base.eq_ignore_ascii_case("uuid") {
            let message = format!(
                "`{}` of the table `{}` is of type {} and has no default that makes the key of a new row",
                column.name, numbered.table, column.declared
            );
            let help = "give the column a default, or make fields of the contract the key and give `core_id` beside them";
            self.report(&numbered.number, message, help.to_owned());
        }
    }

    /// A column that is called like one field and gets another: what is read out of it is taken for the first.
    fn other_field(&mut self, column: &TableColumn, field: &Field) {
        let named = self.entity.contract.field(&column.name).filter(|named| named.core);
        let Some(named) = named.filter(|named| is_text(named) != is_text(field)) else { return };
        let message = format!(
            "`{}` of the table `{}` gets `{}`, and is called like a field of type {}",
            column.name,
            self.load.own_table(),
            field.name,
            named.field_type.as_str()
        );
        let help = format!("give `{}` a column of its own name", field.name);
        self.report(&column.name, message, help);
    }

    /// A field of the contract that goes into its column as it is must be of its sort.
    fn type_of(&mut self, column: &TableColumn, dialect: Dialect) {
        let name = self.load.source_of(&column.name);
        let Some(field) = self.entity.contract.field(name).filter(|field| field.core) else { return };
        let fits = if dialect.holds_to_types() {
            takes(&column.base, field)
        } else {
            self.other_field(column, field);
            gives_back(&column.base, field)
        };
        if fits {
            return;
        }
        let message = format!(
            "`{}` is of type {} in the contract, and {} in the table `{}`",
            field.name,
            field.field_type.as_str(),
            column.declared,
            self.load.own_table()
        );
        let help = format!("change the type of one of them{}", fitting(field.field_type));
        self.report(&field.name, message, help);
    }
}

/// Whether the values of a field are texts of people's own.
fn is_text(field: &Field) -> bool {
    use FieldType::{
        Boolean, Date, Decimal, Duration, Integer, Json, List, Reference, Time, Timestamp, Uuid,
    };
    !matches!(
        field.field_type,
        Boolean | Date | Decimal | Duration | Integer | Json | List | Reference | Time | Timestamp | Uuid
    )
}

/// Whether a column of SQLite gives back what it got. One of numbers keeps a text as it is, which nobody can then read as
/// the number that is announced, and makes 7 of 007.
fn gives_back(base: &str, field: &Field) -> bool {
    let numbers = ["INT", "REAL", "FLOA", "DOUB", "BOOL"].iter().any(|word| base.contains(word));
    !(numbers && is_text(field))
}

/// What a column of Postgres is declared as for a type that has one usual answer.
fn fitting(field: FieldType) -> &'static str {
    match field {
        FieldType::Decimal => "; a decimal goes into numeric, with the same count of decimals",
        FieldType::Time => "; a time of day goes into time",
        FieldType::Reference => "; a reference is the core id of the record and goes into bigint",
        FieldType::Duration => "; a duration is whole seconds and goes into bigint",
        FieldType::Json => "; JSON goes into jsonb or text",
        FieldType::Uuid => "; a UUID goes into uuid or text",
        FieldType::List => "; a list goes into an array, jsonb or text",
        _ => "",
    }
}

/// Whether a column of Postgres can take a field. Types that nobody knows here are left to the database.
fn takes(base: &str, field: &Field) -> bool {
    use FieldType::{
        Boolean, Date, Decimal, Duration, Enum, Integer, Json, List, Reference, Time, Timestamp, Url, Uuid,
    };
    let kind = field.field_type;
    match base {
        "int2" | "int4" | "int8" => matches!(kind, Integer | Duration | Reference),
        "float8" => kind == Integer,
        "bool" => kind == Boolean,
        "date" => kind == Date,
        "timestamptz" | "timestamp" => kind == Timestamp,
        "numeric" => matches!(kind, Decimal | Integer | Duration),
        "time" => kind == Time,
        "uuid" => kind == Uuid,
        "jsonb" => !matches!(kind, Decimal | Time | Duration | Enum | Url | Uuid),
        // Two values of it cannot be compared.
        "json" => !matches!(kind, Json | List | Decimal | Time | Duration | Enum | Url | Uuid),
        "text" | "varchar" | "bpchar" | "citext" | "name" => {
            !matches!(kind, Integer | Boolean | Date | Timestamp | Decimal | Time | Duration | Reference)
        }
        "float4" | "timetz" | "interval" | "bytea" | "inet" | "money" => false,
        array if array.starts_with('_') => kind == List,
        _ => kind != List,
    }
}
