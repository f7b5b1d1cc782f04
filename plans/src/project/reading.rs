//! A project while it is read: its files, and the errors that are found in them.

use std::cell::RefCell;
use std::sync::Arc;

use super::decode::Reader;
use super::diagnostics::{ProjectError, SourceFile};
use super::files::FileSet;
use super::yaml::{self, Node};
use super::{front_matter, sql_text};

/// The files of a project, and what is wrong with them.
pub(super) struct Loader<'a> {
    pub(super) files: &'a FileSet,
    /// Trained models are left out.
    pub(super) untrained: bool,
    pub(super) errors: RefCell<Vec<ProjectError>>,
}

impl Loader<'_> {
    pub(super) fn report(&self, error: ProjectError) {
        self.errors.borrow_mut().push(error);
    }

    pub(super) fn file(&self, path: &str) -> Option<SourceFile> {
        let text: Arc<String> = self.files.shared(path)?;
        Some(SourceFile { path: path.to_owned(), text })
    }

    pub(super) fn reader<'b>(
        &'b self,
        file: &'b SourceFile,
        node: &'b Node,
        what: &'static str,
    ) -> Option<Reader<'b>> {
        Reader::open(file, node, what, &self.errors)
    }

    /// Reads a YAML file, `None` when it is not there or cannot be read.
    pub(super) fn yaml<T>(
        &self,
        path: &str,
        read: impl FnOnce(&SourceFile, &Node) -> Option<T>,
    ) -> Option<T> {
        let file = self.file(path)?;
        match yaml::parse(&file, 0, file.text.len()) {
            Ok(node) => read(&file, &node),
            Err(error) => {
                self.report(error);
                None
            }
        }
    }

    /// Reads a SQL file: its front matter, and its query when that can be parsed.
    pub(super) fn sql<T>(
        &self,
        path: &str,
        example: &str,
        read: impl FnOnce(&SourceFile, &Node, Option<sqlparser::ast::Query>) -> Option<T>,
    ) -> Option<T> {
        let file = self.file(path)?;
        let node = front_matter::read(&file, example).map_err(|error| self.report(error)).ok()?;
        let query = sql_text::query(&file).map_err(|error| self.report(error)).ok();
        read(&file, &node, query)
    }

    /// An error at the last of some words of a file, each looked for behind the one before.
    pub(super) fn error_behind(
        &self,
        path: &str,
        words: &[&str],
        code: &'static str,
        message: String,
    ) -> ProjectError {
        match self.file(path) {
            Some(file) => {
                ProjectError::at(&file, sql_text::behind_each_other(&file.text, words), code, message)
            }
            None => ProjectError::about(path, code, message),
        }
    }
}
