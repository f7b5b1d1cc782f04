//! One field of a contract.

use super::decode::Reader;
use super::field_type::FieldType;
use super::type_options::TypeOptions;
use super::words::words;
use super::yaml::Key;

/// A canonical field of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub field_type: FieldType,
    /// What its type is told beside its name.
    pub options: TypeOptions,
    /// The header must be there.
    pub required: bool,
    /// Another field whose header does as well.
    pub satisfied_by: Option<String>,
    /// Masked wherever a sample is shown.
    pub sensitive: bool,
    /// A column of the core row.
    pub core: bool,
    pub role: Option<Role>,
    /// The set of values that this field feeds.
    pub set: Option<String>,
    /// Of the fields of a set: the one with the main value.
    pub primary: bool,
    /// The field that holds the country of this row's phone numbers.
    pub region: Option<String>,
    pub on_bad_value: OnBadValue,
    /// A date that never lies in the future, as that of a birth.
    pub past: bool,
    /// The first year in which a date can lie.
    pub since: Option<u64>,
    /// Words for nothing beside the shipped ones.
    pub null_words: NullWords,
    /// Other headers for it.
    pub aliases: Vec<String>,
    /// Headers that mean this field only where the values can be read as its type.
    pub aliases_by_value: Vec<String>,
    /// Headers of columns whose text goes before the field's own, such as a name's prefix.
    pub before: Vec<String>,
    /// Headers of columns whose text goes behind the field's own, such as a house number.
    pub after: Vec<String>,
    /// The group of words that may stand before or behind a header of this field.
    pub beside: Option<String>,
    /// Headers of the parts of a date in columns of their own.
    pub parts: Option<DateParts>,
    /// Headers that may also mean one part of this field.
    pub stands_in: Option<StandsIn>,
    pub sample: Option<String>,
    pub description: Option<String>,
}

/// The last year of four digits.
const LAST_YEAR: u64 = 9999;

/// Headers such as `Name`: the whole, or the part whose counterpart has a column of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandsIn {
    /// The two parts.
    pub parts: Vec<String>,
    /// The headers concerned.
    pub aliases: Vec<String>,
}

/// Headers of year, month and day in columns of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DateParts {
    pub year: Vec<String>,
    pub month: Vec<String>,
    pub day: Vec<String>,
}

impl DateParts {
    pub(super) fn read(map: Reader<'_>) -> Self {
        let read = |key: &'static str| {
            if map.node(key).is_none() {
                map.missing(key);
            }
            map.texts(key).into_iter().map(|(header, _)| header).collect()
        };
        let parts = Self { year: read("year"), month: read("month"), day: read("day") };
        map.finish();
        parts
    }
}

impl StandsIn {
    pub(super) fn read(map: Reader<'_>) -> Self {
        let stands_in = Self {
            parts: map.texts("for").into_iter().map(|(part, _)| part).collect(),
            aliases: map.texts("aliases").into_iter().map(|(alias, _)| alias).collect(),
        };
        map.finish();
        stands_in
    }
}

/// What cells may hold instead of nothing, beside the shipped words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NullWords {
    /// No word stands for nothing, the shipped ones neither.
    pub off: bool,
    pub further: Vec<String>,
}

impl NullWords {
    /// `null_words: off`, or a list of words.
    pub(super) fn read(map: &Reader<'_>) -> Self {
        let mut words = Self::default();
        for (word, span) in map.texts("null_words") {
            match word.trim() {
                "off" => words.off = true,
                word if word.is_empty() || word.contains('|') => map.report(
                    map.error(span, "PRJ0004", "a word for nothing is not empty and has no `|`").help(
                        "write `null_words: off`, or a list such as `null_words: [fehlt, \"not yet\"]`",
                    ),
                ),
                word => words.further.push(word.to_owned()),
            }
        }
        words
    }

    /// These and those of another place; switched off in either, they are off.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.off |= other.off;
        self.further.extend(other.further.iter().cloned());
        self
    }
}

words! {
    /// What a field means to the importer itself.
    Role {
        ExternalSystem = "external_system",
        ExternalId = "external_id",
        SourceUpdatedAt = "source_updated_at",
        IngestVersion = "ingest_version",
        IsDeleted = "is_deleted",
        DeletedAt = "deleted_at",
        DeletedReason = "deleted_reason",
    }
}

words! {
    /// What a value that cannot be read as its type is.
    OnBadValue {
        /// An `STG_CAST` violation that quarantines the row.
        Error = "error",
        /// An `STG_CAST` warning; the row goes on without the value.
        Warn = "warn",
        /// Left to a rule file, which looks at `<field>_unparsed`.
        Rule = "rule",
    }
}

