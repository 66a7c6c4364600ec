//! What is kept is what was announced and sent, and nothing else.

use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode},
};
use futures_util::stream;
use serde_json::json;

use super::{Desk, TEXT, fetch, in_pieces, put, send, sha256};
use crate::records::{data, refused};

const PLAIN: (&str, &str) = ("content-type", "text/plain");
/// More than one part of an upload.
const LARGE: usize = 11 * 1024 * 1024 + 7;

#[tokio::test]
async fn what_is_longer_or_shorter_or_of_another_type_is_not_kept() {
    let desk = Desk::open(&[]).await;
    let (id, up) = desk.announced(TEXT).await;
    let (more, less) = ([TEXT, b"!"].concat(), &TEXT[1..]);
    for bytes in [&*more, less, b""] {
        for body in [Body::from(bytes.to_vec()), in_pieces(bytes, 4)] {
            let wrong = send(desk.router(), Method::PUT, &up, &[PLAIN], body).await;
            assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed"), "{}", wrong.says());
            assert!(wrong.says().contains("21 bytes"), "{}", wrong.says());
        }
        assert_eq!(put(desk.router(), &up, bytes).await.status, StatusCode::UNPROCESSABLE_ENTITY, "as it says itself");
    }
    for headers in [&[("content-type", "text/html")][..], &[("content-type", "text/plain; charset=utf-8")], &[]] {
        let wrong = send(desk.router(), Method::PUT, &up, headers, Body::from(TEXT)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{headers:?}");
    }
    let broken = stream::iter([Ok(Bytes::from_static(&TEXT[..9])), Err(std::io::Error::other("gone"))]);
    assert_eq!(send(desk.router(), Method::PUT, &up, &[PLAIN], Body::from_stream(broken)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((desk.objects().await, desk.files()), (0, 0), "nothing is left of any");
    let nothing = desk.complete(&id, &json!({})).await;
    assert_eq!((nothing.status, nothing.code()), (StatusCode::CONFLICT, "conflict"), "{}", nothing.body);
    assert_eq!(send(desk.router(), Method::PUT, &up, &[PLAIN], in_pieces(TEXT, 4)).await.status, StatusCode::OK);
    data(&desk.complete(&id, &json!({})).await);
    assert_eq!(fetch(desk.router(), &desk.address(&id).await).await.bytes, TEXT);
}

#[tokio::test]
async fn a_large_file_comes_back_whole_and_an_empty_one_too() {
    let desk = Desk::open(&[]).await;
    let large: Vec<u8> = (0..LARGE).map(|place| u8::try_from(place % 253).expect("a byte")).collect();
    for bytes in [&*large, b""] {
        let (id, up) = desk.announced(bytes).await;
        assert_eq!(send(desk.router(), Method::PUT, &up, &[PLAIN], in_pieces(bytes, 60_001)).await.status, StatusCode::OK);
        assert_eq!(data(&desk.complete(&id, &json!({ "sha256": sha256(bytes) })).await)["size_bytes"], bytes.len());
        let file = fetch(desk.router(), &desk.address(&id).await).await;
        assert_eq!(file.header("content-length"), bytes.len().to_string());
        assert!(file.bytes == bytes);
    }
    let (_, up) = desk.announced(&large).await;
    let before = desk.files();
    for wrong in [&large[1..], &[&*large, b"!"].concat()] {
        let status = send(desk.router(), Method::PUT, &up, &[PLAIN], in_pieces(wrong, 60_001)).await.status;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let settled = async || {
        for _ in 0..2_000 {
            if desk.files() == before {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    };
    assert!(settled().await, "parts of what was refused are left in the folder");
}

#[tokio::test]
async fn the_last_of_several_uploads_counts_and_none_after_completing() {
    let desk = Desk::open(&[]).await;
    let (id, up) = desk.announced(b"one").await;
    for bytes in [b"one", b"two"] {
        assert_eq!(put(desk.router(), &up, bytes).await.status, StatusCode::OK);
    }
    assert_eq!((desk.objects().await, desk.files()), (1, 1), "the first has gone");
    let other = desk.complete(&id, &json!({ "sha256": sha256(b"one") })).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "conflict"), "{}", other.body);
    assert!(other.body.to_string().contains(&sha256(b"two")), "{}", other.body);
    assert_eq!(data(&desk.complete(&id, &json!({ "sha256": sha256(b"two") })).await)["sha256"], sha256(b"two"));
    let late = put(desk.router(), &up, b"evl").await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "conflict"), "{}", late.says());
    assert_eq!((desk.objects().await, desk.files()), (1, 1));
    assert_eq!(fetch(desk.router(), &desk.address(&id).await).await.bytes, b"two");
    let mistaken = desk.complete(&id, &json!({ "sha256": sha256(b"one") })).await;
    assert_eq!(mistaken.code(), "conflict", "completed with something else");
    for nonsense in [json!({ "sha256": "abc" }), json!({ "sha256": 7 }), json!({ "sha": "abc" })] {
        assert_eq!(desk.complete(&id, &nonsense).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{nonsense}");
    }
}

/// An upload that was let in before, and whose last byte comes after: what was completed stays.
#[tokio::test]
async fn an_upload_that_ends_after_completing_changes_nothing() {
    let desk = Desk::open(&[]).await;
    let (id, up) = desk.announced(b"one").await;
    assert_eq!(put(desk.router(), &up, b"one").await.status, StatusCode::OK);
    let (more, pieces) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let body = Body::from_stream(stream::unfold(pieces, |mut pieces| async move { pieces.recv().await.map(|piece| (piece, pieces)) }));
    let (router, address) = (desk.router().clone(), up.clone());
    let slow = tokio::spawn(async move { send(&router, Method::PUT, &address, &[PLAIN], body).await });
    more.send(Ok(Bytes::from_static(b"ev"))).await.expect("taken");
    while desk.objects().await < 2 {}
    data(&desk.complete(&id, &json!({})).await);
    more.send(Ok(Bytes::from_static(b"l"))).await.expect("taken");
    drop(more);
    let late = slow.await.expect("an answer");
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "conflict"), "{}", late.says());
    assert_eq!(fetch(desk.router(), &desk.address(&id).await).await.bytes, b"one");
    assert_eq!((desk.objects().await, desk.files()), (1, 1));
}

#[tokio::test]
async fn two_who_complete_at_once_complete_it_once() {
    let desk = Desk::open(&[]).await;
    let (id, up) = desk.announced(TEXT).await;
    assert_eq!(put(desk.router(), &up, TEXT).await.status, StatusCode::OK);
    let body = json!({});
    let (one, other) = tokio::join!(desk.complete(&id, &body), desk.complete(&id, &body));
    assert_eq!((one.header("etag"), other.header("etag")), ("\"2\"", "\"2\""));
    assert_eq!(desk.console.database.count("select count(*) from usage_event where dimension = 'asset.upload'").await, 1);
    assert_eq!(desk.console.database.count("select count(*) from audit_event where action = 'record.asset.completed'").await, 1);
}

#[tokio::test]
async fn an_asset_takes_so_many_uploads_at_a_time() {
    let desk = Desk::open(&[]).await;
    let (_, up) = desk.announced(TEXT).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        let (more, pieces) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
        let body = Body::from_stream(stream::unfold(pieces, |mut pieces| async move { pieces.recv().await.map(|piece| (piece, pieces)) }));
        let (router, address) = (desk.router().clone(), up.clone());
        let sending = tokio::spawn(async move { send(&router, Method::PUT, &address, &[PLAIN], body).await });
        held.push((more, sending));
    }
    while desk.objects().await < 8 {}
    let beyond = put(desk.router(), &up, TEXT).await;
    assert_eq!((beyond.status, beyond.code().as_str()), (StatusCode::CONFLICT, "conflict"), "{}", beyond.says());
    for (more, sending) in held {
        drop(more);
        assert_eq!(sending.await.expect("an answer").status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!((desk.objects().await, desk.files()), (0, 0));
    assert_eq!(put(desk.router(), &up, TEXT).await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_what_the_operator_takes_is_announced() {
    let desk = Desk::open(&[("STOA_ASSETS__MAX_BYTES", "21"), ("STOA_ASSETS__CONTENT_TYPES", "text/plain,image/*")]).await;
    let announce = async |content_type: &str, size: i64, name: &str| {
        desk.client.post("/assets", &json!({ "file_name": name, "content_type": content_type, "size_bytes": size })).await
    };
    data(&announce("image/png", 21, "a.png").await);
    assert_eq!(refused(&announce("text/html", 22, "a").await), ["content_type", "size_bytes"]);
    assert_eq!(refused(&announce("Image/PNG", -1, "a\nb").await), ["content_type", "file_name", "size_bytes"]);
    assert_eq!(refused(&announce("text/plain; charset=utf-8", 1, "a").await), ["content_type"]);
    for name in ["../../etc/passwd", "a\"; filename=\"b", "photo\u{202e}gpj.exe"] {
        data(&announce("text/plain", 1, name).await);
    }
}
