//! `importer audit`: who did what, newest first, as a table or as an export.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use importer_engine::Engine;
use importer_engine::catalogue::nearest;
use importer_engine::store::{AuditEntry, AuditFilter, AuditRecord, AuditWords};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::runs::instant;
use crate::screen::{self, Csv, Json, Table, short};
use crate::settings::Settings;

/// The columns of every format.
const COLUMNS: [&str; 8] =
    ["id", "created_at", "actor", "action", "target_type", "target_id", "run_id", "details"];
/// Entries on a terminal, when nothing else is asked for.
const ON_SCREEN: u64 = 50;
/// Entries read at once.
const PAGE: i64 = 1_000;
/// Characters of the details in a table.
const DETAILS: usize = 90;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
CSV is safe to open in a spreadsheet: cells that begin like a formula get a leading apostrophe.

Examples:
  importer audit
  importer audit --days 30 --action PROJECT_CHANGED
  importer audit --target namespace:crm
  importer audit --run 3 --format json
  importer audit --since 2026-01-01 --out audit.csv")]
pub struct Args {
    /// Only this action, such as IMPORT_RUN_STARTED
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// Only what this user did
    #[arg(long, value_name = "NAME")]
    pub actor: Option<String>,
    /// Only what belongs to this run
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// Only what was done to this: a type, or type:id, such as namespace:crm
    #[arg(long, value_name = "TYPE[:ID]")]
    pub target: Option<String>,
    /// Only the last days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..), conflicts_with = "since")]
    pub days: Option<i64>,
    /// Only since then: 2026-01-31, or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<i64>,
    /// Only entries before this id: the next page
    #[arg(long, value_name = "ID")]
    pub before: Option<i64>,
    /// Most entries [default: 50 in a table, all elsewhere]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// How to write it [default: by the ending of --out, else table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "csv", "json"])]
    pub format: Option<String>,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// File to write instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// How the entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Table,
    Csv,
    Json,
}

impl Args {
    fn chosen(&self) -> Result<Format, Failure> {
        let ending = self.out.as_ref().and_then(|path| path.extension()).and_then(|e| e.to_str());
        match (self.format(), ending, &self.out) {
            (Some("csv"), ..) | (None, Some("csv"), _) => Ok(Format::Csv),
            (Some("json"), ..) | (None, Some("json"), _) => Ok(Format::Json),
            (Some(_), _, Some(_)) => Err(Failure::wrong(
                "a table goes to the screen only",
                "write --format csv or --format json with --out",
            )),
            (_, _, Some(path)) => Err(Failure::wrong(
                format!("the ending of {} does not say how to write it", path.display()),
                "name the file .csv or .json, or give --format",
            )),
            _ => Ok(Format::Table),
        }
    }

    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        self.format() == Some("json") && self.out.is_none()
    }

    fn format(&self) -> Option<&str> {
        if self.json { Some("json") } else { self.format.as_deref() }
    }

    fn filter(&self) -> AuditFilter {
        let (target_type, target_id) =
            match self.target.as_deref().map(|t| t.split_once(':').unwrap_or((t, ""))) {
                Some((kind, id)) => (Some(kind.to_owned()), Some(id.to_owned()).filter(|id| !id.is_empty())),
                None => (None, None),
            };
        AuditFilter {
            action: self.action.clone(),
            actor: self.actor.clone(),
            run_id: self.run,
            target_type,
            target_id,
            days: self.days,
            since: self.since,
            before_id: self.before,
            limit: None,
        }
    }
}

/// A day, or a moment, as microseconds since 1970 UTC.
fn since(text: &str) -> Result<i64, String> {
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros());
    }
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_micros())
        .map_err(|_| "write 2026-01-31, or 2026-01-31T12:00:00Z".to_owned())
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let format = args.chosen()?;
    let engine = settings.open_existing().await?;
    if let Some(run) = args.run {
        engine.get_run(run).await?;
    }
    let most = args.limit.or((format == Format::Table).then_some(ON_SCREEN));
    let entries = Entries::new(&engine, args.filter(), most);
    match (format, &args.out) {
        (Format::Table, _) => table(settings, &engine, entries, &args).await?,
        (format, Some(path)) => {
            let file = File::create(path).map_err(|e| {
                Failure::wrong(
                    format!("{} cannot be written: {e}", path.display()),
                    "check the folder of --out",
                )
            })?;
            export(entries, format, BufWriter::new(file)).await?;
            exported(&engine, "AUDIT_EXPORTED", None, args.described(format, Some(path))).await?;
            screen::say(&format!("written: {}", path.display()));
        }
        (format, None) => {
            export(entries, format, BufWriter::new(std::io::stdout())).await?;
            exported(&engine, "AUDIT_EXPORTED", None, args.described(format, None)).await?;
        }
    }
    Ok(0)
}

