//! The shipped project: the files below `sql/project/`, embedded.

use include_dir::{Dir, DirEntry, include_dir};

static PROJECT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/project");

/// Path, relative to the project's root, and text of every file of the shipped project.
pub fn files() -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    collect(&PROJECT, &mut found);
    found.sort_unstable();
    found
}

fn collect(folder: &'static Dir<'static>, found: &mut Vec<(&'static str, &'static str)>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(inner, found),
            DirEntry::File(file) => found.extend(file.path().to_str().zip(file.contents_utf8())),
        }
    }
}
