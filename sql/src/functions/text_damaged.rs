//! `text_damaged`: have letters been lost?

use arrow::datatypes::DataType;
use datafusion_common::types::logical_string;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    Coercion, ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature,
    TypeSignatureClass, Volatility,
};
use datafusion_macros::user_doc;

use super::arguments::{booleans, evaluate, evaluate_boolean};
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
pub(super) struct TextDamaged {
    signature: Signature,
}

impl TextDamaged {
    pub(super) fn new() -> Self {
        let text = Coercion::new_exact(TypeSignatureClass::Native(logical_string()));
        let shapes = [1, 2].map(|count| TypeSignature::Coercible(vec![text.clone(); count]));
        Self { signature: Signature::one_of(shapes.to_vec(), Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for TextDamaged {
    fn name(&self) -> &str {
        "text_damaged"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if args.args.len() < 2 {
            return evaluate_boolean(self.name(), &args, |text| Some(is_lost(text, Doubt::None)));
        }
        evaluate(self.name(), &args, |[text, doubt], rows| {
            for row in 0..rows {
                if let Some(word) = doubt.get(row)
                    && Doubt::from_word(word).is_none()
                {
                    return exec_err!("text_damaged knows capitals and any, not '{word}'");
                }
            }
            Ok(booleans(rows, |row| Some(is_lost(text.get(row)?, Doubt::from_word(doubt.get(row)?)?))))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
