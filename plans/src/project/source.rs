//! `sources/<name>.yml`: where records come from and how they are to be read.

use std::collections::BTreeMap;

use importer_connectors::connector::{self, ANY, CONNECTORS, OptionWord, Words, words_of};

use super::decode::Reader;
use super::diagnostics::{Span, suggestion};
use super::entity::Entity;
use super::field::{NullWords, Role};
use super::policy::{
    After, BadRows, BadValues, DuplicatePolicy, ExternalIdPolicy, ImportMode, NewColumns, Ties,
};
use super::settings::{
    DateOrder, Defaults, NumberFormat, read_date_order, read_duration, read_mend_text, read_number_format,
    read_region, read_time_zone,
};

/// A named origin of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub name: String,
    /// Name of the code that reads it, such as `csv`.
    pub connector: String,
    /// Entity that its records are.
    pub entity: String,
    /// Mapping to use, the stem of a file below `map/`; the source's own name, else the connector's.
    pub mapping: String,
    /// Namespace of its external ids, when neither a column nor the command line names one.
    pub external_system: Option<String>,
    pub external_id: ExternalIdPolicy,
    /// Options of the connector.
    pub options: BTreeMap<String, String>,
    /// Region of phone numbers; the project's default unless the source says otherwise. So are the next three.
    pub default_region: Option<String>,
    pub date_order: DateOrder,
    pub number_format: NumberFormat,
    pub time_zone: String,
    /// Words for nothing beside the shipped ones, those of the project among them.
    pub null_words: NullWords,
    /// Damaged text is mended, and what cannot be is pointed out.
    pub mend_text: bool,
    pub policy: DuplicatePolicy,
    pub ties: Ties,
    pub mode: ImportMode,
    pub after: After,
    /// Part of bad rows above which a run stops.
    pub max_bad: f64,
    /// Saved header choices: header to field; an empty field leaves the column out.
    pub headers: BTreeMap<String, String>,
    pub contract: SourceContract,
    pub freshness: Option<Freshness>,
}

/// The contract words of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceContract {
    pub new_columns: NewColumns,
    pub bad_rows: BadRows,
    pub bad_values: BadValues,
}

/// How old the newest record may be before somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freshness {
    pub warn_after: Option<std::time::Duration>,
    pub error_after: Option<std::time::Duration>,
}

impl Source {
    pub(super) fn read(
        map: Reader<'_>,
        file_stem: &str,
        defaults: &Defaults,
        entities: &BTreeMap<String, Entity>,
    ) -> Self {
        let name = map.required_text("source").unwrap_or_else(|| file_stem.to_owned());
        if name != file_stem {
            map.report(
                map.error(
                    map.span_of("source"),
                    "PRJ0011",
                    format!("the file `{file_stem}.yml` calls itself `{name}`"),
                )
                .help(format!("write `source: {file_stem}` or rename the file to `{name}.yml`")),
            );
        }
        let connector = read_connector(&map);
        let entity = map.required_text("entity").unwrap_or_default();
        let source = Self {
            mapping: read_mapping(&map, &name, &connector, &entity, entities),
            headers: read_headers(&map, entities.get(&entity)),
            entity,
            external_system: map.text("external_system"),
            external_id: map
                .word("external_id", ExternalIdPolicy::WORDS)
                .unwrap_or(ExternalIdPolicy::Optional),
            options: read_options(&map, &connector),
            default_region: read_region(&map).or_else(|| defaults.default_region.clone()),
            date_order: read_date_order(&map).unwrap_or(defaults.date_order),
            number_format: read_number_format(&map).unwrap_or(defaults.number_format),
            time_zone: read_time_zone(&map).unwrap_or_else(|| defaults.time_zone.clone()),
            null_words: NullWords::read(&map).and(&defaults.null_words),
            mend_text: read_mend_text(&map).unwrap_or(defaults.mend_text),
            policy: map.word("policy", DuplicatePolicy::WORDS).unwrap_or(DuplicatePolicy::Upsert),
            ties: map.word("ties", Ties::WORDS).unwrap_or(Ties::Core),
            mode: map.word("mode", ImportMode::WORDS).unwrap_or(ImportMode::ValidOnly),
            after: map.word("after", After::WORDS).unwrap_or(After::None),
            max_bad: map.share("max_bad").unwrap_or(defaults.max_bad),
            contract: read_contract(&map),
            freshness: read_freshness(&map),
            name,
            connector,
        };
        needs_an_id(&map, &source, entities);
        map.finish();
        source
    }
}

/// Ids can be required only where the contract has a field for them.
fn needs_an_id(map: &Reader<'_>, source: &Source, entities: &BTreeMap<String, Entity>) {
    let Some(entity) = entities.get(&source.entity) else { return };
    if source.external_id == ExternalIdPolicy::Required && entity.contract.role(Role::ExternalId).is_none() {
        let message =
            format!("external ids are required, and the contract of {} has no field for them", entity.name);
        map.report(
            map.error(map.span_of("external_id"), "PRJ0013", message)
                .help("give the field that holds the id `role: external_id` in contract.yml")
                .lately(),
        );
    }
}

/// The code that reads the source; there must be such a one.
fn read_connector(map: &Reader<'_>) -> String {
    let connector = map.required_text("connector").unwrap_or_default();
    let known: Vec<&str> = std::iter::once(ANY).chain(CONNECTORS.iter().map(|c| c.name())).collect();
    if !connector.is_empty() && !known.contains(&connector.as_str()) {
        map.report(
            map.error(map.span_of("connector"), "PRJ0005", format!("there is no connector `{connector}`"))
                .label("unknown connector")
                .help(suggestion(&connector, &known))
                .lately(),
        );
    }
    connector
}

