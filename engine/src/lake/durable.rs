//! Data files are made durable beside what goes on: nobody needs them to be before something speaks of them. Every small
//! document (a manifest, a report, a summary) is written behind all files that were finished before it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::error::{Error, ErrorKind, Result};

/// Files that are being made durable.
#[derive(Debug, Clone, Default)]
pub struct Later(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    files: JoinSet<std::io::Result<()>>,
    /// One of them could not be: nothing may speak of it any more.
    failed: Option<String>,
}

impl Later {
    /// Begins to make a file durable.
    pub async fn begin(&self, root: PathBuf, file: PathBuf) {
        self.0.lock().await.files.spawn_blocking(move || make_durable(&root, &file));
    }

    /// Waits for all that was begun. Whoever comes meanwhile waits, too.
    pub async fn end(&self) -> Result<()> {
        let mut waiting = self.0.lock().await;
        while let Some(ended) = waiting.files.join_next().await {
            if let Err(error) = ended.map_err(std::io::Error::other).flatten() {
                waiting.failed.get_or_insert_with(|| error.to_string());
            }
        }
        match &waiting.failed {
            None => Ok(()),
            Some(why) => {
                Err(Error::new(ErrorKind::Lake, format!("a file of the lake is not durable: {why}"))
                    .with_help("look whether the disk of the lake is full or damaged, then resume the run"))
            }
        }
    }
}

/// Has the system write a file and the folders above it: `object_store` leaves that to chance.
pub fn make_durable(root: &Path, file: &Path) -> std::io::Result<()> {
    std::fs::File::open(file)?.sync_all()?;
    let mut folder = file.parent();
    while let Some(f) = folder {
        std::fs::File::open(f)?.sync_all()?;
        if f == root {
            break;
        }
        folder = f.parent();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_gone_is_never_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there");
        std::fs::write(&there, "x").unwrap();
        let later = Later::default();
        later.begin(folder.path().to_owned(), there).await;
        later.end().await.unwrap();
        later.begin(folder.path().to_owned(), folder.path().join("gone")).await;
        assert!(later.end().await.is_err());
        assert!(later.end().await.is_err(), "who asks after that hears of it, too");
    }
}
