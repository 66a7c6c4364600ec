//! What needs somebody in the workspace now: a list of sentences, each with the place where it is mended.

mod keys;
mod spend;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    features::{
        api_keys::server::Concerned,
        audit_log::server::Refusals,
        billing::server::state::State as Spend,
        invitations::server::{PATIENCE_DAYS, Waiting},
        modules::server::Refused,
    },
    numbers::grouped,
    paths,
    server::Reader,
    ui::{Concern, Concerns, Remedy, Section, Time, Tone, plural},
};

/// What the features know, as far as the reader may see it.
pub struct Facts {
    pub keys: Vec<Concerned>,
    pub spend: Spend,
    pub modules: Vec<Refused>,
    /// None for whom invitations do not concern.
    pub invitations: Option<Waiting>,
    /// None for whoever may not read the log.
    pub refusals: Option<Refusals>,
}

/// Where it is, and who looks.
pub struct Place {
    pub slug: String,
    pub tenant_slug: String,
    /// Whether the account's billing is the reader's to see.
    pub sees_billing: bool,
}

/// One sentence around a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    tone: Tone,
    before: String,
    at: Option<DateTime<Utc>>,
    after: String,
    remedy: Option<Remedy>,
}

impl Item {
    fn new(tone: Tone, before: impl Into<String>, at: Option<DateTime<Utc>>, after: impl Into<String>) -> Self {
        Self { tone, before: before.into(), at, after: after.into(), remedy: None }
    }

    fn mended_at(mut self, href: String, says: &'static str) -> Self {
        self.remedy = Some(Remedy { href, says, is_fetched_ahead: true });
        self
    }
}

/// The gravest first.
pub fn items(facts: &Facts, place: &Place) -> Vec<Item> {
    let called = facts.refusals.as_ref().map(|refusals| refusals.keys.as_slice()).unwrap_or_default();
    let mut items = spend::paused(&facts.spend, place);
    items.extend(keys::items(&facts.keys, called, place));
    items.extend(facts.modules.iter().map(|refused| module(refused, place)));
    items.extend(spend::near(&facts.spend, place));
    items.extend(facts.invitations.iter().flat_map(|waiting| invitations(waiting, place)));
    items.extend(facts.refusals.as_ref().and_then(|refusals| refused(refusals, place)));
    items.sort_by_key(|item| match item.tone {
        Tone::Danger => 0,
        Tone::Warning => 1,
        _ => 2,
    });
    items
}

fn module(refused: &Refused, place: &Place) -> Item {
    let name = &refused.state.module.manifest.name;
    let who = match refused.keys.as_slice() {
        [only] => format!("The key “{}” holds scopes of it, and its calls there are refused.", only.name),
        many => format!("{} keys hold scopes of it, and their calls there are refused.", many.len()),
    };
    let item = match (refused.state.is_entitled(), refused.since) {
        (true, Some(since)) => Item::new(Tone::Warning, format!("{name} was switched off "), Some(since), format!(". {who}")),
        (true, None) => Item::new(Tone::Warning, format!("{name} is switched off. {who}"), None, ""),
        (false, _) => Item::new(Tone::Warning, format!("This account is not entitled to {name}. {who}"), None, ""),
    };
    item.mended_at(paths::module(&place.slug, refused.state.module.key()), "Module")
}

fn invitations(waiting: &Waiting, place: &Place) -> Vec<Item> {
    let counted = |count| format!("{} {}", grouped(count), plural(count, "invitation"));
    let expired = (waiting.expired > 0).then(|| {
        let first = if waiting.expired == 1 { "" } else { ", the first" };
        Item::new(Tone::Info, format!("{} expired without an answer{first} ", counted(waiting.expired)), waiting.expired_since, ".")
    });
    let unanswered = (waiting.unanswered > 0).then(|| {
        let (has, link) = if waiting.unanswered == 1 { ("has", "its link") } else { ("have", "the first link") };
        let before =
            format!("{} {has} waited for an answer for {PATIENCE_DAYS} days or more; {link} expires ", counted(waiting.unanswered));
        Item::new(Tone::Info, before, waiting.ends_at, ".")
    });
    let items = expired.into_iter().chain(unanswered);
    items.map(|item| item.mended_at(paths::invitations(&place.slug), "Invitations")).collect()
}

fn refused(refusals: &Refusals, place: &Place) -> Option<Item> {
    let last = refusals.last.filter(|_| refusals.times > 0)?;
    let (requests, last_of) = if refusals.times == 1 { ("request was", ":") } else { ("requests were", ", the last one") };
    let before = format!("{} {requests} refused in the last 24 hours{last_of} ", grouped(refusals.times));
    let href = paths::asking(&paths::audit_log(&place.slug), &[("outcome", "denied")]);
    // A search of the log is written down there, so it is not made before somebody wants it.
    let remedy = Remedy { href, says: "Refusals in the log", is_fetched_ahead: false };
    Some(Item { remedy: Some(remedy), ..Item::new(Tone::Info, before, Some(last), ".") })
}

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Attention(items: Vec<Item>, reader: Reader) -> impl IntoView {
    if items.is_empty() {
        return view! { <Section heading="What needs you"><p class="muted">"Nothing needs you here now."</p></Section> }.into_any();
    }
    let concerns = items
        .into_iter()
        .map(|item| {
            let at = item.at.map(|at| reader.shown(at));
            let at = at.map(|at| view! { <Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/> });
            view! { <Concern tone=item.tone remedy=item.remedy>{item.before}{at}{item.after}</Concern> }
        })
        .collect_view();
    view! { <Section heading="What needs you"><Concerns label="What needs you">{concerns}</Concerns></Section> }.into_any()
}
