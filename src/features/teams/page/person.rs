//! One of a team's people: what they are to it, changing that, and the way to their removal.

use leptos::prelude::*;

use super::pieces::{Refusal, RefusalNotice, colleague};
use crate::{
    access::{TenantRole, tenant::ManageTeam},
    error::AppError,
    features::teams::{
        roles,
        server::{self, Colleague, is_personal},
    },
    ids::MembershipId,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{
        Actions, Button, ButtonKind, Choice, Code, DangerAct, DangerZone, Description, DescriptionList, Form, LinkButton, Notice,
        PageHeader, RadioGroup, RoleBadge, Section, Time, Tone,
    },
};

pub async fn show(mut visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    let member = visit.named::<MembershipId>("member")?;
    let person = colleague(&mut visit.scope, member).await?;
    let is_only_owner = server::is_only_owner(&mut visit.scope, &person).await?;
    let surroundings = visit.surroundings();
    let (tenant, reader) = (visit.scope.tenant().clone(), visit.reader());
    let is_me = person.user == visit.scope.person().id;
    let form = RoleForm {
        slug: tenant.slug.clone(),
        key: visit.form_key(),
        role: visit.value("role", person.role.name()),
        problem: visit.problem("role"),
        refusal: Refusal::of(&visit),
        is_me,
        is_only_owner,
        person: person.clone(),
    };
    let ending = (!is_personal(&tenant)).then(|| Ending::of(&tenant.slug, &person, is_me));
    visit.scope.close().await?;
    let purpose = format!("What {} is to {}, and may do with it.", person.name, tenant.name);
    Ok(Page::framed(person.name.clone(), surroundings, move || {
        view! {
            <PageHeader title=person.name.clone() purpose=purpose/>
            <Facts person=person reader=reader/>
            <RoleSection form=form/>
            {ending.map(|ending| view! { <EndingZone ending=ending/> })}
        }
    }))
}

pub async fn change_role(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let member = submission.named::<MembershipId>("member")?;
    let role = roles::named(submission.fields.get("role")).ok_or_else(|| AppError::invalid("role", "Choose one of the roles."))?;
    let was = roles::named(submission.fields.get("was")).ok_or(AppError::Malformed("the form is damaged; open the page again"))?;
    let slug = submission.scope.tenant().slug.clone();
    if role == TenantRole::Owner || was == TenantRole::Owner {
        submission.scope.ask_recent_sign_in(&paths::person(&slug, member))?;
    }
    colleague(&mut submission.scope, member).await?;
    server::change_role(&mut submission.scope, member, was, role).await?;
    let location = paths::people(&slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The role is saved."))
}

#[component]
fn Facts(person: Colleague, reader: Reader) -> impl IntoView {
    let joined = reader.shown(person.joined_at);
    view! {
        <DescriptionList>
            <Description term="E-mail">{person.email}</Description>
            <Description term="Role"><RoleBadge role=person.role.name()/></Description>
            <Description term="Joined"><Time rfc3339=joined.rfc3339 absolute=joined.absolute shown=joined.relative/></Description>
            <Description term="Id"><Code value=person.id.to_string() label="Copy the id of this membership"/></Description>
        </DescriptionList>
    }
}

struct RoleForm {
    slug: String,
    key: String,
    role: String,
    problem: Option<String>,
    refusal: Refusal,
    is_me: bool,
    is_only_owner: bool,
    person: Colleague,
}

#[component]
fn RoleSection(form: RoleForm) -> impl IntoView {
    let now = form.person.role;
    let stuck = form.is_only_owner.then_some("The team's only owner stays one. Make somebody else an owner first.".to_owned());
    let action = paths::person_role(&form.slug, form.person.id);
    let mine = form
        .is_me
        .then(|| view! { <Notice tone=Tone::Warning>"This is you: what you give up here you cannot take back yourself."</Notice> });
    view! {
        <Section heading="Role" purpose="Of the team. Roles in its workspaces stay as they are.">
            <RefusalNotice refusal=form.refusal/>
            {mine}
            <Form action=action key=form.key place=form.slug>
                <input type="hidden" name="was" value=now.name()/>
                <RadioGroup name="role" legend="Role" choices=choices(now) value=form.role error=form.problem/>
                <Actions><Button kind=ButtonKind::Primary disabled_because=stuck>"Save role"</Button></Actions>
            </Form>
        </Section>
    }
}

/// Each role with what it would change, from the policy's own table.
fn choices(now: TenantRole) -> Vec<Choice> {
    TenantRole::ALL
        .into_iter()
        .map(|role| {
            let meaning = if role == now { format!("As now. {}", roles::meaning(role)) } else { roles::effect(now, role) };
            Choice::new(role.name(), role.name()).meaning(meaning)
        })
        .collect()
}

/// How this person's being in the team may end, by whoever looks.
struct Ending {
    title: String,
    explanation: String,
    href: String,
    button: &'static str,
}

impl Ending {
    fn of(slug: &str, person: &Colleague, is_me: bool) -> Self {
        let explanation = "Ends the memberships in all of the team's workspaces too. What that means is shown before anything happens.";
        let explanation = explanation.to_owned();
        if is_me {
            return Self { title: "Leave this team".to_owned(), explanation, href: paths::leave_team(slug), button: "Leave team" };
        }
        let href = paths::remove_person(slug, person.id);
        Self { title: format!("Remove {}", person.name), explanation, href, button: "Remove from team" }
    }
}

#[component]
fn EndingZone(ending: Ending) -> impl IntoView {
    view! {
        <DangerZone>
            <DangerAct title=ending.title explanation=ending.explanation>
                <LinkButton href=ending.href kind=ButtonKind::Danger>{ending.button}</LinkButton>
            </DangerAct>
        </DangerZone>
    }
}