/// Columns that rows have beside their fields on the way.
const OURS: [&str; 15] = [
    "sequence_number",
    "line_number",
    "seq",
    "run_id",
    "tenant_id",
    "core_id",
    "link_system",
    "link_id",
    "is_synthetic",
    "is_delete",
    "given_key",
    "family_key",
    "generation",
    "effective_at",
    "checksum",
];

impl Field {
    /// The type of what its cells hold: that of the values, of a list.
    pub fn item_type(&self) -> FieldType {
        match self.field_type {
            FieldType::List => self.options.of.unwrap_or(FieldType::Text),
            own => own,
        }
    }

    pub(super) fn read(key: &Key, map: Reader<'_>) -> Self {
        let name = key.name.clone();
        let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !well_formed {
            map.report(
                map.error(key.span, "PRJ0004", format!("`{name}` cannot be the name of a field"))
                    .help("write small letters, digits and `_`, beginning with a letter"),
            );
        }
        if OURS.contains(&name.as_str()) {
            map.report(
                map.error(key.span, "PRJ0004", format!("`{name}` is a column that every staged row has already"))
                    .help("give the field another name; what its column in the table is called stands in the load file")
                    .lately(),
            );
        }
        if map.node("type").is_none() {
            map.missing("type");
        }
        let field_type = map.word("type", FieldType::WORDS).unwrap_or(FieldType::Text);
        let role = map.word("role", Role::WORDS);
        let field = Self {
            name,
            field_type,
            options: TypeOptions::read(&map, field_type),
            required: map.flag("required").unwrap_or(false),
            satisfied_by: map.text("satisfied_by"),
            sensitive: map.flag("sensitive").unwrap_or(false),
            core: map.flag("core").unwrap_or(role.is_none() && !field_type.is_list()),
            role,
            set: map.text("set"),
            primary: map.flag("primary").unwrap_or(false),
            region: map.text("region"),
            on_bad_value: map.word("on_bad_value", OnBadValue::WORDS).unwrap_or(match role {
                // A row is more than its id: without one it is still somebody.
                Some(Role::ExternalId) => OnBadValue::Warn,
                _ => OnBadValue::Error,
            }),
            past: map.flag("past").unwrap_or(false),
            since: map.whole("since", 1),
            null_words: NullWords::read(&map),
            aliases: map.texts("aliases").into_iter().map(|(alias, _)| alias).collect(),
            aliases_by_value: map.texts("aliases_by_value").into_iter().map(|(alias, _)| alias).collect(),
            before: map.texts("before").into_iter().map(|(alias, _)| alias).collect(),
            after: map.texts("after").into_iter().map(|(alias, _)| alias).collect(),
            beside: map.text("beside"),
            parts: map.map("parts", "`parts`").map(DateParts::read),
            stands_in: map.map("stands_in", "`stands_in`").map(StandsIn::read),
            sample: map.text("sample"),
            description: map.text("description"),
        };
        if field.past && field.field_type != FieldType::Date {
            map.report(
                map.error(map.span_of("past"), "PRJ0013", "only a date can lie in the past")
                    .help("leave out `past`, or write `type: date`"),
            );
        }
        if field.since.is_some_and(|year| year > LAST_YEAR || field.field_type != FieldType::Date) {
            map.report(
                map.error(map.span_of("since"), "PRJ0013", "`since` is the first year of a date")
                    .help("leave out `since`, or write `type: date` and a year such as 1850"),
            );
        }
        if field.role.is_some() && field.core {
            map.report(
                map.error(
                    map.span_of("core"),
                    "PRJ0013",
                    "a field with a role is never a column of the core row",
                )
                .help("leave out `core: true`, or leave out `role`"),
            );
        }
        let texts = matches!(field.field_type, FieldType::Text | FieldType::Name);
        for (key, given, fits, needs) in [
            ("before", !field.before.is_empty(), texts, "text or name"),
            ("after", !field.after.is_empty(), texts, "text or name"),
            ("parts", field.parts.is_some(), field.field_type == FieldType::Date, "date"),
        ] {
            if given && !fits {
                let message = format!("`{key}` belongs to a field of type {needs}");
                map.report(
                    map.error(map.span_of(key), "PRJ0013", message)
                        .help(format!("leave out `{key}`, or write another `type`")),
                );
            }
        }
        map.finish();
        field
    }
}
