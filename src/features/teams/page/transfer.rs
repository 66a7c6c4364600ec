//! Handing a team over without leaving it.

use leptos::prelude::*;

use super::pieces::{Refusal, RefusalNotice, choices};
use crate::{
    access::{TenantRole, tenant::ManageTeam},
    error::AppError,
    features::teams::{
        roles,
        server::{self, Colleague},
    },
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{Actions, Button, ButtonKind, Choice, EmptyState, Form, Icon, LinkButton, PageHeader, Section, Select},
};

pub async fn show(mut visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    server::ask_team(visit.scope.tenant(), "handed over")?;
    let people = server::colleagues(&mut visit.scope).await?;
    let surroundings = visit.surroundings();
    let tenant = visit.scope.tenant().clone();
    let form = TransferForm {
        slug: tenant.slug.clone(),
        key: visit.form_key(),
        successor: visit.value("successor", ""),
        problem: visit.problem("successor"),
        people,
    };
    let refusal = Refusal::of(&visit);
    visit.scope.close().await?;
    let purpose = format!("Somebody else of {} becomes an owner of it, and you a member, at the same moment.", tenant.name);
    Ok(Page::framed("Hand the team over", surroundings, move || {
        view! {
            <PageHeader title="Hand the team over" purpose=purpose/>
            <RefusalNotice refusal=refusal/>
            <Transfer form=form/>
        }
    }))
}

pub async fn transfer(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let slug = submission.scope.tenant().slug.clone();
    submission.scope.ask_recent_sign_in(&paths::transfer_team(&slug))?;
    let to = submission.fields.get("successor").parse().map_err(|_| AppError::invalid("successor", "Choose who takes over."))?;
    server::transfer(&mut submission.scope, to).await?;
    // Its settings are not theirs any more.
    let location = paths::people(&slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The team is handed over. You are a member of it now."))
}

struct TransferForm {
    slug: String,
    key: String,
    successor: String,
    problem: Option<String>,
    people: Vec<Colleague>,
}

#[component]
fn Transfer(form: TransferForm) -> impl IntoView {
    let back = paths::team_settings(&form.slug);
    if form.people.is_empty() {
        return view! {
            <EmptyState icon=Icon::Members title="You are alone in this team" explanation="Invite somebody first. Once they are in, the team can be handed over to them.">
                <LinkButton href=back>"Back to settings"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let choices = std::iter::once(Choice::new("", "Choose somebody")).chain(choices(&form.people)).collect::<Vec<_>>();
    let gives_up = roles::effect(TenantRole::Owner, TenantRole::Member);
    view! {
        <Section heading="What changes for you" purpose=gives_up>
            <p class="muted">"Your workspaces and your roles in them stay. Other owners stay owners."</p>
            <Form action=paths::transfer_team(&form.slug) key=form.key place=form.slug>
                <Select name="successor" label="Who takes over" choices=choices value=form.successor help="They are told at once." error=form.problem/>
                <Actions>
                    <Button kind=ButtonKind::Danger>"Hand the team over"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
    }
    .into_any()
}
