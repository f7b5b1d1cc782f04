//! `contract.yml`: the canonical fields of an entity.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::decode::Reader;
use super::diagnostics::{ProjectError, SourceFile, Span, suggestion};
use super::field::{Field, Role};
use super::field_type::FieldType;
use super::yaml::{Key, Node, Value};
use crate::header::{fold_header, knows_group};

/// The canonical fields of an entity, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    pub entity: String,
    pub version: u64,
    pub core: CoreTable,
    pub fields: Vec<Field>,
    pub sets: Vec<ValueSet>,
    /// Words for one record that may stand before a header: "Volunteer first name".
    pub nouns: Vec<String>,
    /// Words in headers by group, beside those that are shipped.
    pub words: BTreeMap<String, Vec<String>>,
}

/// The table whose sequence gives the core ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoreTable {
    pub table: String,
}

/// Values of which a record has any number, such as e-mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueSet {
    pub name: String,
    /// Column of the normalised value that is compared.
    pub key: String,
    /// Column of the value as shown.
    pub value: String,
    /// Column that says which value is the main one.
    pub primary: String,
}

impl Contract {
    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field with a role.
    pub fn role(&self, role: Role) -> Option<&Field> {
        self.fields.iter().find(|field| field.role == Some(role))
    }

    /// The columns of the core row, in contract order.
    pub fn core_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.core)
    }

    /// A set by name.
    pub fn set(&self, name: &str) -> Option<&ValueSet> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The field with the main value of a set.
    pub fn primary_of(&self, set: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.primary && field.set.as_deref() == Some(set))
    }

    /// The list field of a set, which takes all values but the main one.
    pub fn list_of(&self, set: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.field_type.is_list() && field.set.as_deref() == Some(set))
    }

    /// Names of all fields, in contract order.
    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|field| field.name.as_str()).collect()
    }

    pub(super) fn read(map: Reader<'_>, folder: &str) -> Self {
        let entity = map.required_text("entity").unwrap_or_else(|| folder.to_owned());
        if entity != folder {
            map.report(
                map.error(
                    map.span_of("entity"),
                    "PRJ0011",
                    format!("the folder `{folder}` calls itself `{entity}`"),
                )
                .help(format!("write `entity: {folder}` or rename the folder to `{entity}`")),
            );
        }
        if map.node("core").is_none() {
            map.missing("core");
        }
        let core = map.map("core", "`core`").map(|core| {
            let table = core.required_text("table").unwrap_or_default();
            core.finish();
            CoreTable { table }
        });
        let contract = Self {
            version: map.whole("version", 1).unwrap_or(1),
            core: core.unwrap_or(CoreTable { table: entity.clone() }),
            fields: read_fields(&map),
            sets: map.map("sets", "`sets`").map(read_sets).unwrap_or_default(),
            words: map.map("words", "`words`").map(read_words).unwrap_or_default(),
            nouns: map.texts("nouns").into_iter().map(|(noun, _)| noun).collect(),
            entity,
        };
        if let Some(Node { value: Value::Map(entries), .. }) = map.node("fields") {
            Checks { contract: &contract, file: map.file(), entries, errors: map.errors() }.run();
        }
        map.finish();
        contract
    }
}

fn read_fields(map: &Reader<'_>) -> Vec<Field> {
    if map.node("fields").is_none() {
        map.missing("fields");
    }
    let Some(fields) = map.map("fields", "`fields`") else { return Vec::new() };
    fields
        .entries()
        .iter()
        .filter_map(|(key, node)| {
            Some(Field::read(key, Reader::open(map.file(), node, "a field", map.errors())?))
        })
        .collect()
}

/// Groups of words; their names are the dictionary's, or the contract's own.
fn read_words(words: Reader<'_>) -> BTreeMap<String, Vec<String>> {
    let entries = words.entries().iter();
    entries
        .map(|(key, node)| {
            (key.name.clone(), words.items(&key.name, node).into_iter().map(|(word, _)| word).collect())
        })
        .collect()
}

fn read_sets(sets: Reader<'_>) -> Vec<ValueSet> {
    sets.entries()
        .iter()
        .filter_map(|(key, node)| {
            let set = Reader::open(sets.file(), node, "a set", sets.errors())?;
            let value = ValueSet {
                name: key.name.clone(),
                key: set.required_text("key").unwrap_or_default(),
                value: set.required_text("value").unwrap_or_default(),
                primary: set.text("primary").unwrap_or_else(|| "is_primary".to_owned()),
            };
            set.finish();
            Some(value)
        })
        .collect()
}

/// What must hold between the fields of a contract.
struct Checks<'a> {
    contract: &'a Contract,
    file: &'a SourceFile,
    entries: &'a [(Key, Node)],
    errors: &'a RefCell<Vec<ProjectError>>,
}

