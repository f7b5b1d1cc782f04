//! `compare`: values made once per record, never per pair.
//!
//! A value may read the contract's fields and sets, and values above it. Where a name is both, it is the contract's.

use std::collections::BTreeSet;

use sqlparser::ast::Expr;

use super::SqlPlace;
use super::expression::{column, parse, rename};
use crate::project::contract::Contract;
use crate::project::decode::Reader;
use crate::project::diagnostics::{Span, suggestion};
use crate::project::field_type::FieldType;
use crate::project::sql_text::name_of;
use crate::project::yaml::{Key, Node, Value};

/// One value of a record that pairs are found and compared by.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Its column in the table of records.
    pub name: String,
    /// An expression over the contract's fields and sets alone, with quoted names: values of `compare` that it reads stand
    /// in it in full. A list without values is NULL.
    pub sql: String,
    /// A list: blocking unnests it, one block per value.
    pub is_list: bool,
    /// The fields and sets of the contract that it is made of, sorted.
    pub fields: Vec<String>,
    pub place: SqlPlace,
}

/// Functions that give lists.
const LISTS: [&str; 14] = [
    "set_keys",
    "make_array",
    "phonetic_codes",
    "string_to_array",
    "array_append",
    "array_concat",
    "array_distinct",
    "array_except",
    "array_intersect",
    "array_prepend",
    "array_remove_all",
    "array_slice",
    "array_sort",
    "array_union",
];

/// Columns of the table of records besides values.
const TAKEN: [&str; 6] = ["node", "core_id", "is_new", "id_system", "link_system", "link_id"];

/// The values read so far, each with its expression, for those below it.
struct Values<'a> {
    contract: Option<&'a Contract>,
    read: Vec<(Prepared, Expr)>,
}

/// Reads the section.
pub(super) fn read(map: &Reader<'_>, contract: Option<&Contract>) -> Vec<Prepared> {
    let Some(section) = map.map("compare", "`compare`") else { return Vec::new() };
    let mut values = Values { contract, read: Vec::new() };
    for (key, node) in section.entries() {
        values.add(&section, key, node);
    }
    values.read.into_iter().map(|(prepared, _)| prepared).collect()
}

/// A name that must be a value of `compare`.
pub(super) fn check_value(map: &Reader<'_>, values: &[Prepared], name: &str, span: Span) -> bool {
    let known: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
    let found = known.contains(&name);
    if !found {
        map.report(
            map.error(span, "PRJ0016", format!("`compare` has no value `{name}`"))
                .label("unknown value")
                .help(suggestion(name, &known)),
        );
    }
    found
}

impl Values<'_> {
    fn add(&mut self, section: &Reader<'_>, key: &Key, node: &Node) {
        let Some((text, span, list)) = written(section, key, node) else { return };
        let taken = TAKEN.contains(&key.name.as_str());
        if taken || !is_name(&key.name) {
            let message = match taken {
                true => format!("`{}` is the name of another column of the records", key.name),
                false => format!("`{}` is no name of a value", key.name),
            };
            let help = "take another name of small letters, digits and `_`";
            section.report(section.error(key.span, "PRJ0013", message).help(help));
            return;
        }
        let Some(mut expr) = parse(section, &text, span) else { return };
        let mut fields = BTreeSet::new();
        rename(
            &mut expr,
            |name| self.resolved(section, span, name, &mut fields),
            |table, name| {
                let message =
                    format!("`{table}.{name}`: a value is made of one record, which has no other name");
                section.report(section.error(span, "PRJ0016", message).help(format!("write `{name}`")));
                None
            },
        );
        let is_list = list.unwrap_or_else(|| self.gives_list(&expr));
        let sql = match is_list {
            true => format!("CASE WHEN cardinality({expr}) > 0 THEN {expr} END"),
            false => expr.to_string(),
        };
        let fields = fields.into_iter().collect();
        let prepared = Prepared { name: key.name.clone(), sql, is_list, fields, place: SqlPlace { span } };
        self.read.push((prepared, expr));
    }

    /// What a name stands for: a field or set of the contract, or a value above.
    fn resolved(
        &self,
        section: &Reader<'_>,
        span: Span,
        name: &str,
        fields: &mut BTreeSet<String>,
    ) -> Option<Expr> {
        if self
            .contract
            .is_some_and(|contract| contract.field(name).is_some() || contract.set(name).is_some())
        {
            fields.insert(name.to_owned());
            return Some(column(name));
        }
        if let Some((prepared, expr)) = self.read.iter().find(|(prepared, _)| prepared.name == name) {
            fields.extend(prepared.fields.iter().cloned());
            return Some(Expr::Nested(Box::new(expr.clone())));
        }
        // Without a contract nobody knows what is one of its fields.
        let contract = self.contract?;
        let later = section.entries().iter().any(|(key, _)| key.name == name);
        let help = match later {
            true => format!("move `{name}` above it: a value reads values above it"),
            false => {
                let sets = contract.sets.iter().map(|set| set.name.as_str());
                let above = self.read.iter().map(|(prepared, _)| prepared.name.as_str());
                let known: Vec<&str> = contract.names().into_iter().chain(sets).chain(above).collect();
                suggestion(name, &known)
            }
        };
        let message = format!("`{name}` is no field or set of {}, and no value above", contract.entity);
        section.report(section.error(span, "PRJ0016", message).label("unknown name").help(help));
        None
    }

    /// Whether an expression gives a list, as far as its text says.
    fn gives_list(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Nested(inner) => self.gives_list(inner),
            Expr::Array(_) => true,
            Expr::Function(function) => LISTS.contains(&function.name.to_string().to_lowercase().as_str()),
            Expr::Identifier(ident) => {
                let field = self.contract.and_then(|contract| contract.field(&name_of(ident)));
                let lists = [FieldType::List, FieldType::EmailList, FieldType::PhoneList];
                field.is_some_and(|field| lists.contains(&field.field_type))
            }
            _ => false,
        }
    }
}

/// The SQL of one value, its place, and whether it was said that it gives a list.
fn written(section: &Reader<'_>, key: &Key, node: &Node) -> Option<(String, Span, Option<bool>)> {
    if let Value::Scalar(text) = &node.value {
        return Some((text.trim().to_owned(), node.span, None));
    }
    if node.value == Value::Null {
        section.missing(&key.name);
        return None;
    }
    let entry = Reader::open(section.file(), node, "a value of `compare`", section.errors())?;
    let sql = entry.spanned_text("sql");
    if sql.is_none() {
        entry.missing("sql");
    }
    let list = entry.flag("list");
    entry.finish();
    sql.map(|(text, span)| (text, span, list))
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
