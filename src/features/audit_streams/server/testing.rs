//! The job that sends a test to a stream's endpoint, and keeps how it went.

use super::{batch, store::sending};
use crate::{
    error::AppError,
    features::audit_streams::TEST,
    ids::AuditStreamId,
    server::{
        Stoa,
        events::Actor,
        http::request::RequestContext,
        queue::{Done, Failure, Job},
        scope::ServiceScope,
    },
};

/// # Errors
/// The database's alone: a test that fails is a test.
pub async fn test_now(stoa: Stoa, job: Job) -> Result<Done, Failure> {
    let id = AuditStreamId(job.value("stream")?);
    let mut scope = scope(&stoa, &job).await?;
    let stream = sending::find(&mut scope, id).await?.filter(|stream| stream.status != "archived");
    scope.close().await?;
    // It moved away with its workspace, or was ended meanwhile.
    let Some(stream) = stream else { return Ok(Done) };
    let outcome = match batch::test(&stoa, job.tenant, &stream, job.id) {
        Ok(message) => message.send(&stoa).await,
        Err(outcome) => outcome,
    };
    let mut scope = self::scope(&stoa, &job).await?;
    sending::note_tested(&mut scope, id, &outcome.attempt).await?;
    scope.commit().await?;
    Ok(Done)
}

async fn scope(stoa: &Stoa, job: &Job) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", TEST);
    ServiceScope::open_service(stoa, &request, Actor::system(TEST), job.tenant, TEST).await
}
