//! A preview as one JSON document.

use importer_connectors::csv::{Dialect, Reject};
use importer_plans::header::{HeaderMatch, WhyUnmapped};
use serde_json::{Map, Value, json};

use super::{Args, Looked, Matched};
use crate::failure::Failure;
use crate::screen;

/// Writes the document.
pub fn show(mut looked: Looked, args: &Args) -> Result<(), Failure> {
    let columns = looked.reader.headers().unique.clone();
    let mut rows = Vec::new();
    let read = looked.read(args.all, |line, cells| {
        let mut row = Map::new();
        row.insert("_line".to_owned(), line.into());
        for (name, cell) in columns.iter().zip(cells) {
            row.insert(name.clone(), cell.map_or(Value::Null, Value::from));
        }
        rows.push(Value::Object(row));
        Ok(())
    })?;
    let counts = read.counts;
    screen::print_json(&json!({
        "file": looked.name,
        "dialect": dialect(looked.reader.dialect()),
        "headers": looked.reader.headers().original,
        "columns": columns,
        "mapping": looked.matched.as_ref().map(|m| mapping(m, &looked.reader.headers().original)),
        "rows": rows,
        "rejects": read.rejects.iter().map(reject).collect::<Vec<_>>(),
        "counts": {
            "complete": read.complete,
            "records": counts.records,
            "rejected": counts.rejected,
            "blank": counts.blank,
            "repaired": counts.repaired,
            "padded": counts.padded,
            "lines": counts.lines,
        },
    }))
}

fn dialect(dialect: &Dialect) -> Value {
    let evidence: Vec<Value> = dialect
        .evidence
        .iter()
        .map(|e| json!({"item": e.item, "value": e.value, "confidence": e.confidence.to_string(), "why": e.why}))
        .collect();
    json!({
        "encoding": dialect.encoding.name(),
        "delimiter": char::from(dialect.delimiter).to_string(),
        "quote": dialect.quote.map(|q| char::from(q).to_string()),
        "escape": dialect.escape.to_string(),
        "line_ending": dialect.line_ending.to_string(),
        "compression": dialect.compression.to_string(),
        "header": dialect.header,
        "preamble": dialect.preamble,
        "weakest": dialect.weakest().map(|e| e.item),
        "evidence": evidence,
    })
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
        .map(|u| json!({"column": u.index + 1, "header": u.header, "why": why(&u.why), "near": u.near}))
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

fn why(why: &WhyUnmapped) -> String {
    match why {
        WhyUnmapped::Unknown => "unknown".to_owned(),
        WhyUnmapped::Empty => "no header".to_owned(),
        WhyUnmapped::Taken(field) => format!("{field} is taken from another column"),
    }
}

fn reject(reject: &Reject) -> Value {
    json!({
        "line": reject.line_number,
        "lines": reject.line_count,
        "byte_offset": reject.byte_offset,
        "code": reject.code.as_str(),
        "reason": reject.reason,
        "hint": reject.hint,
        "raw": String::from_utf8_lossy(&reject.raw),
    })
}
