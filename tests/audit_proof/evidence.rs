//! What is taken from a log, checked by two programs that share no code: `stoa audit verify` and `verify-audit.mjs`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use stoa::server::{config::AuditKey, proof::Checkpoint};

use super::{OTHER_KEY, fill, keys, seal};
use crate::support::{Console, Team, node};

/// A file of this test's own.
fn file(text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("evidence-{}", stoa::server::chance::secret()));
    fs::write(&path, text).expect("written");
    path
}

/// Whether both hold it to be good, and what each says. They never disagree.
pub fn checked(console: &Console, text: &str, witness: Option<&Path>) -> (bool, [String; 2]) {
    let (path, key) = (file(text), keys(&console.stoa)[0].to_string());
    let mut words = vec!["audit", "verify", path.to_str().expect("a path"), "--key", &key];
    if let Some(witness) = witness {
        words.extend(["--witness", witness.to_str().expect("a path")]);
    }
    let ours = node::run(console, None, &words);
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/verify-audit.mjs");
    let output = Command::new("node").arg(program).args(&words[2..]).output().expect("Node.js 20 or newer (make setup)");
    let theirs = (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr));
    assert_eq!(ours.0, theirs.0, "ours: {}\ntheirs: {}", ours.1, theirs.1);
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", theirs.1);
    fs::remove_file(path).expect("removed");
    (ours.0, [ours.1, theirs.1])
}

pub fn assert_good(console: &Console, text: &str) {
    let (is_good, said) = checked(console, text, None);
    assert!(is_good, "{said:?}");
}

pub fn assert_caught(console: &Console, text: &str, says: &str) {
    let (is_good, said) = checked(console, text, None);
    assert!(!is_good, "{says}: {said:?}");
    for said in said {
        assert!(said.contains(says), "{said} does not say: {says}");
    }
}

/// Lines of JSON, changed and written again.
pub fn changed(text: &str, change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
    change(&mut lines);
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

pub fn taken(console: &Console, team: &Team, words: &[&str]) -> String {
    let path = file("");
    fs::remove_file(&path).expect("removed");
    let all = [&["audit", "bundle", path.to_str().expect("a path"), "--workspace", &team.slug], words].concat();
    let (is_good, said) = node::run(console, None, &all);
    assert!(is_good, "{said}");
    let text = fs::read_to_string(&path).expect("a bundle");
    fs::remove_file(&path).expect("removed");
    text
}

/// The lines of rows, among which are lines of checkpoints.
pub fn row(lines: &mut [Value], index: u64) -> &mut Value {
    lines.iter_mut().find(|line| line["index"] == index).expect("a row")
}

#[tokio::test]
async fn a_bundle_is_checked_anywhere_and_every_change_to_it_is_caught() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    // Over several checkpoints, with values beyond ASCII.
    for round in 0..3 {
        fill(&console, &team, 20).await;
        crate::audit_log::happen(
            &console,
            &team,
            (&team.owner.user, "Żółć \"Ünï\" 💶"),
            crate::audit_log::renamed("ws_z", &format!("Läden {round}")),
        )
        .await;
        seal(&console).await;
    }
    let whole = taken(&console, &team, &[]);
    assert_good(&console, &whole);
    let rows = whole.lines().filter(|line| line.contains("\"index\"")).count();
    assert!(rows > 60 && whole.lines().count() >= rows + 3, "{} lines", whole.lines().count());
    for (first, count) in [(0, 1), (1, 7), (30, 10), (33, 1000), (rows - 1, 1)] {
        let part = taken(&console, &team, &["--first", &first.to_string(), "--rows", &count.to_string()]);
        assert_good(&console, &part);
    }

    let edit = |index: u64, field: &'static str, value: Value| changed(&whole, |lines| row(lines, index)["fields"][field]["value"] = value);
    for text in [edit(5, "actor_name", "Someone Else".into()), edit(5, "reason", "".into()), edit(5, "changes", Value::Null)] {
        assert_caught(&console, &text, "row 5 (aud_");
        assert_caught(&console, &text, "its values are not those that were sealed");
    }
    let extra = changed(&whole, |lines| row(lines, 5)["fields"]["note"] = json!({ "salt": "", "value": null }));
    assert_caught(&console, &extra, "row 5 (aud_");
    let bare = changed(&whole, |lines| row(lines, 5)["fields"] = Value::Null);
    assert_caught(&console, &bare, "row 5: its body is gone, and no record says that it went by law");
    let without = changed(&whole, |lines| lines.retain(|line| line["index"] != 5));
    assert_caught(&console, &without, "row 5 was to come here");
    let swapped = changed(&whole, |lines| {
        let (five, six) = (row(lines, 5).clone(), row(lines, 6).clone());
        *row(lines, 5) = json!({ "index": 500 });
        *row(lines, 6) =
            Value::Object(five.as_object().expect("a row").clone().into_iter().chain([("index".to_owned(), 6.into())]).collect());
        *row(lines, 500) =
            Value::Object(six.as_object().expect("a row").clone().into_iter().chain([("index".to_owned(), 5.into())]).collect());
    });
    assert_caught(&console, &swapped, "was signed over other rows");
    let cut = changed(&whole, |lines| {
        let at = lines.iter().position(|line| line["index"] == rows - 3).expect("a row");
        lines.truncate(at);
    });
    assert_caught(&console, &cut, "are missing at the end");
    let relabelled = changed(&cut, |lines| lines[0]["last"] = (rows - 3).into());
    assert_caught(&console, &relabelled, "these rows are not those that the checkpoint");

    let other = AuditKey::try_from(OTHER_KEY.to_owned()).expect("a key");
    let resigned = changed(&whole, |lines| {
        let note = lines[0]["checkpoint"].as_str().expect("a note").to_owned();
        lines[0]["checkpoint"] = Checkpoint::unproven(&note).expect("a checkpoint").sign(&other).into();
    });
    assert_caught(&console, &resigned, "no key that was given signed it");
    let forged = whole.replacen(&format!("\\n{rows}\\n"), &format!("\\n{}\\n", rows + 1), 1);
    assert_caught(&console, &forged, "its signature does not hold");
}

