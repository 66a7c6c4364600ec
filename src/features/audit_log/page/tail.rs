//! New rows of a log, told as they come.

use leptos::prelude::*;

use super::list;
use crate::{
    error::AppError,
    features::audit_log::server::{self, Asked, Entry, Logged, Sealing},
    server::{
        Reader,
        http::{
            Visit,
            door::Since,
            live::{Came, Piece},
            page::without_markers,
        },
    },
};

/// The rows that the list's filters let through, from `since` on. The first look is a search as the list's own is.
///
/// # Errors
/// `Malformed` where a filter cannot be understood: nobody must be told more than was asked for.
pub async fn tail<R: Logged>(mut visit: Visit<R>, since: Since) -> Result<Came, AppError> {
    let source = R::source(&mut visit.scope).await?;
    let reader = visit.reader();
    let asked = Asked::read(&visit.query, &reader.zone, reader.now);
    if !asked.problems.is_empty() {
        return Err(AppError::Malformed("one of its filters cannot be understood; the list's page names it"));
    }
    let listed = server::newer(&mut visit.scope, &source, &asked.filter, since.at).await?;
    // Most looks find nothing, and ask for nothing more.
    let sealing = match listed.entries.as_slice() {
        [] => Sealing::default(),
        new => server::sealing(&mut visit.scope, &source, new).await?,
    };
    let stoa = visit.scope.stoa().clone();
    visit.scope.close().await?;
    if since.is_first {
        server::record_search::<R>(&stoa, &visit.request, &source, &asked.filter).await?;
    }
    let piece = |entry: Entry| {
        let (path, reader) = (source.address.clone(), reader.clone());
        let (id, at, is_unsealed) = (entry.id.to_string(), entry.occurred_at, sealing.is_unsealed(entry.id));
        Piece { id, at, html: Box::new(move || html(&entry, is_unsealed, &path, &reader)) }
    };
    Ok(Came { is_cut: listed.next.is_some(), pieces: listed.entries.into_iter().map(piece).collect() })
}

fn html(entry: &Entry, is_unsealed: bool, path: &str, reader: &Reader) -> String {
    without_markers(&list::row(entry, is_unsealed, path, reader).to_html())
}
