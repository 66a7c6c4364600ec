//! How often a key may call, and how much it may spend.

use leptos::prelude::*;

use crate::{
    features::api_keys::server::CALLS_MAX,
    paths,
    ui::{Actions, Button, Description, DescriptionList, Field, Form, Section},
};

/// What everyone is told who may see the key.
#[derive(Clone, Debug)]
pub struct Limits {
    pub slug: String,
    pub page: String,
    /// What it is called in a sentence.
    pub noun: &'static str,
    /// Its id.
    pub key: String,
    pub of_key: Option<i32>,
    /// Of the whole workspace; none for any number.
    pub of_workspace: Option<u32>,
    pub form: Option<LimitForm>,
}

/// What whoever manages keys can change.
#[derive(Clone, Debug)]
pub struct LimitForm {
    pub form_key: String,
    pub version: i64,
    /// As entered; empty for no limit of its own.
    pub value: String,
    pub problem: Option<String>,
}

#[component]
pub fn LimitSection(limits: Limits) -> impl IntoView {
    let Limits { slug, page, noun, key, of_key, of_workspace, form } = limits;
    let own = of_key.map_or_else(|| "as often as the workspace".to_owned(), |calls| format!("{calls} a minute"));
    let workspace =
        of_workspace.map_or_else(|| "any number".to_owned(), |calls| format!("{calls} a minute, with all its keys and tokens together"));
    let cap = paths::asking(&paths::spend(&slug), &[("of", &key)]);
    let action = format!("{page}/limits");
    let (this, spend) = (format!("This {noun}"), format!("Spend and cap of this {noun}"));
    view! {
        <Section heading="Limits" purpose="A call beyond a limit is answered 429, and says when there is room again.">
            <DescriptionList>
                <Description term=this>{own}</Description>
                <Description term="The workspace">{workspace}</Description>
                <Description term="Spend"><a class="link" href=cap>{spend}</a></Description>
            </DescriptionList>
            {form.map(|form| view! { <SetLimit action=action place=slug form=form/> })}
        </Section>
    }
}

#[component]
fn SetLimit(action: String, place: String, form: LimitForm) -> impl IntoView {
    let help = format!("A whole number from 1 to {CALLS_MAX}. Empty: as often as the workspace. It holds on the next call.");
    view! {
        <Form action=action key=form.form_key place=place>
            <input type="hidden" name="version" value=form.version/>
            <Field name="calls_per_minute" label="Calls a minute" value=form.value maxlength=7 optional=true help=help error=form.problem/>
            <Actions><Button>"Save limit"</Button></Actions>
        </Form>
    }
}
