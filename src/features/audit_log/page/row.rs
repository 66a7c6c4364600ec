//! One row of a log: everything that was written of it, and the ways to what is around it.

use leptos::prelude::*;

use super::{changes, list::OutcomeBadge, proof::Proof};
use crate::{
    features::audit_log::server::{Entry, LINE, Proven, Qualifier, spelt},
    paths,
    server::{Reader, events::EventKind},
    ui::{Actions, Changes, Code, Description, DescriptionList, Icon, LinkButton, Notice, PageHeader, Section, Time, Tone},
};

/// A fact of the row, where there is one.
pub struct Fact {
    term: &'static str,
    value: String,
    /// Taken elsewhere letter by letter: shown to be copied.
    is_code: bool,
}

impl Fact {
    fn said(term: &'static str, value: Option<&String>) -> Option<Self> {
        Some(Self { term, value: value?.clone(), is_code: false })
    }

    fn code(term: &'static str, value: Option<String>) -> Option<Self> {
        Some(Self { term, value: value?, is_code: true })
    }

    /// All that a row says, in the order in which people ask: who, how, what, from where, and the proof.
    pub fn of(entry: &Entry) -> Vec<Self> {
        let facts = [
            Self::said("Actor", Some(&entry.actor_name)),
            Self::said("Actor type", Some(&entry.actor_type)),
            Self::code("Actor id", Some(entry.actor_id.clone())),
            Self::said("On behalf of", entry.on_behalf_of_name.as_ref()),
            Self::code("On behalf of id", entry.on_behalf_of_id.clone()),
            Self::code("Credential", entry.credential_id.clone()),
            Self::said("Client", entry.client.as_ref()),
            Self::said("Channel", Some(&entry.channel)),
            Self::said("Route", entry.route.as_ref()),
            Self::said("Target", entry.target_name.as_ref()),
            Self::said("Target type", Some(&entry.target_type)),
            Self::code("Target id", Some(entry.target_id.clone())),
            Self::said("Reason", entry.reason.as_ref()),
            Self::code("Request id", entry.request_id.clone()),
            Self::said("Caller's own request id", entry.client_request_id.as_ref()),
            Self::said("IP address", entry.ip.as_ref()),
            Self::said("User agent", entry.user_agent.as_ref()),
            Self::code("Keyed hash of the input", entry.input()),
            Self::code("Row id", Some(entry.id.to_string())),
            Self::said("Leaf version", Some(&entry.leaf_version.to_string())),
            Self::code("Leaf hash", Some(entry.leaf())),
        ];
        facts.into_iter().flatten().collect()
    }
}

/// What the page shows, loaded already.
pub struct Row {
    /// The list's own address.
    pub address: String,
    pub facts: Vec<Fact>,
    pub entry: Entry,
    pub proven: Proven,
    pub reader: Reader,
}

impl Row {
    pub fn view(self) -> impl IntoView {
        let Self { address, facts, entry, proven, reader } = self;
        let says = EventKind::named(&entry.action).map_or("A row of the audit log.", EventKind::says);
        let at = reader.shown(entry.occurred_at);
        let facts = facts.into_iter().map(fact).collect_view();
        let signed = proven.standing.as_ref().and_then(|standing| standing.signed_at).map(|at| reader.shown(at));
        let proof = paths::audit_proof(&address, entry.id);
        let around = Around { address, entry: &entry }.links();
        let erased = entry.erased.as_deref().filter(|fields| !fields.is_empty()).map(|fields| fields.join(", "));
        view! {
            <PageHeader title=entry.action.clone() purpose=says/>
            <DescriptionList>
                <Description term="Time">
                    <Time rfc3339=at.rfc3339 absolute=at.absolute.clone() shown=at.relative/>" · "{at.absolute}
                </Description>
                <Description term="Outcome"><OutcomeBadge outcome=entry.outcome/></Description>
            </DescriptionList>
            {erased.map(|fields| view! { <Erased fields=fields/> })}
            <FieldDiff changes=entry.changes/>
            <Section heading="The whole row">
                <DescriptionList>{facts}</DescriptionList>
            </Section>
            <Proof proven=proven signed=signed download=proof/>
            <Section heading="Around this row">
                <Actions>{around}</Actions>
            </Section>
        }
    }
}

fn fact(fact: Fact) -> impl IntoView {
    let Fact { term, value, is_code } = fact;
    let value = if is_code {
        let label = format!("Copy: {term}");
        view! { <Code value=value label=label/> }.into_any()
    } else {
        value.into_any()
    };
    view! { <Description term=term>{value}</Description> }
}

/// What the row said of a person, and does not any more.
#[component]
fn Erased(fields: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Neutral>
            {format!("A person's values were erased from this row: {fields}. What stands for each in the row's leaf stays, so that the row is still proven.")}
        </Notice>
    }
}

#[component]
fn FieldDiff(changes: Option<String>) -> impl IntoView {
    let Some(changes) = changes else { return ().into_any() };
    let table = match changes::read(&changes) {
        Some(rows) => view! { <Changes rows=rows/> }.into_any(),
        None => view! { <p><code>{changes}</code></p> }.into_any(),
    };
    view! { <Section heading="Changes" purpose="Secrets are never written down.">{table}</Section> }.into_any()
}

/// The lists that this row is one of.
struct Around<'a> {
    address: String,
    entry: &'a Entry,
}

impl Around<'_> {
    fn links(&self) -> impl IntoView + use<> {
        let request = self.entry.request_id.as_deref().map(|id| self.link(Qualifier::Request, id, "All of this request"));
        let actor = self.link(Qualifier::Actor, &self.entry.actor_id, "All by this actor");
        let target = self.link(Qualifier::Target, &self.entry.target_id, "All about this target");
        let credential = self.entry.credential_id.as_deref().map(|id| self.link(Qualifier::Credential, id, "All with this credential"));
        let list = self.address.clone();
        view! {
            {request}
            {actor}
            {target}
            {credential}
            <LinkButton href=list icon=Icon::Audit>"The whole log"</LinkButton>
        }
    }

    fn link(&self, asks: Qualifier, value: &str, label: &'static str) -> impl IntoView + use<> {
        let href = paths::asking(&self.address, &[(LINE, &spelt(asks, value))]);
        view! { <LinkButton href=href>{label}</LinkButton> }
    }
}
