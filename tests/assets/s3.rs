//! The same with a real server that speaks S3, where one runs: `scripts/with-s3` starts it.

use axum::http::{Method, StatusCode};
use serde_json::json;
use stoa::{features::assets::server::sweep, server::objects::Objects};

use super::{Desk, fetch, in_pieces, send, sha256};
use crate::records::data;

const PLAIN: (&str, &str) = ("content-type", "text/plain");

/// None where no server runs; `scripts/with-s3` fails where it should.
fn settings() -> Option<Vec<(&'static str, String)>> {
    let endpoint = std::env::var("STOA_S3_ENDPOINT").ok()?;
    Some(vec![
        ("STOA_ASSETS__STORE", "s3".to_owned()),
        ("STOA_ASSETS__ENDPOINT", endpoint),
        ("STOA_ASSETS__BUCKET", std::env::var("STOA_S3_BUCKET").expect("a bucket")),
        ("STOA_ASSETS__ACCESS_KEY_ID", std::env::var("STOA_S3_KEY").expect("a key")),
        ("STOA_ASSETS__SECRET_ACCESS_KEY", std::env::var("STOA_S3_SECRET").expect("a secret")),
    ])
}

#[tokio::test]
async fn a_bucket_keeps_files_as_a_folder_does() {
    let Some(settings) = settings() else { return };
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, &**value)).collect();
    let desk = Desk::open(&settings).await;
    let objects = desk.console.stoa.objects().expect("a store");
    objects.probe(uuid::Uuid::from_u128(super::rand())).await.expect("a bucket that takes, gives and forgets");
    let large: Vec<u8> = (0..11 * 1024 * 1024 + 7).map(|place: usize| u8::try_from(place % 253).expect("a byte")).collect();
    for bytes in [&*large, b"small", b""] {
        let (id, up) = desk.announced(bytes).await;
        for wrong in [[bytes, b"!"].concat(), bytes.get(1..).unwrap_or(b"!").to_vec()] {
            let status = send(desk.router(), Method::PUT, &up, &[PLAIN], in_pieces(&wrong, 60_001)).await.status;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let sent = send(desk.router(), Method::PUT, &up, &[PLAIN], in_pieces(bytes, 60_001)).await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.says());
        data(&desk.complete(&id, &json!({ "sha256": sha256(bytes) })).await);
        let file = fetch(desk.router(), &desk.address(&id).await).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.says());
        assert!(file.bytes == bytes, "{} bytes", bytes.len());
    }
    let (_, up) = desk.announced(b"left").await;
    assert_eq!(send(desk.router(), Method::PUT, &up, &[PLAIN], in_pieces(b"left", 4)).await.status, StatusCode::OK);
    assert_eq!(desk.objects().await, 4);
    desk.console.hands.advance(chrono::TimeDelta::hours(25));
    sweep(desk.console.stoa.clone()).await.expect("swept");
    assert_eq!(desk.objects().await, 3);
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_says_so() {
    let Some(mut settings) = settings() else { return };
    settings.push(("STOA_ASSETS__SECRET_ACCESS_KEY", "another-secret-than-that".to_owned()));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, &**value)).collect();
    let config = crate::support::settings("postgres://nobody@127.0.0.1/nothing", &settings);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let objects = Objects::new(config.assets.as_ref().expect("a section")).expect("settings");
    let problem = objects.probe(uuid::Uuid::from_u128(super::rand())).await.expect_err("no bucket");
    assert!(
        problem.starts_with("writing did not work") && !problem.contains(&std::env::var("STOA_S3_SECRET").expect("a secret")),
        "{problem}"
    );
}
