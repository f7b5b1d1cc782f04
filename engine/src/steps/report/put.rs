//! Reports go into the lake, piece by piece where they are large.

use std::io::Read;

use importer_connectors::report::{Beside, Written};
use object_store::path::Path;

use super::rows::{Report, failed};
use crate::context::{RunContext, while_ours};
use crate::error::Result;
use crate::lake::Pieces;

/// Bytes that are read from a temporary file at a time.
const PIECE: usize = 4 << 20;

type Content = Box<dyn Read + Send>;

/// The reports of a run.
#[derive(Debug, Default)]
pub struct Reports {
    /// Where they lie: one per file, and behind it what found no room in it.
    pub paths: Vec<String>,
    /// What there is to say about them, in sentences.
    pub told: Vec<String>,
}

/// Ends a report of which some may be on its way already. It is durable before what is written down next.
pub(super) async fn rest(cx: &RunContext, report: Report, pieces: Pieces, path: Path) -> Result<Reports> {
    let names = [report.name(), report.name_beside()];
    let Written { rest, beside } = report.finish().await?;
    upload(cx, pieces, &path, rest).await?;
    with_beside(cx, path, beside, names).await
}

/// Writes a report of which nothing is on its way yet.
pub(super) async fn whole(cx: &RunContext, report: Report) -> Result<Reports> {
    let path = cx.paths.report(&report.name());
    rest(cx, report, cx.lake.upload(&path), path).await
}

/// Writes what found no room in a report, and says so.
async fn with_beside(
    cx: &RunContext,
    path: Path,
    beside: Option<Beside>,
    [name, name_beside]: [String; 2],
) -> Result<Reports> {
    let mut reports = Reports { paths: vec![cx.lake.display(&path)], told: Vec::new() };
    if let Some(Beside { rows, content }) = beside {
        let path = cx.paths.report(&name_beside);
        upload(cx, cx.lake.upload(&path), &path, content).await?;
        reports.paths.push(cx.lake.display(&path));
        reports.told.push(format!(
            "{rows} refused rows find no room in {name}, for a sheet has 1,048,576 rows and a cell 32,767 characters; they stand in {name_beside} beside it, which is mended and imported as well"
        ));
    }
    Ok(reports)
}

/// Sends everything that is left of a file of the lake, and gives it its name, under which a process that took the run over may
/// write another one.
async fn upload(cx: &RunContext, mut pieces: Pieces, path: &Path, mut content: Content) -> Result<()> {
    let mut is_last = false;
    while !is_last {
        let piece;
        (piece, content) = next_piece(content).await?;
        pieces.write(&piece);
        pieces.send().await?;
        is_last = piece.len() < PIECE;
    }
    while_ours(&cx.store, &cx.fence, pieces.finish()).await?;
    cx.lake.sync_data(path).await
}

/// The next bytes; fewer than a piece are the last.
async fn next_piece(mut content: Content) -> Result<(Vec<u8>, Content)> {
    let read = move || {
        let mut piece = Vec::new();
        content.by_ref().take(PIECE as u64).read_to_end(&mut piece).map(|_| (piece, content))
    };
    tokio::task::spawn_blocking(read).await?.map_err(failed)
}
