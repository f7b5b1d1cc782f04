//! `project.yml`: the project's name and what holds for every source that says nothing else.

use std::time::Duration;

use super::decode::Reader;
use super::field::NullWords;
use super::words::words;

/// What `project.yml` says.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub name: String,
    /// The source of a run that names none.
    pub source: Option<String>,
    /// The entities of the project, where it does not take all that are there.
    pub entities: Option<Vec<String>>,
    pub defaults: Defaults,
}

/// Limits and reading habits of every source that says nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// Part of rejected and quarantined rows above which a run stops before the load.
    pub max_bad: f64,
    /// Region (ISO 3166 code) of phone numbers without country code in rows without country.
    pub default_region: Option<String>,
    pub date_order: DateOrder,
    pub number_format: NumberFormat,
    /// Zone of times without offset, an IANA name.
    pub time_zone: String,
    /// Words for nothing beside the shipped ones.
    pub null_words: NullWords,
    /// Damaged text is mended, and what cannot be is pointed out.
    pub mend_text: bool,
    /// Violations of one rule and run that the store keeps; the lake keeps all.
    pub max_violations_per_rule: u64,
    /// Rows of one run held to be one record, above which the cluster goes to review.
    pub max_cluster: u64,
    /// Core rows behind one key value, above which the key is too common to decide.
    pub max_key_group: u64,
    /// How long one query of the project may take: a rule that runs on its own, the mapping of one file.
    pub max_query_time: Duration,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            max_bad: 0.20,
            default_region: None,
            date_order: DateOrder::Auto,
            number_format: NumberFormat::Auto,
            time_zone: "UTC".to_owned(),
            null_words: NullWords::default(),
            mend_text: true,
            max_violations_per_rule: 10_000,
            max_cluster: 50,
            max_key_group: 50,
            max_query_time: Duration::from_secs(3600),
        }
    }
}

words! {
    /// What stands before the decimals of a number such as 1.234.
    NumberFormat {
        /// Read what can be read one way only, or as the rest of its column shows; report the rest as ambiguous.
        Auto = "auto",
        Point = "point",
        Comma = "comma",
    }
}

words! {
    /// Order of day, month and year in dates such as 03/04/2025; also the argument of `parse_date`.
    DateOrder {
        /// Read what can be read one way only, report the rest as ambiguous.
        Auto = "auto",
        Dmy = "dmy",
        Mdy = "mdy",
        Ymd = "ymd",
    }
}

impl Settings {
    /// Those of a project that says nothing.
    pub(super) fn nothing() -> Self {
        Self { name: String::new(), source: None, entities: None, defaults: Defaults::default() }
    }

    /// Reads `project.yml`; what it leaves out is as in `shipped`. A key without a value says that there is none.
    pub(super) fn read(map: Reader<'_>, shipped: &Self) -> Self {
        let fallback = shipped.defaults.clone();
        let name = map.required_text("name").unwrap_or_default();
        let source =
            if map.is_empty("source") { None } else { map.text("source").or(shipped.source.clone()) };
        let defaults = match map.map("defaults", "`defaults`") {
            None => fallback,
            Some(inner) => {
                let defaults = Defaults {
                    max_bad: inner.share("max_bad").unwrap_or(fallback.max_bad),
                    default_region: match inner.is_empty("default_region") {
                        true => None,
                        false => read_region(&inner).or(fallback.default_region),
                    },
                    date_order: read_date_order(&inner).unwrap_or(fallback.date_order),
                    number_format: read_number_format(&inner).unwrap_or(fallback.number_format),
                    time_zone: read_time_zone(&inner).unwrap_or(fallback.time_zone),
                    null_words: NullWords::read(&inner).and(&fallback.null_words),
                    mend_text: read_mend_text(&inner).unwrap_or(fallback.mend_text),
                    max_violations_per_rule: inner
                        .whole("max_violations_per_rule", 1)
                        .unwrap_or(fallback.max_violations_per_rule),
                    max_cluster: inner.whole("max_cluster", 2).unwrap_or(fallback.max_cluster),
                    max_key_group: inner.whole("max_key_group", 1).unwrap_or(fallback.max_key_group),
                    max_query_time: read_duration(&inner, "max_query_time")
                        .unwrap_or(fallback.max_query_time),
                };
                inner.finish();
                defaults
            }
        };
        let entities = map
            .node("entities")
            .map(|_| map.texts("entities").into_iter().map(|(entity, _)| entity).collect());
        map.finish();
        Self { name, source, entities, defaults }
    }
}

/// `time_zone`: a name such as Europe/Berlin, or an offset.
pub(super) fn read_time_zone(map: &Reader<'_>) -> Option<String> {
    let (text, span) = map.spanned_text("time_zone")?;
    if importer_sql::functions::is_time_zone(&text) {
        return Some(text);
    }
    map.report(
        map.error(span, "PRJ0005", format!("`{text}` is no time zone"))
            .label("unknown time zone")
            .help("write a name such as `Europe/Berlin` or `America/New_York`, or an offset such as `\"+02:00\"`")
            .lately(),
    );
    None
}

/// `default_region`: two letters.
pub(super) fn read_region(map: &Reader<'_>) -> Option<String> {
    let (text, span) = map.spanned_text("default_region")?;
    let two = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    if two && importer_sql::functions::is_region(&text) {
        return Some(text);
    }
    if two {
        map.report(
            map.error(span, "PRJ0005", format!("`{text}` is the code of no country"))
                .label("unknown country")
                .help("write the code of ISO 3166, such as `GB` for the United Kingdom or `DE` for Germany")
                .lately(),
        );
        return None;
    }
    map.report(
        map.error(span, "PRJ0004", format!("`{text}` is not a region"))
            .help("write the two capital letters of a country, such as `US`, `GB` or `DE` (quote `\"NO\"`)"),
    );
    None
}

/// `mend_text`: on or off.
pub(super) fn read_mend_text(map: &Reader<'_>) -> Option<bool> {
    map.word("mend_text", &[("on", true), ("off", false)])
}

pub(super) fn read_date_order(map: &Reader<'_>) -> Option<DateOrder> {
    map.word("date_order", DateOrder::WORDS)
}

pub(super) fn read_number_format(map: &Reader<'_>) -> Option<NumberFormat> {
    map.word("number_format", NumberFormat::WORDS)
}

/// `90m`, `26h`, `7d`.
pub(super) fn read_duration(map: &Reader<'_>, key: &'static str) -> Option<std::time::Duration> {
    let (text, span) = map.spanned_text(key)?;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        _ => None,
    };
    let duration = seconds
        .zip(digits.parse::<u64>().ok())
        .and_then(|(unit, count)| count.checked_mul(unit))
        .map(std::time::Duration::from_secs);
    if duration.is_none() {
        map.report(
            map.error(span, "PRJ0004", format!("`{text}` is not a length of time"))
                .help("write a number and s, m, h or d, such as `26h`"),
        );
    }
    duration
}
