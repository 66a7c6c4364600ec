//! The form that invites one or many, and the page that answers for each address.

use leptos::prelude::*;

use super::server::{self, Answer, Outcome, Terms};
use crate::{
    access::{WorkspaceRole, workspace::ManageMembers},
    error::{AppError, FieldError},
    features::{
        invitations::{AT_ONCE, LIFE_DAYS, model::read},
        members::{
            model::{judge, meaning, role_named, roles_to_give},
            page::{read_end, refuse_end},
        },
        teams,
    },
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InWorkspace,
    },
    ui::{
        Actions, Button, ButtonKind, Choice, Code, Column, ErrorSummary, Field, Form, LinkButton, Notice, PageHeader, RadioGroup,
        StatusBadge, Table, TextArea, Tone, layout::Surroundings,
    },
};

pub async fn show_invite(visit: Visit<InWorkspace<ManageMembers>>) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    let (tenant, here) = (visit.scope.tenant().clone(), visit.scope.workspace().clone());
    if tenant.kind == teams::server::PERSONAL {
        visit.scope.close().await?;
        return Ok(Page::framed("Invite people", surroundings, move || view! { <NotYetATeam tenant=tenant.slug/> }));
    }
    let roles = roles_to_give(visit.scope.role(), None);
    let form = InviteForm {
        place: here.slug,
        workspace: here.name,
        key: visit.form_key(),
        by_mail: visit.scope.stoa().config.mail.is_some(),
        choices: roles.iter().rev().map(|role| Choice::new(role.name(), role.name()).meaning(meaning(*role))).collect(),
        addresses: visit.value("addresses", ""),
        role: visit.value("role", WorkspaceRole::Member.name()),
        ends: visit.value("ends", ""),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit
            .refused
            .as_ref()
            .filter(|refused| !matches!(refused.error, AppError::Invalid(_)))
            .map(|refused| refused.error.to_string()),
    };
    visit.scope.close().await?;
    Ok(Page::framed("Invite people", surroundings, move || view! { <Invite form=form/> }))
}

pub async fn invite(mut submission: Submission<InWorkspace<ManageMembers>>) -> Result<FormAnswer, AppError> {
    let role = role_named(submission.fields.get("role"))
        .ok_or_else(|| AppError::invalid("role", "This role is not known. Choose one from the list."))?;
    let ends_at = match role {
        WorkspaceRole::Readonly => read_end(&submission.scope, submission.fields.get("ends"), None)?,
        _ => refuse_end(&submission.scope, submission.fields.get("ends"), None)?,
    };
    if role == WorkspaceRole::Owner {
        judge(submission.scope.role(), None, Some(role)).map_err(AppError::NotAllowed)?;
        submission.scope.ask_recent_sign_in(&paths::invite(&submission.scope.workspace().slug))?;
    }
    let entries = read(submission.fields.get("addresses"));
    let answers = server::invite(&mut submission.scope, entries, Terms { role, ends_at }).await?;
    // Where nothing could be done the form stays, with what was entered and why.
    if !answers.iter().any(|answer| answer.outcome.is_invited()) {
        return Err(AppError::Invalid(answers.iter().map(Answer::fault).collect()));
    }
    let slug = submission.scope.workspace().slug.clone();
    let location = paths::invitations(&slug);
    submission.scope.answer_form(submission.form, &location);
    let visit = submission.commit_to_show().await?;
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(FormAnswer::to(location).showing(results(slug, answers, surroundings)))
}

/// In a word and a colour.
fn word(outcome: &Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Invited { .. } => (Tone::Success, "Invited"),
        Outcome::Member => (Tone::Neutral, "Member"),
        Outcome::AlreadyInvited { .. } => (Tone::Neutral, "Already invited"),
        Outcome::Repeated => (Tone::Neutral, "Repeated"),
        Outcome::OutsideDomains => (Tone::Danger, "Not allowed"),
        Outcome::NotAnAddress(_) => (Tone::Danger, "Not an address"),
    }
}

/// What the form shows.
#[derive(Clone, Debug)]
struct InviteForm {
    place: String,
    workspace: String,
    key: String,
    by_mail: bool,
    choices: Vec<Choice>,
    addresses: String,
    role: String,
    ends: String,
    errors: Vec<FieldError>,
    says: Option<String>,
}

