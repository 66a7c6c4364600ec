//! What the logs say of a person is erased field by field, and every row is still proven.

use serde_json::Value;
use stoa::{
    features::retention::server::{Erased, erase, find_person, values_in},
    server::events::{Event, EventKind, Target},
};

use super::{aged, keep_for, place_of, trimmed};
use crate::{
    audit_log::{happen, log_of, renamed},
    audit_proof::{
        evidence::{assert_caught, assert_good, changed, taken},
        fill, seal,
        tampering::tamper,
        verified,
    },
    support::{Console, Team, browser::encode, node},
};

async fn assert_whole(console: &Console) {
    assert_eq!(verified(console).await.problems, Vec::<String>::new());
}

/// Rows in which somebody who is nobody else stands everywhere that they can.
async fn told_of(console: &Console, team: &Team) {
    let user = team.member.user;
    happen(console, team, (&user, "Mina Quill"), renamed("ws_a", "Shop")).await;
    let member = Target { kind: "user", id: user.to_string(), name: Some("Mina Quill".to_owned()) };
    happen(console, team, (&team.owner.user, "Acme Owner"), Event::new(EventKind::MemberRemoved, member)).await;
    let invitation = Target { kind: "invitation", id: "inv_x".to_owned(), name: Some("mina@quill.example".to_owned()) };
    let invited = Event::new(EventKind::InvitationCreated, invitation)
        .changing("email", None, Some("mina@quill.example"))
        .because("Asked for by Mina Quill herself.");
    happen(console, team, (&team.owner.user, "Acme Owner"), invited).await;
    // Whose name only begins so.
    happen(console, team, (&team.owner.user, "Acme Owner"), renamed("ws_b", "Mina Quillfeather")).await;
    seal(console).await;
}

const THEIRS: [&str; 3] = ["mina quill", "mina@quill.example", "Mina Quill"];

/// Whatever of them is left in the rows and envelopes of the workspace, but for whose name only begins so.
async fn left(console: &Console, team: &Team) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<String> = sqlx::query_scalar(
        "select event::text from audit_event as event where log_id = $1 union all select envelope from outbox where workspace_id = $1",
    )
    .bind(team.workspace.0)
    .fetch_all(&mut owner)
    .await
    .expect("rows");
    rows.into_iter().filter(|row| THEIRS.iter().any(|value| row.replace("Mina Quillfeather", "").contains(value))).collect()
}

#[tokio::test]
async fn a_persons_values_go_and_the_rows_stay_proven() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    told_of(&console, &team).await;
    let id = team.member.user.to_string();
    let (is_good, said) = node::run(&console, None, &["audit", "erase", &id, "--also", "mina@quill.example"]);
    assert!(is_good && said.contains("would be erased; nothing was changed"), "{said}");
    assert!(left(&console, &team).await.len() >= 3, "counting erases nothing");
    let words = ["audit", "erase", &id, "--also", "mina@quill.example", "--reason", "Asked for.", "--confirm"];
    let (is_good, said) = node::run(&console, None, &words);
    assert!(is_good && said.contains(" erased"), "{said}");
    assert_eq!(left(&console, &team).await, Vec::<String>::new());
    let others = "select count(*) from audit_event where changes::text like '%Mina Quillfeather%'";
    assert_eq!(console.database.count(others).await, 1, "whose name only begins so keeps it");
    assert_whole(&console).await;
    let (is_good, said) = node::run(&console, None, &words);
    assert!(is_good && said.contains("0 values in 0 rows"), "twice is harmless: {said}");

    let client = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    let list = client.get("/audit-log?action=invitation.created").await;
    let row = &list.body["data"][0];
    assert_eq!(row["erased"], serde_json::json!(["target_name", "reason", "changes"]), "{row}");
    assert_eq!((row["reason"].as_str(), row["target"]["name"].as_str()), (Some("erased"), Some("erased")));
    let page = team.auditor.browser.get(&format!("{}/{}", log_of(&team), row["id"].as_str().expect("an id"))).await;
    assert!(page.text().contains("A person's values were erased from this row: target_name, reason, changes"), "{}", page.text());
    for asked in
        ["\"mina quill\"", "actor:\"mina quill\"", "target:mina@quill.example", "after:mina@quill.example", "ip:127.0.0.0/8 actor:mina"]
    {
        let found = client.get(&format!("/audit-log?q={}", encode(&format!("{asked} -action:audit_log.searched -\"Quillfeather\"")))).await;
        assert_eq!(found.body["data"].as_array().map(Vec::len), Some(0), "{asked}: {}", found.body);
    }
    for ending in ["csv", "jsonl", "ocsf.jsonl"] {
        let file = team.auditor.browser.get(&format!("{}.{ending}?action=invitation.created", log_of(&team))).await;
        assert!(file.body.contains("erased") && !file.body.contains("quill"), "{ending}: {}", file.body);
    }

    seal(&console).await;
    let whole = taken(&console, &team, &[]);
    assert_good(&console, &whole);
    let silent = changed(&whole, |lines| lines.retain(|line| line.get("record").is_none()));
    assert_caught(&console, &silent, "was erased, and no record says that it went by law");
    let id = row["id"].as_str().expect("an id");
    let proof = client.get(&format!("/audit-log/{id}/proof")).await;
    assert_eq!(proof.status, 200, "{}", proof.body);
    assert_good(&console, &proof.body.to_string());
    let mut silent: Value = proof.body["data"].clone();
    silent["records"] = Value::Array(Vec::new());
    assert_caught(&console, &silent.to_string(), "was erased, and no record says that it went by law");
}

