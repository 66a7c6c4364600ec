//! Every element in every state, on one page, for whoever changes one of them. Development only.

mod acts;
mod charts;
mod finding;
mod forms;
mod lists;

use leptos::prelude::*;

use super::{
    Actions, Button, ButtonKind, Code, Column, DangerAct, DangerZone, Description, DescriptionList, EmptyState, Glyph, Icon, LinkButton,
    Named, Notice, PageHeader, RoleBadge, Section, StatusBadge, Table, Time, Tone,
};
use crate::{access::WorkspaceRole, paths};
use acts::Acts;
use charts::Charts;
use finding::Finding;
use forms::Forms;
use lists::Lists;

const ID: &str = "ws_01h455vb4pex5vsknk084sn02q";

/// The page's content: put it into a `Frame`.
#[component]
pub fn Gallery() -> impl IntoView {
    view! {
        <PageHeader title="Gallery" purpose="Every element in every state, as pages use them.">
            <LinkButton href=paths::GALLERY icon=Icon::Download>"Another action"</LinkButton>
            <LinkButton href=paths::GALLERY kind=ButtonKind::Primary icon=Icon::Plus>"Primary action"</LinkButton>
        </PageHeader>
        <Forms/>
        <Notices/>
        <Buttons/>
        <Badges/>
        <Tables/>
        <Facts/>
        <Lists/>
        <Charts/>
        <Finding/>
        <Acts/>
        <Emptiness/>
        <Icons/>
        <Danger/>
    }
}

#[component]
fn Notices() -> impl IntoView {
    let notices = Tone::ALL
        .into_iter()
        .map(|tone| {
            let text = format!("A notice whose tone is {tone:?}. ");
            view! { <Notice tone=tone>{text}<a href=paths::GALLERY>"A link in it"</a></Notice> }
        })
        .collect_view();
    view! { <Section heading="Notices">{notices}</Section> }
}

#[component]
fn Buttons() -> impl IntoView {
    let kinds = [
        (ButtonKind::Primary, "Create workspace"),
        (ButtonKind::Secondary, "Rename"),
        (ButtonKind::Quiet, "Cancel"),
        (ButtonKind::Danger, "Archive"),
    ];
    let working = kinds.into_iter().map(|(kind, label)| view! { <Button kind=kind button_type="button">{label}</Button> }).collect_view();
    let refused = kinds
        .into_iter()
        .map(|(kind, label)| {
            let reason = Some("Your plan allows three workspaces.".to_owned());
            view! {
                <Actions>
                    <Button kind=kind button_type="button" disabled_because=reason>{label}</Button>
                </Actions>
            }
        })
        .collect_view();
    view! {
        <Section heading="Buttons" purpose="One primary on a page; a disabled one says why.">
            <Actions>
                {working}
                <Button button_type="button" icon=Icon::Plus>"With an icon"</Button>
                <LinkButton href=paths::GALLERY>"A link"</LinkButton>
            </Actions>
            {refused}
        </Section>
    }
}

#[component]
fn Badges() -> impl IntoView {
    let roles = WorkspaceRole::ALL.into_iter().map(|role| view! { <RoleBadge role=role.name()/> }).collect_view();
    let states = Tone::ALL.into_iter().map(|tone| view! { <StatusBadge tone=tone text=format!("{tone:?}")/> }).collect_view();
    view! {
        <Section heading="Badges">
            <Actions>{roles}{states}</Actions>
        </Section>
    }
}

#[component]
fn Tables() -> impl IntoView {
    let columns = vec![
        Column::text("Workspace"),
        Column::text("Id"),
        Column::text("State"),
        Column::number("Members"),
        Column::text("Made"),
        Column::actions("Actions"),
    ];
    let rows = ["Payments", "A workspace whose name is as long as a name may be"]
        .into_iter()
        .map(|name| view! { <Row name=name/> })
        .collect_view();
    view! {
        <Section heading="Tables">
            <Table caption="Workspaces" columns=columns>{rows}</Table>
        </Section>
    }
}

#[component]
fn Row(name: &'static str) -> impl IntoView {
    view! {
        <tr>
            <th scope="row"><a href=paths::GALLERY>{name}</a></th>
            <td><Code value=ID label="Copy workspace id"/></td>
            <td><StatusBadge tone=Tone::Success text="Active"/></td>
            <td class="number">"1,204"</td>
            <td>
                <Time rfc3339="2026-01-31T09:30:00Z" absolute="31 January 2026, 09:30:00 UTC" shown="3 hours ago"/>
            </td>
            <td class="actions-cell">
                <Button kind=ButtonKind::Quiet button_type="button">"Restore"</Button>
            </td>
        </tr>
    }
}

#[component]
fn Facts() -> impl IntoView {
    view! {
        <Section heading="Description list">
            <DescriptionList>
                <Description term="Workspace id"><Code value=ID label="Copy workspace id"/></Description>
                <Description term="Your role"><RoleBadge role="admin"/></Description>
                <Description term="Team"><Named name="Northwind Traders" slug=Some("northwind-7f3k2q".to_owned())/></Description>
            </DescriptionList>
        </Section>
    }
}

#[component]
fn Emptiness() -> impl IntoView {
    view! {
        <Section heading="Empty states">
            <EmptyState
                icon=Icon::Workspaces
                title="No workspaces yet"
                explanation="A workspace keeps one product's members, keys and usage apart from the others."
            >
                <LinkButton href=paths::GALLERY kind=ButtonKind::Primary>"Create the first one"</LinkButton>
            </EmptyState>
        </Section>
    }
}

#[component]
fn Icons() -> impl IntoView {
    let icons =
        Icon::ALL.into_iter().map(|icon| view! { <li class="gallery-icon"><Glyph icon=icon/>{format!("{icon:?}")}</li> }).collect_view();
    view! {
        <Section heading="Icons">
            <ul class="gallery-icons">{icons}</ul>
        </Section>
    }
}

#[component]
fn Danger() -> impl IntoView {
    view! {
        <DangerZone>
            <DangerAct
                title="Archive this workspace"
                explanation="Calls stop at once. An owner can restore it within 30 days."
            >
                <LinkButton href=paths::GALLERY kind=ButtonKind::Danger>"Archive…"</LinkButton>
            </DangerAct>
            <DangerAct title="Leave this workspace" explanation="Someone else must be its owner first.">
                <Button
                    kind=ButtonKind::Danger
                    button_type="button"
                    disabled_because=Some("You are the only owner.".to_owned())
                >
                    "Leave"
                </Button>
            </DangerAct>
        </DangerZone>
    }
}
