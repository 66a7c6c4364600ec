//! What a sender sends, cut into parts of one size, counted and hashed on the way.

use std::time::Duration;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};

use super::PutError;

/// Of every part but the last: the least that S3 takes, and the most that one upload holds in memory.
pub const PART: usize = 5 * 1024 * 1024;
/// For the sender's next bytes.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Incoming<S> {
    body: S,
    /// What came and is in no part yet.
    rest: Bytes,
    hash: Sha256,
    /// Still to come.
    left: u64,
}

impl<S, E> Incoming<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
{
    pub fn new(body: S, length: u64) -> Self {
        Self { body, rest: Bytes::new(), hash: Sha256::new(), left: length }
    }

    /// The next part: shorter than [`PART`] only at the end, and empty behind it.
    ///
    /// # Errors
    /// `Longer` as soon as more came than there should be; `Slow` and `Broken`.
    pub async fn part(&mut self) -> Result<Vec<u8>, PutError> {
        let mut part = Vec::new();
        while part.len() < PART {
            if self.rest.is_empty() {
                match tokio::time::timeout(PATIENCE, self.body.next()).await {
                    Ok(Some(Ok(chunk))) => self.rest = chunk,
                    Ok(Some(Err(_))) => return Err(PutError::Broken),
                    Ok(None) => break,
                    Err(_) => return Err(PutError::Slow),
                }
                continue;
            }
            let taken = self.rest.split_to(self.rest.len().min(PART - part.len()));
            self.left = self.left.checked_sub(taken.len() as u64).ok_or(PutError::Longer)?;
            self.hash.update(&taken);
            part.extend_from_slice(&taken);
        }
        Ok(part)
    }

    /// The SHA-256 of everything, behind the last part.
    ///
    /// # Errors
    /// `Shorter` where something is missing.
    pub fn whole(&self) -> Result<[u8; 32], PutError> {
        if self.left == 0 { Ok(self.hash.clone().finalize().into()) } else { Err(PutError::Shorter) }
    }
}
