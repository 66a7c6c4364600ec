//! Making a personal account a team.

use leptos::prelude::*;

use super::pieces::{Refusal, RefusalNotice};
use crate::{
    access::tenant::ManageTeam,
    error::AppError,
    features::teams::{
        NAME_MAX,
        server::{self, is_personal},
    },
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{Actions, Button, ButtonKind, Field, Form, LinkButton, PageHeader, Section},
};

pub async fn show(visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    let tenant = visit.scope.tenant().clone();
    if !is_personal(&tenant) {
        return Err(AppError::Conflict(format!("{} is a team already.", tenant.name)));
    }
    let surroundings = visit.surroundings();
    let form = MakingForm {
        slug: tenant.slug.clone(),
        key: visit.form_key(),
        version: tenant.version,
        name: visit.value("name", &tenant.name),
        problem: visit.problem("name"),
    };
    let refusal = Refusal::of(&visit);
    visit.scope.close().await?;
    Ok(Page::framed("Make this a team", surroundings, move || {
        view! {
            <PageHeader title="Make this a team" purpose="Your personal account becomes one that you share. It cannot be made personal again."/>
            <Changes slug=form.slug.clone()/>
            <RefusalNotice refusal=refusal/>
            <Making form=form/>
        }
    }))
}

pub async fn make(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let name = submission.fields.line("name", "The name", NAME_MAX)?;
    let version = submission.version()?;
    server::make_team(&mut submission.scope, &name, version).await?;
    let location = paths::people(&submission.scope.tenant().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("{name} is a team now, and you are its owner.")))
}

#[component]
fn Changes(slug: String) -> impl IntoView {
    view! {
        <Section heading="What changes">
            <ul>
                <li>"Others can be invited, to the team and to its workspaces."</li>
                <li>"Everyone in it has a role: owner, billing or member. You are its owner."</li>
                <li>"Plan, balance and bills are the team’s, and its owners and billing managers see them."</li>
            </ul>
        </Section>
        <Section heading="What stays">
            <ul>
                <li>"Your workspaces, everything in them, and who is in each."</li>
                <li>"The account’s address: " <code>{paths::workspaces(slug)}</code></li>
                <li>"Nothing else becomes your personal account in its place. You can be without one."</li>
            </ul>
        </Section>
    }
}

struct MakingForm {
    slug: String,
    key: String,
    version: i64,
    name: String,
    problem: Option<String>,
}

#[component]
fn Making(form: MakingForm) -> impl IntoView {
    let back = paths::people(&form.slug);
    view! {
        <Form action=paths::make_team(&form.slug) key=form.key place=form.slug>
            <input type="hidden" name="version" value=form.version/>
            <Field name="name" label="Name of the team" value=form.name maxlength=80 help="1 to 80 characters. Everyone in it will see it." error=form.problem/>
            <Actions>
                <Button kind=ButtonKind::Primary>"Make this a team"</Button>
                <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}
