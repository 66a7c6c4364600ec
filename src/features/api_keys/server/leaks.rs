//! Reports of leaked keys: from anybody, about any key, and of use only to whoever holds a whole secret.

use std::{net::IpAddr, sync::Arc};

use axum::body::Bytes;
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    store::{self, Key, Leak},
    warnings::people_of,
    words::{Act, event, page_of, target, words},
};
use crate::{
    error::AppError,
    features::inbox::server::{Notice, tell},
    server::{
        Stoa,
        credentials::{Credential, Kind},
        events::{Actor, Event, Log},
        http::request::RequestContext,
        rest::{Budget, Named, Operation},
        scope::ServiceScope,
    },
};

const JOB: &str = "leak report";
/// So many credentials of one report are looked at.
const MOST: usize = 20;
const BODY_MAX: usize = 16 * 1024;
const REASON: &str = "reported as leaked";

/// What may be sent. More than this is not read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Report {
    /// The whole credential, as it was found.
    credential: Option<String>,
    /// Up to 20 of them.
    #[serde(default)]
    credentials: Vec<String>,
}

/// The one operation that asks for no key. Its budget is this node's own.
pub fn operation() -> Operation {
    let budget = Arc::new(Budget { each: 60, in_all: 600, window: TimeDelta::minutes(1), ..Budget::default() });
    let named = Named::new(
        "leaked_credentials.report",
        "/leaked-credentials",
        None,
        "Reports credentials that were found where they should not be. Answers alike whatever becomes of it.",
    );
    Operation::report::<Report, _, _>(named, BODY_MAX, move |stoa, context, body| {
        let budget = budget.clone();
        async move {
            if !budget.spend(context.ip, stoa.clock.now()) {
                return;
            }
            if let Err(error) = take(&stoa, &context, body.as_ref()).await {
                tracing::error!(%error, "a report of a leaked key was not seen to");
            }
        }
    })
}

async fn take(stoa: &Stoa, context: &RequestContext, body: Option<&Bytes>) -> Result<(), AppError> {
    let presented = presented(body);
    let (mut ids, mut peppers, mut hashes): (Vec<Uuid>, Vec<String>, Vec<Vec<u8>>) = Default::default();
    for credential in &presented {
        for pepper in stoa.config.secrets.peppers() {
            ids.push(credential.id);
            peppers.push(pepper.id().to_owned());
            hashes.push(credential.hash(pepper).to_vec());
        }
    }
    for leak in store::leaked(&stoa.db, &ids, &peppers, &hashes, stoa.clock.now()).await? {
        act(stoa, context, &leak).await?;
    }
    Ok(())
}

/// Always as many: what is no key is looked for as much as what is one.
fn presented(body: Option<&Bytes>) -> Vec<Credential> {
    let report: Report = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let read = |text: String| Credential::parse(text.trim()).filter(|credential| matches!(credential.kind, Kind::Key | Kind::Mcp));
    let mut presented: Vec<Credential> = report.credential.into_iter().chain(report.credentials).take(MOST).filter_map(read).collect();
    presented.resize_with(MOST, || Credential::mint(Kind::Key, Uuid::nil()));
    presented
}

async fn act(stoa: &Stoa, context: &RequestContext, leak: &Leak) -> Result<(), AppError> {
    let (tenant, workspace) = (leak.tenant, leak.workspace);
    let mut scope = ServiceScope::open_service(stoa, context, Actor::system(JOB), tenant, JOB).await?;
    store::lock(&mut scope, tenant, workspace, leak.key).await?;
    let now = scope.now();
    if !store::mark_leaked(&mut scope, tenant, workspace, leak.key, leak.secret, now).await? {
        return scope.close().await;
    }
    let key = store::find(&mut scope, tenant, workspace, leak.key).await?.ok_or(AppError::NotFound)?;
    let log = Log::Workspace(tenant, workspace);
    scope.record_in(log, Event::new(event(key.kind, Act::Leaked), target(key.kind, key.id, &key.name)));
    let stops = leak.policy == "quarantine" && key.status == "active";
    if stops {
        store::set_status(&mut scope, tenant, workspace, key.id, "quarantined", Some(REASON), now).await?;
        let stopped = Event::new(event(key.kind, Act::Quarantined), target(key.kind, key.id, &key.name))
            .changing("status", Some(&key.status), Some("quarantined"))
            .because(REASON);
        scope.record_in(log, stopped);
    }
    let notice = notice(leak, &key, stops, context.ip);
    for person in people_of(&mut scope, tenant, workspace, key.steward).await? {
        tell(&mut scope, person, &notice).await?;
    }
    scope.commit().await
}

fn notice(leak: &Leak, key: &Key, stopped: bool, from: Option<IpAddr>) -> Notice {
    let state = match (stopped, key.status.as_str()) {
        (true, _) => "It is quarantined: calls with it are refused until somebody lifts it.",
        (false, "quarantined") => "It was quarantined before, and stays so.",
        (false, _) => "The workspace's policy is to alert, so it still works.",
    };
    let noun = words(key.kind).noun;
    let from = from.map(|ip| format!(" The report came from {ip}.")).unwrap_or_default();
    Notice {
        kind: "api_key.leaked",
        tenant: Some(leak.tenant),
        workspace: Some(leak.workspace),
        title: format!("The {} “{}” was reported as leaked", words(key.kind).name, key.name),
        body: format!(
            "Whoever reported it holds the whole secret of this {noun} of {}.{from} {state}\n\nRotate the {noun}, or revoke it, and look in \
             the audit log at what it did.",
            leak.workspace_name
        ),
        link: Some(page_of(key.kind, &leak.slug, key.id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_looked_for_whatever_is_sent() {
        let key = Credential::mint(Kind::Key, Uuid::max()).reveal();
        let invitation = Credential::mint(Kind::Invitation, Uuid::max()).reveal();
        for (body, keys) in [
            (String::new(), 0),
            ("nonsense".to_owned(), 0),
            (format!(r#"{{"credential":" {key}\n"}}"#), 1),
            (format!(r#"{{"credential":"{invitation}"}}"#), 0),
            (format!(r#"{{"credentials":["{key}","x","{key}"]}}"#), 2),
            (format!(r#"{{"credentials":[{}]}}"#, vec![format!("\"{key}\""); 40].join(",")), 20),
        ] {
            let found = presented(Some(&Bytes::from(body.clone())));
            assert_eq!(found.len(), MOST, "{body}");
            assert_eq!(found.iter().filter(|credential| credential.id == Uuid::max()).count(), keys, "{body}");
        }
        assert_eq!(presented(None).len(), MOST);
    }
}