#[component]
fn Invite(form: InviteForm) -> impl IntoView {
    let problem = |field| crate::ui::error_of(&form.errors, field);
    let (address_problem, role_problem, ends_problem) = (problem("addresses"), problem("role"), problem("ends"));
    let purpose = format!("Bring people into {}. They see nothing of it before they accept.", form.workspace);
    let way = if form.by_mail {
        format!("Each gets a mail with a link that opens for {LIFE_DAYS} days.")
    } else {
        format!("This console sends no mail: you are shown a link for each, once, which opens for {LIFE_DAYS} days.")
    };
    view! {
        <PageHeader title="Invite people" purpose=purpose/>
        {form.says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=form.errors/>
        <Form action=paths::invite(&form.place) key=form.key place=form.place.clone()>
            <TextArea name="addresses" label="E-mail addresses" value=form.addresses rows=5
                help=format!("One or up to {AT_ONCE}, on lines of their own or parted by commas. “Ada <ada@example.com>” is fine. {way}")
                error=address_problem/>
            <RadioGroup name="role" legend="Role" choices=form.choices value=form.role error=role_problem/>
            <Field name="ends" label="Last day" input_type="date" value=form.ends optional=true
                help="For the role readonly: an auditor's membership can end by itself, after this day in your time zone."
                error=ends_problem/>
            <Actions>
                <Button kind=ButtonKind::Primary>"Invite"</Button>
                <LinkButton href=paths::members(&form.place) kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}

/// A personal account has one person for as long as it is one.
#[component]
fn NotYetATeam(tenant: String) -> impl IntoView {
    view! {
        <PageHeader title="Invite people" purpose="Bring people into this workspace."/>
        <Notice tone=Tone::Info>
            <p>"This workspace belongs to your personal account, which has one person: you. Make the account a team first. Nothing else changes: workspaces, addresses and ids stay."</p>
        </Notice>
        <Actions><LinkButton href=paths::make_team(&tenant) kind=ButtonKind::Primary>"Make this a team"</LinkButton></Actions>
    }
}

/// Rendered once, in the answer to the form: the links are in it.
fn results(slug: String, answers: Vec<Answer>, surroundings: Surroundings) -> Page {
    Page::framed("Invited", surroundings, move || {
        let invited = answers.iter().filter(|answer| answer.outcome.is_invited()).count();
        let rest = if invited < answers.len() { " The others are as they were." } else { "" };
        let purpose = format!("{invited} of {} invited.{rest}", answers.len());
        let shows_links = answers.iter().any(|answer| matches!(answer.outcome, Outcome::Invited { link: Some(_), .. }));
        let warning = shows_links.then(|| {
            view! {
                <Notice tone=Tone::Warning>
                    <p class="notice-title">"The links are shown once"</p>
                    <p>"Copy each now and pass it on to its person alone. A lost one is replaced on the invitation's page, by a new one."</p>
                </Notice>
            }
        });
        let rows = answers.into_iter().map(|answer| result(answer, &slug)).collect_view();
        let columns = vec![Column::text("E-mail"), Column::text("Outcome"), Column::text("What now")];
        view! {
            <PageHeader title="Invited" purpose=purpose/>
            {warning}
            <Table caption="What became of each address" columns=columns>{rows}</Table>
            <Actions>
                <LinkButton href=paths::invitations(&slug) kind=ButtonKind::Primary>{if shows_links { "I have copied them" } else { "All invitations" }}</LinkButton>
                <LinkButton href=paths::invite(&slug) kind=ButtonKind::Quiet>"Invite more"</LinkButton>
            </Actions>
        }
    })
}

fn result(answer: Answer, slug: &str) -> impl IntoView + use<> {
    let (tone, word) = word(&answer.outcome);
    let label = format!("Copy the link for {}", answer.written);
    let what_now = match answer.outcome {
        Outcome::Invited { link: Some(ref link), unmailed: Some(_), .. } => {
            let (says, link) = (answer.outcome.says(), link.clone());
            view! { {says}" "<Code value=link label=label/> }.into_any()
        }
        Outcome::Invited { link: Some(link), .. } => view! { <Code value=link label=label/> }.into_any(),
        Outcome::AlreadyInvited { id, .. } => {
            let href = paths::invitation(slug, id);
            let says = answer.outcome.says();
            view! { {says}" "<a class="link" href=href>"Its page"</a> }.into_any()
        }
        outcome => outcome.says().into_any(),
    };
    view! {
        <tr>
            <th scope="row">{answer.written}</th>
            <td><StatusBadge tone=tone text=word/></td>
            <td>{what_now}</td>
        </tr>
    }
}
