//! One invitation: where its link stands, and new links, mails and revoking for those who may.

use leptos::prelude::*;

use super::{
    inviter, link_words,
    server::{self, Invitation},
};
use crate::{
    access::{
        AskWorkspace, WorkspaceRole,
        workspace::{ManageMembers, ReadWorkspace},
    },
    error::AppError,
    features::{invitations::LIFE_DAYS, members::model::judge},
    ids::InvitationId,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit},
        last_day,
        scope::{InWorkspace, WorkspaceScope},
    },
    ui::{
        Actions, Button, ButtonKind, Code, DangerAct, DangerZone, Description, DescriptionList, Form, Notice, PageHeader, RoleBadge,
        SecretOnce, Section, StatusBadge, Time, Tone,
    },
};

pub async fn show_invitation(visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_managing(visit: Visit<InWorkspace<ManageMembers>>) -> Result<Page, AppError> {
    page(visit).await
}

/// Shows a new link, once.
pub async fn copy_link(mut submission: Submission<InWorkspace<ManageMembers>>) -> Result<FormAnswer, AppError> {
    let (id, version) = (submission.named::<InvitationId>("invitation")?, submission.version()?);
    find_to_renew(&mut submission.scope, id).await?;
    let (invitation, link) = server::copy_link(&mut submission.scope, id, version).await?;
    let location = paths::invitation(&submission.scope.workspace().slug, id);
    submission.scope.answer_form(submission.form, &location);
    let visit = submission.commit_to_show().await?;
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let done = location.clone();
    let page = Page::framed("New link", surroundings, move || {
        let purpose = format!("For {}, as {}. Links from before open nothing any more.", invitation.email, invitation.role);
        let label = format!("Link for {}", invitation.email);
        let explanation = format!("Pass it on to this person alone. It opens for {LIFE_DAYS} days; a lost one is replaced by another.");
        view! {
            <PageHeader title="New link" purpose=purpose/>
            <SecretOnce label=label value=link explanation=explanation done=done/>
        }
    });
    Ok(FormAnswer::to(location).showing(page))
}

/// Has a new link mailed.
pub async fn resend(mut submission: Submission<InWorkspace<ManageMembers>>) -> Result<FormAnswer, AppError> {
    let (id, version) = (submission.named::<InvitationId>("invitation")?, submission.version()?);
    find_to_renew(&mut submission.scope, id).await?;
    let invitation = server::resend(&mut submission.scope, id, version).await?;
    let location = paths::invitation(&submission.scope.workspace().slug, id);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("A new link is on its way to {}.", invitation.email)))
}

pub async fn revoke(mut submission: Submission<InWorkspace<ManageMembers>>) -> Result<FormAnswer, AppError> {
    let id = submission.named::<InvitationId>("invitation")?;
    find(&mut submission.scope, id).await?;
    let invitation = server::revoke(&mut submission.scope, id, None).await?;
    let location = paths::invitations(&submission.scope.workspace().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("The invitation for {} is revoked.", invitation.email)))
}

/// The pending invitation that an address names.
///
/// # Errors
/// `Gone` for one that is not pending any more: everyone who asks sees who is in, and saw who was invited.
async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: InvitationId) -> Result<Invitation, AppError> {
    let found = server::find(scope, id).await;
    if found != Err(AppError::NotFound) {
        return found;
    }
    let slug = scope.workspace().slug.clone();
    Err(match server::status(scope, id).await?.as_deref() {
        Some("accepted") => {
            AppError::gone("This invitation was accepted: whoever was invited became a member.", paths::members(slug), "All members")
        }
        Some("revoked") => AppError::gone(
            "This invitation was revoked. Its link opens nothing any more; you can see who else is invited.",
            paths::invitations(slug),
            "All invitations",
        ),
        _ => AppError::NotFound,
    })
}

