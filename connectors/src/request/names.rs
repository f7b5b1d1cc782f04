//! What a caller knows of the columns, so that a header is told from what stands around it.

use std::fmt;
use std::sync::Arc;

/// How many cells of a line are known as names of columns. The caller knows its contract; detection only counts.
#[derive(Clone)]
pub struct KnownNames(Arc<Count>);

type Count = dyn Fn(&[String]) -> usize + Send + Sync;

impl KnownNames {
    /// Takes a function that counts the known names among the cells of a line.
    pub fn new(count: impl Fn(&[String]) -> usize + Send + Sync + 'static) -> Self {
        Self(Arc::new(count))
    }

    pub(crate) fn count(&self, cells: &[String]) -> usize {
        (self.0)(cells)
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
