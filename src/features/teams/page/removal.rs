//! Removing somebody from a team: what it takes from them, then the act.

use leptos::prelude::*;

use super::pieces::{PlaceTable, Refusal, RefusalNotice, colleague};
use crate::{
    access::tenant::ManageTeam,
    error::AppError,
    features::teams::server::{self, Removal},
    ids::MembershipId,
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InTenant,
    },
    ui::{Actions, Button, ButtonKind, Form, Inventory, InventoryLine, LinkButton, Notice, PageHeader, Section, Tone, plural},
};

pub async fn show(mut visit: Visit<InTenant<ManageTeam>>) -> Result<Page, AppError> {
    let member = visit.named::<MembershipId>("member")?;
    colleague(&mut visit.scope, member).await?;
    let removal = server::removal(&mut visit.scope, member).await?;
    if removal.person.user == visit.scope.person().id {
        return Err(AppError::Conflict("You cannot remove yourself. Leave the team instead.".to_owned()));
    }
    let surroundings = visit.surroundings();
    let tenant = visit.scope.tenant().clone();
    let (slug, key, refusal) = (tenant.slug.clone(), visit.form_key(), Refusal::of(&visit));
    visit.scope.close().await?;
    let title = format!("Remove {}", removal.person.name);
    let purpose = format!("From {} and all of its workspaces, at once. They can be invited again.", tenant.name);
    Ok(Page::framed(title.clone(), surroundings, move || {
        view! {
            <PageHeader title=title purpose=purpose/>
            <RefusalNotice refusal=refusal/>
            <Inventory lines=lines(&removal)/>
            <PlaceTable caption="Their workspaces" places=removal.places.clone()/>
            <Consent removal=removal slug=slug key=key/>
        }
    }))
}

pub async fn remove(mut submission: Submission<InTenant<ManageTeam>>) -> Result<FormAnswer, AppError> {
    let member = submission.named::<MembershipId>("member")?;
    let shown = submission.fields.get("inventory").to_owned();
    let person = colleague(&mut submission.scope, member).await?;
    server::remove(&mut submission.scope, member, &shown).await?;
    let location = paths::people(&submission.scope.tenant().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("{} is not in the team any more.", person.name)))
}

fn lines(removal: &Removal) -> Vec<InventoryLine> {
    let places = i64::try_from(removal.places.len()).unwrap_or(i64::MAX);
    vec![
        InventoryLine::stops(1, format!("membership of the team, as {}", removal.person.role)),
        InventoryLine::stops(places, plural(places, "workspace membership")),
        InventoryLine::stops(
            removal.made.keys,
            format!("{} they answer for, unless handed over before", plural(removal.made.keys, "credential")),
        ),
        InventoryLine::stops(removal.made.invitations, format!("pending {} they sent", plural(removal.made.invitations, "invitation"))),
        InventoryLine::stays(places, if places == 1 { "workspace with everything in it" } else { "workspaces with everything in them" }),
    ]
}

#[component]
fn Consent(removal: Removal, slug: String, key: String) -> impl IntoView {
    let back = paths::person(&slug, removal.person.id);
    let alone = removal.places.iter().any(|place| place.is_only_owner && !place.is_archived);
    if alone {
        return view! {
            <Notice tone=Tone::Warning>
                "Workspaces would be left without an owner. Somebody in each has to be made an owner first, on its Members page."
            </Notice>
            <LinkButton href=back>"Back"</LinkButton>
        }
        .into_any();
    }
    view! {
        <Section heading="Remove them">
            <Form action=paths::remove_person(&slug, removal.person.id) key=key place=slug>
                <input type="hidden" name="inventory" value=removal.digest/>
                <Actions>
                    <Button kind=ButtonKind::Danger>"Remove from team"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
    }
    .into_any()
}
