//! What some types of fields have to be told beside their name. A reference is told how its record is found, which may be by a
//! field with a type and options of its own.

use importer_sql::functions::enum_key;

use super::decode::Reader;
use super::field_type::FieldType;
use super::patterns::SetPatterns;
use super::words::words;
use super::yaml::{Node, Value};

words! {
    /// What a number alone counts, of a duration.
    DurationUnit {
        Hours = "hours",
        Minutes = "minutes",
        Seconds = "seconds",
    }
}

/// One value of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumChoice {
    pub name: String,
    /// Other spellings of it.
    pub spellings: Vec<String>,
}

/// What a type is told beside its name.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeOptions {
    /// Digits of a decimal, and how many of them stand behind the point.
    pub precision: u8,
    pub scale: u8,
    pub unit: Option<DurationUnit>,
    /// The values of an enum, in their order.
    pub values: Vec<EnumChoice>,
    /// The type of the values of a list.
    pub of: Option<FieldType>,
    /// Characters, each of which stands between the values of a list.
    pub separator: Option<String>,
    /// Whose record a reference names.
    pub reference: Option<Reference>,
}

impl Default for TypeOptions {
    fn default() -> Self {
        Self {
            precision: PRECISION,
            scale: 0,
            unit: None,
            values: Vec::new(),
            of: None,
            separator: None,
            reference: None,
        }
    }
}

/// Digits of a decimal that says nothing else.
const PRECISION: u8 = 18;
/// Most digits that a decimal has.
const MOST_DIGITS: u64 = 38;

/// Between values stands what people put there; a comma may belong to a number, a date may hold a stroke.
const SEPARATORS: &str = ";,|\n";
const SEPARATORS_OF_NUMBERS: &str = ";|\n";

impl TypeOptions {
    /// The characters between the values of a list.
    pub fn separators(&self) -> &str {
        let usual = match self.of {
            Some(FieldType::Decimal | FieldType::Duration) => SEPARATORS_OF_NUMBERS,
            _ => SEPARATORS,
        };
        self.separator.as_deref().unwrap_or(usual)
    }

    /// The options of a field of this type; those of another type are errors.
    pub(super) fn read(map: &Reader<'_>, field_type: FieldType) -> Self {
        let of = read_of(map, field_type);
        let read = of.unwrap_or(field_type);
        let (precision, scale) = read_digits(map, read);
        let options = Self {
            precision,
            scale,
            unit: map.word("unit", DurationUnit::WORDS),
            values: read_values(map),
            of,
            separator: map.text("separator"),
            reference: Reference::read(map, field_type),
        };
        for (key, given, fits, needs) in [
            ("precision", map.node("precision").is_some(), read == FieldType::Decimal, "decimal"),
            ("scale", map.node("scale").is_some(), read == FieldType::Decimal, "decimal"),
            ("unit", options.unit.is_some(), read == FieldType::Duration, "duration"),
            ("values", map.node("values").is_some(), read == FieldType::Enum, "enum"),
            ("of", of.is_some(), field_type == FieldType::List, "list"),
            ("separator", options.separator.is_some(), field_type == FieldType::List, "list"),
        ] {
            if given && !fits {
                let message = format!("`{key}` belongs to a field of type {needs}");
                map.report(
                    map.error(map.span_of(key), "PRJ0013", message)
                        .help(format!("leave out `{key}`, or write another `type`")),
                );
            }
        }
        if read == FieldType::Enum && map.node("values").is_none() {
            map.missing("values");
        }
        if options.separator.as_ref().is_some_and(|text| text.is_empty() || text.contains(['"', '['])) {
            map.report(
                map.error(map.span_of("separator"), "PRJ0013", "this cannot stand between values").help(
                    "write the characters that do, such as `separator: \"/\"`; quotes and brackets enclose values",
                ),
            );
        }
        options
    }
}

fn read_of(map: &Reader<'_>, field_type: FieldType) -> Option<FieldType> {
    if field_type == FieldType::List && map.node("of").is_none() {
        map.missing("of");
    }
    let of = map.word("of", FieldType::WORDS)?;
    if let Some(instead) = of.unfit_for_lists() {
        let message = format!("a list cannot hold values of type {}", of.as_str());
        map.report(map.error(map.span_of("of"), "PRJ0013", message).help(instead));
    }
    Some(of)
}

fn read_digits(map: &Reader<'_>, field_type: FieldType) -> (u8, u8) {
    let precision = map.whole("precision", 1);
    let scale = map.whole("scale", 0);
    if field_type == FieldType::Decimal && map.node("scale").is_none() {
        map.missing("scale");
    }
    let (digits, decimals) = (precision.unwrap_or(PRECISION.into()), scale.unwrap_or(0));
    if digits > MOST_DIGITS || decimals > digits {
        let key = if digits > MOST_DIGITS { "precision" } else { "scale" };
        map.report(
            map.error(
                map.span_of(key),
                "PRJ0013",
                "a decimal has at most 38 digits, and no more of them behind the point",
            )
            .help("write for example `precision: 18` and `scale: 2`"),
        );
        return (PRECISION, 0);
    }
    (u8::try_from(digits).unwrap_or(PRECISION), u8::try_from(decimals).unwrap_or(0))
}

