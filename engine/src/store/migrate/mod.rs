//! `db upgrade` and `db downgrade`: the store's own tables, step by step.
//!
//! Each migration and the row that says it was applied are one transaction under one lock, so a half-applied migration
//! cannot be, two processes cannot apply the same one, and running `upgrade` again does nothing. The text of what was
//! applied is checked by its sum. A table of a name we need that we did not make is left alone (see `adopt`).

mod adopt;
mod sections;

use std::collections::{BTreeMap, BTreeSet};

use importer_sql::migrations::{self, Migration};
use xxhash_rust::xxh3::xxh3_128;

use self::sections::{Kind, Section};
use super::{
    AuditEntry, Dialect, Result, Session, Space, Statement, Store, StoreError, StoreErrorKind, Table, ident,
    retry, statement,
};

const BOOTSTRAP: Statement = statement!("migrations_bootstrap");
const TABLE: Statement = statement!("migrations_table");
const APPLIED: Statement = statement!("migrations_applied");
const INSERT: Statement = statement!("migrations_insert");
const OTHERS: Statement = statement!("migrations_others");
const DELETE: Statement = statement!("migrations_delete");
const RELATIONS: Statement = statement!("relations");

/// How far to upgrade, and what may be taken over.
#[derive(Debug, Clone, Default)]
pub struct UpgradeOptions {
    /// The last migration to apply; all of them when absent.
    pub to: Option<i64>,
    /// Take existing core tables, adding the columns and keys they lack.
    pub adopt: bool,
    /// The core tables that somebody uses; all of them when absent. Others are not made.
    pub tables: Option<BTreeSet<String>>,
}

/// One migration as it stands in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// When it was applied, microseconds since 1970 UTC; absent when it was not.
    pub applied_at: Option<i64>,
    /// Tables that were there before and were taken over.
    pub adopted: Vec<String>,
    /// Tables and views that were not made, for nobody used them.
    pub left_out: Vec<String>,
}

struct Applied {
    version: i64,
    name: String,
    checksum: String,
    core_schema: String,
    /// Core tables of it that are not ours: taken over, or left out ([`LEFT_OUT`]).
    others: Vec<String>,
    applied_at: Option<i64>,
}

/// Before the name of a table or view that was not made.
const LEFT_OUT: &str = "without:";

impl Applied {
    fn adopted(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(String::as_str).filter(|name| !name.starts_with(LEFT_OUT))
    }

    fn left_out(&self) -> impl Iterator<Item = &str> {
        self.others.iter().filter_map(|name| name.strip_prefix(LEFT_OUT))
    }
}

impl Store {
    /// Applies what is missing and gives the numbers of the migrations applied.
    pub async fn upgrade(&self, options: UpgradeOptions) -> Result<Vec<i64>> {
        if let Some(to) = options.to {
            self.require_known(to)?;
        }
        let last = options.to.unwrap_or(i64::MAX);
        retry::transient(|| self.look_ahead(last, &options)).await?;
        let mut done = Vec::new();
        while let Some(version) = retry::transient(|| self.upgrade_one(last, &options)).await? {
            done.push(version);
        }
        done.extend(retry::transient(|| self.make_left_out(&options)).await?);
        Ok(done)
    }

    /// Takes migrations back, newest first, down to and without `to`. The data in their tables is lost; adopted
    /// tables stay.
    pub async fn downgrade(&self, to: i64) -> Result<Vec<i64>> {
        if to != 0 {
            self.require_known(to)?;
        }
        let mut done = Vec::new();
        loop {
            match self.downgrade_one(to).await? {
                Some(version) => done.push(version),
                None => return Ok(done),
            }
        }
    }

