//! The operator's own streams: every row of every log in a file, in order, whoever is killed and however it is rotated.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use stoa::{features::audit_streams::server::drain, ids::LogId, server::proof};

use super::{fill, up_to};
use crate::support::{Console, Folder, Node};

/// The numbers of each log's lines, as they stand.
fn seqs(files: &[&Path]) -> BTreeMap<String, Vec<i64>> {
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).expect("a file")).collect();
    numbers(texts.iter().flat_map(|text| text.lines()))
}

fn numbers<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, Vec<i64>> {
    let mut seqs: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for line in lines {
        let line: Value = serde_json::from_str(line).expect("JSON");
        seqs.entry(line["log"].as_str().expect("a log").to_owned()).or_default().push(line["seq"].as_i64().expect("a number"));
    }
    seqs
}

#[tokio::test]
async fn every_row_of_the_installation_is_appended_once() {
    let folder = Folder::new();
    let (file, moved) = (folder.path().join("audit.jsonl"), folder.path().join("audit.1.jsonl"));
    let console = Console::start_with(&[("STOA_AUDIT__STREAM_FILE", file.to_str().expect("a path"))]).await;
    let team = console.team("Acme").await;
    fill(&console, &team, 1100).await;
    proof::seal(&console.stoa).await.expect("sealed");
    drain(&console.stoa).await.expect("written");
    drain(&console.stoa).await.expect("written");
    std::fs::rename(&file, &moved).expect("rotated");
    fill(&console, &team, 5).await;
    proof::seal(&console.stoa).await.expect("sealed");
    drain(&console.stoa).await.expect("written");
    let mut owner = console.database.connect("stoa_owner").await;
    let logs: Vec<(uuid::Uuid, i64)> = sqlx::query_as("select log_id, size from audit_log_head").fetch_all(&mut owner).await.expect("logs");
    let expected: BTreeMap<String, Vec<i64>> = logs.iter().map(|(log, size)| (LogId(*log).to_string(), up_to(*size))).collect();
    assert_eq!(seqs(&[&moved, &file]), expected);
    assert!(expected.len() > 5, "accounts, workspaces and the installation: {}", expected.len());
    assert_eq!(seqs(&[&file]).len(), 1);
}

#[tokio::test]
async fn what_cannot_be_written_waits_and_chosen_logs_are_written_alone() {
    let folder = Folder::new();
    let place = folder.path().join("logs");
    std::fs::create_dir(&place).expect("a folder");
    let file = place.join("audit.jsonl");
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let log = LogId(team.workspace.0).to_string();
    let settings = [("STOA_AUDIT__STREAM_FILE", file.to_str().expect("a path")), ("STOA_AUDIT__STREAM_LOGS", log.as_str())];
    let node = console.another_node(&settings);
    proof::seal(&console.stoa).await.expect("sealed");
    // The disk is gone for a while.
    std::fs::remove_dir(&place).expect("removed");
    drain(&node).await.expect("nothing to say but in the server's log");
    assert_eq!(console.database.count("select count(*) from audit_drain where next_seq > 0").await, 0);
    std::fs::create_dir(&place).expect("a folder");
    // Two nodes at once write each row once.
    let other = console.another_node(&settings);
    let (one, two) = tokio::join!(drain(&node), drain(&other));
    assert!(one.is_ok() && two.is_ok());
    let size = super::size(&console, &team).await;
    assert_eq!(seqs(&[&file]), BTreeMap::from([(log, up_to(size))]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn standard_output_is_given_every_row_of_the_logs_that_are_chosen() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 20).await;
    let log = LogId(team.workspace.0).to_string();
    let node = Node::start_with(&console, &[("STOA_AUDIT__STREAM_STDOUT", "true"), ("STOA_AUDIT__STREAM_LOGS", log.as_str())]);
    let printed = |node: &Node| numbers(node.printed().iter().map(String::as_str));
    let size = console.database.text("select count(*)::text from audit_event where log_id = $1", team.workspace.0).await;
    let size: i64 = size.parse().expect("a number");
    let all = BTreeMap::from([(log, up_to(size))]);
    node.until(|node| printed(node) == all, "the rows are sealed and printed").await;
    // Whoever goes on does so where the one before stopped.
    node.stop();
    fill(&console, &team, 1).await;
    let next = Node::start_with(&console, &[("STOA_AUDIT__STREAM_STDOUT", "true")]);
    next.until(|node| printed(node).values().any(|seqs| *seqs == [size]), "the row that came since").await;
}
