//! The properties of a card as cells.

use serde_json::{Map, Value};

use super::line::{self, Encoding, Property};
use super::value::{self, joined, parts, plain};
use crate::dialect::HighHalf;
use crate::text::Column;

/// Columns before and behind those for e-mail and telephone.
const BEFORE: [&str; 9] = [
    "uid",
    "first_name",
    "middle_name",
    "last_name",
    "prefix",
    "suffix",
    "full_name",
    "nickname",
    "birth_date",
];
const BEHIND: [&str; 10] = [
    "organization",
    "department",
    "title",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "note",
    "url",
];
/// Columns for e-mail, and for telephone, at most; what a card has beyond goes to `_more`.
pub(super) const MOST: usize = 20;
/// Properties that hold pictures, sounds and keys.
const BINARY: [&str; 4] = ["PHOTO", "LOGO", "SOUND", "KEY"];
/// A value in base64 that is longer is no text.
const LONG: usize = 4096;

/// How many columns there are of what a card may have several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Widths {
    pub emails: usize,
    pub phones: usize,
}

impl Widths {
    /// The names of the columns.
    pub(super) fn names(self) -> Vec<String> {
        let numbered = |name: &str, n: usize| if n == 1 { name.to_owned() } else { format!("{name}_{n}") };
        let mut names: Vec<String> = BEFORE.iter().map(|name| (*name).to_owned()).collect();
        names.extend((1..=self.emails).map(|n| numbered("email", n)));
        names.extend((1..=self.phones).flat_map(|n| {
            let phone = numbered("phone", n);
            let kind = format!("{phone}_type");
            [phone, kind]
        }));
        names.extend(BEHIND.iter().map(|name| (*name).to_owned()));
        names.push("_more".to_owned());
        names
    }
}

/// What is wrong with a card.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A line, from 0, is no property.
    Line(u64),
    Encoding,
    Nul,
}

/// A card that was read.
#[derive(Debug, Default)]
pub(super) struct Card {
    before: [String; BEFORE.len()],
    behind: [String; BEHIND.len()],
    emails: Vec<String>,
    /// Numbers with their types.
    phones: Vec<(String, String)>,
    more: Map<String, Value>,
    /// Pictures and the like that were left out.
    pub binaries: u64,
}

impl Card {
    /// Reads the lines of a card.
    pub(super) fn read(text: &[u8], table: Option<&HighHalf>) -> Result<Self, Fault> {
        let mut properties = line::properties(text).map_err(|line::Unreadable(n)| Fault::Line(n))?;
        properties.sort_by_key(Property::rank);
        let labels = labels(&properties);
        let mut card = Self::default();
        for property in &properties {
            if is_binary(property) {
                card.binaries += 1;
                continue;
            }
            let text = value::text(property, table).ok_or(Fault::Encoding)?;
            if text.contains('\0') {
                return Err(Fault::Nul);
            }
            if !text.trim().is_empty() {
                card.take(property, text.trim(), &labels);
            }
        }
        Ok(card)
    }

    /// How many columns it would fill.
    pub(super) fn widths(&self) -> Widths {
        Widths { emails: self.emails.len(), phones: self.phones.len() }
    }

    fn take(&mut self, property: &Property, text: &str, labels: &[(String, String)]) {
        let kept = property.encoding != Encoding::Base64 && self.take_column(property, text, labels);
        let label = property.name == "X-ABLABEL"
            && property.group.as_ref().is_some_and(|group| labels.iter().any(|(g, _)| g == group));
        if !kept && !label {
            self.add_more(property, plain(text));
        }
    }

    /// Puts a value into its column; `false`: it has none, or it is filled already.
    fn take_column(&mut self, property: &Property, text: &str, labels: &[(String, String)]) -> bool {
        match property.name.as_str() {
            "N" => self.take_name(text),
            "ADR" => self.take_address(text),
            "ORG" => self.take_organization(text),
            "FN" => self.set("full_name", plain(text)),
            "UID" => self.set("uid", plain(text)),
            "NICKNAME" => self.set("nickname", joined(text, ", ")),
            "BDAY" => self.set("birth_date", birth_date(property, &plain(text))),
            "TITLE" => self.set("title", plain(text)),
            "NOTE" => self.set("note", plain(text)),
            "URL" => self.set("url", plain(text)),
            "EMAIL" if self.emails.len() < MOST => {
                self.emails.push(without_scheme(&plain(text), "mailto:"));
                true
            }
            "TEL" if self.phones.len() < MOST => {
                let mut types = property.types();
                if types.is_empty()
                    && let Some((_, label)) = labels.iter().find(|(g, _)| Some(g) == property.group.as_ref())
                {
                    types.push(label.clone());
                }
                self.phones.push((without_scheme(&plain(text), "tel:"), types.join(" ")));
                true
            }
            _ => false,
        }
    }

    fn place(&mut self, column: &str) -> Option<&mut String> {
        if let Some(i) = BEFORE.iter().position(|name| *name == column) {
            return self.before.get_mut(i);
        }
        BEHIND.iter().position(|name| *name == column).and_then(|i| self.behind.get_mut(i))
    }

    fn set(&mut self, column: &str, value: String) -> bool {
        match self.place(column) {
            Some(place) if place.is_empty() => {
                *place = value;
                true
            }
            _ => false,
        }
    }

    /// Sets several columns, if all of them are empty.
    fn set_all(&mut self, columns: &[&str], values: Vec<String>) -> bool {
        if columns.iter().any(|column| self.place(column).is_some_and(|place| !place.is_empty())) {
            return false;
        }
        for (column, value) in columns.iter().zip(values) {
            self.set(column, value);
        }
        true
    }

