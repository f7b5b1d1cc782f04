//! `email_set`: all email values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first.

use datafusion_expr::{Signature, Volatility};
use datafusion_macros::user_doc;

use super::contact_set::{evaluate_set, set_type};
use super::email_key::email_key;
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"All email values of a row as one set of `{key, value, is_primary}`, each key once, the primary value first. Keys are made by `email_key`; addresses that are none are left out. An empty set when there is none."#,
    syntax_example = "email_set(primary, others)",
    sql_example = r#"```sql
> SELECT email_set('Ann+news@X.de', make_array('b@x.de'));
[{key: ann@x.de, value: Ann+news@X.de, is_primary: true}, {key: b@x.de, value: b@x.de, is_primary: false}]
```"#,
    argument(name = "primary", description = "The primary value; NULL when there is none."),
    argument(name = "others", description = "A list of further values; NULL when there are none."),
    related_udf(name = "set_keys")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EmailSet;

scalar_function!(
    EmailSet,
    "email_set",
    Signature::any(2, Volatility::Immutable),
    set_type(),
    lenient,
    |name, args| evaluate_set(name, &args, email_key)
);
