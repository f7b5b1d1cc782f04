//! `mend_text`: undoes what an export did to letters.

use arrow::datatypes::DataType;
use datafusion_common::exec_err;
use datafusion_macros::user_doc;

use super::arguments::{evaluate, text_signature, texts};
use super::scalar_function::scalar_function;
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
pub(super) struct MendText;

scalar_function!(MendText, "mend_text", text_signature(2), DataType::Utf8View, strict, |name, args| {
    evaluate(name, &args, |[text, how], rows| {
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
});
