//! The Team settings page: what a team decides for itself, and its danger zone.

use leptos::prelude::*;

use super::pieces::{Refusal, RefusalNotice};
use crate::{
    access::{TenantRole, tenant::ManageTeam},
    error::AppError,
    features::teams::{
        NAME_MAX, roles,
        server::{self, Joining, domains, is_personal},
    },
    paths,
    server::{
        http::{Fields, FormAnswer, Page, Submission, Visit},
        scope::{InTenant, Tenant},
    },
    ui::{
        Actions, Button, ButtonKind, Checkbox, Choice, Code, DangerAct, DangerZone, Description, DescriptionList, Field, Form, LinkButton,
        Notice, PageHeader, RadioGroup, Section, TextArea, Tone,
    },
};

/// Which of the page's forms was refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    Nothing,
    Name,
    Joining,
}

pub async fn show(visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    page(visit, Refused::Nothing).await
}

pub async fn show_refused_name(visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    page(visit, Refused::Name).await
}

pub async fn show_refused_joining(visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    page(visit, Refused::Joining).await
}

pub async fn rename(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let name = submission.fields.line("name", "The name", NAME_MAX)?;
    let version = submission.version()?;
    server::rename(&mut submission.scope, &name, version).await?;
    saved(submission, "The name is saved.").await
}

pub async fn set_joining(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let joining = read(&submission.fields)?;
    let version = submission.version()?;
    let acknowledged = submission.fields.get("outside").to_owned();
    server::set_joining(&mut submission.scope, &joining, version, &acknowledged).await?;
    saved(submission, "Who may join is saved.").await
}

async fn saved(mut submission: Submission<InTenant<ManageTeam>>, says: &'static str) -> Result<FormAnswer, AppError> {
    let location = paths::team_settings(&submission.scope.tenant().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(says))
}

fn read(fields: &Fields) -> Result<Joining, AppError> {
    let role = roles::named(fields.get("default_role")).ok_or_else(|| AppError::invalid("default_role", "Choose member or billing."))?;
    Ok(Joining {
        default_role: role,
        members_create_workspaces: fields.get("members_create_workspaces") == "yes",
        allowed_domains: domains::parse(fields.get("allowed_domains"))?,
    })
}

async fn page(mut visit: Visit<InTenant<ManageTeam>>, refused: Refused) -> Result<Page, AppError> {
    let tenant = visit.scope.tenant().clone();
    let settings = server::settings(&mut visit.scope).await?;
    let joining = if is_personal(&tenant) { None } else { Some(joining_form(&mut visit, &tenant, &settings, refused).await?) };
    let surroundings = visit.surroundings();
    let name = name_form(&visit, &tenant, refused);
    let plan = server::plan_name(&settings.plan, visit.scope.now());
    visit.scope.close().await?;
    Ok(Page::framed("Team settings", surroundings, move || {
        let personal = joining.is_none();
        view! {
            <PageHeader title="Team settings" purpose="What this account is called, who may join it, and what becomes of it."/>
            <NameSection form=name/>
            {joining.map(|form| view! { <JoiningSection form=form/> })}
            {personal.then(|| view! { <MakeTeam slug=tenant.slug.clone()/> })}
            <Security slug=tenant.slug.clone()/>
            <Retention slug=tenant.slug.clone()/>
            <Identity tenant=tenant.clone() plan=plan/>
            {(!personal).then(|| view! { <EndZone slug=tenant.slug/> })}
        }
    }))
}

#[component]
fn Security(slug: String) -> impl IntoView {
    view! {
        <Section heading="Security" purpose="What is asked of whoever comes in, here and in all workspaces of this account.">
            <p><a class="link" href=paths::team_security(&slug)>"Clocks, second factor, networks"</a></p>
        </Section>
    }
}

#[component]
fn Retention(slug: String) -> impl IntoView {
    view! {
        <Section heading="Retention" purpose="How long the rows of the account's audit log are kept, and the legal holds on all of its logs.">
            <p><a class="link" href=paths::team_retention(&slug)>"Retention and holds"</a></p>
        </Section>
    }
}

struct NameForm {
    slug: String,
    key: String,
    /// What is there now: whoever sends again after reading what changed means it.
    version: i64,
    name: String,
    stored: String,
    problem: Option<String>,
    refusal: Refusal,
}

fn name_form(visit: &Visit<InTenant<ManageTeam>>, tenant: &Tenant, refused: Refused) -> NameForm {
    let is_refused = refused == Refused::Name;
    NameForm {
        slug: tenant.slug.clone(),
        key: visit.form_key(),
        version: tenant.version,
        name: if is_refused { visit.value("name", &tenant.name) } else { tenant.name.clone() },
        stored: tenant.name.clone(),
        problem: visit.problem("name").filter(|_| is_refused),
        refusal: if is_refused { Refusal::of(visit) } else { Refusal::default() },
    }
}

