//! The endpoint: who may speak at all. What a call proves by itself is not proven twice.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    middleware,
    response::Response,
    routing::any,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        SessionManager, StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use serde::Deserialize;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, AllowOrigin, CorsLayer},
    timeout::TimeoutLayer,
};

use super::{
    speaking::{Mcp, Speaker, Speaking},
    tools::{Tools, Toolsets},
};
use crate::{
    error::AppError,
    server::{
        Stoa,
        credentials::{is_like_one, withholding},
        http::{panicked, request, request::RequestContext},
        manifests,
        rest::{self, Operation},
    },
};

pub const ROUTE: &str = "/mcp/{workspace}";
const CALL_SECONDS: u64 = 30;
/// A message at most: the body of a call, and what is around it.
const MESSAGE_MAX: usize = 320 * 1024;
const CALL: &str = "tools/call";
/// Longer names of clients are cut.
const CLIENT_MAX: usize = 120;

/// The endpoint over these operations.
pub fn router(stoa: &Stoa, operations: &[Operation]) -> Router<Stoa> {
    let service = |config, speaking: Speaking| {
        StreamableHttpService::new(move || Ok(speaking.clone()), Arc::new(NeverSessionManager::default()), config)
    };
    serving(ROUTE, stoa, operations, service)
}

/// The same door, at another address, before a service that is told what the endpoint answers with and how it is set: suites of
/// third parties want to meet tools that Stoa has no use for.
pub fn serving<S, M>(
    route: &'static str,
    stoa: &Stoa,
    operations: &[Operation],
    service: impl FnOnce(StreamableHttpServerConfig, Speaking) -> StreamableHttpService<S, M>,
) -> Router<Stoa>
where
    S: ServerHandler,
    M: SessionManager,
{
    let tools = Tools::of(operations);
    let mut behind: Router<Stoa> = Router::new();
    for operation in operations.iter().filter(|operation| operation.tool.is_some()) {
        behind = behind.route(operation.path, operation.handler.clone());
    }
    // Calls run beside the request that asked for them: what breaks in one is caught there.
    let behind = behind
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(stoa.clone(), rest::answers))
        .with_state(stoa.clone());
    let mcp = Arc::new(Mcp { stoa: stoa.clone(), tools, operations: behind });
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MESSAGE_MAX)
        .with_allowed_hosts(hosts(stoa));
    let service = service(config, Speaking(mcp.clone()));
    Router::new()
        .route(route, any(speak::<S, M>))
        .layer(Extension(mcp))
        .layer(Extension(service))
        .layer(middleware::from_fn_with_state(stoa.clone(), manifests::refuse_beside))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(stoa.clone(), request::identify_agent))
                .layer(middleware::from_fn_with_state(stoa.clone(), rest::answers))
                .layer(cors())
                .layer(CatchPanicLayer::custom(panicked))
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(CALL_SECONDS))),
        )
}

/// Only what says which message it is, and who sends it.
#[derive(Default, Deserialize)]
struct Message {
    #[serde(default)]
    method: String,
    #[serde(default)]
    params: Parameters,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    client_info: Option<Client>,
    #[serde(rename = "_meta", default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/clientInfo")]
    client_info: Option<Client>,
}

#[derive(Deserialize)]
struct Client {
    name: String,
    #[serde(default)]
    version: String,
}

#[derive(Default, Deserialize)]
struct Asked {
    modules: Option<String>,
}

