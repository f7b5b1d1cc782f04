//! The set-based statements of a chunk. Their shape follows the load files of the entity, the same for both
//! databases; names are quoted by the store, values never appear here.

use datafusion::arrow::datatypes::SchemaRef;
use importer_plans::compile::{Shape, load::is_image_column};
use importer_plans::project::{LoadFile, LoadMode, TENANT};

use crate::store::{AsRead, Dialect, Session, StoreError, Table, ident};

/// A target table as the statements need it.
#[derive(Debug, Clone)]
pub struct Target {
    pub table: String,
    pub mode: LoadMode,
    pub key: Vec<String>,
    pub columns: Vec<String>,
    /// Columns that both images have: what the guard compares and an update may change.
    pub image: Vec<String>,
    insert_only: Vec<String>,
    /// Some field of the entity has a type that the database writes in a way of its own.
    typed: bool,
}

impl Target {
    /// The target of a load file, with the columns that its SQL gives.
    pub fn new(load: &LoadFile, shape: &Shape, columns: Vec<String>) -> Self {
        let image = match load.mode {
            LoadMode::ChildSet => {
                let set = shape.sets.iter().find(|set| Some(&set.name) == load.set.as_ref());
                columns.iter().filter(|c| set.is_some_and(|set| set.primary_column == **c)).cloned().collect()
            }
            LoadMode::Core | LoadMode::Row => columns
                .iter()
                .filter(|c| is_image_column(shape, load.source_of(c)) && !load.key.contains(c))
                .cloned()
                .collect(),
        };
        Self {
            table: load.table.clone(),
            mode: load.mode,
            key: load.key.clone(),
            columns,
            image,
            insert_only: load.insert_only.clone(),
            typed: shape.core_fields().any(|field| field.kind.is_of_own_type()),
        }
    }

    /// Rows beside the table, with the types of its columns.
    pub async fn beside(
        &self,
        session: &mut Session,
        schema: &SchemaRef,
        rows: &str,
    ) -> Result<String, StoreError> {
        match self.typed {
            true => session.as_columns_of(&self.place(), schema, rows).await,
            false => Ok(rows.to_owned()),
        }
    }

    /// Where the rows go.
    pub fn place(&self) -> Table {
        Table::core(self.table.clone())
    }

    /// The column with the core id.
    pub fn owner(&self) -> &str {
        self.key.iter().find(|k| *k != TENANT).map_or("id", String::as_str)
    }

    fn same_key(&self, left: &str, right: &str) -> String {
        let parts: Vec<_> = self.key.iter().map(|k| format!("{left}.{0} = {right}.{0}", ident(k))).collect();
        parts.join(" AND ")
    }

    fn differs(&self, left: &str, right: &str) -> String {
        let parts: Vec<_> =
            self.image.iter().map(|c| format!("{left}.{0} IS DISTINCT FROM {right}.{0}", ident(c))).collect();
        if parts.is_empty() { "FALSE".to_owned() } else { format!("({})", parts.join(" OR ")) }
    }

    /// Core ids whose table row no longer has the values that the run read. Core rows stay as they are until the transaction
    /// ends ([`AsRead::moved`]).
    pub fn moved(&self, dialect: Dialect, before: &str) -> String {
        let (owner, table) = (ident(self.owner()), self.place().sql(dialect));
        let (key, differs) = (self.same_key("t", "b"), self.differs("t", "b"));
        if self.mode != LoadMode::Core {
            let finds = dialect.finds();
            return format!("SELECT b.{owner} FROM {before} b {finds} {table} t ON {key} WHERE {differs}");
        }
        AsRead { table: &table, rows: before, same: &key, id: &owner }.moved(dialect, &differs)
    }

    /// Takes the row locks of existing rows, where the store has such ([`AsRead::lock`]).
    pub fn lock(&self, dialect: Dialect, rows: &str) -> String {
        let (id, table) = (ident(self.owner()), self.place().sql(dialect));
        AsRead { table: &table, rows, same: &self.same_key("t", "b"), id: &id }.lock()
    }

