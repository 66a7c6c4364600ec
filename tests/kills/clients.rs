//! Programs with a key, which ask and write until they are told to stop, and remember what they were answered.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use stoa::ids::RequestId;
use tokio::task::JoinSet;

use super::{
    CLIENTS,
    book::{Book, Wanted},
    ground::Ground,
};

pub struct Clients {
    stopping: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Clients {
    pub fn start(ground: &Ground, book: &Arc<Book>, round: u64) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for number in 0..CLIENTS {
            let asking = Asking::of(ground, book, format!("{round}-{number}"));
            tasks.spawn(asking.until(stopping.clone()));
        }
        Self { stopping, tasks }
    }

    /// What is on its way ends, one way or another.
    pub async fn stop(mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("a client that ended");
        }
    }
}

/// Whoever got no good answer sends the same again, with the same idempotency key, until there is one.
pub async fn send_again(ground: &Ground, book: &Arc<Book>) {
    let asking = Asking::of(ground, book, "again".to_owned());
    for wanted in book.unsettled() {
        assert!(asking.write(&wanted).await, "what was not answered is refused when it is sent again: {wanted:?}");
    }
}

#[derive(Clone)]
struct Asking {
    http: reqwest::Client,
    base: String,
    secret: String,
    book: Arc<Book>,
    name: String,
}

impl Asking {
    fn of(ground: &Ground, book: &Arc<Book>, name: String) -> Self {
        Self {
            http: reqwest::Client::builder().build().expect("a client"),
            base: ground.base.clone(),
            secret: ground.secret.clone(),
            book: book.clone(),
            name,
        }
    }

    /// In turns it writes, reads what it wrote, changes it and lists.
    async fn until(self, stopping: Arc<AtomicBool>) {
        let mut number = 0_u64;
        while !stopping.load(Ordering::Relaxed) {
            number += 1;
            let wanted = Wanted::new(format!("{}-{number}", self.name), None);
            self.write(&wanted).await;
            let Some(record) = self.book.record_of(&wanted) else { continue };
            self.read(&format!("/tasks/{record}")).await;
            self.write(&Wanted::new(format!("{}-changed", wanted.key), Some(record))).await;
            self.read("/tasks?limit=2").await;
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/v1{path}", self.base)).bearer_auth(&self.secret)
    }

    async fn read(&self, path: &str) {
        self.note(self.request(Method::GET, path)).await;
    }

    /// Whether it was answered well.
    async fn write(&self, wanted: &Wanted) -> bool {
        self.book.want(wanted);
        let (method, path) = match &wanted.changes {
            Some(record) => (Method::PATCH, format!("/tasks/{record}")),
            None => (Method::POST, "/tasks".to_owned()),
        };
        let request = self.request(method, &path).header("idempotency-key", &wanted.key).json(&json!({ "title": wanted.key }));
        match self.note(request).await {
            Some(data) => {
                self.book.settle(wanted, data["id"].as_str().expect("an id"));
                true
            }
            None => false,
        }
    }

    /// What a good answer says; none where there was another one or none at all.
    async fn note(&self, request: RequestBuilder) -> Option<Value> {
        let answer = request.send().await.ok()?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        // An answer is one when all of it has come.
        let body: Value = answer.json().await.ok()?;
        let id: RequestId = headers["x-request-id"].to_str().expect("text").parse().expect("a request id");
        if status.is_success() {
            self.book.answered(id, headers.contains_key("idempotency-replayed"));
            return Some(body["data"].clone());
        }
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "the only other answer is that it cannot now: {body}");
        self.book.refused(id);
        None
    }
}
