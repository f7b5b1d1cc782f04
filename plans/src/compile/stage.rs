//! stage: source columns → mapping → contract types → keys and checksum.
//!
//! The SQL is four nested selects, one per arrow. The mapping is the engineer's own file; the rest follows from the
//! contract: the type of a field says how its text is read, and text that cannot be read as its type stays beside it
//! as `<field>_unparsed`, so that nothing is lost and the rules can speak about it.

use std::fmt::Write as _;

use super::ident::{ident, literal};
use super::shape::{FieldKind, FieldShape, SetKind, Shape};

/// Where the text of a contract field comes from in one file: the columns of `landed`, first one first.
pub type Columns<'a> = [(&'a str, Vec<&'a str>)];

/// The canonical text view of one landed file: every contract field by its name, unmatched columns by their own.
pub fn landed_sql(shape: &Shape, table: &str, columns: &Columns<'_>, unmapped: &[&str]) -> String {
    let mut parts = vec!["l.sequence_number".to_owned(), "l.line_number".to_owned()];
    for field in &shape.fields {
        let sources =
            columns.iter().find(|(name, _)| *name == field.name).map(|(_, c)| c.as_slice()).unwrap_or(&[]);
        parts.push(format!("{} AS {}", source_text(shape, field, columns, sources), ident(&field.name)));
    }
    for column in unmapped {
        if shape.field(column).is_none() {
            parts.push(format!("l.{0} AS {0}", ident(column)));
        }
    }
    format!("SELECT {}\n  FROM {} l", parts.join(",\n         "), ident(table))
}

/// One column is taken as it is. Several columns of one single value field: the first that is not blank. The others
/// go to the list field of the same set (`E-Mail`, `E-Mail 2` → `email`, `alternate_emails`).
fn source_text(shape: &Shape, field: &FieldShape, columns: &Columns<'_>, sources: &[&str]) -> String {
    let cell = |c: &&str| format!("l.{}", ident(c));
    let more: Vec<String> = if field.is_list() {
        let primary = field.set.as_ref().and_then(|set| shape.primary_of(set));
        let extra = primary
            .and_then(|p| columns.iter().find(|(name, _)| *name == p.name))
            .map(|(_, c)| c.get(1..).unwrap_or(&[]).iter().map(cell).collect::<Vec<_>>())
            .unwrap_or_default();
        sources.iter().map(cell).chain(extra).collect()
    } else {
        sources.iter().map(cell).collect()
    };
    match more.as_slice() {
        [] => "CAST(NULL AS VARCHAR)".to_owned(),
        [one] => one.clone(),
        several if field.is_list() => {
            let cleaned: Vec<_> = several.iter().map(|c| format!("clean_text({c})")).collect();
            format!("nullif(concat_ws(',', {}), '')", cleaned.join(", "))
        }
        several => {
            let cleaned: Vec<_> = several.iter().map(|c| format!("clean_text({c})")).collect();
            format!("coalesce({})", cleaned.join(", "))
        }
    }
}

/// The whole of stage for one landed file.
pub fn stage_sql(shape: &Shape, mapping: &str, landed: &str) -> String {
    let mut sql = String::new();
    let _ = write!(
        sql,
        "WITH landed AS (\n  {landed}\n), mapped AS (\n{}\n), typed AS (\n  SELECT {}\n  FROM mapped m\n), keyed AS (\n  SELECT {}\n  FROM typed t\n)\nSELECT {}\nFROM keyed",
        mapping.trim().trim_end_matches(';'),
        typed_columns(shape).join(",\n         "),
        keyed_columns(shape).join(",\n         "),
        staged_columns(shape).join(",\n       "),
    );
    sql
}

