//! What is known about a request before anyone looks at what it wants.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Method, Uri, header, uri::PathAndQuery};
use ipnet::IpNet;
use tower_sessions::Session;

use super::Whereabouts;
use crate::{
    ids::RequestId,
    server::{
        Stoa, chance,
        clock::Clock,
        credentials::{self, Credential, Kind},
        rest::{self, Rate},
        sessions,
    },
    ui::Theme,
};

const CLIENT_REQUEST_ID_MAX: usize = 128;
const USER_AGENT_MAX: usize = 256;
pub const THEME_COOKIE: &str = "stoa_theme";

/// Holds the token of the invitation whose link was opened. Named as the session's cookie is, and for the same reason.
pub fn invitation_cookie(stoa: &Stoa) -> &'static str {
    if stoa.config.public_urls.is_https() { "__Host-stoa_invitation" } else { "stoa_invitation" }
}

/// Minted by the server at the very edge, before anything can fail.
#[derive(Clone, Debug)]
pub struct Minted {
    pub id: RequestId,
    pub nonce: Nonce,
}

impl Minted {
    pub fn new(clock: &Clock) -> Self {
        Self { id: RequestId(chance::uuid(clock.now())), nonce: Nonce::default() }
    }
}

/// For the scripts of one answer, in its Content-Security-Policy. Made when a page asks for it: most answers are none.
#[derive(Clone, Debug, Default)]
pub struct Nonce(Arc<OnceLock<String>>);

impl Nonce {
    pub fn get(&self) -> &str {
        self.0.get_or_init(chance::secret)
    }

