//! What a caller knows of the columns, so that a header is told from what stands around it.

use std::fmt;
use std::sync::Arc;

/// Which field a cell names, as a number of its own. The caller knows its contract; detection only compares and counts.
#[derive(Clone)]
pub struct KnownNames(Arc<FieldOf>);

/// How a line that names the columns of a header in other words goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// Each word stands below the one that means the same.
    InPlace,
    /// Words stand below those of other columns: only one of both lines can be true.
    Crossed,
}

type FieldOf = dyn Fn(&str) -> Option<usize> + Send + Sync;

impl KnownNames {
    /// Takes a function that tells the field that a cell names, if it is known as the name of a column.
    pub fn new(field_of: impl Fn(&str) -> Option<usize> + Send + Sync + 'static) -> Self {
        Self(Arc::new(field_of))
    }

    /// How many cells of a line are known as names of columns.
    pub(crate) fn count(&self, cells: &[String]) -> usize {
        cells.iter().filter(|cell| (self.0)(cell).is_some()).count()
    }

    /// Whether each cell names a field that a cell of the header names as well.
    pub(crate) fn are_fields_of(&self, header: &[String], cells: impl IntoIterator<Item = String>) -> bool {
        let fields: Vec<Option<usize>> = header.iter().map(|name| (self.0)(name)).collect();
        cells.into_iter().all(|cell| (self.0)(&cell).is_some_and(|field| fields.contains(&Some(field))))
    }

    /// Whether a line names the columns of a header in other words, such as those of another language: most of its cells
    /// mean fields that the header's cells mean, each as often as there. A word may mean a field that the header does not
    /// have (`Name` below `Last name`): it says nothing. A single word in the place of another one is data.
    pub(crate) fn otherwise(&self, header: &[String], line: &[String]) -> Option<Otherwise> {
        let filled = line.iter().filter(|cell| !cell.trim().is_empty()).count();
        let fields: Vec<Option<usize>> = header.iter().map(|name| (self.0)(name)).collect();
        let (mut named, mut crossed) = (Vec::new(), 0_usize);
        for (above, cell) in fields.iter().zip(line) {
            let field = (self.0)(cell);
            if field.is_some() && fields.contains(&field) {
                crossed += usize::from(field != *above);
                named.push(field);
            }
        }
        let times =
            |list: &[Option<usize>], field: Option<usize>| list.iter().filter(|f| **f == field).count();
        if line.len() > header.len() || named.len() < 2 || named.len() * 10 < filled * 6 {
            return None;
        }
        match crossed {
            0 => Some(Otherwise::InPlace),
            1 => None,
            _ => named
                .iter()
                .all(|field| times(&named, *field) <= times(&fields, *field))
                .then_some(Otherwise::Crossed),
        }
    }
}

impl fmt::Debug for KnownNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownNames")
    }
}

/// Two of them are equal when they are the same function.
impl PartialEq for KnownNames {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for KnownNames {}