/// How text becomes the contract's type.
fn typed(shape: &Shape, field: &FieldShape) -> String {
    let text = format!("m.{}", ident(&field.name));
    let region = || match &field.region {
        Some(r) if shape.field(r).is_some() => {
            format!("coalesce(country_code(m.{}), $default_region)", ident(r))
        }
        _ => "$default_region".to_owned(),
    };
    match field.kind {
        FieldKind::Text => format!("clean_text({text})"),
        FieldKind::Name => format!("name_clean({text})"),
        FieldKind::Email => format!("email_clean({text})"),
        FieldKind::EmailList => format!("email_list({text})"),
        FieldKind::Phone => format!("phone_e164({text}, {})", region()),
        FieldKind::PhoneList => format!("phone_list({text}, {})", region()),
        FieldKind::Date => format!("parse_date({text}, $date_order)"),
        FieldKind::Timestamp => format!("parse_timestamp({text}, $date_order, $time_zone)"),
        FieldKind::Integer => format!("parse_integer({text})"),
        FieldKind::Boolean => format!("parse_boolean({text})"),
        FieldKind::Country => format!("country_code({text})"),
    }
}

fn typed_columns(shape: &Shape) -> Vec<String> {
    let mut columns = vec!["m.sequence_number".to_owned()];
    for field in &shape.fields {
        columns.push(format!("{} AS {}", typed(shape, field), ident(&field.name)));
        if field.kind.can_fail() {
            columns.push(format!("m.{} AS {}", ident(&field.name), ident(&format!("{}_text", field.name))));
        }
    }
    columns
}

fn keyed_columns(shape: &Shape) -> Vec<String> {
    let mut columns = vec!["t.sequence_number".to_owned()];
    for field in &shape.fields {
        let name = ident(&field.name);
        columns.push(format!("{} AS {name}", first_value(shape, field)));
        if field.kind.can_fail() {
            columns.push(format!(
                "{} AS {}",
                unparsed(shape, field),
                ident(&format!("{}_unparsed", field.name))
            ));
        }
    }
    columns.extend(shape.sets.iter().map(|set| {
        let primary =
            shape.primary_of(&set.name).map_or("CAST(NULL AS VARCHAR)".to_owned(), |f| first_value(shape, f));
        let list = shape.list_of(&set.name).map_or("NULL".to_owned(), |f| format!("t.{}", ident(&f.name)));
        let function = match set.kind {
            SetKind::Email => "email_set",
            SetKind::Phone => "phone_set",
        };
        let main = shape
            .primary_of(&set.name)
            .map_or("false".to_owned(), |f| format!("t.{} IS NOT NULL", ident(&f.name)));
        format!(
            "{function}({primary}, {list}) AS {}, {main} AS {}",
            ident(&set.name),
            ident(&main_column(&set.name))
        )
    }));
    let name_key = |field: &Option<String>, function: &str| {
        field.as_ref().map_or("CAST(NULL AS VARCHAR)".to_owned(), |f| format!("{function}(t.{})", ident(f)))
    };
    columns.push(format!("{} AS given_key", name_key(&shape.given, "given_key")));
    columns.push(format!("{} AS family_key", name_key(&shape.family, "family_key")));
    let role = |r: &Option<String>| r.as_ref().map(|f| format!("t.{}", ident(f)));
    columns.push(match role(&shape.roles.external_system) {
        Some(c) => format!("coalesce({c}, $external_system) AS link_system"),
        None => "$external_system AS link_system".to_owned(),
    });
    let stated: Vec<String> =
        [&shape.roles.source_updated_at, &shape.roles.deleted_at].into_iter().filter_map(role).collect();
    // More than a day ahead of the landing is a clock that is wrong: it must not win for ever.
    columns.push(match stated.as_slice() {
        [] => "$landed_at AS effective_at".to_owned(),
        some => {
            let stated = format!("coalesce({})", some.join(", "));
            format!(
                "CASE WHEN {stated} > $latest_at THEN $landed_at ELSE coalesce({stated}, $landed_at) END AS effective_at"
            )
        }
    });
    columns
}

/// The column that says whether the main cell of a set was filled: a key that stands in for it matches more carefully.
pub(super) fn main_column(set: &str) -> String {
    format!("{set}_main")
}

/// Where the main cell of a set is empty, the first of the others is the main value.
fn first_value(shape: &Shape, field: &FieldShape) -> String {
    let value = format!("t.{}", ident(&field.name));
    let list = field.set.as_ref().filter(|_| field.primary).and_then(|set| shape.list_of(set));
    let empty = if field.kind.can_fail() {
        format!("clean_text(t.{}) IS NULL", ident(&format!("{}_text", field.name)))
    } else {
        format!("{value} IS NULL")
    };
    match list {
        Some(list) => format!("CASE WHEN {empty} THEN t.{}[1] ELSE {value} END", ident(&list.name)),
        None => value,
    }
}