#[tokio::test]
async fn a_bundle_of_a_fork_is_caught_by_what_was_kept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 5).await;
    seal(&console).await;
    let whole = taken(&console, &team, &[]);
    let head: Value = serde_json::from_str(whole.lines().next().expect("a head")).expect("JSON");
    let kept = Checkpoint::unproven(head["checkpoint"].as_str().expect("a note")).expect("a checkpoint");
    let witness = file(&kept.sign(&console.stoa.config.secrets.audit_key));
    let (is_good, said) = checked(&console, &whole, Some(&witness));
    assert!(is_good, "{said:?}");
    let fork = Checkpoint { root: [9; 32], ..kept };
    let witness = file(&format!("{}\n", json!({ "note": fork.sign(&console.stoa.config.secrets.audit_key) })));
    let (is_good, said) = checked(&console, &whole, Some(&witness));
    assert!(!is_good && said.iter().all(|said| said.contains("forked, or rewritten")), "{said:?}");
}

#[tokio::test]
async fn one_row_is_proven_by_itself() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let list = client.get("/audit-log?limit=3").await;
    let id = list.body["data"][2]["id"].as_str().expect("an id").to_owned();
    assert_eq!(client.get(&format!("/audit-log/{id}/proof")).await.status, 409);
    assert_eq!(client.get("/audit-log/bundle").await.status, 409);
    let before = client.get("/audit-log/checkpoint").await;
    assert_eq!((before.status.as_u16(), &before.body["data"]["checkpoint"]), (200, &Value::Null));
    fill(&console, &team, 280).await;
    seal(&console).await;

    let answer = client.get(&format!("/audit-log/{id}/proof")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // As the API sends it, and as the console saves it.
    assert_good(&console, &answer.body.to_string());
    let proof = answer.body["data"].clone();
    assert_good(&console, &proof.to_string());
    let saved = team.auditor.browser.get(&format!("/w/{}/audit-log/{id}/proof.json", team.slug)).await;
    assert_good(&console, &saved.body);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut proof = proof.clone();
        change(&mut proof);
        proof.to_string()
    };
    assert_caught(
        &console,
        &with(&|proof| proof["row"]["fields"]["outcome"]["value"] = "denied".into()),
        "its values are not those that were sealed",
    );
    assert_caught(
        &console,
        &with(&|proof| proof["row"]["fields"]["ip"]["salt"] = STANDARD.encode([0; 16]).into()),
        "not those that were sealed",
    );
    assert_caught(&console, &with(&|proof| proof["row"]["index"] = 3.into()), "it is not in the tree of the checkpoint");
    assert_caught(
        &console,
        &with(&|proof| drop(proof["path"].as_array_mut().expect("a path").pop())),
        "it is not in the tree of the checkpoint",
    );
    assert_caught(&console, &with(&|proof| proof["stoa_audit_proof"] = 2.into()), "version 2 of this form is not known here");
    assert!(!checked(&console, "{}", None).0);
    let outsider = console.team("Zenith").await;
    let other = console.client(&outsider.owner, &outsider.slug, &["audit:read"]).await;
    assert_eq!(other.get(&format!("/audit-log/{id}/proof")).await.status, 404);

    // What a value was can be forgotten, and the row stays proven; but not without a word of the log.
    let erased = with(&|proof| {
        let field = &proof["row"]["fields"]["actor_name"];
        let (salt, value) = (field["salt"].as_str().expect("a salt"), field["value"].as_str().expect("a value"));
        let salt = STANDARD.decode(salt).expect("base64");
        let commitment = stoa::server::events::commitment("actor_name", &salt, Some(value.as_bytes()));
        proof["row"]["fields"]["actor_name"] = json!({ "commitment": STANDARD.encode(commitment) });
    });
    assert_caught(&console, &erased, "its actor_name was erased, and no record says that it went by law");
    assert!(!erased.contains("Acme Owner\""), "{erased}");
}

