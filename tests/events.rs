//! What happened is written down with it, provably, and stays.

use stoa::server::events::{EventKind, FIELDS, Salts, leaf_hash};

use crate::support::{Console, golden};

#[test]
fn the_events_are_these() {
    let mut lines: Vec<String> = EventKind::every().map(|kind| format!("{:<24} {}", kind.name(), kind.says())).collect();
    lines.sort();
    golden::check("events.txt", &(lines.join("\n") + "\n"));
}

#[test]
fn the_events_are_documented() {
    let mut lines = vec!["| event | says | log |".to_owned(), "|---|---|---|".to_owned()];
    lines.extend(EventKind::every().map(|kind| {
        let logs: Vec<&str> = kind.logs().iter().map(|log| log.name()).collect();
        format!("| `{}` | {} | {} |", kind.name(), kind.says(), logs.join(", "))
    }));
    golden::check_part("docs/events.md", "events", &(lines.join("\n") + "\n"));
}

#[tokio::test]
async fn renaming_leaves_a_row_that_says_who_what_where_and_how() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let settings = team.admin.browser.get(&format!("/w/{}/settings", team.slug)).await;
    let answer = team
        .admin
        .browser
        .post(
            &format!("/w/{}/settings/name", team.slug),
            &[("form", &console.form_key()), ("place", &team.slug), ("version", &settings.field("version")), ("name", "Acme Market")],
        )
        .await;
    assert_eq!(answer.location(), format!("/w/{}/settings", team.slug), "{}", answer.text());
    let mut owner = console.database.connect("stoa_owner").await;
    let row: serde_json::Value = sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where action = 'workspace.renamed'")
        .fetch_one(&mut owner)
        .await
        .expect("one row");
    assert_eq!(row["log_id"], team.workspace.0.to_string());
    assert_eq!(row["tenant_id"], team.tenant.0.to_string());
    assert_eq!(row["actor_type"], "user");
    assert_eq!(row["actor_id"], team.admin.user.to_string());
    assert_eq!(row["channel"], "console");
    assert_eq!(row["route"], "/w/{workspace}/settings/name");
    assert_eq!(row["target_id"], team.workspace.to_string());
    assert_eq!(row["outcome"], "succeeded");
    assert_eq!(row["request_id"], answer.header("x-request-id"));
    assert_eq!(row["changes"], serde_json::json!([{ "field": "name", "before": "Acme Shop", "after": "Acme Market" }]));
    assert!(row["input_hash"].is_string());

    let envelope: String = sqlx::query_scalar("select envelope from outbox where type = 'workspace.renamed'")
        .fetch_one(&mut owner)
        .await
        .expect("one envelope");
    let envelope: serde_json::Value = serde_json::from_str(&envelope).expect("JSON");
    assert_eq!(envelope["tenant_id"], team.tenant.to_string());
    assert_eq!(envelope["workspace_id"], team.workspace.to_string());
    assert!(envelope["id"].as_str().is_some_and(|id| id.starts_with("evt_")));
    assert_eq!(envelope["occurred_at"], "2026-11-21T12:00:00.000000Z");
}

/// Works the leaf of each stored row out again from what is stored.
async fn broken_leaves(owner: &mut sqlx::PgConnection) -> Vec<String> {
    let rows: Vec<(serde_json::Value, Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<String>, String)> = sqlx::query_as(
        "select to_jsonb(audit_event), salts, leaf_hash, input_hash, changes::text,
                to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
         from audit_event",
    )
    .fetch_all(owner)
    .await
    .expect("rows");
    assert!(!rows.is_empty());
    rows.into_iter()
        .filter_map(|(row, salts, stored, input_hash, changes, occurred_at)| {
            let texts: Vec<Option<Vec<u8>>> = FIELDS
                .iter()
                .map(|field| match *field {
                    "occurred_at" => Some(occurred_at.clone().into_bytes()),
                    "input_hash" => input_hash.clone(),
                    "changes" => changes.clone().map(String::into_bytes),
                    field => row[field].as_str().map(|text| text.as_bytes().to_vec()),
                })
                .collect();
            let mut values: [Option<&[u8]>; FIELDS.len()] = [None; FIELDS.len()];
            for (value, text) in values.iter_mut().zip(&texts) {
                *value = text.as_deref();
            }
            let salts = Salts::from_stored(salts).expect("all salts");
            (leaf_hash(&values, &salts).as_slice() != stored).then(|| row["action"].to_string())
        })
        .collect()
}

#[tokio::test]
async fn every_stored_row_still_has_its_leaf_and_an_edited_one_does_not() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    // With a row of a person, who has a credential, and one of something denied.
    team.auditor.browser.get(&format!("/w/{}/audit-log?outcome=denied", team.slug)).await;
    team.member.browser.get(&format!("/w/{}/audit-log", team.slug)).await;
    assert_eq!(
        console
            .database
            .count("select count(*) from audit_event where credential_id is not null and action in ('audit_log.searched', 'access.denied')")
            .await,
        2
    );
    let mut owner = console.database.connect("stoa_owner").await;
    assert_eq!(broken_leaves(&mut owner).await, Vec::<String>::new());
    // Only the owner can switch the guard off; nobody can make the leaf fit.
    for edit in [
        "update audit_event set actor_name = 'Someone Else' where action = 'tenant.created' and target_name = 'Acme'",
        "update audit_event set reason = '' where action = 'tenant.member_added' and target_name = 'Acme Owner' and log_id <> tenant_id",
        "update audit_event set changes = '[]' where action = 'workspace.created' and target_name = 'Acme Shop'",
    ] {
        sqlx::raw_sql("alter table audit_event disable trigger append_only").execute(&mut owner).await.expect("disabled");
        sqlx::query(edit).execute(&mut owner).await.expect("edited");
        sqlx::raw_sql("alter table audit_event enable trigger append_only").execute(&mut owner).await.expect("enabled");
    }
    let mut broken = broken_leaves(&mut owner).await;
    broken.sort();
    assert_eq!(broken, ["\"tenant.created\"", "\"workspace.created\""]);
}

#[tokio::test]
async fn history_cannot_be_changed_by_the_application_nor_carelessly_by_the_owner() {
    let console = Console::start().await;
    console.signed_in_as("Ada").await;
    for role in ["stoa_app", "stoa_owner"] {
        let mut connection = console.database.connect(role).await;
        for statement in ["update audit_event set reason = 'x'", "delete from audit_event", "truncate audit_event"] {
            let refused = sqlx::query(statement).execute(&mut connection).await.expect_err(statement);
            let code = refused.as_database_error().and_then(sqlx::error::DatabaseError::code).map(|code| code.into_owned());
            assert_eq!(code.as_deref(), Some("42501"), "{role}: {statement}: {refused}");
        }
    }
}
