//! Before a member is removed: what stops, what they made here, and what becomes of it.

use leptos::prelude::*;

use super::{
    find,
    leaving::{KnownList, MadeList, refusal},
    server,
};
use crate::{
    access::workspace::ManageMembers,
    error::{AppError, FieldError},
    features::members::{
        model::judge,
        server::{Fate, Preview},
    },
    ids::MembershipId,
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InWorkspace,
    },
    ui::{
        Actions, Button, ButtonKind, Choice, ErrorSummary, Form, Inventory, InventoryLine, LinkButton, Notice, PageHeader, RadioGroup,
        Section, Tone,
    },
};

pub async fn show_removal(mut visit: Visit<InWorkspace<ManageMembers>>) -> Result<Page, AppError> {
    let id = visit.named("member")?;
    find(&mut visit.scope, id).await?;
    let preview = server::preview(&mut visit.scope, id).await?;
    judge(visit.scope.role(), Some(preview.member.role), None).map_err(AppError::NotAllowed)?;
    let here = visit.scope.workspace().clone();
    let shown = Removal {
        slug: here.slug,
        workspace: here.name,
        key: visit.form_key(),
        fate: visit.value("fate", ""),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(refusal),
        preview,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let title = format!("Remove {}", shown.preview.member.name);
    Ok(Page::framed(title.clone(), surroundings, move || view! { <Confirm title=title shown=shown/> }))
}

pub async fn remove(mut submission: Submission<InWorkspace<ManageMembers>>) -> Result<FormAnswer, AppError> {
    let id = submission.named::<MembershipId>("member")?;
    let slug = submission.scope.workspace().slug.clone();
    submission.scope.ask_recent_sign_in(&paths::removal(&slug, id))?;
    find(&mut submission.scope, id).await?;
    let preview = server::preview(&mut submission.scope, id).await?;
    let fate = match submission.fields.get("fate") {
        "hand_over" => Fate::HandOver(submission.scope.person().id),
        "revoke" => Fate::Revoke,
        // There was nothing to choose about.
        _ if preview.made.is_empty() => Fate::Revoke,
        _ => return Err(AppError::invalid("fate", "Choose what becomes of what they made here.")),
    };
    let member = server::remove(&mut submission.scope, id, submission.fields.get("shown"), fate).await?;
    let location = paths::members(&slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("{} is no longer a member.", member.name)))
}

/// What the confirm page shows.
#[derive(Clone, Debug)]
struct Removal {
    slug: String,
    workspace: String,
    key: String,
    fate: String,
    errors: Vec<FieldError>,
    says: Option<String>,
    preview: Preview,
}

#[component]
fn Confirm(title: String, shown: Removal) -> impl IntoView {
    let Removal { slug, workspace, key, fate, errors, says, preview } = shown;
    let (member, made, known) = (preview.member, preview.made, preview.known);
    let purpose = format!("{} loses what the role {} gave them in {workspace}. They stay in the team.", member.name, member.role);
    let action = paths::removal(&slug, member.id);
    let problem = crate::ui::error_of(&errors, "fate");
    let choice = (!made.is_empty()).then(|| {
        let choices = vec![
            Choice::new("hand_over", "Hand over to me").meaning("They go on, in your name from now on."),
            Choice::new("revoke", "Revoke").meaning("They stop at once. What was revoked does not come back."),
        ];
        view! { <RadioGroup name="fate" legend="What becomes of what they made" choices=choices value=fate error=problem/> }
    });
    view! {
        <PageHeader title=title purpose=purpose/>
        {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=errors/>
        <Section heading="What this does">
            <Inventory lines=vec![InventoryLine::stops(1, "membership"), InventoryLine::stays(1, "place in the team")]/>
            <p>"An owner or admin can invite them again."</p>
        </Section>
        <MadeList made=made whose="they"/>
        <KnownList names=known whose="they"/>
        <Form action=action key=key place=slug.clone()>
            <input type="hidden" name="shown" value=preview.digest/>
            {choice}
            <Actions>
                <Button kind=ButtonKind::Danger>"Remove member"</Button>
                <LinkButton href=paths::member(&slug, member.id) kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}
