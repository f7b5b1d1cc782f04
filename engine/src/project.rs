//! The project of a run: the shipped files, a folder laid over them, pinned in the lake as a bundle.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use importer_connectors::connector::{Words, check, is_own};
use importer_plans::project::{FileSet, Project, ProjectError, ProjectErrors};

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

/// The largest list: a copy of it goes into the lake with each version of the project.
const LARGEST_LIST: u64 = 16 << 20;

/// Loads the shipped project with a folder's files over it.
pub fn load_project(folder: Option<&Path>) -> std::result::Result<Project, ProjectFailure> {
    read(folder, Project::load)
}

/// The same without trained models, for whoever makes them anew.
pub fn load_untrained(folder: Option<&Path>) -> std::result::Result<Project, ProjectFailure> {
    read(folder, Project::load_untrained)
}

fn read(
    folder: Option<&Path>,
    load: fn(&FileSet) -> std::result::Result<Project, ProjectErrors>,
) -> std::result::Result<Project, ProjectFailure> {
    let shipped = FileSet::new(importer_sql::project::files());
    let files = match folder {
        Some(folder) => {
            let own = read_folder(folder).map_err(ProjectFailure::Folder)?;
            shipped.overlaid_with(FileSet::new(own))
        }
        None => shipped,
    };
    let project = load(&files).map_err(ProjectFailure::Files)?;
    let wrong = wrong_options(&project);
    if wrong.is_empty() { Ok(project) } else { Err(ProjectFailure::Files(ProjectErrors::new(wrong))) }
}

/// Words for the connector that it does not know, such as an encoding: they are read when a file is opened, and an error of
/// the project before that.
fn wrong_options(project: &Project) -> Vec<ProjectError> {
    let mut found = Vec::new();
    // What a source reads that is no file is looked at as a whole, where the project is read.
    for source in project.sources.values().filter(|source| !is_own(&source.connector)) {
        for (key, value) in &source.options {
            let one: Words = [(key.as_str(), value.as_str())].into_iter().collect();
            if let Err(error) = check(&source.connector, &one) {
                let path = format!("sources/{}.yml", source.name);
                let key = format!("{key}:");
                found.push(project.error_at(
                    &path,
                    &["options:", &key, value],
                    "PRJ0005",
                    error.to_string(),
                    "see `importer run --help` for the words that each option takes",
                ));
            }
        }
    }
    found
}

fn read_folder(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut waiting: Vec<PathBuf> = vec![folder.to_owned()];
    // A link that leads upwards would be followed for ever.
    let mut seen: HashSet<PathBuf> = HashSet::new();
    while let Some(next) = waiting.pop() {
        let entries = std::fs::read_dir(&next).map_err(|e| unreadable(&next, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| unreadable(&next, &e))?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || SKIPPED.contains(&name.as_str()) {
                continue;
            }
            let relative = relative(folder, &path);
            // A link is what it leads to; one that leads nowhere is an error only where a file of ours should be.
            let Ok(kind) = std::fs::metadata(&path) else {
                if Project::reads(&relative) {
                    return Err(unreadable(&path, &std::io::Error::from(std::io::ErrorKind::NotFound)));
                }
                continue;
            };
            if kind.is_dir() {
                let real = path.canonicalize().map_err(|e| unreadable(&path, &e))?;
                if seen.insert(real) {
                    waiting.push(path);
                }
            } else if kind.is_file() && Project::reads(&relative) {
                files.push((relative, read_text(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn relative(folder: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap_or(path).components();
    parts.map(|c| c.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

fn read_text(path: &Path) -> Result<String> {
    let length = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?.len();
    let is_list = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if length > if is_list { LARGEST_LIST } else { LARGEST_FILE } {
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