    /// Every known migration with what the store says of it. Changes nothing.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>> {
        let mut session = self.session().await?;
        let applied = applied(&mut session, &self.options().core_schema).await?;
        Ok(self
            .migrations()
            .iter()
            .map(|migration| {
                let found = applied.iter().find(|entry| entry.version == migration.version);
                MigrationStatus {
                    version: migration.version,
                    name: migration.name.to_owned(),
                    applied_at: found.and_then(|entry| entry.applied_at),
                    adopted: found
                        .map(|entry| entry.adopted().map(str::to_owned).collect())
                        .unwrap_or_default(),
                    left_out: found
                        .map(|entry| entry.left_out().map(str::to_owned).collect())
                        .unwrap_or_default(),
                }
            })
            .collect())
    }

    /// Fails with advice unless every migration is applied.
    pub async fn require_current(&self) -> Result<()> {
        match self.migration_status().await?.iter().find(|status| status.applied_at.is_none()) {
            None => Ok(()),
            Some(missing) => Err(StoreError::new(
                StoreErrorKind::Migration,
                format!("the store lacks migration {:04}_{}", missing.version, missing.name),
            )),
        }
    }

    /// A number that no migration has is a slip, or meant for another version of the program.
    fn require_known(&self, version: i64) -> Result<()> {
        if self.migrations().iter().any(|migration| migration.version == version) {
            return Ok(());
        }
        let known: Vec<String> =
            self.migrations().iter().map(|m| format!("{} ({})", m.version, m.name)).collect();
        Err(StoreError::new(
            StoreErrorKind::NotFound,
            format!("there is no migration {version}; this program knows {}", known.join(", ")),
        ))
    }

    fn migrations(&self) -> &'static [Migration] {
        match self.dialect() {
            Dialect::Postgres => migrations::POSTGRES,
            Dialect::Sqlite => migrations::SQLITE,
        }
    }

    /// Refuses before the first migration what would stop a later one, so that a database that holds something else is left
    /// as it is. Behind the lock: what another process is just making is not somebody else's.
    async fn look_ahead(&self, last: i64, options: &UpgradeOptions) -> Result<()> {
        let core_schema = self.options().core_schema.as_str();
        let mut session = self.begin().await?;
        session.lock_key(&["migrations"]).await?;
        let applied = applied(&mut session, core_schema).await?;
        let newest = applied.last().map_or(0, |entry| entry.version);
        let missing = self.migrations().iter().filter(|m| m.version > newest && m.version <= last);
        for migration in missing {
            let sections = sections::parse(migration.up)?;
            for section in &sections {
                let may_adopt = section.kind == Kind::Table && section.space == Space::Core;
                let passed = is_not_ours(&applied, section) || !is_used(options, &sections, section);
                if section.kind == Kind::Alter || passed || (options.adopt && may_adopt) {
                    continue;
                }
                if exists(&mut session, section, core_schema).await? {
                    session.rollback().await?;
                    return Err(not_ours(section, may_adopt, self.dialect()));
                }
            }
        }
        session.rollback().await
    }

    async fn upgrade_one(&self, last: i64, options: &UpgradeOptions) -> Result<Option<i64>> {
        let core_schema = self.options().core_schema.as_str();
        let mut session = self.begin().await?;
        session.lock_key(&["migrations"]).await?;
        let applied = applied(&mut session, core_schema).await?;
        let newest = applied.last().map_or(0, |entry| entry.version);
        let Some(migration) = self
            .migrations()
            .iter()
            .find(|migration| migration.version > newest && migration.version <= last)
        else {
            session.rollback().await?;
            return Ok(None);
        };
        session.execute_script(BOOTSTRAP.text(self.dialect())).await?;
        if self.dialect() == Dialect::Postgres {
            session.execute_script(&format!("CREATE SCHEMA IF NOT EXISTS {}", ident(core_schema))).await?;
        }
        let mut others = Vec::new();
        let sections = sections::parse(migration.up)?;
        for section in &sections {
            if is_not_ours(&applied, section) {
                continue;
            }
            if section.kind != Kind::Alter && !is_used(options, &sections, section) {
                others.push(format!("{LEFT_OUT}{}", section.name));
                continue;
            }
            if self.make(&mut session, migration, section, options.adopt).await? {
                others.push(section.name.to_owned());
            }
            fail::fail_point!("store::migrate_section", |_| Err(StoreError::internal("failpoint")));
        }
        let adopted = names_json(&others)?;
        let params = [
            migration.version.into(),
            migration.name.into(),
            checksum(migration).into(),
            core_schema.into(),
            adopted.into(),
        ];
        session.run(&INSERT, &params).await?;
        self.audit_migration(&mut session, "STORE_UPGRADED", migration.version, newest, migration.version)
            .await?;
        session.commit().await?;
        tracing::info!(version = migration.version, name = migration.name, "migration applied");
        Ok(Some(migration.version))
    }

    /// Makes one table or view, or changes it; whether a table that was there was taken over instead.
    async fn make(
        &self,
        session: &mut Session,
        migration: &Migration,
        section: &Section<'_>,
        adopt: bool,
    ) -> Result<bool> {
        let core_schema = self.options().core_schema.as_str();
        if section.kind == Kind::Alter || !exists(session, section, core_schema).await? {
            session.execute_script(section.sql).await?;
            return Ok(false);
        }
        let may_adopt = section.kind == Kind::Table && section.space == Space::Core;
        if !(adopt && may_adopt) {
            return Err(not_ours(section, may_adopt, self.dialect()));
        }
        adopt::table(session, migration, section, core_schema).await?;
        Ok(true)
    }

    /// Makes the tables and views that earlier upgrades left out and that are used now, with all that later migrations
    /// changed about them. Gives the migrations that they are of.
    async fn make_left_out(&self, options: &UpgradeOptions) -> Result<Vec<i64>> {
        let core_schema = self.options().core_schema.as_str();
        if applied(&mut self.session().await?, core_schema)
            .await?
            .iter()
            .all(|e| e.left_out().next().is_none())
        {
            return Ok(Vec::new());
        }
        let mut session = self.begin().await?;
        session.lock_key(&["migrations"]).await?;
        let applied = applied(&mut session, core_schema).await?;
        let mut made: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        let known = self.migrations();
        for entry in &applied {
            let Some(migration) = known.iter().find(|m| m.version == entry.version) else { continue };
            let sections = sections::parse(migration.up)?;
            for section in &sections {
                if section.kind != Kind::Alter
                    && entry.left_out().any(|name| name == section.name)
                    && is_used(options, &sections, section)
                {
                    wanted.insert(section.name);
                    let others = made.entry(entry.version).or_insert_with(|| entry.others.clone());
                    others.retain(|name| name.strip_prefix(LEFT_OUT) != Some(section.name));
                    if self.make(&mut session, migration, section, options.adopt).await? {
                        others.push(section.name.to_owned());
                        wanted.remove(section.name);
                    }
                } else if section.kind == Kind::Alter && wanted.contains(section.name) {
                    self.make(&mut session, migration, section, options.adopt).await?;
                }
            }
        }
        let newest = applied.last().map_or(0, |entry| entry.version);
        for (version, others) in &made {
            session.run(&OTHERS, &[(*version).into(), names_json(others)?.into()]).await?;
            self.audit_migration(&mut session, "STORE_UPGRADED", *version, newest, newest).await?;
        }
        session.commit().await?;
        Ok(made.into_keys().collect())
    }

    async fn downgrade_one(&self, to: i64) -> Result<Option<i64>> {
        let mut session = self.begin().await?;
        session.lock_key(&["migrations"]).await?;
        let applied = applied(&mut session, &self.options().core_schema).await?;
        let Some(entry) = applied.last().filter(|entry| entry.version > to) else {
            session.rollback().await?;
            return Ok(None);
        };
        let migration = self
            .migrations()
            .iter()
            .find(|migration| migration.version == entry.version)
            .ok_or_else(|| newer(entry))?;
        if entry.version == 1 {
            let relations = session.rows(&RELATIONS, &[ident("importer").into()]).await?;
            let relations: Vec<String> =
                relations.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<_>>()?;
            Self::forget_numbers(&mut session, &relations).await?;
        }
        for section in sections::parse(migration.down)? {
            if !is_not_ours(&applied, &section) {
                session.execute_script(section.sql).await?;
            }
        }
        session.run(&DELETE, &[entry.version.into()]).await?;
        // The first migration makes the audit; without it there is nothing to write into.
        if entry.version > 1 {
            let below = applied.iter().rev().nth(1).map_or(0, |before| before.version);
            self.audit_migration(&mut session, "STORE_DOWNGRADED", entry.version, entry.version, below)
                .await?;
        }
        session.commit().await?;
        tracing::info!(version = entry.version, "migration taken back");
        Ok(Some(entry.version))
    }
}

