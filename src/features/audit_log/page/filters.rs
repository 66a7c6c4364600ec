//! The bar that narrows the list down, and what it says of itself.

use leptos::prelude::*;

use crate::{
    features::audit_log::server::{Asked, LINE, LINE_MAX, Within},
    paths,
    server::events::{EventKind, LogKind, Outcome},
    ui::{Choice, FilterBar, FilterField, FilterLine, FilterProblems, FilterSelect},
};

/// What the field of the line says below itself.
const HELP: &str = "Words, and actor: action: target: credential: channel: outcome: module: request: ip: before: after: with a value behind. \
                    A - in front leaves out, quotes hold words together. Paste an API key, an MCP token or a request id to see what was done with it.";

/// What the bar shows. `address` is the list's own, without a query; the form is that of this rendering.
pub struct Bar {
    pub asked: Asked,
    pub address: String,
    pub log: LogKind,
    pub form_key: String,
    pub place: String,
}

#[component]
pub fn Filters(bar: Bar) -> impl IntoView {
    let Bar { asked, address, log, form_key, place } = bar;
    let clear = (!asked.filter.is_empty() || !asked.problems.is_empty()).then(|| address.clone());
    let problems = asked.problems.clone();
    let entered = move |name| asked.entered(name);
    view! {
        <FilterProblems says="The list is not narrowed down by what could not be understood" problems=problems/>
        <FilterBar action=paths::audit_search(&address) clear=clear form=Some((form_key, place))>
            <FilterLine name=LINE label="Search" value=entered(LINE) help=HELP maxlength=LINE_MAX/>
            <FilterField name="actor" label="Actor: id or part of the name" value=entered("actor")/>
            <FilterSelect name="action" label="Action" choices=actions(log, &entered("action")) value=entered("action")/>
            <FilterField name="target" label="Target: id or part of the name" value=entered("target")/>
            <FilterSelect name="outcome" label="Outcome" choices=outcomes() value=entered("outcome")/>
            <FilterField name="request" label="Request id" value=entered("request")/>
            <FilterSelect name="range" label="Time" choices=ranges() value=entered("range")/>
            <FilterField name="from" label="From" value=entered("from") kind="date"/>
            <FilterField name="to" label="To" value=entered("to") kind="date"/>
        </FilterBar>
    }
}

/// Stretches of days up to now.
pub fn ranges() -> Vec<Choice> {
    let known = Within::ALL.into_iter().map(|within| Choice::new(within.name(), within.says()));
    std::iter::once(Choice::new("", "Any time")).chain(known).collect()
}

/// Every event that such a log can hold, after the noun that holds them all. What a link names beside them stays chosen.
fn actions(log: LogKind, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "Any")];
    let mut noun = "";
    for kind in EventKind::every().filter(|kind| kind.is_of(log)) {
        let name = kind.name();
        let of = name.split('.').next().unwrap_or_default();
        if of != noun {
            noun = of;
            choices.push(Choice::new(format!("{noun}."), format!("{noun}: all")));
        }
        choices.push(Choice::new(name, name));
    }
    if choices.iter().all(|choice| choice.value != chosen) {
        choices.push(Choice::new(chosen, chosen));
    }
    choices
}

fn outcomes() -> Vec<Choice> {
    let known = Outcome::ALL.into_iter().map(|outcome| Choice::new(outcome.name(), outcome.name()));
    std::iter::once(Choice::new("", "Any")).chain(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(log: LogKind, chosen: &str) -> Vec<String> {
        actions(log, chosen).into_iter().map(|choice| choice.value).collect()
    }

    #[test]
    fn every_action_can_be_chosen_once_under_its_noun() {
        let mut offered = values(LogKind::Workspace, "");
        assert!(offered.windows(2).any(|pair| pair == ["member.", "member.added"]), "{offered:?}");
        let all = offered.len();
        offered.sort_unstable();
        offered.dedup();
        assert_eq!(offered.len(), all, "a noun stands in two places of the registry");
        assert_eq!(values(LogKind::Workspace, "record.contact.").last().map(String::as_str), Some("record.contact."));
    }

    #[test]
    fn a_log_offers_what_can_stand_in_it() {
        let (account, workspace) = (values(LogKind::Tenant, ""), values(LogKind::Workspace, ""));
        let has = |offered: &[String], name: &str| offered.iter().any(|value| value == name);
        for name in ["tenant.", "tenant.member_added", "workspace.transferred", "audit_log.exported"] {
            assert!(has(&account, name), "{name}: {account:?}");
        }
        for name in ["member.", "member.added", "workspace.renamed", "api_key.", "session.started", "user.updated", "invitation.created"] {
            assert!(!has(&account, name), "{name}: {account:?}");
        }
        assert!(has(&workspace, "workspace.renamed") && !has(&workspace, "tenant.renamed"), "{workspace:?}");
        let nowhere: Vec<_> = EventKind::ALL.iter().filter(|kind| !LogKind::ALL.iter().any(|log| kind.is_of(*log))).collect();
        assert!(nowhere.is_empty(), "{nowhere:?}");
    }
}
