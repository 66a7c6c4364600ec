//! The page of a place's posture: what holds, and the form that changes it.

use leptos::prelude::*;

use super::{Beside, entered, is_workspace, label, rules::InForce};
use crate::{
    error::FieldError,
    features::security::server::{Effective, Place, Settings},
    paths,
    ui::{
        Actions, Button, ButtonKind, Checkbox, Description, DescriptionList, ErrorSummary, Field, Form, LinkButton, Notice, PageHeader,
        Section, TextArea, Tone, error_of,
    },
};

/// What the page shows.
pub struct Shown {
    pub place: Place,
    pub settings: Settings,
    pub effective: Effective,
    pub may_change: bool,
    /// The networks and the second factor too.
    pub may_limit_entry: bool,
    /// A change will ask for a newer sign-in than theirs.
    pub asks_sign_in: bool,
    pub key: String,
    /// What stands in the fields.
    pub entered: Vec<(&'static str, String)>,
    pub errors: Vec<FieldError>,
    pub says: Option<String>,
    pub beside: Beside,
}

pub fn page(shown: Shown) -> impl IntoView {
    let what = if is_workspace(&shown.settings) {
        "What this workspace asks of whoever comes in."
    } else {
        "What this team asks of whoever comes in, to all of its workspaces."
    };
    let again = shown.asks_sign_in.then(|| view! { <AskSignIn back=shown.place.page()/> });
    let says = shown.says.clone().map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    let beside = shown.beside.clone().map(|(href, text)| view! { <Actions><LinkButton href=href>{text}</LinkButton></Actions> });
    let effective = shown.effective.clone();
    let settings =
        if shown.may_change { view! { <Edit shown=shown/> }.into_any() } else { view! { <Own settings=shown.settings/> }.into_any() };
    view! {
        <PageHeader title="Security" purpose=what/>
        {says}
        {again}
        <InForce effective=effective/>
        {settings}
        {beside}
    }
}

/// Said before anything is entered, so that nothing entered is lost on the way.
#[component]
fn AskSignIn(back: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Info>
            "Changing these asks for a recent sign-in. "
            <a class="link" href=paths::sign_in_anew(&back) data-no-prefetch="">"Sign in again"</a>
            " first, and you come back here."
        </Notice>
    }
}

#[component]
fn Edit(shown: Shown) -> impl IntoView {
    let Shown { place, settings, key, entered: fields, errors, may_limit_entry, .. } = shown;
    let of = |field| (entered(&fields, field).to_owned(), error_of(&errors, field));
    let (idle, absolute) = (of("idle_minutes"), of("absolute_hours"));
    let limits = if may_limit_entry {
        view! { <EditLimits factor=of("require_multi_factor") networks=of("allowed_networks")/> }.into_any()
    } else {
        view! { <KeptLimits stored=settings.entered()/> }.into_any()
    };
    let extras = is_workspace(&settings).then(|| view! { <EditExtras days=of("credential_days") notify=of("notify")/> });
    view! {
        <Section heading="Ask for" purpose="You are shown whom a change cuts off before it is made.">
            <ErrorSummary errors=errors.clone()/>
            <Form action=format!("{}/preview", place.page()) key=key place=place.slug>
                <input type="hidden" name="version" value=place.version/>
                <Field name="idle_minutes" label=label("idle_minutes") value=idle.0 optional=true help="5 to 43,200. A session that rested longer is over here. Empty: nothing of its own." error=idle.1/>
                <Field name="absolute_hours" label=label("absolute_hours") value=absolute.0 optional=true help="1 to 2,160. A session older than that is over here, however busy. Empty: nothing of its own." error=absolute.1/>
                {limits}
                {extras}
                <Actions><Button kind=ButtonKind::Primary>"Review the change"</Button></Actions>
            </Form>
        </Section>
    }
}

/// A field's value, and what is wrong with it.
type Entry = (String, Option<String>);

#[component]
fn EditLimits(factor: Entry, networks: Entry) -> impl IntoView {
    let asks_factor = factor.0 == "yes";
    view! {
        <Checkbox name="require_multi_factor" label="Ask for a second factor" checked=asks_factor help="The identity provider must say that one was used." error=factor.1/>
        <TextArea name="allowed_networks" label=label("allowed_networks") value=listed(&networks.0) rows=4 optional=true help="Up to 100, one a line, as 203.0.113.0/24 or 2001:db8::/32. Empty: from anywhere." error=networks.1/>
    }
}

/// The same as text, for those who change the rest alone. The form carries them as they are.
#[component]
fn KeptLimits(stored: Vec<(&'static str, String)>) -> impl IntoView {
    let limits: Vec<_> = stored.into_iter().filter(|(field, _)| matches!(*field, "require_multi_factor" | "allowed_networks")).collect();
    let hidden = limits.iter().cloned().map(|(field, value)| view! { <input type="hidden" name=field value=value/> }).collect_view();
    view! {
        <DescriptionList>{facts(limits)}</DescriptionList>
        <p class="muted">"Only an owner of this workspace changes these two: they decide who gets in at all, owners too."</p>
        {hidden}
    }
}

#[component]
fn EditExtras(days: Entry, notify: Entry) -> impl IntoView {
    view! {
        <Field name="credential_days" label=label("credential_days") value=days.0 help="1 to 366. New credentials cannot be given longer." error=days.1/>
        <TextArea name="notify" label=label("notify") value=listed(&notify.0) rows=3 optional=true help="Up to 10, one a line. They are mailed when these settings change, and when support access is given or used." error=notify.1/>
    }
}

/// What is set here, for those who may read it alone.
#[component]
fn Own(settings: Settings) -> impl IntoView {
    view! {
        <Section heading="Set here">
            <DescriptionList>{facts(settings.entered())}</DescriptionList>
        </Section>
    }
}

fn facts(values: Vec<(&'static str, String)>) -> impl IntoView {
    let fact = |(field, value): (&'static str, String)| {
        let value = if value.is_empty() { "not set".to_owned() } else { value };
        view! { <Description term=label(field)>{value}</Description> }
    };
    values.into_iter().map(fact).collect_view()
}

/// One a line, as it is entered.
fn listed(value: &str) -> String {
    value.replace(", ", "\n")
}
