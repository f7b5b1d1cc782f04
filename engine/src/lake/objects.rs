//! A lake and its objects: bound to one database, read, written so that they last, copied, removed.

use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use url::Url;

use super::pieces::Pieces;
use super::{durable, held, location, paths};
use crate::error::{DAMAGED, DAMAGED_HELP, Error, ErrorKind, Result};

/// The object stores of one lake, and what it is bound to.
#[derive(Debug, Clone)]
pub struct Lake {
    pub(super) store: Arc<dyn ObjectStore>,
    url: Url,
    pub(super) root: Option<PathBuf>,
    pub(super) room: held::Room,
    /// Data files of a run are made durable beside its work; elsewhere whoever finishes one waits.
    later: Option<durable::Later>,
}

/// The file that binds a lake to its database, so that run ids cannot be mixed up.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Binding {
    store_id: String,
}

impl Lake {
    /// Opens a lake: a folder (created when missing), or a `file://`, `s3://bucket/prefix` or `memory://` URL. Nothing is
    /// asked of an object store yet.
    pub fn open(location: &str) -> Result<Self> {
        let location::Location { store, url, root } = location::open(location)?;
        Ok(Self { store, url, root, room: held::Room::default(), later: None })
    }

    /// The same lake for one run, which keeps so many bytes of what it writes at hand, and waits for the disk only before
    /// something speaks of what was written.
    pub fn for_run(self, bytes: usize) -> Self {
        Self { room: held::Room::new(bytes), later: Some(durable::Later::default()), ..self }
    }

    /// Keeps nothing at hand of what is written from now on.
    pub fn hold_no_more(&self) {
        self.room.close();
    }

    /// The object store of the lake; paths are relative to the lake.
    pub fn object_store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The place of an object for people: a file path for a local lake, a URL otherwise.
    pub fn display(&self, path: &Path) -> String {
        match &self.root {
            Some(root) => root.join(path.as_ref()).display().to_string(),
            None => format!("{}{path}", self.url),
        }
    }

    /// Binds the lake to a database, or refuses when it belongs to another one; says whether it was bound to none before.
    pub async fn bind(&self, store_id: &str) -> Result<bool> {
        let path = paths::store_binding();
        let wanted = serde_json::to_vec_pretty(&Binding { store_id: store_id.to_owned() })?;
        if self.create(&path, wanted.into()).await? {
            return Ok(true);
        }
        match self.bound_to().await? {
            Some(found) if found != store_id => Err(self.belongs_elsewhere(&found)),
            _ => Ok(false),
        }
    }

    /// The database that the lake is bound to.
    pub async fn bound_to(&self) -> Result<Option<String>> {
        let path = paths::store_binding();
        let Some(bytes) = self.read_if_exists(&path).await? else { return Ok(None) };
        Ok(Some(self.parsed::<Binding>(&path, &bytes)?.store_id))
    }

    /// Writes a small object and removes it again: an error says why the lake cannot be written.
    pub async fn probe(&self) -> Result<()> {
        let path = paths::probe(std::process::id());
        self.replace(&path, Bytes::from_static(b"importer")).await?;
        self.remove(&path).await
    }

    fn belongs_elsewhere(&self, store_id: &str) -> Error {
        Error::new(
            ErrorKind::Usage,
            format!("the lake {} belongs to another database ({store_id})", self.url),
        )
        .with_help("use the database that this lake was made with, or name another lake with --lake")
    }

    /// Reads a document of ours; one that is none was cut short or altered.
    pub fn parsed<T: serde::de::DeserializeOwned>(&self, path: &Path, bytes: &[u8]) -> Result<T> {
        serde_json::from_slice(bytes).map_err(|e| self.damaged(path, format!("is damaged: {e}")))
    }

