//! The witness: a file that every checkpoint is appended to. On a medium that whoever holds the database cannot rewrite, it
//! is what a log that was cut short or forked is caught by.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use super::store;
use crate::{error::AppError, server::Stoa};

/// Checkpoints in one turn, at most.
const MOST: i32 = 1000;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// C2SP signed-note.
    pub note: String,
}

/// Hands over the newest checkpoint of each log that went on since. One may come twice; none that was signed last is left out.
pub async fn push(stoa: &Stoa) -> Result<(), AppError> {
    let Some(file) = &stoa.config.audit.witness_file else { return Ok(()) };
    let signed = store::unwitnessed(&stoa.db, MOST).await?;
    if signed.is_empty() {
        return Ok(());
    }
    let mut lines = String::new();
    for (.., note) in &signed {
        lines += &serde_json::to_string(&Line { note: note.clone() }).map_err(|_| AppError::Internal)?;
        lines.push('\n');
    }
    if let Err(error) = append(file, lines).await {
        tracing::error!(file = %file.display(), %error, "checkpoints were not handed to the witness; they will be");
        return Ok(());
    }
    for (log, size, _) in signed {
        store::note_witnessed(&stoa.db, log, size).await?;
    }
    Ok(())
}

/// Returns when the lines are on the disk. What a crash left half written ends where they begin.
async fn append(file: &Path, lines: String) -> std::io::Result<()> {
    let mut file = tokio::fs::OpenOptions::new().read(true).append(true).create(true).open(file).await?;
    let is_torn = file.seek(std::io::SeekFrom::End(0)).await? > 0 && {
        file.seek(std::io::SeekFrom::End(-1)).await?;
        file.read_u8().await? != b'\n'
    };
    let text = if is_torn { format!("\n{lines}") } else { lines };
    file.write_all(text.as_bytes()).await?;
    file.flush().await?;
    file.sync_data().await
}

/// The notes in what somebody kept: lines as above, or one note as it is. A line that a crash tore is left out.
pub fn notes(text: &str) -> Vec<String> {
    if text.starts_with('{') {
        text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()).map(|line| line.note).collect()
    } else {
        vec![text.to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_torn_line_spoils_no_other() {
        let file = std::env::temp_dir().join(format!("stoa-witness-{}", std::process::id()));
        let line = |note: &str| serde_json::to_string(&Line { note: note.to_owned() }).expect("a line") + "\n";
        append(&file, line("one\n")).await.expect("appended");
        append(&file, "{\"note\": \"tw".to_owned()).await.expect("torn");
        append(&file, line("three\n")).await.expect("appended");
        let kept = std::fs::read_to_string(&file).expect("a file");
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(notes(&kept), ["one\n", "three\n"]);
        assert_eq!(notes("origin\n1\n"), ["origin\n1\n"]);
    }
}
