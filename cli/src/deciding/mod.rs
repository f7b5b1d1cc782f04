//! `importer merge`, `unmerge`, `split`, `reject`, `defer`: which rows of core are one person, said by people.
//!
//! - here: the verbs; `words`: what happened, for people

mod words;

use importer_engine::deciding::{DecideSuggestions, MergeRequest, SplitRequest, UnmergeRequest};
use importer_engine::store::Decision;

use crate::failure::Failure;
use crate::screen;
use crate::settings::{Settings, actor};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The first row stays, the second one goes into it: with its external ids, e-mails, phones, and all rows of other tables
that refer to it. Who gives a field is decided as in an import; --field says otherwise, by the id of one of the two.
A merge is a run of its own, and `importer unmerge` takes it back, also after later imports.

Examples:
  importer merge 12 31 --entity volunteers --dry-run     what would one row of both be?
  importer merge 12 31 --field email=31
  importer merge --suggestion 7                          the older row stays")]
pub struct MergeArgs {
    /// Core ids of two rows: the one that stays, and the one that goes into it
    #[arg(value_name = "ID", num_args = 2, required_unless_present = "suggestion")]
    pub rows: Vec<i64>,
    /// Both rows of this suggestion
    #[arg(long, value_name = "N", conflicts_with = "rows")]
    pub suggestion: Option<i64>,
    /// The entity of the rows [default: the one that has both]
    #[arg(long, value_name = "NAME")]
    pub entity: Option<String>,
    /// Which of the two gives a field, as FIELD=ID; may be repeated
    #[arg(long = "field", value_name = "FIELD=ID", value_parser = picked)]
    pub fields: Vec<(String, i64)>,
    /// Also where somebody decided that they are two
    #[arg(long)]
    pub force: bool,
    /// Why, for those who look at it later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Show values of sensitive fields as they are
    #[arg(long)]
    pub show: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

fn picked(text: &str) -> Result<(String, i64), String> {
    let wrong = || format!("{text} is no field with a core id; write for example email=31");
    let (field, id) = text.split_once('=').ok_or_else(wrong)?;
    Ok((field.trim().to_owned(), id.trim().parse().map_err(|_| wrong())?))
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Both rows are as if they had lived apart since: what later imports wrote belongs to the row whose record it came from,
what your application wrote stays with the row that stayed. Later merges of these rows are opened for it and closed again.

Examples:
  importer unmerge 3 --dry-run
  importer unmerge 3")]
pub struct UnmergeArgs {
    /// Number of the merge; `importer why core volunteers 12` shows it
    #[arg(value_name = "MERGE")]
    pub merge: i64,
    /// Do not write down that they are two: the next import may suggest them again
    #[arg(long)]
    pub no_decision: bool,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Show values of sensitive fields as they are
    #[arg(long)]
    pub show: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
For rows that imports took for one person by a key that two share. The records get a row of their own, made of what they
said last; what the other row had from them alone goes to the best of the records that stay. Later imports keep them apart.

Examples:
  importer split 12 --link crm:V-4 --dry-run
  importer split 12 --link crm:V-4 --link shop:77")]
pub struct SplitArgs {
    /// Core id of the row
    #[arg(value_name = "ID")]
    pub row: i64,
    /// A record that leaves it, by external system and id; may be repeated
    #[arg(long = "link", value_name = "SYSTEM:ID", required = true, value_parser = link)]
    pub links: Vec<(String, String)>,
    /// The entity of the row
    #[arg(long, value_name = "NAME", default_value = "volunteers")]
    pub entity: String,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Show values of sensitive fields as they are
    #[arg(long)]
    pub show: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

fn link(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once(':').filter(|(system, id)| !system.is_empty() && !id.is_empty());
    let (system, id) = parts.ok_or_else(|| format!("{text} is no external id; write for example crm:V-4"))?;
    Ok((system.to_owned(), id.to_owned()))
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Later imports do not suggest the two again, unless something else speaks for them than did now; then the suggestion says
what.

Examples:
  importer reject 7
  importer reject 7 9 12 --reason \"mother and daughter\"")]
pub struct RejectArgs {
    /// Numbers of suggestions
    #[arg(value_name = "N", required = true)]
    pub suggestions: Vec<i64>,
    /// Why, for those who look at it later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  importer defer 7
  importer defer 7 --until 2026-01-31 --reason \"asked them\"")]
pub struct DeferArgs {
    /// Numbers of suggestions
    #[arg(value_name = "N", required = true)]
    pub suggestions: Vec<i64>,
    /// The day on which somebody should look again
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub until: Option<i64>,
    /// Why, for those who look at it later
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

fn day(text: &str) -> Result<i64, String> {
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d");
    let midnight = day.ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    let midnight = midnight.ok_or_else(|| format!("{text} is no day; write it as 2026-01-31"))?;
    Ok(midnight.and_utc().timestamp_micros())
}

/// `importer merge`.
pub async fn merge(settings: &Settings, args: MergeArgs) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let rows = match args.rows.as_slice() {
        [winner, loser] => Some((*winner, *loser)),
        _ => None,
    };
    let request = MergeRequest {
        entity: args.entity,
        rows,
        suggestion: args.suggestion,
        fields: args.fields,
        force: args.force,
        dry_run: args.dry_run,
        show: args.show,
        reason: args.reason,
        triggered_by: actor(),
    };
    let report = engine.merge(&request).await?;
    match args.json {
        true => screen::print_json(&report)?,
        false => screen::print(&words::merged(settings, &report))?,
    }
    Ok(0)
}

/// `importer unmerge`. 3 where something could not be had back.
pub async fn unmerge(settings: &Settings, args: UnmergeArgs) -> Result<u8, Failure> {
    const IN_PART: u8 = 3;
    let engine = settings.open_existing().await?;
    let request = UnmergeRequest {
        merge: args.merge,
        no_decision: args.no_decision,
        dry_run: args.dry_run,
        show: args.show,
        triggered_by: actor(),
    };
    let report = engine.unmerge(&request).await?;
    match args.json {
        true => screen::print_json(&report)?,
        false => screen::print(&words::parted(settings, &report))?,
    }
    Ok(if report.status == "partly_undone" && !report.dry_run { IN_PART } else { 0 })
}

/// `importer split`.
pub async fn split(settings: &Settings, args: SplitArgs) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let request = SplitRequest {
        entity: args.entity,
        row: args.row,
        links: args.links,
        show: args.show,
        dry_run: args.dry_run,
        triggered_by: actor(),
    };
    let report = engine.split(&request).await?;
    match args.json {
        true => screen::print_json(&report)?,
        false => screen::print(&words::split(settings, &report))?,
    }
    Ok(0)
}

/// `importer reject`.
pub async fn reject(settings: &Settings, args: RejectArgs) -> Result<u8, Failure> {
    let request = DecideSuggestions {
        ids: args.suggestions,
        decision: Decision::Rejected,
        until: None,
        reason: args.reason,
        triggered_by: actor(),
    };
    decide(settings, &request, args.json).await
}

/// `importer defer`.
pub async fn defer(settings: &Settings, args: DeferArgs) -> Result<u8, Failure> {
    let request = DecideSuggestions {
        ids: args.suggestions,
        decision: Decision::Deferred,
        until: args.until,
        reason: args.reason,
        triggered_by: actor(),
    };
    decide(settings, &request, args.json).await
}

async fn decide(settings: &Settings, request: &DecideSuggestions, json: bool) -> Result<u8, Failure> {
    let engine = settings.open_existing().await?;
    let decided = engine.decide_suggestions(request).await?;
    match json {
        true => screen::print_json(&decided)?,
        false => screen::print(&words::decided(&decided))?,
    }
    Ok(0)
}
