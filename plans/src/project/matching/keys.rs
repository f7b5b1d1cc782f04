//! Exact keys: which records are the same because they share a value.

use super::FuzzySpec;
use super::thresholds::max_cluster;
use crate::project::contract::Contract;
use crate::project::decode::Reader;
use crate::project::diagnostics::{Span, suggestion};
use crate::project::field_type::FieldType;
use crate::project::patterns::SetPatterns;
use crate::project::settings::Defaults;
use crate::project::words::words;

/// Without another number in `match.yml`: a family shares a value, an office more.
const MAX_KEY_PEOPLE: u64 = 3;

/// How records of an entity are matched.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchSpec {
    /// Fields of the name test; without them no key can be guarded.
    pub names: Option<MatchNames>,
    /// Exact keys in their order of preference; all of them are looked up.
    pub keys: Vec<MatchKey>,
    /// A hit that fails the name test.
    pub incompatible: Incompatible,
    /// An external link whose record agrees in neither name nor key.
    pub id_reused: IdReused,
    /// A row without any key, link or external id.
    pub no_key: NoKey,
    /// A new external id that a known one differs from by its spelling only.
    pub similar_id: SimilarId,
    /// Values that are no keys, besides the seeded ones: patterns per set.
    pub placeholders: Vec<KeyPatterns>,
    /// Values that count only with equal full names, besides the seeded ones: patterns per set.
    pub weak_keys: Vec<KeyPatterns>,
    /// Different people behind one value, above which it counts only with equal full names.
    pub max_key_people: u64,
    /// Different people behind one value, above which it is no key.
    pub max_key_group: u64,
    /// Rows of one run in one cluster, above which it goes to review.
    pub max_cluster: u64,
    /// Which records are compared by likeness, and what that says; `None` where `match.yml` has none of its sections.
    pub fuzzy: Option<FuzzySpec>,
}

/// The fields that the name test compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchNames {
    pub given: String,
    pub family: String,
    /// Must be equal where both are known.
    pub birth: Option<String>,
}

/// Patterns of values of one set; one `*` in each stands for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPatterns {
    pub set: String,
    pub patterns: Vec<String>,
}

/// One exact key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchKey {
    /// The `match_type` of its suggestions.
    pub name: String,
    /// Sets whose values are looked up among all values of the core rows.
    pub sets: Vec<String>,
    /// Instead of sets: fields that are a key together, where all of them are filled.
    pub fields: Vec<String>,
    /// Which of the row's values are looked up.
    pub values: KeyValues,
    /// A hit counts only when the folded family names are equal.
    pub same_family: bool,
    pub guard: Guard,
}

words! {
    /// Which of a row's values are looked up.
    KeyValues {
        /// The main value.
        Primary = "primary",
        /// The main value and the others.
        Any = "any",
    }
}

words! {
    /// What a hit must also pass.
    Guard {
        /// Given names compatible, birth dates not different.
        Names = "names",
        None = "none",
    }
}

words! {
    /// What a hit becomes that fails the name test.
    Incompatible {
        /// A record of its own and a suggestion of type household.
        Household = "household",
        Review = "review",
    }
}

words! {
    /// What a row becomes whose external id belongs to somebody else.
    IdReused {
        Review = "review",
        /// The id is believed.
        Follow = "follow",
    }
}

words! {
    /// What a row becomes that has nothing to be found by.
    NoKey {
        Review = "review",
        Create = "create",
    }
}

words! {
    /// What a row becomes whose new external id may be a known one in another spelling.
    SimilarId {
        Review = "review",
        Create = "create",
    }
}

impl MatchSpec {
    /// For an entity without `match.yml`: only external ids match.
    pub(in crate::project) fn without_keys(defaults: &Defaults) -> Self {
        Self {
            names: None,
            keys: Vec::new(),
            incompatible: Incompatible::Household,
            id_reused: IdReused::Review,
            no_key: NoKey::Review,
            similar_id: SimilarId::Review,
            placeholders: Vec::new(),
            weak_keys: Vec::new(),
            max_key_people: MAX_KEY_PEOPLE,
            max_key_group: defaults.max_key_group,
            max_cluster: defaults.max_cluster,
            fuzzy: None,
        }
    }

