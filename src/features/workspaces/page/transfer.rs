//! The pages that move a workspace to another tenant: where it could go, and what going there does.

use leptos::prelude::*;

use super::{archive::SignInFirst, refusal};
use crate::{
    access::workspace::TransferWorkspace,
    error::AppError,
    features::workspaces::server::{self, Destination, MovePlan},
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::{InWorkspace, Workspace},
    },
    ui::{
        Actions, Button, ButtonKind, Column, EmptyState, Form, Icon, Inventory, InventoryLine, LinkButton, Notice, PageHeader, Section,
        Table, Tone,
    },
};

pub async fn show(visit: Visit<InWorkspace<TransferWorkspace>>) -> Result<Page, AppError> {
    let to = visit.value("to", visit.asked("to"));
    if to.is_empty() { choose(visit).await } else { confirm(visit, &to).await }
}

pub async fn transfer(mut submission: Submission<InWorkspace<TransferWorkspace>>) -> Result<FormAnswer, AppError> {
    let slug = submission.scope.workspace().slug.clone();
    let to = submission.fields.get("to").to_owned();
    submission.scope.ask_recent_sign_in(&going_to(&slug, &to))?;
    let location = paths::settings(&slug);
    server::transfer(&mut submission.scope, &to, submission.fields.get("inventory")).await?;
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The workspace is moved."))
}

fn going_to(workspace: &str, to: &str) -> String {
    paths::asking(&paths::transfer(workspace), &[("to", to)])
}

async fn choose(mut visit: Visit<InWorkspace<TransferWorkspace>>) -> Result<Page, AppError> {
    let destinations = server::destinations(&mut visit.scope).await?;
    let (workspace, tenant) = (visit.scope.workspace().clone(), visit.scope.tenant().name.clone());
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let title = format!("Move {}", workspace.name);
    let purpose = format!("From {tenant} to another account that you own. Members, roles, slug and id stay as they are.");
    Ok(Page::framed(title.clone(), surroundings, move || {
        view! {
            <PageHeader title=title purpose=purpose/>
            <Destinations workspace=workspace.slug destinations=destinations/>
        }
    }))
}

#[component]
fn Destinations(workspace: String, destinations: Vec<Destination>) -> impl IntoView {
    if destinations.is_empty() {
        return view! {
            <EmptyState icon=Icon::Teams title="Nowhere to move it" explanation="A workspace moves between accounts that the same person owns. You own no other one: create a team, or become an owner of one."/>
        }
        .into_any();
    }
    let rows = destinations.into_iter().map(|destination| row(&workspace, destination)).collect_view();
    let columns =
        vec![Column::text("Account"), Column::text("Slug"), Column::text("Kind"), Column::text("Its plan"), Column::actions("Choose")];
    view! { <Table caption="Accounts that you own" columns=columns>{rows}</Table> }.into_any()
}

fn row(workspace: &str, destination: Destination) -> impl IntoView + use<> {
    let href = going_to(workspace, &destination.slug);
    let kind = if destination.is_personal { "Personal" } else { "Team" };
    let (label, which) = (format!("Move to {}…", destination.name), format!(" ({})", destination.slug));
    view! {
        <tr>
            <th scope="row">{destination.name}</th>
            <td><code>{destination.slug}</code></td>
            <td>{kind}</td>
            <td>{destination.allowance.says()}</td>
            <td class="actions-cell"><LinkButton href=href>{label}<span class="visually-hidden">{which}</span></LinkButton></td>
        </tr>
    }
}

async fn confirm(mut visit: Visit<InWorkspace<TransferWorkspace>>, to: &str) -> Result<Page, AppError> {
    let plan = server::plan_move(&mut visit.scope, to).await?;
    let (_, says) = refusal(&visit);
    // What the button says beside itself is not said twice.
    let says = says.filter(|says| plan.refusal.as_ref() != Some(says));
    let (workspace, origin) = (visit.scope.workspace().clone(), visit.scope.tenant().name.clone());
    let key = visit.scope.is_sign_in_recent().then(|| visit.form_key());
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let title = format!("Move {} to {}", workspace.name, plan.destination.name);
    let purpose = format!(
        "It leaves {origin} at once, and belongs to the account {} from then on. Moving it back takes an owner of both accounts.",
        plan.destination.slug
    );
    Ok(Page::framed(title.clone(), surroundings, move || {
        view! {
            <PageHeader title=title purpose=purpose/>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <Happens plan=plan.clone() origin=origin/>
            <Confirmation workspace=workspace plan=plan key=key/>
        }
    }))
}

#[component]
fn Happens(plan: MovePlan, origin: String) -> impl IntoView {
    let destination = plan.destination;
    let joining = i64::try_from(plan.joiners.len()).unwrap_or(i64::MAX);
    let mut lines = vec![
        InventoryLine::stops(1, format!("place in the plan of {origin}; from now on it counts in that of {}", destination.name)),
        InventoryLine::stays(1, "slug and id, with all members, roles and pending invitations".to_owned()),
        InventoryLine::stays(1, format!("audit log: what was written so far stays in {origin} too, and goes on being read here")),
    ];
    if joining > 0 {
        let people = if joining == 1 { "member joins" } else { "members join" };
        lines.push(InventoryLine::stays(joining, format!("{people} {} as {}", destination.name, destination.joins_as)));
    }
    let rows = plan.joiners.into_iter().map(|joiner| view! { <tr><th scope="row">{joiner.name}</th></tr> }).collect_view();
    let joiners = (joining > 0).then(|| {
        view! {
            <Section heading="Who joins" purpose="They are in the workspace and not in that account. They see its people, and nothing of its other workspaces.">
                <Table caption="Who joins" columns=vec![Column::text("Person")]>{rows}</Table>
            </Section>
        }
    });
    view! {
        <Section heading="What happens" purpose=destination.allowance.says()><Inventory lines=lines/></Section>
        {joiners}
    }
}

#[component]
fn Confirmation(
    workspace: Workspace,
    plan: MovePlan,
    /// None where the sign-in is not recent enough.
    key: Option<String>,
) -> impl IntoView {
    let Some(key) = key else {
        return view! { <SignInFirst back=going_to(&workspace.slug, &plan.destination.slug)/> }.into_any();
    };
    let digest = plan.digest();
    view! {
        <Section heading="Confirm" purpose="Refused if anything above has changed meanwhile.">
            <Form action=paths::transfer(&workspace.slug) key=key place=workspace.slug.clone()>
                <input type="hidden" name="to" value=plan.destination.slug/>
                <input type="hidden" name="inventory" value=digest/>
                <Actions>
                    <Button kind=ButtonKind::Danger disabled_because=plan.refusal>"Move this workspace"</Button>
                    <LinkButton href=paths::settings(&workspace.slug) kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
    }
    .into_any()
}
