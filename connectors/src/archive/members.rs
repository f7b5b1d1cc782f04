//! Which members are read, in which order, and what is passed over.

use glob::{MatchOptions, Pattern};

use super::office;
use super::spool::Spool;
use crate::request::{OptionWord, wrong_value};
use crate::source::{Code, Confidence, Evidence, Note, SourceError};

/// The word that chooses members.
pub(super) const MEMBER: OptionWord =
    OptionWord::new("member", "NAME", "Members of an archive: a name or a pattern such as *.csv");

/// Names listed in a message at most.
const NAMED: usize = 20;

const PASSED_OVER: Code =
    Code::new("ARCHIVE_PASSED_OVER", "Nothing needs to be done: such members hold no data of their own.");

/// A member that is read.
pub(super) struct Member {
    pub index: usize,
    /// In messages.
    pub name: String,
}

/// The members of an archive.
pub(super) struct Members {
    /// By their names.
    pub chosen: Vec<Member>,
    all: usize,
    folders: usize,
    /// What systems and programs leave behind.
    litter: usize,
    empty: usize,
    links: usize,
    /// The option left them out.
    other: usize,
}

impl Members {
    pub(super) fn choose(spool: &Spool, pattern: Option<&str>) -> Result<Self, SourceError> {
        office::refuse(spool)?;
        let matches = matcher(pattern)?;
        let all = spool.zip().len();
        let mut members =
            Self { chosen: Vec::new(), all, folders: 0, litter: 0, empty: 0, links: 0, other: 0 };
        let mut names = Vec::new();
        for index in 0..all {
            let zip = spool.zip();
            let Ok(entry) = zip.by_index_data(index) else { continue };
            let name = match entry.name() {
                Ok(name) => printable(&name),
                Err(_) => printable(&String::from_utf8_lossy(entry.name_raw())),
            };
            if entry.is_dir() {
                members.folders += 1;
            } else if is_litter(&name) {
                members.litter += 1;
            } else if entry.is_symlink() {
                members.links += 1;
            } else if entry.size() == 0 {
                members.empty += 1;
            } else if !matches(&name) {
                members.other += 1;
                names.push(name);
            } else if entry.encrypted() {
                return Err(encrypted(&spool.full_name(&name)));
            } else {
                members.chosen.push(Member { index, name });
            }
        }
        if members.chosen.is_empty() {
            return Err(none(spool.name(), pattern, names));
        }
        members.chosen.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(members)
    }

    /// What was passed over, in words; empty where nothing was.
    fn passed_over(&self) -> String {
        let kinds = [
            (self.folders, "folder", "folders"),
            (self.litter, "file of the system", "files of the system"),
            (self.empty, "empty member", "empty members"),
            (self.links, "link", "links"),
        ];
        let told = kinds.iter().filter(|(n, _, _)| *n > 0);
        let told = told.map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many }));
        told.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn evidence(&self) -> Evidence {
        let mut why = self.passed_over();
        if why.is_empty() {
            "all members are read".clone_into(&mut why);
        } else {
            why.insert_str(0, "passed over: ");
        }
        let value = format!("{} of {}", self.chosen.len(), self.all);
        if self.other > 0 {
            why.push_str(&format!("; {} left out by the option `member`", self.other));
            return Evidence::new("members", value, Confidence::Given, why);
        }
        Evidence::new("members", value, Confidence::High, why)
    }

    /// What was passed over, if anything was.
    pub(super) fn note(&self) -> Option<Note> {
        let count = self.folders + self.litter + self.empty + self.links;
        (count > 0).then(|| Note {
            code: PASSED_OVER,
            line_number: 1,
            count: count as u64,
            reason: format!("members of the archive were passed over: {}", self.passed_over()),
        })
    }
}

/// Whether a name is chosen: by its whole, by its last part, or by a pattern for either.
fn matcher(pattern: Option<&str>) -> Result<impl Fn(&str) -> bool, SourceError> {
    let given = match pattern {
        None => None,
        Some(text) => {
            let pattern = Pattern::new(text).map_err(|e| wrong_value(MEMBER.name, text, e.msg))?;
            Some((text.to_owned(), pattern))
        }
    };
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
    Ok(move |name: &str| {
        given.as_ref().is_none_or(|(text, pattern)| {
            let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
            name == text || pattern.matches_with(name, options) || pattern.matches_with(last, options)
        })
    })
}

/// What systems and programs leave behind in archives.
fn is_litter(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']).rev();
    let last = parts.next().unwrap_or_default();
    matches!(last, ".DS_Store" | "Thumbs.db" | "desktop.ini" | "Desktop.ini")
        || last.starts_with("._")
        || parts.any(|part| part == "__MACOSX")
}

/// Names are shown, so they must not move the cursor.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

fn encrypted(name: &str) -> SourceError {
    SourceError::new(
        "ARCHIVE_ENCRYPTED",
        format!("{name} is encrypted"),
        "Pack it anew without a password, or unpack it first; or choose other members with the option `member`.",
    )
}

fn none(name: &str, pattern: Option<&str>, mut names: Vec<String>) -> SourceError {
    let Some(pattern) = pattern else {
        return SourceError::new(
            "ARCHIVE_EMPTY",
            format!("{name} has no members with content"),
            "Check how it was packed.",
        );
    };
    names.sort();
    let more = if names.len() > NAMED { ", …" } else { "" };
    names.truncate(NAMED);
    SourceError::new(
        "ARCHIVE_MEMBER",
        format!("no member of {name} is called {pattern:?}; there are {}{more}", names.join(", ")),
        "Write the option `member` as one of these names, or as a pattern such as *.csv.",
    )
}
