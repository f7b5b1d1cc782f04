//! stage: source columns → mapping → contract types → keys and checksum.
//!
//! The SQL is four nested selects, one per arrow. The mapping is the engineer's own file; the rest follows from the
//! contract: the type of a field says how its text is read, and text that cannot be read as its type stays beside it
//! as `<field>_unparsed`, so that nothing is lost and the rules can speak about it.

use std::fmt::Write as _;

pub use super::columns::Columns;
use super::columns::{extension_column, guarded_column, main_column, told_column};
use super::ident::{ident, literal};
use super::kinds::SetKind;
use super::kinds::{FieldKind, number_problem, unread_of_list};
pub use super::landed::landed_sql;
use super::landed::{LATEST_DAY, mapped};
use super::matching::{extended_fields, field_keys, generation, key_text, strength};
use super::references;
use super::shape::{FieldShape, Shape};
use super::texts::FileTexts;

/// The whole of stage for one landed file.
pub fn stage_sql(shape: &Shape, mapping: &str, landed: &str, texts: &FileTexts) -> String {
    let mut sql = String::new();
    let _ = write!(
        sql,
        "{}, typed AS (\n  SELECT {}\n  FROM mapped m{}\n), keyed AS (\n  SELECT {}\n  FROM typed t\n)\nSELECT {}\nFROM keyed",
        mapped(mapping, landed),
        typed_columns(shape, texts).join(",\n         "),
        references::joins(shape, texts),
        keyed_columns(shape, texts).join(",\n         "),
        staged_columns(shape).join(",\n       "),
    );
    sql
}

/// How text becomes the contract's type.
fn typed(shape: &Shape, field: &FieldShape, texts: &FileTexts) -> String {
    let mut text = format!("m.{}", ident(&field.name));
    // Cells for numbers and addresses, and ids, have functions that know what spreadsheets put around them.
    if !field.kind.is_contact() && shape.roles.external_id.as_ref() != Some(&field.name) {
        text = format!("spreadsheet_unguard({text})");
    }
    let region = || mapped_region(shape, field);
    let how = texts.how(field);
    match field.kind {
        FieldKind::Id => format!("external_id_clean({text})"),
        FieldKind::Email => format!("email_clean({text})"),
        FieldKind::EmailList | FieldKind::PhoneList if main_of(shape, field).is_some() => {
            further(shape, field)
        }
        FieldKind::EmailList => format!("email_list({text})"),
        FieldKind::Phone => format!("phone_e164({text}, {})", region()),
        FieldKind::PhoneList => format!("phone_list({text}, {})", region()),
        FieldKind::Reference => {
            let [id, _] = references::found(field);
            id
        }
        FieldKind::Date => {
            let date = if field.past {
                format!("parse_date({text}, {}, {LATEST_DAY})", how.order)
            } else {
                field.read(&text, &how)
            };
            match field.first_day() {
                Some(first) => format!("CASE WHEN {date} >= {first} THEN {date} END"),
                None => date,
            }
        }
        _ => field.read(&text, &how),
    }
}

/// The region of a phone number, from the mapping's text. A country that cannot be read is none: the number of another
/// country would else be read as one of the default region, and ring a stranger.
fn mapped_region(shape: &Shape, field: &FieldShape) -> String {
    match &field.region {
        Some(r) if shape.field(r).is_some() => {
            let text = format!("m.{}", ident(r));
            format!(
                "coalesce(country_code(spreadsheet_unguard({text})), CASE WHEN clean_text({text}) IS NULL THEN $default_region END)"
            )
        }
        _ => "$default_region".to_owned(),
    }
}

/// The main field of the set that a list field belongs to.
fn main_of<'a>(shape: &'a Shape, list: &FieldShape) -> Option<&'a FieldShape> {
    list.set.as_ref().filter(|_| list.is_list()).and_then(|set| shape.primary_of(set))
}

/// The values of a list, behind those that stand behind the first in the main cell of its set.
fn further(shape: &Shape, list: &FieldShape) -> String {
    let main = main_of(shape, list).map_or("NULL".to_owned(), |main| format!("m.{}", ident(&main.name)));
    further_values(list.kind, &main, &format!("m.{}", ident(&list.name)), &mapped_region(shape, list))
}