#[tokio::test]
async fn sizes_of_a_log_go_on_from_each_other() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let mut known = Vec::new();
    for rows in [0, 1, 30, 250, 300] {
        fill(&console, &team, rows).await;
        seal(&console).await;
        let answer = client.get("/audit-log/checkpoint").await;
        let note = answer.body["data"]["checkpoint"].as_str().expect("a note").to_owned();
        let (checkpoint, _) = Checkpoint::open(&note, &keys(&console.stoa)).expect("signed");
        assert_eq!(answer.body["data"]["size"], checkpoint.size);
        known.push(checkpoint);
    }
    for (place, second) in known.iter().enumerate() {
        for first in &known[..=place] {
            let answer = client.get(&format!("/audit-log/consistency?first={}&second={}", first.size, second.size)).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let path: Vec<stoa::server::proof::Hash> = answer.body["data"]["path"]
                .as_array()
                .expect("a path")
                .iter()
                .map(|hash| STANDARD.decode(hash.as_str().expect("text")).expect("base64").try_into().expect("32 bytes"))
                .collect();
            let held = stoa::server::proof::is_consistent((first.size, &first.root), (second.size, &second.root), &path);
            assert!(held, "{} to {}", first.size, second.size);
        }
    }
    for (query, field) in [("first=5&second=4", "first"), ("second=100000", "second")] {
        let refused = client.get(&format!("/audit-log/consistency?{query}")).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.body);
        assert!(refused.body.to_string().contains(field), "{query}: {}", refused.body);
    }
    for query in ["rows=0", "rows=2001", "first=100000"] {
        assert_eq!(client.get(&format!("/audit-log/bundle?{query}")).await.status, 422, "{query}");
    }
    let bundle = client.get("/audit-log/bundle?first=10&rows=300").await;
    let lines = bundle.body["data"]["lines"].as_array().expect("lines").iter();
    let lines: String = std::iter::once(&bundle.body["data"]["head"]).chain(lines).map(|line| line.to_string() + "\n").collect();
    assert_good(&console, &lines);
    assert_eq!(client.get("/audit-log/keys").await.body["data"][0]["public_key"], keys(&console.stoa)[0].to_string());
}
