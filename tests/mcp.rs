//! Agents at the MCP endpoint: who may speak, what they are shown, and that a tool is the API's own operation.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Client, Console, Reply, Team, logs};

pub const MODERN: &str = "2026-07-28";
pub const LEGACY: &str = "2025-11-25";

/// An agent with a token, in one revision of the protocol.
pub struct Agent<'a> {
    pub console: &'a Console,
    pub address: String,
    pub secret: String,
    pub revision: &'static str,
}

impl Agent<'_> {
    async fn send(&self, method: Method, body: &Value) -> Reply {
        let named = body["params"]["name"].as_str().unwrap_or_default();
        let asked = body["method"].as_str().unwrap_or_default();
        let mut request = Request::builder()
            .method(method)
            .uri(&self.address)
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream")
            .header("mcp-protocol-version", self.revision);
        if self.revision == MODERN {
            request = request.header("mcp-method", asked);
            if !named.is_empty() {
                request = request.header("mcp-name", named);
            }
        }
        if !self.secret.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        }
        let mut request = request.body(Body::from(body.to_string())).expect("a request");
        let peer: SocketAddr = ([127, 0, 0, 1], 40_002).into();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.console.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub async fn ask(&self, method: &str, mut params: Value) -> Reply {
        if self.revision == MODERN {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { "name": "tester", "version": "7" },
            });
        }
        self.send(Method::POST, &json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })).await
    }

    pub async fn call(&self, tool: &str, arguments: Value) -> Reply {
        self.ask("tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    pub async fn tools(&self) -> Vec<String> {
        let listed = self.ask("tools/list", json!({})).await;
        assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
        let tools = listed.body["result"]["tools"].as_array().expect("tools");
        tools.iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }
}

/// What a refused call says, as the API says it.
pub fn refusal(reply: &Reply) -> Value {
    assert_eq!(reply.body["result"]["isError"], true, "{}", reply.body);
    serde_json::from_str(reply.body["result"]["content"][0]["text"].as_str().expect("a text")).expect("an error")
}

pub async fn agent<'a>(console: &'a Console, team: &Team, scopes: &[&str], revision: &'static str) -> Agent<'a> {
    let made: Client = console.agent(&team.owner, &team.slug, scopes).await;
    Agent { console, address: format!("/mcp/{}", team.slug), secret: made.secret, revision }
}

#[tokio::test]
async fn both_revisions_are_spoken_at_one_address() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let modern = agent(&console, &team, &["tasks:read", "tasks:write"], MODERN).await;
    let discovered = modern.ask("server/discover", json!({})).await;
    assert_eq!(discovered.status, StatusCode::OK, "{}", discovered.body);
    assert!(discovered.body["result"]["supportedVersions"].as_array().expect("versions").contains(&json!(MODERN)), "{}", discovered.body);
    let legacy = Agent { revision: LEGACY, address: modern.address.clone(), secret: modern.secret.clone(), console: &console };
    let client = json!({ "protocolVersion": LEGACY, "capabilities": {}, "clientInfo": { "name": "tester", "version": "7" } });
    let met = legacy.ask("initialize", client).await;
    assert_eq!((met.status, met.body["result"]["protocolVersion"].as_str()), (StatusCode::OK, Some(LEGACY)), "{}", met.body);
    assert_eq!(met.header("mcp-session-id"), "", "any node answers the next one");
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(legacy.send(Method::POST, &initialized).await.status, StatusCode::ACCEPTED);
    for agent in [&modern, &legacy] {
        let tools = agent.tools().await;
        assert_eq!(tools[..3], ["search_records", "get_record", "list_records"]);
        assert!(tools.contains(&"tasks_create".to_owned()), "{tools:?}");
        let made = agent.call("tasks_create", json!({ "title": "Call the supplier" })).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        let result = &made.body["result"];
        assert_eq!(result["structuredContent"]["data"]["title"], "Call the supplier", "{}", made.body);
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().expect("a text")).expect("the same");
        assert_eq!(text, result["structuredContent"]);
    }
}

