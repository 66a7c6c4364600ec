//! The client for addresses that people enter, against real servers: one that redirects, one without an end, one that
//! stalls, and names that lead elsewhere the second time.

mod certificates;

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use futures_util::{future::BoxFuture, stream};
use stoa::server::outbound::{Allowed, Failed, Limits, Lookup, OfTheSystem, Outbound, Refused};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

fn limits() -> Limits {
    Limits { connect: Duration::from_millis(500), total: Duration::from_secs(1), answer: 4096 }
}

fn allowed(entries: &[&str]) -> Vec<Allowed> {
    entries.iter().map(|entry| Allowed::try_from((*entry).to_owned()).expect(entry)).collect()
}

fn outbound(entries: &[&str], lookup: impl Lookup) -> Outbound {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Outbound::with(&allowed(entries), Arc::new(lookup), limits()).expect("a client")
}

async fn post_to(outbound: &Outbound, url: &str) -> Result<(StatusCode, Vec<u8>), Failed> {
    outbound.post(url, HeaderMap::new(), b"hello".to_vec()).await.map(|answered| (answered.status, answered.body))
}

/// Serves on this machine, and says how often it was asked.
async fn server() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let (counted, elsewhere) = (asked.clone(), asked.clone());
    let endless = || async {
        let pieces = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b'x'; 1024])));
        Body::from_stream(pieces)
    };
    let router = Router::new()
        .route(
            "/echo",
            post(move |body: Bytes| async move {
                counted.fetch_add(1, Ordering::Relaxed);
                body
            }),
        )
        .route("/redirect", post(|| async { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/target")]) }))
        .route(
            "/target",
            post(move || async move {
                elsewhere.fetch_add(100, Ordering::Relaxed);
                StatusCode::OK
            }),
        )
        .route("/endless", post(endless))
        .route("/slow", post(|| async { tokio::time::sleep(Duration::from_mins(1)).await }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), asked)
}

#[tokio::test]
async fn what_the_operator_named_is_called_within_limits() {
    let (url, asked) = server().await;
    let client = outbound(&[&url], OfTheSystem);
    assert_eq!(post_to(&client, &format!("{url}/echo")).await, Ok((StatusCode::OK, b"hello".to_vec())));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // A redirect is an answer, and is not followed.
    let (status, _) = post_to(&client, &format!("{url}/redirect")).await.expect("an answer");
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(post_to(&client, &format!("{url}/endless")).await, Err(Failed::Long(4096)));
    assert_eq!(post_to(&client, &format!("{url}/slow")).await, Err(Failed::Slow(Duration::from_secs(1))));
}

#[tokio::test]
async fn nobody_else_reaches_this_machine() {
    let (url, asked) = server().await;
    let client = outbound(&[], OfTheSystem);
    let port = url.rsplit(':').next().expect("a port");
    for (address, refused) in [
        (format!("{url}/echo"), Refused::Scheme("http:".to_owned())),
        (format!("https://127.0.0.1:{port}/echo"), Refused::Literal),
        (format!("https://localhost:{port}/echo"), Refused::Inner { host: "localhost".to_owned(), kind: "a loopback address" }),
    ] {
        assert_eq!(post_to(&client, &address).await, Err(Failed::Refused(refused)), "{address}");
    }
    // An allowed host opens no other port of it.
    let client = outbound(&[&format!("https://localhost:{port}")], OfTheSystem);
    let other = post_to(&client, "https://localhost:65001").await;
    assert!(matches!(other, Err(Failed::Refused(Refused::Inner { .. }))), "{other:?}");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

/// Answers one after the other, and the last one from then on.
#[derive(Clone, Default)]
struct Changing {
    answers: Arc<Mutex<VecDeque<Vec<IpAddr>>>>,
    asked: Arc<AtomicUsize>,
}

impl Changing {
    fn between(answers: &[&[&str]]) -> Self {
        let read = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().expect("an address")).collect();
        Self { answers: Arc::new(Mutex::new(answers.iter().map(read).collect())), asked: Arc::default() }
    }
}

impl Lookup for Changing {
    fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.lock().expect("answers");
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        let found = answer.unwrap_or_default().into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
        Box::pin(async move { Ok(found) })
    }
}

/// Counts who connects at this address, and says nothing to them.
async fn counting(address: &str) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(address).await.expect("a port");
    let (port, count) = (listener.local_addr().expect("an address").port(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = connection.read(&mut [0; 64]).await;
        }
    });
    (port, count)
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_gains_nothing() {
    let (port, outside) = counting("127.0.0.2:0").await;
    let (_, inside) = counting(&format!("127.0.0.1:{port}")).await;
    // One address of this machine stands for the internet, the other for what nobody may reach.
    let lookup = Changing::between(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let client = outbound(&["127.0.0.2/32"], lookup.clone());
    let url = format!("https://rebinding.example:{port}/in");
    // Looked up once, and what was judged is what was dialled: nobody speaks TLS there.
    let first = post_to(&client, &url).await;
    assert!(matches!(first, Err(Failed::Unreached(_))), "{first:?}");
    assert_eq!((lookup.asked.load(Ordering::Relaxed), outside.load(Ordering::Relaxed)), (1, 1));
    let second = post_to(&client, &url).await;
    let refused = Refused::Inner { host: "rebinding.example".to_owned(), kind: "a loopback address" };
    assert_eq!(second, Err(Failed::Refused(refused)));
    assert_eq!((outside.load(Ordering::Relaxed), inside.load(Ordering::Relaxed)), (1, 0));
}

#[tokio::test]
async fn one_inner_address_among_others_is_one_too_many() {
    for (answer, kind) in [
        (["127.0.0.2", "169.254.169.254"], "a cloud's metadata address"),
        (["::ffff:10.0.0.1", "127.0.0.2"], "an IPv4 address in IPv6 form"),
        (["127.0.0.2", "64:ff9b::a00:1"], "an address translated to IPv4 (NAT64)"),
    ] {
        let client = outbound(&["127.0.0.2/32"], Changing::between(&[&answer]));
        let host = "mixed.example".to_owned();
        assert_eq!(post_to(&client, "https://mixed.example/in").await, Err(Failed::Refused(Refused::Inner { host, kind })));
    }
    let nowhere = outbound(&[], Changing::between(&[&[]]));
    assert_eq!(post_to(&nowhere, "https://nowhere.example/in").await, Err(Failed::Refused(Refused::Unknown("nowhere.example".to_owned()))));
}

#[test]
fn what_is_refused_comes_with_a_remedy() {
    for refused in [
        Refused::NotAnAddress,
        Refused::Scheme("http:".to_owned()),
        Refused::Credentials,
        Refused::Fragment,
        Refused::Literal,
        Refused::Port(22),
        Refused::Unknown("siem.example".to_owned()),
        Refused::Inner { host: "siem.example".to_owned(), kind: "a private address" },
    ] {
        let says = refused.to_string();
        let is_helpful = ["Enter", "enter", "Leave", "Use", "Look"].into_iter().any(|verb| says.contains(verb));
        assert!(is_helpful && says.ends_with('.'), "{says}");
    }
}
