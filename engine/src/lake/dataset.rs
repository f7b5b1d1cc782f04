//! Data sets as part files: written from streams of record batches, hashed on the way, described for the manifest.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SendableRecordBatchStream;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::held::{Held, Holding};
use super::objects::Lake;
use super::paths::{DataSetName, RunPaths};
use super::sink::Sink;
use crate::error::{Error, Result};

/// One finished Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Path in the lake.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// XXH3-64 of its bytes, in hexadecimal.
    pub checksum: String,
    /// Its rows, where they are still at hand.
    #[serde(skip)]
    pub(super) held: Held,
}

/// A data set that a step gives: finished files, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSet {
    /// The files; the order carries no meaning for their rows.
    pub files: Vec<DataFile>,
}

impl DataSet {
    /// Rows over all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|f| f.rows).sum()
    }

    /// Bytes over all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes).sum()
    }

    /// Its rows file by file, where all of them are still at hand.
    pub fn held(&self) -> Option<Vec<Vec<RecordBatch>>> {
        self.files.iter().map(|file| file.held.batches().map(<[RecordBatch]>::to_vec)).collect()
    }

    /// Adds another data set's files to this one.
    pub fn extend(&mut self, other: DataSet) {
        self.files.extend(other.files);
    }

    /// Looks that every file is there with its size, as a query over several passes over one that is gone; nothing is read.
    pub async fn require(&self, lake: &Lake) -> Result<()> {
        for file in &self.files {
            let path = Path::from(file.path.as_str());
            file.require_size(lake, lake.object_store().head(&path).await)?;
        }
        Ok(())
    }

    /// Reads every file and compares it with what is known of it: a file that is missing, cut or changed is an error.
    pub async fn verify(&self, lake: &Lake) -> Result<()> {
        for file in &self.files {
            file.verify(lake).await?;
        }
        Ok(())
    }
}

impl DataFile {
    fn damaged(&self, lake: &Lake, how: String) -> Error {
        lake.damaged(&Path::from(self.path.as_str()), how)
    }

    fn require_size(&self, lake: &Lake, found: object_store::Result<ObjectMeta>) -> Result<()> {
        match found {
            Ok(meta) if meta.size == self.bytes => Ok(()),
            Ok(meta) => Err(self.damaged(lake, format!("has {} bytes, not {}", meta.size, self.bytes))),
            Err(object_store::Error::NotFound { .. }) => Err(self.damaged(lake, "is missing".to_owned())),
            Err(e) => Err(e.into()),
        }
    }

    async fn verify(&self, lake: &Lake) -> Result<()> {
        let found = match lake.object_store().get(&Path::from(self.path.as_str())).await {
            Ok(found) => found,
            Err(e) => return self.require_size(lake, Err(e)),
        };
        self.require_size(lake, Ok(found.meta.clone()))?;
        let mut hash = Xxh3::new();
        let mut bytes = found.into_stream();
        while let Some(part) = bytes.next().await {
            hash.update(&part?);
        }
        if format!("{:016x}", hash.digest()) == self.checksum {
            return Ok(());
        }
        Err(self.damaged(lake, "is not what was written".to_owned()))
    }
}

/// Writes one part file.
pub struct DataSetWriter {
    lake: Lake,
    path: Path,
    schema: SchemaRef,
    /// Opened by the first rows, whose values decide how columns are encoded.
    writer: Option<ArrowWriter<Sink>>,
    rows: u64,
    holding: Holding,
}

impl DataSetWriter {
    /// Starts a part file.
    pub fn new(lake: &Lake, path: Path, schema: SchemaRef) -> Result<Self> {
        let holding = Holding::new(&lake.room);
        Ok(Self { lake: lake.clone(), path, schema, writer: None, rows: 0, holding })
    }

    /// The same part, whose rows are read back from its file.
    pub(super) fn not_held(self) -> Self {
        Self { holding: Holding::nothing(), ..self }
    }

