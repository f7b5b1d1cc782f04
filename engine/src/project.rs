//! The project of a run: the shipped files, a folder laid over them, pinned in the lake as a bundle.

use std::path::{Path, PathBuf};

use importer_plans::project::{FileSet, Project, ProjectErrors};

use crate::error::{Error, ErrorKind, Result};

/// What a project cannot be loaded for.
#[derive(Debug)]
pub enum ProjectFailure {
    /// The folder cannot be read.
    Folder(Error),
    /// Its files are wrong; every error has file, line and column.
    Files(ProjectErrors),
}

/// Folders of a project that hold something else.
const SKIPPED: [&str; 3] = ["target", ".git", ".importer"];

/// The largest file of a project: rules and mappings are written by hand.
const LARGEST_FILE: u64 = 1 << 20;

/// Loads the shipped project with a folder's files over it.
pub fn load_project(folder: Option<&Path>) -> std::result::Result<Project, ProjectFailure> {
    let shipped = FileSet::new(importer_sql::project::files());
    let files = match folder {
        Some(folder) => {
            let own = read_folder(folder).map_err(ProjectFailure::Folder)?;
            shipped.overlaid_with(FileSet::new(own))
        }
        None => shipped,
    };
    Project::load(&files).map_err(ProjectFailure::Files)
}

fn read_folder(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut waiting: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        let entries = std::fs::read_dir(&next).map_err(|e| unreadable(&next, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| unreadable(&next, &e))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(|e| unreadable(&next, &e))?);
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                waiting.push(path);
            } else if kind.is_file() && is_project_file(&path) {
                files.push((relative(folder, &path), read_text(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_project_file(path: &Path) -> bool {
    matches!(path.extension().and_then(|e| e.to_str()), Some("yml" | "yaml" | "sql" | "csv"))
}

fn relative(folder: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap_or(path).components();
    parts.map(|c| c.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

fn read_text(path: &Path) -> Result<String> {
    let length = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?.len();
    if length > LARGEST_FILE {
        return Err(Error::new(
            ErrorKind::Project,
            format!("{} is larger than a project file can be", path.display()),
        )
        .with_help("keep data out of the project folder"));
    }
    let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
    String::from_utf8(bytes).map_err(|_| {
        Error::new(ErrorKind::Project, format!("{} is not UTF-8", path.display()))
            .with_help("save it as UTF-8")
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Project, format!("{} cannot be read: {error}", path.display()))
        .with_help("check --project and the permissions of the folder")
}
