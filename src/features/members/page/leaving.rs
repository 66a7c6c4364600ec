//! Leaving a workspace oneself, and what both ways out of one show alike.

use leptos::prelude::*;

use super::server;
use crate::{
    access::workspace::ReadWorkspace,
    error::{AppError, FieldError},
    features::members::{
        model::Made,
        server::{Fate, Preview, Successor},
    },
    ids::UserId,
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InWorkspace,
    },
    ui::{
        Actions, Button, ButtonKind, Choice, ErrorSummary, Form, Inventory, InventoryLine, LinkButton, Notice, PageHeader, RadioGroup,
        Section, Tone, plural,
    },
};

/// So many names of each kind are shown.
const NAMES_SHOWN: usize = 20;

pub async fn show_leaving(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let (preview, successors) = server::leaving(&mut visit.scope).await?;
    let is_held = server::is_only_owner(&mut visit.scope, &preview.member).await?;
    let here = visit.scope.workspace().clone();
    let shown = Leaving {
        is_held,
        slug: here.slug,
        workspace: here.name,
        key: visit.form_key(),
        fate: visit.value("fate", ""),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(refusal),
        preview,
        successors,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Leave this workspace", surroundings, move || view! { <Confirm shown=shown/> }))
}

pub async fn leave(mut submission: Submission<InWorkspace<ReadWorkspace>>) -> Result<FormAnswer, AppError> {
    let slug = submission.scope.workspace().slug.clone();
    submission.scope.ask_recent_sign_in(&paths::leave(&slug))?;
    let (preview, _) = server::leaving(&mut submission.scope).await?;
    let fate = match (submission.fields.get("fate"), submission.fields.get("fate").parse::<UserId>()) {
        (_, Ok(to)) => Fate::HandOver(to),
        ("revoke", _) => Fate::Revoke,
        _ if preview.made.is_empty() => Fate::Revoke,
        _ => return Err(AppError::invalid("fate", "Choose what becomes of what you made here.")),
    };
    let name = submission.scope.workspace().name.clone();
    server::leave(&mut submission.scope, submission.fields.get("shown"), fate).await?;
    submission.scope.answer_form(submission.form, paths::HOME);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(paths::HOME.to_owned()).saying(format!("You left {name}.")))
}

/// What to say above a form that was refused for another reason than a field.
pub(super) fn refusal(refused: &RefusedForm) -> Option<String> {
    (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string())
}

/// What the confirm page shows.
#[derive(Clone, Debug)]
struct Leaving {
    /// The workspace has no other owner.
    is_held: bool,
    slug: String,
    workspace: String,
    key: String,
    fate: String,
    errors: Vec<FieldError>,
    says: Option<String>,
    preview: Preview,
    successors: Vec<Successor>,
}

#[component]
fn Confirm(shown: Leaving) -> impl IntoView {
    let Leaving { is_held, slug, workspace, key, fate, errors, says, preview, successors } = shown;
    let held = is_held.then(|| "You are the only owner. Make someone else an owner first, on their page under Members.".to_owned());
    let purpose = format!("You lose what the role {} gave you in {workspace}. You stay in the team.", preview.member.role);
    let problem = crate::ui::error_of(&errors, "fate");
    let choice = (!preview.made.is_empty()).then(|| {
        let revoke = Choice::new("revoke", "Revoke").meaning("They stop at once. What was revoked does not come back.");
        let choices = successors
            .into_iter()
            .map(|successor| Choice::new(successor.user.to_string(), format!("Hand over to {}", successor.name)))
            .chain([revoke])
            .collect::<Vec<_>>();
        view! { <RadioGroup name="fate" legend="What becomes of what you made" choices=choices value=fate error=problem/> }
    });
    view! {
        <PageHeader title="Leave this workspace" purpose=purpose/>
        {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=errors/>
        <Section heading="What this does">
            <Inventory lines=vec![InventoryLine::stops(1, "membership: yours"), InventoryLine::stays(1, "place in the team")]/>
            <p>"To come back you need a new invitation by an owner or admin."</p>
        </Section>
        <MadeList made=preview.made whose="you"/>
        <KnownList names=preview.known whose="you"/>
        <Form action=paths::leave(&slug) key=key place=slug.clone()>
            <input type="hidden" name="shown" value=preview.digest/>
            {choice}
            <Actions>
                <Button kind=ButtonKind::Danger disabled_because=held>"Leave workspace"</Button>
                <LinkButton href=paths::members(&slug) kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}

/// What somebody made here, kind by kind, with names.
#[component]
pub(super) fn MadeList(made: Vec<Made>, whose: &'static str) -> impl IntoView {
    if made.is_empty() {
        return view! { <p class="muted">{format!("There is nothing here that {whose} made and that somebody must look after.")}</p> }
            .into_any();
    }
    let kinds = made
        .into_iter()
        .map(|made| {
            let more = made.names.len().saturating_sub(NAMES_SHOWN);
            let says = format!("{} {}: ", made.count(), plural(made.count(), made.kind));
            let names = made.names.into_iter().take(NAMES_SHOWN).collect::<Vec<_>>().join(", ");
            let rest = (more > 0).then(|| format!(" and {more} more"));
            view! { <li><strong>{says}</strong>{names}{rest}</li> }
        })
        .collect_view();
    view! {
        <Section heading=format!("What {whose} made here")>
            <ul>{kinds}</ul>
        </Section>
    }
    .into_any()
}

/// Keys that stay with others, and whose secrets this person was shown: nothing here takes that back.
#[component]
pub(super) fn KnownList(mut names: Vec<String>, whose: &'static str) -> impl IntoView {
    let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
    let more = names.len().saturating_sub(NAMES_SHOWN);
    let rest = (more > 0).then(|| format!(" and {more} more"));
    names.truncate(NAMES_SHOWN);
    let shown = names.join(", ");
    (count > 0).then(|| {
        view! {
            <Section heading=format!("What {whose} may still know")>
                <p>
                    <strong>{format!("{count} {}: ", plural(count, "credential"))}</strong>
                    {shown}
                    {rest}
                </p>
                <p>{format!("Others answer for these, and they go on working; {whose} made a secret of each. Rotate them.")}</p>
            </Section>
        }
    })
}
