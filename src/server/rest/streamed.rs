//! Operations whose answer is a file: made while it is taken, as long as it may be, and in no envelope.

use axum::{
    body::Body,
    extract::{Extension, Query, RawPathParams, State},
    response::Response,
    routing::{MethodFilter, on},
};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{Call, Named, Operation, answer, call, errors, gate};
use crate::{
    access::AskWorkspace,
    error::AppError,
    server::{
        Stoa,
        http::request::RequestContext,
        scope::{InWorkspace, Intent, Reach as _, Scope, Watch, WorkspaceScope},
    },
};

/// A file, and the scope that is to be committed before its first byte goes out.
pub struct Streamed<P: AskWorkspace> {
    call: Call<P>,
    content_type: &'static str,
    body: Box<dyn FnOnce() -> Body + Send>,
}

/// Opens the workspace again as the call did, for the next part of its answer: key, scope and role are asked anew, and it
/// counts as no call of its own.
pub type Reopen<P> = Box<dyn Fn() -> BoxFuture<'static, Result<WorkspaceScope<P>, AppError>> + Send + Sync>;

impl<P: AskWorkspace> Call<P> {
    /// `body` is made once what the call recorded is committed.
    pub fn streams(self, content_type: &'static str, body: impl FnOnce() -> Body + Send + 'static) -> Streamed<P> {
        Streamed { call: self, content_type, body: Box::new(body) }
    }

    pub fn again(&self) -> Reopen<P> {
        let (stoa, request, presented, gate) = (self.scope.stoa().clone(), self.scope.request().clone(), self.presented.clone(), self.gate);
        Box::new(move || {
            let (stoa, request, presented) = (stoa.clone(), request.clone(), presented.clone());
            Box::pin(async move {
                let pass = |caller: &_, standing: &_| gate::let_in(&gate, caller, standing);
                Scope::open_call(&stoa, &request, &presented, Intent::Read, pass).await.map(|(scope, ..)| scope)
            })
        })
    }
}

impl Operation {
    /// One that hands out a file of one of these kinds, and records that it did before its first byte goes out.
    pub fn stream<P, Q, F, Fut>(named: Named, kinds: &'static [&'static str], handle: F) -> Self
    where
        P: AskWorkspace,
        Q: DeserializeOwned + JsonSchema + Send + 'static,
        F: Fn(Call<P>, Q) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Streamed<P>, AppError>> + Send + 'static,
    {
        let handler = on(
            MethodFilter::GET,
            move |State(stoa): State<Stoa>,
                  Extension(context): Extension<RequestContext>,
                  params: RawPathParams,
                  uri: Uri,
                  headers: HeaderMap| {
                let handle = handle.clone();
                async move {
                    let done = async {
                        let presented = call::presented(&stoa, &context, &headers)?;
                        let Query(query) = Query::<Q>::try_from_uri(&uri).map_err(|error| errors::bad_query(&error))?;
                        let call = Call::<P>::open(&stoa, &context, &presented, &headers, &params, named.gate, true).await?;
                        let watch = Watch::over(&call.scope);
                        let streamed = watch.noting(handle(call, query).await).await?;
                        streamed.call.commit().await?;
                        Ok((streamed.content_type, (streamed.body)()))
                    };
                    match done.await {
                        Ok((content_type, body)) => file(&context, content_type, body),
                        Err(error) => answer::finish(&stoa, &context, Err(error)),
                    }
                }
            },
        );
        Self {
            id: named.id,
            method: Method::GET,
            path: named.path,
            gate: named.gate,
            asks: InWorkspace::<P>::ASKS,
            says: named.says,
            status: StatusCode::OK,
            query: Box::new(Q::json_schema),
            input: None,
            output: Box::new(String::json_schema),
            kinds,
            tool: None,
            // Enough of them run already.
            may_conflict: true,
            handler,
        }
    }
}

fn file(context: &RequestContext, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    if let Some(rate) = context.rate.get() {
        rate.say(headers);
    }
    response
}