async fn speak<S, M>(
    State(stoa): State<Stoa>,
    Extension(mcp): Extension<Arc<Mcp>>,
    Extension(service): Extension<StreamableHttpService<S, M>>,
    Extension(context): Extension<RequestContext>,
    Path(workspace): Path<String>,
    query: Result<Query<Asked>, QueryRejection>,
    request: Request,
) -> Response
where
    S: ServerHandler,
    M: SessionManager,
{
    let mut context = RequestContext { workspace: Some(workspace), ..context };
    let (mut parts, body) = request.into_parts();
    // Before anything else of it is read.
    if let Err(error) = rest::presented(&stoa, &context, &parts.headers) {
        return refused(&stoa, &context, &error);
    }
    let Ok(bytes) = axum::body::to_bytes(body, MESSAGE_MAX).await else {
        return refused(&stoa, &context, &AppError::TooLarge);
    };
    let message: Message = serde_json::from_slice(&bytes).unwrap_or_default();
    if let Some(client) = message.params.meta.client_info.or(message.params.client_info) {
        let name = format!("{} {}", client.name, client.version);
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(CLIENT_MAX).collect();
        // It is kept: one that holds a secret is not.
        context.client = Some(name).filter(|name| !is_like_one(name));
    }
    let is_call = parts.method == Method::POST && message.method == CALL;
    let proven = if is_call {
        None
    } else {
        match rest::prove(&stoa, &context, &parts.headers, "mcp.speak").await {
            Ok(proven) => Some(proven),
            Err(error) => return refused(&stoa, &context, &error),
        }
    };
    let toolsets = match toolsets(query, &mcp.tools) {
        Ok(toolsets) => toolsets,
        Err(error) => {
            let proven = if is_call { rest::prove(&stoa, &context, &parts.headers, "mcp.call").await.err() } else { None };
            return refused(&stoa, &context, &proven.unwrap_or(error));
        }
    };
    let head = parts.headers.clone();
    let speaker = Speaker::new(context.clone(), parts.headers.clone(), toolsets, proven);
    parts.extensions.insert(speaker.clone());
    let answer = service.handle(Request::from_parts(parts, Body::from(bytes))).await;
    // What only looked like a call came to nobody who would have asked.
    if is_call
        && !speaker.has_asked()
        && let Err(error) = rest::prove(&stoa, &context, &head, "mcp.call").await
    {
        return refused(&stoa, &context, &error);
    }
    let mut answer = match speaker.turned_away() {
        Some(response) => challenged(&stoa, response),
        None => answer.map(Body::new),
    };
    if let Some(rate) = context.rate.get() {
        rate.say(answer.headers_mut());
    }
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Which tools the address asks for.
fn toolsets(query: Result<Query<Asked>, QueryRejection>, known: &Tools) -> Result<Toolsets, AppError> {
    let Query(asked) = query.map_err(|_| AppError::invalid("modules", "Behind the address stands ?modules= once, or nothing."))?;
    Toolsets::read(asked.modules.as_deref().filter(|names| !names.trim().is_empty()), known).map_err(|unknown| {
        let shown: String = withholding(&unknown).chars().take(80).collect();
        AppError::invalid("modules", format!("{shown:?} is no toolset. These are: {}.", known.toolsets().join(", ")))
    })
}

fn refused(stoa: &Stoa, context: &RequestContext, error: &AppError) -> Response {
    let mut answer = challenged(stoa, rest::failed(stoa, context.id, error));
    if let Some(rate) = context.rate.get() {
        rate.say(answer.headers_mut());
    }
    answer
}

/// With what a client has to bring (RFC 6750 §3).
fn challenged(_: &Stoa, mut response: Response) -> Response {
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"stoa\""));
    }
    response
}

/// Names that this server answers to: a page that was led here by another name (DNS rebinding) is refused. Origins are not: no
/// browser sends a token by itself.
fn hosts(stoa: &Stoa) -> Vec<String> {
    let url = &stoa.config.public_urls.console;
    let port = url.port_or_known_default();
    let host = url.host_str().unwrap_or_default().to_owned();
    let with_port = |host: &str| port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let is_loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str());
    let others: &[&str] = if is_loopback { &["localhost", "127.0.0.1", "[::1]"] } else { &[] };
    let default_port = url.port().is_none().then(|| host.clone());
    [with_port(&host)].into_iter().chain(default_port).chain(others.iter().map(|name| with_port(name))).collect()
}

/// A page of any origin may speak with a token of its own; none can use a cookie here.
fn cors() -> CorsLayer {
    let session = HeaderName::from_static("mcp-session-id");
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(rest::exposed().into_iter().chain([session, header::WWW_AUTHENTICATE]).collect::<Vec<_>>())
        .max_age(Duration::from_hours(1))
}
