//! `family_evidence`: what two family names have to do with each other.
//!
//! A name that begins or ends with another one is a part of it only where a word of it ends there: Dietz-Ott is Dietz since a
//! marriage, Bergmann is not Berg. So the names are read as they are written, not by their keys, which run words together.

use std::sync::Arc;

use arrow::array::StringViewBuilder;
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::family_key::bare_family_name;
use super::fold::fold_name_onto;
use super::name_spelling::{is_one_edit, umlauts_agree};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What two family names say of each other, as one word: `equal` (as keys: see `family_key`), `missing` (at least one is), `spelling` (an umlaut written out, or one slip in five letters), `part` (one begins or ends with the other and has its next word there, as `Dietz-Ott` with `Dietz`, or is its form for women, as `Nováková` of `Novák`; four letters at least, and three besides), `other` (also where one only begins with the other: `Berg`, `Bergmann`). Never NULL."#,
    syntax_example = "family_evidence(family_a, family_b)",
    sql_example = r#"```sql
> SELECT family_evidence('Müller', 'Mueller'), family_evidence('Dietz-Ott', 'Dietz'), family_evidence('Berg', 'Bergmann');
spelling  part  other
```"#,
    argument(name = "family_a", description = "A family name."),
    argument(name = "family_b", description = "The other's."),
    related_udf(name = "family_key"),
    related_udf(name = "person_evidence")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct FamilyEvidence {
    signature: Signature,
}

impl FamilyEvidence {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for FamilyEvidence {
    fn name(&self) -> &str {
        "family_evidence"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[a, b], rows| {
            let mut words = StringViewBuilder::with_capacity(rows);
            let (mut one, mut other) = (Family::default(), Family::default());
            for row in 0..rows {
                let is_there = one.read(a.get(row)) && other.read(b.get(row));
                words.append_value(if is_there { said(&one, &other) } else { "missing" });
            }
            Ok(Arc::new(words.finish()))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// A family name, folded.
#[derive(Debug, Default)]
struct Family {
    key: String,
    /// Where a word of it ends and another begins.
    borders: Vec<usize>,
}

impl Family {
    /// Reads a name; false where none is there.
    fn read(&mut self, text: Option<&str>) -> bool {
        self.key.clear();
        self.borders.clear();
        let mut scratch = String::new();
        let Some(name) = text.and_then(|text| bare_family_name(text, &mut scratch)) else { return false };
        for word in name.split(stands_between_words) {
            if self.borders.last() != Some(&self.key.len()) {
                self.borders.push(self.key.len());
            }
            fold_name_onto(word, &mut self.key);
        }
        !self.key.is_empty()
    }

    fn has_border(&self, at: usize) -> bool {
        self.borders.contains(&at)
    }

    /// Whether it is another one and further words, before or behind it.
    fn has_part(&self, part: &Self) -> bool {
        (self.key.starts_with(&part.key) && self.has_border(part.key.len()))
            || (self.key.ends_with(&part.key) && self.has_border(self.key.len() - part.key.len()))
    }

    /// Whether it is the form of another one that women bear.
    fn is_feminine_of(&self, name: &Self) -> bool {
        self.key.strip_prefix(&name.key).is_some_and(|ending| FEMININE.contains(&ending))
    }
}

fn stands_between_words(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '/' | '&')
}

/// In shorter names one letter makes another name: Lang, Lange.
const SHORTEST_SLIP: usize = 5;
/// Shorter names are in too many others: Ott, Otto.
const SHORTEST_PART: usize = 4;
/// What is shorter besides is an ending: Peters, Hansen.
const SHORTEST_BESIDES: usize = 3;
/// Endings by which a woman bears the family name of a man; those of one letter are slips of it.
const FEMININE: [&str; 1] = ["ova"];

fn said(a: &Family, b: &Family) -> &'static str {
    let (short, long) = if a.key.len() <= b.key.len() { (a, b) } else { (b, a) };
    if a.key == b.key {
        "equal"
    } else if umlauts_agree(&a.key, &b.key)
        || (short.key.len() >= SHORTEST_SLIP
            && short.key.is_ascii()
            && is_one_edit(short.key.as_bytes(), long.key.as_bytes()))
    {
        "spelling"
    } else if short.key.len() >= SHORTEST_PART
        && long.key.len() >= short.key.len() + SHORTEST_BESIDES
        && (long.has_part(short) || long.is_feminine_of(short))
    {
        "part"
    } else {
        "other"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Family;

    fn said(a: &str, b: &str) -> &'static str {
        let (mut one, mut other) = (Family::default(), Family::default());
        let is_there = one.read(Some(a)) && other.read(Some(b));
        if is_there { super::said(&one, &other) } else { "missing" }
    }

    #[test]
    fn tells_spellings_and_parts_from_other_names() {
        for (a, b, wanted) in [
            ("Berg", "BERG", "equal"),
            ("Dietz-Ott", "Dietz Ott", "equal"),
            ("Dietzott", "Dietz-Ott", "equal"),
            ("Muller", "Mueller", "spelling"),
            ("M\u{fc}ller", "Mueller", "spelling"),
            ("Johnson", "Jonhson", "spelling"),
            ("johnson", "johnsn", "spelling"),
            ("Dietz", "Dietz-Ott", "part"),
            ("Dietz", "Dietz Ott", "part"),
            ("Ott-Dietz", "Dietz", "part"),
            ("Cruz", "de la Cruz", "part"),
            ("Garc\u{ed}a", "Garc\u{ed}a L\u{f3}pez", "part"),
            ("Dietz", "Dr. Dietz \u{2013} Ott", "part"),
            ("Nov\u{e1}k", "Nov\u{e1}kov\u{e1}", "part"),
            ("Ivanov", "Ivanova", "spelling"),
            ("Peter", "Peters", "spelling"),
            ("Dietz", "Dietzott", "other"),
            ("Berg", "Bergmann", "other"),
            ("Stein", "Steinbach", "other"),
            ("Bach", "Steinbach", "other"),
            ("Berg", "Bergmann-Berger", "other"),
            ("Hof", "Hofer", "other"),
            ("Hans", "Hansen", "other"),
            ("Lang", "Lange", "other"),
            ("Ott", "Ott-Mann", "other"),
            ("Berg", "Stahl", "other"),
            ("Smith", "Smythe", "other"),
            ("Berg", "-", "missing"),
        ] {
            assert_eq!(said(a, b), wanted, "{a} {b}");
            assert_eq!(said(b, a), wanted, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(a in any::<String>(), b in any::<String>()) {
            prop_assert_eq!(said(&a, &b), said(&b, &a));
        }

        #[test]
        fn equal_keys_are_equal_names(a in "[A-Za-z\u{e4}\u{f6} -]{1,12}", b in "[A-Za-z\u{e4}\u{f6} -]{1,12}") {
            let key = |text: &str| super::super::family_key::family_key(text, &mut String::new()).map(str::to_owned);
            if let (Some(one), Some(other)) = (key(&a), key(&b)) {
                prop_assert_eq!(said(&a, &b) == "equal", one == other, "{} {}", a, b);
            }
        }
    }
}
