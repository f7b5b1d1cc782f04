//! Whether a value says something about a person.

use super::super::kinds::{FieldKind, SetKind};
use super::super::matching::strength;
use super::super::shape::{FieldShape, SetShape, Shape};

/// Whether a value says something about somebody who is known; every value does where this gives nothing. A person may be
/// called Null; whoever is known by another name is not. Nor does a placeholder (`none@…`) take the place of an address.
pub fn says_something(shape: &Shape, field: &FieldShape, value: &str) -> Option<String> {
    if field.kind == FieldKind::Name {
        return Some(format!("null_if_word({value}, 'text') IS NOT NULL"));
    }
    let set = placed_by(shape, field)?;
    let key = match set.kind {
        SetKind::Email => format!("email_key({value})"),
        SetKind::Phone => value.to_owned(),
    };
    Some(format!("coalesce({}, '') <> 'none'", strength(set, &key)))
}

/// The set whose main value a field is.
fn placed_by<'a>(shape: &'a Shape, field: &FieldShape) -> Option<&'a SetShape> {
    let set = field.set.as_ref().filter(|_| field.primary)?;
    shape.sets.iter().find(|s| s.name == *set)
}
