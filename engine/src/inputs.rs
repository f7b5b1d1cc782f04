//! What `--file` names: files, folders, patterns and standard input.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, ErrorKind, NOTHING_NEW, Result};
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
/// Where imported files are put away, a folder or a pattern that has none left is no mistake.
///
/// # Errors
/// A folder or a pattern stands for no file ([`NOTHING_NEW`] where all of them were imported and put away), or a folder
/// cannot be read.
pub fn inputs<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Vec<Input>> {
    let mut found: Vec<Input> = Vec::new();
    // A folder may hold a hundred thousand files: none of them is compared with all the others.
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut emptied: Option<&str> = None;
    for name in names {
        let path = Path::new(name);
        let files = if name == "-" {
            vec![Input::Stdin]
        } else if path.is_dir() {
            let paths = folder(path)?;
            if paths.is_empty() && is_emptied(path)? {
                emptied.get_or_insert(name);
                continue;
            }
            files(paths, name, "folder holds no files")?
        } else if !path.exists() && name.contains(['*', '?', '[']) {
            let paths = pattern(name)?;
            if paths.is_empty() && fitted(name)? {
                emptied.get_or_insert(name);
                continue;
            }
            files(paths, name, "pattern fits no file")?
        } else {
            vec![Input::File(path.to_owned())]
        };
        for input in files {
            let is_new = match &input {
                Input::File(path) => seen.insert(path.clone()),
                other => !found.contains(other),
            };
            if is_new {
                found.push(input);
            }
        }
    }
    match emptied {
        Some(name) if found.is_empty() => Err(none_new(name)),
        _ => Ok(found),
    }
}

/// All files that there were have been imported and put away.
pub(crate) fn none_new(name: &str) -> Error {
    let message = format!("{name}: there is no new file: all that were there were imported and put away");
    Error::new(ErrorKind::Refused, message)
        .with_help(format!("they lie in the folder {MOVED_TO}, or have a file {MARK} beside them; name them to import them again"))
        .with_code(NOTHING_NEW)
}

/// Runs have put files of a folder away: there is the folder that they are moved to, with something in it, or a mark.
pub(crate) fn is_emptied(folder: &Path) -> Result<bool> {
    let moved = folder.join(MOVED_TO);
    if moved.is_dir() && !entries(&moved)?.is_empty() {
        return Ok(true);
    }
    Ok(entries(folder)?.iter().any(|path| path.is_file() && name_of(path).ends_with(MARK)))
}

/// A pattern would fit files that runs have put away: moved to the folder for them, or marked.
fn fitted(text: &str) -> Result<bool> {
    let path = Path::new(text);
    let Some(last) = path.file_name() else { return Ok(false) };
    let moved = path.with_file_name(MOVED_TO).join(last);
    let there = |text: &str| Ok::<_, Error>(fitting(text)?.iter().any(|path| path.is_file()));
    let marked = |path: &PathBuf| path.with_file_name(format!("{}{MARK}", name_of(path))).is_file();
    Ok(there(&moved.to_string_lossy())? || fitting(text)?.iter().any(marked))
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
        let help = match e.kind() {
            std::io::ErrorKind::NotFound => "check the path",
            std::io::ErrorKind::NotADirectory => "name a folder, or give the file with --file",
            _ => "check its permissions",
        };
        Error::new(ErrorKind::Usage, format!("{}: the folder cannot be read: {e}", folder.display()))
            .with_help(help)
            .with_source(e)
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The files that a pattern fits and that somebody means.
fn pattern(text: &str) -> Result<Vec<PathBuf>> {
    let mut paths = fitting(text)?;
    paths.retain(|path| path.is_file() && is_meant(path));
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The paths that a pattern fits, in no order.
fn fitting(text: &str) -> Result<Vec<PathBuf>> {
    let wrong = |why: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Usage, format!("{text}: this is no pattern: {why}"))
            .with_help("write a pattern such as inbox/*.csv or inbox/**/*.xlsx")
    };
    glob::Pattern::new(text).map_err(|e| wrong(&e))?;
    let mut parts = Vec::new();
    for part in Path::new(text).components() {
        parts.push(Part::of(part).map_err(|e| wrong(&e))?);
    }
    let mut paths = Vec::new();
    walk(Path::new(""), &parts, &mut HashSet::new(), &mut paths)?;
    Ok(paths)
}

/// What a pattern says of one name of a path.
enum Part {
    /// This one.
    Name(PathBuf),
    /// Those that it fits.
    Some(glob::Pattern),
    /// Any number of folders: `**`.
    Folders,
}

impl Part {
    fn of(part: Component<'_>) -> std::result::Result<Self, glob::PatternError> {
        let text = part.as_os_str().to_string_lossy();
        Ok(match part {
            Component::Normal(_) if text == "**" => Self::Folders,
            Component::Normal(_) if text.contains(['*', '?', '[']) => Self::Some(glob::Pattern::new(&text)?),
            other => Self::Name(PathBuf::from(other.as_os_str())),
        })
    }
}

