//! Reports go into the lake, piece by piece where they are large.

use std::io::Read;

use importer_connectors::report::{Beside, Written};
use object_store::path::Path;
use object_store::{ObjectStoreExt, WriteMultipart};

use super::rows::{Report, failed};
use crate::context::{RunContext, while_ours};
use crate::error::Result;

/// Bytes that are read from a temporary file at a time.
const PIECE: usize = 4 << 20;
/// Pieces that are on their way at a time.
const AT_ONCE: usize = 4;

type Content = Box<dyn Read + Send>;

/// The reports of a run.
#[derive(Debug, Default)]
pub struct Reports {
    /// Where they lie: one per file, and behind it what found no room in it.
    pub paths: Vec<String>,
    /// What there is to say about them, in sentences.
    pub told: Vec<String>,
}

/// Ends a report of which some is in the lake already.
pub(super) async fn rest(
    cx: &RunContext,
    report: Report,
    mut sink: WriteMultipart,
    path: Path,
) -> Result<Reports> {
    let names = [report.name(), report.name_beside()];
    let Written { rest, beside } = report.finish().await?;
    send(&mut sink, Vec::new(), rest).await?;
    name(cx, sink).await?;
    cx.lake.sync(&path).await?;
    with_beside(cx, path, beside, names).await
}

/// Writes a report of which nothing is in the lake yet. It is durable before what is written down next.
pub(super) async fn whole(cx: &RunContext, report: Report) -> Result<Reports> {
    let names = [report.name(), report.name_beside()];
    let path = cx.paths.report(&names[0]);
    let Written { rest, beside } = report.finish().await?;
    upload(cx, &path, rest).await?;
    with_beside(cx, path, beside, names).await
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
        upload(cx, &path, content).await?;
        reports.paths.push(cx.lake.display(&path));
        reports.told.push(format!(
            "{rows} refused rows find no room in {name}, for a sheet has 1,048,576 rows and a cell 32,767 characters; they stand in {name_beside} beside it, which is mended and imported as well"
        ));
    }
    Ok(reports)
}

/// Writes a file of the lake: at once where it is small.
async fn upload(cx: &RunContext, path: &Path, content: Content) -> Result<()> {
    let (piece, content) = next_piece(content).await?;
    if piece.len() < PIECE {
        let put = async { Ok(cx.lake.object_store().put(path, piece.into()).await?) };
        while_ours(&cx.store, &cx.fence, put).await?;
        return cx.lake.sync_data(path).await;
    }
    let mut sink = WriteMultipart::new(cx.lake.object_store().put_multipart(path).await?);
    send(&mut sink, piece, content).await?;
    name(cx, sink).await?;
    cx.lake.sync(path).await
}

/// Gives a report its name, under which a process that took the run over may write another one.
async fn name(cx: &RunContext, sink: WriteMultipart) -> Result<()> {
    while_ours(&cx.store, &cx.fence, async { Ok(sink.finish().await?) }).await?;
    Ok(())
}

/// Sends a piece and everything behind it.
async fn send(sink: &mut WriteMultipart, first: Vec<u8>, content: Content) -> Result<()> {
    sink.write(&first);
    let (mut piece, mut content) = next_piece(content).await?;
    while !piece.is_empty() {
        sink.wait_for_capacity(AT_ONCE).await?;
        sink.write(&piece);
        (piece, content) = next_piece(content).await?;
    }
    Ok(())
}

/// The next bytes; fewer than a piece are the last.
async fn next_piece(mut content: Content) -> Result<(Vec<u8>, Content)> {
    let read = move || {
        let mut piece = Vec::new();
        content.by_ref().take(PIECE as u64).read_to_end(&mut piece).map(|_| (piece, content))
    };
    tokio::task::spawn_blocking(read).await?.map_err(failed)
}
