//! The bars that narrow figures and events down, and what they say of themselves.

use leptos::prelude::*;

use crate::{
    features::usage::server::{Asked, By, CLIENT, Channel, Choices, EventsAsked, Grain, NONE, OTHERS, PREVIOUS, RANGES},
    ids::{ApiKeyId, UserId},
    server::{modules, plans::Dimension},
    ui::{Choice, FilterBar, FilterField, FilterProblems, FilterSelect},
};

const LEFT_OUT: &str = "Something could not be understood, and is left out";

/// `address` is the page's own, without a query.
#[component]
pub fn FigureFilters(asked: Asked, choices: Choices, address: String, sees_money: bool) -> impl IntoView {
    let clear = (!asked.parts().is_empty() || !asked.problems.is_empty()).then(|| address.clone());
    let (range, by, problems) = (asked.range(), asked.by.name(), asked.problems.clone());
    let compare = if asked.compares { PREVIOUS } else { "" };
    let of = move |name| asked.entered(name);
    let measure = if of("measure") == "amount" { "amount" } else { "" };
    let compared = vec![Choice::new("", "Nothing"), Choice::new(PREVIOUS, "As long before")];
    let measures = vec![Choice::new("", "Events"), Choice::new("amount", "Amount")];
    view! {
        <FilterProblems says=LEFT_OUT problems=problems/>
        <FilterBar action=address clear=clear>
            <FilterSelect name="range" label="Time" choices=ranges() value=range/>
            <FilterField name="from" label="From" value=of("from") kind="date"/>
            <FilterField name="to" label="To" value=of("to") kind="date"/>
            <FilterSelect name="grain" label="By" choices=grains() value=of("grain")/>
            <FilterSelect name="by" label="Split by" choices=splits() value=by/>
            <FilterSelect name="dimension" label="Dimension" choices=dimensions() value=of("dimension")/>
            <FilterSelect name="module" label="Module" choices=modules_of() value=of("module")/>
            <FilterSelect name="credential" label="Credential" choices=keys(choices.credentials, &of("credential")) value=of("credential")/>
            <FilterSelect name="member" label="Member" choices=people(choices.members, &of("member")) value=of("member")/>
            <FilterSelect name="operation" label="Operation" choices=operations(choices.operations, &of("operation")) value=of("operation")/>
            <FilterSelect name="channel" label="Channel" choices=channels() value=of("channel")/>
            <FilterSelect name="compare" label="Compare with" choices=compared value=compare/>
            {sees_money.then(|| view! { <FilterSelect name="measure" label="Chart" choices=measures value=measure/> })}
        </FilterBar>
    }
}

/// The same for events. `address` is the list's own, without a query.
#[component]
pub fn EventFilters(asked: EventsAsked, choices: Choices, address: String) -> impl IntoView {
    let clear = asked.is_narrowed().then(|| address.clone());
    let problems = asked.problems.clone();
    let of = move |name| asked.entered(name);
    view! {
        <FilterProblems says=LEFT_OUT problems=problems/>
        <FilterBar action=address clear=clear>
            <FilterField name="from" label="From: a day or a time" value=of("from")/>
            <FilterField name="to" label="To: a day or a time" value=of("to")/>
            <FilterSelect name="dimension" label="Dimension" choices=dimensions() value=of("dimension")/>
            <FilterSelect name="module" label="Module" choices=modules_of() value=of("module")/>
            <FilterSelect name="credential" label="Credential" choices=keys(choices.credentials, &of("credential")) value=of("credential")/>
            <FilterSelect name="member" label="Member" choices=people(choices.members, &of("member")) value=of("member")/>
            <FilterSelect name="operation" label="Operation" choices=operations(choices.operations, &of("operation")) value=of("operation")/>
            <FilterSelect name="channel" label="Channel" choices=channels() value=of("channel")/>
        </FilterBar>
    }
}

fn ranges() -> Vec<Choice> {
    RANGES.into_iter().map(|(word, label)| Choice::new(word, label)).collect()
}

fn grains() -> Vec<Choice> {
    let named = Grain::ALL.map(|grain| Choice::new(grain.name(), capitalised(grain.name())));
    std::iter::once(Choice::new("", "What fits")).chain(named).collect()
}

fn splits() -> Vec<Choice> {
    let named = By::ALL.map(|by| Choice::new(by.name(), if by == By::Nothing { "Nothing".to_owned() } else { capitalised(by.name()) }));
    named.into_iter().chain([Choice::new(CLIENT, "MCP client")]).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn dimensions() -> Vec<Choice> {
    std::iter::once(Choice::new("", "Any")).chain(Dimension::ALL.map(|dimension| Choice::new(dimension.name(), dimension.says()))).collect()
}

fn channels() -> Vec<Choice> {
    std::iter::once(Choice::new("", "Any")).chain(Channel::ALL.map(|channel| Choice::new(channel.name(), channel.says()))).collect()
}

fn modules_of() -> Vec<Choice> {
    let known = modules::list().iter().map(|module| Choice::new(module.key(), module.manifest.name.clone()));
    [Choice::new("", "Any"), Choice::new(NONE, "Control plane")].into_iter().chain(known).collect()
}

/// Those that used something; one that is asked for beside them stays chosen.
fn beside(first: Vec<Choice>, known: impl Iterator<Item = Choice>, chosen: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = std::iter::once(Choice::new("", "Any")).chain(first).chain(known).collect();
    if choices.iter().all(|choice| choice.value != chosen) {
        choices.push(Choice::new(chosen, chosen));
    }
    choices
}

fn keys(credentials: Vec<(ApiKeyId, String)>, chosen: &str) -> Vec<Choice> {
    let known = credentials.into_iter().map(|(id, name)| Choice::new(id.to_string(), name));
    beside(vec![Choice::new(NONE, "No credential")], known, chosen)
}

fn people(members: Vec<(UserId, String)>, chosen: &str) -> Vec<Choice> {
    let known = members.into_iter().map(|(id, name)| Choice::new(id.to_string(), name));
    beside(vec![Choice::new(OTHERS, "Everybody else"), Choice::new(NONE, "No member")], known, chosen)
}

fn operations(operations: Vec<String>, chosen: &str) -> Vec<Choice> {
    beside(Vec::new(), operations.into_iter().map(|name| Choice::new(name.clone(), name)), chosen)
}
