//! What `--file` names: files, folders, patterns and standard input.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::request::Input;
use crate::run::{MARK, MOVED_TO};

/// Names of files that programs leave behind and nobody means.
const LEFT_BEHIND: [&str; 3] = ["thumbs.db", "desktop.ini", "~$"];

/// Whether a name stands for the files that a folder or a pattern has at the time: nobody knows which of them are new.
pub fn is_open(name: &str) -> bool {
    let path = Path::new(name);
    name != "-" && (path.is_dir() || (!path.exists() && name.contains(['*', '?', '['])))
}

/// The inputs behind names, in their order: `-` is standard input, a folder stands for its files, a pattern (`*`, `?`, `[…]`)
/// for those that it fits, each sorted by path. A file that is named twice comes once.
///
/// # Errors
/// A folder or a pattern stands for no file, or a folder cannot be read.
pub fn inputs<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Vec<Input>> {
    let mut found: Vec<Input> = Vec::new();
    for name in names {
        let path = Path::new(name);
        let files = if name == "-" {
            vec![Input::Stdin]
        } else if path.is_dir() {
            files(folder(path)?, name, "folder holds no files")?
        } else if !path.exists() && name.contains(['*', '?', '[']) {
            files(pattern(name)?, name, "pattern fits no file")?
        } else {
            vec![Input::File(path.to_owned())]
        };
        for input in files {
            if !found.contains(&input) {
                found.push(input);
            }
        }
    }
    Ok(found)
}

fn files(paths: Vec<PathBuf>, name: &str, what: &str) -> Result<Vec<Input>> {
    if paths.is_empty() {
        return Err(Error::new(ErrorKind::Usage, format!("{name}: the {what}"))
            .with_help("check the path; hidden files and folders in a folder are left out")
            .with_code("NO_FILES"));
    }
    Ok(paths.into_iter().map(Input::File).collect())
}

/// The files directly in a folder that somebody means.
pub(crate) fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    self::folder(folder)
}

/// The folders directly in a folder, but for hidden ones and the one that imported files are moved to.
pub(crate) fn folders_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let found = entries(folder)?;
    Ok(found
        .into_iter()
        .filter(|path| path.is_dir() && is_meant(path) && name_of(path) != MOVED_TO)
        .collect())
}

/// The files directly in a folder, but for hidden ones and those that are still being written.
fn folder(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_file() && is_meant(path)).collect())
}

/// What lies in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |e: std::io::Error| {
        Error::new(ErrorKind::Usage, format!("{}: the folder cannot be read: {e}", folder.display()))
            .with_help("check its permissions")
            .with_source(e)
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn pattern(text: &str) -> Result<Vec<PathBuf>> {
    let wrong = |why: String| {
        Error::new(ErrorKind::Usage, format!("{text}: {why}"))
            .with_help("write a pattern such as inbox/*.csv or inbox/**/*.xlsx")
    };
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let mut paths = Vec::new();
    for path in glob::glob_with(text, options).map_err(|e| wrong(format!("this is no pattern: {e}")))? {
        let path = path.map_err(|e| wrong(e.to_string()))?;
        if path.is_file() && is_meant(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Neither hidden, nor left behind or half-written by a program, nor marked as imported.
fn is_meant(path: &Path) -> bool {
    let name = name_of(path).to_lowercase();
    let unfinished = [".part", ".tmp", ".crdownload", ".filepart"].iter().any(|end| name.ends_with(end));
    let is_marked = name.ends_with(MARK) || path.with_file_name(format!("{}{MARK}", name_of(path))).exists();
    !is_marked
        && !name.starts_with('.')
        && !unfinished
        && !LEFT_BEHIND.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::inputs;
    use crate::request::Input;

    fn names(found: &[Input]) -> Vec<String> {
        found.iter().map(Input::name).collect()
    }

    #[test]
    fn folders_and_patterns_stand_for_their_files_and_each_file_comes_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "c.xlsx", ".hidden", "~$c.xlsx", "d.csv.part"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("done")).unwrap();
        let text = folder.path().to_str().unwrap();
        assert_eq!(names(&inputs([text]).unwrap()), ["a.csv", "b.csv", "c.xlsx"]);
        let (pattern, first) = (format!("{text}/*.csv"), format!("{text}/b.csv"));
        let found = inputs([first.as_str(), pattern.as_str(), "-"]).unwrap();
        assert_eq!(names(&found), ["b.csv", "a.csv", "standard input"]);
    }

    #[test]
    fn what_stands_for_no_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().to_str().unwrap().to_owned();
        for name in [text.clone(), format!("{text}/*.csv")] {
            assert_eq!(inputs([name.as_str()]).unwrap_err().code(), Some("NO_FILES"));
        }
        // A file that is missing is told when it is opened.
        let missing = format!("{text}/none.csv");
        assert_eq!(inputs([missing.as_str()]).unwrap().len(), 1);
    }
}