    /// What the project says of values of a set, for matching and for whoever else looks records up by them.
    pub fn patterns_of(&self, set: &str) -> SetPatterns {
        let of = |all: &[KeyPatterns]| {
            let own = all.iter().filter(|of| of.set == set).flat_map(|of| &of.patterns);
            own.map(String::as_str).collect::<Vec<_>>().join(" ")
        };
        SetPatterns { placeholders: of(&self.placeholders), weak: of(&self.weak_keys) }
    }

    pub(in crate::project) fn read(
        map: Reader<'_>,
        contract: Option<&Contract>,
        defaults: &Defaults,
    ) -> Self {
        let names = map.map("names", "`names`").map(|names| {
            let field = |key| {
                let found = names.spanned_text(key);
                if let Some((field, span)) = &found {
                    check_field(&names, contract, field, *span);
                }
                found.map(|(field, _)| field)
            };
            let read = MatchNames {
                given: field("given").unwrap_or_default(),
                family: field("family").unwrap_or_default(),
                birth: field("birth"),
            };
            for (key, value) in [("given", &read.given), ("family", &read.family)] {
                if value.is_empty() {
                    names.missing(key);
                }
            }
            names.finish();
            read
        });
        let keys: Vec<MatchKey> = map
            .list("keys")
            .iter()
            .filter_map(|node| {
                Some(MatchKey::read(Reader::open(map.file(), node, "a key", map.errors())?, contract))
            })
            .collect();
        if names.is_none() && keys.iter().any(|key| key.guard == Guard::Names || key.same_family) {
            map.report(
                map.error(
                    map.span_of("keys"),
                    "PRJ0013",
                    "keys are guarded by names, and `names` does not say which fields they are",
                )
                .help(
                    "add `names: {given: first_name, family: last_name}`, or write `guard: none` on each key",
                ),
            );
        }
        if keys.is_empty() && map.node("keys").is_some() {
            map.report(
                map.error(map.span_of("keys"), "PRJ0013", "`keys` is empty: nothing is found but by external id")
                    .help("name at least one key, such as `- {key: email, sets: [emails]}`; if external ids alone shall match, leave match.yml out")
                    .lately(),
            );
        }
        let spec = Self {
            names,
            keys,
            incompatible: map.word("incompatible", Incompatible::WORDS).unwrap_or(Incompatible::Household),
            id_reused: map.word("id_reused", IdReused::WORDS).unwrap_or(IdReused::Review),
            no_key: map.word("no_key", NoKey::WORDS).unwrap_or(NoKey::Review),
            similar_id: map.word("similar_id", SimilarId::WORDS).unwrap_or(SimilarId::Review),
            placeholders: KeyPatterns::read(&map, "placeholders", contract),
            weak_keys: KeyPatterns::read(&map, "weak_keys", contract),
            max_key_people: map.whole("max_key_people", 1).unwrap_or(MAX_KEY_PEOPLE),
            max_key_group: map.whole("max_key_group", 1).unwrap_or(defaults.max_key_group),
            max_cluster: max_cluster(&map).unwrap_or(defaults.max_cluster),
            fuzzy: FuzzySpec::read(&map, contract),
        };
        map.finish();
        spec
    }
}

