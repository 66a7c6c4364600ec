//! The server's half of teams.

mod deletion;
pub mod domains;
mod joining;
mod leaving;
mod people;
mod purge;
mod restore;
mod roles;
mod settings;
mod store;

pub use deletion::{Inventory, delete, inventory, phrase};
pub use joining::{allowed_domains, join};
pub use leaving::{Departure, departure, leave};
pub use people::{Found, Search, colleague, colleagues, is_only_owner, payers, people};
pub use purge::purge_due;
pub use restore::{Restored, restore};
pub use roles::{Removal, change_role, removal, remove, transfer};
pub use settings::{Joining, Outside, make_team, outside, rename, set_joining, settings};
pub use store::{Colleague, Owner, Settings, Team};

use chrono::{DateTime, Utc};

use crate::{
    access::{AskTenant, TenantRole},
    error::AppError,
    ids::{FormId, MembershipId, TenantId, UserId},
    paths,
    server::{
        Stoa, chance,
        events::{Actor, Event, EventKind, Log, Target},
        http::request::RequestContext,
        plans,
        scope::{HasPerson, Person, Reach, Scope, ServiceScope, Tenant, TenantScope},
    },
};

/// The kinds of tenant, as stored.
pub const PERSONAL: &str = "personal";
pub const TEAM: &str = "team";

/// Every live team of the person, personal first. Their own rows and nobody else's, whatever the scope reaches.
pub async fn list<R: Reach + HasPerson>(scope: &mut Scope<R>) -> Result<Vec<Team>, AppError> {
    let user = scope.person().id;
    store::list(scope, user).await
}

/// Makes the scope's tenant.
pub async fn create(scope: &mut ServiceScope, kind: &'static str, name: &str) -> Result<TenantId, AppError> {
    make(scope, kind, name).await?;
    Ok(scope.reach().tenant)
}

async fn make(scope: &mut ServiceScope, kind: &'static str, name: &str) -> Result<String, AppError> {
    let tenant = scope.reach().tenant;
    let (slug, now) = (chance::slug(kind), scope.now());
    store::insert(scope, tenant, kind, &slug, name, now).await?;
    store::take_slug(scope, tenant, &slug).await?;
    let event = Event::new(EventKind::TenantCreated, target(tenant, name)).changing("kind", None, Some(kind));
    scope.record_in(Log::Tenant(tenant), event);
    Ok(slug)
}

/// Puts a person into the scope's tenant.
pub async fn add(scope: &mut ServiceScope, user: UserId, name: &str, role: TenantRole) -> Result<(), AppError> {
    let tenant = scope.reach().tenant;
    let (id, now) = (MembershipId(scope.new_id()), scope.now());
    store::insert_membership(scope, tenant, id, user, role, now).await?;
    let event = Event::new(EventKind::TenantMemberAdded, member(id, name)).changing("role", None, Some(role.name()));
    scope.record_in(Log::Tenant(tenant), event);
    Ok(())
}

/// Makes a new team of the person, who owns it from the start, together with the answer to their form: of two that are
/// one and the same, the second finds the first's. Returns where it leads.
pub async fn found(stoa: &Stoa, request: &RequestContext, founder: &Person, form: FormId, name: &str) -> Result<String, AppError> {
    let tenant = TenantId(chance::uuid(stoa.clock.now()));
    let mut scope = ServiceScope::open_service(stoa, request, Actor::user(founder), tenant, "create-team").await?;
    scope.act_for(founder).await?;
    let slug = make(&mut scope, TEAM, name).await?;
    add(&mut scope, founder.id, &founder.name, TenantRole::Owner).await?;
    let location = paths::workspaces(slug);
    scope.answer_form(form, &location);
    scope.commit().await?;
    Ok(location)
}

/// What is about to happen, in few characters: two are alike only where everything in them is.
fn digest<P: AskTenant>(scope: &TenantScope<P>, parts: &[&str]) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let text = parts.iter().fold(String::new(), |text, part| text + part + "\0");
    URL_SAFE_NO_PAD.encode(scope.stoa().config.secrets.pepper.hash("inventory", text.as_bytes()))
}

/// A plan by the name that people know: `developer` is "Developer".
pub fn plan_name(key: &str, now: DateTime<Utc>) -> String {
    plans::find(key, now).map_or_else(|| key.to_owned(), |plan| plan.name.clone())
}

/// Whether nobody but its person can be in the tenant.
pub fn is_personal(tenant: &Tenant) -> bool {
    tenant.kind == PERSONAL
}

/// Refuses what only teams know.
///
/// # Errors
/// `Conflict` for a personal account, saying that it cannot be `what`.
pub fn ask_team(tenant: &Tenant, what: &str) -> Result<(), AppError> {
    if is_personal(tenant) {
        return Err(AppError::Conflict(format!("A personal account cannot be {what}. Make it a team first.")));
    }
    Ok(())
}

fn target(tenant: TenantId, name: &str) -> Target {
    Target { kind: "tenant", id: tenant.to_string(), name: Some(name.to_owned()) }
}

fn member(id: MembershipId, name: &str) -> Target {
    Target { kind: "member", id: id.to_string(), name: Some(name.to_owned()) }
}
