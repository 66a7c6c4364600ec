//! The reference of the API: for anybody, from the list that routes the calls.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use stoa::{app, server::rest};

use crate::support::Console;

#[tokio::test]
async fn every_operation_has_its_section_for_anybody() {
    let console = Console::start().await;
    let stranger = console.a_stranger();
    let index = stranger.get("/docs/api").await;
    assert_eq!((index.status, index.count("h1")), (StatusCode::OK, 1));
    let links: BTreeSet<String> = index.links("main th a").into_iter().collect();
    let operations = app::operations();
    let expected: BTreeSet<String> = operations.iter().map(|operation| stoa::paths::operation_docs(operation.id)).collect();
    assert_eq!(links, expected);
    for noun in operations.iter().map(|operation| operation.id.split('.').next().unwrap_or_default()).collect::<BTreeSet<_>>() {
        let page = stranger.get(&format!("/docs/api/{noun}")).await;
        assert_eq!((page.status, page.count("h1")), (StatusCode::OK, 1), "{noun}");
        let of_it = || operations.iter().filter(|operation| operation.id.split('.').next() == Some(noun));
        assert_eq!(page.count("main section.operation"), of_it().count(), "{noun}");
        for operation in of_it() {
            let call = format!("{} {}{}", operation.method, rest::BASE, operation.path);
            assert!(page.text().contains(&call) && page.text().contains(operation.says), "{}", operation.id);
            assert_eq!(page.count(&format!("[id='{}']", operation.id)), 1, "{}", operation.id);
            if let Some(scope) = operation.gate.scope {
                assert!(page.text().contains(scope), "{}", operation.id);
            }
        }
        for link in page.links("main .codes a").into_iter().collect::<BTreeSet<_>>() {
            assert_eq!(stranger.get(&link).await.status, StatusCode::OK, "{link}");
        }
        assert!(!page.body.contains(" style=") && page.count("script:not([nonce])") == 0, "{noun}");
    }
    assert_eq!(stranger.get("/docs/api/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_shown_is_what_a_call_is_held_to() {
    let console = Console::start().await;
    let page = console.a_stranger().get("/docs/api/tasks").await;
    for says in [
        "title requiredtext1 to 200 characters",
        "assigneeid, usr_…can be null",
        "tasks:write",
        "rest.write",
        "-d '{\"title\":\"…\"}'",
        "completed_attime (RFC 3339)",
        "The same as of tasks.list.",
    ] {
        assert!(page.text().contains(says), "{says} is not in {}", page.text());
    }
    let error = console.a_stranger().get("/docs/errors/conflict").await;
    assert_eq!(error.link("API reference"), "/docs/api");
}
