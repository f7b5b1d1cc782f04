//! `phonetic_codes`: how a name may sound, in several languages.

use std::sync::Arc;

use arrow::array::{ListBuilder, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use rphonetic::{Cologne, Encoder};

use super::phonetic_code::metaphone;
use super::spanish::spell;
use crate::functions::arguments::{evaluate, text_signature};
use crate::functions::fold::fold;
use crate::functions::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"How a name may sound, as a list of codes: both codes of Double Metaphone (capital letters, with Θ for TH; English, with what it knows of other languages), the Cologne phonetics (digits; German), and one spelling of what sounds alike in Spanish (small letters: b and v, z and s, y and ll, a silent h). Two names may sound alike when they have a code in common: `array_overlap` counts them. NULL when no sound is left."#,
    syntax_example = "phonetic_codes(name)",
    sql_example = r#"```sql
> SELECT phonetic_codes('Meier'), phonetic_codes('Maier');
[MR, 67, meier]  [MR, 67, maier]
```"#,
    argument(name = "name", description = "A name, or its key."),
    related_udf(name = "phonetic_code"),
    related_udf(name = "array_overlap")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::functions) struct PhoneticCodes;

scalar_function!(
    PhoneticCodes,
    "phonetic_codes",
    text_signature(1),
    DataType::new_list(DataType::Utf8View, true),
    strict,
    |name, args| {
        evaluate(name, &args, |[name], rows| {
            let mut lists = ListBuilder::with_capacity(StringViewBuilder::new(), rows);
            let (mut buffer, mut codes) = (String::new(), Vec::new());
            for row in 0..rows {
                codes.clear();
                if let Some(name) = name.get(row) {
                    each_code(name, &mut buffer, |code| codes.push(code));
                }
                codes.iter().for_each(|code| lists.values().append_value(code));
                lists.append(!codes.is_empty());
            }
            Ok(Arc::new(lists.finish()))
        })
    }
);

/// What Double Metaphone hears in TH, and how it stands here: the published sign is a digit, as those of Cologne are.
const TH: (char, &str) = ('0', "\u{398}");

/// Hands on each code of a name once. Codes of two kinds are never equal: they are of other characters.
fn each_code(name: &str, buffer: &mut String, mut take: impl FnMut(String)) {
    let Some(folded) = fold(name, buffer) else { return };
    let (primary, alternate) = metaphone(folded);
    let mut spelling = String::new();
    spell(folded, &mut spelling);
    let alternate = if alternate == primary { String::new() } else { alternate };
    let [primary, alternate] = [primary, alternate].map(|code| code.replace(TH.0, TH.1));
    for code in [primary, alternate, Cologne.encode(folded), spelling] {
        if !code.is_empty() {
            take(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes(name: &str) -> Vec<String> {
        let mut codes = Vec::new();
        each_code(name, &mut "left over".to_owned(), |code| codes.push(code));
        codes
    }

    fn sound_alike(a: &str, b: &str) -> bool {
        let b = codes(b);
        codes(a).iter().any(|code| b.contains(code))
    }

    #[test]
    fn published_codes_of_cologne() {
        // Postel, IBM-Nachrichten 19 (1969), and the tests of Apache Commons Codec.
        for (name, code) in [
            ("M\u{fc}ller", "657"),
            ("Breschnew", "17863"),
            ("Wikipedia", "3412"),
            ("M\u{fc}ller-L\u{fc}denscheidt", "65752682"),
            ("Meyer", "67"),
        ] {
            assert!(codes(name).contains(&code.to_owned()), "{name}: {:?}", codes(name));
        }
    }

    #[test]
    fn names_that_sound_alike() {
        for (a, b) in [
            ("Meyer", "Maier"),
            ("Schmidt", "Schmitt"),
            ("M\u{fc}ller", "Mueller"),
            ("Catherine", "Kathryn"),
            ("Stephen", "Steven"),
            ("V\u{e1}squez", "Basques"),
            ("Hern\u{e1}ndez", "Ernandez"),
            ("Philipp", "Filip"),
            ("Jablonski", "Yablonsky"),
        ] {
            assert!(sound_alike(a, b), "{a} {b}: {:?} {:?}", codes(a), codes(b));
        }
        for (a, b) in
            [("Anna", "Otto"), ("Schmidt", "Jones"), ("Garcia", "Lopez"), ("Berg", "Stahl"), ("Thao", "Yao")]
        {
            assert!(!sound_alike(a, b), "{a} {b}: {:?} {:?}", codes(a), codes(b));
        }
        assert!(sound_alike("Thao", "Thau"), "{:?}", codes("Thau"));
        assert!(codes("123").is_empty());
    }

    #[test]
    fn codes_of_two_kinds_are_of_other_characters() {
        for name in ["Thao", "Yao", "Thatcher", "Otto", "Smith", "Ae"] {
            let kinds = codes(name).into_iter().map(|code| {
                let is = |kind: fn(&char) -> bool| code.chars().all(|sign| kind(&sign));
                let metaphone = is(|sign| sign.is_ascii_uppercase() || *sign == '\u{398}');
                [metaphone, is(char::is_ascii_digit), is(char::is_ascii_lowercase)]
            });
            for kind in kinds {
                assert_eq!(kind.iter().filter(|is| **is).count(), 1, "{name}: {:?}", codes(name));
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_says_nothing_twice(name in any::<String>()) {
            let codes = codes(&name);
            let mut once = codes.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(codes.len(), once.len());
        }
    }
}
