//! One member's page: what they are, what they could become and what that would change, and the way to their removal.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::{find, server, status};
use crate::{
    access::{
        AskWorkspace, WorkspaceRole,
        workspace::{ManageMembers, ReadWorkspace},
    },
    error::{AppError, FieldError},
    features::members::{
        model::{effect, judge, meaning, role_named, roles_to_give},
        server::{Change, Member},
    },
    ids::MembershipId,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        last_day,
        scope::{InWorkspace, WorkspaceScope},
    },
    ui::{
        Actions, Button, ButtonKind, Choice, Code, DangerAct, DangerZone, Description, DescriptionList, ErrorSummary, Field, Form,
        LinkButton, Notice, PageHeader, RadioGroup, RoleBadge, Section, StatusBadge, Time, Tone,
    },
};

pub async fn show_member(visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_changing(visit: Visit<InWorkspace<ManageMembers>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn change(mut submission: Submission<InWorkspace<ManageMembers>>) -> Result<FormAnswer, AppError> {
    let (id, version) = (submission.named::<MembershipId>("member")?, submission.version()?);
    let role = role_named(submission.fields.get("role"))
        .ok_or_else(|| AppError::invalid("role", "This role is not known. Choose one from the list."))?;
    let member = find(&mut submission.scope, id).await?;
    if role == WorkspaceRole::Owner && member.role != WorkspaceRole::Owner {
        judge(submission.scope.role(), Some(member.role), Some(role)).map_err(AppError::NotAllowed)?;
        submission.scope.ask_recent_sign_in(&paths::member(&submission.scope.workspace().slug, id))?;
    }
    let ends_at = match role {
        WorkspaceRole::Readonly => read_end(&submission.scope, submission.fields.get("ends"), member.ends_at)?,
        _ => refuse_end(&submission.scope, submission.fields.get("ends"), member.ends_at)?,
    };
    server::change(&mut submission.scope, id, version, Change { role, ends_at }).await?;
    let location = paths::member(&submission.scope.workspace().slug, id);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    let is_same = (role, ends_at) == (member.role, member.ends_at);
    Ok(FormAnswer::to(location).saying(if is_same { "Nothing to change.".to_owned() } else { format!("{} is now {role}.", member.name) }))
}

/// For a role that ends with nothing: what is stored goes with the role that it was for, and a new day is a mistake.
pub fn refuse_end<P: AskWorkspace>(
    scope: &WorkspaceScope<P>,
    entered: &str,
    stored: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let zone = &scope.person().time_zone;
    let is_stored = stored.is_some_and(|end| last_day::before(end, zone).to_string() == entered.trim());
    if entered.trim().is_empty() || is_stored {
        return Ok(None);
    }
    Err(AppError::invalid("ends", "Only the role readonly has a last day. Leave it empty, or choose readonly."))
}

/// The last day that was entered, as the moment after it in the zone of whoever entered it. What is stored stays to the
/// second where the day is the same.
pub fn read_end<P: AskWorkspace>(
    scope: &WorkspaceScope<P>,
    entered: &str,
    stored: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let zone = &scope.person().time_zone;
    if entered.trim().is_empty() {
        return Ok(None);
    }
    let unreadable = || AppError::invalid("ends", "This is not a day. Enter one as 2027-01-31, or leave it empty.");
    let day: NaiveDate = entered.trim().parse().map_err(|_| unreadable())?;
    if let Some(stored) = stored.filter(|end| last_day::before(*end, zone) == day) {
        return Ok(Some(stored));
    }
    let end = last_day::end_of(day, zone).ok_or_else(unreadable)?;
    if end <= scope.now() {
        return Err(AppError::invalid("ends", "This day is over. Choose today or a later day."));
    }
    Ok(Some(end))
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let id = visit.named("member")?;
    let member = find(&mut visit.scope, id).await?;
    let (role, slug) = (visit.scope.role(), visit.scope.workspace().slug.clone());
    let (is_me, reader) = (member.user == visit.scope.person().id, visit.reader());
    let roles = roles_to_give(role, Some(member.role));
    let form = (!roles.is_empty()).then(|| ChangeForm::of(&visit, &member, &roles));
    let may_remove = !is_me && judge(role, Some(member.role), None).is_ok();
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let removal = may_remove.then(|| paths::removal(&slug, member.id));
    Ok(Page::framed(member.name.clone(), surroundings, move || {
        let purpose = if is_me { "You, as a member of this workspace." } else { "A member of this workspace." };
        let name = member.name.clone();
        view! {
            <PageHeader title=name.clone() purpose=purpose/>
            <p><a class="link" href=paths::members(&slug)>"All members"</a></p>
            <Facts member=member reader=reader/>
            {form.map(|form| view! { <EditMember form=form/> })}
            {removal.map(|href| view! { <Danger name=name href=href/> })}
        }
    }))
}

#[component]
fn Facts(member: Member, reader: Reader) -> impl IntoView {
    let joined = reader.shown(member.joined_at);
    let (tone, status) = status(&member, &reader);
    let ends = member.ends_at.map(|end| {
        let (shown, day) = (reader.shown(end), last_day::before(end, &reader.zone));
        view! {
            <Description term="Last day">
                <Time rfc3339=shown.rfc3339 absolute=shown.absolute shown=day.format("%-d %b %Y").to_string()/>
            </Description>
        }
    });
    view! {
        <Section heading="Membership">
            <DescriptionList>
                <Description term="E-mail">{member.email}</Description>
                <Description term="Role"><RoleBadge role=member.role.name()/>" "{meaning(member.role)}</Description>
                <Description term="Status"><StatusBadge tone=tone text=status/></Description>
                {ends}
                <Description term="Joined"><Time rfc3339=joined.rfc3339 absolute=joined.absolute shown=joined.relative/></Description>
                <Description term="Id"><Code value=member.id.to_string() label="Copy the member's id"/></Description>
            </DescriptionList>
        </Section>
    }
}

/// What the form shows.
#[derive(Clone, Debug)]
struct ChangeForm {
    action: String,
    key: String,
    place: String,
    version: i64,
    choices: Vec<Choice>,
    role: String,
    ends: String,
    errors: Vec<FieldError>,
    says: Option<String>,
}

impl ChangeForm {
    fn of<P: AskWorkspace>(visit: &Visit<InWorkspace<P>>, member: &Member, roles: &[WorkspaceRole]) -> Self {
        let slug = &visit.scope.workspace().slug;
        let stored = member.ends_at.map(|end| last_day::before(end, &visit.scope.person().time_zone).to_string());
        Self {
            action: format!("{}/role", paths::member(slug, member.id)),
            key: visit.form_key(),
            place: slug.clone(),
            version: member.version,
            choices: roles.iter().map(|to| Choice::new(to.name(), to.name()).meaning(consequence(member.role, *to))).collect(),
            role: visit.value("role", member.role.name()),
            ends: visit.value("ends", &stored.unwrap_or_default()),
            errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
            says: visit
                .refused
                .as_ref()
                .filter(|refused| !matches!(refused.error, AppError::Invalid(_)))
                .map(|refused| refused.error.to_string()),
        }
    }
}

/// What becoming `to` would change, from the policy's own table.
fn consequence(from: WorkspaceRole, to: WorkspaceRole) -> String {
    if from == to {
        return format!("As now. {}", meaning(to));
    }
    let effect = effect(from, to);
    let mut says = Vec::new();
    if !effect.gains.is_empty() {
        says.push(format!("Gains: {}.", effect.gains.join("; ")));
    }
    if !effect.loses.is_empty() {
        says.push(format!("Loses: {}.", effect.loses.join("; ")));
    }
    says.join(" ")
}

#[component]
fn EditMember(form: ChangeForm) -> impl IntoView {
    let problem = |field| crate::ui::error_of(&form.errors, field);
    let (role_problem, ends_problem) = (problem("role"), problem("ends"));
    view! {
        <Section heading="Role" purpose="Takes effect with their next click, and with the next call of what they made.">
            {form.says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <ErrorSummary errors=form.errors/>
            <Form action=form.action key=form.key place=form.place>
                <input type="hidden" name="version" value=form.version/>
                <RadioGroup name="role" legend="Role" choices=form.choices value=form.role error=role_problem/>
                <Field name="ends" label="Last day" input_type="date" value=form.ends optional=true
                    help="For the role readonly: an auditor's membership can end by itself, after this day in your time zone."
                    error=ends_problem/>
                <Actions><Button kind=ButtonKind::Primary>"Save role"</Button></Actions>
            </Form>
        </Section>
    }
}

#[component]
fn Danger(name: String, href: String) -> impl IntoView {
    let explanation = format!("{name} can open nothing here from their next click on. Before that you see what they made here.");
    view! {
        <DangerZone>
            <DangerAct title="Remove from this workspace" explanation=explanation>
                <LinkButton href=href kind=ButtonKind::Danger>"Remove …"</LinkButton>
            </DangerAct>
        </DangerZone>
    }
}
