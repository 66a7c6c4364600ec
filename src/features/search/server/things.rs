//! Finding things: people, keys and what an id names, each through its own feature and by the permission it asks for.

use std::future::Future;

use super::{MOST, Named, OF_ONE_KIND, Wants, group};
use crate::{
    access::{Extent, WorkspacePermission, tenant::SeeTeam, workspace::ReadWorkspace},
    error::AppError,
    features::{
        api_keys::server::{self as api_keys, Key, hint},
        audit_log::server::{self as audit_log, Qualifier},
        invitations::server as invitations,
        members::server::{self as members, Filter, Member},
    },
    ids::{ApiKeyId, RequestId},
    paths,
    server::{
        http::Surrounded,
        scope::{AsUser, HasPerson, InTenant, InWorkspace, Reach, Scope, WorkspaceScope},
    },
    ui::{Found, FoundGroup, Icon},
};

/// A reach that something is looked for from.
pub trait Searched: Reach + HasPerson + Surrounded {
    /// Whether there are members and keys to be found from here.
    const HAS_THINGS: bool;

    /// What is found beside pages.
    fn things(scope: &mut Scope<Self>, wants: &Wants) -> impl Future<Output = Result<Vec<FoundGroup>, AppError>> + Send;
}

impl Searched for InWorkspace<ReadWorkspace> {
    const HAS_THINGS: bool = true;

    async fn things(scope: &mut Scope<Self>, wants: &Wants) -> Result<Vec<FoundGroup>, AppError> {
        Ok(match wants {
            Wants::Everything | Wants::Secret => Vec::new(),
            Wants::Anything(text) => vec![people(scope, text, OF_ONE_KIND).await?, keys(scope, text, OF_ONE_KIND).await?],
            Wants::Members(text) => vec![people(scope, text, MOST).await?],
            Wants::Keys(text) => vec![keys(scope, text, MOST).await?],
            Wants::Named(Named::Key(id)) => {
                let keys = keys(scope, &id.to_string(), 1).await?;
                let done = (!keys.found.is_empty() && reads_log(scope)).then(|| done_with(&scope.workspace().slug, *id));
                vec![keys, group("By its id", done.into_iter().collect())]
            }
            Wants::Named(named) => vec![group("By its id", named_thing(scope, *named).await?.into_iter().collect())],
        })
    }
}

impl Searched for InTenant<SeeTeam> {
    const HAS_THINGS: bool = false;

    async fn things(_: &mut Scope<Self>, _: &Wants) -> Result<Vec<FoundGroup>, AppError> {
        Ok(Vec::new())
    }
}

impl Searched for AsUser {
    const HAS_THINGS: bool = false;

    async fn things(_: &mut Scope<Self>, _: &Wants) -> Result<Vec<FoundGroup>, AppError> {
        Ok(Vec::new())
    }
}

async fn people(scope: &mut WorkspaceScope<ReadWorkspace>, text: &str, most: usize) -> Result<FoundGroup, AppError> {
    let people = members::some(scope, &Filter::of(text, None), None, rows(most)).await?;
    let slug = &scope.workspace().slug;
    Ok(group("Members", people.into_iter().map(|member| person(slug, member)).collect()))
}

fn person(slug: &str, member: Member) -> Found {
    let detail = format!("{} · {}", member.email, member.role);
    thing(member.name, detail, Icon::Members, paths::member(slug, member.id))
}

async fn keys(scope: &mut WorkspaceScope<ReadWorkspace>, text: &str, most: usize) -> Result<FoundGroup, AppError> {
    let keys = api_keys::matching(scope, text, rows(most)).await?;
    let slug = &scope.workspace().slug;
    Ok(group("API keys and MCP tokens", keys.into_iter().map(|key| key_found(slug, key)).collect()))
}

fn key_found(slug: &str, key: Key) -> Found {
    let detail = format!("{} · {} · {}", hint(key.kind, &key.last_four), key.status, key.steward_name);
    thing(key.name, detail, Icon::Key, api_keys::page_of(key.kind, slug, key.id))
}

async fn named_thing(scope: &mut WorkspaceScope<ReadWorkspace>, named: Named) -> Result<Option<Found>, AppError> {
    let slug = scope.workspace().slug.clone();
    Ok(match named {
        // Keys are a group of their own, also where one is named.
        Named::Key(_) => None,
        Named::Member(id) => there(members::find(scope, id).await)?.map(|member| person(&slug, member)),
        Named::Invitation(id) => there(invitations::find(scope, id).await)?.map(|invitation| {
            let detail = format!("Invitation · {}", invitation.role);
            thing(invitation.email, detail, Icon::Mail, paths::invitation(&slug, id))
        }),
        Named::Row(id) => audit_log::seen_of_workspace(scope, id).await?.map(|row| {
            let detail = format!("Audit Log · {} · {}", row.actor_name, row.target_name.unwrap_or(row.target_id));
            thing(row.action, detail, Icon::Audit, paths::audit_row(&paths::audit_log(&slug), id))
        }),
        Named::Request(id) => reads_log(scope).then(|| request(&slug, id)),
    })
}

fn reads_log(scope: &WorkspaceScope<ReadWorkspace>) -> bool {
    scope.reach().extent_of(WorkspacePermission::ReadAudit) == Extent::Everything
}

/// Looking into the log is for the log to do, and to write down.
fn request(slug: &str, id: RequestId) -> Found {
    let href = paths::asking(&paths::audit_log(slug), &[(audit_log::LINE, &audit_log::spelt(Qualifier::Request, &id.to_string()))]);
    let label = "What this request did".to_owned();
    Found { is_recorded: true, ..thing(label, format!("Audit Log · {id}"), Icon::Audit, href) }
}

fn done_with(slug: &str, id: ApiKeyId) -> Found {
    let href = paths::asking(&paths::audit_log(slug), &[(audit_log::LINE, &audit_log::spelt(Qualifier::Credential, &id.to_string()))]);
    let label = "What was done with this key".to_owned();
    Found { is_recorded: true, ..thing(label, format!("Audit Log · {id}"), Icon::Audit, href) }
}

fn thing(label: String, detail: String, icon: Icon, href: String) -> Found {
    Found { label, detail, icon, href, letter: None, is_recorded: false }
}

/// What is not there is not found, which is no error here.
fn there<T>(found: Result<T, AppError>) -> Result<Option<T>, AppError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(AppError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn rows(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
