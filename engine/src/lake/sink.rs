//! Where the bytes of a part file go, hashed on the way so that no file is read again for its checksum.
//!
//! In a local lake they go straight into a file that gets its name when it is complete; elsewhere they go to the object store
//! piece by piece. A buffer between the encoder and the disk would cost as much memory as the file is large.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use object_store::path::Path;
use xxhash_rust::xxh3::Xxh3;

use super::objects::Lake;
use super::paths::STAGED;
use super::pieces::Pieces;
use crate::error::Result;

/// A file in the making.
pub struct Sink {
    target: Target,
    hash: Xxh3,
    bytes: u64,
}

enum Target {
    Local(Unnamed),
    Store(Pieces),
}

/// A local file without its name yet; gone when it never gets it.
struct Unnamed {
    file: File,
    /// Its name until then: nobody takes it for a data file, and what clears up after a process that was killed finds it.
    staged: PathBuf,
    path: PathBuf,
    named: bool,
}

impl Sink {
    /// Begins a file of the lake.
    pub fn create(lake: &Lake, path: &Path) -> Result<Self> {
        let target = match &lake.root {
            Some(root) => Target::Local(Unnamed::create(root.join(path.as_ref()))?),
            None => Target::Store(lake.upload(path)),
        };
        Ok(Self { target, hash: Xxh3::new(), bytes: 0 })
    }

    /// Sends what has come together since the last time; whoever writes to a sink calls it now and then.
    pub async fn send(&mut self) -> Result<()> {
        match &mut self.target {
            Target::Local(_) => Ok(()),
            Target::Store(pieces) => pieces.send().await,
        }
    }

    /// Gives the file its name, in place of an older one; says its size and its XXH3-64 in hexadecimal.
    pub async fn finish(self) -> Result<(u64, String)> {
        match self.target {
            Target::Local(mut file) => file.name()?,
            Target::Store(pieces) => pieces.finish().await?,
        }
        Ok((self.bytes, format!("{:016x}", self.hash.digest())))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.target {
            Target::Local(file) => file.file.write(bytes)?,
            Target::Store(pieces) => pieces.write(bytes),
        };
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Unnamed {
    fn create(path: PathBuf) -> io::Result<Self> {
        let mut staged = path.clone().into_os_string();
        staged.push(STAGED);
        let staged = PathBuf::from(staged);
        let file = match File::create(&staged) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                File::create(&staged)?
            }
            opened => opened?,
        };
        Ok(Self { file, staged, path, named: false })
    }

    fn name(&mut self) -> io::Result<()> {
        std::fs::rename(&self.staged, &self.path)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if !self.named {
            // Best effort: what clears up after the run removes it, too.
            let _ = std::fs::remove_file(&self.staged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn written(lake: &Lake, path: &Path, text: &[u8]) -> (u64, String) {
        let mut sink = Sink::create(lake, path).unwrap();
        sink.write_all(text).unwrap();
        sink.finish().await.unwrap()
    }

    #[tokio::test]
    async fn a_file_is_there_when_it_is_complete_and_the_last_one_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = Path::from("set/run/part-0.parquet");
        for lake in ["memory://", folder.path().to_str().unwrap()] {
            let lake = Lake::open(lake).unwrap();
            let (bytes, hash) = written(&lake, &path, b"first").await;
            assert_eq!((bytes, hash), (5, format!("{:016x}", xxhash_rust::xxh3::xxh3_64(b"first"))));
            let mut begun = Sink::create(&lake, &path).unwrap();
            begun.write_all(b"half of it").unwrap();
            let listed = lake.list(&Path::from("set")).await.unwrap();
            let data = listed.iter().filter(|object| object.location.as_ref().ends_with(".parquet"));
            assert_eq!(data.count(), 1, "nothing unfinished has the name of a data file");
            drop(begun);
            assert_eq!(lake.read(&path).await.unwrap().as_ref(), b"first");
            written(&lake, &path, b"second").await;
            assert_eq!(lake.read(&path).await.unwrap().as_ref(), b"second");
        }
        let names: Vec<_> = std::fs::read_dir(folder.path().join("set/run")).unwrap().collect();
        assert_eq!(names.len(), 1, "what was given up is gone");
    }
}
