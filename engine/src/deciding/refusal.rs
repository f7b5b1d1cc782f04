//! What is refused, with the code of the reason and what to do.

use crate::error::{Error, ErrorKind};

/// What cannot be done, with the code of the reason.
pub fn refused(code: &'static str, message: String, help: impl Into<String>) -> Error {
    Error::new(ErrorKind::Refused, message).with_code(code).with_help(help)
}

/// A field that the entity does not have.
pub fn no_field(entity: &str, field: &str, known: &[&str]) -> Error {
    let near = crate::catalogue::nearest(field, known.iter().copied());
    let near = near.map(|n| format!("did you mean {n}? ")).unwrap_or_default();
    Error::new(ErrorKind::Usage, format!("core rows of {entity} have no field {field}"))
        .with_help(format!("{near}They have: {}", known.join(", ")))
}
