//! Leaving a team: what is left behind, who takes over, then the act.

use leptos::prelude::*;

use super::pieces::{PlaceTable, Refusal, RefusalNotice, choices};
use crate::{
    access::tenant::SeeTeam,
    error::AppError,
    features::teams::server::{self, Colleague, Departure},
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{
        Actions, Button, ButtonKind, Choice, Form, Inventory, InventoryLine, LinkButton, Notice, PageHeader, Section, Select, Tone, plural,
    },
};

pub async fn show(mut visit: Visit<InTenant<SeeTeam>>) -> Result<Page, AppError> {
    let departure = server::departure(&mut visit.scope).await?;
    let people = if departure.leaves_ownership() { server::colleagues(&mut visit.scope).await? } else { Vec::new() };
    let surroundings = visit.surroundings();
    let tenant = visit.scope.tenant().clone();
    let form = LeaveForm {
        slug: tenant.slug.clone(),
        key: visit.form_key(),
        successor: visit.value("successor", ""),
        problem: visit.problem("successor"),
        departure: departure.clone(),
        people,
    };
    let refusal = Refusal::of(&visit);
    visit.scope.close().await?;
    let title = format!("Leave {}", tenant.name);
    Ok(Page::framed(title.clone(), surroundings, move || {
        view! {
            <PageHeader title=title purpose="You leave the team and all of its workspaces at once. You come back by an invitation alone."/>
            <RefusalNotice refusal=refusal/>
            <Inventory lines=lines(&departure)/>
            <PlaceTable caption="Your workspaces in this team" places=departure.places.clone()/>
            <Leaving form=form/>
        }
    }))
}

pub async fn leave(mut submission: Submission<InTenant<SeeTeam>>) -> Result<FormAnswer, AppError> {
    let tenant = submission.scope.tenant().clone();
    let successor = match submission.fields.get("successor") {
        "" => None,
        id => Some(id.parse().map_err(|_| AppError::invalid("successor", "Choose one of the team's people."))?),
    };
    if successor.is_some() {
        submission.scope.ask_recent_sign_in(&paths::leave_team(&tenant.slug))?;
    }
    let shown = submission.fields.get("inventory").to_owned();
    server::leave(&mut submission.scope, successor, &shown).await?;
    submission.scope.answer_form(submission.form, paths::HOME);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(paths::HOME.to_owned()).saying(format!("You left {}.", tenant.name)))
}

fn lines(departure: &Departure) -> Vec<InventoryLine> {
    let places = i64::try_from(departure.places.len()).unwrap_or(i64::MAX);
    vec![
        InventoryLine::stops(1, format!("membership of the team, as {}", departure.me.role)),
        InventoryLine::stops(places, plural(places, "workspace membership")),
        InventoryLine::stops(
            departure.made.keys,
            format!("{} you answer for, unless somebody takes over", plural(departure.made.keys, "credential")),
        ),
        InventoryLine::stops(
            departure.made.invitations,
            format!("pending {} you sent, unless somebody takes over", plural(departure.made.invitations, "invitation")),
        ),
        InventoryLine::stays(places, if places == 1 { "workspace with everything in it" } else { "workspaces with everything in them" }),
    ]
}

struct LeaveForm {
    slug: String,
    key: String,
    successor: String,
    problem: Option<String>,
    departure: Departure,
    people: Vec<Colleague>,
}

#[component]
fn Leaving(form: LeaveForm) -> impl IntoView {
    let back = paths::people(&form.slug);
    if form.departure.asks_successor() && form.people.is_empty() {
        return view! {
            <Notice tone=Tone::Warning>
                "You are alone in this team, so nobody can take over. Delete the team in its settings, or invite somebody first."
            </Notice>
            <LinkButton href=back>"Back"</LinkButton>
        }
        .into_any();
    }
    let action = paths::leave_team(&form.slug);
    let digest = form.departure.digest.clone();
    let (key, slug) = (form.key.clone(), form.slug.clone());
    let successor = form.departure.leaves_ownership().then(|| view! { <Successor form=form/> });
    view! {
        <Section heading="Leave">
            <Form action=action key=key place=slug>
                <input type="hidden" name="inventory" value=digest/>
                {successor}
                <Actions>
                    <Button kind=ButtonKind::Danger>"Leave team"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
    }
    .into_any()
}

/// Who takes over, and what: the team where they own it alone, and each workspace that nobody else owns.
#[component]
fn Successor(form: LeaveForm) -> impl IntoView {
    let nobody = if form.departure.asks_successor() { "Choose somebody" } else { "Nobody: these archived workspaces cannot be restored" };
    let choices = std::iter::once(Choice::new("", nobody)).chain(choices(&form.people)).collect::<Vec<_>>();
    let workspaces = form.departure.places.iter().filter(|place| place.is_only_owner).map(|place| place.name.as_str()).collect::<Vec<_>>();
    let takes = match (form.departure.is_only_owner, workspaces.is_empty()) {
        (true, true) => "the team".to_owned(),
        (true, false) => format!("the team and {}", workspaces.join(", ")),
        (false, _) => workspaces.join(", "),
    };
    let help = format!(
        "They become an owner of {takes}, also where they were not a member so far, and are told. API keys and invitations of yours there are theirs then; those elsewhere end."
    );
    view! { <Select name="successor" label="Who takes over" choices=choices value=form.successor help=help error=form.problem/> }
}
