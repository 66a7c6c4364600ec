//! How far a reduction has come, and the list of the newest ones.

use leptos::prelude::*;

use crate::{
    features::{reductions::server::Reduction, storage::server::sized},
    numbers::grouped,
    paths,
    server::Reader,
    ui::{Actions, Button, ButtonKind, Column, Description, DescriptionList, Form, LinkButton, Notice, Section, Table, Time, Tone},
};

fn says(status: &str) -> &'static str {
    match status {
        "running" => "Running",
        "done" => "Done",
        "stopped" => "Stopped",
        _ => "Failed",
    }
}

fn what(reduction: &Reduction) -> String {
    let act = if reduction.act == "purge" { "Purge" } else { "Archive" };
    format!("{act}: {}", reduction.resource.replace('_', " "))
}

fn time(reader: &Reader, at: chrono::DateTime<chrono::Utc>) -> impl IntoView + use<> {
    let shown = reader.shown(at);
    view! { <Time rfc3339=shown.rfc3339 absolute=shown.absolute shown=shown.relative/> }
}

/// `stopping` is the key of the form that stops it; none for whoever may not.
pub fn one(slug: &str, reduction: &Reduction, stopping: Option<String>, reader: &Reader) -> impl IntoView + use<> {
    let looked_at = reduction.done + reduction.kept;
    let counted = format!("{} of {} records", grouped(looked_at), grouped(reduction.expected.max(looked_at)));
    let (value, max) = (looked_at.to_string(), reduction.expected.max(1).to_string());
    let reason = reduction.reason.clone().map(|reason| view! { <Notice tone=Tone::Warning>{reason}</Notice> });
    let before = reader.shown(reduction.before).absolute;
    let kept = (reduction.kept > 0).then(|| {
        let kept = grouped(reduction.kept);
        view! { <Description term="Refused by the module's rules">{kept}</Description> }
    });
    let ended = reduction.ended_at.map(|at| {
        let ended = time(reader, at);
        view! { <Description term="Ended">{ended}</Description> }
    });
    let began = time(reader, reduction.started_at);
    let (status, asked_by) = (says(&reduction.status), reduction.asked_by.clone());
    let (parts, freed) = (grouped(reduction.parts), sized(reduction.freed_bytes));
    // For whoever looks; stopping is for fewer.
    let refresh = reduction.is_running().then(|| {
        let address = paths::reduction(slug, reduction.id);
        view! { <Actions><LinkButton href=address>"Refresh"</LinkButton></Actions> }
    });
    let stop = stopping.filter(|_| reduction.is_running()).map(|key| {
        view! {
            <Form action=paths::stop_reduction(slug, reduction.id) key=key place=slug.to_owned()>
                <Actions><Button kind=ButtonKind::Danger>"Stop"</Button></Actions>
            </Form>
        }
    });
    let rules = reduction.rule.map(|_| {
        let says = "A retention rule began it, and begins it again on another day unless the rule is changed or removed. ";
        view! { <p class="muted">{says}<a class="link" href=paths::record_retention(slug)>"Record retention"</a></p> }
    });
    view! {
        {reason}
        <Section heading=what(reduction)>
            <p class="usage-bar">
                <progress class="usage-bar-progress" value=value max=max aria-label="Records looked at"></progress>
                <span>{counted}</span>
            </p>
            <DescriptionList>
                <Description term="Status"><strong>{status}</strong></Description>
                <Description term="Of what is older than">{before}</Description>
                <Description term="Records that went with them">{parts}</Description>
                <Description term="Freed">{freed}</Description>
                {kept}
                <Description term="Asked for by">{asked_by}</Description>
                <Description term="Began">{began}</Description>
                {ended}
            </DescriptionList>
            {rules}
            {refresh}
            {stop}
        </Section>
    }
}

/// Nothing where there was none yet.
pub fn recent(slug: &str, reductions: &[Reduction], reader: &Reader) -> impl IntoView + use<> {
    if reductions.is_empty() {
        return ().into_any();
    }
    let rows = reductions
        .iter()
        .map(|reduction| {
            let address = paths::reduction(slug, reduction.id);
            view! {
                <tr>
                    <th scope="row"><a class="link" href=address>{what(reduction)}</a></th>
                    <td>{says(&reduction.status)}</td>
                    <td class="number">{format!("{} of {}", grouped(reduction.done), grouped(reduction.expected))}</td>
                    <td class="number">{sized(reduction.freed_bytes)}</td>
                    <td>{time(reader, reduction.started_at)}</td>
                </tr>
            }
        })
        .collect_view();
    let columns =
        vec![Column::text("What"), Column::text("Status"), Column::number("Records"), Column::number("Freed"), Column::text("Began")];
    view! {
        <Section heading="Reductions" purpose="The newest ones. What each did is in the audit log.">
            <Table caption="Reductions" columns=columns>{rows}</Table>
        </Section>
    }
    .into_any()
}
