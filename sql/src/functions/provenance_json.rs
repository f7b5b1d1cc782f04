//! Where the value of a field came from, as a member of the provenance document of a core row. Shared by
//! `provenance_entry` and `provenance_fields`.

use std::fmt::Write;

use chrono::{DateTime, Datelike, Timelike};

/// What is told of one field. What is absent is left out.
pub(super) struct Entry<'a> {
    pub(super) source: Option<&'a str>,
    /// Microseconds since 1970 UTC.
    pub(super) at: Option<i64>,
    pub(super) manual: bool,
    /// Microseconds since 1970 UTC.
    pub(super) verified_at: Option<i64>,
    pub(super) row: Option<i64>,
}

impl Entry<'_> {
    /// Adds `"field":{…}` to a text.
    pub(super) fn write(&self, field: &str, out: &mut String) {
        text(field, out);
        out.push_str(":{");
        let first = out.len();
        let key = |name: &str, out: &mut String| {
            if out.len() > first {
                out.push(',');
            }
            out.push('"');
            out.push_str(name);
            out.push_str("\":");
        };
        if let Some(source) = self.source {
            key("source", out);
            text(source, out);
        }
        if let Some(time) = self.at.and_then(DateTime::from_timestamp_micros) {
            key("at", out);
            instant(time, out);
        }
        if self.manual {
            key("manual", out);
            out.push_str("true");
        }
        if let Some(time) = self.verified_at.and_then(DateTime::from_timestamp_micros) {
            key("verified_at", out);
            instant(time, out);
        }
        if let Some(row) = self.row {
            key("row", out);
            // Writing to a String does not fail.
            let _ = write!(out, "{row}");
        }
        out.push('}');
    }
}

/// A text as JSON.
fn text(value: &str, out: &mut String) {
    if value.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.push_str(&serde_json::Value::from(value).to_string());
    } else {
        out.push('"');
        out.push_str(value);
        out.push('"');
    }
}

/// RFC 3339 in UTC with microseconds.
fn instant(time: DateTime<chrono::Utc>, out: &mut String) {
    // A year of four digits is written as it is; others have a sign by the same standard.
    let year = time.year();
    let written = if (0..=9999).contains(&year) {
        write!(
            out,
            "\"{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z\"",
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.timestamp_subsec_micros()
        )
    } else {
        write!(out, "\"{}\"", time.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
    };
    // Writing to a String does not fail.
    let _ = written;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(entry: &Entry<'_>) -> String {
        let mut out = String::new();
        entry.write("email", &mut out);
        out
    }

    #[test]
    fn what_is_absent_is_left_out() {
        let nothing = Entry { source: None, at: None, manual: false, verified_at: None, row: None };
        assert_eq!(written(&nothing), r#""email":{}"#);
        let all = Entry {
            source: Some("crm"),
            at: Some(1_700_000_000_000_001),
            manual: true,
            verified_at: Some(-1),
            row: Some(7),
        };
        assert_eq!(
            written(&all),
            r#""email":{"source":"crm","at":"2023-11-14T22:13:20.000001Z","manual":true,"verified_at":"1969-12-31T23:59:59.999999Z","row":7}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_and_time_is_json(source in any::<String>(), at in any::<i64>(), row in any::<i64>()) {
            let entry = Entry { source: Some(&source), at: Some(at), manual: false, verified_at: None, row: Some(row) };
            let document: serde_json::Value = serde_json::from_str(&format!("{{{}}}", written(&entry))).unwrap();
            prop_assert_eq!(&document["email"]["source"], &serde_json::Value::from(source));
            prop_assert_eq!(&document["email"]["row"], &serde_json::Value::from(row));
            if let Some(time) = DateTime::from_timestamp_micros(at) {
                let told = document["email"]["at"].as_str().unwrap().to_owned();
                prop_assert_eq!(told, time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
            }
        }
    }
}
