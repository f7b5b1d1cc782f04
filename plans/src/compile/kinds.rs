//! What a field's type means to each step: how its text is read, its Arrow type, how a value is shown, and how findings call
//! it. A new type is a line in each of these.

use super::ident::literal;
use super::typed::TIME;
use crate::project::{DurationUnit, FieldType, TypeOptions};

/// How the text of a field is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    /// The external id, without what spreadsheets wrap around it.
    Id,
    Name,
    Email,
    EmailList,
    Phone,
    PhoneList,
    Date,
    Timestamp,
    Integer,
    Boolean,
    Country,
    Decimal,
    /// A time of day.
    Time,
    /// Whole seconds.
    Duration,
    Url,
    Enum,
    /// In its one spelling.
    Json,
    Uuid,
    /// Several values of another kind ([`KindOptions::item`]).
    List,
    /// The core id of a record of another entity, found by a text; see [`super::references`].
    Reference,
}

impl FieldKind {
    /// Text of this kind can be unreadable; an e-mail address stays text, so its rule can speak about it.
    pub fn can_fail(self) -> bool {
        !matches!(self, Self::Text | Self::Name | Self::Email)
    }

    /// The further values of a set in one cell.
    pub fn is_list(self) -> bool {
        matches!(self, Self::EmailList | Self::PhoneList)
    }

    /// A telephone number or an e-mail address: a cell may hold several, and words beside them.
    pub fn is_contact(self) -> bool {
        matches!(self, Self::Email | Self::EmailList | Self::Phone | Self::PhoneList)
    }

    /// A day, with or without a time.
    pub fn is_dated(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }

    /// The store may have a type of its own for it, which Arrow does not have or writes in another way.
    pub fn is_of_own_type(self) -> bool {
        matches!(self, Self::Decimal | Self::Time | Self::Enum | Self::Json | Self::Uuid | Self::List)
    }

    /// The kind of its cells, as the functions over cells know it.
    pub(super) fn cell(self) -> &'static str {
        match self {
            Self::Text | Self::Id | Self::List | Self::Reference => "text",
            Self::Name => "name",
            Self::Email | Self::EmailList => "email",
            Self::Phone | Self::PhoneList => "phone",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Country => "country",
            Self::Decimal => "decimal",
            Self::Time | Self::Duration | Self::Url | Self::Enum | Self::Json | Self::Uuid => "coded",
        }
    }
}

/// What a kind has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindOptions {
    /// Digits of a decimal, and how many of them stand behind the point.
    pub precision: u8,
    pub scale: u8,
    /// What a number alone counts, of a duration.
    pub unit: Option<&'static str>,
    /// The values of an enum with their spellings, as `enum_value` takes them.
    pub values: String,
    /// The kind of the values of a list.
    pub item: FieldKind,
    /// The characters that stand between them.
    pub separators: String,
}

/// How the cells of a field in one file are to be read, where they alone do not say.
pub(super) struct How<'a> {
    /// The order of dates, as SQL.
    pub(super) order: &'a str,
    /// What stands before decimals: a word of `parse_decimal`.
    pub(super) format: &'a str,
    /// The characters between the values of a list.
    pub(super) separators: &'a str,
}

/// The function that reads a scalar kind, and its arguments behind the text.
fn reader(kind: FieldKind, options: &KindOptions, how: &How<'_>) -> (&'static str, Vec<String>) {
    match kind {
        FieldKind::Name => ("name_clean", Vec::new()),
        FieldKind::Date => ("parse_date", vec![how.order.to_owned()]),
        FieldKind::Timestamp => ("parse_timestamp", vec![how.order.to_owned(), "$time_zone".to_owned()]),
        FieldKind::Integer => ("parse_integer", Vec::new()),
        FieldKind::Boolean => ("parse_boolean", Vec::new()),
        FieldKind::Country => ("country_code", Vec::new()),
        FieldKind::Decimal => ("parse_decimal", digits(options, how)),
        FieldKind::Time => ("parse_time", Vec::new()),
        FieldKind::Duration => ("parse_duration", options.unit.iter().map(|unit| literal(unit)).collect()),
        FieldKind::Url => ("url_clean", Vec::new()),
        FieldKind::Enum => ("enum_value", vec![literal(&options.values)]),
        FieldKind::Json => ("json_canonical", Vec::new()),
        FieldKind::Uuid => ("uuid_clean", Vec::new()),
        // Contacts, ids and lists are read by functions of their own.
        _ => ("clean_text", Vec::new()),
    }
}

