//! Operations that anybody may call without a key, to report something. Nobody learns from the answer what came of it.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Extension, Request, State},
    response::Response,
    routing::post,
};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Named, Nothing, Operation, answer};
use crate::{
    error::AppError,
    server::{Stoa, http::request::RequestContext, scope::Asks},
};

/// What every report is answered with.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Received {
    /// Always true: that the report was read, and not what came of it.
    received: bool,
}

impl Operation {
    /// A POST that is answered 202 always. `take` is given the body, or none where it is larger than `body_max` or did not
    /// come whole; what it makes of it is its own affair. `In` describes the body.
    pub fn report<In, F, Fut>(named: Named, body_max: usize, take: F) -> Self
    where
        In: JsonSchema + 'static,
        F: Fn(Stoa, RequestContext, Option<Bytes>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let take = Arc::new(take);
        let handler = post(move |State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, request: Request| {
            let take = take.clone();
            async move {
                let body = axum::body::to_bytes(request.into_body(), body_max).await.ok();
                take(stoa.clone(), context.clone(), body).await;
                answered(&stoa, &context)
            }
        });
        Self {
            id: named.id,
            method: Method::POST,
            path: named.path,
            gate: named.gate,
            asks: Asks::Nothing,
            says: named.says,
            status: StatusCode::ACCEPTED,
            query: Box::new(Nothing::json_schema),
            input: Some(Box::new(In::json_schema)),
            output: Box::new(Received::json_schema),
            kinds: super::ENVELOPED,
            tool: None,
            may_conflict: false,
            handler,
        }
    }
}

fn answered(stoa: &Stoa, context: &RequestContext) -> Response {
    let sent = serde_json::to_value(Received { received: true })
        .map(|data| answer::Sent { status: StatusCode::ACCEPTED, data, next_cursor: None, version: None, replayed: false })
        .map_err(|_| AppError::Internal);
    answer::finish(stoa, context, sent)
}