#[tokio::test]
async fn nobody_speaks_without_a_token_of_this_workspace() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = agent(&console, &acme, &["tasks:read"], MODERN).await;
    let key = console.client(&acme.owner, &acme.slug, &["tasks:read"]).await;
    // A key's secret in a token's clothes: the check holds, and the hash is another.
    let dressed = {
        let body = key.secret.replace("stoa_key_", "stoa_mcp_");
        let body = &body[..body.len() - 6];
        let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut rest = crc32fast::hash(body.as_bytes());
        let mut check = [0_u8; 6];
        for place in check.iter_mut().rev() {
            *place = digits[(rest % 62) as usize];
            rest /= 62;
        }
        format!("{body}{}", String::from_utf8_lossy(&check))
    };
    for (secret, says) in [
        (String::new(), "Send an MCP token"),
        ("nonsense".to_owned(), "is not known"),
        (key.secret.clone(), "API keys work at the API's addresses only"),
        (dressed, "is not known"),
    ] {
        let stranger = Agent { secret, console: &console, address: ours.address.clone(), revision: MODERN };
        for method in ["tools/list", "tools/call", "server/discover", "no/such"] {
            let answer = stranger.ask(method, json!({ "name": "tasks_list", "arguments": {} })).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unauthorized"), "{method}: {}", answer.body);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{method}");
            assert!(answer.body.to_string().contains(says), "{method}: {}", answer.body);
        }
        let unknown = stranger.call("no_such_tool", json!({})).await;
        assert_eq!(unknown.status, StatusCode::UNAUTHORIZED, "{}", unknown.body);
    }
    let astray = Agent { secret: ours.secret.clone(), console: &console, address: format!("/mcp/{}", zenith.slug), revision: MODERN };
    let answer = astray.ask("tools/list", json!({})).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", answer.body);
    let answer = astray.call("tasks_list", json!({})).await;
    assert_eq!(refusal(&answer)["error"]["code"], "policy_denied");
    // And the other way round: a token is no key.
    let wrong = Client::with(console.router.clone(), &ours.secret).get("/tasks").await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::UNAUTHORIZED, "unauthorized"));
}

#[tokio::test]
async fn a_tool_is_the_operation_of_the_api() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let agent = agent(&console, &team, &["tasks:read", "tasks:write"], MODERN).await;
    let key = console.client(&team.owner, &team.slug, &["tasks:read", "tasks:write"]).await;
    let made = agent.call("tasks_create", json!({ "title": "One", "idempotency_key": "k1" })).await;
    let record = made.body["result"]["structuredContent"]["data"].clone();
    let id = record["id"].as_str().expect("an id");
    // Again with the same key: the same answer, and nothing is made.
    let again = agent.call("tasks_create", json!({ "title": "One", "idempotency_key": "k1" })).await;
    assert_eq!(again.body["result"]["structuredContent"]["data"], record);
    assert_eq!(key.get(&format!("/tasks/{id}")).await.body["data"], record);
    for (tool, arguments) in [("tasks_get", json!({ "record": id })), ("get_record", json!({ "resource": "tasks", "record": id }))] {
        let got = agent.call(tool, arguments).await;
        assert_eq!(got.body["result"]["structuredContent"]["data"], record, "{tool}");
    }
    for (tool, arguments) in [
        ("tasks_list", json!({ "limit": 5, "q": "one" })),
        ("list_records", json!({ "resource": "tasks", "filters": { "status": "open" }, "limit": 5 })),
        ("search_records", json!({ "resource": "tasks", "q": "ONE" })),
    ] {
        let listed = agent.call(tool, arguments).await;
        assert_eq!(listed.body["result"]["structuredContent"]["data"], json!([record]), "{tool}: {}", listed.body);
    }
    let dry = agent.call("tasks_update", json!({ "record": id, "title": "Two", "dry_run": true })).await;
    assert_eq!(dry.body["result"]["structuredContent"]["data"]["dry_run"], true, "{}", dry.body);
    let late = agent.call("tasks_update", json!({ "record": id, "title": "Two", "if_version": 9 })).await;
    assert_eq!(refusal(&late)["error"]["code"], "version_conflict");
    let changed = agent.call("tasks_update", json!({ "record": id, "title": "Two", "if_version": 1 })).await;
    assert_eq!(changed.body["result"]["structuredContent"]["data"]["version"], 2, "{}", changed.body);
    for (tool, arguments, says) in [
        ("tasks_create", json!({ "title": 5 }), "title"),
        ("tasks_create", json!({ "titel": "x" }), "titel"),
        ("tasks_get", json!({}), "record"),
        ("list_records", json!({ "resource": "nothings" }), "resource"),
        ("list_records", json!({ "resource": "tasks", "filters": { "colour": "red" } }), "colour"),
    ] {
        let refused = agent.call(tool, arguments).await;
        let error = refusal(&refused);
        assert_eq!(error["error"]["code"], "validation_failed", "{tool}");
        assert!(error.to_string().contains(says), "{tool}: {error}");
    }
    let unknown = agent.call("no_such_tool", json!({})).await;
    assert_eq!(unknown.body["error"]["code"], -32602, "{}", unknown.body);
    // Who it was, through which door, with which tool and client.
    let row = "select channel || ' ' || route || ' ' || split_part(credential_id, '_', 1) || ' ' || coalesce(client, '')
               from audit_event where action = 'record.task.created' and tenant_id = $1";
    assert_eq!(console.database.text(row, team.tenant.0).await, "mcp /mcp/{workspace} tasks_create key tester 7");
    let metered = "select string_agg(distinct dimension || ' ' || channel, ', ') from usage_event where tenant_id = $1 and channel = 'mcp'";
    assert_eq!(console.database.text(metered, team.tenant.0).await, "mcp.call mcp");
}

