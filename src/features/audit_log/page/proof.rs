//! What a log's pages say of its proof, and the files and keys to check it with.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use leptos::prelude::*;
use serde_json::json;

use crate::{
    error::AppError,
    features::audit_log::server::{self, BUNDLE_ROWS_MAX, Logged, Proven},
    ids::AuditId,
    numbers::grouped,
    paths,
    server::{
        Shown, Stoa,
        http::{Download, Visit},
        proof::{Checkpoint, Seal},
    },
    ui::{Actions, Code, Description, DescriptionList, Icon, LinkButton, Section, StatusBadge, Time, Tone},
};

/// One row with its proof.
pub async fn save_proof<R: Logged>(mut visit: Visit<R>) -> Result<Download, AppError> {
    let id: AuditId = visit.named("row")?;
    let source = R::source(&mut visit.scope).await?;
    let proof = server::proof_of(&mut visit.scope, &source, id).await?;
    visit.scope.close().await?;
    let file = serde_json::to_vec_pretty(&proof).map_err(|_| AppError::Internal)?;
    Ok(Download::of(format!("audit-proof-{id}.json"), "application/json", file))
}

/// The newest proven rows.
pub async fn save_bundle<R: Logged>(mut visit: Visit<R>) -> Result<Download, AppError> {
    let source = R::source(&mut visit.scope).await?;
    let bundle = server::bundle(&mut visit.scope, &source, None, BUNDLE_ROWS_MAX).await?;
    let day = visit.scope.now().format("%Y-%m-%d");
    visit.scope.commit().await?;
    let name = format!("audit-bundle-{}-{day}-{}-{}.jsonl", source.slug, bundle.head.first, bundle.head.last);
    Ok(Download::of(name, "application/jsonl", bundle.written()?))
}

/// For anybody: they are no secret, and whoever checks evidence needs them from somewhere.
pub async fn keys(State(stoa): State<Stoa>) -> Response {
    let mut answer = Json(json!({ "keys": server::proof_rest::published(&stoa) })).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}

/// Up to where the log is proven: how many rows, and when that was signed.
#[component]
pub fn SealedUpTo(signed: Option<(i64, Shown)>, bundle: String) -> impl IntoView {
    let Some((rows, at)) = signed else {
        return view! {
            <p class="muted">"Nothing here is sealed yet. Rows are sealed within about a minute; until then nothing proves them."</p>
        }
        .into_any();
    };
    let (count, noun) = (grouped(rows), if rows == 1 { "row is" } else { "rows are" });
    view! {
        <p class="muted">
            {count}" "{noun}" sealed and tamper-evident, up to the checkpoint signed "
            <Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/>
            ". What is marked unsealed came after it, and nothing proves it yet. "
            <a class="link" href=bundle download="">"Download evidence"</a>
        </p>
    }
    .into_any()
}

/// Beside a row that no checkpoint covers.
#[component]
pub fn UnsealedMark() -> impl IntoView {
    view! {
        <br/>
        <StatusBadge tone=Tone::Info text="Unsealed"/>
    }
}

/// On the page of a row. `download` is the address of its proof; `signed` is when the newest checkpoint was.
#[component]
pub fn Proof(proven: Proven, signed: Option<Shown>, download: String) -> impl IntoView {
    let Proven { seal, standing } = proven;
    let purpose = "The log is tamper-evident: whoever changes, removes or reorders sealed rows is found out by anybody who checks.";
    let state = match seal {
        Seal::Waits => "Unsealed: nothing proves this row yet. It is sealed within seconds, and signed within about a minute.".to_owned(),
        Seal::Unsigned { index } => {
            format!("Unsealed: it has the number {} in the log, and the next checkpoint covers it within about a minute.", number(index))
        }
        Seal::Signed { index, size } => {
            format!("Sealed with the number {} in the log (the first is 0), under a checkpoint of {} rows.", number(index), number(size))
        }
    };
    let checkpoint = standing.filter(|_| matches!(seal, Seal::Signed { .. })).and_then(|standing| {
        let at = signed?;
        let origin = Checkpoint::unproven(standing.note.as_deref()?)?.origin;
        let key = standing.key_id?;
        Some(view! {
            <Description term="Signed">
                <Time rfc3339=at.rfc3339 absolute=at.absolute.clone() shown=at.relative/>" · "{at.absolute}
            </Description>
            <Description term="Log"><Code value=origin label="Copy: Log"/></Description>
            <Description term="Signing key"><Code value=key label="Copy: Signing key"/></Description>
        })
    });
    let take = checkpoint.is_some().then(|| {
        view! {
            <p class="muted">
                "The proof can be checked without this console: with " <code>"stoa audit verify"</code> ", or with "
                <a class="link" href=paths::AUDIT_VERIFIER download="">"verify-audit.mjs"</a>
                " and the " <a class="link" href=paths::AUDIT_KEYS>"public keys"</a> "."
            </p>
            <Actions>
                <LinkButton href=download icon=Icon::Download download=true>"Download proof"</LinkButton>
            </Actions>
        }
    });
    view! {
        <Section heading="Proof" purpose=purpose>
            <DescriptionList>
                <Description term="Seal">{state}</Description>
                {checkpoint}
            </DescriptionList>
            {take}
        </Section>
    }
}

fn number(number: u64) -> String {
    grouped(number.cast_signed())
}