impl Store {
    /// Writes a migration down in its own transaction, where it is known who asked for it.
    async fn audit_migration(
        &self,
        session: &mut Session,
        action: &str,
        migration: i64,
        before: i64,
        after: i64,
    ) -> Result<()> {
        let Some(by) = &self.options().audit_as else { return Ok(()) };
        let entry = AuditEntry {
            action: action.to_owned(),
            actor: by.actor.clone(),
            target_type: Some("migration".to_owned()),
            target_id: Some(migration.to_string()),
            run_id: None,
            details_json: serde_json::json!({ "before": { "version": before }, "after": { "version": after } }),
        };
        session.audit(&by.tenant, &entry).await
    }
}

/// The tables and views a migration makes.
pub(super) fn objects(up: &str) -> Vec<Table> {
    let sections = sections::parse(up).unwrap_or_default();
    let made = sections.iter().filter(|section| section.kind != Kind::Alter);
    made.map(|section| Table { space: section.space, name: section.name.to_owned() }).collect()
}

/// Reads and checks what was applied.
async fn applied(session: &mut Session, core_schema: &str) -> Result<Vec<Applied>> {
    let columns = session.rows(&TABLE, &[]).await?;
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    if !columns.iter().any(|row| row.text(0).is_ok_and(|name| name == "checksum")) {
        return Err(StoreError::new(
            StoreErrorKind::NotOurs,
            "the table schema_migrations belongs to another program; give the store a file of its own",
        ));
    }
    let known = match session.dialect() {
        Dialect::Postgres => migrations::POSTGRES,
        Dialect::Sqlite => migrations::SQLITE,
    };
    let mut list = Vec::new();
    for row in session.rows(&APPLIED, &[]).await? {
        let entry = Applied {
            version: row.int(0)?,
            name: row.text(1)?.to_owned(),
            checksum: row.text(2)?.to_owned(),
            core_schema: row.text(3)?.to_owned(),
            others: serde_json::from_str(row.text(4)?)
                .map_err(|_| StoreError::new(StoreErrorKind::Migration, "schema_migrations is damaged"))?,
            applied_at: row.opt_timestamp(5)?,
        };
        let migration =
            known.iter().find(|migration| migration.version == entry.version).ok_or_else(|| newer(&entry))?;
        if checksum(migration) != entry.checksum {
            return Err(StoreError::new(
                StoreErrorKind::Migration,
                format!("migration {:04}_{} was changed after it was applied", entry.version, entry.name),
            ));
        }
        // Before the core tables are made, they can still go into another schema.
        if entry.core_schema != core_schema && touches_core(migration)? {
            return Err(StoreError::new(
                StoreErrorKind::Migration,
                format!("the store's core tables are in schema {}, not {core_schema}", entry.core_schema),
            ));
        }
        list.push(entry);
    }
    Ok(list)
}

