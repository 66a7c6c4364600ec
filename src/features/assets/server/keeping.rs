//! Completing: what arrived last is what the asset holds from now on.

use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Place, store, taking::hex};
use crate::{
    access::workspace::WriteRecords,
    error::AppError,
    server::{objects::Key, scope::WorkspaceScope},
};

/// For the store to say that it is there, while the record is held.
const PATIENCE: Duration = Duration::from_secs(2);
/// That wait for it at a time: each holds a connection meanwhile.
static ASKING: Semaphore = Semaphore::const_new(4);

/// What the server says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// In hexadecimal digits.
    pub sha256: String,
}

/// Keeps what arrived last for the asset, with the record's change and its event.
///
/// # Errors
/// `Conflict` where nothing arrived, or something else than was announced or than `sha256` says; `Unavailable` where the store
/// does not say that it is there.
pub async fn keep(scope: &mut WorkspaceScope<WriteRecords>, place: Place, length: i64, sha256: Option<&str>) -> Result<Kept, AppError> {
    let Some(arrived) = store::hold_arrived(scope, place).await? else {
        let says = "Nothing was uploaded for this asset yet. Send the file to the address in `upload` (assets.upload gives a new one), \
                    then complete it.";
        return Err(AppError::Conflict(says.to_owned()));
    };
    let found = hex(&arrived.sha256);
    if let Some(wanted) = sha256.filter(|wanted| !wanted.eq_ignore_ascii_case(&found)) {
        return Err(AppError::Conflict(format!("What was uploaded has the SHA-256 {found}, and not {wanted}. Upload the file again.")));
    }
    if arrived.bytes != length {
        return Err(AppError::Conflict(format!("What was uploaded has {} bytes, and not {length}. Upload the file again.", arrived.bytes)));
    }
    ask_there(scope, Key { workspace: place.workspace, asset: place.asset, object: arrived.object }, length).await?;
    store::keep(scope, place, arrived.object).await?;
    Ok(Kept { sha256: found })
}

/// Another node may have another folder, and somebody may have emptied the bucket: no asset is ready whose file is gone.
async fn ask_there(scope: &WorkspaceScope<WriteRecords>, key: Key, length: i64) -> Result<(), AppError> {
    let objects = scope.stoa().objects().ok_or(AppError::Unavailable)?;
    let _turn = ASKING.try_acquire().map_err(|_| AppError::Unavailable)?;
    match tokio::time::timeout(PATIENCE, objects.length(key)).await {
        Ok(Ok(found)) if found.is_some_and(|found| i64::try_from(found) == Ok(length)) => Ok(()),
        Ok(Ok(found)) => {
            tracing::error!(asset = %key.asset, ?found, length, "the store of files does not hold what arrived there");
            Err(AppError::Conflict("The uploaded file is not in the store any more. Upload it again.".to_owned()))
        }
        Ok(Err(error)) => {
            tracing::error!(asset = %key.asset, %error, "the store of files does not answer");
            Err(AppError::Unavailable)
        }
        Err(_) => Err(AppError::Unavailable),
    }
}
