//! The order in which the load files of an entity are written.

use super::contract::Contract;
use super::diagnostics::{ProjectError, suggestion};
use super::load_file::{LoadFile, LoadMode};
use super::reading::Loader;
use super::sql_text;

impl Loader<'_> {
    /// Load files in the order in which they must be written.
    pub(super) fn in_order(&self, contract: &Contract, mut waiting: Vec<LoadFile>) -> Vec<LoadFile> {
        let tables: Vec<String> = waiting.iter().map(|load| load.table.clone()).collect();
        let known: Vec<&str> = tables.iter().map(String::as_str).collect();
        for load in &waiting {
            let error = |code, message: String, word: &str| match self.file(&load.sql.path) {
                Some(file) => ProjectError::at(&file, sql_text::last_word(&file.text, word), code, message),
                None => ProjectError::about(&load.sql.path, code, message),
            };
            for table in load.after.iter().filter(|table| !tables.contains(table)) {
                let message = format!("`after` names the table `{table}`, which no load file writes");
                self.report(error("PRJ0009", message, table).help(suggestion(table, &known)));
            }
            if (load.mode == LoadMode::Core) != (load.table == contract.core.table) {
                let message = format!("the contract says that `{}` is the core table", contract.core.table);
                self.report(
                    error("PRJ0013", message, "mode")
                        .help("write `mode: core` in the load file of that table and in no other"),
                );
            }
        }
        let mut ordered: Vec<LoadFile> = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let written =
                |table: &String| ordered.iter().any(|load| load.table == *table) || !tables.contains(table);
            let ready = waiting.iter().position(|load| load.after.iter().all(written));
            let Some(next) = ready else {
                let message = "load files wait for each other".to_owned();
                let path = &waiting[LoadFile::in_circle(&waiting)].sql.path;
                self.report(
                    self.error_behind(path, &["after"], "PRJ0013", message)
                        .help("follow `after` from this file and take one of them out"),
                );
                // The rest is looked at all the same.
                ordered.append(&mut waiting);
                break;
            };
            ordered.push(waiting.remove(next));
        }
        ordered
    }
}