fn digits(options: &KindOptions, how: &How<'_>) -> Vec<String> {
    vec![options.precision.to_string(), options.scale.to_string(), literal(how.format)]
}

/// A scalar value, or a list of them, from text.
pub(super) fn read(kind: FieldKind, text: &str, options: &KindOptions, how: &How<'_>) -> String {
    if kind == FieldKind::List {
        return list_call("list_of", text, options, how);
    }
    let (function, arguments) = reader(kind, options, how);
    let all: Vec<String> = std::iter::once(text.to_owned()).chain(arguments).collect();
    format!("{function}({})", all.join(", "))
}

/// The values of a list that cannot be read.
pub(super) fn unread_of_list(text: &str, options: &KindOptions, how: &How<'_>) -> String {
    list_call("list_of_unparsed", text, options, how)
}

fn list_call(function: &str, text: &str, options: &KindOptions, how: &How<'_>) -> String {
    let (reads, arguments) = reader(options.item, options, how);
    let mut all = vec![text.to_owned(), literal(how.separators), literal(reads)];
    all.extend(arguments);
    format!("{function}({})", all.join(", "))
}

/// Why a number cannot be read, or those of a list, in one word.
pub(super) fn number_problem(kind: FieldKind, text: &str, options: &KindOptions, how: &How<'_>) -> String {
    if kind == FieldKind::List {
        return list_call("list_of_problem", text, options, how);
    }
    format!("number_problem({text}, {})", digits(options, how).join(", "))
}

/// The Arrow name of the type that values of a kind have.
pub(super) fn type_name(kind: FieldKind, options: &KindOptions) -> String {
    match kind {
        FieldKind::Date => "Date32".to_owned(),
        FieldKind::Timestamp => TIME.to_owned(),
        FieldKind::Integer | FieldKind::Duration | FieldKind::Reference => "Int64".to_owned(),
        FieldKind::Boolean => "Boolean".to_owned(),
        FieldKind::Decimal => format!("Decimal128({}, {})", options.precision, options.scale),
        FieldKind::Time => "Time64(µs)".to_owned(),
        FieldKind::List => format!("List({})", type_name(options.item, options)),
        _ => "Utf8".to_owned(),
    }
}

/// A value of the store in the type that it has here. What has no type of its own there comes as text.
pub(super) fn from_store(kind: FieldKind, value: &str, options: &KindOptions) -> String {
    match kind {
        FieldKind::Date => format!("CAST({value} AS DATE)"),
        FieldKind::Timestamp => format!("arrow_cast({value}, 'Timestamp(Microsecond, Some(\"UTC\"))')"),
        FieldKind::Integer | FieldKind::Duration | FieldKind::Reference => {
            format!("CAST({value} AS BIGINT)")
        }
        FieldKind::Boolean => format!("CAST({value} AS BOOLEAN)"),
        FieldKind::Decimal | FieldKind::Time => {
            format!("arrow_cast(CAST({value} AS VARCHAR), {})", literal(&type_name(kind, options)))
        }
        FieldKind::Json => format!("json_canonical(CAST({value} AS VARCHAR))"),
        FieldKind::List => {
            format!("json_list(CAST({value} AS VARCHAR), {})", literal(&type_name(options.item, options)))
        }
        _ => format!("CAST({value} AS VARCHAR)"),
    }
}

/// A value as people see it.
pub(super) fn shown(kind: FieldKind, value: &str) -> String {
    match kind {
        FieldKind::EmailList | FieldKind::PhoneList => format!("array_to_string({value}, ', ')"),
        FieldKind::List => format!("cell_text({value})"),
        _ => format!("CAST({value} AS VARCHAR)"),
    }
}

