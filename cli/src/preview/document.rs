//! A preview as one JSON document.

use std::io::{BufWriter, Write};

use importer_connectors::csv::CsvEncoding;
use importer_connectors::source::{Description, Note, Reject};
use importer_plans::header::HeaderMatch;
use serde_json::{Map, Value, json};

use super::args::Args;
use super::looked::{Looked, Matched};
use crate::failure::Failure;

/// Writes the document, row by row: a file may be larger than memory.
pub fn show(mut looked: Looked, args: &Args) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let columns = looked.reader.headers().unique.clone();
    let originals = looked.reader.headers().original.clone();
    let begin = [
        ("file", json!(looked.name)),
        ("dialect", dialect(&looked.reader.description())),
        ("headers", json!(originals)),
        ("columns", json!(columns)),
        ("suggestions", json!(looked.matched.as_ref().map(|m| &m.suggestions))),
        ("mapping", json!(looked.matched.as_ref().map(|m| mapping(m, &originals)))),
    ];
    out.write_all(b"{\n")?;
    for (key, value) in begin {
        member(&mut out, key, &value)?;
        out.write_all(b",\n")?;
    }
    out.write_all(b"  \"rows\": [")?;
    let mut separator = "\n    ";
    let read = looked.read(args.all, |line, cells| {
        let mut row = Map::new();
        row.insert("_line".to_owned(), line.into());
        for (name, cell) in columns.iter().zip(cells) {
            row.insert(name.clone(), cell.map_or(Value::Null, Value::from));
        }
        out.write_all(separator.as_bytes())?;
        separator = ",\n    ";
        serde_json::to_writer(&mut out, &row)?;
        Ok(())
    })?;
    out.write_all(b"\n  ],\n")?;
    let counts = read.counts;
    let encoding = looked.encoding();
    member(&mut out, "rejects", &read.rejects.iter().map(|r| reject(r, encoding)).collect())?;
    out.write_all(b",\n")?;
    member(&mut out, "notes", &looked.reader.notes().iter().map(note).collect())?;
    out.write_all(b",\n")?;
    let counts = json!({
        "complete": read.complete,
        "records": counts.records,
        "rejected": counts.rejected,
        "blank": counts.blank,
        "passed": counts.passed,
        "repaired": counts.repaired,
        "padded": counts.padded,
        "lines": counts.lines,
    });
    member(&mut out, "counts", &counts)?;
    out.write_all(b"\n}\n")?;
    Ok(out.flush()?)
}

/// `"key": value`, without what separates it from the next.
fn member(out: &mut impl Write, key: &str, value: &Value) -> Result<(), Failure> {
    write!(out, "  {}: ", Value::from(key))?;
    Ok(serde_json::to_writer(out, value)?)
}

fn note(note: &Note) -> Value {
    json!({
        "code": note.code.as_str(),
        "line": note.line_number,
        "count": note.count,
        "reason": note.reason,
        "hint": note.code.hint(),
    })
}

fn dialect(described: &Description) -> Value {
    let evidence: Vec<Value> = described
        .evidence
        .iter()
        .map(|e| json!({"item": e.item, "value": e.value, "confidence": e.confidence.to_string(), "why": e.why}))
        .collect();
    let mut document = json!({
        "connector": described.connector,
        "unit": described.unit.as_str(),
        "header": described.header,
        "preamble": described.preamble,
        "weakest": described.evidence.weakest().map(|e| e.item),
        "evidence": evidence,
    });
    if let (Some(text), Some(members)) = (&described.dialect, document.as_object_mut()) {
        let own = [
            ("encoding", json!(text.encoding.name())),
            ("delimiter", json!(char::from(text.delimiter).to_string())),
            ("quote", json!(text.quote.map(|q| char::from(q).to_string()))),
            ("escape", json!(text.escape.to_string())),
            ("line_ending", json!(text.line_ending.to_string())),
            ("compression", json!(text.compression.to_string())),
        ];
        members.extend(own.map(|(name, value)| (name.to_owned(), value)));
    }
    document
}

fn mapping(matched: &Matched, headers: &[String]) -> Value {
    let HeaderMatch { assignments, unmapped, errors, is_error_report, .. } = &matched.headers;
    let fields: Map<String, Value> = assignments
        .iter()
        .map(|a| {
            let from: Vec<&String> = a.columns.iter().filter_map(|&c| headers.get(c)).collect();
            (a.field.clone(), json!(from))
        })
        .collect();
    let unmapped: Vec<Value> = unmapped
        .iter()
        .map(|u| json!({"column": u.index + 1, "header": u.header, "why": u.why.to_string(), "near": u.near}))
        .collect();
    let errors: Vec<Value> = errors
        .iter()
        .map(|e| json!({"code": e.error_code(), "message": e.to_string(), "help": e.advice()}))
        .collect();
    json!({
        "entity": matched.entity,
        "fields": fields,
        "unmapped": unmapped,
        "is_error_report": is_error_report,
        "errors": errors,
    })
}

fn reject(reject: &Reject, encoding: CsvEncoding) -> Value {
    json!({
        "line": reject.line_number,
        "lines": reject.line_count,
        "byte_offset": reject.byte_offset,
        "code": reject.code.as_str(),
        "reason": reject.reason,
        "hint": reject.hint,
        "raw": encoding.text(&reject.raw),
    })
}
