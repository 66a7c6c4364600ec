//! The one page that shows a key's secret: the answer to the form that made it.

use leptos::prelude::*;

use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    server::{
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
    pub title: String,
    pub purpose: &'static str,
    pub explanation: &'static str,
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
    visit.scope.close().await?;
    let call = format!("curl -H \"Authorization: Bearer $STOA_KEY\" {me}");
    Ok(Page::framed(once.title.clone(), surroundings, move || {
        view! {
            <PageHeader title=once.title purpose=once.purpose/>
            <SecretOnce label="API key" value=once.secret explanation=once.explanation done=once.done/>
            <Section heading="First call" purpose="In a shell. The key is read into a variable, so that it stays out of the history.">
                <Steps>
                    <li>"Run this, paste the key, and press Enter: "<Code value="read -rs STOA_KEY" label="Copy the command that reads the key"/></li>
                    <li>"The API then says who the key is: "<Code value=call label="Copy the first call"/></li>
                </Steps>
            </Section>
        }
    }))
}
