//! What the overview gives to be pasted works as it stands there.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use tower::ServiceExt as _;

use super::overview;
use crate::{
    modules::{switch_off, switch_on},
    support::{Answer, Console, Person, Team},
};

/// A line as a POSIX shell splits it, with the one variable that there is.
fn words(line: &str, key: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in line.chars() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (Some('\''), '$') => word.push('\u{0}'),
            _ => word.push(character),
        }
    }
    assert_eq!(quote, None, "{line}");
    words.push(word);
    words.into_iter().map(|word| word.replace("$STOA_KEY", key).replace('\u{0}', "$")).collect()
}

/// What curl would send, sent.
async fn paste(console: &Console, line: &str, key: &str) -> StatusCode {
    let words = words(line, key);
    let base = console.stoa.config.public_urls.console_url("/").to_string();
    let (mut request, mut body) = (Request::builder().method("GET"), String::new());
    let mut rest = words.iter();
    assert_eq!(rest.next().map(String::as_str), Some("curl"), "{line}");
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-H" => {
                let (name, value) = rest.next().and_then(|header| header.split_once(": ")).expect("a header");
                request = request.header(name, value);
            }
            "-d" => {
                body.clone_from(rest.next().expect("a body"));
                request = request.method("POST");
            }
            address => {
                request = request.uri(address.strip_prefix(&base).map(|path| format!("/{path}")).expect("an address of this console"));
            }
        }
    }
    let mut request = request.header(header::HOST, "127.0.0.1:3000").body(Body::from(body)).expect("a request");
    let peer: SocketAddr = ([127, 0, 0, 1], 40_001).into();
    request.extensions_mut().insert(ConnectInfo(peer));
    console.router.clone().oneshot(request).await.expect("an answer").status()
}

/// Every command of the page, as its buttons copy it.
fn commands(page: &Answer) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.body);
    let selector = scraper::Selector::parse("#first-call [data-copy]").expect("a selector");
    html.select(&selector)
        .filter_map(|found| found.attr("data-copy"))
        .filter(|copied| copied.starts_with("curl"))
        .map(str::to_owned)
        .collect()
}

async fn commands_for(person: &Person, team: &Team) -> Vec<String> {
    commands(&overview(person, team).await)
}

#[tokio::test]
async fn what_is_shown_works_when_it_is_pasted() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["tasks:write", "crm:write", "support:write", "activity:write"]).await;
    let added = async || {
        let count = console.database.text("select count(*)::text from record where workspace_id = $1", team.workspace.0).await;
        count.parse::<usize>().expect("a count")
    };
    for (place, module) in ["tasks", "crm", "support", "activity_log"].into_iter().enumerate() {
        let shown = commands_for(&team.owner, &team).await;
        assert_eq!(shown.len(), 2, "{shown:?}");
        assert_eq!(paste(&console, &shown[0], &client.secret).await, StatusCode::OK, "{}", shown[0]);
        assert_eq!(paste(&console, &shown[0], "nonsense").await, StatusCode::UNAUTHORIZED);
        assert_eq!(paste(&console, &shown[1], &client.secret).await, StatusCode::CREATED, "{}", shown[1]);
        assert_eq!(added().await, place + 1, "{module}");
        assert_eq!(switch_off(&console, &team, module).await.status, StatusCode::SEE_OTHER);
    }
    let shown = commands_for(&team.owner, &team).await;
    assert_eq!(shown.len(), 1, "no module is on: {shown:?}");
    assert_eq!(switch_on(&console, &team, "tasks").await.status, StatusCode::SEE_OTHER);
    assert_eq!(commands_for(&team.member, &team).await.len(), 2);
    assert_eq!(commands_for(&team.auditor, &team).await.len(), 1, "who may not write is not told how");
}
