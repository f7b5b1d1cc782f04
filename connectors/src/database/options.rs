//! The words of a database, read and checked.

use xxhash_rust::xxh3::xxh3_128;

use super::address::{Address, Named, URL};
use super::cursor::{Lookback, Mark};
use super::select::Origin;
use crate::columnar::BINARY;
use crate::request::{OptionWord, OwnInput, Request, Words, wrong_value};
use crate::source::{Partition, SourceError};

const TABLE: OptionWord =
    OptionWord::new("table", "NAME", "Table or view of a database, such as public.people");
const QUERY: OptionWord = OptionWord::new("query", "SELECT", "One SELECT in place of a table");
pub(super) const CURSOR: OptionWord = OptionWord::new(
    "cursor",
    "COLUMN",
    "Column that grows with every change: only rows are read that came since the last run",
);
pub(super) const LOOKBACK: OptionWord = OptionWord::new(
    "lookback",
    "TIME",
    "Read that much before the watermark again, for what was committed late: 10 minutes, or a number",
);
const SINCE: OptionWord = OptionWord::new("since", "VALUE", "Where the first run begins, by the cursor");
const REREAD: OptionWord = OptionWord::new(
    "reread",
    "FROM",
    "Read again from this value of the cursor on, or from the start: start",
);

pub(super) const WORDS: [OptionWord; 8] = [URL, TABLE, QUERY, CURSOR, LOOKBACK, SINCE, REREAD, BINARY];

/// The value of `reread` for a reading from the beginning.
pub const START: &str = "start";

/// What is asked of a database.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub named: Named,
    pub from: Origin,
    pub cursor: Option<String>,
    pub lookback: Option<Lookback>,
    pub since: Option<String>,
    pub reread: Option<String>,
    /// Bytes become hexadecimal digits.
    pub hex: bool,
}

impl Options {
    /// Reads the words; nothing is opened.
    pub(super) fn read(words: &Words, connector: &str) -> Result<Self, SourceError> {
        let missing = |what: &str, help: &str| {
            SourceError::new(
                "DATABASE_OPTIONS",
                format!("the connector {connector} needs {what}"),
                help.to_owned(),
            )
        };
        let url = words.text(URL.name).ok_or_else(|| {
            missing("the option url", "write `url: env:NAME`, and the URL of the database into that variable")
        })?;
        let from = match (words.text(TABLE.name), words.text(QUERY.name)) {
            (Some(table), None) => {
                Origin::table(table).map_err(|why| wrong_value(TABLE.name, table, &why))?
            }
            (None, Some(query)) => Origin::query(query).map_err(|why| wrong_query(&why))?,
            (None, None) => {
                return Err(missing(
                    "a table or a query",
                    "write `table: NAME`, or `query:` with one SELECT",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(missing("a table or a query, not both", "leave one of the two out"));
            }
        };
        let hex = match words.text(BINARY.name) {
            None | Some("text") => false,
            Some("hex") => true,
            Some(other) => return Err(wrong_value(BINARY.name, other, "it is text or hex")),
        };
        let read = Self {
            named: Named::read(url)?,
            from,
            cursor: words
                .text(CURSOR.name)
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty()),
            lookback: words.get(LOOKBACK.name)?,
            since: words.text(SINCE.name).map(str::to_owned),
            reread: words.text(REREAD.name).map(str::to_owned),
            hex,
        };
        let needing = [
            (LOOKBACK.name, read.lookback.is_some()),
            (SINCE.name, read.since.is_some()),
            (REREAD.name, read.reread.is_some()),
        ];
        if read.cursor.is_none()
            && let Some((word, _)) = needing.into_iter().find(|(_, given)| *given)
        {
            return Err(SourceError::new(
                "DATABASE_OPTIONS",
                format!("the option {word} needs a cursor"),
                "name a column that grows with every change: `cursor: updated_at`",
            ));
        }
        Ok(read)
    }

    /// What is read, and what its watermark belongs to.
    pub(super) fn own_input(&self, connector: &str, address: &Address) -> OwnInput {
        let partition = self.cursor.as_ref().map(|cursor| {
            let identity = serde_json::json!([connector, address.place, self.identity(), cursor]).to_string();
            Partition {
                key: format!("{:032x}", xxh3_128(identity.as_bytes())),
                name: format!("{} of {} by {cursor}", self.from.name(), address.shown),
            }
        });
        OwnInput { name: self.from.name(), partition }
    }

    fn identity(&self) -> String {
        match &self.from {
            Origin::Table(parts) => serde_json::json!(parts).to_string(),
            Origin::Query(text) => text.clone(),
        }
    }

    /// Where reading begins, and what the watermark was.
    pub(super) fn beginning(&self, request: &Request) -> Result<Beginning, SourceError> {
        let stored = match &request.after {
            None => None,
            Some(text) => Some(Mark::of_stored(text).ok_or_else(|| {
                SourceError::new(
                    "DATABASE_WATERMARK",
                    "the watermark of this source was written by another version of Importer",
                    "read everything again: --again",
                )
            })?),
        };
        Ok(match (self.reread.as_deref(), stored) {
            (None, Some(watermark)) => Beginning::Watermark(watermark),
            (Some(START), _) | (None, None) => match &self.since {
                Some(since) => Beginning::Value(since.clone(), None),
                None => Beginning::Start,
            },
            (Some(value), stored) => Beginning::Value(value.to_owned(), stored),
        })
    }
}

/// Where reading begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Beginning {
    Start,
    /// A value that a person wrote, and the watermark that it is read in place of.
    Value(String, Option<Mark>),
    Watermark(Mark),
}

