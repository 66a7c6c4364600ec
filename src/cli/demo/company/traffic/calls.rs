//! One call, from what an application wants to what comes of it.

use std::{net::SocketAddr, sync::Arc};

use anyhow::bail;
use axum::{Router, body::Body, extract::ConnectInfo};
use http::{Method, Request, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Application, Due};
use crate::{
    cli::demo::company::{calendar::Dice, story::Place},
    server::rest::BASE,
};

/// What an application wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    ListTasks,
    ReadTask,
    AddTask,
    EditTask,
    CompleteTask,
    ListEntries,
    AddEntry,
    ListMembers,
}

pub struct Call {
    application: &'static Application,
    secret: Arc<str>,
    method: Method,
    path: String,
    body: Option<Value>,
    adds_task: bool,
}

/// What came of it.
pub struct Outcome {
    pub place: Place,
    /// Rather than refused.
    pub is_answered: bool,
    /// A task that is open now.
    pub task: Option<String>,
}

const WORK: [&str; 8] = [
    "Ship order",
    "Check payment of order",
    "Pick order",
    "Call back about",
    "Restock item",
    "Print labels for",
    "Review draft",
    "Count shelf",
];
const EVENTS: [(&str, &str); 6] = [
    ("note", "Parcel left the building"),
    ("email", "Answered a question about delivery"),
    ("call", "Spoke about an invoice"),
    ("agent_action", "Stock level corrected"),
    ("meeting", "Weekly planning"),
    ("agent_action", "Address checked and completed"),
];

impl Call {
    /// Without a task to be about, it lists them instead.
    pub fn of(due: &Due, secret: Arc<str>, task: Option<String>, dice: &mut Dice) -> Self {
        let number = 10_000 + dice.below(8999);
        let (method, path, body) = match (due.doing, task) {
            (Doing::AddTask, _) => {
                let work = dice.one_of(&WORK).copied().unwrap_or_default();
                let due = (due.at + chrono::TimeDelta::days(3)).format("%Y-%m-%d").to_string();
                (Method::POST, "/tasks".to_owned(), Some(json!({ "title": format!("{work} {number}"), "due": due })))
            }
            (Doing::AddEntry, _) => {
                let (kind, subject) = dice.one_of(&EVENTS).copied().unwrap_or_default();
                (
                    Method::POST,
                    "/activity".to_owned(),
                    Some(json!({ "kind": kind, "subject": subject, "reference": format!("order {number}") })),
                )
            }
            (Doing::ListEntries, _) => (Method::GET, "/activity?limit=10".to_owned(), None),
            (Doing::ListMembers, _) => (Method::GET, "/members".to_owned(), None),
            (Doing::ReadTask, Some(task)) => (Method::GET, format!("/tasks/{task}"), None),
            (Doing::EditTask, Some(task)) => {
                (Method::PATCH, format!("/tasks/{task}"), Some(json!({ "description": format!("Shelf {}", number % 90) })))
            }
            (Doing::CompleteTask, Some(task)) => (Method::POST, format!("/tasks/{task}/complete"), Some(json!({}))),
            _ => (Method::GET, "/tasks?limit=10".to_owned(), None),
        };
        Self { application: due.application, secret, method, path, body, adds_task: due.doing == Doing::AddTask }
    }

    /// # Errors
    /// Where the API itself fails. Being refused is part of the story.
    pub async fn make(self, router: Router) -> anyhow::Result<Outcome> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(format!("{BASE}{}", self.path))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, self.application.agent)
            .body(self.body.map_or_else(Body::empty, |body| Body::from(body.to_string())))?;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.application.ip, 40_000))));
        let (parts, body) = router.oneshot(request).await?.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await?;
        let is_refused = matches!(parts.status.as_u16(), 401 | 402 | 403 | 429);
        if !parts.status.is_success() && !is_refused {
            bail!("{} calls {}: {} {}", self.application.key, self.path, parts.status, String::from_utf8_lossy(&body));
        }
        let task = || serde_json::from_slice::<Value>(&body).ok()?["data"]["id"].as_str().map(str::to_owned);
        let task = if self.adds_task && parts.status.is_success() { task() } else { None };
        Ok(Outcome { place: self.application.place, is_answered: parts.status.is_success(), task })
    }
}
