//! Where SQL stands in `match.yml`.

use crate::project::diagnostics::Span;

/// The place of SQL in `match.yml`, for what is found when it is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SqlPlace {
    pub(in crate::project) span: Span,
}

impl SqlPlace {
    /// Its first byte and its length; nothing for what no line of the file says.
    pub fn bytes(self) -> Option<(usize, usize)> {
        (self.span.len > 0).then_some((self.span.offset, self.span.len))
    }
}