impl Checks<'_> {
    fn run(&self) {
        for field in &self.contract.fields {
            self.references(field);
            self.set_of(field);
        }
        self.once();
    }

    fn report(&self, span: Span, code: &'static str, message: String, help: String) {
        self.errors.borrow_mut().push(ProjectError::at(self.file, span, code, message).help(help));
    }

    /// Place of `key` inside a field, else of the field's name.
    fn place(&self, field: &str, key: &str) -> Span {
        let Some((name, node)) = self.entries.iter().find(|(name, _)| name.name == field) else {
            return Span::default();
        };
        match &node.value {
            Value::Map(inner) => {
                inner.iter().find(|(k, _)| k.name == key).map_or(name.span, |(_, value)| value.span)
            }
            _ => name.span,
        }
    }

    /// Place of one alias in its list.
    fn alias_place(&self, field: &str, alias: &str) -> Span {
        let list = self.place(field, "aliases");
        let found = self.file.text.get(list.offset..).and_then(|rest| rest.find(alias));
        found.map_or(list, |at| Span { offset: list.offset + at, len: alias.len() })
    }

    fn references(&self, field: &Field) {
        let parts =
            field.stands_in.iter().flat_map(|stands_in| &stands_in.parts).map(|part| ("stands_in", part));
        let named = field
            .satisfied_by
            .iter()
            .map(|other| ("satisfied_by", other))
            .chain(field.region.iter().map(|other| ("region", other)))
            .chain(parts);
        for (key, other) in named.filter(|(_, other)| self.contract.field(other).is_none()) {
            let span = self.place(&field.name, key);
            let message =
                format!("`{}` names the field `{other}`, which the contract does not have", field.name);
            self.report(span, "PRJ0009", message, suggestion(other, &self.contract.names()));
        }
        if let Some(stands_in) = &field.stands_in
            && stands_in.parts.len() != 2
        {
            let span = self.place(&field.name, "stands_in");
            let help =
                "write for example `stands_in: {for: [first_name, last_name], aliases: [Name]}`".to_owned();
            self.report(span, "PRJ0013", "a field stands in for exactly two parts".to_owned(), help);
        }
        if let Some(group) = field.beside.as_deref()
            && !self.contract.words.contains_key(group)
            && !knows_group(group)
        {
            let known: Vec<&str> = self.contract.words.keys().map(String::as_str).collect();
            let message =
                format!("`{}` names the group of words `{group}`, which `words:` does not have", field.name);
            self.report(self.place(&field.name, "beside"), "PRJ0009", message, suggestion(group, &known));
        }
        if let Some(region) = field.region.as_deref().and_then(|name| self.contract.field(name))
            && region.field_type != FieldType::Country
        {
            let span = self.place(&field.name, "region");
            let message =
                format!("`{}` is not a country, so it cannot be the region of phone numbers", region.name);
            self.report(span, "PRJ0013", message, "name a field of `type: country`".to_owned());
        }
    }

    fn set_of(&self, field: &Field) {
        let Some(set) = &field.set else {
            if field.field_type.is_list() || field.primary {
                let span = self.place(&field.name, "type");
                let message = format!("`{}` needs the set that it feeds", field.name);
                self.report(
                    span,
                    "PRJ0013",
                    message,
                    "add `set: emails`, or whatever `sets:` calls it".to_owned(),
                );
            }
            return;
        };
        if self.contract.set(set).is_none() {
            let names: Vec<&str> = self.contract.sets.iter().map(|set| set.name.as_str()).collect();
            let message = format!("`{}` feeds the set `{set}`, which `sets:` does not describe", field.name);
            self.report(self.place(&field.name, "set"), "PRJ0009", message, suggestion(set, &names));
        }
        if field.field_type.is_list() == field.primary {
            let span = self.place(&field.name, "set");
            let message = format!(
                "`{}` must be either the main value of `{set}` or the list of the others",
                field.name
            );
            let help =
                "give the main field `primary: true`, and the other one a list type such as `email_list`"
                    .to_owned();
            self.report(span, "PRJ0013", message, help);
        }
    }

    /// Roles, main values and aliases are given once.
    fn once(&self) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for field in &self.contract.fields {
            let role = field.role.map(|role| (format!("the role `{}`", role.as_str()), "role"));
            let primary = field.set.as_ref().filter(|_| field.primary);
            let primary = primary.map(|set| (format!("the main value of `{set}`"), "primary"));
            for (claim, key) in role.into_iter().chain(primary) {
                self.claim(&mut seen, field, claim, key);
            }
        }
        let mut headers: BTreeMap<String, &str> = BTreeMap::new();
        for field in &self.contract.fields {
            headers.insert(fold_header(&field.name), &field.name);
        }
        for field in &self.contract.fields {
            for alias in field.aliases.iter().chain(&field.aliases_by_value) {
                let taken =
                    headers.insert(fold_header(alias), &field.name).filter(|other| *other != field.name);
                if let Some(other) = taken {
                    let message =
                        format!("the header `{alias}` is an alias of both `{other}` and `{}`", field.name);
                    let help = "keep it with one of the two; case, blanks, punctuation and accents make no difference";
                    self.report(self.alias_place(&field.name, alias), "PRJ0010", message, help.to_owned());
                }
            }
        }
    }

    fn claim<'f>(&self, seen: &mut BTreeMap<String, &'f str>, field: &'f Field, claim: String, key: &str) {
        let message = match seen.get(&claim) {
            Some(other) => format!("both `{other}` and `{}` have {claim}", field.name),
            None => {
                seen.insert(claim, &field.name);
                return;
            }
        };
        self.report(
            self.place(&field.name, key),
            "PRJ0010",
            message,
            "leave it with one of the two".to_owned(),
        );
    }
}
