//! Creating a team.

use leptos::prelude::*;

use super::pieces::{Refusal, RefusalNotice};
use crate::{
    access::tenant::SeeTeam,
    error::AppError,
    features::teams::{NAME_MAX, server},
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{Actions, Button, ButtonKind, Field, Form, LinkButton, PageHeader},
};

pub async fn show(visit: Visit<InTenant<SeeTeam>>) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    let form = NewTeam {
        slug: visit.scope.tenant().slug.clone(),
        key: visit.form_key(),
        name: visit.value("name", ""),
        problem: visit.problem("name"),
        refusal: Refusal::of(&visit),
    };
    visit.scope.close().await?;
    Ok(Page::framed("Create a team", surroundings, move || {
        view! {
            <PageHeader title="Create a team" purpose="An account that several people share. You become its owner; it starts without workspaces."/>
            <NewTeamForm form=form/>
        }
    }))
}

pub async fn create(submission: Submission<InTenant<SeeTeam>>) -> Result<FormAnswer, AppError> {
    let name = submission.fields.line("name", "The name", NAME_MAX)?;
    let (stoa, founder) = (submission.scope.stoa().clone(), submission.scope.person().clone());
    // A request holds one connection at a time: the new team has a transaction of its own.
    submission.scope.close().await?;
    let location = server::found(&stoa, &submission.request, &founder, submission.form, &name).await?;
    Ok(FormAnswer::to(location).saying(format!("The team {name} is there. Create its first workspace.")))
}

struct NewTeam {
    slug: String,
    key: String,
    name: String,
    problem: Option<String>,
    refusal: Refusal,
}

#[component]
fn NewTeamForm(form: NewTeam) -> impl IntoView {
    let back = paths::teams(&form.slug);
    view! {
        <RefusalNotice refusal=form.refusal/>
        <Form action=paths::new_team(&form.slug) key=form.key place=form.slug>
            <Field name="name" label="Name" value=form.name maxlength=80 help="1 to 80 characters. You can change it later; its address you cannot." error=form.problem/>
            <Actions>
                <Button kind=ButtonKind::Primary>"Create team"</Button>
                <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}