/// `values: [new, won]`, or each with its other spellings: `values: {new: [neu], won: []}`.
fn read_values(map: &Reader<'_>) -> Vec<EnumChoice> {
    let mut choices: Vec<EnumChoice> = Vec::new();
    let Some(node) = map.node("values") else { return choices };
    let mut known: Vec<(String, String)> = Vec::new();
    let mut claim = |spelling: &str, of: &str, is_name: bool, span| {
        let key = enum_key(spelling);
        let other = known.iter().find(|(known, _)| *known == key).map(|(_, other)| other.clone());
        match other {
            Some(other) if other != of || is_name => map.report(
                map.error(span, "PRJ0010", format!("`{spelling}` means both `{other}` and `{of}`")).help(
                    "keep it with one of the two; case, blanks, hyphens and underscores make no difference",
                ),
            ),
            Some(_) => {}
            None if key.is_empty() => map.report(
                map.error(span, "PRJ0004", format!("`{spelling}` cannot be a value"))
                    .help("write a word, with a letter or a digit in it"),
            ),
            None => known.push((key, of.to_owned())),
        }
    };
    match &node.value {
        Value::Map(entries) => {
            for (name, _) in entries {
                claim(&name.name, &name.name, true, name.span);
            }
            for (name, node) in entries {
                let spellings = map.items(&name.name, node);
                for (spelling, span) in &spellings {
                    claim(spelling, &name.name, false, *span);
                }
                let spellings = spellings.into_iter().map(|(spelling, _)| spelling).collect();
                choices.push(EnumChoice { name: name.name.clone(), spellings });
            }
        }
        _ => {
            for (name, span) in map.items("values", node) {
                claim(&name, &name, true, span);
                choices.push(EnumChoice { name, spellings: Vec::new() });
            }
        }
    }
    if choices.is_empty() {
        none_given(map, node);
    }
    choices
}

fn none_given(map: &Reader<'_>, node: &Node) {
    map.report(map.error(node.span, "PRJ0013", "`values` is empty: no text could be read").help(
        "write `values: [new, won]`, or each with its other spellings: `values: {new: [neu], won: []}`",
    ));
}

/// What a field of type reference is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The entity whose records it names.
    pub to: String,
    /// What its text may be, in the order in which it is tried: `external_id`, `core_id`, a set or a field of that entity.
    pub by: Vec<String>,
    /// The namespace of its external ids, where it is not that of the row.
    pub system: Option<String>,
    /// Where the records stand; `None` until the project is read as a whole, and in one that has errors.
    pub target: Option<ReferenceTarget>,
}

/// The core table of another entity, and how its records are found.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceTarget {
    pub table: String,
    /// Its column with the core id.
    pub id_column: String,
    /// Its rows say whose they are.
    pub has_tenant: bool,
    /// One for each word of `by`.
    pub ways: Vec<ReferenceWay>,
}

/// How a record is found by a text.
#[derive(Debug, Clone, PartialEq)]
pub enum ReferenceWay {
    /// By an id of another system.
    ExternalId,
    /// By its key in the core table.
    CoreId,
    /// By a value of a set.
    Set {
        table: String,
        key_column: String,
        owner_column: String,
        has_tenant: bool,
        is_phone: bool,
        /// Its values that name nobody, as that entity's `match.yml` adds them.
        patterns: SetPatterns,
    },
    /// By a column of its core row.
    Field { column: String, field_type: FieldType, options: Box<TypeOptions> },
}

/// A record by an id of another system.
pub(super) const EXTERNAL_ID: &str = "external_id";

impl Reference {
    /// `to`, `by` and `system` of a field; those of another type are errors.
    pub(super) fn read(map: &Reader<'_>, field_type: FieldType) -> Option<Self> {
        if field_type != FieldType::Reference {
            for key in ["to", "by", "system"] {
                if map.node(key).is_some() {
                    let message = format!("`{key}` belongs to a field of type reference");
                    let error = map.error(map.span_of(key), "PRJ0013", message);
                    map.report(error.help(format!("leave out `{key}`, or write `type: reference`")));
                }
            }
            return None;
        }
        let to = map.required_text("to")?;
        let mut by: Vec<String> = map.texts("by").into_iter().map(|(word, _)| word).collect();
        if by.is_empty() {
            by.push(EXTERNAL_ID.to_owned());
        }
        Some(Self { to, by, system: map.text("system"), target: None })
    }
}