/// The region of a phone number, after the country was read.
fn typed_region(shape: &Shape, field: &FieldShape) -> String {
    match &field.region {
        Some(r) if shape.field(r).is_some() => format!("coalesce(t.{}, $default_region)", ident(r)),
        _ => "$default_region".to_owned(),
    }
}

/// The text that could not be read, and nothing otherwise.
fn unparsed(shape: &Shape, field: &FieldShape) -> String {
    let (value, text) =
        (format!("t.{}", ident(&field.name)), format!("t.{}", ident(&format!("{}_text", field.name))));
    match field.kind {
        FieldKind::EmailList => format!("email_list_unparsed({text})"),
        FieldKind::PhoneList => format!("phone_list_unparsed({text}, {})", typed_region(shape, field)),
        _ => format!("CASE WHEN {value} IS NULL THEN clean_text({text}) END"),
    }
}

fn staged_columns(shape: &Shape) -> Vec<String> {
    let mut columns = vec!["sequence_number".to_owned()];
    for field in &shape.fields {
        columns.push(ident(&field.name));
        if field.kind.can_fail() {
            columns.push(ident(&format!("{}_unparsed", field.name)));
        }
    }
    columns.extend(shape.sets.iter().flat_map(|s| [ident(&s.name), ident(&main_column(&s.name))]));
    columns.extend(["given_key", "family_key", "effective_at"].map(str::to_owned));
    columns.push("link_system".to_owned());
    // Without an id, the link is what the row says of itself: system, keys and names. Without a key there is none.
    let keys: Vec<String> = shape.sets.iter().map(|s| format!("primary_key({})", ident(&s.name))).collect();
    let any_key = match keys.len() {
        0 => "NULL".to_owned(),
        1 => keys[0].clone(),
        _ => format!("coalesce({})", keys.join(", ")),
    };
    let hash = format!(
        "'~' || encode(row_checksum(link_system, {}), 'hex')",
        keys.iter().cloned().chain(["given_key".into(), "family_key".into()]).collect::<Vec<_>>().join(", ")
    );
    match &shape.roles.external_id {
        Some(id) => {
            let id = ident(id);
            columns
                .push(format!("coalesce({id}, CASE WHEN {any_key} IS NOT NULL THEN {hash} END) AS link_id"));
            columns.push(format!("{id} IS NULL AS is_synthetic"));
        }
        None => {
            columns.push(format!("CASE WHEN {any_key} IS NOT NULL THEN {hash} END AS link_id"));
            columns.push("true AS is_synthetic".to_owned());
        }
    }
    columns.push(format!("{} AS is_delete", delete_flag(shape)));
    columns.push(format!("row_checksum({}) AS checksum", checksum_columns(shape).join(", ")));
    columns
}

fn delete_flag(shape: &Shape) -> String {
    let mut parts = Vec::new();
    if let Some(f) = &shape.roles.is_deleted {
        parts.push(ident(f));
    }
    if let Some(f) = &shape.roles.deleted_at {
        parts.push(match &shape.roles.is_deleted {
            Some(flag) => format!("({} IS NULL AND {} IS NOT NULL)", ident(flag), ident(f)),
            None => format!("{} IS NOT NULL", ident(f)),
        });
    }
    if parts.is_empty() { "false".to_owned() } else { format!("coalesce({}, false)", parts.join(" OR ")) }
}

/// What makes a row differ from what was loaded for its link: its contents, not when it was written. Two exports of
/// one unchanged record have one checksum.
fn checksum_columns(shape: &Shape) -> Vec<String> {
    let mut columns: Vec<String> = shape.core_fields().map(|f| ident(&f.name)).collect();
    columns.extend(shape.sets.iter().map(|s| format!("set_keys({})", ident(&s.name))));
    for role in [&shape.roles.is_deleted, &shape.roles.deleted_at, &shape.roles.deleted_reason] {
        columns.extend(role.iter().map(|f| ident(f)));
    }
    columns.push(literal(&shape.entity));
    columns
}
