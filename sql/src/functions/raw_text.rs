//! `raw_text`: bytes of a file as text, for people to look at.

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion_common::exec_err;
use datafusion_expr::{ColumnarValue, Signature, TypeSignature, Volatility};
use datafusion_macros::user_doc;
use encoding_rs::{Encoding, WINDOWS_1252};

use super::arguments::texts;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"Bytes read in an encoding, UTF-8 if none is given; of UTF-8, bytes that are none are read as windows-1252. NUL bytes are left out."#,
    syntax_example = "raw_text(bytes[, encoding])",
    sql_example = r#"```sql
> SELECT raw_text(X'416e6e61');
Anna
> SELECT raw_text(X'4df66c6c6572', 'windows-1252');
Möller
```"#,
    argument(name = "bytes", description = "Raw bytes, such as `raw` of the data set `rejects`."),
    argument(
        name = "encoding",
        description = "The name of their encoding, such as `encoding` of the data set `rejects`."
    )
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RawText;

scalar_function!(RawText, "raw_text", takes(), DataType::Utf8View, lenient, |_, args| {
    let (value, encoding) = match args.args.as_slice() {
        [value] => (value, None),
        [value, encoding] => (value, Some(encoding)),
        _ => return exec_err!("raw_text takes one or two arguments"),
    };
    let array = cast(&value.to_array(args.number_rows)?, &DataType::Binary)?;
    let bytes = array.as_binary::<i32>();
    let names = encoding.map(|e| cast(&e.to_array(args.number_rows)?, &DataType::Utf8)).transpose()?;
    let names = names.as_ref().map(|names| names.as_string::<i32>());
    Ok(ColumnarValue::Array(texts(args.number_rows, |row, out| {
        out.clear();
        if bytes.is_null(row) {
            return false;
        }
        let name = names.filter(|names| names.is_valid(row)).map(|names| names.value(row));
        let text = text_of(bytes.value(row), name);
        out.extend(text.chars().filter(|c| *c != '\0'));
        true
    })))
});

fn takes() -> Signature {
    let any = vec![TypeSignature::Any(1), TypeSignature::Any(2)];
    Signature::one_of(any, Volatility::Immutable)
}

/// A name that nobody knows is read as UTF-8: this is for people to look at, and better than nothing.
fn text_of(bytes: &[u8], encoding: Option<&str>) -> String {
    if let Some(encoding) = encoding.and_then(|name| Encoding::for_label(name.as_bytes()))
        && encoding != encoding_rs::UTF_8
    {
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}
