//! What can be asked of `importer suggestions`.

use std::path::PathBuf;

use crate::list_format::Format;

use importer_engine::store::SuggestionFilter;

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Each suggestion names two rows, what brought them together, and what to do about it: `importer merge --suggestion N`,
`importer reject N`, `importer defer N`. Values of sensitive fields are masked unless --show is given.

Examples:
  importer suggestions
  importer suggestions --type household --entity volunteers
  importer suggestions --min-score 0.9 --out suggestions.xlsx
  importer suggestions accept --min-score 0.99 --dry-run"
)]
pub struct Args {
    #[command(subcommand)]
    pub verb: Option<Verb>,
    #[command(flatten)]
    pub which: Which,
    /// Only what was decided so, or `all` [default: pending]
    #[arg(long, value_name = "DECISION", value_parser = ["pending", "deferred", "rejected", "merged", "auto_resolved", "auto_merged", "all"], default_value = "pending", hide_default_value = true)]
    pub decision: String,
    /// How to write it [default: by the ending of --out, else table]
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "csv", "xlsx", "json"])]
    pub format: Option<String>,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// File to write instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show values of sensitive fields as they are
    #[arg(long)]
    pub show: bool,
    /// Most suggestions to show [default: 50 in a table, all elsewhere]
    #[arg(long, value_name = "N")]
    pub limit: Option<i64>,
}

/// Which suggestions are meant.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Which {
    /// Only of this entity
    #[arg(long, value_name = "NAME")]
    pub entity: Option<String>,
    /// Only what was brought together by this: email, phone, household, external_id, fuzzy, …
    #[arg(long = "type", value_name = "TYPE")]
    pub match_type: Option<String>,
    /// Only with this score or a better one
    #[arg(long, value_name = "SCORE")]
    pub min_score: Option<f64>,
    /// Only about records of this external system
    #[arg(long, value_name = "SYSTEM")]
    pub source: Option<String>,
    /// Only of this run
    #[arg(long, value_name = "N")]
    pub run: Option<i64>,
    /// Only of this group
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Option<String>,
    /// Only with this reason: merged_at_source, renamed, id_reused, …
    #[arg(long, value_name = "REASON")]
    pub reason: Option<String>,
}

impl Which {
    /// As a filter of the store.
    pub fn filter(&self) -> SuggestionFilter {
        SuggestionFilter {
            entity: self.entity.clone(),
            match_type: self.match_type.clone(),
            min_score: self.min_score,
            source: self.source.clone(),
            run: self.run,
            reason: self.reason.clone(),
            cluster: self.cluster.clone(),
            ..SuggestionFilter::default()
        }
    }
}

#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Merge what suggestions say is one person, best first
    Accept(AcceptArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Households and reused ids are never among them: look at those one by one. Each merge is taken back by its number.

Examples:
  importer suggestions accept --min-score 0.99 --dry-run
  importer suggestions accept --reason merged_at_source")]
pub struct AcceptArgs {
    #[command(flatten)]
    pub which: Which,
    /// Say what would happen and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

impl Args {
    /// How it is written.
    pub fn chosen(&self) -> Format {
        Format::chosen(self.json, self.format.as_deref(), self.out.as_deref())
    }

    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        match &self.verb {
            Some(Verb::Accept(args)) => args.json,
            None => self.chosen() == Format::Json && self.out.is_none(),
        }
    }
}
