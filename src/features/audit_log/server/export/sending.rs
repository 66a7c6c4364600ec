//! A long export on its way: the next page is read when somebody has taken the last one.

use std::{io, time::Duration};

use axum::body::{Body, Bytes};
use futures_util::stream;
use tokio::sync::mpsc::{self, Sender, error::SendTimeoutError};

use super::{Again, Format, LogId, Seat, page, taken};
use crate::{
    error::AppError,
    features::audit_log::server::{Cursor, Filter, Logged, Source},
    ids::TenantId,
    server::{
        Stoa,
        events::{Actor, EventKind, Log, Outcome},
        http::request::RequestContext,
        scope::{Scope, ServiceScope},
    },
};

/// Whoever takes nothing for so long is cut off.
const STALLED: Duration = Duration::from_mins(1);

type Part = Result<Bytes, io::Error>;

/// Everything that the pages behind the first one are read with.
pub struct Sending<R> {
    stoa: Stoa,
    request: RequestContext,
    actor: Actor,
    log: Log,
    tenant: TenantId,
    source: Source,
    filter: Filter,
    format: Format,
    rows: usize,
    next: Option<Cursor>,
    running: Seat<LogId>,
    reach: std::marker::PhantomData<fn() -> R>,
}

/// Why not all of it went out.
enum CutOff {
    Gone,
    Stalled,
    Refused(AppError),
}

impl CutOff {
    fn says(&self) -> String {
        match self {
            Self::Gone => "It was cut off: whoever took it stopped.".to_owned(),
            Self::Stalled => format!("It was cut off: nothing was taken of it for {} seconds.", STALLED.as_secs()),
            Self::Refused(error) => format!("It was cut off: {error}"),
        }
    }
}

impl<R: Logged> Sending<R> {
    /// `begun` is how many rows are read already, and where the next page begins.
    pub fn of(scope: &Scope<R>, source: Source, filter: Filter, format: Format, begun: (usize, Cursor), running: Seat<LogId>) -> Self {
        let log = scope.reach().log();
        let tenant = match &log {
            Log::Installation => TenantId(uuid::Uuid::nil()),
            Log::Tenant(tenant) | Log::Workspace(tenant, _) => *tenant,
        };
        Self {
            stoa: scope.stoa().clone(),
            request: scope.request().clone(),
            actor: scope.actor().clone(),
            log,
            tenant,
            source,
            filter,
            format,
            rows: begun.0,
            next: Some(begun.1),
            running,
            reach: std::marker::PhantomData,
        }
    }

    pub fn into_body(mut self, first: Vec<u8>, again: Again<R>) -> Body {
        // One part waits, one is written and one is read: no more of the log than three pages is ever in memory.
        let (sender, receiver) = mpsc::channel::<Part>(1);
        tokio::spawn(async move {
            let done = self.send(&sender, first, &again).await;
            // Before its last byte: whoever has all of it finds in the log that they have.
            let written = self.write_down(done.as_ref().err()).await;
            drop(self.running);
            if done.is_err() || written.is_err() {
                let _ = sender.send_timeout(Err(io::Error::other("the export was cut off")), STALLED).await;
            }
        });
        Body::from_stream(stream::unfold(receiver, async |mut receiver| receiver.recv().await.map(|part| (part, receiver))))
    }

    async fn send(&mut self, sender: &Sender<Part>, first: Vec<u8>, again: &Again<R>) -> Result<(), CutOff> {
        give(sender, first).await?;
        let mut read = match self.next {
            Some(next) => Some(self.read(next, again).await),
            None => None,
        };
        while let Some(page) = read {
            let (entries, then) = page.map_err(CutOff::Refused)?;
            let (rows, format) = (entries.len(), self.format);
            // The database finds the next page while this one is written.
            let writing = tokio::task::spawn_blocking(move || format.written(entries, false));
            let reading = async {
                match then {
                    Some(next) => Some(self.read(next, again).await),
                    None => None,
                }
            };
            let (written, following) = tokio::join!(writing, reading);
            give(sender, written.unwrap_or(Err(AppError::Internal)).map_err(CutOff::Refused)?).await?;
            self.rows += rows;
            self.next = then;
            read = following;
        }
        Ok(())
    }

    async fn read(&self, next: Cursor, again: &Again<R>) -> Result<(Vec<super::Entry>, Option<Cursor>), AppError> {
        let mut scope = again().await?;
        // Read again too: the workspace may have moved to another tenant meanwhile.
        let source = R::source(&mut scope).await?;
        let listed = page(&mut scope, &source, &self.filter, Some(next)).await?;
        scope.close().await?;
        Ok((listed.entries, listed.next))
    }

    /// As whoever asked for it, also where they may no longer come in.
    async fn write_down(&self, cut_off: Option<&CutOff>) -> Result<(), AppError> {
        let event = taken(EventKind::AuditLogExported, &self.source, &self.filter, self.format);
        let event = event.changing("rows", None, Some(&self.rows.to_string()));
        let event = match cut_off {
            None => event,
            Some(cut_off) => event.ending(Outcome::Failed).because(cut_off.says()),
        };
        let job = "audit_log.export";
        let mut scope = ServiceScope::open_service(&self.stoa, &self.request, self.actor.clone(), self.tenant, job).await?;
        scope.record_in(self.log, event);
        scope.commit().await
    }
}

/// Waits until there is room for it. What is empty would be none.
async fn give(sender: &Sender<Part>, part: Vec<u8>) -> Result<(), CutOff> {
    if part.is_empty() {
        return if sender.is_closed() { Err(CutOff::Gone) } else { Ok(()) };
    }
    sender.send_timeout(Ok(part.into()), STALLED).await.map_err(|refused| match refused {
        SendTimeoutError::Timeout(_) => CutOff::Stalled,
        SendTimeoutError::Closed(_) => CutOff::Gone,
    })
}
