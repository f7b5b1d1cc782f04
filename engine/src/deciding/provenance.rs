//! Who wrote a row whose fields come from two rows: the part of the fingerprint and the entry of each field go with its value,
//! so that a value which the host wrote is still one of the host, and one of a source is as new as it was there.

use serde_json::{Map, Value as Json};

use crate::store::ProvenanceRow;

/// Bytes of a fingerprint per field; the first part is its layout.
pub const PART: usize = 4;

/// The provenance of `base`, with some fields from `other`. `like`: a fingerprint of the layout of now, from which comes what
/// neither of the two says.
pub fn mixed(
    (base, other): (Option<&ProvenanceRow>, Option<&ProvenanceRow>),
    like: &[u8],
    fields: &[&str],
    from_other: impl Fn(&str) -> bool,
) -> Option<ProvenanceRow> {
    let head = base.or(other)?;
    let mut fingerprint = like.to_vec();
    let mut entries = Map::new();
    for (place, field) in (1..).zip(fields) {
        let origin = if from_other(field) { other } else { base };
        let part = place * PART..(place + 1) * PART;
        if let (Some(said), Some(target)) = (said(origin, like, part.clone()), fingerprint.get_mut(part)) {
            target.copy_from_slice(said);
        }
        if let Some(entry) = origin.and_then(|origin| entry(origin, field, head)) {
            entries.insert((*field).to_owned(), entry);
        }
    }
    Some(ProvenanceRow {
        fingerprint,
        fields: (!entries.is_empty()).then(|| Json::Object(entries).to_string()),
        ..head.clone()
    })
}

/// Says of some fields that what stands there is what we wrote. `found`: the fingerprint of the row as it stands.
pub fn as_found(row: &mut ProvenanceRow, found: &[u8], fields: &[&str], is_ours: impl Fn(&str) -> bool) {
    if row.fingerprint.get(..PART) != found.get(..PART) || row.fingerprint.len() != found.len() {
        return;
    }
    for (place, field) in (1..).zip(fields) {
        let part = place * PART..(place + 1) * PART;
        if !is_ours(field) {
            continue;
        }
        if let (Some(there), Some(target)) = (found.get(part.clone()), row.fingerprint.get_mut(part)) {
            target.copy_from_slice(there);
        }
    }
}

/// What a row says of a field's value: zeros, which no value has, where nobody of ours wrote it; nothing where it was written
/// under another layout.
fn said<'a>(
    origin: Option<&'a ProvenanceRow>,
    like: &[u8],
    part: std::ops::Range<usize>,
) -> Option<&'a [u8]> {
    let Some(origin) = origin else { return Some(&[0; PART]) };
    let same = origin.fingerprint.get(..PART) == like.get(..PART) && origin.fingerprint.len() == like.len();
    origin.fingerprint.get(part).filter(|_| same)
}

/// The entry of a field, where it is another one than the row as a whole says.
fn entry(origin: &ProvenanceRow, field: &str, head: &ProvenanceRow) -> Option<Json> {
    own_entry(origin, field).or_else(|| (whole(origin) != whole(head)).then(|| whole(origin)))
}

/// The entry that a row has for a field.
pub fn own_entry(row: &ProvenanceRow, field: &str) -> Option<Json> {
    let entries: Json = serde_json::from_str(row.fields.as_deref()?).ok()?;
    entries.get(field).cloned()
}

/// What holds of a field without an entry of its own.
fn whole(row: &ProvenanceRow) -> Json {
    let mut entry = Map::new();
    entry.insert("source".to_owned(), row.source.as_str().into());
    if let Some(at) = row.effective_at.and_then(chrono::DateTime::from_timestamp_micros) {
        entry.insert("at".to_owned(), at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().into());
    }
    Json::Object(entry)
}

/// The source that a field counts as one of.
pub fn source_of(row: Option<&ProvenanceRow>, field: &str) -> Option<String> {
    let row = row?;
    let own = own_entry(row, field);
    let source = own.as_ref().and_then(|entry| entry.get("source")).and_then(Json::as_str);
    Some(source.unwrap_or(&row.source).to_owned())
}

/// Whether nothing else is said than was: a database may write entries in another order.
pub fn is_same(one: Option<&ProvenanceRow>, other: &ProvenanceRow) -> bool {
    let entries = |row: &ProvenanceRow| -> Option<Json> { serde_json::from_str(row.fields.as_deref()?).ok() };
    one.is_some_and(|one| {
        is_same_writing(Some(one), Some(other))
            && one.fingerprint == other.fingerprint
            && entries(one) == entries(other)
    })
}

/// Whether the row as a whole is as it was: no run has written it since.
pub fn is_same_writing(one: Option<&ProvenanceRow>, other: Option<&ProvenanceRow>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            (one.run_id, one.sequence_number, &one.load_action, one.effective_at, &one.source)
                == (
                    other.run_id,
                    other.sequence_number,
                    &other.load_action,
                    other.effective_at,
                    &other.source,
                )
        }
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Json, ProvenanceRow, as_found, mixed};

    fn row(source: &str, parts: [u8; 3], fields: Option<serde_json::Value>) -> ProvenanceRow {
        ProvenanceRow {
            fingerprint: parts.iter().flat_map(|part| [*part; 4]).collect(),
            source: source.to_owned(),
            effective_at: Some(0),
            run_id: 1,
            sequence_number: Some(1),
            load_action: "created".to_owned(),
            fields: fields.map(|fields| fields.to_string()),
        }
    }

    #[test]
    fn a_field_goes_with_what_is_said_of_it() {
        let (a, b) =
            (row("a", [9, 1, 2], Some(json!({"phone": {"source": "x"}}))), row("b", [9, 3, 4], None));
        let like = row("", [9, 7, 7], None).fingerprint;
        let both = mixed((Some(&a), Some(&b)), &like, &["city", "phone"], |field| field == "city").unwrap();
        assert_eq!(both.fingerprint, row("", [9, 3, 2], None).fingerprint);
        assert_eq!(
            both.fields.map(|fields| serde_json::from_str::<Json>(&fields).unwrap()),
            Some(
                json!({"city": {"source": "b", "at": "1970-01-01T00:00:00.000000Z"}, "phone": {"source": "x"}})
            )
        );
        assert_eq!((both.source.as_str(), both.run_id), ("a", 1));
    }

    #[test]
    fn what_stands_there_is_ours() {
        let mut a = row("a", [9, 1, 2], None);
        as_found(&mut a, &row("", [9, 5, 6], None).fingerprint, &["city", "phone"], |field| field == "phone");
        assert_eq!(a.fingerprint, row("", [9, 1, 6], None).fingerprint);
        as_found(&mut a, &row("", [8, 5, 7], None).fingerprint, &["city", "phone"], |_| true);
        assert_eq!(a.fingerprint, row("", [9, 1, 6], None).fingerprint, "another layout says nothing");
    }

    #[test]
    fn a_value_of_the_host_stays_one() {
        let b = row("b", [9, 3, 4], None);
        let both =
            mixed((None, Some(&b)), &b.fingerprint, &["city", "phone"], |field| field == "city").unwrap();
        assert_eq!(both.fingerprint, row("", [9, 3, 0], None).fingerprint);
        assert_eq!(both.fields, None);
        assert_eq!(mixed((None, None), &[], &["city"], |_| false), None);
    }
}