    /// Adds rows.
    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.rows += batch.num_rows() as u64;
        self.holding.add(batch);
        if self.writer.is_none() {
            self.writer = Some(self.open(Some(batch))?);
        }
        match &mut self.writer {
            Some(writer) => {
                writer.write(batch)?;
                writer.inner_mut().send().await
            }
            None => Err(Error::internal("a part file was not opened")),
        }
    }

    fn open(&self, sample: Option<&RecordBatch>) -> Result<ArrowWriter<Sink>> {
        let sink = Sink::create(&self.lake, &self.path)?;
        let properties = super::encoding::properties(&self.schema, sample);
        Ok(ArrowWriter::try_new(sink, Arc::clone(&self.schema), Some(properties))?)
    }

    /// Finishes the file. It is durable before any document of the lake is that was written after it.
    pub async fn finish(self) -> Result<DataFile> {
        let (lake, path) = (self.lake.clone(), self.path.clone());
        let file = self.close().await?;
        lake.sync_data(&path).await?;
        Ok(file)
    }

    /// Finishes a file that need not outlive the process.
    pub(super) async fn close(mut self) -> Result<DataFile> {
        fail::fail_point!("lake::finish_file", |_| Err(Error::new(
            crate::error::ErrorKind::Lake,
            "failpoint lake::finish_file"
        )));
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open(None)?,
        };
        let (bytes, checksum) = writer.into_inner()?.finish().await?;
        let held = self.holding.finish();
        Ok(DataFile { path: self.path.to_string(), rows: self.rows, bytes, checksum, held })
    }
}

/// How the streams of a data set are drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// All at once.
    SideBySide,
    /// One after the other, by one core: others have work for the rest.
    OneByOne,
}

impl DataSet {
    /// Writes one file per stream. Streams without rows still give a file, so that the schema is kept.
    pub async fn write(
        lake: &Lake,
        paths: &RunPaths,
        name: &DataSetName,
        round: u32,
        streams: Vec<SendableRecordBatchStream>,
        order: Order,
        progress: impl Fn(u64) + Clone + Send + 'static,
    ) -> Result<Self> {
        let drain = |part, mut stream: SendableRecordBatchStream| {
            let (lake, path, progress) = (lake.clone(), paths.part(name, round, part), progress.clone());
            async move {
                let mut writer = DataSetWriter::new(&lake, path, stream.schema())?;
                while let Some(batch) = stream.next().await {
                    let batch = batch?;
                    progress(batch.num_rows() as u64);
                    writer.write(&batch).await?;
                }
                writer.finish().await
            }
        };
        let files = match order {
            Order::SideBySide => side_by_side(streams, drain).await?,
            Order::OneByOne => {
                let drained = streams.into_iter().enumerate().map(|(part, stream)| drain(part, stream));
                let all = futures::stream::iter(drained.collect::<Vec<_>>()).then(|file| file).try_collect();
                SpawnedTask::spawn(all).join_unwind().await??
            }
        };
        Ok(Self { files })
    }
}

/// Drains streams in tasks of their own; gives what each became, in the order of the streams.
pub(super) async fn side_by_side<T, W>(
    streams: Vec<SendableRecordBatchStream>,
    mut drain: impl FnMut(usize, SendableRecordBatchStream) -> W,
) -> Result<Vec<T>>
where
    T: Send + 'static,
    W: Future<Output = Result<T>> + Send + 'static,
{
    let mut tasks = tokio::task::JoinSet::new();
    for (number, stream) in streams.into_iter().enumerate() {
        let work = drain(number, stream);
        tasks.spawn(async move { Ok::<_, Error>((number, work.await?)) });
    }
    let mut done = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        match ended.map_err(Error::from).and_then(|ended| ended) {
            Ok(one) => done.push(one),
            Err(error) => {
                // Whoever writes them once more finds nobody at it.
                tasks.shutdown().await;
                return Err(error);
            }
        }
    }
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, became)| became).collect())
}