    /// `family;given;middle;prefixes;suffixes`
    fn take_name(&mut self, text: &str) -> bool {
        let parts = parts(text, ';');
        let columns = ["last_name", "first_name", "middle_name", "prefix", "suffix"];
        parts.len() <= columns.len()
            && self.set_all(&columns, parts.into_iter().map(|part| joined(part, " ")).collect())
    }

    /// `post office box;extension;street;city;region;postal code;country`
    fn take_address(&mut self, text: &str) -> bool {
        let parts: Vec<String> = parts(text, ';').into_iter().map(|part| joined(part, ", ")).collect();
        let part = |i: usize| parts.get(i).cloned().unwrap_or_default();
        // vCard 4.0 has more parts since RFC 9554; a card with them goes to `_more` as a whole.
        if parts.iter().skip(7).any(|part| !part.is_empty()) {
            return false;
        }
        let street: Vec<String> = [part(2), part(1), part(0)].into_iter().filter(|p| !p.is_empty()).collect();
        let columns = ["street", "city", "region", "postal_code", "country"];
        self.set_all(&columns, vec![street.join(", "), part(3), part(4), part(5), part(6)])
    }

    /// `organization;unit;unit`
    fn take_organization(&mut self, text: &str) -> bool {
        let parts: Vec<String> = parts(text, ';').into_iter().map(|p| plain(p).trim().to_owned()).collect();
        let Some((first, units)) = parts.split_first() else { return false };
        let units: Vec<String> = units.iter().filter(|unit| !unit.is_empty()).cloned().collect();
        self.set_all(&["organization", "department"], vec![first.clone(), units.join(", ")])
    }

    fn add_more(&mut self, property: &Property, text: String) {
        let mut key = match &property.group {
            Some(group) => format!("{group}.{}", property.name),
            None => property.name.clone(),
        };
        let types = property.types();
        if !types.is_empty() {
            key = format!("{key};TYPE={}", types.join(","));
        }
        match self.more.get_mut(&key) {
            None => {
                self.more.insert(key, Value::String(text));
            }
            Some(Value::Array(all)) => all.push(Value::String(text)),
            Some(one) => {
                let first = one.take();
                *one = Value::Array(vec![first, Value::String(text)]);
            }
        }
    }

    /// Fills a row.
    pub(super) fn push(mut self, widths: Widths, columns: &mut [Column]) -> usize {
        let beyond: Vec<String> = self.emails.drain(widths.emails.min(self.emails.len())..).collect();
        for email in beyond {
            self.add_more(&named("EMAIL", ""), email);
        }
        let beyond: Vec<_> = self.phones.drain(widths.phones.min(self.phones.len())..).collect();
        for (phone, types) in beyond {
            self.add_more(&named("TEL", &types.replace(' ', ",")), phone);
        }
        self.emails.resize(widths.emails, String::new());
        self.phones.resize(widths.phones, Default::default());
        let phones = self.phones.into_iter().flat_map(|(phone, types)| [phone, types]);
        let more = if self.more.is_empty() { String::new() } else { Value::Object(self.more).to_string() };
        let cells = self.before.into_iter().chain(self.emails).chain(phones).chain(self.behind).chain([more]);
        let mut bytes = 0;
        for (column, cell) in columns.iter_mut().zip(cells) {
            bytes += cell.len();
            column.push(cell.as_bytes());
        }
        bytes
    }
}

fn named(name: &str, types: &str) -> Property {
    let params = vec![("TYPE".to_owned(), types.to_owned())];
    Property { name: name.to_owned(), params, ..Property::default() }
}

fn is_binary(property: &Property) -> bool {
    let binary = BINARY.contains(&property.name.as_str());
    let data = property.value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"data:"));
    let encoded = property.encoding == Encoding::Base64;
    (binary && (encoded || data)) || (encoded && property.value.len() > LONG)
}

/// What the groups of telephone numbers are called: `item1.X-ABLabel:_$!<Mobile>!$_`.
fn labels(properties: &[Property]) -> Vec<(String, String)> {
    let label = |property: &Property| {
        let group = property.group.clone().filter(|_| property.name == "X-ABLABEL")?;
        let phone =
            |p: &&Property| p.name == "TEL" && p.group.as_ref() == Some(&group) && p.types().is_empty();
        properties.iter().find(phone)?;
        let text = String::from_utf8(property.value.clone()).ok()?;
        let text = plain(text.trim().trim_start_matches("_$!<").trim_end_matches(">!$_")).to_lowercase();
        Some((group, if text == "mobile" { "cell".to_owned() } else { text }))
    };
    properties.iter().filter_map(label).collect()
}

fn without_scheme(text: &str, scheme: &str) -> String {
    match text.get(..scheme.len()) {
        Some(start) if start.eq_ignore_ascii_case(scheme) => text.get(scheme.len()..).unwrap_or_default(),
        _ => text,
    }
    .trim()
    .to_owned()
}

/// `19850412` as `1985-04-12`; of a day whose year is a placeholder, month and day.
fn birth_date(property: &Property, text: &str) -> String {
    let text = text.trim();
    let date = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8))
    } else {
        text.to_owned()
    };
    match property.param("X-APPLE-OMIT-YEAR") {
        Some(year) if !year.is_empty() => match date.strip_prefix(year.trim()) {
            Some(rest) => format!("-{rest}"),
            None => date,
        },
        _ => date,
    }
}