/// What a value is, for a sentence.
pub(super) fn word(kind: FieldKind, options: &KindOptions) -> String {
    match kind {
        FieldKind::Date => "a date",
        FieldKind::Timestamp => "a date and time",
        FieldKind::Integer => "a whole number",
        FieldKind::Boolean => "yes or no",
        FieldKind::Country => "a country",
        FieldKind::Phone => "a phone number",
        FieldKind::PhoneList => "a list of phone numbers",
        FieldKind::EmailList => "a list of e-mail addresses",
        FieldKind::Id => "an id",
        FieldKind::Decimal => "a number",
        FieldKind::Time => "a time of day",
        FieldKind::Duration => "a length of time",
        FieldKind::Url => "the address of a page",
        FieldKind::Enum => "one of its values",
        FieldKind::Json => "JSON",
        FieldKind::Uuid => "a UUID",
        FieldKind::Reference => "a record",
        FieldKind::List => return format!("a list, each value {}", word(options.item, options)),
        FieldKind::Text | FieldKind::Name | FieldKind::Email => "text",
    }
    .to_owned()
}

/// What to write instead.
pub(super) fn hint(kind: FieldKind, options: &KindOptions) -> String {
    match kind {
        FieldKind::Date => "write YYYY-MM-DD",
        FieldKind::Timestamp => "write YYYY-MM-DDTHH:MM:SSZ",
        FieldKind::Integer => "write digits only",
        FieldKind::Boolean => "write yes or no",
        FieldKind::Country => "write a two-letter code such as DE, or the country's name",
        FieldKind::Phone | FieldKind::PhoneList => {
            "write numbers with their country code, such as +49 30 901820"
        }
        FieldKind::EmailList => "write addresses like anna@example.org, with commas between",
        FieldKind::Id => "write the id as its source has it, or leave the cell empty",
        FieldKind::Decimal => "write the number alone, such as 1234.50",
        FieldKind::Time => "write HH:MM, such as 14:30",
        FieldKind::Duration if options.unit.is_some() => "write H:MM, such as 1:30, or the number alone",
        FieldKind::Duration => "write H:MM, such as 1:30, or the number with its unit: 90 min, 1.5 h",
        FieldKind::Url => "write the whole address, such as https://example.org/page",
        FieldKind::Enum => "write one of the values of the field",
        FieldKind::Json => "write JSON, such as {\"size\": \"M\"}, each name once",
        FieldKind::Uuid => "write 32 hexadecimal digits, such as f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        FieldKind::List => {
            let marks: Vec<String> = options.separators.chars().map(mark).collect();
            return format!("between values stands {}; {}", marks.join(" or "), hint(options.item, options));
        }
        FieldKind::Text | FieldKind::Name | FieldKind::Email | FieldKind::Reference => "check the value",
    }
    .to_owned()
}

fn mark(separator: char) -> String {
    match separator {
        '\n' => "a line break".to_owned(),
        ' ' => "a blank".to_owned(),
        other => format!("\"{other}\""),
    }
}

/// The kind of a type.
pub(super) fn kind_of(field_type: FieldType) -> FieldKind {
    match field_type {
        FieldType::Text => FieldKind::Text,
        FieldType::Name => FieldKind::Name,
        FieldType::Email => FieldKind::Email,
        FieldType::EmailList => FieldKind::EmailList,
        FieldType::Phone => FieldKind::Phone,
        FieldType::PhoneList => FieldKind::PhoneList,
        FieldType::Date => FieldKind::Date,
        FieldType::Timestamp => FieldKind::Timestamp,
        FieldType::Integer => FieldKind::Integer,
        FieldType::Boolean => FieldKind::Boolean,
        FieldType::Country => FieldKind::Country,
        FieldType::Decimal => FieldKind::Decimal,
        FieldType::Time => FieldKind::Time,
        FieldType::Duration => FieldKind::Duration,
        FieldType::Url => FieldKind::Url,
        FieldType::Enum => FieldKind::Enum,
        FieldType::Json => FieldKind::Json,
        FieldType::Uuid => FieldKind::Uuid,
        FieldType::List => FieldKind::List,
        FieldType::Reference => FieldKind::Reference,
    }
}

/// What its kind is told of the options of a type.
pub(super) fn kind_options(options: &TypeOptions) -> KindOptions {
    let values = options.values.iter().map(|c| (c.name.clone(), c.spellings.clone().into()));
    KindOptions {
        precision: options.precision,
        scale: options.scale,
        unit: options.unit.map(DurationUnit::as_str),
        values: serde_json::Value::Object(values.collect()).to_string(),
        item: options.of.map_or(FieldKind::Text, kind_of),
        separators: options.separators().to_owned(),
    }
}

/// How the keys of a set are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    Email,
    Phone,
}

impl SetKind {
    /// The kind of its values, as `key_strength` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}