    /// None where no page asked.
    pub fn if_made(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

#[derive(Clone, Debug)]
pub struct RequestContext {
    pub id: RequestId,
    /// What the caller called it: kept, never trusted.
    pub client_request_id: Option<String>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
    /// As an agent's program calls itself: kept, never trusted.
    pub client: Option<String>,
    /// The route's template: what logs, spans and audit rows say instead of the path.
    pub route: String,
    /// Path and query, for the way back after signing in; never logged.
    pub path: String,
    pub channel: &'static str,
    /// The slug of the workspace that the address names, where a credential names one too.
    pub workspace: Option<String>,
    pub nonce: Nonce,
    /// A browser fetching ahead: nothing is written, not even last-seen.
    pub prefetch: bool,
    /// The hash of the session's id, where a cookie names one.
    pub session: Option<[u8; 32]>,
    pub input_hash: Option<[u8; 32]>,
    /// What this browser chose; none where it never did.
    pub theme: Option<Theme>,
    pub flash: Option<String>,
    /// The invitation whose link this browser opened: its secret waits here until the person has signed in.
    pub invitation: Option<Credential>,
    /// How much the caller may still call, once that was counted.
    pub rate: Arc<OnceLock<Rate>>,
    /// The console's pages, to find the way from this address to them.
    pub pages: Arc<Whereabouts>,
}

impl RequestContext {
    /// The path that was asked for, without its query.
    pub fn address(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The page that this address belongs to: itself, or for what only forms are sent to, the page of the form.
    pub fn page(&self) -> String {
        self.pages.page_of(&self.route, &self.path)
    }

    /// For work that no request asked for.
    pub fn internal(clock: &Clock, channel: &'static str, route: &str) -> Self {
        let minted = Minted::new(clock);
        Self {
            id: minted.id,
            client_request_id: None,
            ip: None,
            user_agent: None,
            client: None,
            route: route.to_owned(),
            path: String::new(),
            channel,
            workspace: None,
            nonce: minted.nonce,
            prefetch: false,
            session: None,
            input_hash: None,
            theme: None,
            flash: None,
            invitation: None,
            rate: Arc::default(),
            pages: Arc::default(),
        }
    }
}

/// Middleware: puts a [`RequestContext`] beside every request. Runs inside the session layer.
pub async fn identify(State((stoa, pages)): State<(Stoa, Arc<Whereabouts>)>, mut request: Request, next: Next) -> Response {
    let context = RequestContext { pages, ..read(&stoa, &request) };
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// The same for calls of the API.
pub async fn identify_call(State(stoa): State<Stoa>, mut request: Request, next: Next) -> Response {
    let context = RequestContext { channel: "api", prefetch: false, ..read(&stoa, &request) };
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// The same for agents.
pub async fn identify_agent(State(stoa): State<Stoa>, mut request: Request, next: Next) -> Response {
    let context = RequestContext { channel: rest::MCP, prefetch: false, ..read(&stoa, &request) };
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// What is known of a request, by what came with it.
fn read(stoa: &Stoa, request: &Request) -> RequestContext {
    let headers = request.headers();
    let minted = request.extensions().get::<Minted>().cloned().unwrap_or_else(|| Minted::new(&stoa.clock));
    RequestContext {
        id: minted.id,
        client_request_id: text(headers, "x-request-id", CLIENT_REQUEST_ID_MAX),
        ip: client_ip(request, &stoa.config.public_urls.trusted_proxies),
        user_agent: text(headers, header::USER_AGENT.as_str(), USER_AGENT_MAX),
        client: None,
        route: route(request),
        path: way_back(request.uri()),
        channel: "console",
        workspace: None,
        nonce: minted.nonce,
        prefetch: request.method() == Method::GET && is_prefetch(headers),
        session: request.extensions().get::<Session>().and_then(Session::id).map(sessions::hash),
        input_hash: None,
        theme: cookie(headers, THEME_COOKIE).and_then(|name| Theme::parse(&name)),
        flash: cookie(headers, super::page::FLASH_COOKIE),
        invitation: cookie(headers, invitation_cookie(stoa))
            .and_then(|text| Credential::parse(&text))
            .filter(|credential| credential.kind == Kind::Invitation),
        rate: Arc::default(),
        pages: Arc::default(),
    }
}

/// The template of the matched route.
pub fn route(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned())
}

/// A cookie's value, by the exact name.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(cookie::Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// Path and query, as far as no secret is in them: they come to stand in other addresses.
fn way_back(uri: &Uri) -> String {
    let whole = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    [whole, uri.path()].into_iter().find(|address| !credentials::is_like_one(address)).unwrap_or("/").to_owned()
}

/// A header as text, cut to `max` characters and without control characters. It is kept: one that holds a secret is not.
fn text(headers: &HeaderMap, name: &str, max: usize) -> Option<String> {
    let value = headers.get(name)?.to_str().ok().filter(|value| !credentials::is_like_one(value))?;
    let value: String = value.chars().filter(|c| !c.is_control()).take(max).collect();
    (!value.is_empty()).then_some(value)
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .any(|purpose| purpose.contains("prefetch") || purpose.contains("prerender"))
}

/// The address the request came from: the last one in `X-Forwarded-For` that no trusted proxy put its own name to.
/// The left end of that header is whatever the client wrote.
fn client_ip(request: &Request, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical())?;
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let hops: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    for hop in hops.into_iter().rev() {
        match hop.parse::<IpAddr>() {
            Ok(ip) if is_trusted(&ip) => {}
            Ok(ip) => return Some(ip),
            Err(_) => break,
        }
    }
    Some(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(peer: &str, forwarded: Option<&str>) -> Request {
        let mut builder = Request::builder().uri("/");
        if let Some(forwarded) = forwarded {
            builder = builder.header("x-forwarded-for", forwarded);
        }
        let mut request = builder.body(axum::body::Body::empty()).expect("a request");
        let peer: SocketAddr = format!("{peer}:4711").parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    }

    #[test]
    fn only_a_trusted_proxy_may_say_where_a_request_came_from() {
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let seen = |peer, forwarded| client_ip(&request(peer, forwarded), &trusted).map(|ip| ip.to_string());
        assert_eq!(seen("203.0.113.7", Some("1.2.3.4")).as_deref(), Some("203.0.113.7"));
        assert_eq!(seen("10.0.0.1", Some("198.51.100.2")).as_deref(), Some("198.51.100.2"));
        assert_eq!(seen("10.0.0.1", Some("6.6.6.6, 198.51.100.2, 10.9.9.9")).as_deref(), Some("198.51.100.2"));
        assert_eq!(seen("10.0.0.1", Some("nonsense")).as_deref(), Some("10.0.0.1"));
        assert_eq!(seen("10.0.0.1", None).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn what_a_caller_calls_its_request_is_cut_and_cleaned() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "a".repeat(500).parse().expect("a value"));
        assert_eq!(text(&headers, "x-request-id", CLIENT_REQUEST_ID_MAX).map(|id| id.len()), Some(128));
    }
}