    /// Columns that say which row it is and what the guard compares.
    pub fn compared(&self) -> Vec<&str> {
        self.key.iter().chain(&self.image).map(String::as_str).collect()
    }

    /// Writes what differs. `conflicts`: [`Session::conflicts`].
    pub fn update(&self, dialect: Dialect, conflicts: &str, after: &str) -> String {
        let written: Vec<_> = self
            .columns
            .iter()
            .filter(|c| !self.key.contains(c) && !self.insert_only.contains(c))
            .filter(|c| self.mode != LoadMode::ChildSet || self.image.contains(c))
            .map(|c| format!("{0} = a.{0}", ident(c)))
            .collect();
        format!(
            "UPDATE{conflicts} {} AS t SET {} FROM {after} a WHERE {} AND {}",
            self.place().sql(dialect),
            written.join(", "),
            self.same_key("t", "a"),
            self.differs("t", "a"),
        )
    }

    /// Adds rows that are not there yet.
    pub fn insert_missing(&self, dialect: Dialect, conflicts: &str, after: &str) -> String {
        let columns: Vec<_> = self.columns.iter().map(|c| ident(c)).collect();
        let values: Vec<_> = self.columns.iter().map(|c| format!("a.{}", ident(c))).collect();
        format!(
            "INSERT{conflicts} INTO {table} ({}) SELECT {} FROM {after} a WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE {})",
            columns.join(", "),
            values.join(", "),
            self.same_key("t", "a"),
            table = self.place().sql(dialect),
        )
    }

    /// Core ids of rows that the table does not have, whatever else stands in it.
    pub fn not_there(&self, dialect: Dialect, rows: &str) -> String {
        format!(
            "SELECT a.{} FROM {rows} a WHERE NOT EXISTS (SELECT 1 FROM {} t WHERE {}) LIMIT 1",
            ident(self.owner()),
            self.place().sql(dialect),
            self.same_key("t", "a"),
        )
    }

    /// Core ids of rows that the table does not have as they are to be.
    pub fn not_so(&self, dialect: Dialect, after: &str) -> String {
        format!(
            "SELECT a.{} FROM {after} a WHERE NOT EXISTS (SELECT 1 FROM {} t WHERE {} AND NOT {}) LIMIT 1",
            ident(self.owner()),
            self.place().sql(dialect),
            self.same_key("t", "a"),
            self.differs("t", "a"),
        )
    }

    /// Core ids whose children are not those that the run read.
    pub fn children_moved(&self, dialect: Dialect, before: &str, key_column: &str, keys: &str) -> String {
        let same_tenant = match self.key.iter().any(|column| column == TENANT) {
            true => "x.tenant_id = n.tenant_id AND ",
            false => "",
        };
        format!(
            "SELECT b.core_id FROM {before} b LEFT JOIN (\n  SELECT x.{owner} AS core_id, string_agg(x.{key}, {newline} ORDER BY x.{key}) AS found\n  FROM {before} n {finds} {table} x ON {same_tenant}x.{owner} = n.core_id\n  GROUP BY x.{owner}\n) f ON f.core_id = b.core_id\nWHERE coalesce(f.found, '') <> b.{keys}",
            owner = ident(self.owner()),
            key = ident(key_column),
            keys = ident(keys),
            newline = dialect.line_break(),
            finds = dialect.finds(),
            table = self.place().sql(dialect),
        )
    }
}

/// The columns of the id map that a link fills; the first four are its key.
pub(crate) const LINK_COLUMNS: [&str; 16] = [
    "tenant_id",
    "entity_type",
    "external_system",
    "external_id",
    "core_id",
    "is_active",
    "is_synthetic",
    "first_seen_at",
    "last_seen_at",
    "run_id",
    "last_run_id",
    "last_checksum",
    "last_effective_at",
    "ingest_version",
    "deactivated_at",
    "upstream_deleted_reason",
];

