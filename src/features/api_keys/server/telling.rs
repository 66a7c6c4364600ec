//! What stewards are told: that they answer for a key now, and who may know its secret.

use super::{
    store::Key,
    words::{page_of, words},
};
use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    features::inbox::server::{Notice, tell},
    ids::{TenantId, UserId, WorkspaceId},
    server::{credentials::Kind, scope::WorkspaceScope},
};

/// What every new steward is told.
const KNOWN: &str = "Whoever had them before you may still know their secrets: rotate them.";

/// Tells somebody that a key was made for which they answer.
pub(super) async fn named(scope: &mut WorkspaceScope<ManageCredentials>, steward: UserId, key: &Key) -> Result<(), AppError> {
    let here = scope.workspace().clone();
    let notice = Notice {
        kind: "api_key.created",
        tenant: Some(scope.tenant().id),
        workspace: Some(here.id),
        title: format!("You answer for the new {} “{}”", words(key.kind).name, key.name),
        body: format!(
            "{} made it in {} and knows its secret. What it does is done in your name, and is never more than what your role there \
             allows. If you did not expect it, revoke it, or ask an owner or admin to.",
            acting_name(scope),
            here.name
        ),
        link: Some(page_of(key.kind, &here.slug, key.id)),
    };
    tell(scope, steward, &notice).await
}

fn acting_name(scope: &WorkspaceScope<ManageCredentials>) -> String {
    match &scope.actor().on_behalf_of {
        Some((_, steward)) => format!("The API key “{}” of {steward}", scope.actor().name),
        None => scope.actor().name.clone(),
    }
}

/// To whoever answers for these keys from now on.
pub(super) fn handed_over(
    tenant: TenantId,
    workspace: WorkspaceId,
    kind: Kind,
    names: &[&str],
    place: &str,
    link: Option<String>,
) -> Notice {
    let what = words(kind).name;
    let title = match names {
        [name] => format!("You answer for the {what} “{name}” now"),
        many => format!("You answer for {} more {what}s now", many.len()),
    };
    let place = if place.is_empty() { String::new() } else { format!(" in {place}") };
    let body = format!(
        "Handed over to you{place}: {}.\n\nWhat they may do is never more than what your role there allows, and no more than before. {KNOWN} \
         You are told before they expire.",
        names.iter().take(20).copied().collect::<Vec<_>>().join(", ")
    );
    Notice { kind: "api_key.handed_over", tenant: Some(tenant), workspace: Some(workspace), title, body, link }
}
