//! `family_evidence`: what two family names have to do with each other.
//!
//! A name is a part of another one only where whole words of this are that: Dietz-Ott is Dietz since a marriage, Bergmann is
//! not Berg. So the names are read as they are written, not by their keys, which run words together. Mac, O' and the like
//! make a name of its own of the one behind them, whether a blank stands there or not.

use std::sync::Arc;

use arrow::array::StringViewBuilder;
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::family_key::bare_family_name;
use super::fold::fold_name_onto;
use super::name_spelling::{is_one_edit, umlauts_agree};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What two family names say of each other, as one word: `equal` (as keys: see `family_key`), `missing` (at least one is), `spelling` (an umlaut written out, or one slip in five letters), `part` (whole words of one are the other, as of `Dietz-Ott` `Dietz`, of `de Boer` `Boer` and of `de la Cruz Ramos` `Cruz`, or it is its form for women, as `Nováková` of `Novák`; four letters at least), `other` (also where one only begins with the other, as `Bergmann` with `Berg`, or says that it is its son, as `O'Neill`, `Mac Arthur` and `Fitz Gerald` of `Neill`, `Arthur` and `Gerald`). Never NULL."#,
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
pub(super) struct FamilyEvidence;

scalar_function!(
    FamilyEvidence,
    "family_evidence",
    text_signature(2),
    DataType::Utf8View,
    lenient,
    |name, args| {
        evaluate(name, &args, |[a, b], rows| {
            let mut words = StringViewBuilder::with_capacity(rows);
            let (mut one, mut other) = (Family::default(), Family::default());
            for row in 0..rows {
                let is_there = one.read(a.get(row)) && other.read(b.get(row));
                words.append_value(if is_there { said(&one, &other) } else { "missing" });
            }
            Ok(Arc::new(words.finish()))
        })
    }
);

/// A family name, folded.
#[derive(Debug, Default)]
struct Family {
    key: String,
    /// Where words of it begin and end.
    borders: Vec<usize>,
    /// How long what stands in front is that makes a son's name of another one; 0 where there is nothing like it.
    son: usize,
}

impl Family {
    /// Reads a name; false where none is there.
    fn read(&mut self, text: Option<&str>) -> bool {
        self.key.clear();
        self.borders.clear();
        self.son = 0;
        let mut scratch = String::new();
        let Some(name) = text.and_then(|text| bare_family_name(text, &mut scratch)) else { return false };
        for word in name.split(stands_between_words) {
            let at = self.key.len();
            if at == 0 || at != self.son {
                self.begin_word();
            }
            fold_name_onto(word, &mut self.key);
            if at == 0 && SON_OF.contains(&self.key.as_str()) {
                self.son = self.key.len();
            }
        }
        self.begin_word();
        if self.key.starts_with('o') && name.chars().nth(1).is_some_and(is_apostrophe) {
            self.son = 1;
        }
        !self.key.is_empty()
    }

    /// A word begins where the key ends now, or the name ends there.
    fn begin_word(&mut self) {
        if self.borders.last() != Some(&self.key.len()) {
            self.borders.push(self.key.len());
        }
    }

    /// Whether some of its words, one behind the other, are another name.
    fn has_part(&self, part: &Self) -> bool {
        // Umlauts that are written out make it longer, and nothing else does.
        let longest = part.key.len().saturating_mul(2);
        let is_part = |start: usize, end: usize| {
            self.key.get(start..end).is_some_and(|words| umlauts_agree(words, &part.key))
        };
        part.key.len() >= SHORTEST_PART
            && self.borders.iter().enumerate().any(|(n, start)| {
                let mut ends = self.borders.iter().skip(n + 1).take_while(|end| *end - start <= longest);
                ends.any(|end| is_part(*start, *end))
            })
    }

    /// Whether it is that of the sons of another one.
    fn is_of_sons_of(&self, name: &Self) -> bool {
        self.son > 0 && self.key.get(self.son..) == Some(name.key.as_str())
    }

    /// Whether it is the form of another one that women bear.
    fn is_feminine_of(&self, name: &Self) -> bool {
        self.key.strip_prefix(&name.key).is_some_and(|ending| FEMININE.contains(&ending))
    }
}

fn stands_between_words(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '/' | '&')
}

/// Words that are part of the name behind them.
const SON_OF: [&str; 4] = ["mc", "mac", "o", "fitz"];

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '`' | '\u{b4}' | '\u{2bc}' | '\u{2018}' | '\u{2019}')
}

/// In shorter names one letter makes another name: Lang, Lange.
const SHORTEST_SLIP: usize = 5;
/// Shorter names are in too many others: Ott, Otto.
const SHORTEST_PART: usize = 4;
/// Endings by which a woman bears the family name of a man; those of one letter are slips of it.
const FEMININE: [&str; 1] = ["ova"];

fn said(a: &Family, b: &Family) -> &'static str {
    let (short, long) = if a.key.len() <= b.key.len() { (a, b) } else { (b, a) };
    if a.key == b.key {
        "equal"
    } else if a.is_of_sons_of(b) || b.is_of_sons_of(a) {
        "other"
    } else if umlauts_agree(&a.key, &b.key)
        || (short.key.len() >= SHORTEST_SLIP
            && short.key.is_ascii()
            && is_one_edit(short.key.as_bytes(), long.key.as_bytes()))
    {
        "spelling"
    } else if a.has_part(b)
        || b.has_part(a)
        || (short.key.len() >= SHORTEST_PART && long.is_feminine_of(short))
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
            ("Boer", "de Boer", "part"),
            ("Silva", "da Silva", "part"),
            ("Marco", "di Marco", "part"),
            ("Amrani", "el Amrani", "part"),
            ("Hassan", "al-Hassan", "part"),
            ("de Boer", "van de Boer", "part"),
            ("Cruz", "de la Cruz Ramos", "part"),
            ("de la Cruz", "de la Cruz Ramos", "part"),
            ("M\u{fc}ller", "Mueller-Schmidt", "part"),
            ("Mueller", "Schmidt-M\u{fc}ller", "part"),
            ("Mueller", "M\u{fc}ller X", "part"),
            ("Arthur", "Mac Arthur-Stein", "other"),
            ("Stein", "Mac Arthur-Stein", "part"),
            ("Mac Arthur", "Mac Arthur-Stein", "part"),
            ("Arthur", "Mac Arthur", "other"),
            ("Arthur", "MacArthur", "other"),
            ("Gerald", "Fitz Gerald", "other"),
            ("Fitz", "Fitz Gerald", "other"),
            ("Donald", "Mc Donald", "other"),
            ("Neill", "O'Neill", "other"),
            ("Neill", "O\u{2019}Neill", "other"),
            ("Neill", "O Neill", "other"),
            ("Mc Donald", "McDonald", "equal"),
            ("O'Neill", "ONeill", "equal"),
            ("Mc Donald", "Mac Donald", "spelling"),
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
