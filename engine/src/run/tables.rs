//! Sources that are no file: their options name a table or a query, and where they have a cursor, a run reads on from the
//! watermark of those before it.
//!
//! A watermark is written down with the run that read up to it, and counts as long as that run does: not while it is at work,
//! not where it failed, was dry or was rolled back, and not where one that it read on from was rolled back.

use futures::future::BoxFuture;
use importer_connectors::connector::{self, Words};
use importer_connectors::database::START;
use importer_plans::project::{DateOrder, Entity, Project, Source};
use serde_json::json;

use super::prepare::{OpenedInputs, choose, how_to_read, open_as};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::request::{Input, RunRequest};
use crate::steps::land::{How, Landed, OpenedFile};
use crate::store::Store;

/// The option that reads again what was read before.
const REREAD: &str = "reread";

/// The inputs of a source whose options name them; nothing where it reads files.
///
/// # Errors
/// Files were given as well, or an option is missing or cannot be.
pub fn own_inputs(how: &How, given: &[Input]) -> Result<Option<Vec<Input>>> {
    Ok(own(how, given)?.map(|own| vec![Input::Table(own.name)]))
}

fn own(how: &How, given: &[Input]) -> Result<Option<connector::OwnInput>> {
    let name = &how.connector;
    let own = connector::own_input(name, &how.request.words).map_err(usage)?;
    let is_file = |input: &Input| !matches!(input, Input::Table(_));
    if own.is_some() && given.iter().any(is_file) {
        let message = format!("the connector {name} reads what its options name, and no file");
        return Err(Error::new(ErrorKind::Usage, message)
            .with_help("leave --file out, or choose a source that reads files")
            .with_code("SOURCE_NO_FILE"));
    }
    Ok(own)
}

/// An option that is wrong, which nothing was started with.
fn usage(error: importer_connectors::source::SourceError) -> Error {
    let (message, help, code) = (error.to_string(), error.help().to_owned(), error.code());
    Error::new(ErrorKind::Usage, message).with_help(help).with_code(code).with_source(error)
}

/// A request with what its source reads, and from where on.
pub fn completed(project: &Project, request: &RunRequest) -> Result<RunRequest> {
    let (source, _) = choose(project, request)?;
    let how = how_to_read(source, &request.options);
    let own = own(&how, &request.inputs)?;
    let has_watermark = own.as_ref().is_some_and(|own| own.partition.is_some());
    if request.since.is_some() && !has_watermark {
        let message = format!("source {} has no cursor, so it cannot be read from a value on", source.name);
        return Err(Error::new(ErrorKind::Usage, message).with_help(
            "name a column that grows with every change: `cursor: updated_at` in the source file",
        ));
    }
    let mut request = request.clone();
    if let Some(own) = own {
        request.inputs = vec![Input::Table(own.name)];
    }
    let from = request.since.take().or_else(|| request.again.then(|| START.to_owned()));
    if let Some(from) = from.filter(|_| has_watermark) {
        request.options.push((REREAD.to_owned(), from));
    }
    Ok(request)
}

/// Opens the inputs of a request that wait for the store, which knows from where on they are read.
pub async fn from_watermark(engine: &Engine, request: &RunRequest, inputs: OpenedInputs) -> OpenedInputs {
    if !inputs.wait() {
        return inputs;
    }
    let opening = async {
        let (source, entity) = choose(&engine.project, request)?;
        let table = TableRequest {
            source: source.clone(),
            entity: entity.clone(),
            inputs: request.inputs.clone(),
            options: request.options.clone(),
            headers: request.headers.clone(),
            order: request.date_order.unwrap_or(source.date_order),
            batch_rows: engine.limits.batch_rows,
        };
        table.open(&engine.store, &engine.tenant).await
    };
    OpenedInputs::opened(opening.await)
}

/// What is to be opened from a watermark on.
pub struct TableRequest {
    pub source: Source,
    pub entity: Entity,
    pub inputs: Vec<Input>,
    pub options: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub order: DateOrder,
    pub batch_rows: usize,
}

impl TableRequest {
    /// Asks the store how far the source was read, and opens it there.
    pub fn open<'a>(self, store: &'a Store, tenant: &'a str) -> BoxFuture<'a, Result<Vec<OpenedFile>>> {
        Box::pin(async move {
            let mut how = how_to_read(&self.source, &self.options);
            how.request.batch_rows = self.batch_rows;
            let own = own(&how, &self.inputs)?;
            let mut after_run = None;
            if let Some(partition) = own.and_then(|own| own.partition)
                && let Some((run, watermark)) =
                    store.watermark(tenant, &self.source.name, &self.entity.name, &partition.key).await?
            {
                how.request.after = Some(watermark);
                after_run = Some(run).filter(|_| !begins_anew(&how.request.words));
            }
            // The thread that reads is its own; this one only waits for it.
            let opening = tokio::task::spawn_blocking(move || {
                open_as(&self.source, &self.entity, &self.inputs, &self.headers, self.order, &how)
            });
            let mut files = opening.await??;
            files.iter_mut().for_each(|file| file.after_run = after_run);
            Ok(files)
        })
    }
}

/// Whether a reading stands on its own, whatever was read before.
fn begins_anew(words: &Words) -> bool {
    words.text(REREAD).is_some()
}

/// What a run keeps of how far it has read, one object each with the columns of `source_watermarks`.
pub fn document(landed: &Landed) -> serde_json::Value {
    landed.files.iter().filter_map(|file| file.progress.as_ref()).map(|progress| json!(progress)).collect()
}
