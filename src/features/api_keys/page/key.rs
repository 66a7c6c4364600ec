//! One key's page: what is known of it, its secrets, and what can be done with it.

mod forms;
mod limits;
mod secrets;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{REVOKED, is_over, last_use, moment, once, refusal, status};
use crate::{
    access::{
        AskWorkspace, WorkspacePermission, WorkspaceRole,
        workspace::{ManageCredentials, ReadCredentials},
    },
    error::{AppError, FieldError},
    features::{
        api_keys::server::{self, Key, Of, Secret, hint, list_page, scopes_out_of_reach, without_effect, words},
        members,
    },
    server::{
        Reader,
        http::{Page, Visit, door::RefusedForm},
        scope::InWorkspace,
        standing::Standing,
    },
    ui::{Code, Description, DescriptionList, ErrorSummary, Notice, PageHeader, Section, StatusBadge, Tone},
};
use forms::{Forms, Managing};
use limits::{LimitForm, LimitSection, Limits};

pub async fn show_key<S: Of>(visit: Visit<InWorkspace<ReadCredentials>>) -> Result<Page, AppError> {
    page::<S, _>(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_managing<S: Of>(visit: Visit<InWorkspace<ManageCredentials>>) -> Result<Page, AppError> {
    page::<S, _>(visit).await
}

async fn page<S: Of, P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let id = visit.named(S::NAMED)?;
    let (tenant, workspace) = (visit.scope.tenant().id, visit.scope.workspace().id);
    let key = server::find_of(&mut visit.scope, S::KIND, id).await?;
    let secrets = server::secrets(&mut visit.scope, id).await?;
    let standing = Standing::here(&mut visit.scope).await?;
    let steward_role = members::server::role_of(&mut visit.scope, tenant, workspace, key.steward).await?;
    let may_manage = visit.scope.role().may(WorkspacePermission::ManageCredentials) && key.status != REVOKED;
    let mut people =
        if may_manage { members::server::active(&mut visit.scope, tenant, workspace, &WorkspaceRole::ALL).await? } else { Vec::new() };
    // Nobody is named above whoever names them; who answers for it now stays in sight.
    people.retain(|person| person.role.is_within(visit.scope.role()) || person.user == key.steward);
    let limits = limits(&mut visit, &key, may_manage).await?;
    let shown = Shown {
        limits,
        slug: visit.scope.workspace().slug.clone(),
        managing: may_manage.then(|| Managing::of(&visit, &key, people)),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(refusal),
        has_new_secret: once::was_shown(&visit),
        reader: visit.reader(),
        idle: key.scopes.iter().filter_map(|name| without_effect(name, &standing)).collect(),
        key,
        secrets,
        steward_role,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed(shown.key.name.clone(), surroundings, move || view! { <Whole shown=shown/> }))
}

/// Its own, beside the workspace's as it is now.
async fn limits<P: AskWorkspace>(visit: &mut Visit<InWorkspace<P>>, key: &Key, may_manage: bool) -> Result<Limits, AppError> {
    let (tenant, workspace) = (visit.scope.tenant().clone(), visit.scope.workspace().clone());
    let standing = Standing::load(&mut visit.scope, &tenant.plan, tenant.id.0, workspace.id.0, Some(key.id.0)).await?;
    let sent = visit.refused.as_ref().filter(|_| visit.request.route.ends_with("/limits"));
    let stored = key.calls_per_minute.map(|calls| calls.to_string()).unwrap_or_default();
    let form = may_manage.then(|| LimitForm {
        form_key: visit.form_key(),
        version: key.version,
        value: sent.map_or(stored, |refused| refused.fields.get("calls_per_minute").to_owned()),
        problem: visit.problem("calls_per_minute"),
    });
    let workspace_slug = workspace.slug;
    Ok(Limits {
        page: server::page_of(key.kind, &workspace_slug, key.id),
        slug: workspace_slug,
        noun: words(key.kind).noun,
        key: key.id.to_string(),
        of_key: key.calls_per_minute,
        of_workspace: standing.calls_per_minute(),
        form,
    })
}

struct Shown {
    slug: String,
    limits: Limits,
    key: Key,
    secrets: Vec<Secret>,
    /// None where the steward is no member any more.
    steward_role: Option<WorkspaceRole>,
    /// A sentence for each of its scopes that has no effect now.
    idle: Vec<String>,
    managing: Option<Managing>,
    errors: Vec<FieldError>,
    says: Option<String>,
    /// A form that made a secret led here, sent for the second time.
    has_new_secret: bool,
    reader: Reader,
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let words = words(shown.key.kind);
    let says = shown.says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    let was_shown = shown.has_new_secret.then(|| {
        view! { <Notice tone=Tone::Info>{format!("The secret was shown once, in the answer that made it. If it is lost, rotate the {}.", words.noun)}</Notice> }
    });
    let warnings = warnings(&shown.key, &shown.secrets, shown.steward_role, &shown.reader)
        .into_iter()
        .map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })
        .collect_view();
    view! {
        <PageHeader title=shown.key.name.clone() purpose=format!("{} of this workspace.", capital(words.a_name))/>
        <p><a class="link" href=list_page(shown.key.kind, &shown.slug)>{format!("All {}s", words.name)}</a></p>
        {says}
        <ErrorSummary errors=shown.errors/>
        {was_shown}
        {warnings}
        <Facts key=shown.key.clone() steward_role=shown.steward_role idle=shown.idle reader=shown.reader.clone()/>
        {secrets::section(&shown.key, &shown.secrets, &shown.reader)}
        <LimitSection limits=shown.limits/>
        {shown.managing.map(|managing| view! { <Forms managing=managing/> })}
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What keeps the key from doing what its scopes say, or soon will.
fn warnings(key: &Key, secrets: &[Secret], steward_role: Option<WorkspaceRole>, reader: &Reader) -> Vec<String> {
    let (mut warnings, noun) = (Vec::new(), words(key.kind).noun);
    if is_over(key) {
        return warnings;
    }
    if secrets.iter().any(|secret| secret.leaked_at.is_some() && secret.works(reader.now)) {
        warnings.push(format!("A secret of this {noun} was reported as leaked. Rotate the {noun}: the leaked secret then ends at once."));
    }
    if has_former_holder(key, secrets, reader.now) {
        warnings.push(format!(
            "It was handed over since its secret was made: whoever had it before may still know that secret. Rotate the {noun}."
        ));
    }
    match steward_role {
        None => warnings
            .push(format!("The steward is no longer a member, so calls with this {noun} are refused. Hand it over to somebody who is.")),
        Some(role) => {
            let out = scopes_out_of_reach(&key.scopes, role);
            if !out.is_empty() {
                warnings.push(format!("The steward is {role} now, so calls that need {} are refused.", out.join(", ")));
            }
            let out = scopes_out_of_reach(&key.scopes, key.max_role);
            if !out.is_empty() {
                let says =
                    format!("It is {} at most, so calls that need {} are refused. Create a new {noun}.", key.max_role, out.join(", "));
                warnings.push(says);
            }
        }
    }
    warnings
}

/// Whether a secret works that is older than the present steward's time.
fn has_former_holder(key: &Key, secrets: &[Secret], now: DateTime<Utc>) -> bool {
    key.handed_over_at.is_some_and(|since| secrets.iter().any(|secret| secret.works(now) && secret.created_at <= since))
}

#[component]
fn Facts(key: Key, steward_role: Option<WorkspaceRole>, idle: Vec<String>, reader: Reader) -> impl IntoView {
    let heading = format!("The {}", words(key.kind).noun);
    let (tone, state) = status(&key, reader.now);
    let reason = key.reason.map(|reason| view! { " " {reason} });
    let role = steward_role.map(|role| format!(" ({role})"));
    let used = last_use(key.last_used_at, key.last_used_network, &reader);
    let idle = idle.into_iter().map(|says| view! { <p class="muted">{says}</p> }).collect_view();
    let created = moment(key.created_at, &reader);
    let expires = (key.status != REVOKED).then(|| view! { <Description term="Expires">{moment(key.expires_at, &reader)}</Description> });
    let agent = key.last_used_agent.map(|agent| view! { <Description term="Used by">{agent}</Description> });
    view! {
        <Section heading=heading>
            <DescriptionList>
                <Description term="Status"><StatusBadge tone=tone text=state/>{reason}</Description>
                <Description term="Secret"><code>{hint(key.kind, &key.last_four)}</code></Description>
                <Description term="Scopes">{key.scopes.join(", ")} {idle}</Description>
                <Description term="Steward">{key.steward_name}{role}</Description>
                <Description term="At most">{key.max_role.name()}" "<span class="muted">"whoever answers for it"</span></Description>
                <Description term="Last used">{used}</Description>
                {agent}
                <Description term="Created">{created}</Description>
                {expires}
                <Description term="Id"><Code value=key.id.to_string() label="Copy the id"/></Description>
            </DescriptionList>
        </Section>
    }
}
