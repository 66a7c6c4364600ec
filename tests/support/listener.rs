//! What a browser hears that is told what comes, event by event (WHATWG HTML §9.2.6).

use axum::{
    body::{Body, BodyDataStream},
    http::{Method, Request, StatusCode},
};
use futures_util::StreamExt as _;

use super::browser::Browser;

pub struct Listener {
    pub status: StatusCode,
    body: BodyDataStream,
    heard: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub event: String,
    pub id: String,
    pub data: String,
}

impl Browser {
    pub async fn listen(&self, path: &str) -> Listener {
        self.hear(self.request(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    /// Goes on behind what was told last.
    pub async fn listen_after(&self, path: &str, id: &str) -> Listener {
        self.hear(self.request(Method::GET, path).header("last-event-id", id).body(Body::empty()).expect("a request")).await
    }

    async fn hear(&self, mut request: Request<Body>) -> Listener {
        request.headers_mut().insert("accept", "text/event-stream".parse().expect("a value"));
        let response = self.answer(request).await;
        Listener { status: response.status(), body: response.into_body().into_data_stream(), heard: String::new() }
    }
}

impl Listener {
    /// The next event, comments left out; none when the answer has ended.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            let block = self.block().await?;
            let mut told = Told::default();
            for (name, value) in block.lines().filter_map(|line| line.split_once(": ")) {
                match name {
                    "event" => value.clone_into(&mut told.event),
                    "id" => value.clone_into(&mut told.id),
                    "data" => told.data.push_str(value),
                    _ => {}
                }
            }
            if told != Told::default() {
                return Some(told);
            }
        }
    }

    /// Whether the first thing said is nothing but that it listens.
    pub async fn is_quiet_at_first(&mut self) -> bool {
        self.block().await.is_some_and(|block| block.starts_with(':'))
    }

    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.heard.find("\n\n") {
                let rest = self.heard.split_off(end + 2);
                return Some(std::mem::replace(&mut self.heard, rest));
            }
            let bytes = self.body.next().await?.expect("a piece");
            self.heard.push_str(std::str::from_utf8(&bytes).expect("text"));
        }
    }
}