/// Writes down that something left the database: who took it, with which filters.
pub async fn exported(
    engine: &Engine,
    action: &str,
    run: Option<i64>,
    details: Value,
) -> Result<(), Failure> {
    let entry = AuditEntry {
        action: action.to_owned(),
        actor: engine.actor.clone(),
        target_type: Some(if run.is_some() { "import_run" } else { "audit" }.to_owned()),
        target_id: run.map(|id| id.to_string()),
        run_id: run,
        details_json: details,
    };
    Ok(engine.store.audit(&engine.tenant, &entry).await?)
}

impl Args {
    fn described(&self, format: Format, out: Option<&Path>) -> Value {
        json!({
            "format": if format == Format::Csv { "csv" } else { "json" },
            "out": out.map(|path| path.display().to_string()),
            "action": self.action,
            "actor": self.actor,
            "run_id": self.run,
            "target": self.target,
            "days": self.days,
            "since": self.since.map(instant),
        })
    }
}

/// The entries that fit, page by page.
struct Entries<'a> {
    engine: &'a Engine,
    filter: AuditFilter,
    left: Option<u64>,
    done: bool,
}

impl<'a> Entries<'a> {
    fn new(engine: &'a Engine, filter: AuditFilter, most: Option<u64>) -> Self {
        Self { engine, filter, left: most, done: false }
    }

    async fn next(&mut self) -> Result<Vec<AuditRecord>, Failure> {
        let wanted = self.left.map_or(PAGE, |left| i64::try_from(left).unwrap_or(PAGE).min(PAGE));
        if self.done || wanted == 0 {
            return Ok(Vec::new());
        }
        self.filter.limit = Some(wanted);
        let page = self.engine.store.list_audit(&self.engine.tenant, &self.filter).await?;
        self.done = (page.len() as i64) < wanted;
        self.filter.before_id = page.last().map(|record| record.id).or(self.filter.before_id);
        self.left = self.left.map(|left| left.saturating_sub(page.len() as u64));
        Ok(page)
    }
}

async fn table(
    settings: &Settings,
    engine: &Engine,
    mut entries: Entries<'_>,
    args: &Args,
) -> Result<(), Failure> {
    let mut table =
        Table::new(["id", "time (UTC)", "actor", "action", "target", "run", "details"]).right(&[0, 5]);
    let (mut shown, mut last) = (0_u64, None);
    loop {
        let page = entries.next().await?;
        if page.is_empty() {
            break;
        }
        for record in &page {
            let entry = &record.entry;
            let target =
                [&entry.target_type, &entry.target_id].into_iter().flatten().cloned().collect::<Vec<_>>();
            table.row([
                record.id.to_string(),
                screen::time(record.created_at).trim_end_matches(" UTC").to_owned(),
                entry.actor.clone(),
                entry.action.clone(),
                target.join(" "),
                entry.run_id.map(|id| id.to_string()).unwrap_or_default(),
                short(&flat(&entry.details_json), DETAILS),
            ]);
        }
        shown += page.len() as u64;
        last = page.last().map(|record| record.id);
    }
    let Some(last) = last else {
        let words = engine.store.audit_words(&engine.tenant).await?;
        return screen::print(&nothing(args, &words));
    };
    let mut text = table.text();
    let more = entries.left == Some(0)
        && !engine
            .store
            .list_audit(&engine.tenant, &AuditFilter { limit: Some(1), ..entries.filter.clone() })
            .await?
            .is_empty();
    if more {
        text.push_str(&format!(
            "\nThe newest {}; the next page: {}\n",
            screen::count(shown),
            settings.command(&format!("audit{} --before {last}", args.restated()))
        ));
    }
    screen::print(&text)
}

