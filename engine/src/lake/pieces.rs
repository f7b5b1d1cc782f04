//! An object that is uploaded piece by piece, so that a large file is never in memory as a whole. An object is there when it
//! is complete, in place of an older one of that name.
//!
//! The upload itself is `WriteMultipart` of `object_store`. What is added: a small object goes in a single request, whoever
//! writes waits while too much is on its way, and what does not come to its end is given up.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::BytesMut;
use object_store::path::Path;
use object_store::{
    MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, PutResult, UploadPart, WriteMultipart,
};

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
    /// Begun with the first whole piece; gone once it is complete.
    upload: Option<WriteMultipart>,
}

impl Pieces {
    pub(super) fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
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
            let upload = match &mut self.upload {
                Some(upload) => upload,
                None => {
                    let begun = Begun(Some(self.store.put_multipart(&self.path).await?));
                    self.upload.insert(WriteMultipart::new_with_chunk_size(Box::new(begun), PIECE))
                }
            };
            upload.wait_for_capacity(AT_ONCE).await?;
            upload.put(piece);
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
                upload.wait_for_capacity(AT_ONCE).await?;
                upload.put(rest);
                upload.finish().await?;
            }
        }
        Ok(())
    }
}

/// What has been begun at the object store; given up where it does not come to its end. Gone once it has ended.
#[derive(Debug)]
struct Begun(Option<Box<dyn MultipartUpload>>);

#[async_trait]
impl MultipartUpload for Begun {
    fn put_part(&mut self, piece: PutPayload) -> UploadPart {
        match &mut self.0 {
            Some(upload) => upload.put_part(piece),
            None => Box::pin(std::future::ready(Err(over()))),
        }
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        let Some(upload) = &mut self.0 else { return Err(over()) };
        let completed = upload.complete().await?;
        self.0 = None;
        Ok(completed)
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        match self.0.take() {
            Some(mut upload) => upload.abort().await,
            None => Ok(()),
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        // Best effort: a process that is killed leaves its pieces to the store's own rules of clearing up.
        if let Some(mut upload) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { upload.abort().await });
        }
    }
}

fn over() -> object_store::Error {
    object_store::Error::Generic { store: "upload", source: "it has ended".into() }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

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

    /// What an object store is asked for, of an upload whose pieces fail from one on.
    #[derive(Debug, Default, Clone)]
    struct Asked {
        pieces: Arc<AtomicUsize>,
        gives_up: Arc<AtomicUsize>,
        fails_from: usize,
    }

    #[async_trait]
    impl MultipartUpload for Asked {
        fn put_part(&mut self, _piece: PutPayload) -> UploadPart {
            let at = self.pieces.fetch_add(1, Ordering::Relaxed);
            let answer = match at < self.fails_from {
                true => Ok(()),
                false => Err(object_store::Error::NotImplemented {
                    operation: "put_part".to_owned(),
                    implementer: "the test".to_owned(),
                }),
            };
            Box::pin(std::future::ready(answer))
        }

        async fn complete(&mut self) -> object_store::Result<PutResult> {
            Ok(PutResult { e_tag: None, version: None })
        }

        async fn abort(&mut self) -> object_store::Result<()> {
            self.gives_up.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    fn begun(asked: &Asked) -> Pieces {
        let upload =
            WriteMultipart::new_with_chunk_size(Box::new(Begun(Some(Box::new(asked.clone())))), PIECE);
        let store = Arc::new(object_store::memory::InMemory::new());
        Pieces { upload: Some(upload), ..Pieces::new(store, Path::from("set/part")) }
    }

    async fn given_up(asked: &Asked) -> usize {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        asked.gives_up.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn what_does_not_come_to_its_end_is_given_up() {
        let asked = Asked { fails_from: usize::MAX, ..Asked::default() };
        let mut pieces = begun(&asked);
        pieces.write(&vec![0; PIECE + 1]);
        pieces.send().await.unwrap();
        drop(pieces);
        assert_eq!((asked.pieces.load(Ordering::Relaxed), given_up(&asked).await), (1, 1), "it is dropped");

        let asked = Asked { fails_from: 1, ..Asked::default() };
        let mut pieces = begun(&asked);
        pieces.write(&vec![0; PIECE + 1]);
        assert!(pieces.finish().await.is_err());
        assert_eq!((asked.pieces.load(Ordering::Relaxed), given_up(&asked).await), (2, 1), "a piece failed");

        let asked = Asked { fails_from: usize::MAX, ..Asked::default() };
        let mut pieces = begun(&asked);
        pieces.write(&vec![0; PIECE + 1]);
        pieces.finish().await.unwrap();
        assert_eq!((asked.pieces.load(Ordering::Relaxed), given_up(&asked).await), (2, 0), "it is complete");
    }
}
