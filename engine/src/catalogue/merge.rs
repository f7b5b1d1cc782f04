//! The columns of files of many runs as one schema: matched by name, missing ones NULL. Where two runs do not agree on
//! the type of a column it is shown as text.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, SchemaRef};

/// All columns of all schemas, in the order in which they are met.
pub fn merged(schemas: &[SchemaRef]) -> Vec<FieldRef> {
    let mut fields: Vec<FieldRef> = Vec::new();
    for schema in schemas {
        merge_into(&mut fields, schema.fields());
    }
    fields
}

fn merge_into(into: &mut Vec<FieldRef>, from: &Fields) {
    for field in from {
        match into.iter_mut().find(|known| known.name() == field.name()) {
            Some(known) => {
                let data_type = common(known.data_type(), field.data_type());
                *known = Arc::new(Field::new(known.name(), data_type, true));
            }
            None => into.push(Arc::new(Field::new(field.name(), field.data_type().clone(), true))),
        }
    }
}

/// A type that values of both can be read as.
fn common(left: &DataType, right: &DataType) -> DataType {
    match (left, right) {
        (l, r) if l == r => l.clone(),
        (DataType::Null, other) | (other, DataType::Null) => other.clone(),
        (DataType::Struct(l), DataType::Struct(r)) => {
            let mut fields = l.to_vec();
            merge_into(&mut fields, r);
            DataType::Struct(fields.into())
        }
        (DataType::List(l), DataType::List(r)) => {
            let item = common(l.data_type(), r.data_type());
            DataType::List(Arc::new(Field::new(l.name(), item, true)))
        }
        (l, r) if l.is_signed_integer() && r.is_signed_integer() => DataType::Int64,
        (l, r) if l.is_numeric() && r.is_numeric() => DataType::Float64,
        _ => DataType::Utf8View,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::datatypes::Schema;

    fn schema(fields: &[(&str, DataType)]) -> SchemaRef {
        Arc::new(Schema::new(
            fields.iter().map(|(n, t)| Field::new(*n, t.clone(), false)).collect::<Vec<_>>(),
        ))
    }

    #[test]
    fn columns_are_matched_by_name_and_types_widen() {
        let older = schema(&[("a", DataType::Int32), ("b", DataType::Date32)]);
        let newer = schema(&[("b", DataType::Utf8View), ("c", DataType::Boolean), ("a", DataType::Int64)]);
        let fields = merged(&[older, newer]);
        let shown: Vec<_> = fields.iter().map(|f| (f.name().as_str(), f.data_type().clone())).collect();
        assert_eq!(shown, [("a", DataType::Int64), ("b", DataType::Utf8View), ("c", DataType::Boolean)]);
        assert!(fields.iter().all(|f| f.is_nullable()));
    }
}
