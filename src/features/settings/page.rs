//! The Settings page: the workspace's name, and what never changes.

use leptos::prelude::*;

use crate::{
    access::{
        AskWorkspace, WorkspacePermission, WorkspaceRole,
        workspace::{ReadSettings, RenameWorkspace},
    },
    error::{AppError, FieldError},
    features::{
        support_access,
        workspaces::{self, NAME_MAX},
    },
    paths,
    server::{
        Shown,
        http::{FormAnswer, Page, Submission, Visit},
        scope::InWorkspace,
    },
    ui::{
        Actions, Button, ButtonKind, Code, DangerAct, DangerZone, Description, DescriptionList, ErrorSummary, Field, Form, LinkButton,
        Notice, PageHeader, Section, Time, Tone,
    },
};

pub async fn show(visit: Visit<InWorkspace<ReadSettings>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<RenameWorkspace>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn rename(mut submission: Submission<InWorkspace<RenameWorkspace>>) -> Result<FormAnswer, AppError> {
    let name = submission.fields.line("name", "The name", NAME_MAX)?;
    let version = submission.fields.get("version").parse().map_err(|_| AppError::Malformed("the form is damaged; open the page again"))?;
    let location = paths::settings(&submission.scope.workspace().slug);
    let is_new = workspaces::server::rename(&mut submission.scope, &name, version).await?;
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(if is_new { "The workspace's name is saved." } else { "Nothing to change." }))
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let guards = guards(&mut visit).await?;
    let surroundings = visit.surroundings();
    let workspace = visit.scope.workspace().clone();
    let role = visit.scope.role();
    let may_rename = role.may(WorkspacePermission::RenameWorkspace);
    let rename = may_rename.then(|| Rename {
        slug: workspace.slug.clone(),
        key: visit.form_key(),
        // What is there now: whoever sends again after reading what changed means it.
        version: workspace.version,
        name: visit.value("name", &workspace.name),
        stored: workspace.name.clone(),
        problem: visit.problem("name"),
        errors: visit.refused.as_ref().map(crate::server::http::door::RefusedForm::field_errors).unwrap_or_default(),
        says: visit
            .refused
            .as_ref()
            .filter(|refused| !matches!(refused.error, AppError::Invalid(_)))
            .map(|refused| refused.error.to_string()),
    });
    let spend = role.may(WorkspacePermission::ReadSpend).then(|| paths::spend(&workspace.slug));
    let retention = role.may(WorkspacePermission::ReadAudit).then(|| paths::retention(&workspace.slug));
    visit.scope.close().await?;
    Ok(Page::framed("Settings", surroundings, move || {
        let slug = workspace.slug.clone();
        view! {
            <PageHeader title="Settings" purpose="What can be changed about this workspace as a whole."/>
            {rename.map(|rename| view! { <RenameForm rename=rename/> })}
            {guards.map(|support_until| view! { <Guards slug=workspace.slug.clone() support_until=support_until/> })}
            {spend.map(|href| view! { <Spend href=href/> })}
            {retention.map(|href| view! { <Retention href=href/> })}
            <Section heading="Identity" purpose="These never change, so that links and integrations keep working.">
                <DescriptionList>
                    {(!may_rename).then(|| view! { <Description term="Name">{workspace.name.clone()}</Description> })}
                    <Description term="Slug"><Code value=workspace.slug label="Copy the workspace's slug"/></Description>
                    <Description term="Id"><Code value=workspace.id.to_string() label="Copy the workspace's id"/></Description>
                </DescriptionList>
            </Section>
            <Danger slug=slug role=role/>
        }
    }))
}

/// Until when support may look, for those who read how the workspace is guarded; None for all others.
async fn guards<P: AskWorkspace>(visit: &mut Visit<InWorkspace<P>>) -> Result<Option<Option<Shown>>, AppError> {
    if !visit.scope.role().may(WorkspacePermission::ReadSecurity) {
        return Ok(None);
    }
    let until = support_access::server::open_until(&mut visit.scope).await?;
    Ok(Some(until.map(|until| visit.reader().shown(until))))
}

/// What stops or moves the whole workspace, for those who may.
#[component]
fn Danger(slug: String, role: WorkspaceRole) -> impl IntoView {
    let (to_archive, to_transfer) = (paths::archive(&slug), paths::transfer(&slug));
    let archive = role.may(WorkspacePermission::ArchiveWorkspace).then(|| {
        view! {
            <DangerAct title="Archive this workspace" explanation="Everything in it stops at once. An owner can restore it within 30 days. You are shown what stops first.">
                <LinkButton href=to_archive kind=ButtonKind::Danger>"Archive…"</LinkButton>
            </DangerAct>
        }
    });
    let transfer = role.may(WorkspacePermission::TransferWorkspace).then(|| {
        view! {
            <DangerAct title="Move to another account" explanation="To another account that you own, with its members. You are shown what that changes first.">
                <LinkButton href=to_transfer kind=ButtonKind::Danger>"Move…"</LinkButton>
            </DangerAct>
        }
    });
    archive.map(|archive| view! { <DangerZone>{transfer}{archive}</DangerZone> })
}

/// The pages of what guards the workspace.
#[component]
fn Guards(slug: String, support_until: Option<Shown>) -> impl IntoView {
    let support = match support_until {
        Some(until) => view! { "open, ends " <Time rfc3339=until.rfc3339 absolute=until.absolute shown=until.relative/> }.into_any(),
        None => "closed".into_any(),
    };
    let (security, access) = (paths::security(&slug), paths::support_access(&slug));
    view! {
        <Section heading="Security" purpose="What is asked of whoever comes in, and whether the operator's support may look.">
            <DescriptionList>
                <Description term="Sign-ins"><a class="link" href=security>"Security"</a>": clocks, second factor, networks"</Description>
                <Description term="Support"><a class="link" href=access>"Support access"</a>": "{support}</Description>
            </DescriptionList>
        </Section>
    }
}

#[component]
fn Spend(href: String) -> impl IntoView {
    view! {
        <Section heading="Spend" purpose="What this workspace's calls cost this month, and the caps on it and on its keys.">
            <p><a class="link" href=href>"Spend and caps"</a></p>
        </Section>
    }
}

#[component]
fn Retention(href: String) -> impl IntoView {
    view! {
        <Section heading="Retention" purpose="How long the rows of this workspace's audit log are kept, and the legal holds on it.">
            <p><a class="link" href=href>"Retention and holds"</a></p>
        </Section>
    }
}

/// What the rename form shows.
#[derive(Clone, Debug)]
struct Rename {
    slug: String,
    key: String,
    version: i64,
    name: String,
    stored: String,
    problem: Option<String>,
    errors: Vec<FieldError>,
    says: Option<String>,
}

#[component]
fn RenameForm(rename: Rename) -> impl IntoView {
    let now_named = (rename.says.is_some() && rename.name != rename.stored).then(|| format!(" It is now called “{}”.", rename.stored));
    let says = rename.says.map(|says| view! { <Notice tone=Tone::Warning>{says}{now_named}</Notice> });
    let action = format!("{}/name", paths::settings(&rename.slug));
    view! {
        <Section heading="Name" purpose="How this workspace is called in the console. Every role sees it.">
            {says}
            <ErrorSummary errors=rename.errors/>
            <Form action=action key=rename.key place=rename.slug>
                <input type="hidden" name="version" value=rename.version/>
                <Field name="name" label="Name" value=rename.name maxlength=80 help="1 to 80 characters." error=rename.problem/>
                <Actions><Button kind=ButtonKind::Primary>"Save name"</Button></Actions>
            </Form>
        </Section>
    }
}
