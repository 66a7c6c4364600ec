//! Deleting a team: what is in it, then the act.

use leptos::prelude::*;

use super::pieces::{Refusal, RefusalNotice};
use crate::{
    access::tenant::ManageTeam,
    error::AppError,
    features::{
        members::server::places::Owned,
        teams::{
            KEPT_DAYS,
            server::{self, Inventory as Inside},
        },
    },
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{
        Actions, Button, ButtonKind, Column, Form, Inventory, InventoryLine, LinkButton, Notice, PageHeader, Section, Table, Tone,
        TypedPhrase, plural,
    },
};

pub async fn show(mut visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    server::ask_team(visit.scope.tenant(), "deleted")?;
    let inside = server::inventory(&mut visit.scope).await?;
    let surroundings = visit.surroundings();
    let tenant = visit.scope.tenant().clone();
    let form =
        DeleteForm { slug: tenant.slug.clone(), key: visit.form_key(), digest: inside.digest.clone(), problem: visit.problem("phrase") };
    let refusal = Refusal::of(&visit);
    visit.scope.close().await?;
    let title = format!("Delete {}", tenant.name);
    let purpose = format!("For everyone in it, at once. The console cannot undo it; its rows are kept for {KEPT_DAYS} days.");
    Ok(Page::framed(title.clone(), surroundings, move || {
        view! {
            <PageHeader title=title purpose=purpose/>
            <RefusalNotice refusal=refusal/>
            <Inventory lines=lines(&inside)/>
            {if inside.live.is_empty() {
                view! { <Deleting form=form/> }.into_any()
            } else {
                view! { <StillLive live=inside.live.clone() slug=form.slug/> }.into_any()
            }}
        }
    }))
}

pub async fn delete(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let tenant = submission.scope.tenant().clone();
    submission.scope.ask_recent_sign_in(&paths::delete_team(&tenant.slug))?;
    let (typed, shown) = (submission.fields.get("phrase").to_owned(), submission.fields.get("inventory").to_owned());
    server::delete(&mut submission.scope, &typed, &shown).await?;
    submission.scope.answer_form(submission.form, paths::HOME);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(paths::HOME.to_owned()).saying(format!("{} is deleted.", tenant.name)))
}

fn lines(inside: &Inside) -> Vec<InventoryLine> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (live, archived) = (number(inside.live.len()), number(inside.archived));
    vec![
        InventoryLine::stops(number(inside.people), "of its people lose it, and are told".to_owned()),
        InventoryLine::stops(inside.invitations, format!("pending {}", plural(inside.invitations, "invitation"))),
        InventoryLine::stops(archived, format!("archived {}, not to be seen or restored any more", plural(archived, "workspace"))),
        InventoryLine::stays(live, format!("live {}, to be archived first", plural(live, "workspace"))),
    ]
}

/// Each with its owners: they archive it, since being in the team is not being in a workspace.
#[component]
fn StillLive(live: Vec<Owned>, slug: String) -> impl IntoView {
    let rows = live
        .into_iter()
        .map(|workspace| view! { <tr><th scope="row">{workspace.name}</th><td>{workspace.owners.join(", ")}</td></tr> })
        .collect_view();
    view! {
        <Section heading="Archive these first">
            <Notice tone=Tone::Warning>"A team with live workspaces is not deleted. An owner or admin of each archives it, after seeing what stops there."</Notice>
            <Table caption="Live workspaces" columns=vec![Column::text("Workspace"), Column::text("Owners")]>{rows}</Table>
            <Actions><LinkButton href=paths::team_settings(slug)>"Back to settings"</LinkButton></Actions>
        </Section>
    }
}

struct DeleteForm {
    slug: String,
    key: String,
    digest: String,
    problem: Option<String>,
}

#[component]
fn Deleting(form: DeleteForm) -> impl IntoView {
    let back = paths::team_settings(&form.slug);
    view! {
        <Section heading="Delete">
            <Form action=paths::delete_team(&form.slug) key=form.key place=form.slug.clone()>
                <input type="hidden" name="inventory" value=form.digest/>
                <TypedPhrase phrase=server::phrase(&form.slug) error=form.problem/>
                <Actions>
                    <Button kind=ButtonKind::Danger>"Delete team"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
    }
}