/// The mapping that the source names, else the one of its own name, else its connector's.
fn read_mapping(
    map: &Reader<'_>,
    name: &str,
    connector: &str,
    entity: &str,
    entities: &BTreeMap<String, Entity>,
) -> String {
    let named = map.spanned_text("mapping");
    let Some(found) = entities.get(entity) else {
        if !entity.is_empty() {
            let known: Vec<&str> = entities.keys().map(String::as_str).collect();
            map.report(
                map.error(map.span_of("entity"), "PRJ0009", format!("the project has no entity `{entity}`"))
                    .label("unknown entity")
                    .help(suggestion(entity, &known)),
            );
        }
        return named.map(|(mapping, _)| mapping).unwrap_or_default();
    };
    let known: Vec<&str> = found.mappings.keys().map(String::as_str).collect();
    match named {
        Some((mapping, span)) => {
            if !known.contains(&mapping.as_str()) {
                map.report(
                    map.error(span, "PRJ0009", format!("the entity `{entity}` has no mapping `{mapping}`"))
                        .label("unknown mapping")
                        .help(suggestion(&mapping, &known)),
                );
            }
            mapping
        }
        None => {
            let found = [name, connector].into_iter().find(|choice| known.contains(choice));
            if found.is_none() {
                map.report(
                    map.error(
                        map.span_of("source"),
                        "PRJ0012",
                        format!("the entity `{entity}` has no mapping for this source"),
                    )
                    .help(format!("write `entities/{entity}/map/{name}.sql`, or name one with `mapping:`")),
                );
            }
            found.unwrap_or(name).to_owned()
        }
    }
}

fn read_headers(map: &Reader<'_>, entity: Option<&Entity>) -> BTreeMap<String, String> {
    let pairs = map.pairs("headers");
    if let Some(contract) = entity.map(|entity| &entity.contract) {
        for (_, (field, span)) in &pairs {
            if !field.is_empty() && contract.field(field).is_none() {
                map.report(
                    map.error(
                        *span,
                        "PRJ0009",
                        format!("the contract of {} has no field `{field}`", contract.entity),
                    )
                    .label("unknown field")
                    .help(suggestion(field, &contract.names())),
                );
            }
        }
    }
    pairs.into_iter().map(|((header, _), (field, _))| (header, field)).collect()
}

fn read_options(map: &Reader<'_>, connector: &str) -> BTreeMap<String, String> {
    let mut pairs = map.pairs("options");
    if connector::is_own(connector) {
        pairs.extend(own_options(map, &words_of(connector)));
    }
    let known: Vec<&str> = words_of(connector).iter().map(|word| word.name).collect();
    for ((key, span), _) in
        pairs.iter().filter(|((key, _), _)| !known.is_empty() && !known.contains(&key.as_str()))
    {
        map.report(
            map.error(*span, "PRJ0002", format!("the {connector} connector has no option `{key}`"))
                .label("unknown option")
                .help(suggestion(key, &known)),
        );
    }
    let options: BTreeMap<String, String> =
        pairs.into_iter().map(|((key, _), (value, _))| (key, value)).collect();
    require_possible(map, connector, &options);
    options
}

/// What a source reads that is no file, named beside the source's own words.
fn own_options(map: &Reader<'_>, words: &[OptionWord]) -> Vec<((String, Span), (String, Span))> {
    let named = words.iter().filter_map(|word| {
        let (value, span) = map.spanned_text(word.name)?;
        Some(((word.name.to_owned(), span), (value, span)))
    });
    named.collect()
}

/// The options of a source that reads what they name. A password among them must not get into the bundle of the project.
fn require_possible(map: &Reader<'_>, connector: &str, options: &BTreeMap<String, String>) {
    if !connector::is_own(connector) {
        return;
    }
    let words = Words::from_iter(options.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if let Err(error) = connector::check(connector, &words) {
        let place =
            ["url", "table", "query", "cursor"].into_iter().find(|key| error.to_string().contains(key));
        let span = map.span_of(place.unwrap_or("connector"));
        map.report(map.error(span, "PRJ0013", error.to_string()).help(error.help().to_owned()));
    }
}

fn read_contract(map: &Reader<'_>) -> SourceContract {
    let mut contract = SourceContract {
        new_columns: NewColumns::Evolve,
        bad_rows: BadRows::DiscardRow,
        bad_values: BadValues::DiscardRow,
    };
    if let Some(inner) = map.map("contract", "`contract`") {
        contract.new_columns = inner.word("new_columns", NewColumns::WORDS).unwrap_or(contract.new_columns);
        contract.bad_rows = inner.word("bad_rows", BadRows::WORDS).unwrap_or(contract.bad_rows);
        contract.bad_values = inner.word("bad_values", BadValues::WORDS).unwrap_or(contract.bad_values);
        inner.finish();
    }
    contract
}

fn read_freshness(map: &Reader<'_>) -> Option<Freshness> {
    let inner = map.map("freshness", "`freshness`")?;
    let freshness = Freshness {
        warn_after: read_duration(&inner, "warn_after"),
        error_after: read_duration(&inner, "error_after"),
    };
    if let (Some(warn), Some(error)) = (freshness.warn_after, freshness.error_after)
        && warn >= error
    {
        inner.report(
            inner
                .error(
                    inner.span_of("error_after"),
                    "PRJ0013",
                    "`error_after` must be longer than `warn_after`",
                )
                .help("write for example `warn_after: 26h` and `error_after: 50h`"),
        );
    }
    inner.finish();
    Some(freshness)
}
