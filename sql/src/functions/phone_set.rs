//! `phone_set`: all phone values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first.

use datafusion_expr::{Signature, Volatility};
use datafusion_macros::user_doc;

use super::contact_set::{evaluate_set, set_type};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"All phone values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first. Keys are made the E.164 number itself. An empty set when there is none."#,
    syntax_example = "phone_set(primary, others)",
    sql_example = r#"```sql
> SELECT phone_set('+493012345678', NULL);
[{key: +493012345678, value: +493012345678, is_primary: true}]
```"#,
    argument(name = "primary", description = "The primary value; NULL when there is none."),
    argument(name = "others", description = "A list of further values; NULL when there are none."),
    related_udf(name = "set_keys")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PhoneSet;

scalar_function!(
    PhoneSet,
    "phone_set",
    Signature::any(2, Volatility::Immutable),
    set_type(),
    lenient,
    |name, args| evaluate_set(name, &args, |value, _| Some(value).filter(|v| !v.is_empty()))
);
