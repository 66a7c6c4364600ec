//! Audit streams over the API: those of the workspace's log.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Shown, Start, Wanted, host_of, operations};
use crate::{
    access::{
        AskWorkspace,
        workspace::{ManageSettings, ReadAudit},
    },
    error::{AppError, CallRefused},
    ids::AuditStreamId,
    server::rest::{Answer, Call, Named, Nothing, Operation, instant},
};

const READ: &str = "audit:read";
const WRITE: &str = "settings:write";
const LOST: &str = "Rotate to get a new one.";

pub fn operations() -> Vec<Operation> {
    let named = |id, path, scope, says| Named::new(id, path, Some(scope), says);
    let of = |id, path, says| named(id, path, WRITE, says);
    vec![
        Operation::read(named("audit_streams.list", "/audit-streams", READ, "Where the rows of the audit log are sent."), list),
        Operation::read(
            named("audit_streams.get", "/audit-streams/{stream}", READ, "One audit stream: how far it is, and how its last attempt went."),
            get,
        ),
        Operation::write(
            Method::POST,
            of(
                "audit_streams.create",
                "/audit-streams",
                "Has the rows of the audit log sent to an https endpoint, in the order in which they were sealed. The key needs audit:read too. The signing secret is in this answer alone.",
            ),
            StatusCode::CREATED,
            add,
        ),
        Operation::write(
            Method::PUT,
            of(
                "audit_streams.update",
                "/audit-streams/{stream}",
                "Changes name and address. It goes on where it was. The key needs audit:read too.",
            ),
            StatusCode::OK,
            update,
        ),
        Operation::write(
            Method::POST,
            of("audit_streams.pause", "/audit-streams/{stream}/pause", "Sends nothing until the stream is resumed. No row is lost."),
            StatusCode::OK,
            pause,
        ),
        Operation::write(
            Method::POST,
            of("audit_streams.resume", "/audit-streams/{stream}/resume", "Goes on with the first row that was not acknowledged."),
            StatusCode::OK,
            resume,
        ),
        Operation::write(
            Method::POST,
            of(
                "audit_streams.test",
                "/audit-streams/{stream}/test",
                "Sends a test message soon. How it went is in test of audit_streams.get.",
            ),
            StatusCode::OK,
            test,
        ),
        Operation::write(
            Method::POST,
            of(
                "audit_streams.rotate",
                "/audit-streams/{stream}/rotate",
                "Makes a new signing secret. The one before signs beside it for 24 hours. The key needs audit:read too.",
            ),
            StatusCode::OK,
            rotate,
        ),
        Operation::write(
            Method::DELETE,
            of("audit_streams.archive", "/audit-streams/{stream}", "Ends the stream for good."),
            StatusCode::OK,
            archive,
        ),
    ]
}

/// Where the rows of the audit log are sent, and how far that is.
#[derive(Serialize, JsonSchema)]
struct AuditStream {
    /// `ast_…`
    id: String,
    name: String,
    /// Scheme, host and port of the endpoint. What is behind may hold a secret, and is not given.
    endpoint: String,
    /// `active`, `paused` or `archived`.
    status: String,
    /// Where it is paused: `person`, `gone` (the endpoint answered 410), `failing` (for five days), or `moved` (with its workspace).
    paused_because: Option<String>,
    /// The number of the first row that was not acknowledged: all before it were.
    next_seq: i64,
    /// Rows of the log that are sealed.
    sealed: i64,
    /// How many of them were not acknowledged.
    behind: i64,
    /// Attempts that failed since the last one that did not.
    failures: i32,
    failing_since: Option<String>,
    last_attempt_at: Option<String>,
    /// When rows were last acknowledged.
    last_sent_at: Option<String>,
    /// What the endpoint answered last.
    last_status: Option<i16>,
    /// Why the last attempt failed.
    last_error: Option<String>,
    /// When it is tried again, where it fails.
    next_attempt_at: Option<String>,
    /// Until when the secret before the last rotation signs too.
    former_secret_until: Option<String>,
    test: Option<Tested>,
    version: i64,
    created_at: String,
}

/// The last test.
#[derive(Serialize, JsonSchema)]
struct Tested {
    at: String,
    status: Option<i16>,
    /// Why it failed; null where it did not.
    error: Option<String>,
}

