//! `url_clean`: addresses of pages, in one spelling.

use arrow::datatypes::DataType;
use datafusion_macros::user_doc;
use url::{Host, Url};

use super::arguments::{evaluate_text, text_signature};
use super::scalar_function::scalar_function;

#[user_doc(
    doc_section(label = "String Functions"),
    description = r#"The address of a page in its usual spelling: scheme and host in small letters, a host of other alphabets in its ASCII form, the usual port left out, a path that is at least `/`. NULL unless the scheme is http or https and the host has a point in it, and for an address with blanks or a password in it."#,
    syntax_example = "url_clean(text)",
    sql_example = r#"```sql
> SELECT url_clean('HTTPS://Example.org:443/Team?x=1'), url_clean('example.org');
https://example.org/Team?x=1  NULL
```"#,
    argument(name = "text", description = "An address.")
)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct UrlClean;

scalar_function!(UrlClean, "url_clean", text_signature(1), DataType::Utf8View, strict, |name, args| {
    evaluate_text(name, &args, url_clean)
});

/// Longer addresses are refused by browsers, too.
const LONGEST: usize = 2_048;

pub(super) fn url_clean<'a>(text: &'a str, buffer: &'a mut String) -> Option<&'a str> {
    let text = text.trim();
    // The parser would take tabs and line breaks out and encode blanks, in silence.
    if text.len() > LONGEST || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (scheme, _) = text.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let named = match url.host()? {
        Host::Domain(name) => {
            let labels = name.trim_end_matches('.');
            labels.contains('.') && labels.split('.').all(|label| !label.is_empty())
        }
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    if !named || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    buffer.clear();
    buffer.push_str(url.as_str());
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    fn clean(text: &str) -> Option<String> {
        super::url_clean(text, &mut "left over".to_owned()).map(str::to_owned)
    }

    #[test]
    fn one_spelling_for_one_address() {
        for (text, wanted) in [
            ("https://example.org", "https://example.org/"),
            ("HTTP://WWW.Example.ORG/Team", "http://www.example.org/Team"),
            (" https://example.org:443/a?b=C#d ", "https://example.org/a?b=C#d"),
            ("https://example.org:8443/", "https://example.org:8443/"),
            ("https://müller.example/ä", "https://xn--mller-kva.example/%C3%A4"),
            ("http://192.168.0.1/x", "http://192.168.0.1/x"),
            ("http://[::1]:8080/", "http://[::1]:8080/"),
        ] {
            assert_eq!(clean(text).as_deref(), Some(wanted), "{text:?}");
        }
    }

    #[test]
    fn near_misses_are_none() {
        for text in [
            "",
            "example.org",
            "www.example.org",
            "ftp://example.org/",
            "mailto:anna@example.org",
            "javascript://example.org/%0aalert(1)",
            "https://",
            "https:///path",
            "https:example.org",
            "http://https://example.org",
            "https://localhost",
            "https://example",
            "https://exa mple.org",
            "https://example.org/a b",
            "https://example..org",
            "https://.org",
            "https://anna:secret@example.org/",
            "https://anna@example.org/",
            "https://example.org:99999/",
            "htps://example.org",
            "none",
        ] {
            assert_eq!(clean(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_clean_stays_as_it_is(host in "[a-zA-Z]{1,8}\\.[a-z]{2,4}", path in "(/[a-zA-Z0-9%._~-]{0,6}){0,3}", query in "(\\?[a-z]=[0-9])?") {
            let once = clean(&format!("https://{host}{path}{query}")).expect("an address");
            prop_assert_eq!(clean(&once), Some(once.clone()));
        }

        #[test]
        fn never_panics(text in any::<String>(), close in "https?:/{0,3}[a-zA-Z@:.\\[\\]%-]{0,16}[/?#]?[ -~]{0,8}") {
            clean(&text);
            clean(&close);
        }
    }
}