/// The same, where whoever asks stands for it from now on: a link that makes an owner is given as an owner is made.
async fn find_to_renew(scope: &mut WorkspaceScope<ManageMembers>, id: InvitationId) -> Result<(), AppError> {
    if find(scope, id).await?.role == WorkspaceRole::Owner {
        judge(scope.role(), None, Some(WorkspaceRole::Owner)).map_err(AppError::NotAllowed)?;
        scope.ask_recent_sign_in(&paths::invitation(&scope.workspace().slug, id))?;
    }
    Ok(())
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let id = visit.named("invitation")?;
    let invitation = find(&mut visit.scope, id).await?;
    let may_manage = judge(visit.scope.role(), None, Some(invitation.role)).is_ok();
    let slug = visit.scope.workspace().slug.clone();
    let acts = may_manage.then(|| Acts {
        action: paths::invitation(&slug, invitation.id),
        slug: slug.clone(),
        keys: [visit.form_key(), visit.form_key(), visit.form_key()],
        version: invitation.version,
        by_mail: visit.scope.stoa().config.mail.is_some(),
        email: invitation.email.clone(),
    });
    let (reader, surroundings) = (visit.reader(), visit.surroundings());
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    visit.scope.close().await?;
    Ok(Page::framed(invitation.email.clone(), surroundings, move || {
        view! {
            <PageHeader title=invitation.email.clone() purpose="Was invited into this workspace and has not come yet."/>
            <p><a class="link" href=paths::invitations(&slug)>"All invitations"</a></p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <Facts invitation=invitation reader=reader/>
            {acts.map(|acts| view! { <Manage acts=acts/> })}
        }
    }))
}

#[component]
fn Facts(invitation: Invitation, reader: Reader) -> impl IntoView {
    let (created, expires) = (reader.shown(invitation.created_at), reader.shown(invitation.expires_at));
    let (tone, link) = link_words(invitation.link_state(reader.now));
    let inviter = inviter(&invitation);
    let ends = invitation.ends_at.map(|end| {
        let day = last_day::before(end, &reader.zone).format("%-d %b %Y").to_string();
        view! { <Description term="Membership ends after">{day}</Description> }
    });
    view! {
        <Section heading="Invitation">
            <DescriptionList>
                <Description term="Role"><RoleBadge role=invitation.role.name()/></Description>
                {ends}
                <Description term="Invited by">{inviter}</Description>
                <Description term="Invited"><Time rfc3339=created.rfc3339 absolute=created.absolute shown=created.relative/></Description>
                <Description term="Link"><StatusBadge tone=tone text=link/></Description>
                <Description term="Expires"><Time rfc3339=expires.rfc3339 absolute=expires.absolute shown=expires.relative/></Description>
                <Description term="Id"><Code value=invitation.id.to_string() label="Copy the invitation's id"/></Description>
            </DescriptionList>
        </Section>
    }
}

/// What the forms need.
#[derive(Clone, Debug)]
struct Acts {
    action: String,
    slug: String,
    keys: [String; 3],
    version: i64,
    by_mail: bool,
    email: String,
}

#[component]
fn Manage(acts: Acts) -> impl IntoView {
    let Acts { action, slug, keys: [copy_key, mail_key, revoke_key], version, by_mail, email } = acts;
    let purpose = format!("A new link opens for {LIFE_DAYS} days and stands in your name. The one before opens nothing any more.");
    let copy_kind = if by_mail { ButtonKind::Secondary } else { ButtonKind::Primary };
    let mail = by_mail.then(|| {
        view! {
            <Form action=format!("{action}/mail") key=mail_key place=slug.clone()>
                <input type="hidden" name="version" value=version/>
                <Button kind=ButtonKind::Primary>"Resend by mail"</Button>
            </Form>
        }
    });
    let (link_action, revoke_action, link_place) = (format!("{action}/link"), format!("{action}/revoke"), slug.clone());
    let explanation = format!("The link of {email} opens nothing any more. You can invite them again at any time.");
    view! {
        <Section heading="New link" purpose=purpose>
            <Actions>
                {mail}
                <Form action=link_action key=copy_key place=link_place>
                    <input type="hidden" name="version" value=version/>
                    <Button kind=copy_kind>"Make a link to copy"</Button>
                </Form>
            </Actions>
        </Section>
        <DangerZone>
            <DangerAct title="Revoke this invitation" explanation=explanation>
                <Form action=revoke_action key=revoke_key place=slug>
                    <Button kind=ButtonKind::Danger>"Revoke invitation"</Button>
                </Form>
            </DangerAct>
        </DangerZone>
    }
}
