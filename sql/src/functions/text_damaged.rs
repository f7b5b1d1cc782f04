//! `text_damaged`: have letters been lost?

use arrow::datatypes::DataType;
use datafusion_common::exec_err;
use datafusion_common::types::logical_string;
use datafusion_expr::{Coercion, Signature, TypeSignature, TypeSignatureClass, Volatility};
use datafusion_macros::user_doc;

use super::arguments::{booleans, evaluate, evaluate_boolean};
use super::scalar_function::scalar_function;
use super::text_damage::{Doubt, is_lost};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"True for text whose letters an export has damaged: a question mark, a replacement sign (U+FFFD), a control or box sign or half a character inside a word (`M?ller`, `WeiÃ`), a question mark where a word begins (`?rhus`) or, in a text of one or two words of letters alone, where one ends (`Zo?`), a sign where only letters stand (`M¸ller`, `Pawe³`, `Schr÷der`), Latin letters in one word with Cyrillic or Greek ones that do not just look like them (`Mьller`), and what `mend_text` could still undo. `doubt` says what else is in doubt because its file has shown damage: `capitals` with accents inside words (`LefËvre`), or `any` letter beyond A to Z in Latin words."#,
    syntax_example = "text_damaged(text[, doubt])",
    sql_example = r#"```sql
> SELECT text_damaged('M?ller'), text_damaged('Müller'), text_damaged('Müller', 'any'), text_damaged('Who is it?');
true  false  true  false
```"#,
    argument(name = "text", description = "The text."),
    argument(name = "doubt", description = "`capitals`, `any`, or nothing."),
    related_udf(name = "mend_text")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TextDamaged;

scalar_function!(TextDamaged, "text_damaged", takes(), DataType::Boolean, strict, |name, args| {
    if args.args.len() < 2 {
        return evaluate_boolean(name, &args, |text| Some(is_lost(text, Doubt::None)));
    }
    evaluate(name, &args, |[text, doubt], rows| {
        for row in 0..rows {
            if let Some(word) = doubt.get(row)
                && Doubt::from_word(word).is_none()
            {
                return exec_err!("text_damaged knows capitals and any, not '{word}'");
            }
        }
        Ok(booleans(rows, |row| Some(is_lost(text.get(row)?, Doubt::from_word(doubt.get(row)?)?))))
    })
});

fn takes() -> Signature {
    let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
    let shapes = [1, 2].map(|count| TypeSignature::Coercible(vec![text.clone(); count]));
    Signature::one_of(shapes.to_vec(), Volatility::Immutable)
}
