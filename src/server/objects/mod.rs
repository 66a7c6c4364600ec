//! Where the bytes of files lie: a folder, or a bucket of anything that speaks S3. What is there is named by ids alone.
//!
//! Bytes pass through in parts and never lie in memory whole. An object is there when all of it is, and not before.

mod incoming;
mod opening;

use std::sync::Arc;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload, path::Path};
use uuid::Uuid;

use incoming::{Incoming, PART};

use super::config::Assets;
use crate::ids::{RecordId, WorkspaceId};

/// The configured store.
#[derive(Clone, Debug)]
pub struct Objects(Arc<dyn ObjectStore>);

/// One object. A workspace keeps its id when it moves to another team, so that no object ever moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub workspace: WorkspaceId,
    /// What it is the file of.
    pub asset: RecordId,
    /// Of one upload: what comes later never overwrites what is there.
    pub object: Uuid,
}

impl Key {
    fn path(self) -> Path {
        Path::from_iter([self.workspace.to_string(), self.asset.to_string(), self.object.simple().to_string()])
    }
}

/// What was kept of an upload, or why nothing was.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    #[error("more was sent than the upload is for")]
    Longer,
    #[error("less was sent than the upload is for")]
    Shorter,
    #[error("nothing came for too long")]
    Slow,
    #[error("the sender went away")]
    Broken,
    #[error("the store did not take it: {0}")]
    Store(#[from] object_store::Error),
}

impl Objects {
    /// From settings that were checked. Nothing is asked of the store yet.
    ///
    /// # Errors
    /// What cannot be used, never with a secret in it.
    pub fn new(assets: &Assets) -> Result<Self, String> {
        opening::open(assets).map(Self)
    }

    /// Keeps exactly `length` bytes, or nothing. Returns their SHA-256.
    ///
    /// # Errors
    /// Why nothing was kept; what the store had taken by then was taken back, as far as it answers.
    pub async fn put<S, E>(&self, key: Key, length: u64, body: S) -> Result<[u8; 32], PutError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
    {
        let mut incoming = Incoming::new(body, length);
        let first = incoming.part().await?;
        if first.len() < PART {
            let hash = incoming.whole()?;
            self.0.put(&key.path(), first.into()).await?;
            return Ok(hash);
        }
        let mut upload = self.0.put_multipart(&key.path()).await?;
        let sent = match send(&mut *upload, first, &mut incoming).await {
            Ok(()) => incoming.whole(),
            Err(error) => Err(error),
        };
        let kept = match sent {
            Ok(hash) => upload.complete().await.map(|_| hash).map_err(PutError::from),
            Err(error) => Err(error),
        };
        if kept.is_err()
            && let Err(error) = upload.abort().await
        {
            tracing::warn!(%error, "parts of an upload were left in the store");
        }
        kept
    }

    /// How long it is; none where it is not there.
    ///
    /// # Errors
    /// The store's.
    pub async fn length(&self, key: Key) -> Result<Option<u64>, object_store::Error> {
        match self.0.head(&key.path()).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Its bytes, as they come.
    ///
    /// # Errors
    /// The store's; also where it is not there.
    pub async fn get(&self, key: Key) -> Result<BoxStream<'static, Result<Bytes, object_store::Error>>, object_store::Error> {
        Ok(self.0.get(&key.path()).await?.into_stream().boxed())
    }

    /// Also where it is not there (any more).
    ///
    /// # Errors
    /// The store's: it may still be there.
    pub async fn delete(&self, key: Key) -> Result<(), object_store::Error> {
        match self.0.delete(&key.path()).await {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes, reads and deletes something, as `stoa doctor` does.
    ///
    /// # Errors
    /// What did not work, and what the store said.
    pub async fn probe(&self, id: Uuid) -> Result<(), String> {
        let (path, text) = (Path::from_iter(["stoa-doctor".to_owned(), id.simple().to_string()]), id.to_string());
        let says = |what: &'static str| move |error: object_store::Error| format!("{what} did not work: {error}");
        self.0.put(&path, text.clone().into_bytes().into()).await.map_err(says("writing"))?;
        let read = self.0.get(&path).await.map_err(says("reading"))?;
        let read: Vec<Bytes> = read.into_stream().try_collect().await.map_err(says("reading"))?;
        self.0.delete(&path).await.map_err(says("deleting"))?;
        if read.concat() == text.as_bytes() { Ok(()) } else { Err("what was written was not what was read".to_owned()) }
    }
}

async fn send<S, E>(upload: &mut dyn MultipartUpload, first: Vec<u8>, incoming: &mut Incoming<S>) -> Result<(), PutError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
{
    let mut part = first;
    while !part.is_empty() {
        upload.put_part(PutPayload::from(part)).await?;
        part = incoming.part().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use object_store::memory::InMemory;
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn key() -> Key {
        Key { workspace: WorkspaceId(Uuid::nil()), asset: RecordId(Uuid::nil()), object: Uuid::nil() }
    }

    /// Keeps `bytes`, sent in chunks of so many, as an upload of `length`.
    async fn put(objects: &Objects, bytes: &[u8], chunk: usize, length: u64) -> Result<[u8; 32], PutError> {
        let chunks: Vec<Result<Bytes, Infallible>> = bytes.chunks(chunk).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        objects.put(key(), length, stream::iter(chunks)).await
    }

    #[tokio::test]
    async fn what_is_kept_is_what_was_sent_whatever_its_size() {
        for size in [0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 7] {
            let objects = Objects(Arc::new(InMemory::new()));
            let bytes: Vec<u8> = (0..size).map(|place| u8::try_from(place % 251).expect("a byte")).collect();
            let hash = put(&objects, &bytes, 70_001, size as u64).await.expect("kept");
            assert_eq!(hash, <[u8; 32]>::from(Sha256::digest(&bytes)), "{size}");
            assert_eq!(objects.length(key()).await.expect("an answer"), Some(size as u64));
            let read: Vec<Bytes> = objects.get(key()).await.expect("there").try_collect().await.expect("read");
            assert!(read.concat() == bytes, "{size}");
            objects.delete(key()).await.expect("deleted");
            objects.delete(key()).await.expect("deleted again");
            assert_eq!(objects.length(key()).await.expect("an answer"), None);
        }
    }

    #[tokio::test]
    async fn nothing_is_kept_of_what_is_longer_or_shorter_or_breaks_off() {
        let objects = Objects(Arc::new(InMemory::new()));
        let bytes = vec![7; 2 * PART + 7];
        for (size, length) in [(3, 2), (PART, PART - 1), (2 * PART + 1, 2 * PART), (2 * PART + 7, PART)] {
            assert!(matches!(put(&objects, &bytes[..size], 70_001, length as u64).await, Err(PutError::Longer)), "{size} {length}");
        }
        for (size, length) in [(0, 1), (2, 3), (PART, PART + 1), (2 * PART, 2 * PART + 7)] {
            assert!(matches!(put(&objects, &bytes[..size], 70_001, length as u64).await, Err(PutError::Shorter)), "{size} {length}");
        }
        for whole in [3, PART + 3] {
            let chunks = [Ok(Bytes::from(vec![7; whole])), Err("gone")];
            assert!(matches!(objects.put(key(), 99_999_999, stream::iter(chunks)).await, Err(PutError::Broken)), "{whole}");
        }
        assert_eq!(objects.length(key()).await.expect("an answer"), None);
    }
}