fn touches_core(migration: &Migration) -> Result<bool> {
    Ok(sections::parse(migration.up)?.iter().any(|section| section.space == Space::Core))
}

fn checksum(migration: &Migration) -> String {
    let mut text = String::with_capacity(migration.up.len() + migration.down.len() + 1);
    text.push_str(migration.up);
    text.push('\0');
    text.push_str(migration.down);
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// Whether the section is about a core table that was there before, which keeps the form that it has, or about one that was
/// not made.
fn is_not_ours(applied: &[Applied], section: &Section<'_>) -> bool {
    let mut others = applied.iter().flat_map(|entry| entry.adopted().chain(entry.left_out()));
    section.space == Space::Core && others.any(|name| name == section.name)
}

/// Whether somebody uses a core table; a view, all core tables that are made beside it.
fn is_used(options: &UpgradeOptions, beside: &[Section<'_>], section: &Section<'_>) -> bool {
    let Some(tables) = options.tables.as_ref().filter(|_| section.space == Space::Core) else { return true };
    let is_table = |section: &&Section<'_>| section.kind == Kind::Table && section.space == Space::Core;
    match section.kind {
        Kind::Table => tables.contains(section.name),
        Kind::View => beside.iter().filter(is_table).all(|table| tables.contains(table.name)),
        Kind::Alter => true,
    }
}

fn names_json(names: &[String]) -> Result<String> {
    serde_json::to_string(names).map_err(|_| StoreError::internal("a list is not JSON"))
}

async fn exists(session: &mut Session, section: &Section<'_>, core_schema: &str) -> Result<bool> {
    let schema = ident(if section.space == Space::Control { "importer" } else { core_schema });
    let names = session.rows(&RELATIONS, &[schema.into()]).await?;
    // SQLite compares names without case.
    Ok(names.iter().any(|row| row.text(0).is_ok_and(|name| name.eq_ignore_ascii_case(section.name))))
}

fn not_ours(section: &Section<'_>, may_adopt: bool, dialect: Dialect) -> StoreError {
    let what = if section.kind == Kind::Table { "table" } else { "view" };
    let advice = if may_adopt { "; `importer db upgrade --adopt` would take it over" } else { "" };
    let kind = match dialect {
        Dialect::Postgres => StoreErrorKind::NotOurs,
        Dialect::Sqlite => StoreErrorKind::NotOurFile,
    };
    StoreError::new(
        kind,
        format!(
            "a table or view named {} exists already, and Importer did not make that {what}; nothing was changed{advice}",
            section.name
        ),
    )
}

fn newer(entry: &Applied) -> StoreError {
    StoreError::new(
        StoreErrorKind::Migration,
        format!(
            "the store has migration {:04}_{}, which this program does not know",
            entry.version, entry.name
        ),
    )
}