impl From<Shown> for AuditStream {
    fn from(shown: Shown) -> Self {
        let (behind, is_failing) = (shown.behind(), shown.is_failing());
        let Shown { stream, size } = shown;
        Self {
            id: stream.id.to_string(),
            name: stream.name,
            endpoint: host_of(&stream.url),
            status: stream.status,
            paused_because: stream.paused_because,
            next_seq: stream.next_seq,
            sealed: size,
            behind,
            failures: stream.failures,
            failing_since: stream.failing_since.map(instant),
            last_attempt_at: stream.last_attempt_at.map(instant),
            last_sent_at: stream.last_sent_at.map(instant),
            last_status: stream.last_status,
            last_error: stream.last_error,
            next_attempt_at: is_failing.then(|| instant(stream.due_at)),
            former_secret_until: stream.former_until.map(instant),
            test: stream.tested_at.map(|at| Tested { at: instant(at), status: stream.test_status, error: stream.test_error }),
            version: stream.version,
            created_at: instant(stream.created_at),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateStream {
    /// 1 to 60 characters.
    #[schemars(length(min = 1, max = 60))]
    name: String,
    /// https, by the host's name, on port 443 or one from 1024 on.
    #[schemars(length(min = 1, max = 2000))]
    url: String,
    /// `beginning` (with the log's first row; where it is not said) or `now`.
    start: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct CreatedStream {
    #[serde(flatten)]
    stream: AuditStream,
    /// `whsec_…`, once.
    secret: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangeStream {
    /// 1 to 60 characters.
    #[schemars(length(min = 1, max = 60))]
    name: String,
    /// https, by the host's name, on port 443 or one from 1024 on.
    #[schemars(length(min = 1, max = 2000))]
    url: String,
}

#[derive(Serialize, JsonSchema)]
struct RotatedStream {
    id: String,
    /// `whsec_…`, once.
    secret: String,
}

/// Whoever lets rows go elsewhere, or learns what they are signed with, has to be let read them too.
fn ask_reader<P: AskWorkspace>(call: &Call<P>) -> Result<(), AppError> {
    if call.caller.holds(READ) { Ok(()) } else { Err(CallRefused::MissingScope(READ).into()) }
}

async fn list(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, Vec<AuditStream>>, AppError> {
    let streams = operations::list(&mut call.scope).await?;
    Ok(call.answers(streams.into_iter().map(AuditStream::from).collect::<Vec<_>>()))
}

async fn get(mut call: Call<ReadAudit>, _: Nothing) -> Result<Answer<ReadAudit, AuditStream>, AppError> {
    let id = call.named("stream")?;
    let shown = operations::find(&mut call.scope, id).await?;
    let version = shown.stream.version;
    Ok(call.answers(AuditStream::from(shown)).at_version(version))
}

async fn add(mut call: Call<ManageSettings>, input: CreateStream) -> Result<Answer<ManageSettings, CreatedStream>, AppError> {
    ask_reader(&call)?;
    let wanted = Wanted::read(call.scope.stoa().outbound(), &input.name, &input.url)?;
    let start = input.start.as_deref().map_or(Ok(Start::default()), Start::read)?;
    let (id, secret) = operations::create(&mut call.scope, &wanted, start).await?;
    let shown = operations::find(&mut call.scope, id).await?;
    let version = shown.stream.version;
    let data = CreatedStream { stream: shown.into(), secret: secret.reveal() };
    Ok(call.answers(data).at_version(version).once("secret", LOST))
}

async fn update(mut call: Call<ManageSettings>, input: ChangeStream) -> Result<Answer<ManageSettings, AuditStream>, AppError> {
    ask_reader(&call)?;
    let (id, version) = aimed(&mut call).await?;
    let wanted = Wanted::read(call.scope.stoa().outbound(), &input.name, &input.url)?;
    operations::change(&mut call.scope, id, &wanted, version).await?;
    answer(call, id).await
}

async fn pause(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, AuditStream>, AppError> {
    let (id, version) = aimed(&mut call).await?;
    operations::pause(&mut call.scope, id, version).await?;
    answer(call, id).await
}

async fn resume(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, AuditStream>, AppError> {
    let (id, version) = aimed(&mut call).await?;
    operations::resume(&mut call.scope, id, version).await?;
    answer(call, id).await
}

async fn test(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, AuditStream>, AppError> {
    let id = call.named("stream")?;
    operations::test(&mut call.scope, id).await?;
    answer(call, id).await
}

async fn rotate(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, RotatedStream>, AppError> {
    ask_reader(&call)?;
    let (id, version) = aimed(&mut call).await?;
    let secret = operations::rotate(&mut call.scope, id, version).await?;
    let data = RotatedStream { id: id.to_string(), secret: secret.reveal() };
    Ok(call.answers(data).at_version(version + 1).once("secret", LOST))
}

async fn archive(mut call: Call<ManageSettings>, _: Nothing) -> Result<Answer<ManageSettings, AuditStream>, AppError> {
    let (id, version) = aimed(&mut call).await?;
    operations::archive(&mut call.scope, id, version).await?;
    answer(call, id).await
}

/// The stream that the address names, at the version that the caller means.
async fn aimed(call: &mut Call<ManageSettings>) -> Result<(AuditStreamId, i64), AppError> {
    let id = call.named("stream")?;
    let current = operations::find(&mut call.scope, id).await?.stream.version;
    Ok((id, call.version_or(current)))
}

async fn answer(mut call: Call<ManageSettings>, id: AuditStreamId) -> Result<Answer<ManageSettings, AuditStream>, AppError> {
    let shown = operations::find(&mut call.scope, id).await?;
    let version = shown.stream.version;
    Ok(call.answers(AuditStream::from(shown)).at_version(version))
}
