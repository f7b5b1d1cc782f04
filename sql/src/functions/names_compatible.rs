//! `names_compatible`: may two given names belong to one person?
//!
//! Nicknames live in `sql/data/nicknames.csv`, one pair of a formal name and a nickname per line. Two names are
//! nicknames of each other when one formal name has both, or is one of them: Bob and Rob are, through Robert.

use std::collections::HashMap;
use std::sync::LazyLock;

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{booleans, evaluate, text_signature};
use super::fold::fold_onto;
use super::given_key::given_key;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"True when two given names may belong to one person: they are equal as keys (`given_key`), one is missing, one is an initial of the other, one begins with the other (three letters at least), or they are nicknames of each other. Never NULL. Fast on columns that are already keys."#,
    syntax_example = "names_compatible(given_a, given_b)",
    sql_example = r#"```sql
> SELECT names_compatible('Bob', 'Robert'), names_compatible('J.', 'Jane'), names_compatible('Jane', 'Peter');
true  true  false
```"#,
    argument(name = "given_a", description = "A given name or its key."),
    argument(name = "given_b", description = "Another given name or its key."),
    related_udf(name = "given_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NamesCompatible {
    signature: Signature,
}

impl NamesCompatible {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for NamesCompatible {
    fn name(&self) -> &str {
        "names_compatible"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[a, b], rows| {
            let (mut key_a, mut key_b) = (String::new(), String::new());
            Ok(booleans(rows, |row| {
                let a = a.get(row).and_then(|name| given_key(name, &mut key_a));
                let b = b.get(row).and_then(|name| given_key(name, &mut key_b));
                Some(match (a, b) {
                    (Some(a), Some(b)) => keys_compatible(a, b),
                    _ => true,
                })
            }))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}

/// One pair of formal name and nickname per line, under a heading.
const NICKNAMES: &str = include_str!("../../data/nicknames.csv");

/// Shorter beginnings say too little: Jo may be Joan, John or Joseph.
const SHORTEST_BEGINNING: usize = 3;

/// For each folded name the formal names it stands for, by number, in ascending order.
static FORMAL_NAMES: LazyLock<HashMap<String, Vec<u16>>> = LazyLock::new(|| {
    let mut numbers: HashMap<String, u16> = HashMap::new();
    let mut formal_names: HashMap<String, Vec<u16>> = HashMap::new();
    for line in NICKNAMES.lines().skip(1) {
        let Some((formal, nickname)) = line.split_once(',') else {
            continue;
        };
        let (formal, nickname) = (folded(formal), folded(nickname));
        let Ok(next) = u16::try_from(numbers.len()) else {
            break;
        };
        let number = *numbers.entry(formal.clone()).or_insert(next);
        for name in [formal, nickname] {
            let stands_for = formal_names.entry(name).or_default();
            if let Err(at) = stands_for.binary_search(&number) {
                stands_for.insert(at, number);
            }
        }
    }
    formal_names
});

/// Has the table of nicknames made.
pub(super) fn warm_up() {
    LazyLock::force(&FORMAL_NAMES);
}

fn folded(name: &str) -> String {
    let mut key = String::new();
    fold_onto(name, &mut key);
    key
}

/// Whether two keys of given names, as `given_key` makes them, may belong to one person.
pub fn keys_compatible(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let is_beginning = short.len() <= 1 || short.len() >= SHORTEST_BEGINNING;
    (is_beginning && long.starts_with(short)) || short == long || are_nicknames(short, long)
}

fn are_nicknames(a: &str, b: &str) -> bool {
    let (Some(a), Some(b)) = (FORMAL_NAMES.get(a), FORMAL_NAMES.get(b)) else {
        return false;
    };
    a.iter().any(|number| b.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compatible(a: &str, b: &str) -> bool {
        let (mut key_a, mut key_b) = (String::new(), String::new());
        match (given_key(a, &mut key_a), given_key(b, &mut key_b)) {
            (Some(a), Some(b)) => {
                assert_eq!(keys_compatible(a, b), keys_compatible(b, a));
                keys_compatible(a, b)
            }
            _ => true,
        }
    }

    #[test]
    fn joins_what_may_be_one_person() {
        for (a, b) in [
            ("Anna", "ANNA"),
            ("Jos\u{e9}", "Jose"),
            ("", "Anna"),
            ("J.", "Jane"),
            ("J", "j"),
            ("Jan", "Janet"),
            ("Bob", "Robert"),
            ("Bob", "Rob"),
            ("Liz", "Betty"),
            ("Anna", "Anna-Maria"),
            ("Paco", "Francisco"),
            ("Hans", "Johannes"),
            ("Dr. Bill", "William"),
            ("Jim", "James"),
            ("Kate", "Catherine"),
        ] {
            assert!(compatible(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("Jane", "Peter"),
            ("J.", "Peter"),
            ("Jo", "John"),
            ("Anna", "Bob"),
            ("Mary", "Mark"),
            ("Bob", "Bill"),
            ("Maria", "Carmen"),
            ("Katherine", "Peter"),
        ] {
            assert!(!compatible(a, b), "{a} {b}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        let lines: Vec<_> = NICKNAMES.lines().skip(1).collect();
        assert!(lines.len() > 1_000);
        for line in lines {
            let (formal, nickname) = line.split_once(',').unwrap();
            assert!(!folded(formal).is_empty() && !folded(nickname).is_empty(), "{line}");
            assert!(!formal.contains([' ', '-']) && !nickname.contains([' ', ',']), "{line}");
            assert!(keys_compatible(&folded(formal), &folded(nickname)), "{line}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(a in any::<String>(), b in any::<String>()) {
            compatible(&a, &b);
        }
    }
}