    /// A file that is not what was written.
    pub fn damaged(&self, path: &Path, how: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::Lake, format!("{} {how}", self.display(path)))
            .with_help(DAMAGED_HELP)
            .with_code(DAMAGED)
    }

    /// An error about a file, with its name where the file is damaged.
    pub fn told(&self, error: Error, path: &Path) -> Error {
        match error.code() {
            Some(DAMAGED) => self.damaged(path, format!("is damaged: {error}")),
            _ => error,
        }
    }

    /// Reads a small object whole.
    pub async fn read(&self, path: &Path) -> Result<Bytes> {
        Ok(self.store.get(path).await?.bytes().await?)
    }

    /// Reads a small object whole, `None` when there is none.
    pub async fn read_if_exists(&self, path: &Path) -> Result<Option<Bytes>> {
        match self.store.get(path).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes an object unless it exists already; says whether it was written. Durable when it returns, as is every data file
    /// that was finished before.
    pub async fn create(&self, path: &Path, bytes: Bytes) -> Result<bool> {
        self.synced().await?;
        let options = PutOptions { mode: PutMode::Create, ..Default::default() };
        match self.store.put_opts(path, bytes.into(), options).await {
            Ok(_) => {}
            Err(object_store::Error::AlreadyExists { .. }) => return Ok(false),
            Err(e) => return Err(e.into()),
        }
        self.sync(path).await?;
        Ok(true)
    }

    /// Writes an object whether or not it exists. Durable when it returns, as is every data file that was finished before.
    pub async fn replace(&self, path: &Path, bytes: Bytes) -> Result<()> {
        self.synced().await?;
        self.store.put(path, bytes.into()).await?;
        self.sync(path).await
    }

    /// Begins an object of any size.
    pub fn upload(&self, path: &Path) -> Pieces {
        Pieces::new(Arc::clone(&self.store), path.clone())
    }

    /// Makes a written object durable.
    pub async fn sync(&self, path: &Path) -> Result<()> {
        let Some(root) = self.root.clone() else { return Ok(()) };
        let file = root.join(path.as_ref());
        tokio::task::spawn_blocking(move || durable::make_durable(&root, &file)).await??;
        Ok(())
    }

    /// [`Lake::sync`] of a data file, beside what goes on where nobody has to wait.
    pub async fn sync_data(&self, path: &Path) -> Result<()> {
        match (&self.later, &self.root) {
            (Some(later), Some(root)) => {
                later.begin(root.clone(), root.join(path.as_ref())).await;
                Ok(())
            }
            _ => self.sync(path).await,
        }
    }

    async fn synced(&self) -> Result<()> {
        match &self.later {
            Some(later) => later.end().await,
            None => Ok(()),
        }
    }

    /// The objects below a folder, sorted by path.
    pub async fn list(&self, folder: &Path) -> Result<Vec<object_store::ObjectMeta>> {
        let mut found: Vec<_> = self.store.list(Some(folder)).try_collect().await?;
        found.sort_by(|a, b| a.location.cmp(&b.location));
        Ok(found)
    }

    /// The names of the folders directly below a folder, sorted.
    pub async fn folders(&self, folder: &Path) -> Result<Vec<String>> {
        let listing = self.store.list_with_delimiter(Some(folder)).await?;
        let mut names: Vec<_> =
            listing.common_prefixes.iter().filter_map(|p| p.filename().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }

    /// Gives the bytes of an object a second place, durably; one that a copy before this one left there stays. A local lake
    /// makes a second link to the same file, in one step that leaves nothing half done.
    pub async fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        match self.root.clone() {
            Some(root) => {
                let (from, to) = (root.join(from.as_ref()), root.join(to.as_ref()));
                tokio::task::spawn_blocking(move || link(&from, &to)).await??;
            }
            None => self.store.copy(from, to).await?,
        }
        self.sync(to).await
    }

    /// Removes objects; missing ones are not an error.
    pub async fn remove(&self, path: &Path) -> Result<()> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Removes an empty folder of a local lake, and the folders above it that became empty; an object store has none.
    pub fn remove_empty_folders(&self, path: &Path) {
        let Some(root) = &self.root else { return };
        let mut folder = root.join(path.as_ref());
        // A folder that still holds something, or is gone already, ends the walk.
        while folder != *root && std::fs::remove_dir(&folder).is_ok() {
            if !folder.pop() {
                break;
            }
        }
    }

    /// The highest run id that any file of the lake speaks of, so that a new database continues above it.
    pub async fn highest_run(&self) -> Result<i64> {
        if let Some(root) = &self.root {
            let runs = root.join(paths::runs_root().as_ref());
            return Ok(tokio::task::spawn_blocking(move || highest_folder(&runs)).await??);
        }
        let mut highest = 0;
        for tenant in self.folders(&paths::runs_root()).await? {
            for run in self.folders(&paths::runs_root().join(tenant)).await? {
                highest = highest.max(run.parse().unwrap_or(0));
            }
        }
        Ok(highest)
    }
}

/// Links a file, or copies it where the file system has no links.
fn link(from: &FsPath, to: &FsPath) -> std::io::Result<()> {
    use std::io::ErrorKind::{AlreadyExists, NotFound};
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match std::fs::hard_link(from, to) {
        Err(error) if error.kind() == AlreadyExists => Ok(()),
        Err(error) if error.kind() != NotFound => {
            let mut staged = to.as_os_str().to_owned();
            staged.push(paths::STAGED);
            std::fs::copy(from, &staged)?;
            std::fs::rename(&staged, to)
        }
        linked => linked,
    }
}

/// [`Lake::highest_run`] of a local lake: names alone, however many runs there were. A listing would open each.
fn highest_folder(runs: &FsPath) -> std::io::Result<i64> {
    let mut highest = 0;
    for tenant in names(runs)? {
        let runs = names(&runs.join(tenant))?;
        let numbers = runs.iter().filter_map(|name| name.to_str()?.parse().ok());
        highest = numbers.fold(highest, i64::max);
    }
    Ok(highest)
}

/// The names in a folder; none where there is no folder.
fn names(folder: &FsPath) -> std::io::Result<Vec<std::ffi::OsString>> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect(),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