/// The columns of the id map that a link fills.
pub fn link_columns() -> &'static [&'static str] {
    &LINK_COLUMNS
}

const LINK_KEY: &str = "m.tenant_id = l.tenant_id AND m.entity_type = l.entity_type AND m.external_system = l.external_system AND m.external_id = l.external_id";

fn map(dialect: Dialect) -> String {
    Table::control("external_id_map").sql(dialect)
}

/// The time until which a link is known to hold.
const SAID: &str = "coalesce(m.last_confirmed_at, m.last_effective_at)";

/// Links that were only met again. What was loaded last and is said again later holds until then.
pub fn bump_links(dialect: Dialect, links: &str) -> String {
    format!(
        "UPDATE {} AS m SET last_seen_at = l.last_seen_at, last_run_id = l.last_run_id, last_confirmed_at = CASE WHEN l.last_checksum = m.last_checksum AND l.last_effective_at > {SAID} THEN l.last_effective_at ELSE m.last_confirmed_at END FROM {links} l WHERE l.seen_only AND {LINK_KEY}",
        map(dialect)
    )
}

/// Links with something new; an older version never takes the place of a newer one.
pub fn update_links(dialect: Dialect, links: &str) -> String {
    let newer = format!("m.last_effective_at IS NULL OR l.last_effective_at >= {SAID}");
    let newest = |column: &str| format!("{column} = CASE WHEN {newer} THEN l.{column} ELSE m.{column} END");
    format!(
        "UPDATE {} AS m SET core_id = l.core_id, last_seen_at = l.last_seen_at, last_run_id = l.last_run_id, last_confirmed_at = CASE WHEN {newer} THEN NULL ELSE m.last_confirmed_at END, {}, {}, {}, {}, {}, {} FROM {links} l WHERE NOT l.seen_only AND {LINK_KEY}",
        map(dialect),
        newest("last_checksum"),
        newest("last_effective_at"),
        newest("ingest_version"),
        newest("is_active"),
        newest("deactivated_at"),
        newest("upstream_deleted_reason"),
    )
}

/// Links seen for the first time.
pub fn insert_links(dialect: Dialect, links: &str) -> String {
    let values: Vec<_> = LINK_COLUMNS.iter().map(|c| format!("l.{c}")).collect();
    format!(
        "INSERT INTO {map} ({}) SELECT {} FROM {links} l WHERE NOT l.seen_only AND NOT EXISTS (SELECT 1 FROM {map} m WHERE {LINK_KEY})",
        LINK_COLUMNS.join(", "),
        values.join(", "),
        map = map(dialect),
    )
}

/// Provenance of existing core rows.
pub fn update_provenance(dialect: Dialect, rows: &str) -> [String; 2] {
    let table = Table::control("core_provenance").sql(dialect);
    let json = dialect.json("l.fields_json");
    let key = "p.tenant_id = l.tenant_id AND p.entity_type = l.entity_type AND p.core_id = l.core_id";
    [
        format!(
            "UPDATE {table} AS p SET fingerprint = l.fingerprint, source = l.source, effective_at = l.effective_at, run_id = l.run_id, sequence_number = l.sequence_number, load_action = l.load_action, fields_json = {json} FROM {rows} l WHERE {key}"
        ),
        format!(
            "INSERT INTO {table} (tenant_id, entity_type, core_id, fingerprint, source, effective_at, run_id, sequence_number, load_action, fields_json) SELECT l.tenant_id, l.entity_type, l.core_id, l.fingerprint, l.source, l.effective_at, l.run_id, l.sequence_number, l.load_action, {json} FROM {rows} l WHERE NOT EXISTS (SELECT 1 FROM {table} p WHERE {key})"
        ),
    ]
}
