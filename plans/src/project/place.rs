//! What a file is, by its path.

use super::diagnostics::nearest;

/// What a path is.
pub(super) enum Place<'p> {
    Settings,
    Connections,
    Source(&'p str),
    /// A table of the project's own, for rules and mappings.
    List(&'p str),
    Contract(&'p str),
    Mapping(&'p str, &'p str),
    Rule(&'p str, &'p str),
    Match(&'p str),
    /// A trained model, or the frequencies of values that belong to it.
    Model(&'p str),
    Resolve(&'p str),
    Load(&'p str, &'p str),
    Tests(&'p str),
    /// Read by nobody, and meant to be: notes, hidden files.
    Other,
    Unknown,
}

impl<'p> Place<'p> {
    pub(super) fn of(path: &'p str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        if parts.iter().any(|part| part.starts_with('.')) {
            return Self::Other;
        }
        let yml = |name: &'p str| name.strip_suffix(".yml");
        let sql = |name: &'p str| name.strip_suffix(".sql");
        let place = match parts.as_slice() {
            ["project.yml"] => Some(Self::Settings),
            ["connections.yml"] => Some(Self::Connections),
            ["sources", name] => yml(name).map(Self::Source),
            ["lists", name] => name.strip_suffix(".csv").map(Self::List),
            ["entities", entity, "contract.yml"] => Some(Self::Contract(entity)),
            ["entities", entity, "match.yml"] => Some(Self::Match(entity)),
            ["entities", entity, name] if is_of_model(name) => Some(Self::Model(entity)),
            ["entities", entity, "resolve.yml"] => Some(Self::Resolve(entity)),
            ["entities", entity, "map", name] => sql(name).map(|name| Self::Mapping(entity, name)),
            ["entities", entity, "check", name] => sql(name).map(|name| Self::Rule(entity, name)),
            ["entities", entity, "load", name] => sql(name).map(|name| Self::Load(entity, name)),
            ["entities", entity, "tests", name] => yml(name).map(|_| Self::Tests(entity)),
            _ => None,
        };
        place.unwrap_or(if is_meant_for_us(path) { Self::Unknown } else { Self::Other })
    }
}

/// `match.model.json`, `match.terms.given.csv`.
fn is_of_model(name: &str) -> bool {
    name.ends_with(".model.json") || (name.contains(".terms.") && name.ends_with(".csv"))
}

/// Endings of the files that a project is made of, also as slips of the pen and helpful programs write them.
const ENDINGS: [&str; 6] = [".yml", ".yaml", ".sql", ".yml.txt", ".yaml.txt", ".sql.txt"];

/// Whether a file that nothing reads looks like one of ours. Samples, notes and the files of other tools, in folders of
/// their own, are nobody's business.
fn is_meant_for_us(path: &str) -> bool {
    let lower = path.to_lowercase();
    let Some((top, _)) = lower.split_once('/') else {
        let stem = lower.split('.').next().unwrap_or_default();
        return has_our_ending(&lower) && nearest(stem, ["project", "connections"]).is_some();
    };
    let is_list = lower.ends_with(".csv") && nearest(top, ["lists"]).is_some();
    is_list || (has_our_ending(&lower) && nearest(top, ["entities", "entity", "sources"]).is_some())
}

/// Whether a file's name ends, in any case, as those of a project do.
pub(super) fn has_our_ending(path: &str) -> bool {
    let lower = path.to_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// The name that a file was probably meant to have.
pub(super) fn better(path: &str) -> Option<String> {
    let (stem, ending) = path.trim_end_matches(".txt").trim_end_matches(".TXT").rsplit_once('.')?;
    let ending = match ending.to_lowercase().as_str() {
        "yaml" => "yml".to_owned(),
        other => other.to_owned(),
    };
    let (folders, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let slash = if folders.is_empty() { "" } else { "/" };
    let named = format!("{folders}{slash}{name}.{ending}");
    let all_small = format!("{}{slash}{name}.{ending}", folders.to_lowercase());
    [named, all_small, format!("{}.{ending}", stem.to_lowercase())]
        .into_iter()
        .find(|other| other != path && !matches!(Place::of(other), Place::Unknown | Place::Other))
}

/// Where files lie, for errors.
pub(super) const PLACES: &str = "files lie at project.yml, sources/<name>.yml, entities/<entity>/contract.yml, match.yml, resolve.yml, \
                      map/<source>.sql, check/<CODE>.sql, load/<table>.sql and tests/<name>.yml, and lists/<name>.csv";

/// The entity that a file belongs to.
pub(super) fn entity_of(path: &str) -> Option<&str> {
    match Place::of(path) {
        Place::Contract(entity)
        | Place::Match(entity)
        | Place::Model(entity)
        | Place::Resolve(entity)
        | Place::Tests(entity)
        | Place::Mapping(entity, _)
        | Place::Rule(entity, _)
        | Place::Load(entity, _) => Some(entity),
        _ => None,
    }
}
