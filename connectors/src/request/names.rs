//! What a caller knows of the columns, so that a header is told from what stands around it.

use std::fmt;
use std::sync::Arc;

/// Which field a cell names, as a number of its own. The caller knows its contract; detection only compares and counts.
#[derive(Clone)]
pub struct KnownNames(Arc<FieldOf>);

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

    /// Whether a line names the columns of a header in other words, such as those of another language: most of its cells
    /// mean the field that the header's cell above them means, and none means that of another column. A word may mean a
    /// field that the header does not have (`Name` below `Last name`): it says nothing.
    pub(crate) fn name_the_same(&self, header: &[String], line: &[String]) -> bool {
        let filled = line.iter().filter(|cell| !cell.trim().is_empty()).count();
        let fields: Vec<Option<usize>> = header.iter().map(|name| (self.0)(name)).collect();
        let mut same = 0;
        for (above, cell) in fields.iter().zip(line) {
            let field = (self.0)(cell);
            match field {
                Some(_) if field == *above => same += 1,
                Some(_) if fields.contains(&field) => return false,
                _ => {}
            }
        }
        line.len() <= header.len() && same >= 2 && same * 10 >= filled * 6
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