#[tokio::test]
async fn what_is_listed_can_be_run_and_nothing_else_is() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let reading = agent(&console, &team, &["tasks:read", "members:read"], MODERN).await;
    let tools = reading.tools().await;
    for name in ["tasks_list", "tasks_get", "members_list", "me_get", "get_record"] {
        assert!(tools.iter().any(|tool| tool == name), "{name}: {tools:?}");
    }
    for name in ["tasks_create", "leads_list", "api_keys_list", "usage_get", "audit_log_list"] {
        assert!(!tools.iter().any(|tool| tool == name), "{name}: {tools:?}");
    }
    let refused = reading.call("tasks_create", json!({ "title": "x" })).await;
    assert_eq!(refusal(&refused)["error"]["required_scope"], "tasks:write");
    let narrow = Agent {
        address: format!("{}?modules=tasks", reading.address),
        secret: reading.secret.clone(),
        console: &console,
        revision: MODERN,
    };
    assert!(narrow.tools().await.iter().all(|tool| tool.starts_with("tasks_") || tool.ends_with("_record") || tool.ends_with("_records")));
    assert_eq!(narrow.call("members_list", json!({})).await.body["error"]["code"], -32602);
    let other = Agent { address: format!("{}?modules=nothing", reading.address), ..narrow };
    let answer = other.ask("tools/list", json!({})).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{}", answer.body);
}

#[tokio::test]
async fn what_only_looks_like_a_call_is_proven_too() {
    logs::capture_traces();
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let ours = agent(&console, &team, &["tasks:read"], LEGACY).await;
    let odd = [
        json!({ "jsonrpc": "2.0", "method": "tools/call", "params": { "name": "tasks_list", "arguments": {} } }),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "tasks_list", "arguments": "{}" } }),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {} }),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call" }),
    ];
    for message in &odd {
        let answer = ours.send(Method::POST, message).await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{message}: {}", answer.body);
    }
    let other = Agent { address: format!("{}?modules=tasks&modules=crm", ours.address), secret: ours.secret.clone(), ..ours };
    assert_eq!(other.call("tasks_list", json!({})).await.code(), "validation_failed");
    let whole = Agent { address: format!("{}?modules=", ours.address), secret: ours.secret.clone(), ..ours };
    assert!(whole.tools().await.contains(&"tasks_list".to_owned()), "nothing said is all of them");
    // A secret that is taken for a tool is kept nowhere.
    let pasted = ours.call(&ours.secret, json!({})).await;
    assert!(!pasted.body.to_string().contains(&ours.secret[40..70]), "{}", pasted.body);
    assert_eq!(logs::lines_with(&[&ours.secret[40..70]]), Vec::<String>::new());

    console.change("update api_key set status = 'revoked', revoked_at = now() where workspace_id = $1", team.workspace.0).await;
    for message in &odd {
        let answer = ours.send(Method::POST, message).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unauthorized"), "{message}: {}", answer.body);
    }
    assert_eq!(other.call("tasks_list", json!({})).await.status, StatusCode::UNAUTHORIZED, "and before anything is said of toolsets");
}

#[tokio::test]
async fn the_row_says_whom_it_is_for_as_well_as_the_hash() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let ours = agent(&console, &team, &["tasks:read"], MODERN).await;
    assert_eq!(ours.ask("tools/list", json!({})).await.status, StatusCode::OK);
    console.change("update api_key set kind = 'key' where workspace_id = $1", team.workspace.0).await;
    for method in ["tools/list", "tools/call"] {
        let answer = ours.ask(method, json!({ "name": "tasks_list", "arguments": {} })).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_is_asked_for_too_often_is_refused_whatever_it_is() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = agent(&console, &acme, &["tasks:read"], MODERN).await;
    console.change("update api_key set calls_per_minute = 3 where workspace_id = $1", acme.workspace.0).await;
    let astray = Agent { address: format!("/mcp/{}", zenith.slug), secret: ours.secret.clone(), ..ours };
    let mut last = astray.ask("tools/list", json!({})).await;
    for _ in 0..12 {
        last = astray.ask("tools/list", json!({})).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS, "{}", last.body);
    assert!(!last.header("retry-after").is_empty() && !last.header("ratelimit-remaining").is_empty(), "{:?}", last.headers);
}
