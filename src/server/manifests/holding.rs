//! A node among others: it says every second which manifests it holds, and serves while these are the ones in force.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::bail;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    adopting::{By, adopt, gone, weigh},
    set::Set,
    store::{self, Beat},
};
use crate::{
    error::AppError,
    server::{Stoa, chance, modules, telemetry},
};

const LOOK: Duration = Duration::from_secs(1);
/// Looks in a row after which whoever is not heard is taken for gone: ten seconds with those that the database waits.
const UNHEARD: u32 = 5;
/// When somebody who was refused may ask again, in seconds.
pub const AGAIN: HeaderValue = HeaderValue::from_static("2");
const REMEDY: &str = "give every node the same files and restart those that differ, or run `stoa modules adopt` with the files that are \
                      to be in force (docs/operations.md)";

static OWN: LazyLock<Set> = LazyLock::new(|| Set::of(modules::list()));

/// What this node holds, and whether that is in force.
#[derive(Debug, Default)]
pub struct Holding {
    /// Set while another set is in force.
    is_beside: AtomicBool,
}

impl Holding {
    /// The hash of this node's own set.
    pub fn hash(&self) -> &'static str {
        &OWN.hash
    }

    /// Whether another set is in force than this node's.
    pub fn is_beside(&self) -> bool {
        self.is_beside.load(Ordering::Relaxed)
    }

    /// Takes down what is in force. None is before the first set, when whoever is there serves.
    ///
    /// # Errors
    /// `Unavailable` where this node holds another.
    pub fn ask(&self, in_force: Option<&str>) -> Result<(), AppError> {
        let is_beside = in_force.is_some_and(|hash| hash != self.hash());
        if self.is_beside.swap(is_beside, Ordering::Relaxed) != is_beside {
            if is_beside {
                tracing::error!(
                    held = self.hash(),
                    in_force,
                    "other manifests are in force than this node holds: it serves nobody; {REMEDY}"
                );
            } else {
                tracing::info!(held = self.hash(), "the manifests that this node holds are in force: it serves");
            }
        }
        if is_beside { Err(AppError::Unavailable) } else { Ok(()) }
    }
}

/// What a node found when it started.
pub struct Began {
    node: Uuid,
    /// The set that was in force then.
    number: i64,
    /// Whether it ever held what is in force.
    served: bool,
    /// How often in a row nobody was heard who holds what is in force, though somebody did not say that they leave.
    unheard: u32,
}

/// Takes this node's place: with the manifests in force, or by putting its own in force where nobody holds those. A node
/// that can do neither waits, and serves nobody.
///
/// # Errors
/// Where its manifests would leave records as nobody declares them, with all that would; and the database's.
pub async fn begin(stoa: &Stoa) -> anyhow::Result<Began> {
    let weighed = weigh(stoa, modules::list()).await?;
    if !weighed.refusals.is_empty() {
        bail!("these manifests cannot take the place of those in force:\n  {}", weighed.refusals.join("\n  "));
    }
    tokio::spawn(tell(stoa.clone()));
    let mut began = Began { node: chance::uuid(stoa.clock.now()), number: weighed.number, served: false, unheard: 0 };
    began.look(stoa).await?;
    Ok(began)
}

/// What is gone and has left records; counting them may take a while, and nothing waits for it.
async fn tell(stoa: Stoa) {
    match gone(&stoa, modules::list()).await {
        Ok(gone) => gone.iter().for_each(|gone| tracing::warn!("{gone}")),
        Err(error) => tracing::warn!(error = telemetry::chain(&error), "what is left of manifests that are gone was not counted"),
    }
}

impl Began {
    async fn look(&mut self, stoa: &Stoa) -> Result<(), AppError> {
        let mut beat = store::beat(&stoa.db, self.node, stoa.manifests().hash()).await?;
        self.unheard = if beat.holders == 0 && beat.silent > 0 { self.unheard + 1 } else { 0 };
        if self.may_adopt(stoa, &beat) {
            let weighed = adopt(stoa, modules::list(), By::Node).await?;
            for refusal in &weighed.refusals {
                tracing::error!("these manifests cannot be put in force: {refusal}");
            }
            beat = store::beat(&stoa.db, self.node, stoa.manifests().hash()).await?;
            if weighed.is_current {
                tracing::info!(number = beat.number, hash = stoa.manifests().hash(), "these manifests are in force from now on");
            }
        }
        self.served |= stoa.manifests().ask(beat.hash.as_deref()).is_ok();
        Ok(())
    }

    /// What nobody holds any more is no longer waited for. Not where it was put in force by command and its nodes are yet
    /// to come, nor by a node that held the set before: both would undo what somebody decided.
    fn may_adopt(&self, stoa: &Stoa, beat: &Beat) -> bool {
        let is_beside = beat.hash.as_deref() != Some(stoa.manifests().hash());
        let is_gone = beat.silent == 0 || self.unheard >= UNHEARD;
        let is_left = beat.holders == 0 && is_gone && beat.held.unwrap_or(true) && beat.number.unwrap_or(0) == self.number;
        is_beside && is_left && !self.served
    }
}

/// Says every second that this node is there, until it is asked to stop.
pub async fn keep(stoa: Stoa, mut began: Began, mut ending: watch::Receiver<bool>) -> Began {
    loop {
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => return began,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = began.look(&stoa).await {
            // Whoever does not hear the database does not hear the others either.
            began.unheard = 0;
            tracing::warn!(error = telemetry::chain(&error), "which manifests are in force could not be asked");
        }
    }
}

/// The last word: nobody has to wait for this node.
pub async fn leave(stoa: &Stoa, began: &Began) {
    if let Err(error) = store::leave(&stoa.db, began.node).await {
        tracing::warn!(error = telemetry::chain(&error), "this node did not take its leave; it is taken for gone in 10 seconds");
    }
}

/// Middleware: while other manifests are in force, what this node would answer could be wrong. Asked anew then, since
/// nothing else tells the first that this is over.
pub async fn refuse_beside(State(stoa): State<Stoa>, request: Request, next: Next) -> Response {
    if stoa.manifests().is_beside() && !is_in_force(&stoa).await {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, AGAIN)]).into_response();
    }
    next.run(request).await
}

async fn is_in_force(stoa: &Stoa) -> bool {
    match store::current(&stoa.db).await {
        Ok(in_force) => stoa.manifests().ask(in_force.as_deref()).is_ok(),
        Err(_) => false,
    }
}
