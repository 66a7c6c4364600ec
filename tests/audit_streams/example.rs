//! The receiver that the document shows: it runs as it stands there, checks signatures, and keeps each row once.

use std::{process::Stdio, time::Duration};

use stoa::server::proof;
use tokio::{net::TcpListener, process::Command};

use super::{fill, make, send, size, streams_of, up_to};
use crate::support::{Console, Folder};

/// The program in the document.
fn program() -> String {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit-streams.md")).expect("the document");
    let (_, rest) = text.split_once("```js\n").expect("a program");
    rest.split_once("\n```").expect("its end").0.to_owned()
}

/// A port that nobody has now.
async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port()
}

#[tokio::test]
async fn the_documents_receiver_keeps_every_row_once() {
    let (folder, port) = (Folder::new(), free_port().await);
    let origin = format!("http://127.0.0.1:{port}");
    let console = Console::start_with(&[("STOA_OUTBOUND__ALLOWED", &origin)]).await;
    let team = console.team("Acme").await;
    fill(&console, &team, 20).await;
    let streams = streams_of(&team);
    let (address, secret) = make(&console, &team.admin, &team.slug, &streams, ("Example", &format!("{origin}/in"), "beginning")).await;
    folder.write("receiver.mjs", &program().replace("listen(8080)", &format!("listen({port}, \"127.0.0.1\")")));
    let mut node = Command::new("node");
    let node = node.arg("receiver.mjs").current_dir(folder.path()).env("STOA_STREAM_SECRET", &secret);
    let _running = node.stdin(Stdio::null()).kill_on_drop(true).spawn().expect("node runs");
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    // A test is taken and not kept; what nobody signed is refused.
    // The receiver goes by its own clock, and so does this console for once.
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
    console.hands.advance(now - console.stoa.clock.now());
    let admin = console.signed_in_as("Acme Admin").await;
    let tested = send(&console, &admin, &team.slug, &format!("{address}/test"), &[]).await;
    assert_eq!(tested.status, 303, "{}", tested.text());
    console.work_off().await;
    assert!(admin.browser.get(&address).await.text().contains("It answered 204."));
    let forged = reqwest::Client::new().post(format!("{origin}/in")).header("webhook-id", "1").body("{\"seq\":1}\n");
    assert_eq!(forged.send().await.expect("an answer").status(), 401);

    proof::seal(&console.stoa).await.expect("sealed");
    stoa::features::audit_streams::server::send_due(&console.stoa).await.expect("sent");
    // Sent again from the start, as after a node was killed.
    console.change("update audit_stream set next_seq = 0 where tenant_id = $1", team.tenant.0).await;
    stoa::features::audit_streams::server::send_due(&console.stoa).await.expect("sent");
    let kept = std::fs::read_to_string(folder.path().join("audit.jsonl")).expect("a file");
    let seqs: Vec<i64> = kept
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["seq"].as_i64().expect("a number"))
        .collect();
    assert_eq!(seqs, up_to(size(&console, &team).await));
}
