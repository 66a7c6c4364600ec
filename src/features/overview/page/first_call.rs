//! What works when it is pasted: the address of the API, a call that reads, and one that writes.

use leptos::prelude::*;

use crate::{
    features::records::server::FirstWrite,
    paths,
    ui::{Code, Description, DescriptionList, Section},
};

/// Asks for the secret without showing it, and keeps it out of the shell's history.
const KEY: &str = "read -rs STOA_KEY && export STOA_KEY";
const AUTHORIZATION: &str = r#"-H "Authorization: Bearer $STOA_KEY""#;

/// `base` is the address of the API. Without `write` none is shown: the reader's role, or what runs here, allows none.
#[component]
pub fn FirstCall(base: String, endpoint: String, slug: String, write: Option<FirstWrite>) -> impl IntoView {
    let read = format!("curl {AUTHORIZATION} {base}/me");
    let agents = paths::mcp_clients(&slug);
    let document = format!("{base}/openapi.json");
    let write = write.map(|write| {
        let (scope, call) = (write.scope, written(&base, write));
        view! {
            <Description term="First write"><Code value=call label="Copy the first write"/><br/><span class="muted">"The key has to hold "<code>{scope}</code>"."</span></Description>
        }
    });
    view! {
        <div id="first-call">
            <Section heading="API" purpose="A key belongs to this workspace, so no address names it. Paste these into a shell, the key's secret first.">
                <DescriptionList>
                    <Description term="Base address"><Code value=base label="Copy the API's base address"/></Description>
                    <Description term="Your key"><Code value=KEY label="Copy the command that takes the key"/></Description>
                    <Description term="First call"><Code value=read label="Copy the first call"/></Description>
                    {write}
                    <Description term="MCP endpoint"><Code value=endpoint label="Copy the MCP endpoint"/>" "<a class="link" href=agents>"Tokens for agents"</a></Description>
                    <Description term="Described by"><Code value=document label="Copy the address of the API's description"/></Description>
                </DescriptionList>
                <p class="muted">
                    "What else there is, is in the "<a class="link" href=paths::API_DOCS>"API reference"</a>
                    "; which of it runs depends on the "<a class="link" href=paths::modules(&slug)>"modules that are on"</a>"."
                </p>
            </Section>
        </div>
    }
}

/// As a POSIX shell takes it.
fn written(base: &str, write: FirstWrite) -> String {
    let body = serde_json::Value::Object(write.body).to_string().replace('\'', r"'\''");
    format!("curl {AUTHORIZATION} -H \"Content-Type: application/json\" -d '{body}' {base}{}", write.path)
}
