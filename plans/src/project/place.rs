//! What a file is, by its path.

/// What a path is.
pub(super) enum Place<'p> {
    Settings,
    Connections,
    Source(&'p str),
    Contract(&'p str),
    Mapping(&'p str, &'p str),
    Rule(&'p str, &'p str),
    Match(&'p str),
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
            ["entities", entity, "contract.yml"] => Some(Self::Contract(entity)),
            ["entities", entity, "match.yml"] => Some(Self::Match(entity)),
            ["entities", entity, "resolve.yml"] => Some(Self::Resolve(entity)),
            ["entities", entity, "map", name] => sql(name).map(|name| Self::Mapping(entity, name)),
            ["entities", entity, "check", name] => sql(name).map(|name| Self::Rule(entity, name)),
            ["entities", entity, "load", name] => sql(name).map(|name| Self::Load(entity, name)),
            ["entities", entity, "tests", name] => yml(name).map(|_| Self::Tests(entity)),
            _ => None,
        };
        let ours = [".yml", ".yaml", ".sql"].iter().any(|ending| path.ends_with(ending));
        place.unwrap_or(if ours { Self::Unknown } else { Self::Other })
    }
}

/// Where files lie, for errors.
pub(super) const PLACES: &str = "files lie at project.yml, sources/<name>.yml, entities/<entity>/contract.yml, match.yml, resolve.yml, \
                      map/<source>.sql, check/<CODE>.sql, load/<table>.sql and tests/<name>.yml";

/// The entity that a file belongs to.
pub(super) fn entity_of(path: &str) -> Option<&str> {
    match Place::of(path) {
        Place::Contract(entity)
        | Place::Match(entity)
        | Place::Resolve(entity)
        | Place::Tests(entity)
        | Place::Mapping(entity, _)
        | Place::Rule(entity, _)
        | Place::Load(entity, _) => Some(entity),
        _ => None,
    }
}
