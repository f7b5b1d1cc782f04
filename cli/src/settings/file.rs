//! `importer.toml`: the settings of a folder. Flags and environment lie over it.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::error::Kind;
use figment::providers::{Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Snippet};
use crate::globals::Globals;

/// The name looked for in the current folder.
const NAME: &str = "importer.toml";

/// One layer of settings; what is absent is left to the layer below.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lake: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_rows: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_rows: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_days: Option<u32>,
}

/// A size: bytes, or a number with a unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Memory {
    Bytes(u64),
    Text(String),
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => bytes.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Layer {
    /// Flags and environment; an empty variable says nothing, but for the tenant: nobody's rows may go to another one.
    pub fn of(global: &Globals) -> Self {
        let text = |value: &Option<String>| value.clone().filter(|v| !v.trim().is_empty());
        Self {
            store: text(&global.store),
            lake: text(&global.lake),
            tenant: global.tenant.clone(),
            project: global.project.clone().filter(|p| !p.as_os_str().is_empty()),
            core_schema: text(&global.core_schema),
            memory: text(&global.memory).map(Memory::Text),
            partitions: global.partitions,
            batch_rows: global.batch_rows,
            chunk_rows: global.chunk_rows,
            rollback_days: global.rollback_days,
        }
    }
}

/// The settings file under the given layer.
pub fn read(named: Option<&Path>, over: &Layer) -> Result<Layer, Failure> {
    let named = named.filter(|path| !path.as_os_str().is_empty());
    let path = named.unwrap_or(Path::new(NAME));
    if named.is_some() && !path.is_file() {
        return Err(Failure::wrong(
            format!("there is no settings file {}", path.display()),
            "check --config",
        ));
    }
    let mut figment = Figment::new();
    if path.is_file() {
        figment = figment.merge(Toml::file_exact(path));
    }
    figment.merge(Serialized::defaults(over)).extract().map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &figment::Error) -> Failure {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let key = match &error.kind {
        Kind::UnknownField(key, _) => Some(key.clone()),
        _ => error.path.last().cloned(),
    };
    let message = match &error.kind {
        Kind::UnknownField(key, _) => format!("`{key}` is no setting"),
        kind => match &key {
            Some(key) => format!("the setting `{key}` cannot be read: {kind}"),
            None => kind.to_string(),
        },
    };
    let known = [
        "store",
        "lake",
        "tenant",
        "project",
        "core_schema",
        "memory",
        "partitions",
        "batch_rows",
        "chunk_rows",
        "rollback_days",
    ];
    let near = key.as_deref().and_then(|key| importer_engine::catalogue::nearest(key, known));
    let help = match (near, &error.kind) {
        (Some(near), Kind::UnknownField(..)) => format!("did you mean `{near}`?"),
        _ => format!("the settings are: {}", known.join(", ")),
    };
    let span = key.and_then(|key| place(&text, &key)).or_else(|| toml_place(&text, &error.to_string()));
    Failure::Snippet(Box::new(Snippet {
        code: "CONFIG",
        message,
        help: Some(help),
        name: path.display().to_string(),
        text,
        span,
        is_warning: false,
    }))
}

/// Where a key stands.
fn place(text: &str, key: &str) -> Option<(usize, usize)> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset + line.len() - line.trim_start().len();
        let rest = line.trim_start().strip_prefix(key).map(str::trim_start);
        if rest.is_some_and(|rest| rest.starts_with('=') || rest.starts_with('.'))
            || line.trim() == format!("[{key}]")
        {
            return Some((start, key.len()));
        }
        offset += line.len();
    }
    None
}

/// The TOML reader says `at line 3 column 5`.
fn toml_place(text: &str, error: &str) -> Option<(usize, usize)> {
    let digits =
        |from: &str| from.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>().ok();
    let line = digits(error.split("line ").nth(1)?)?;
    let offset = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    Some((offset, text[offset..].lines().next().map_or(0, str::len)))
}
