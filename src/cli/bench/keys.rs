//! `stoa bench keys`: what a call of the API costs above what it asks the database, and what a wrong key costs.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    compare::{Pair, Rounds},
    console, listen,
    load::{self, Asked},
    sample,
};
use crate::{
    access::workspace::ReadWorkspace,
    error::AppError,
    features::api_keys,
    server::{
        Stoa, chance,
        credentials::{Credential, Kind},
        http::{Problem, request::RequestContext},
        scope::{InWorkspace, Intent, Presented, Scope},
    },
};

const ME: &str = "/api/v1/me";
/// Of the bare handler's requests a second, the share that a call with a good key has to reach.
const GOOD_AT_LEAST: f64 = 0.75;
/// The same for what is refused without asking the database.
const MISREAD_AT_LEAST: f64 = 0.8;

/// Whether the calls reach their bounds.
pub async fn run(rounds: &Rounds, stoa: Stoa) -> anyhow::Result<bool> {
    let console = listen(console(&stoa)).await?;
    let keys = Keys::make(&stoa).await?;
    rounds.introduce("keys", &stoa).await?;
    let good = compare_good(rounds, &stoa, console, &keys).await?;
    let misread = compare_misread(rounds, console, &keys.good).await?;
    println!("GET {ME}: a key that nobody has, and one that was revoked; without a bound");
    let unknown = Credential::mint(Kind::Key, chance::uuid(stoa.clock.now()));
    rounds.report("unknown key", console, &asking_with(&unknown.reveal(), 401)).await?;
    rounds.report("revoked key", console, &asking_with(&keys.revoked.reveal(), 401)).await?;
    Ok(good && misread)
}

async fn compare_good(rounds: &Rounds, stoa: &Stoa, console: SocketAddr, keys: &Keys) -> anyhow::Result<bool> {
    let asked = asking_with(&keys.good.reveal(), 200);
    let body = load::fetch(console, &asked).await?;
    println!("GET {ME}: a good key, {} bytes", body.len());
    let bound = listen(calling(stoa, keys, &body)).await?;
    rounds.compare(&Pair { name: "good key", ours: console, bound, asked: &asked, at_least: GOOD_AT_LEAST }).await
}

async fn compare_misread(rounds: &Rounds, console: SocketAddr, key: &Credential) -> anyhow::Result<bool> {
    let asked = asking_with(&misread(key), 401);
    let (headers, body) = load::fetch_whole(console, &asked).await?;
    println!("GET {ME}: a key whose check does not hold, {} bytes and {} headers", body.len(), headers.len());
    let bound = listen(refusing(headers, &body)).await?;
    rounds.compare(&Pair { name: "misread key", ours: console, bound, asked: &asked, at_least: MISREAD_AT_LEAST }).await
}

/// As a program sends it.
fn asking_with(key: &str, status: u16) -> Asked {
    let headers = vec![("authorization", format!("Bearer {key}")), ("accept", "application/json".to_owned())];
    Asked::get(ME.to_owned(), headers, status)
}

/// The key's text with another last character, which its check does not allow.
fn misread(key: &Credential) -> String {
    let mut text = key.reveal();
    let last = if text.pop() == Some('0') { '1' } else { '0' };
    text.push(last);
    text
}

/// Two keys of one workspace, and a request as the console reads it.
struct Keys {
    good: Credential,
    revoked: Credential,
    request: RequestContext,
}

impl Keys {
    async fn make(stoa: &Stoa) -> anyhow::Result<Self> {
        let visitor = sample::owner_of_members(stoa, 1).await?;
        let mut scope = sample::keyring(stoa, &visitor).await?;
        let mut made = sample::add_keys(&mut scope, 2, &sample::SCOPES).await?.into_iter();
        let (good, revoked) = made.next().zip(made.next()).context("two keys were made")?;
        api_keys::server::revoke(&mut scope, revoked.key.id, None, revoked.key.version).await?;
        let tenant = scope.tenant().id;
        scope.commit().await?;
        sample::free_of_limits(stoa, tenant).await?;
        Ok(Self { good: good.secret, revoked: revoked.secret, request: RequestContext { channel: "api", ..visitor.request } })
    }
}

/// The bound of a good key: the same pool and the same statement, which proves the key and opens its workspace, then its
/// end; and an answer of the same size that nobody writes.
fn calling(stoa: &Stoa, keys: &Keys, body: &str) -> Router {
    let hashes = stoa.config.secrets.peppers().map(|pepper| (pepper.id().to_owned(), keys.good.hash(pepper))).collect();
    let calling = Calling {
        stoa: stoa.clone(),
        request: keys.request.clone(),
        presented: Presented { kind: Kind::Key, id: keys.good.id, hashes },
        body: Bytes::copy_from_slice(body.as_bytes()),
    };
    Router::new().fallback(call).with_state(Arc::new(calling))
}

struct Calling {
    stoa: Stoa,
    request: RequestContext,
    presented: Presented,
    body: Bytes,
}

async fn call(State(bare): State<Arc<Calling>>) -> Result<Response, Problem> {
    look(&bare).await?;
    Ok(json(StatusCode::OK, bare.body.clone()))
}

async fn look(bare: &Calling) -> Result<(), AppError> {
    let opened = Scope::<InWorkspace<ReadWorkspace>>::open_call(&bare.stoa, &bare.request, &bare.presented, Intent::Read, |_, _| Ok(()));
    let (scope, ..) = opened.await?;
    scope.close().await
}

/// The bound of a key that is refused offline: the same refusal, head and body ready made. What is compared is what it takes
/// to read the key, to decide, to count it and to write the answer.
fn refusing(headers: HeaderMap, body: &str) -> Router {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Router::new().fallback(move || std::future::ready((StatusCode::UNAUTHORIZED, headers.clone(), body.clone()).into_response()))
}

fn json(status: StatusCode, body: Bytes) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misread_key_is_none_and_differs_in_one_place() {
        for _ in 0..100 {
            let key = Credential::mint(Kind::Key, uuid::Uuid::nil());
            let (text, misread) = (key.reveal(), misread(&key));
            assert_eq!(Credential::parse(&misread), None);
            assert_eq!(text.len(), misread.len());
            assert_eq!(text.bytes().zip(misread.bytes()).filter(|(one, other)| one != other).count(), 1);
        }
    }
}
