//! The one page that shows a key's secret: the answer to the form that made it.

use leptos::prelude::*;

use super::connecting::Connecting;
use crate::{
    access::{AskWorkspace, workspace::ManageCredentials},
    error::AppError,
    features::api_keys::server::words,
    server::{
        credentials::Kind,
        http::{Page, Visit},
        rest::BASE,
        scope::InWorkspace,
    },
    ui::{Code, PageHeader, SecretOnce, Section, Steps},
};

/// Set in the address of a key's page where its form was sent twice.
const SHOWN: &str = "secret";

/// A secret that was just made, in clear.
pub struct Once {
    pub kind: Kind,
    pub title: String,
    pub purpose: &'static str,
    pub explanation: String,
    pub secret: String,
    /// The key's page.
    pub done: String,
}

/// Where the same form leads when it is sent again: the key's page, which then says that the secret was shown.
pub fn shown_before(key: &str) -> String {
    format!("{key}?{SHOWN}=shown")
}

pub fn was_shown<R>(visit: &Visit<R>) -> bool {
    visit.asked(SHOWN) == "shown"
}

pub async fn page(visit: Visit<InWorkspace<ManageCredentials>>, once: Once) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    let me = visit.scope.stoa().config.public_urls.console_url(&format!("{BASE}/me"));
    let (endpoint, slug) = (endpoint(&visit), visit.scope.workspace().slug.clone());
    visit.scope.close().await?;
    let begins = if once.kind == Kind::Mcp {
        view! { <Connecting endpoint=endpoint slug=slug/> }.into_any()
    } else {
        first_call(&format!("curl -H \"Authorization: Bearer $STOA_KEY\" {me}")).into_any()
    };
    Ok(Page::framed(once.title.clone(), surroundings, move || {
        view! {
            <PageHeader title=once.title purpose=once.purpose/>
            <SecretOnce label=words(once.kind).name value=once.secret explanation=once.explanation done=once.done/>
            {begins}
        }
    }))
}

/// Where agents connect to.
pub fn endpoint<R: AskWorkspace>(visit: &Visit<InWorkspace<R>>) -> String {
    visit.scope.stoa().config.public_urls.mcp_url(&visit.scope.workspace().slug).to_string()
}

fn first_call(call: &str) -> impl IntoView + use<> {
    let call = call.to_owned();
    view! {
            <Section heading="First call" purpose="In a shell. The key is read into a variable, so that it stays out of the history.">
                <Steps>
                    <li>"Run this, paste the key, and press Enter: "<Code value="read -rs STOA_KEY" label="Copy the command that reads the key"/></li>
                    <li>"The API then says who the key is: "<Code value=call label="Copy the first call"/></li>
                </Steps>
            </Section>
    }
}