fn further_values(kind: FieldKind, main: &str, others: &str, region: &str) -> String {
    match kind {
        FieldKind::Phone | FieldKind::PhoneList => format!("phone_further({main}, {others}, {region})"),
        _ => format!("email_further({main}, {others})"),
    }
}

/// The list of further values of a set without a list field.
fn further_column(set: &str) -> String {
    format!("{set}_further")
}

fn typed_columns(shape: &Shape, texts: &FileTexts) -> Vec<String> {
    let mut columns = vec!["m.sequence_number".to_owned()];
    for field in &shape.fields {
        columns.push(format!("{} AS {}", typed(shape, field, texts), ident(&field.name)));
        if field.kind.can_fail() || field.kind.is_contact() {
            columns.push(format!("m.{} AS {}", ident(&field.name), ident(&format!("{}_text", field.name))));
        }
        if field.kind == FieldKind::Reference {
            let [_, owners] = references::found(field);
            columns.push(format!("{owners} AS {}", references::owners_column(field)));
        }
    }
    for set in shape.sets.iter().filter(|set| shape.list_of(&set.name).is_none()) {
        if let Some(main) = shape.primary_of(&set.name) {
            let cell = format!("m.{}", ident(&main.name));
            columns.push(format!(
                "{} AS {}",
                further_values(main.kind, &cell, "NULL", &mapped_region(shape, main)),
                ident(&further_column(&set.name))
            ));
        }
    }
    columns
}

/// What is to be told of a cell for numbers or addresses; see `phone_note`, `email_note` and `number_problem`.
fn told(shape: &Shape, field: &FieldShape, texts: &FileTexts) -> Option<String> {
    let (value, text) =
        (format!("t.{}", ident(&field.name)), format!("t.{}", ident(&format!("{}_text", field.name))));
    match field.kind {
        FieldKind::Phone => Some(format!("phone_note({text}, {}, {value})", typed_region(shape, field))),
        FieldKind::PhoneList => {
            Some(format!("phone_note({text}, {}, {value}[1])", typed_region(shape, field)))
        }
        FieldKind::Email | FieldKind::EmailList => Some(format!("email_note({text})")),
        _ if field.value_kind() == FieldKind::Decimal => {
            let text = format!("spreadsheet_unguard({text})");
            let problem = number_problem(field.kind, &text, &field.options, &texts.how(field));
            Some(format!("CASE WHEN {value} IS NULL THEN {problem} END"))
        }
        FieldKind::Reference => {
            Some(format!("CASE WHEN t.{} > 1 THEN 'several' END", references::owners_column(field)))
        }
        _ => None,
    }
}

