//! The witness: a file that every checkpoint is appended to, or an https endpoint that each is sent to. Where whoever holds
//! the database cannot rewrite it, it is what a log that was cut short or forked is caught by.

use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{
    error::AppError,
    server::{Stoa, appending},
};

/// Checkpoints in one turn, at most.
const MOST: i32 = 1000;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// C2SP signed-note.
    pub note: String,
}

/// In the sealer's own turn: to a file alone. Nothing waits for somebody else's server to be sealed.
pub async fn push(stoa: &Stoa) -> Result<(), AppError> {
    if stoa.config.audit.witness_url.is_none() { hand_over(stoa).await } else { Ok(()) }
}

/// Hands over the newest checkpoint of each log that went on since, to every witness that there is. One may come twice; none
/// that was signed last is left out.
pub async fn hand_over(stoa: &Stoa) -> Result<(), AppError> {
    let audit = &stoa.config.audit;
    if audit.witness_file.is_none() && audit.witness_url.is_none() {
        return Ok(());
    }
    let signed = store::unwitnessed(&stoa.db, MOST).await?;
    if signed.is_empty() {
        return Ok(());
    }
    let mut lines = String::new();
    for (.., note) in &signed {
        lines += &serde_json::to_string(&Line { note: note.clone() }).map_err(|_| AppError::Internal)?;
        lines.push('\n');
    }
    if let Some(url) = &audit.witness_url
        && let Err(problem) = send(stoa, url, lines.clone().into_bytes()).await
    {
        tracing::error!(problem, "checkpoints were not handed to the witness; they will be");
        return Ok(());
    }
    if let Some(file) = &audit.witness_file
        && let Err(error) = appending::append(file, lines.as_bytes()).await
    {
        tracing::error!(file = %file.display(), %error, "checkpoints were not handed to the witness; they will be");
        return Ok(());
    }
    for (log, size, _) in signed {
        store::note_witnessed(&stoa.db, log, size).await?;
    }
    Ok(())
}

/// Returns when it has answered 2xx. The address is in no error: it may hold a secret.
async fn send(stoa: &Stoa, url: &str, lines: Vec<u8>) -> Result<(), String> {
    let outbound = stoa.outbound().ok_or("this server cannot call https addresses")?;
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"))]);
    let answered = outbound.post(url, headers, lines).await.map_err(|failed| failed.to_string())?;
    if answered.status.is_success() { Ok(()) } else { Err(format!("it answered {}", answered.status)) }
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

    #[test]
    fn notes_are_read_from_lines_and_by_themselves() {
        let line = |note: &str| serde_json::to_string(&Line { note: note.to_owned() }).expect("a line") + "\n";
        let kept = format!("{}{{\"note\": \"tw\n{}", line("one\n"), line("three\n"));
        assert_eq!(notes(&kept), ["one\n", "three\n"]);
        assert_eq!(notes("origin\n1\n"), ["origin\n1\n"]);
    }
}
