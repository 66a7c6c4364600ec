//! The Members page: who is in the workspace, narrowed down, page by page, and as a table to save.

mod leaving;
mod member;
mod removal;

pub use leaving::{leave, show_leaving};
pub use member::{change, read_end, refuse_end, show_changing, show_member};
pub use removal::{remove, show_removal};

use leptos::prelude::*;

use super::{
    model::role_named,
    server::{self, Filter, Member},
};
use crate::{
    access::{AskWorkspace, WorkspacePermission, WorkspaceRole, workspace::ReadWorkspace},
    error::AppError,
    ids::MembershipId,
    paths,
    server::{
        Reader,
        http::{Cells, Cursor, Download, Page, Sheet, Visit},
        scope::{InWorkspace, WorkspaceScope},
    },
    ui::{
        Actions, ButtonKind, Choice, Column, EmptyState, FilterBar, FilterField, FilterSelect, Icon, LinkButton, PageHeader, Pager,
        RoleBadge, StatusBadge, Table, Tabs, Time, Tone,
    },
};

/// An end date that is nearer than this is pointed out.
const SOON_DAYS: i64 = 14;

pub async fn show(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Page, AppError> {
    let filter = filter_of(&visit);
    let after: Option<Cursor> = visit.asked("after").parse().ok();
    let (members, next) = server::list(&mut visit.scope, &filter, after.as_ref()).await?;
    let shown = Listing {
        slug: visit.scope.workspace().slug.clone(),
        me: visit.scope.person().id,
        role: visit.scope.role(),
        is_first: after.is_none(),
        members,
        next,
        filter,
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Members", surroundings, move || view! { <Members shown=shown/> }))
}

pub async fn export(mut visit: Visit<InWorkspace<ReadWorkspace>>) -> Result<Download, AppError> {
    let filter = filter_of(&visit);
    let members = server::export(&mut visit.scope, &filter).await?;
    let (slug, now) = (visit.scope.workspace().slug.clone(), visit.scope.now());
    visit.scope.commit().await?;
    let mut sheet = Sheet::new(&["name", "email", "role", "status", "joined_at", "ends_at", "member_id"])?;
    for member in members {
        let status = if member.has_ended(now) { "ended" } else { "active" };
        let cells = Cells::new().text(&member.name).text(&member.email).text(member.role.name()).text(status);
        sheet.add(cells.time(member.joined_at).time(member.ends_at).text(&member.id.to_string()))?;
    }
    Ok(Download::csv(format!("members-{slug}.csv"), sheet.into_bytes()?))
}

fn filter_of(visit: &Visit<InWorkspace<ReadWorkspace>>) -> Filter {
    Filter::of(visit.asked("q"), role_named(visit.asked("role")))
}

/// The member that an address names.
///
/// # Errors
/// `Gone` for who is none any more: everyone who asks sees the list, and saw them on it.
async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: MembershipId) -> Result<Member, AppError> {
    match server::find(scope, id).await {
        Err(AppError::NotFound) if server::is_former(scope, id).await? => {
            let list = paths::members(&scope.workspace().slug);
            Err(AppError::gone("This person is not a member of this workspace any more: they left, or were removed.", list, "All members"))
        }
        found => found,
    }
}

/// What the page shows.
#[derive(Clone, Debug)]
struct Listing {
    slug: String,
    me: crate::ids::UserId,
    role: WorkspaceRole,
    is_first: bool,
    members: Vec<Member>,
    next: Option<Cursor>,
    filter: Filter,
    reader: Reader,
}

impl Listing {
    /// An address with the same filter.
    fn filtered(&self, path: &str, after: &str) -> String {
        let role = self.filter.role.map_or("", WorkspaceRole::name);
        paths::asking(path, &[("q", &self.filter.search), ("role", role), ("after", after)])
    }
}

#[component]
fn Members(shown: Listing) -> impl IntoView {
    let here = paths::members(&shown.slug);
    let invite = shown.role.may(WorkspacePermission::ManageMembers).then(|| {
        view! { <LinkButton href=paths::invite(&shown.slug) kind=ButtonKind::Primary icon=Icon::Plus>"Invite people"</LinkButton> }
    });
    let csv = shown.filtered(&paths::members_csv(&shown.slug), "");
    let first = (!shown.is_first).then(|| shown.filtered(&here, ""));
    let next = shown.next.as_ref().map(|next| shown.filtered(&here, &next.to_string()));
    let leave = paths::leave(&shown.slug);
    let tabs = people_tabs(&shown.slug, shown.role, &here);
    view! {
        <PageHeader title="Members" purpose="Who is in this workspace, and as what.">
            <LinkButton href=csv icon=Icon::Download download=true>"Download CSV"</LinkButton>
            {invite}
        </PageHeader>
        {tabs}
        <Narrow filter=shown.filter.clone() here=here/>
        <MemberTable shown=shown/>
        <Pager first=first next=next/>
        <Actions>
            <LinkButton href=leave kind=ButtonKind::Quiet>"Leave this workspace"</LinkButton>
        </Actions>
    }
}

/// The parts of the page: who is in, who was invited, and for those who may see it what was mailed.
pub fn people_tabs(slug: &str, role: WorkspaceRole, current: &str) -> impl IntoView + use<> {
    let mail = role.may(WorkspacePermission::ReadAudit).then(|| ("Mail".to_owned(), paths::mail_list(slug)));
    let entries = [("People".to_owned(), paths::members(slug)), ("Invitations".to_owned(), paths::invitations(slug))];
    let entries = entries.into_iter().chain(mail).collect();
    let current = current.to_owned();
    view! { <Tabs label="Members" entries=entries current=current/> }
}

#[component]
fn Narrow(filter: Filter, here: String) -> impl IntoView {
    let clear = (filter != Filter::default()).then(|| here.clone());
    let roles = std::iter::once(Choice::new("", "Every role"))
        .chain(WorkspaceRole::ALL.into_iter().map(|role| Choice::new(role.name(), role.name())))
        .collect();
    let role = filter.role.map_or("", WorkspaceRole::name);
    view! {
        <FilterBar action=here clear=clear>
            <FilterField name="q" label="Name or e-mail" value=filter.search/>
            <FilterSelect name="role" label="Role" choices=roles value=role/>
        </FilterBar>
    }
}

#[component]
fn MemberTable(shown: Listing) -> impl IntoView {
    if shown.members.is_empty() {
        return view! {
            <EmptyState icon=Icon::Members title="Nobody fits" explanation="No member has this in their name or address, with this role. Clear the filter to see everyone."/>
        }
        .into_any();
    }
    let rows = shown.members.iter().map(|member| row(member, &shown)).collect_view();
    let columns = vec![
        Column::text("Name"),
        Column::text("E-mail"),
        Column::text("Role"),
        Column::text("Status"),
        Column::text("Ends"),
        Column::text("Joined"),
    ];
    view! { <Table caption="Members of this workspace" columns=columns>{rows}</Table> }.into_any()
}

fn row(member: &Member, shown: &Listing) -> impl IntoView + use<> {
    let joined = shown.reader.shown(member.joined_at);
    let you = (member.user == shown.me).then_some(" (you)");
    let (tone, status) = status(member, &shown.reader);
    let ends = member.ends_at.map(|end| {
        let end = shown.reader.shown(end);
        view! { <Time rfc3339=end.rfc3339 absolute=end.absolute shown=end.relative/> }
    });
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::member(&shown.slug, member.id)>{member.name.clone()}</a>{you}</th>
            <td>{member.email.clone()}</td>
            <td><RoleBadge role=member.role.name()/></td>
            <td><StatusBadge tone=tone text=status/></td>
            <td>{ends}</td>
            <td><Time rfc3339=joined.rfc3339 absolute=joined.absolute shown=joined.relative/></td>
        </tr>
    }
}

/// A membership's state, in a word and a colour.
fn status(member: &Member, reader: &Reader) -> (Tone, &'static str) {
    let soon = reader.now + chrono::TimeDelta::days(SOON_DAYS);
    match member.ends_at {
        Some(end) if end <= reader.now => (Tone::Neutral, "Ended"),
        Some(end) if end <= soon => (Tone::Warning, "Ends soon"),
        _ => (Tone::Success, "Active"),
    }
}
