//! What stops with a workspace, or stopped: counted for the eye, and each thing by name.

use leptos::prelude::*;

use crate::{
    access::WorkspaceRole,
    features::workspaces::server::{Inventory, Stop, StopKind},
    ui::{Column, InventoryLine, Section, Table},
};

/// What is counted before the click: what stops, what stays, what comes back on restore.
pub fn lines(inventory: &Inventory) -> Vec<InventoryLine> {
    let members = inventory.of(StopKind::Member);
    let mut lines: Vec<InventoryLine> = WorkspaceRole::ALL
        .into_iter()
        .filter_map(|role| {
            let count = members.iter().filter(|member| member.detail == role.name()).count();
            (count > 0).then(|| InventoryLine::stops(number(count), losing(role, count)))
        })
        .collect();
    for kind in [
        StopKind::ApiKey,
        StopKind::McpClient,
        StopKind::Invitation,
        StopKind::SupportConsent,
        StopKind::Module,
        StopKind::AuditStream,
        StopKind::Entitlement,
    ] {
        let count = inventory.of(kind).len();
        if count > 0 {
            lines.push(InventoryLine::stops(number(count), ending(kind, count)));
        }
    }
    lines.push(InventoryLine::stays(1, "audit log, kept with all that happened"));
    lines.push(InventoryLine::returns(
        number(members.len()),
        if members.len() == 1 { "member with their role" } else { "members with their roles" },
    ));
    let modules = inventory.of(StopKind::Module).len();
    lines.push(InventoryLine::returns(number(modules), if modules == 1 { "module, switched on" } else { "modules, switched on" }));
    lines
}

fn losing(role: WorkspaceRole, count: usize) -> String {
    let one = count == 1;
    let who = match role {
        WorkspaceRole::Owner => {
            if one {
                "owner"
            } else {
                "owners"
            }
        }
        WorkspaceRole::Admin => {
            if one {
                "admin"
            } else {
                "admins"
            }
        }
        WorkspaceRole::Member => {
            if one {
                "member"
            } else {
                "members"
            }
        }
        WorkspaceRole::Readonly => {
            if one {
                "auditor"
            } else {
                "auditors"
            }
        }
    };
    format!("{who} {} access", if one { "loses" } else { "lose" })
}

fn ending(kind: StopKind, count: usize) -> &'static str {
    match (kind, count) {
        (StopKind::Member, 1) => "member is suspended",
        (StopKind::Member, _) => "members are suspended",
        (StopKind::Invitation, 1) => "pending invitation is revoked",
        (StopKind::Invitation, _) => "pending invitations are revoked",
        (StopKind::SupportConsent, 1) => "consent to support access ends",
        (StopKind::SupportConsent, _) => "consents to support access end",
        (StopKind::ApiKey, 1) => "API key is revoked",
        (StopKind::ApiKey, _) => "API keys are revoked",
        (StopKind::McpClient, 1) => "MCP token is revoked",
        (StopKind::McpClient, _) => "MCP tokens are revoked",
        (StopKind::Module, 1) => "module is switched off",
        (StopKind::Module, _) => "modules are switched off",
        (StopKind::AuditStream, 1) => "audit stream rests",
        (StopKind::AuditStream, _) => "audit streams rest",
        (StopKind::Entitlement, 1) => "exception to the plan ends",
        (StopKind::Entitlement, _) => "exceptions to the plan end",
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Everything by name, a table a kind; kinds of which there is nothing are left out.
#[component]
pub fn ByName(inventory: Inventory) -> impl IntoView {
    inventory
        .0
        .into_iter()
        .filter(|stopped| !stopped.things.is_empty())
        .map(|stopped| view! { <Things kind=stopped.kind things=stopped.things/> })
        .collect_view()
}

#[component]
fn Things(kind: StopKind, things: Vec<Stop>) -> impl IntoView {
    let (heading, purpose, detail) = match kind {
        StopKind::Member => {
            ("Members", "Suspended with the workspace; they come back with it, except where an end date has passed.", "Role")
        }
        StopKind::Invitation => ("Invitations", "Revoked. Whoever is still wanted is invited anew after a restore.", "Role"),
        StopKind::ApiKey => ("API keys", "Revoked for good. New ones are made after a restore.", "Scopes"),
        StopKind::McpClient => ("MCP clients", "Their tokens are revoked for good. New ones are made after a restore.", "Scopes"),
        StopKind::Module => ("Modules", "Switched off with the workspace; they come back with it. Their records stay.", "Switch"),
        StopKind::AuditStream => {
            ("Audit streams", "They rest with the workspace, and go on where they were when it comes back.", "Endpoint")
        }
        StopKind::Entitlement => {
            ("Exceptions to the plan", "Ended. Whoever runs this console can make them again after a restore.", "Reason")
        }
        StopKind::SupportConsent => ("Support access", "Ended. An owner can consent again after a restore.", "Reason"),
    };
    let name = match kind {
        StopKind::Member => "Person",
        StopKind::Invitation => "E-mail",
        StopKind::SupportConsent => "Consent of",
        StopKind::ApiKey => "Key",
        StopKind::McpClient => "Token",
        StopKind::Module => "Module",
        StopKind::AuditStream => "Stream",
        StopKind::Entitlement => "What",
    };
    let rows = things
        .into_iter()
        .map(|thing| {
            view! {
                <tr>
                    <th scope="row">{thing.name}</th>
                    <td>{thing.detail}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Section heading=heading purpose=purpose>
            <Table caption=heading columns=vec![Column::text(name), Column::text(detail)]>{rows}</Table>
        </Section>
    }
}
