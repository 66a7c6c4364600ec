//! The records that a reduction would take, as a file: JSON Lines, each record as the API gives it, followed by what is part of
//! it. It goes out while it is read, each page in a scope of its own, so that whoever may no longer look gets no more of it.

use std::{io, time::Duration};

use axum::body::{Body, Bytes};
use futures_util::{future::BoxFuture, stream};
use serde_json::json;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Asked, asked::hanging_on, preview::Preview, store};
use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::LogId,
    server::{
        events::{Event, EventKind, Target},
        modules,
        scope::WorkspaceScope,
    },
};

pub const CONTENT_TYPE: &str = "application/x-ndjson";
/// Records that are read at once, beside their parts.
const PAGE: i64 = 200;
/// Whoever takes nothing for so long is cut off.
const STALLED: Duration = Duration::from_mins(1);

/// Opens the workspace again for one more page, and asks again whether it may be read.
pub type Again<P> = Box<dyn Fn() -> BoxFuture<'static, Result<WorkspaceScope<P>, AppError>> + Send + Sync>;

/// Records that it begins to go out. The file is made once the scope is committed, by what is given back.
///
/// # Errors
/// `Conflict` where enough long exports run already.
pub fn export<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    looked: &Preview,
) -> Result<impl FnOnce(Again<P>) -> Body + Send + use<P>, AppError> {
    let (asked, workspace) = (looked.asked.clone(), scope.workspace());
    let target = Target { kind: "workspace", id: workspace.id.to_string(), name: Some(workspace.name.clone()) };
    let running = scope.stoa().exports().take(LogId(workspace.id.0)).ok_or_else(|| {
        AppError::Conflict("Enough long exports run already. Wait until one of them has ended, then ask again.".to_owned())
    })?;
    let event = Event::new(EventKind::RecordsExported, target)
        .changing("resource", None, Some(asked.resource.name))
        .changing(format!("{}_before", asked.basis.name()), None, Some(&asked.before.to_rfc3339()))
        .changing("records", None, Some(&looked.counted.records.to_string()))
        .changing("parts", None, Some(&looked.counted.parts.to_string()));
    scope.record(event);
    Ok(move |again: Again<P>| {
        let (sender, receiver) = mpsc::channel::<Result<Bytes, io::Error>>(1);
        tokio::spawn(async move {
            let _running = running;
            if let Err(error) = send(&sender, &asked, &again).await {
                tracing::warn!(%error, "an export of records was cut off");
                let _ = sender.send_timeout(Err(io::Error::other("the export was cut off")), STALLED).await;
            }
        });
        Body::from_stream(stream::unfold(receiver, async |mut receiver| receiver.recv().await.map(|part| (part, receiver))))
    })
}

async fn send<P: AskWorkspace>(sender: &mpsc::Sender<Result<Bytes, io::Error>>, asked: &Asked, again: &Again<P>) -> Result<(), AppError> {
    let (parts, _) = hanging_on(asked.resource);
    let mut after = Uuid::nil();
    loop {
        let mut scope = again().await?;
        let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
        let records = store::page(&mut scope, tenant, workspace, (asked, &parts), (after, PAGE)).await?;
        scope.close().await?;
        let Some(last) = records.iter().rev().find(|(resource, _)| resource == asked.resource.name) else { return Ok(()) };
        after = last.1.id.0;
        let mut lines = String::new();
        for (resource, record) in &records {
            let declared = modules::resources().find(|known| known.name == resource).ok_or(AppError::Internal)?;
            let mut shown = record.shown(declared);
            shown["module"] = json!(declared.module);
            shown["resource"] = json!(declared.name);
            lines.push_str(&shown.to_string());
            lines.push('\n');
        }
        // Whoever took it stopped, or takes nothing any more: there is nobody to tell.
        if sender.send_timeout(Ok(lines.into()), STALLED).await.is_err() {
            return Ok(());
        }
    }
}
