//! The REST ground: operations by name, each with its scope and its permission in its type, and what is the same
//! for all of them: who calls, the envelope, errors, idempotency, versions, dry runs, and the document
//! that describes them (`OpenAPI` 3.1).

mod answer;
mod budget;
mod call;
mod doorstep;
mod errors;
mod gate;
mod idempotency;
mod limits;
mod list;
mod openapi;
mod paging;
mod reference;
mod report;
mod router;
mod scopes;
mod store;
mod streamed;

use list::List;

pub use answer::json_response;
pub use budget::Budget;
pub use call::{Answer, Call, MCP, Nothing, Proven, presented, prove};
pub use doorstep::{ROUTE as MISREAD_ROUTE, is_misread, open_to_all, refuse_misread};
pub use errors::{ErrorCode, error_page, failed};
pub use gate::{Gate, Rate, let_in};
pub use limits::Limits;
pub use openapi::document;
pub use paging::{PageQuery, cursor, instant, line, moment};
pub use reference::{Reference, show_index, show_noun};
pub use router::{answers, exposed, openapi_path, router};
pub use scopes::{ScopeKind, beyond, is_noun_taken, scope_named, scopes};
pub use streamed::{Reopen, Streamed};

use std::sync::Arc;

use axum::{
    extract::{Extension, Query, RawPathParams, Request, State},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use http::{HeaderMap, Method, StatusCode, Uri};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Stoa,
    http::request::RequestContext,
    modules::Module,
    plans::Dimension,
    scope::{Asks, InWorkspace, Reach, Watch},
};
use crate::{access::AskWorkspace, error::AppError};

/// Under this every operation lives.
pub const BASE: &str = "/api/v1";

/// Of all operations but those that hand out a file.
pub const ENVELOPED: &[&str] = &["application/json"];

/// Describes something: from a type, or from a manifest.
pub type SchemaOf = Box<dyn Fn(&mut SchemaGenerator) -> Schema + Send + Sync>;

/// One operation of the API: what it is called, where it is, what it asks for, and what it takes and gives.
pub struct Operation {
    /// `noun.verb`, in the present: `members.list`.
    pub id: &'static str,
    pub method: Method,
    /// Below [`BASE`].
    pub path: &'static str,
    /// What a call is held to before the operation runs.
    pub gate: Gate,
    pub asks: Asks,
    /// A sentence for the reference.
    pub says: &'static str,
    pub status: StatusCode,
    pub query: SchemaOf,
    pub input: Option<SchemaOf>,
    pub output: SchemaOf,
    /// What an answer that went well is written in: [`ENVELOPED`], or those of a file.
    pub kinds: &'static [&'static str],
    /// What agents call it; none where it is not for them.
    pub tool: Option<String>,
    /// Whether it can be refused as things are now; every write of a key can.
    pub may_conflict: bool,
    pub handler: MethodRouter<Stoa>,
}

/// What an operation is called and held to, apart from what it does.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    pub id: &'static str,
    pub path: &'static str,
    pub says: &'static str,
    pub gate: Gate,
}

impl Named {
    /// Of the control plane: metered at rate 0 where it asks for a scope, and never stopped by a pause.
    pub fn new(id: &'static str, path: &'static str, scope: Option<&'static str>, says: &'static str) -> Self {
        let meter = scope
            .map(|scope| if scope.starts_with("credentials:") { Dimension::CredentialOperation } else { Dimension::WorkspaceOperation });
        Self { id, path, says, gate: Gate { operation: id, scope, module: None, meter, while_paused: true } }
    }

    /// Of a module: it runs where the module does, and is billed.
    pub fn of_module(id: &'static str, path: &'static str, module: &'static Module, writes: bool, says: &'static str) -> Self {
        let meter = if writes { Dimension::RestWrite } else { Dimension::RestRead };
        let scope = Some(module.scopes[usize::from(writes)].name);
        Self { id, path, says, gate: Gate { operation: id, scope, module: Some(module), meter: Some(meter), while_paused: false } }
    }
}

impl Operation {
    /// One that changes nothing. `Q` is its query.
    pub fn read<P, Q, Out, F, Fut>(named: Named, handle: F) -> Self
    where
        P: AskWorkspace,
        Q: DeserializeOwned + JsonSchema + Send + 'static,
        Out: Serialize + JsonSchema + Send + 'static,
        F: Fn(Call<P>, Q) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer<P, Out>, AppError>> + Send + 'static,
    {
        Self::looking(named, false, handle)
    }