impl Args {
    /// The filters as they were typed.
    fn restated(&self) -> String {
        let quoted = crate::settings::quoted;
        let mut text = String::new();
        let mut add = |flag: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!(" --{flag} {}", quoted(&value)));
            }
        };
        add("action", self.action.clone());
        add("actor", self.actor.clone());
        add("run", self.run.map(|n| n.to_string()));
        add("target", self.target.clone());
        add("days", self.days.map(|n| n.to_string()));
        add("since", self.since.map(instant));
        add("limit", self.limit.map(|n| n.to_string()));
        text
    }
}

/// Nothing fits: which words there are.
fn nothing(args: &Args, words: &AuditWords) -> String {
    let mut text = String::from("No entry of the audit fits.\n");
    let kind = args.target.as_deref().map(|t| t.split_once(':').map_or(t, |(kind, _)| kind).to_owned());
    let asked = [
        ("action", &args.action, &words.actions),
        ("actor", &args.actor, &words.actors),
        ("target", &kind, &words.target_types),
    ];
    for (name, value, known) in asked {
        let Some(value) = value.as_ref().filter(|v| !known.contains(v)) else { continue };
        let near = nearest(value, known.iter().map(String::as_str));
        let meant = near.map_or_else(String::new, |n| format!(" Did you mean {n}?"));
        text.push_str(&format!(
            "There is no {name} {}.{meant} There are: {}\n",
            screen::line(value),
            known.join(", ")
        ));
    }
    text
}

/// Details as `name=value`, without braces.
fn flat(details: &Value) -> String {
    fn add(into: &mut Vec<String>, prefix: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::Object(object) => {
                for (name, value) in object {
                    let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    add(into, &name, value);
                }
            }
            Value::Array(items) if items.is_empty() => {}
            Value::Array(items) => {
                let items: Vec<String> =
                    items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)).collect();
                into.push(format!("{prefix}={}", items.join(",")));
            }
            Value::String(text) => into.push(format!("{prefix}={text}")),
            other => into.push(format!("{prefix}={other}")),
        }
    }
    let mut parts = Vec::new();
    add(&mut parts, "", details);
    parts.join(" ")
}

async fn export<W: Write>(mut entries: Entries<'_>, format: Format, out: W) -> Result<(), Failure> {
    if format == Format::Json {
        let mut json = Json::new(out);
        let written = objects(&mut entries, &mut json).await;
        return json.end(written);
    }
    let mut csv = Csv::new(out, COLUMNS)?;
    loop {
        let page = entries.next().await?;
        if page.is_empty() {
            return csv.finish();
        }
        for record in &page {
            csv.row(cells(record))?;
        }
    }
}

async fn objects<W: Write>(entries: &mut Entries<'_>, json: &mut Json<W>) -> Result<(), Failure> {
    loop {
        let page = entries.next().await?;
        if page.is_empty() {
            return Ok(());
        }
        for record in &page {
            json.row(&object(record))?;
        }
    }
}

fn object(record: &AuditRecord) -> Value {
    let entry = &record.entry;
    json!({
        "id": record.id,
        "created_at": instant(record.created_at),
        "actor": entry.actor,
        "action": entry.action,
        "target_type": entry.target_type,
        "target_id": entry.target_id,
        "run_id": entry.run_id,
        "details": entry.details_json,
    })
}

fn cells(record: &AuditRecord) -> [String; 8] {
    let entry = &record.entry;
    [
        record.id.to_string(),
        instant(record.created_at),
        entry.actor.clone(),
        entry.action.clone(),
        entry.target_type.clone().unwrap_or_default(),
        entry.target_id.clone().unwrap_or_default(),
        entry.run_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.details_json.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{flat, since};
    use serde_json::json;

    #[test]
    fn details_in_a_line() {
        let details =
            json!({"before": {"hash": "a"}, "changed": ["x.sql", "y.sql"], "added": [], "out": null, "n": 2});
        assert_eq!(flat(&details), "before.hash=a changed=x.sql,y.sql n=2");
    }

    #[test]
    fn days_and_moments() {
        assert_eq!(since("1970-01-02"), Ok(86_400_000_000));
        assert_eq!(since("1970-01-01T01:00:00+01:00"), Ok(0));
        assert!(since("yesterday").is_err());
    }
}