fn keyed_columns(shape: &Shape, texts: &FileTexts) -> Vec<String> {
    let mut columns = vec!["t.sequence_number".to_owned()];
    for field in &shape.fields {
        let name = ident(&field.name);
        columns.push(format!("{} AS {name}", first_value(shape, field)));
        if field.kind.can_fail() {
            columns.push(format!(
                "{} AS {}",
                unparsed(shape, field, texts),
                ident(&format!("{}_unparsed", field.name))
            ));
        }
        if let Some(told) = told(shape, field, texts) {
            columns.push(format!("{told} AS {}", ident(&told_column(&field.name))));
        }
        if field.kind == FieldKind::Id {
            // Compared with the cell itself: nearly all ids are as they stand there.
            let (value, text) =
                (format!("t.{name}"), format!("t.{}", ident(&format!("{}_text", field.name))));
            columns.push(format!(
                "CASE WHEN {value} <> {text} THEN {text} END AS {}",
                ident(&guarded_column(&field.name))
            ));
        }
    }
    columns.extend(extended_fields(shape).map(|main| {
        let text = ident(&format!("{}_text", main.name));
        let column = ident(&extension_column(&main.name));
        format!("phone_extension(t.{text}, {}) AS {column}", typed_region(shape, main))
    }));
    columns.extend(shape.sets.iter().map(|set| {
        let primary =
            shape.primary_of(&set.name).map_or("CAST(NULL AS VARCHAR)".to_owned(), |f| first_value(shape, f));
        let list = match (shape.list_of(&set.name), shape.primary_of(&set.name)) {
            (Some(list), _) => format!("t.{}", ident(&list.name)),
            (None, Some(_)) => format!("t.{}", ident(&further_column(&set.name))),
            (None, None) => "NULL".to_owned(),
        };
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
        Some(r) if shape.field(r).is_some_and(|r| r.kind == FieldKind::Country) => format!(
            "coalesce(t.{}, CASE WHEN clean_text(t.{}) IS NULL THEN $default_region END)",
            ident(r),
            ident(&format!("{r}_text"))
        ),
        Some(r) if shape.field(r).is_some() => format!(
            "coalesce(country_code(t.{0}), CASE WHEN clean_text(t.{0}) IS NULL THEN $default_region END)",
            ident(r)
        ),
        _ => "$default_region".to_owned(),
    }
}

/// The text that could not be read, and nothing otherwise.
fn unparsed(shape: &Shape, field: &FieldShape, texts: &FileTexts) -> String {
    let (value, text) =
        (format!("t.{}", ident(&field.name)), format!("t.{}", ident(&format!("{}_text", field.name))));
    match field.kind {
        FieldKind::EmailList => format!("email_list_unparsed({text})"),
        FieldKind::PhoneList => format!("phone_list_unparsed({text}, {})", typed_region(shape, field)),
        FieldKind::List => {
            let text = format!("spreadsheet_unguard({text})");
            let unread = unread_of_list(&text, &field.options, &texts.how(field));
            format!("CASE WHEN {value} IS NULL THEN {unread} END")
        }
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
        if field.is_told() {
            columns.push(ident(&told_column(&field.name)));
        }
        if field.kind == FieldKind::Id {
            columns.push(ident(&guarded_column(&field.name)));
        }
    }
    columns.extend(extended_fields(shape).map(|main| ident(&extension_column(&main.name))));
    columns.extend(shape.sets.iter().flat_map(|s| [ident(&s.name), ident(&main_column(&s.name))]));
    columns.extend(["given_key", "family_key", "effective_at"].map(str::to_owned));
    columns.push("link_system".to_owned());
    // Without an id, the link is what the row says of itself: system, keys and names. Without a key there is none, and
    // what stands in for one ("none@…") is none.
    let keys: Vec<String> = shape.sets.iter().map(|s| format!("primary_key({})", ident(&s.name))).collect();
    let says = shape.sets.iter().zip(&keys).map(|(set, key)| {
        format!(
            "coalesce({} <> 'none', false) OR coalesce(cardinality({}) > 1, false)",
            strength(set, key),
            ident(&set.name)
        )
    });
    let natural: Vec<String> = field_keys(shape).map(|(key, _)| key_text(key, "keyed")).collect();
    let says = says.chain(natural.iter().map(|key| format!("({key}) IS NOT NULL")));
    let any_key = match says.collect::<Vec<_>>() {
        none if none.is_empty() => "false".to_owned(),
        some => some.join(" OR "),
    };
    // Father and son of one name at one address are told apart by what else is known of them.
    let column = |field: &Option<String>| field.as_ref().map(|f| ident(f));
    let names = (column(&shape.family), column(&shape.given));
    let bearer = column(&shape.born)
        .into_iter()
        .chain(names.0.is_some().then(|| generation(names.0.as_deref(), names.1.as_deref())));
    let hash = format!(
        "'~' || encode(row_checksum(link_system, {}), 'hex')",
        keys.iter()
            .cloned()
            .chain(["given_key".into(), "family_key".into()])
            .chain(bearer)
            .chain(natural)
            .collect::<Vec<_>>()
            .join(", ")
    );
    match &shape.roles.external_id {
        Some(id) => {
            let id = ident(id);
            columns.push(format!("coalesce({id}, CASE WHEN {any_key} THEN {hash} END) AS link_id"));
            columns.push(format!("{id} IS NULL AS is_synthetic"));
        }
        None => {
            columns.push(format!("CASE WHEN {any_key} THEN {hash} END AS link_id"));
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