/// A query that cannot be; its text is not repeated, for it may be long.
fn wrong_query(why: &str) -> SourceError {
    SourceError::new(
        "DATABASE_QUERY",
        format!("the option query cannot be read: {why}"),
        "write one SELECT, without a ; at its end; it is read in a transaction that cannot write",
    )
}

#[cfg(test)]
mod tests {
    use super::{Beginning, Options};
    use crate::request::{Request, Words};

    fn read(words: &[(&str, &str)]) -> Result<Options, String> {
        Options::read(&Words::from_iter(words.iter().copied()), "sqlite").map_err(|e| e.code().to_owned())
    }

    #[test]
    fn options_that_do_not_go_together_are_refused() {
        assert!(read(&[("url", "sqlite://a.db"), ("table", "t")]).is_ok());
        for (words, code) in [
            (&[("table", "t")][..], "DATABASE_OPTIONS"),
            (&[("url", "a.db")], "DATABASE_OPTIONS"),
            (&[("url", "a.db"), ("table", "t"), ("query", "SELECT 1")], "DATABASE_OPTIONS"),
            (&[("url", "a.db"), ("table", "t"), ("since", "1")], "DATABASE_OPTIONS"),
            (&[("url", "a.db"), ("query", "DELETE FROM t")], "DATABASE_QUERY"),
            (&[("url", "a.db"), ("table", "t"), ("cursor", "c"), ("lookback", "soon")], "SOURCE_OPTIONS"),
            (&[("url", "postgres://a:b@c/d"), ("table", "t")], "DATABASE_PASSWORD"),
        ] {
            assert_eq!(read(words).unwrap_err(), code, "{words:?}");
        }
    }

    #[test]
    fn reading_begins_where_it_ended_unless_somebody_says_otherwise() {
        let options = read(&[("url", "a.db"), ("table", "t"), ("cursor", "c"), ("since", "5")]).unwrap();
        let after = |after: Option<&str>| Request { after: after.map(str::to_owned), ..Request::default() };
        assert_eq!(options.beginning(&after(None)).unwrap(), Beginning::Value("5".to_owned(), None));
        assert!(matches!(options.beginning(&after(Some("integer:9"))), Ok(Beginning::Watermark(_))));
        let again = Options { reread: Some("start".to_owned()), ..options.clone() };
        assert_eq!(
            again.beginning(&after(Some("integer:9"))).unwrap(),
            Beginning::Value("5".to_owned(), None)
        );
        let from = Options { reread: Some("7".to_owned()), ..options };
        assert!(
            matches!(from.beginning(&after(Some("integer:9"))), Ok(Beginning::Value(v, Some(_))) if v == "7")
        );
        assert!(from.beginning(&after(Some("what"))).is_err());
    }
}
