//! The invitations of a workspace: who was invited and has not come yet.

mod invite;
mod landing;
mod manage;

pub use invite::{invite, show_invite};
pub use landing::{accept, forget, look, open, show_accepting};
pub use manage::{copy_link, resend, revoke, show_invitation, show_managing};

use leptos::prelude::*;

use super::server::{self, Invitation, LinkState};
use crate::{
    access::{WorkspacePermission, WorkspaceRole, workspace::ReadWorkspace},
    error::AppError,
    features::members::page::people_tabs,
    paths,
    server::{
        Reader,
        http::{Cursor, Page, Visit},
        scope::InWorkspace,
    },
    ui::{ButtonKind, Column, EmptyState, Icon, LinkButton, PageHeader, Pager, RoleBadge, StatusBadge, Table, Time, Tone},
};

pub async fn show(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let after: Option<Cursor> = visit.asked("after").parse().ok();
    let (invitations, next) = server::list(&mut visit.scope, after.as_ref()).await?;
    let shown = Listing {
        slug: visit.scope.workspace().slug.clone(),
        role: visit.scope.role(),
        is_first: after.is_none(),
        invitations,
        next,
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Invitations", surroundings, move || view! { <Invitations shown=shown/> }))
}

/// What the page shows.
#[derive(Clone, Debug)]
struct Listing {
    slug: String,
    role: WorkspaceRole,
    is_first: bool,
    invitations: Vec<Invitation>,
    next: Option<Cursor>,
    reader: Reader,
}

#[component]
fn Invitations(shown: Listing) -> impl IntoView {
    let here = paths::invitations(&shown.slug);
    let invite = shown.role.may(WorkspacePermission::ManageMembers).then(|| invite_button(&shown.slug));
    let first = (!shown.is_first).then(|| here.clone());
    let tabs = people_tabs(&shown.slug, shown.role, &here);
    let next = shown.next.as_ref().map(|next| paths::asking(&here, &[("after", &next.to_string())]));
    view! {
        <PageHeader title="Invitations" purpose="Who was invited into this workspace and has not come yet.">{invite}</PageHeader>
        {tabs}
        <InvitationTable shown=shown/>
        <Pager first=first next=next/>
    }
}

fn invite_button(slug: &str) -> impl IntoView + use<> {
    view! { <LinkButton href=paths::invite(slug) kind=ButtonKind::Primary icon=Icon::Plus>"Invite people"</LinkButton> }
}

#[component]
fn InvitationTable(shown: Listing) -> impl IntoView {
    if shown.invitations.is_empty() {
        return view! {
            <EmptyState icon=Icon::Mail title="Nobody is invited" explanation="An invitation brings somebody in who is not a member yet, with a role that you choose. It stands here until it is accepted or revoked."/>
        }
        .into_any();
    }
    let rows = shown.invitations.iter().map(|invitation| row(invitation, &shown)).collect_view();
    let columns =
        vec![Column::text("E-mail"), Column::text("Role"), Column::text("Invited by"), Column::text("Link"), Column::text("Expires")];
    view! { <Table caption="Pending invitations" columns=columns>{rows}</Table> }.into_any()
}

fn row(invitation: &Invitation, shown: &Listing) -> impl IntoView + use<> {
    let expires = shown.reader.shown(invitation.expires_at);
    let (tone, link) = link_words(invitation.link_state(shown.reader.now));
    let inviter = inviter(invitation);
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::invitation(&shown.slug, invitation.id)>{invitation.email.clone()}</a></th>
            <td><RoleBadge role=invitation.role.name()/></td>
            <td>{inviter}</td>
            <td><StatusBadge tone=tone text=link/></td>
            <td><Time rfc3339=expires.rfc3339 absolute=expires.absolute shown=expires.relative/></td>
        </tr>
    }
}

fn inviter(invitation: &Invitation) -> String {
    invitation.inviter.clone().unwrap_or_else(|| "somebody who left".to_owned())
}

/// Where the link stands, in a word and a colour.
fn link_words(state: LinkState) -> (Tone, &'static str) {
    match state {
        LinkState::Expired => (Tone::Warning, "Expired"),
        LinkState::None => (Tone::Neutral, "No link yet"),
        LinkState::Queued => (Tone::Info, "Mail on its way"),
        LinkState::Mailed => (Tone::Success, "Mailed"),
        LinkState::MailFailed => (Tone::Danger, "Mail failed"),
        LinkState::Copied => (Tone::Success, "Link copied"),
    }
}