impl KeyPatterns {
    fn read(map: &Reader<'_>, key: &'static str, contract: Option<&Contract>) -> Vec<Self> {
        let Some(sets) = map.map(key, "a map of sets") else { return Vec::new() };
        let mut read = Vec::new();
        for (name, node) in sets.entries() {
            check_set(&sets, contract, &name.name, name.span);
            let patterns = sets.items(&name.name, node);
            for (pattern, span) in &patterns {
                if pattern.contains(char::is_whitespace) || pattern.matches('*').count() > 1 || pattern == "*"
                {
                    sets.report(
                        sets.error(*span, "PRJ0013", format!("`{pattern}` is no pattern of a value"))
                            .help("write a value in which one `*` may stand for anything: `none@*`, `*@example.org`, `*5555555`"),
                    );
                }
            }
            let patterns = patterns.into_iter().map(|(pattern, _)| pattern.to_lowercase()).collect();
            read.push(Self { set: name.name.clone(), patterns });
        }
        read
    }
}

impl MatchKey {
    fn read(map: Reader<'_>, contract: Option<&Contract>) -> Self {
        let (sets, fields) = (map.texts("sets"), map.texts("fields"));
        if sets.is_empty() && fields.is_empty() {
            map.missing("sets");
        }
        for (field, span) in &fields {
            check_key_field(&map, contract, field, *span);
        }
        for (key, given) in [
            ("sets", !sets.is_empty()),
            ("values", map.node("values").is_some()),
            ("same_family", map.node("same_family").is_some()),
        ] {
            if given && !fields.is_empty() {
                map.report(
                    map.error(
                        map.span_of(key),
                        "PRJ0013",
                        format!("`{key}` and `fields` do not go together"),
                    )
                    .help(
                        "a key is either of sets or of fields; write two keys where both shall find records",
                    ),
                );
            }
        }
        for (set, span) in &sets {
            check_set(&map, contract, set, *span);
        }
        let key = Self {
            name: map.required_text("key").unwrap_or_default(),
            sets: sets.into_iter().map(|(set, _)| set).collect(),
            values: map.word("values", KeyValues::WORDS).unwrap_or(KeyValues::Primary),
            same_family: map.flag("same_family").unwrap_or(false),
            guard: map.word("guard", Guard::WORDS).unwrap_or(match fields.is_empty() {
                true => Guard::Names,
                false => Guard::None,
            }),
            fields: fields.into_iter().map(|(field, _)| field).collect(),
        };
        if key.name == Incompatible::Household.as_str() {
            map.report(
                map.error(
                    map.span_of("key"),
                    "PRJ0013",
                    "`household` is the name of hits that fail the name test",
                )
                .help("give the key another name, such as `email`"),
            );
        }
        map.finish();
        key
    }
}

fn check_set(map: &Reader<'_>, contract: Option<&Contract>, set: &str, span: Span) {
    let Some(contract) = contract.filter(|contract| contract.set(set).is_none()) else { return };
    let known: Vec<&str> = contract.sets.iter().map(|set| set.name.as_str()).collect();
    map.report(
        map.error(span, "PRJ0009", format!("the contract has no set `{set}`")).help(suggestion(set, &known)),
    );
}

/// What can be compared with a column of the core table, in both databases.
fn check_key_field(map: &Reader<'_>, contract: Option<&Contract>, field: &str, span: Span) {
    check_field(map, contract, field, span);
    let Some(found) = contract.and_then(|contract| contract.field(field)) else { return };
    let fits = matches!(
        found.field_type,
        FieldType::Text
            | FieldType::Name
            | FieldType::Date
            | FieldType::Timestamp
            | FieldType::Integer
            | FieldType::Phone
            | FieldType::Reference
    );
    if !fits || !found.core {
        map.report(
            map.error(span, "PRJ0013", format!("`{field}` cannot be part of a key")).help(
                "a key has columns of the core row of type text, name, phone, date, timestamp, integer or reference; values of sets have a key of their own: `sets`",
            ),
        );
    }
}

fn check_field(map: &Reader<'_>, contract: Option<&Contract>, field: &str, span: Span) {
    let Some(contract) = contract.filter(|contract| contract.field(field).is_none()) else { return };
    map.report(
        map.error(span, "PRJ0009", format!("the contract of {} has no field `{field}`", contract.entity))
            .label("unknown field")
            .help(suggestion(field, &contract.names())),
    );
}
