//! The schema that the library is given: texts as bytes.
//!
//! It would give up on a block for one text that is none. Texts and bytes are written alike, so texts are asked for as bytes,
//! and each value is looked at by itself; what the columns are is kept beside.

use serde_json::Value;

/// The schema of a file with its texts as bytes; `None` where it is no JSON.
pub(super) fn texts_as_bytes(schema: &[u8]) -> Option<Vec<u8>> {
    let mut schema: Value = serde_json::from_slice(schema).ok()?;
    rewrite(&mut schema);
    serde_json::to_vec(&schema).ok()
}

fn rewrite(given: &mut Value) {
    match given {
        Value::String(name) if name == "string" => *given = "bytes".into(),
        // Of a union the text is made by the library, unless it only says that there may be none.
        Value::Array(types) if types.len() == 2 && types.iter().any(|t| t == "null") => {
            types.iter_mut().for_each(rewrite);
        }
        Value::Object(object) => {
            // A UUID, say, is read from its text.
            let logical = object.contains_key("logicalType");
            let kind = object.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
            let inside = match kind.as_str() {
                "array" => object.get_mut("items"),
                "map" => object.get_mut("values"),
                "string" if logical => None,
                _ => object.get_mut("type"),
            };
            if let Some(inside) = inside {
                rewrite(inside);
            }
            let fields = object.get_mut("fields").and_then(Value::as_array_mut);
            for field in fields.into_iter().flatten() {
                if let Some(of) = field.get_mut("type") {
                    rewrite(of);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::texts_as_bytes;

    #[test]
    fn texts_become_bytes() {
        let given = r#"{"type":"record","name":"string","fields":[{"name":"a","type":"string","default":"x"},
            {"name":"b","type":["null","string"]},{"name":"c","type":{"type":"array","items":{"type":"map","values":"string"}}},
            {"name":"d","type":{"type":"string","logicalType":"uuid"}},{"name":"e","type":["null","string","bytes"]},
            {"name":"f","type":{"type":"record","name":"r","fields":[{"name":"g","type":{"type":"string"}}]}}]}"#;
        let wanted = r#"{"type":"record","name":"string","fields":[{"name":"a","type":"bytes","default":"x"},
            {"name":"b","type":["null","bytes"]},{"name":"c","type":{"type":"array","items":{"type":"map","values":"bytes"}}},
            {"name":"d","type":{"type":"string","logicalType":"uuid"}},{"name":"e","type":["null","string","bytes"]},
            {"name":"f","type":{"type":"record","name":"r","fields":[{"name":"g","type":{"type":"bytes"}}]}}]}"#;
        let found: serde_json::Value =
            serde_json::from_slice(&texts_as_bytes(given.as_bytes()).unwrap()).unwrap();
        assert_eq!(found, serde_json::from_str::<serde_json::Value>(wanted).unwrap());
        assert_eq!(texts_as_bytes(b"{"), None);
    }
}
