//! `importer sql`: one read-only query over lake and database.

use std::io::{BufWriter, Read, Write};

use importer_engine::QueryLimits;
use importer_engine::catalogue::{self, Answer, QueryError};

use crate::failure::Failure;
use crate::screen::{self, Csv, Json, Sheet, TextRows};
use crate::settings::{self, Settings};

/// Rows on a terminal, when nothing else is asked for.
const ON_SCREEN: usize = 200;
/// Bytes that the process may grow by whatever the query may hold.
const ROOM: u64 = 1 << 30;
/// Characters of a cell in a table.
const CELL: usize = 80;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Tables
  landed, rejects, staging_<entity>, dq_violations, links, dedupe_pairs, changes
      data sets of the lake over all runs, with tenant and run_id; staging_<entity> has status and last_error
  dry.<data set>
      the same of dry runs
  import_runs, external_id_map, contacts, volunteers, clean_volunteers … or store.<table>
      tables and views of the database

Examples:
  importer sql \"SHOW TABLES\"
  importer sql \"SELECT status, count(*) FROM staging_volunteers WHERE run_id = 1 GROUP BY status\"
  importer sql \"SELECT * FROM clean_volunteers\" --format csv > volunteers.csv
  importer sql \"SELECT count(*) FROM landed\" --timeout 2h --memory 4GiB")]
pub struct Args {
    /// The query; - reads it from standard input
    pub query: String,
    /// How to write the rows
    #[arg(long, default_value = "table", value_parser = ["table", "csv", "json"])]
    pub format: String,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// Most rows [default: 200 in a table, all elsewhere]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// How long it may take, all rows written: 90s, 10m, 2h, 1d, or none
    #[arg(long, value_name = "DURATION", default_value = "10m", allow_hyphen_values = true)]
    pub timeout: String,
}

impl Args {
    /// Whether JSON goes to stdout.
    pub fn is_json(&self) -> bool {
        self.chosen() == "json"
    }

    fn chosen(&self) -> &str {
        if self.json { "json" } else { &self.format }
    }
}

/// Runs the verb.
pub async fn command(settings: &Settings, args: Args) -> Result<u8, Failure> {
    let query = if args.query == "-" { read_query()? } else { args.query.clone() };
    let limits = limits(settings, &args)?;
    let engine = settings.open_existing().await?;
    let context = catalogue::open(&engine).await?;
    let failed = |error: QueryError| Failure::query(error, "query", &query);
    let is_table = args.chosen() == "table";
    // One more than shown tells that there are more.
    let limit = if is_table { Some(args.limit.unwrap_or(ON_SCREEN).saturating_add(1)) } else { args.limit };
    let answer = catalogue::query_within(&context, &query, limit, limits).await.map_err(failed)?;
    match args.chosen() {
        "csv" => csv(answer, &query).await?,
        "json" => json(answer, &query).await?,
        _ => table(answer, &query, args.limit.unwrap_or(ON_SCREEN)).await?,
    }
    Ok(0)
}

/// What the query may take. Beside the memory that operators account for stand the batches that they hand on, and what files
/// and the database need: as much again, and some room for the process.
fn limits(settings: &Settings, args: &Args) -> Result<QueryLimits, Failure> {
    let time = settings::limit(&args.timeout).map_err(|why| {
        Failure::wrong(
            format!("--timeout cannot be {:?}: {why}", args.timeout),
            "write it as 90s, 10m, 2h or 1d, or none for no limit",
        )
    })?;
    let growth = (settings.options.limits.memory as u64).saturating_mul(2).saturating_add(ROOM);
    Ok(QueryLimits { time, growth: Some(growth) })
}

fn read_query() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

async fn table(mut answer: Answer, query: &str, most: usize) -> Result<(), Failure> {
    let schema = answer.schema();
    if schema.fields().iter().map(|f| f.name().as_str()).eq(["plan_type", "plan"]) {
        return plan(answer, query).await;
    }
    let numbers: Vec<usize> = schema
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, f)| f.data_type().is_numeric())
        .map(|(n, _)| n)
        .collect();
    let headers = schema.fields().iter().map(|f| screen::line(f.name())).collect();
    let mut sheet = Sheet::new(headers, numbers, false);
    let mut rows = 0;
    let mut more = false;
    while let Some(batch) = answer.next().await.map_err(|e| Failure::query(e, "query", query))? {
        let taken = batch.num_rows().min(most - rows);
        more |= taken < batch.num_rows();
        let batch = batch.slice(0, taken);
        TextRows::new(&batch)?.fill(&mut sheet, CELL)?;
        rows += taken;
    }
    screen::print(&sheet.take())?;
    let count = screen::counted(rows as u64, "row", "rows");
    let note = if more { format!("the first {count}; more with --limit or --format csv") } else { count };
    screen::print(&format!("({note})\n"))
}

/// The answer to EXPLAIN has lines that must stay lines.
async fn plan(mut answer: Answer, query: &str) -> Result<(), Failure> {
    while let Some(batch) = answer.next().await.map_err(|e| Failure::query(e, "query", query))? {
        let rows = TextRows::new(&batch)?;
        for row in 0..batch.num_rows() {
            let cells = rows.row(row)?;
            let lines = cells[1].lines().map(|line| format!("  {}\n", screen::line(line)));
            screen::print(&format!("{}\n{}\n", cells[0], lines.collect::<String>()))?;
        }
    }
    Ok(())
}

async fn csv(mut answer: Answer, query: &str) -> Result<(), Failure> {
    let schema = answer.schema();
    let mut csv = Csv::new(BufWriter::new(std::io::stdout()), schema.fields().iter().map(|f| f.name()))?;
    while let Some(batch) = answer.next().await.map_err(|e| Failure::query(e, "query", query))? {
        csv.batch(&batch)?;
    }
    csv.finish()
}

async fn json(answer: Answer, query: &str) -> Result<(), Failure> {
    let mut json = Json::new(BufWriter::new(std::io::stdout()));
    let written = json_rows(answer, query, &mut json).await;
    json.end(written)
}

async fn json_rows<W: Write>(mut answer: Answer, query: &str, json: &mut Json<W>) -> Result<(), Failure> {
    while let Some(batch) = answer.next().await.map_err(|e| Failure::query(e, "query", query))? {
        for row in catalogue::json_rows(&batch)? {
            json.row(&row.into())?;
        }
    }
    Ok(())
}
