//! `mend_text`: undoes what an export did to letters.

use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::text_damage::{Mend, mend};

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Undoes damage to letters. `how` lists what, separated by blanks: `entities` (HTML entities with their semicolon), `utf8` (UTF-8 that was read as Windows-1252, ISO-8859-1, Mac Roman or a console's code page and encoded again), `mac` (Mac Roman that was read as Windows-1252), each only where the text itself leaves no doubt; `utf8_all` and `mac_all` also where another reading is thinkable, for files of which the damage is known. Text without signs of damage stays as it is."#,
    syntax_example = "mend_text(text, how)",
    sql_example = r#"```sql
> SELECT mend_text('O&#039;Brien', 'entities'), mend_text('MÃ¼ller', 'utf8'), mend_text('Jšrg', 'mac'), mend_text('Jšrg', 'mac_all');
O'Brien  Müller  Jšrg  Jörg
```"#,
    argument(name = "text", description = "The text."),
    argument(name = "how", description = "What is undone: words of entities, utf8, utf8_all, mac, mac_all."),
    related_udf(name = "text_damaged")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct MendText {
    signature: Signature,
}

impl MendText {
    pub(super) fn new() -> Self {
        Self { signature: text_signature(2) }
    }
}

impl ScalarUDFImpl for MendText {
    fn name(&self) -> &str {
        "mend_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        evaluate(self.name(), &args, |[text, how], rows| {
            let mut known: Option<(&str, Mend)> = None;
            for row in 0..rows {
                let Some(words) = how.get(row) else { continue };
                if known.is_none_or(|(before, _)| before != words) {
                    let Some(mend) = Mend::from_words(words) else {
                        return exec_err!(
                            "mend_text knows entities, utf8, utf8_all, mac and mac_all, not '{words}'"
                        );
                    };
                    known = Some((words, mend));
                }
            }
            Ok(texts(rows, |row, out| {
                let (Some(text), Some(words)) = (text.get(row), how.get(row)) else { return false };
                let how = Mend::from_words(words).unwrap_or_default();
                out.clear();
                out.push_str(&mend(text, how));
                true
            }))
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.doc()
    }
}
