//! `/docs/api`: how one calls, and every operation by its noun.

use axum::{
    extract::{Extension, State},
    response::Response,
};
use leptos::prelude::*;

use super::{Noun, Shown};
use crate::{
    paths,
    server::{
        Stoa,
        http::{Page, page, request::RequestContext},
        rest::{ErrorCode, openapi_path},
    },
    ui::{Column, Description, DescriptionList, PageHeader, Section, Table},
};

pub async fn show_index(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>) -> Response {
    let known = stoa.clone();
    let shown = Page::reading("API reference", move || {
        let reference = known.reference();
        view! {
            <PageHeader
                title="API reference"
                purpose="Every operation: what it asks for, what it takes, and what it answers. It is made from the list that routes the calls."
            />
            <Calling base=reference.base.clone()/>
            {reference.nouns.iter().map(section).collect_view()}
            <Errors/>
        }
    });
    page::render(&stoa, &context, shown).await
}

#[component]
fn Calling(base: String) -> impl IntoView {
    let example = format!("curl -H \"Authorization: Bearer $STOA_KEY\" \\\n  \"{base}/me\"");
    view! {
        <Section heading="Calling">
            <DescriptionList>
                <Description term="Base address"><code>{base}</code></Description>
                <Description term="Credential">"An API key as a bearer token. It names its workspace; no address does."</Description>
                <Description term="Answer"><code>"{\"data\": …, \"request_id\": …}"</code>"; a list adds "<code>"next_cursor"</code>" while there is more."</Description>
                <Description term="Refusal"><code>"{\"error\": {\"code\", \"message\", \"request_id\", \"docs_url\", …}}"</code></Description>
                <Description term="Writing">
                    <code>"Idempotency-Key"</code>" makes a repetition harmless for 24 hours, "<code>"If-Match"</code>
                    " with an ETag refuses what has moved on, "<code>"?dry_run=true"</code>" changes nothing."
                </Description>
                <Description term="For programs"><a class="link" href=openapi_path()>"openapi.json"</a>" (OpenAPI 3.1)"</Description>
            </DescriptionList>
            <pre class="example" role="region" tabindex="0" aria-label="Example"><code>{example}</code></pre>
        </Section>
    }
}

fn section(noun: &Noun) -> impl IntoView + use<> {
    let name = noun.name;
    let rows = noun.operations.iter().map(row).collect_view();
    let columns = vec![Column::text("Operation"), Column::text("Call"), Column::text("Scope"), Column::text("What it does")];
    view! {
        <Section heading=name>
            <Table caption=format!("Operations of {name}") columns=columns>{rows}</Table>
        </Section>
    }
}

fn row(shown: &Shown) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::operation_docs(shown.id)><code>{shown.id}</code></a></th>
            <td><code>{shown.method.to_string()}" "{shown.path}</code></td>
            <td>{super::noun::scope(shown)}</td>
            <td>{shown.says}</td>
        </tr>
    }
}

#[component]
fn Errors() -> impl IntoView {
    let links = ErrorCode::ALL
        .iter()
        .map(|code| {
            view! {
                <Description term=code.status().as_str()>
                    <a class="link" href=paths::error_docs(code.name())><code>{code.name()}</code></a>
                </Description>
            }
        })
        .collect_view();
    view! {
        <Section heading="Errors" purpose="Each code has a page that says when it is given, and what to do then.">
            <DescriptionList>{links}</DescriptionList>
        </Section>
    }
}