#[tokio::test]
async fn what_was_erased_can_go_and_be_erased_of_others_too() {
    let console = Console::start().await;
    let team = aged(&console, 5).await;
    told_of(&console, &team).await;
    let place = place_of(&team);
    for who in [team.owner.user, team.member.user] {
        let person = find_person(&console.stoa, &who.to_string()).await.expect("people").remove(0);
        let values = values_in(&console.stoa, &place, &person, &[]).await.expect("values");
        let looked = erase(&console.stoa, &place, &person, &values, "Asked for.", true).await.expect("counted");
        let erased = erase(&console.stoa, &place, &person, &values, "Asked for.", false).await.expect("erased");
        assert_eq!(looked, erased);
        assert!(erased.rows > 0);
        assert_eq!(erase(&console.stoa, &place, &person, &values, "Again.", false).await.expect("erased"), Erased::default());
        assert_whole(&console).await;
    }
    seal(&console).await;
    keep_for(&console, &team, 30).await;
    assert!(trimmed(&console, &team).await > 0);
    seal(&console).await;
    assert_whole(&console).await;
    assert_good(&console, &taken(&console, &team, &[]));
}

#[tokio::test]
async fn whoever_hides_a_value_without_a_record_is_named() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 10).await;
    seal(&console).await;
    let hidden = "update audit_event set erased = '{actor_name}', actor_name = 'erased',
            commitments = audit_commitment('actor_name', audit_salt_of(salts, 'actor_name'), actor_name)
         where id = (select row_id from audit_leaf where log_id = $log and seq = 5)";
    tamper(&console, team.workspace.0, hidden).await;
    let problems = verified(&console).await.problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("row 5 (aud_") && problems[0].contains("its actor_name was erased, and no record says"), "{problems:?}");
    assert_caught(&console, &taken(&console, &team, &[]), "its actor_name was erased, and no record says");
}

#[tokio::test]
async fn nobody_is_erased_by_mistake() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    seal(&console).await;
    let id = team.owner.user.to_string();
    for (words, says) in [
        (&["nobody@example.com"][..], "nobody here is nobody@example.com"),
        (&[id.as_str(), "--also", "ab"][..], "fewer than 3 characters"),
        (&[id.as_str(), "--confirm"][..], "--reason"),
        (&[id.as_str(), "--confirm", "--reason", " "][..], "--reason: say in 1 to 400"),
    ] {
        let (is_good, said) = node::run(&console, None, &[&["audit", "erase"], words].concat());
        assert!(!is_good && said.contains(says), "{words:?}: {said}");
    }
    assert_eq!(console.database.count("select count(*) from audit_event where erased is not null").await, 0);
}
