//! Column names: as they stand in the file, and made unique.

use std::collections::{HashMap, HashSet};

/// The names of the columns, in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// Letter for letter as in the file; `column_1` … when the file has no header.
    pub original: Vec<String>,
    /// The names used in batches: trimmed, never empty, and unique even where capitals do not
    /// count (DuckDB and SQLite read `Email` and `email` as one column).
    pub unique: Vec<String>,
}

impl Headers {
    /// Names made from the cells of a header row.
    pub(crate) fn from_cells(original: Vec<String>) -> Self {
        let trimmed: Vec<&str> = original
            .iter()
            .map(|name| name.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}'))
            .collect();
        // Names that stand in the file keep their place before any name that we make up.
        let in_file: HashSet<String> = trimmed.iter().map(|name| name.to_lowercase()).collect();
        let mut taken: HashSet<String> = HashSet::with_capacity(original.len());
        // Where the search for a free number goes on, so that a thousand equal names stay cheap.
        let mut next: HashMap<String, usize> = HashMap::new();
        let mut unique = Vec::with_capacity(original.len());
        for (i, name) in trimmed.iter().enumerate() {
            let unnamed = name.is_empty();
            let base = if unnamed { format!("column_{}", i + 1) } else { (*name).to_owned() };
            let key = base.to_lowercase();
            let free = |key: &str, taken: &HashSet<String>| !taken.contains(key) && !in_file.contains(key);
            let first = if unnamed { free(&key, &taken) } else { !taken.contains(&key) };
            let mut name = base.clone();
            if !first {
                let n = next.entry(key).or_insert(2);
                loop {
                    name = format!("{base}_{n}");
                    *n += 1;
                    if free(&name.to_lowercase(), &taken) {
                        break;
                    }
                }
            }
            taken.insert(name.to_lowercase());
            unique.push(name);
        }
        Self { original, unique }
    }

    /// `column_1` … for a file without header: the names by which people map its columns.
    pub(crate) fn numbered(columns: usize) -> Self {
        Self::from_cells((1..=columns).map(|n| format!("column_{n}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Headers;

    fn unique(names: &[&str]) -> Vec<String> {
        Headers::from_cells(names.iter().map(|n| (*n).to_owned()).collect()).unique
    }

    #[test]
    fn duplicates_and_empty_names() {
        assert_eq!(unique(&["email", "email", "email"]), ["email", "email_2", "email_3"]);
        assert_eq!(unique(&["email", "email", "email_2"]), ["email", "email_3", "email_2"]);
        assert_eq!(unique(&["a", "", " "]), ["a", "column_2", "column_3"]);
        assert_eq!(unique(&["column_2", ""]), ["column_2", "column_2_2"]);
        assert_eq!(unique(&["Email", "email"]), ["Email", "email_2"]);
        assert_eq!(unique(&[" name "]), ["name"]);
    }

    #[test]
    fn many_duplicates_stay_unique() {
        let names = unique(&["x"; 500]);
        let set: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(set.len(), 500);
    }
}
