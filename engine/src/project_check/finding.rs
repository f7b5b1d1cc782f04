//! What is found in the SQL of a project.

use importer_plans::project::SqlFile;

use crate::catalogue::QueryError;

/// Something wrong, or doubtful, in a SQL file.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Path inside the project.
    pub path: String,
    /// The file's text; spans of the error are places in it.
    pub text: String,
    pub error: QueryError,
    pub is_warning: bool,
}

impl Finding {
    pub(super) fn error(file: &SqlFile, error: QueryError) -> Self {
        Self { path: file.path.clone(), text: file.text.clone(), error, is_warning: false }
    }
}