/// The paths below a folder that the parts of a pattern fit. The names of files need not be UTF-8; the search that comes with
/// the patterns stops at one that is not. Why no other library does it: ADR 0034.
fn walk(
    folder: &Path,
    parts: &[Part],
    seen: &mut HashSet<(PathBuf, usize)>,
    found: &mut Vec<PathBuf>,
) -> Result<()> {
    // Hidden names are meant where the pattern has their dot.
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
    let Some((part, rest)) = parts.split_first() else {
        found.push(folder.to_owned());
        return Ok(());
    };
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let inside = || if here.is_dir() { entries(here) } else { Ok(Vec::new()) };
    let below = |path: &Path| folder.join(path.file_name().unwrap_or_default());
    match part {
        Part::Name(name) => walk(&folder.join(name), rest, seen, found)?,
        Part::Some(pattern) => {
            for path in inside()?.iter().filter(|path| pattern.matches_with(&name_of(path), options)) {
                walk(&below(path), rest, seen, found)?;
            }
        }
        Part::Folders => {
            // A link may lead back to where it stands.
            let is_new = here.canonicalize().is_ok_and(|own| seen.insert((own, parts.len())));
            if is_new && !rest.is_empty() {
                walk(folder, rest, seen, found)?;
                for path in inside()?.iter().filter(|path| path.is_dir() && !name_of(path).starts_with('.')) {
                    walk(&below(path), parts, seen, found)?;
                }
            }
        }
    }
    Ok(())
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

    #[cfg(unix)]
    #[test]
    fn patterns_go_through_folders_and_not_round_in_circles() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in
            ["a.csv", "in/b.csv", "in/deep/c.csv", "in/deep/d.txt", "out/e.csv", ".lake/f.csv", "out/.g.csv"]
        {
            std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            std::fs::write(at(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(folder.path(), at("in/round")).unwrap();
        let text = folder.path().to_str().unwrap();
        for (pattern, wanted) in [
            ("*.csv", &["a.csv"][..]),
            ("*/*.csv", &["b.csv", "e.csv"]),
            ("**/*.csv", &["a.csv", "b.csv", "c.csv", "e.csv"]),
            ("in/**/*.csv", &["b.csv", "c.csv", "a.csv", "e.csv"]),
            ("in/**/deep/*.[ct][sx][vt]", &["c.csv", "d.txt"]),
            ("*/deep/../b.csv", &["b.csv"]),
            (".lake/*.csv", &["f.csv"]),
            ("out/.*.csv", &[]),
        ] {
            let found = inputs([format!("{text}/{pattern}").as_str()]);
            assert_eq!(found.map(|found| names(&found)).unwrap_or_default(), wanted, "{pattern}");
        }
        let error = inputs([format!("{text}/in/a**b/*.csv").as_str()]).unwrap_err();
        assert!(error.to_string().contains("this is no pattern"), "{error}");
    }

    // Other systems have no such names.
    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf_8_are_files_too() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("more")).unwrap();
        for name in [&b"a.csv"[..], b"b\xff.csv", b"more/c\xff.csv", b"d\xff.txt", b".e\xff.csv"] {
            std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), "x").unwrap();
        }
        let text = folder.path().to_str().unwrap();
        assert_eq!(inputs([text]).unwrap().len(), 3, "a folder");
        for (pattern, wanted) in
            [("*.csv", 2), ("**/*.csv", 3), ("*/*.csv", 1), ("?.csv", 1), ("??.csv", 1), ("*.txt", 1)]
        {
            let found = inputs([format!("{text}/{pattern}").as_str()]).unwrap();
            assert_eq!(found.len(), wanted, "{pattern}: {found:?}");
        }
    }

    #[test]
    fn a_letter_is_one_character_and_braces_are_themselves() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["ä.csv", "a.csv", "{b}.csv", "bc.csv"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let text = folder.path().to_str().unwrap();
        for (pattern, wanted) in [
            ("?.csv", &["a.csv", "ä.csv"][..]),
            ("[äö].csv", &["ä.csv"]),
            ("[!a].csv", &["ä.csv"]),
            ("{?}.csv", &["{b}.csv"]),
        ] {
            let found = inputs([format!("{text}/{pattern}").as_str()]);
            assert_eq!(found.map(|found| names(&found)).unwrap_or_default(), wanted, "{pattern}");
        }
    }

    #[test]
    fn what_stands_for_no_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().to_str().unwrap().to_owned();
        for name in [text.clone(), format!("{text}/*.csv")] {
            assert_eq!(inputs([name.as_str()]).unwrap_err().code(), Some("NO_FILES"));
        }
        // Files that were imported and put away are missed by nobody.
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("imported")).unwrap();
        assert_eq!(inputs([text.as_str()]).unwrap_err().code(), Some("NO_FILES"), "nothing was moved");
        std::fs::write(at("imported/a.csv"), "x").unwrap();
        let (csv, xlsx) = (format!("{text}/*.csv"), format!("{text}/*.xlsx"));
        for name in [&text, &csv] {
            assert_eq!(inputs([name.as_str()]).unwrap_err().code(), Some("NOTHING_NEW"), "{name}");
        }
        assert_eq!(inputs([xlsx.as_str()]).unwrap_err().code(), Some("NO_FILES"));
        for name in ["b.xlsx", "b.xlsx.imported"] {
            std::fs::write(at(name), "x").unwrap();
        }
        assert_eq!(inputs([xlsx.as_str()]).unwrap_err().code(), Some("NOTHING_NEW"));
        // Beside others, they are passed over.
        std::fs::write(at("c.txt"), "x").unwrap();
        let txt = format!("{text}/*.txt");
        assert_eq!(names(&inputs([csv.as_str(), txt.as_str()]).unwrap()), ["c.txt"]);
        // A file that is missing is told when it is opened.
        let missing = format!("{text}/none.csv");
        assert_eq!(inputs([missing.as_str()]).unwrap().len(), 1);
    }
}
