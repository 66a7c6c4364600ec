//! What is answered to a client of the protocol, once its token was proven or where a call proves it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, response::Response};
use http::{HeaderMap, request::Parts};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, ListToolsResult, MetaObject, PaginatedRequestParams,
        ServerCapabilities, ServerConfig,
    },
    service::RequestContext as Asked,
};
use serde_json::json;
use tower::ServiceExt as _;

use super::{
    answers::{self, Came},
    asking,
    tools::{Called, LISTED_MAX, Tools, Toolsets},
};
use crate::{
    error::AppError,
    server::{
        Stoa,
        credentials::withholding,
        http::request::RequestContext,
        rest::{self, Proven},
    },
};

/// What runs longer is given up, before the request is.
const CALL: Duration = Duration::from_secs(25);

/// Everything that an answer is made from.
pub struct Mcp {
    pub stoa: Stoa,
    pub tools: Tools,
    /// The operations behind the tools, at their addresses.
    pub operations: Router,
}

/// Who speaks in one request. It travels with the request.
#[derive(Clone)]
pub struct Speaker {
    pub context: RequestContext,
    pub head: HeaderMap,
    pub toolsets: Toolsets,
    /// None where the call itself proves the token.
    pub proven: Option<Proven>,
    /// Whether the token was asked about by then.
    has_asked: Arc<AtomicBool>,
    /// What is answered instead, where the call found that the token lets nobody in.
    turned_away: Arc<Mutex<Option<Response>>>,
}

impl Speaker {
    pub fn new(context: RequestContext, head: HeaderMap, toolsets: Toolsets, proven: Option<Proven>) -> Self {
        Self { context, head, toolsets, proven, has_asked: Arc::default(), turned_away: Arc::default() }
    }

    fn asks(&self) {
        self.has_asked.store(true, Ordering::Release);
    }

    pub fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Acquire)
    }

    fn turn_away(&self, response: Response) {
        *self.turned_away.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
    }

    pub fn turned_away(&self) -> Option<Response> {
        self.turned_away.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// One for each request.
#[derive(Clone)]
pub struct Speaking(pub(super) Arc<Mcp>);

impl ServerHandler for Speaking {
    fn get_info(&self) -> ServerConfig {
        let server = Implementation::new("stoa", env!("CARGO_PKG_VERSION")).with_title("Stoa");
        let mut config = ServerConfig::new(ServerCapabilities::builder().enable_tools().build()).with_instructions(format!(
            "One workspace: the token names it. Listed are the tools that this token can run now, {LISTED_MAX} at most; with \
             ?modules=NAME,NAME behind the address only those of some toolsets ({}). search_records, get_record and list_records \
             reach every kind of record. A refused call says why and what would help, with a code as the API has it.",
            self.0.tools.toolsets().join(", ")
        ));
        config.server_info = server;
        config
    }

    async fn list_tools(&self, _: Option<PaginatedRequestParams>, asked: Asked<RoleServer>) -> Result<ListToolsResult, ErrorData> {
        let speaker = speaker(&asked)?;
        let Some(proven) = &speaker.proven else { return Err(internal()) };
        let (tools, left_out) = self.0.tools.shown_to(proven, &speaker.toolsets);
        let mut listed = ListToolsResult::with_all_items(tools);
        if left_out > 0 {
            let mut meta = MetaObject::default();
            meta.0.insert("stoa/left_out".to_owned(), json!(left_out));
            listed.meta = Some(meta);
        }
        Ok(listed)
    }

    async fn call_tool(&self, wanted: CallToolRequestParams, asked: Asked<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        let speaker = speaker(&asked)?;
        let mcp = &self.0;
        let arguments = wanted.arguments.unwrap_or_default();
        let generic = mcp.tools.generic.iter().find(|generic| generic.name == wanted.name);
        let meant = match (mcp.tools.named(&wanted.name), generic) {
            (Some(tool), _) => Ok((&tool.called, arguments)),
            (None, Some(generic)) => asking::resolved(generic, arguments),
            (None, None) => return self.unknown(&speaker, &wanted.name).await,
        };
        // An operation proves the token by itself; what never comes to one asks for that here.
        let came = match meant {
            Ok((called, _)) if !speaker.toolsets.hold(called) => return self.unknown(&speaker, &wanted.name).await,
            Ok((called, arguments)) => {
                let running = self.run(called, arguments, &speaker, &wanted.name);
                // Nobody waits for it any more: it is given up, and what it began is rolled back.
                tokio::select! {
                    came = running => came,
                    () = asked.ct.cancelled() => Err(AppError::Unavailable),
                }
            }
            Err(error) => self.refuse(&speaker, error).await,
        };
        came.map_err(|_| internal()).map(CallToolResponse::from)
    }
}

impl Speaking {
    async fn run(&self, called: &Called, arguments: asking::Arguments, speaker: &Speaker, tool: &str) -> Result<CallToolResult, AppError> {
        // What logs and audit rows say: which tool it was.
        let context = RequestContext { route: format!("{} {tool}", speaker.context.route), ..speaker.context.clone() };
        let request = match asking::request(called, arguments, &speaker.head, &context) {
            Ok(request) => request,
            Err(error) => return self.refuse(speaker, error).await,
        };
        speaker.asks();
        let response = match tokio::time::timeout(CALL, self.0.operations.clone().oneshot(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => rest::failed(&self.0.stoa, speaker.context.id, &AppError::Unavailable),
        };
        Self::told(speaker, response).await
    }

    async fn told(speaker: &Speaker, response: Response) -> Result<CallToolResult, AppError> {
        match answers::came_to(response).await? {
            Came::To(result) => Ok(result),
            Came::ToNobody(response) => {
                speaker.turn_away(response);
                // Nobody reads this.
                Ok(CallToolResult::error(Vec::new()))
            }
        }
    }

    /// An error before the operation is reached, for whoever may know: the token is proven first.
    async fn refuse(&self, speaker: &Speaker, error: AppError) -> Result<CallToolResult, AppError> {
        speaker.asks();
        let proven = rest::prove(&self.0.stoa, &speaker.context, &speaker.head, "mcp.call").await;
        let error = proven.err().unwrap_or(error);
        Self::told(speaker, rest::failed(&self.0.stoa, speaker.context.id, &error)).await
    }

    async fn unknown(&self, speaker: &Speaker, name: &str) -> Result<CallToolResponse, ErrorData> {
        speaker.asks();
        if let Err(error) = rest::prove(&self.0.stoa, &speaker.context, &speaker.head, "mcp.call").await {
            let told = Self::told(speaker, rest::failed(&self.0.stoa, speaker.context.id, &error)).await;
            return told.map_err(|_| internal()).map(CallToolResponse::from);
        }
        let shown: String = withholding(name).chars().take(80).collect();
        Err(ErrorData::invalid_params(format!("Unknown tool: {shown}. tools/list says which there are."), None))
    }
}

fn speaker(asked: &Asked<RoleServer>) -> Result<Speaker, ErrorData> {
    asked.extensions.get::<Parts>().and_then(|parts| parts.extensions.get::<Speaker>()).cloned().ok_or_else(internal)
}

fn internal() -> ErrorData {
    ErrorData::internal_error("Something went wrong on the server's side. Its log has the cause.", None)
}
