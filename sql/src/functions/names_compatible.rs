//! `names_compatible`: may two given names belong to one person?

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;

use super::arguments::{booleans, evaluate, text_signature};
use super::given_key::given_key;
use super::given_names::likeness;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"True when two given names may belong to one person: they are equal as keys (`given_key`), or but for an umlaut that one writes out (`Jörg`, `Joerg`), one is missing, one is an initial of the other, they are nicknames of each other, one begins with the other (three letters at least, and what follows makes no other name of it, as feminine and diminutive endings do: not `Martin` and `Martina`, nor `Antoine` and `Antoinette`, but `Anna` and `Anna-Maria`), or one is the other with one slip (five letters at least, and not both are names of their own: not `Frances` and `Francis`). Where both have further names, these must agree as well, and one may leave some out: not `Anna Maria` and `Anna Lena`, nor `John A.` and `John B.`; `Anna-Maria` is `Anna Maria`. Never NULL. Fast on columns that are already keys."#,
    syntax_example = "names_compatible(given_a, given_b)",
    sql_example = r#"```sql
> SELECT names_compatible('Bob', 'Robert'), names_compatible('J.', 'Jane'), names_compatible('Jane', 'Peter');
true  true  false
```"#,
    argument(name = "given_a", description = "Given names or their key."),
    argument(name = "given_b", description = "Other given names or their key."),
    related_udf(name = "given_key")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NamesCompatible;

scalar_function!(
    NamesCompatible,
    "names_compatible",
    text_signature(2),
    DataType::Boolean,
    lenient,
    |function, args| {
        evaluate(function, &args, |[a, b], rows| {
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
);

/// Whether two keys of given names, as `given_key` makes them, may belong to one person.
pub fn keys_compatible(a: &str, b: &str) -> bool {
    likeness(a, b).is_some()
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
            ("Jonathan", "Jonathn"),
            ("Bob", "Robert"),
            ("Bob", "Rob"),
            ("Liz", "Betty"),
            ("Anna", "Anna-Maria"),
            ("Anna Maria", "Annamaria"),
            ("Anna Maria", "Anna M."),
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
            ("Anna Maria", "Anna Lena"),
            ("John A.", "John B."),
            ("Mary", "Mark"),
            ("Martin", "Martina"),
            ("Bob", "Bill"),
            ("Maria", "Carmen"),
            ("Katherine", "Peter"),
        ] {
            assert!(!compatible(a, b), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(a in any::<String>(), b in any::<String>()) {
            compatible(&a, &b);
        }
    }
}
