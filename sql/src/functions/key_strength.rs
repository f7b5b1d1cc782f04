//! `key_strength`: what a value says about identity: nothing, little, or enough.
//!
//! The values that say nothing (`none@…`, 555-5555) and those that say little (`info@…`) are data: `sql/data/no_keys.csv`
//! and `sql/data/weak_keys.csv`, one pattern per line for each kind of value. A project adds its own. An address that says
//! its own domain (`a@a.de`) says little: it may have been typed because the field wanted something, and may be the
//! address of a family.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use arrow::array::StringViewBuilder;
use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"What a match key says about identity: `none` for placeholders (`none@…`, `noemail@…`, 555-5555), `weak` for addresses of roles (`info@…`, `office@…`) and for those that say their own domain (`a@a.de`), `strong` otherwise. Further patterns may be given, separated by blanks; in a pattern one `*` stands for anything. NULL for NULL."#,
    syntax_example = "key_strength(key, kind, placeholders, weak)",
    sql_example = r#"```sql
> SELECT key_strength('none@x.de', 'email', '', ''), key_strength('info@x.de', 'email', '', ''), key_strength('ann@x.de', 'email', '', '');
none  weak  strong
```"#,
    argument(name = "key", description = "A key, as `email_key` or `phone_e164` gives it."),
    argument(name = "kind", description = "`email` or `phone`; other kinds have no seeded patterns."),
    argument(name = "placeholders", description = "Further patterns of values that are no keys."),
    argument(name = "weak", description = "Further patterns of values that say little."),
    related_udf(name = "email_key"),
    related_udf(name = "phone_e164")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct KeyStrength;

scalar_function!(
    KeyStrength,
    "key_strength",
    text_signature(4),
    DataType::Utf8View,
    lenient,
    |name, args| {
        evaluate(name, &args, |[key, kind, placeholders, weak], rows| {
            let text = |row| {
                let [kind, placeholders, weak] = [&kind, &placeholders, &weak].map(|reader| reader.get(row));
                (kind.unwrap_or_default(), placeholders.unwrap_or_default(), weak.unwrap_or_default())
            };
            let mut words = StringViewBuilder::with_capacity(rows);
            // Patterns are constants, or nearly so.
            let mut known: Option<((&str, &str, &str), Strengths<'_>)> = None;
            for row in 0..rows {
                let Some(key) = key.get(row) else {
                    words.append_null();
                    continue;
                };
                let asked = text(row);
                if known.as_ref().is_none_or(|(of, _)| *of != asked) {
                    known = Some((asked, Strengths::of(asked.0, asked.1, asked.2)));
                }
                words.append_value(known.as_ref().map_or("strong", |(_, strengths)| strengths.of_key(key)));
            }
            Ok(Arc::new(words.finish()))
        })
    }
);

const NO_KEYS: &str = include_str!("../../data/no_keys.csv");
const WEAK_KEYS: &str = include_str!("../../data/weak_keys.csv");

/// The seeded patterns of one kind.
struct Seeded {
    none: Patterns<'static>,
    weak: Patterns<'static>,
}

static EMAIL: LazyLock<Seeded> = LazyLock::new(|| Seeded::of("email"));
static PHONE: LazyLock<Seeded> = LazyLock::new(|| Seeded::of("phone"));

impl Seeded {
    fn of(kind: &str) -> Self {
        let lines = |file: &'static str| {
            let pairs = file.lines().skip(1).filter_map(|line| line.split_once(','));
            Patterns::of(pairs.filter(|(of, _)| *of == kind).map(|(_, pattern)| pattern))
        };
        Self { none: lines(NO_KEYS), weak: lines(WEAK_KEYS) }
    }
}

/// Has the tables made.
pub(super) fn warm_up() {
    LazyLock::force(&EMAIL);
    LazyLock::force(&PHONE);
}

struct Strengths<'a> {
    kind: &'a str,
    seeded: Option<&'static Seeded>,
    none: Patterns<'a>,
    weak: Patterns<'a>,
}

impl<'a> Strengths<'a> {
    fn of(kind: &'a str, none: &'a str, weak: &'a str) -> Self {
        let seeded = match kind {
            "email" => Some(&*EMAIL),
            "phone" => Some(&*PHONE),
            _ => None,
        };
        Self { kind, seeded, none: Patterns::of(none.split(' ')), weak: Patterns::of(weak.split(' ')) }
    }

    fn of_key(&self, key: &str) -> &'static str {
        if self.seeded.is_some_and(|seeded| seeded.none.fit(key)) || self.none.fit(key) {
            "none"
        } else if self.seeded.is_some_and(|seeded| seeded.weak.fit(key))
            || self.weak.fit(key)
            || (self.kind == "email" && says_its_domain(key))
        {
            "weak"
        } else {
            "strong"
        }
    }
}

/// `a@a.de`, `123@123.com`. Longer ones are rather somebody's own domain.
fn says_its_domain(key: &str) -> bool {
    const LONGEST: usize = 8;

    key.rsplit_once('@').is_some_and(|(local, domain)| {
        local.len() <= LONGEST && domain.split_once('.').is_some_and(|(first, _)| first == local)
    })
}

/// Patterns sorted by what they ask: most of them are one look into a table.
#[derive(Default)]
struct Patterns<'a> {
    exact: HashSet<&'a str>,
    /// `info@*`: the part before the `@`.
    locals: HashSet<&'a str>,
    /// What a key begins and ends with.
    others: Vec<(&'a str, &'a str)>,
}

impl<'a> Patterns<'a> {
    fn of(patterns: impl Iterator<Item = &'a str>) -> Self {
        let mut sorted = Self::default();
        for pattern in patterns.filter(|pattern| !pattern.is_empty()) {
            match pattern.split_once('*') {
                None => {
                    sorted.exact.insert(pattern);
                }
                Some((begins, "")) if begins.ends_with('@') => {
                    sorted.locals.insert(begins.trim_end_matches('@'));
                }
                Some((begins, ends)) => sorted.others.push((begins, ends)),
            }
        }
        sorted
    }

    fn fit(&self, key: &str) -> bool {
        if !self.exact.is_empty() && self.exact.contains(key) {
            return true;
        }
        if !self.locals.is_empty()
            && let Some((local, _)) = key.rsplit_once('@')
            && (self.locals.contains(local) || without_number(local).is_some_and(|l| self.locals.contains(l)))
        {
            return true;
        }
        self.others.iter().any(|(begins, ends)| {
            key.len() >= begins.len() + ends.len() && key.ends_with(ends) && key.starts_with(begins)
        })
    }
}

/// `noemail2@…`, `test1@…`: the word that is counted. Longer numbers and shorter words are somebody's name.
fn without_number(local: &str) -> Option<&str> {
    const SHORTEST: usize = 4;
    const DIGITS: usize = 2;

    let word = local.trim_end_matches(|c: char| c.is_ascii_digit());
    (word.len() < local.len() && word.len() + DIGITS >= local.len() && word.len() >= SHORTEST).then_some(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strength(key: &str, kind: &str) -> &'static str {
        Strengths::of(kind, "*@ngo.example 4711", "desk@*").of_key(key)
    }

    #[test]
    fn placeholders_say_nothing_and_roles_little() {
        for (key, kind, wanted) in [
            ("none@none.com", "email", "none"),
            ("none@example.org", "email", "none"),
            ("noemail@noemail.com", "email", "none"),
            ("test@example.org", "email", "none"),
            ("anna@none.com", "email", "none"),
            ("anna@x.invalid", "email", "none"),
            ("anna@ngo.example", "email", "none"),
            ("4711", "other", "none"),
            ("no@email.com", "email", "none"),
            ("user@example.com", "email", "none"),
            ("foo@bar.com", "email", "none"),
            ("kein@email.de", "email", "none"),
            ("a@a.de", "email", "weak"),
            ("123@123.com", "email", "weak"),
            ("missing@missing.com", "email", "none"),
            ("test@test.org", "email", "none"),
            ("mail@mail.example.org", "email", "weak"),
            ("info@info.de", "email", "weak"),
            ("desk@desk.example", "email", "weak"),
            ("schneider@schneider.example", "email", "strong"),
            ("a@b.de", "email", "strong"),
            ("x1@x1.sub.example.org", "email", "weak"),
            ("sub@sub2.example.org", "email", "strong"),
            ("user@example.org", "email", "strong"),
            ("user1@example.com", "email", "strong"),
            ("no@example.org", "email", "strong"),
            ("foo@bar.org", "email", "strong"),
            ("a@a.de", "other", "strong"),
            ("kasse@verein.example", "email", "weak"),
            ("b\u{fc}ro@werk.example", "email", "weak"),
            ("president@club.example", "email", "weak"),
            ("kassel@verein.example", "email", "strong"),
            ("info@werk.example", "email", "weak"),
            ("office@werk.example", "email", "weak"),
            ("desk@werk.example", "other", "weak"),
            ("noemail1@example.org", "email", "none"),
            ("test12@example.org", "email", "none"),
            ("pasdemail@gmail.com", "email", "none"),
            ("geen@email.nl", "email", "none"),
            ("notiene@correo.com", "email", "none"),
            ("keineangabe@web.de", "email", "none"),
            ("na1@example.org", "email", "strong"),
            ("test1985@example.org", "email", "strong"),
            ("nonec@example.org", "email", "strong"),
            ("anna.none@example.org", "email", "strong"),
            ("informatik@werk.example", "email", "strong"),
            ("testa@example.org", "email", "strong"),
            ("tester.anna@example.org", "email", "strong"),
            ("+12125555555", "phone", "none"),
            ("+10000000000", "phone", "none"),
            ("+11234567890", "phone", "none"),
            ("+491234567890", "phone", "none"),
            ("+12025551212", "phone", "none"),
            ("+18005551212", "phone", "none"),
            ("+12025551213", "phone", "strong"),
            ("+492025551212", "phone", "strong"),
            ("+12025550143", "phone", "strong"),
            ("+493023125121", "phone", "strong"),
        ] {
            assert_eq!(strength(key, kind), wanted, "{key}");
        }
    }

    #[test]
    fn patterns_are_of_a_known_kind_and_no_key_twice() {
        for file in [NO_KEYS, WEAK_KEYS] {
            let mut seen = HashSet::new();
            for line in file.lines().skip(1) {
                let (kind, pattern) = line.split_once(',').expect("two columns");
                assert!(["email", "phone"].contains(&kind) && !pattern.contains([' ', ',']), "{line}");
                assert!(pattern.matches('*').count() <= 1 && pattern == pattern.to_lowercase(), "{line}");
                assert!(seen.insert(line), "{line}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_longer_local_part_is_another_mailbox(word in "(none|test|info|office|null)", more in "[a-z0-9]{3,6}") {
            prop_assume!(!["ing", "mail"].iter().any(|m| more.starts_with(m)) && !more.starts_with("rmation") && !more.starts_with("rmacion"));
            let key = format!("{word}{more}@example.org");
            prop_assert_eq!(strength(&key, "email"), "strong", "{}", key);
        }

        #[test]
        fn never_panics(key in any::<String>(), patterns in any::<String>()) {
            Strengths::of("email", &patterns, &patterns).of_key(&key);
        }
    }
}
