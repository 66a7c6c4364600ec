//! The page of a place's posture: what holds, and the form that changes it.

use leptos::prelude::*;

use super::{Beside, entered, is_workspace, label, rules::InForce};
use crate::{
    error::FieldError,
    features::security::server::{Effective, Place, Settings},
    paths,
    ui::{
        Actions, Button, ButtonKind, Checkbox, Description, DescriptionList, ErrorSummary, Field, Form, Notice, PageHeader, Section, TextArea,
        Tone, error_of,
    },
};

/// What the page shows.
pub struct Shown {
    pub place: Place,
    pub settings: Settings,
    pub effective: Effective,
    pub may_change: bool,
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
    let what = if is_workspace(&shown.settings) { "What this workspace asks of whoever comes in." } else { "What this team asks of whoever comes in, to all of its workspaces." };
    let again = shown.asks_sign_in.then(|| view! { <AskSignIn back=shown.place.page()/> });
    let says = shown.says.clone().map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    let beside = shown.beside.clone().map(|(href, text)| view! { <p><a class="link" href=href>{text}</a></p> });
    let effective = shown.effective.clone();
    let settings = if shown.may_change { view! { <Edit shown=shown/> }.into_any() } else { view! { <Own settings=shown.settings/> }.into_any() };
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
    let Shown { place, settings, key, entered: fields, errors, .. } = shown;
    let value = |field| entered(&fields, field).to_owned();
    let problem = |field| error_of(&errors, field);
    let extras = is_workspace(&settings).then(|| {
        view! {
            <Field name="credential_days" label=label("credential_days") value=value("credential_days") help="1 to 366. New credentials cannot be given longer." error=problem("credential_days")/>
            <TextArea name="notify" label=label("notify") value=listed(&value("notify")) rows=3 optional=true help="Up to 10, one a line. They get what owners and admins are told about security, by mail." error=problem("notify")/>
        }
    });
    let summary = errors.clone();
    view! {
        <Section heading="Ask for" purpose="You are shown whom a change cuts off before it is made.">
            <ErrorSummary errors=summary/>
            <Form action=format!("{}/preview", place.page()) key=key place=place.slug>
                <input type="hidden" name="version" value=place.version/>
                <Field name="idle_minutes" label=label("idle_minutes") value=value("idle_minutes") optional=true help="5 to 43,200. A session that rested longer is over here. Empty: nothing of its own." error=problem("idle_minutes")/>
                <Field name="absolute_hours" label=label("absolute_hours") value=value("absolute_hours") optional=true help="1 to 2,160. A session older than that is over here, however busy. Empty: nothing of its own." error=problem("absolute_hours")/>
                <Checkbox name="require_multi_factor" label="Ask for a second factor" checked={value("require_multi_factor") == "yes"} help="The identity provider must say that one was used." error=problem("require_multi_factor")/>
                <TextArea name="allowed_networks" label=label("allowed_networks") value=listed(&value("allowed_networks")) rows=4 optional=true help="Up to 100, one a line, as 203.0.113.0/24 or 2001:db8::/32. Empty: from anywhere." error=problem("allowed_networks")/>
                {extras}
                <Actions><Button kind=ButtonKind::Primary>"Review the change"</Button></Actions>
            </Form>
        </Section>
    }
}

/// What is set here, for those who may read it alone.
#[component]
fn Own(settings: Settings) -> impl IntoView {
    let facts = settings
        .entered()
        .into_iter()
        .map(|(field, value)| {
            let value = if value.is_empty() { "not set".to_owned() } else { value };
            view! { <Description term=label(field)>{value}</Description> }
        })
        .collect_view();
    view! {
        <Section heading="Set here">
            <DescriptionList>{facts}</DescriptionList>
        </Section>
    }
}

/// One a line, as it is entered.
fn listed(value: &str) -> String {
    value.replace(", ", "\n")
}
