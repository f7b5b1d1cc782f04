//! How to open a store.

use std::time::Duration;

use super::address::StoreUrl;

/// Who is written down for what the store does by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditAs {
    pub tenant: String,
    pub actor: String,
}

/// How hard SQLite tries to survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// `synchronous = NORMAL`: the file is never damaged; a power cut (not a crash of the process) may take back the
    /// last transactions as a whole, rows, ledger and id ranges together, so that resume finds a consistent state.
    #[default]
    Normal,
    /// `synchronous = FULL`: every commit waits for the disk.
    Full,
}

/// How to open a store. `new` gives the defaults.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Where it is.
    pub url: StoreUrl,
    /// Postgres: the schema of the core tables; first in every connection's search_path.
    pub core_schema: String,
    /// Most connections at once.
    pub max_connections: u32,
    /// Longest time of one statement (Postgres).
    pub statement_timeout: Duration,
    /// Longest wait for a lock (Postgres) or for the writer of the file (SQLite).
    pub lock_timeout: Duration,
    /// Postgres: a transaction in which nothing happens for so long is ended by the server.
    pub idle_transaction_timeout: Duration,
    /// Who is written down for migrations; nobody when absent.
    pub audit_as: Option<AuditAs>,
    /// SQLite: `synchronous`.
    pub durability: Durability,
    /// SQLite: make the file and its folder when they are missing.
    pub create: bool,
}

impl StoreOptions {
    /// Defaults: core in `public`, 8 connections, statements up to 1 h, locks up to 5 min.
    pub fn new(url: StoreUrl) -> Self {
        Self {
            url,
            core_schema: "public".to_owned(),
            max_connections: 8,
            statement_timeout: Duration::from_secs(3600),
            lock_timeout: Duration::from_secs(300),
            idle_transaction_timeout: Duration::from_secs(1800),
            audit_as: None,
            durability: Durability::Normal,
            create: true,
        }
    }
}