    /// One that changes nothing, and records that somebody looked before they see what was found.
    pub fn search<P, Q, Out, F, Fut>(named: Named, handle: F) -> Self
    where
        P: AskWorkspace,
        Q: DeserializeOwned + JsonSchema + Send + 'static,
        Out: Serialize + JsonSchema + Send + 'static,
        F: Fn(Call<P>, Q) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer<P, Out>, AppError>> + Send + 'static,
    {
        Self::looking(named, true, handle)
    }

    fn looking<P, Q, Out, F, Fut>(named: Named, records: bool, handle: F) -> Self
    where
        P: AskWorkspace,
        Q: DeserializeOwned + JsonSchema + Send + 'static,
        Out: Serialize + JsonSchema + Send + 'static,
        F: Fn(Call<P>, Q) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer<P, Out>, AppError>> + Send + 'static,
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
                        let list = List::of(&uri);
                        let Query(query) = Query::<Q>::try_from_uri(list.asked()?.as_ref()).map_err(|error| errors::bad_query(&error))?;
                        let call = Call::<P>::open(&stoa, &context, &presented, &headers, &params, named.gate, records).await?;
                        let watch = Watch::over(&call.scope);
                        let answer = watch.noting(handle(call, query).await).await?;
                        let mut sent = if records { answer.commit().await } else { answer.close().await }?;
                        sent.next_cursor = sent.next_cursor.map(|cursor| list.marked(&cursor));
                        Ok(sent)
                    };
                    answer::finish(&stoa, &context, done.await)
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
            output: Box::new(Out::json_schema),
            kinds: ENVELOPED,
            tool: Some(named.id.replace('.', "_")),
            may_conflict: false,
            handler,
        }
    }

    /// One that changes something. Its answer goes out when what it changed is committed.
    ///
    /// # Panics
    /// At start, for a method that changes nothing.
    pub fn write<P, In, Out, F, Fut>(method: Method, named: Named, status: StatusCode, handle: F) -> Self
    where
        P: AskWorkspace,
        In: DeserializeOwned + JsonSchema + Send + 'static,
        Out: Serialize + JsonSchema + Send + 'static,
        F: Fn(Call<P>, In) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer<P, Out>, AppError>> + Send + 'static,
    {
        let handle = Arc::new(handle);
        let filter = MethodFilter::try_from(method.clone()).expect("a method that routers know");
        let handler = on(
            filter,
            move |State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, params: RawPathParams, request: Request| {
                let handle = handle.clone();
                Box::pin(async move {
                    let done = idempotency::carry_out(&stoa, context.clone(), request, &params, named.gate, status, handle).await;
                    answer::finish(&stoa, &context, done)
                }) as std::pin::Pin<Box<dyn Future<Output = Response> + Send>>
            },
        );
        Self {
            id: named.id,
            method,
            path: named.path,
            gate: named.gate,
            asks: InWorkspace::<P>::ASKS,
            says: named.says,
            status,
            query: Box::new(DryRun::json_schema),
            input: Some(Box::new(In::json_schema)),
            output: Box::new(Out::json_schema),
            kinds: ENVELOPED,
            tool: None,
            may_conflict: true,
            handler,
        }
    }
}

/// What an operation takes and gives where no type says it: JSON Schemas (2020-12).
#[derive(Clone, Debug)]
pub struct Described {
    /// Of the query, as an object with its parameters; none for that of every write.
    pub query: Option<Schema>,
    pub input: Option<Schema>,
    pub output: Schema,
}

impl Operation {
    /// Whether it can be asked what would change.
    pub fn is_dry(&self) -> bool {
        self.input.is_some() && self.asks != Asks::Nothing
    }

    /// With this name for agents.
    #[must_use]
    pub fn called_by_agents(mut self, tool: &str) -> Self {
        self.tool = Some(tool.to_owned());
        self
    }

    /// One that changes nothing, and for which things may not be ready yet.
    #[must_use]
    pub fn that_may_conflict(mut self) -> Self {
        self.may_conflict = true;
        self
    }

    /// With what it takes and gives described by these instead of by its types.
    #[must_use]
    pub fn described(mut self, by: Described) -> Self {
        let always = |schema: Schema| -> SchemaOf { Box::new(move |_| schema.clone()) };
        if let Some(query) = by.query {
            self.query = always(query);
        }
        self.input = by.input.map(always);
        self.output = always(by.output);
        self
    }
}

/// What every write takes in its query.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DryRun {
    /// With `true` everything is checked, and the answer says what would change; nothing is written.
    #[serde(default)]
    pub dry_run: bool,
}