#[component]
fn NameSection(form: NameForm) -> impl IntoView {
    let moved = form.refusal.says.is_some() && form.name != form.stored;
    let now_named = moved.then(|| view! { <Notice>{format!("It is now called “{}”.", form.stored)}</Notice> });
    view! {
        <Section heading="Name" purpose="How the account is called in the console. Everyone in it sees it.">
            <RefusalNotice refusal=form.refusal/>
            {now_named}
            <Form action=paths::team_name(&form.slug) key=form.key place=form.slug>
                <input type="hidden" name="version" value=form.version/>
                <Field name="name" label="Name" value=form.name maxlength=80 help="1 to 80 characters." error=form.problem/>
                <Actions><Button kind=ButtonKind::Primary>"Save name"</Button></Actions>
            </Form>
        </Section>
    }
}

struct JoiningForm {
    slug: String,
    key: String,
    version: i64,
    default_role: String,
    members_create: bool,
    domains: String,
    /// Says that the number of people outside was seen.
    outside: String,
    /// Who is outside of what is stored.
    outside_now: Option<String>,
    problems: [Option<String>; 2],
    refusal: Refusal,
}

async fn joining_form(
    visit: &mut Visit<InTenant<ManageTeam>>,
    tenant: &Tenant,
    settings: &server::Settings,
    refused: Refused,
) -> Result<JoiningForm, AppError> {
    let entered = visit.refused.as_ref().filter(|_| refused == Refused::Joining).map(|refused| refused.fields.clone());
    let outside_now = server::outside(&mut visit.scope, &settings.allowed_domains).await?.says();
    let asked = entered.as_ref().and_then(|fields| domains::parse(fields.get("allowed_domains")).ok()).unwrap_or_default();
    let outside = server::outside(&mut visit.scope, &asked).await?.digest;
    let value = |field: &str, stored: String| entered.as_ref().map_or(stored, |fields| fields.get(field).to_owned());
    let problem = |field: &str| visit.problem(field).filter(|_| entered.is_some());
    Ok(JoiningForm {
        slug: tenant.slug.clone(),
        key: visit.form_key(),
        version: tenant.version,
        default_role: value("default_role", settings.default_role.name().to_owned()),
        members_create: value(
            "members_create_workspaces",
            if settings.members_create_workspaces { "yes".to_owned() } else { String::new() },
        ) == "yes",
        domains: value("allowed_domains", settings.allowed_domains.join("\n")),
        outside,
        outside_now,
        problems: [problem("default_role"), problem("allowed_domains")],
        refusal: if entered.is_some() { Refusal::of(visit) } else { Refusal::default() },
    })
}

#[component]
fn JoiningSection(form: JoiningForm) -> impl IntoView {
    let [role_problem, domains_problem] = form.problems;
    // A refusal says it of what was entered.
    let outside = form.outside_now.filter(|_| form.refusal.says.is_none()).map(|says| view! { <Notice tone=Tone::Info>{says}</Notice> });
    let roles =
        [TenantRole::Member, TenantRole::Billing].map(|role| Choice::new(role.name(), role.name()).meaning(roles::meaning(role))).to_vec();
    view! {
        <Section heading="Joining" purpose="Who may come in by an invitation, and as what.">
            <RefusalNotice refusal=form.refusal/>
            {outside}
            <Form action=paths::team_joining(&form.slug) key=form.key place=form.slug>
                <input type="hidden" name="version" value=form.version/>
                <input type="hidden" name="outside" value=form.outside/>
                <RadioGroup name="default_role" legend="Role of newcomers" choices=roles value=form.default_role help="What somebody becomes in the team who accepts an invitation to one of its workspaces." error=role_problem/>
                <Checkbox name="members_create_workspaces" label="Members may create workspaces" checked=form.members_create help="Owners and billing managers always may."/>
                <TextArea name="allowed_domains" label="Allowed domains" value=form.domains rows=4 optional=true help="One a line, such as example.com; its subdomains count as others. Only verified addresses of these domains can be invited, or accept. Empty allows every address. Whoever is in the team already stays." error=domains_problem/>
                <Actions><Button>"Save joining"</Button></Actions>
            </Form>
        </Section>
    }
}

#[component]
fn MakeTeam(slug: String) -> impl IntoView {
    view! {
        <Section heading="Work with others" purpose="A personal account has one person. As a team it has as many as you invite.">
            <LinkButton href=paths::make_team(slug)>"Make this a team"</LinkButton>
        </Section>
    }
}

#[component]
fn Identity(tenant: Tenant, plan: String) -> impl IntoView {
    view! {
        <Section heading="Identity" purpose="Slug and id never change, so that links and integrations keep working.">
            <DescriptionList>
                <Description term="Plan">{plan}</Description>
                <Description term="Slug"><Code value=tenant.slug label="Copy the team's slug"/></Description>
                <Description term="Id"><Code value=tenant.id.to_string() label="Copy the team's id"/></Description>
            </DescriptionList>
        </Section>
    }
}

#[component]
fn EndZone(slug: String) -> impl IntoView {
    let (transfer, delete) = (paths::transfer_team(&slug), paths::delete_team(&slug));
    view! {
        <DangerZone>
            <DangerAct title="Hand the team over" explanation="Somebody else of the team becomes an owner, and you a member.">
                <LinkButton href=transfer kind=ButtonKind::Danger>"Hand over"</LinkButton>
            </DangerAct>
            <DangerAct title="Delete this team" explanation="For everyone in it, once its workspaces are archived. What that means is shown before anything happens.">
                <LinkButton href=delete kind=ButtonKind::Danger>"Delete team"</LinkButton>
            </DangerAct>
        </DangerZone>
    }
}
