//! A migration file taken apart at its `-- @table NAME control|core`, `-- @view …` and `-- @alter …` lines.

use crate::store::{Result, Space, StoreError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    View,
    /// Changes a table that an earlier migration made.
    Alter,
}

/// What makes, changes or takes back one table or view.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) space: Space,
    pub(super) sql: &'a str,
}

pub(super) fn parse(text: &str) -> Result<Vec<Section<'_>>> {
    let mut sections = Vec::new();
    // The first piece is the file's comment.
    for piece in text.split("\n-- @").skip(usize::from(!text.starts_with("-- @"))) {
        let piece = piece.strip_prefix("-- @").unwrap_or(piece);
        let (head, sql) = piece.split_once('\n').unwrap_or((piece, ""));
        let mut words = head.split_whitespace();
        let (kind, name, space) = match (words.next(), words.next(), words.next()) {
            (Some("table"), Some(name), Some("control")) => (Kind::Table, name, Space::Control),
            (Some("table"), Some(name), Some("core")) => (Kind::Table, name, Space::Core),
            (Some("view"), Some(name), Some("control")) => (Kind::View, name, Space::Control),
            (Some("view"), Some(name), Some("core")) => (Kind::View, name, Space::Core),
            (Some("alter"), Some(name), Some("control")) => (Kind::Alter, name, Space::Control),
            // Left out where the table is an adopted one: those are changed by --adopt only.
            (Some("alter"), Some(name), Some("core")) => (Kind::Alter, name, Space::Core),
            _ => return Err(StoreError::internal("a migration has a section head that is not understood")),
        };
        sections.push(Section { kind, name, space, sql });
    }
    if sections.is_empty() {
        return Err(StoreError::internal("a migration has no sections"));
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::{Kind, parse};
    use importer_sql::migrations::{POSTGRES, SQLITE};

    #[test]
    fn every_file_has_sections_and_down_undoes_up() {
        for migration in POSTGRES.iter().chain(SQLITE) {
            let names = |text| -> Vec<(Kind, String)> {
                parse(text).unwrap().iter().map(|section| (section.kind, section.name.to_owned())).collect()
            };
            let mut down = names(migration.down);
            down.reverse();
            assert_eq!(names(migration.up), down, "{}", migration.name);
        }
    }
}
