//! Values that are not for everybody's eyes.

use importer_plans::compile::Shape;
use importer_sql::functions::mask_str;

/// Fields and sets whose values are masked unless somebody asks to see them.
pub fn sensitive(shape: &Shape) -> Vec<String> {
    let fields = shape.core_fields().filter(|field| field.sensitive).map(|field| field.name.clone());
    let sets = shape
        .sets
        .iter()
        .filter(|set| shape.primary_of(&set.name).is_some_and(|field| field.sensitive))
        .map(|set| set.name.clone());
    fields.chain(sets).collect()
}

/// Masks a value.
pub fn masked(value: &mut Option<String>) {
    if let Some(text) = value {
        *text = mask_str(text);
    }
}
