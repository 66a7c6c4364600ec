//! What became of a place that a person cannot open any more: told to whoever was allowed to know it, and to nobody else.

use super::{AsUser, Intent, Reach, Scope, opening};
use crate::{
    error::AppError,
    paths,
    server::{Stoa, http::request::RequestContext},
};

/// Why nothing is at `slug`, which was asked for as a place of the reach `R`. None where the person of the request is to
/// learn nothing, or nothing can be told just now: then nothing is there, as for anybody.
pub async fn became<R: Reach>(stoa: &Stoa, request: &RequestContext, slug: &str) -> Option<AppError> {
    let slug = Some(opening::quotable(Some(slug))).filter(|slug| !slug.is_empty())?;
    match word::<R>(stoa, request, slug).await {
        Ok(word) => explained(&word?, slug),
        Err(error) => {
            tracing::warn!(%error, "what became of a place cannot be told");
            None
        }
    }
}

async fn word<R: Reach>(stoa: &Stoa, request: &RequestContext, slug: &str) -> Result<Option<String>, AppError> {
    let mut scope = Scope::<AsUser>::open(stoa, request, None, Intent::Read, false).await?;
    let now = scope.now();
    let word = sqlx::query_scalar!("select what_became($1, $2, $3)", R::PLACE, slug, now).fetch_optional(scope.read()).await?;
    scope.close().await?;
    Ok(word.flatten())
}

fn explained(word: &str, slug: &str) -> Option<AppError> {
    Some(match word {
        "archived" => AppError::gone(
            "This workspace was archived: nothing in it works any more. What is left of it can still be looked at.",
            paths::archived(slug),
            "Look at the archived workspace",
        ),
        "live" => AppError::gone("This workspace is not archived, or not any more: it works.", paths::overview(slug), "Open the workspace"),
        "left" => AppError::gone(
            "You are not a member of this workspace any more. An owner or admin of it can invite you again.",
            paths::HOME.to_owned(),
            "Go to your workspaces",
        ),
        "deleted" => AppError::gone(
            "This team was deleted, with everything in it. Ask the operator if that is a mistake: for a while it can be brought back.",
            paths::HOME.to_owned(),
            "Go to your workspaces",
        ),
        _ => return None,
    })
}
