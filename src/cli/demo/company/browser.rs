//! A person's browser: it signs in where the callback of a real sign-in would, opens pages, fills in forms and sends them,
//! all through the console's own router.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use axum::{Router, body::Body, extract::ConnectInfo};
use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, Request, StatusCode, header};
use tower::ServiceExt as _;
use tower_sessions::Session;

use super::{
    cast::Member,
    markup::{self, Form},
};
use crate::{
    features::sign_in::server::arrive,
    paths,
    server::{
        Stoa,
        credentials::Credential,
        http::request::{RequestContext, invitation_cookie},
        identity::Identity,
        sessions::{PostgresStore, Start, cookie_name, hash},
    },
};

/// After so long a person signs in anew, though their session may live on.
const DAY_OF_WORK: TimeDelta = TimeDelta::hours(7);
/// Acts that destroy ask for a sign-in this recent, or more so.
const RECENT: TimeDelta = TimeDelta::minutes(10);

pub struct Browser {
    who: &'static Member,
    cookies: BTreeMap<String, String>,
    signed_in_at: Option<DateTime<Utc>>,
}

/// A page, or the way to one.
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: String,
}

impl Browser {
    pub fn of(who: &'static Member) -> Self {
        Self { who, cookies: BTreeMap::new(), signed_in_at: None }
    }

    /// Where the person has not been for a while, through the same steps as the provider's callback: arriving, then a
    /// session. Only the provider's own pages are left out: its tokens stand on the system's clock.
    pub async fn come(&mut self, stoa: &Stoa) -> anyhow::Result<()> {
        self.come_within(stoa, DAY_OF_WORK).await
    }

    /// For an act that asks for a recent sign-in.
    pub async fn come_anew(&mut self, stoa: &Stoa) -> anyhow::Result<()> {
        self.come_within(stoa, RECENT).await
    }

    async fn come_within(&mut self, stoa: &Stoa, age: TimeDelta) -> anyhow::Result<()> {
        let now = stoa.clock.now();
        if self.signed_in_at.is_some_and(|at| now - at < age) {
            return Ok(());
        }
        let mut request = RequestContext::internal(&stoa.clock, "console", paths::SIGN_IN_CALLBACK);
        request.ip = Some(self.ip());
        request.user_agent = Some(self.who.device.to_owned());
        request.invitation = self.cookies.get(invitation_cookie(stoa)).and_then(|text| Credential::parse(text));
        let arrival = arrive(stoa, &request, &self.identity(stoa)).await?;
        let session = Session::new(None, Arc::new(PostgresStore::new(stoa.clone())), None);
        let start = Start {
            user: arrival.user,
            name: arrival.name,
            issuer: stoa.identity.issuer_text().to_owned(),
            provider_session: None,
            authenticated_at: now,
            multi_factor: false,
            ip: request.ip.map(|ip| ip.to_string()),
            user_agent: request.user_agent.clone(),
            request: Some(request.id),
        };
        session.insert(Start::KEY, start).await?;
        session.save().await?;
        let id = session.id().context("a stored session has an id")?;
        self.cookies.insert(cookie_name(stoa.config.public_urls.is_https()).to_owned(), id.to_string());
        self.signed_in_at = Some(now);
        Ok(())
    }

    fn identity(&self, stoa: &Stoa) -> Identity {
        Identity {
            issuer: stoa.identity.issuer_text().to_owned(),
            subject: self.who.subject.to_owned(),
            email: self.who.email.to_owned(),
            email_verified: true,
            name: Some(self.who.name.to_owned()),
            session: None,
            authenticated_at: None,
            multi_factor: false,
        }
    }

    /// A request's context as the console would read it from this browser, for what no page shows in figures.
    pub fn context(&self, stoa: &Stoa) -> RequestContext {
        let session = self.cookies.get(cookie_name(stoa.config.public_urls.is_https()));
        let mut request = RequestContext::internal(&stoa.clock, "console", "stoa demo");
        request.ip = Some(self.ip());
        request.session = session.and_then(|id| id.parse().ok()).map(hash);
        request
    }

    fn ip(&self) -> IpAddr {
        self.who.ip.into()
    }

    /// Opens a page, whatever it answers.
    pub async fn open(&mut self, router: &Router, path: &str) -> anyhow::Result<Answer> {
        self.send(router, Method::GET, path, String::new()).await
    }

    /// Opens a page that has to be there, and goes where it leads.
    pub async fn visit(&mut self, router: &Router, path: &str) -> anyhow::Result<String> {
        let mut answer = self.open(router, path).await?;
        for _ in 0..3 {
            if !answer.status.is_redirection() {
                break;
            }
            let next = answer.location.clone();
            answer = self.open(router, &next).await?;
        }
        if answer.status != StatusCode::OK {
            bail!("{} opens {path}: {} {}", self.who.name, answer.status, said(&answer.body));
        }
        Ok(answer.body)
    }

    /// The form of a page that is sent to `action`, as it stands there.
    pub async fn form(&mut self, router: &Router, page: &str, action: &str) -> anyhow::Result<Form> {
        let body = self.visit(router, page).await?;
        Form::on(&body, action).with_context(|| format!("{}: {page} has no form for {action}", self.who.name))
    }

    /// Sends a form that has to be taken.
    pub async fn submit(&mut self, router: &Router, form: &Form) -> anyhow::Result<Answer> {
        let body = form.fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&");
        let answer = self.send(router, Method::POST, &form.action, body).await?;
        if answer.status != StatusCode::OK && answer.status != StatusCode::SEE_OTHER {
            bail!("{} sends {}: {} {}", self.who.name, form.action, answer.status, said(&answer.body));
        }
        Ok(answer)
    }

    async fn send(&mut self, router: &Router, method: Method, path: &str, body: String) -> anyhow::Result<Answer> {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1")
            .header(header::USER_AGENT, self.who.device)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))?;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.who.ip, 40_000))));
        let (parts, body) = router.clone().oneshot(request).await?.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str()?);
        }
        let location = parts.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap_or_default()).to_owned();
        let body = axum::body::to_bytes(body, usize::MAX).await?;
        Ok(Answer { status: parts.status, location, body: String::from_utf8(body.to_vec())? })
    }

    fn keep(&mut self, line: &str) {
        let Some((name, rest)) = line.split_once('=') else { return };
        if rest.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap_or_default().to_owned());
        }
    }
}

/// The beginning of what a page says, for an error.
fn said(body: &str) -> String {
    let main = body.find("<main").map_or(body, |at| &body[at..]);
    markup::plain(main).split_whitespace().take(60).collect::<Vec<_>>().join(" ")
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
