//! An object that is uploaded piece by piece, so that a large file is never in memory as a whole. A small one goes in a
//! single request. An object is there when it is complete, in place of an older one of that name.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::task::JoinSet;

use crate::error::Result;

/// Bytes of a piece. All but the last are equal, as some stores ask, and above the 5 MiB that all of them ask.
const PIECE: usize = 8 << 20;

/// Pieces of one object on their way at once.
const AT_ONCE: usize = 3;

/// An object in the making.
pub struct Pieces {
    store: Arc<dyn ObjectStore>,
    path: Path,
    waiting: BytesMut,
    upload: Option<Upload>,
}

/// What has been begun at the object store; given up where it does not come to its end.
struct Upload {
    /// `None` once it is complete.
    begun: Option<Box<dyn MultipartUpload>>,
    on_the_way: JoinSet<object_store::Result<()>>,
}

impl Pieces {
    pub fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path, waiting: BytesMut::new(), upload: None }
    }

    /// Takes bytes; says how many it took, which is all of them.
    pub fn write(&mut self, bytes: &[u8]) -> usize {
        self.waiting.extend_from_slice(bytes);
        bytes.len()
    }

    /// Sends all whole pieces; waits while there are too many on their way.
    pub async fn send(&mut self) -> Result<()> {
        while self.waiting.len() > PIECE {
            let piece = self.waiting.split_to(PIECE).freeze();
            match &mut self.upload {
                Some(upload) => upload.put(piece).await?,
                None => {
                    let begun = self.store.put_multipart(&self.path).await?;
                    let mut upload = Upload { begun: Some(begun), on_the_way: JoinSet::new() };
                    upload.put(piece).await?;
                    self.upload = Some(upload);
                }
            }
        }
        Ok(())
    }

    /// Sends the rest; the object is there afterwards.
    pub async fn finish(mut self) -> Result<()> {
        self.send().await?;
        let rest = self.waiting.split().freeze();
        match self.upload.take() {
            None => {
                self.store.put(&self.path, rest.into()).await?;
            }
            Some(mut upload) => {
                upload.put(rest).await?;
                upload.complete().await?;
            }
        }
        Ok(())
    }
}

impl Upload {
    async fn put(&mut self, piece: Bytes) -> Result<()> {
        while self.on_the_way.len() >= AT_ONCE {
            self.one_arrived().await?;
        }
        if let Some(begun) = &mut self.begun {
            self.on_the_way.spawn(begun.put_part(PutPayload::from(piece)));
        }
        Ok(())
    }

    async fn one_arrived(&mut self) -> Result<()> {
        match self.on_the_way.join_next().await {
            Some(arrived) => Ok(arrived??),
            None => Ok(()),
        }
    }

    async fn complete(mut self) -> Result<()> {
        while !self.on_the_way.is_empty() {
            self.one_arrived().await?;
        }
        if let Some(begun) = &mut self.begun {
            begun.complete().await?;
        }
        self.begun = None;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // Best effort: a process that is killed leaves its pieces to the store's own rules of clearing up.
        if let Some(mut begun) = self.begun.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            self.on_the_way.abort_all();
            runtime.spawn(async move { begun.abort().await });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn stored(bytes: usize, step: usize) -> Vec<u8> {
        let store: Arc<dyn ObjectStore> = Arc::new(object_store::memory::InMemory::new());
        let path = Path::from("set/part");
        let wanted: Vec<u8> = (0..bytes).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut pieces = Pieces::new(Arc::clone(&store), path.clone());
        for part in wanted.chunks(step) {
            assert_eq!(pieces.write(part), part.len());
            pieces.send().await.unwrap();
            assert!(pieces.waiting.len() <= PIECE);
            assert!(store.get(&path).await.is_err(), "it is there when it is complete");
        }
        pieces.finish().await.unwrap();
        let found = store.get(&path).await.unwrap().bytes().await.unwrap();
        assert_eq!(found, wanted);
        found.to_vec()
    }

    #[tokio::test]
    async fn all_bytes_arrive_in_their_order() {
        for (bytes, step) in
            [(0, 1), (10, 3), (PIECE, 1 << 20), (PIECE + 1, 1 << 20), (5 * PIECE + 7, 3 << 20)]
        {
            assert_eq!(stored(bytes, step).await.len(), bytes);
        }
    }
}
