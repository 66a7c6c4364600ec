//! What goes and what does not, and how whoever takes more away is named.

use chrono::TimeDelta;
use serde_json::Value;
use stoa::{
    features::retention::server::{self, apply},
    server::events::{Event, EventKind, Target},
};

use super::{aged, as_app, keep_for, place_of, service, trimmed};
use crate::{
    audit_log::{happen, log_of},
    audit_proof::{
        evidence::{assert_caught, assert_good, changed, taken},
        fill, seal,
        tampering::tamper,
        verified,
    },
    purging::sign_in_again,
    support::{Console, Team},
};

async fn bodies(console: &Console, team: &Team) -> i64 {
    let count = "select count(*)::text from audit_event where log_id = $1";
    console.database.text(count, team.workspace.0).await.parse().expect("a count")
}

async fn leaves(console: &Console, team: &Team) -> i64 {
    let count = "select count(*)::text from audit_leaf where log_id = $1";
    console.database.text(count, team.workspace.0).await.parse().expect("a count")
}

async fn assert_whole(console: &Console) {
    assert_eq!(verified(console).await.problems, Vec::<String>::new());
}

#[tokio::test]
async fn rows_go_when_their_time_is_over_and_everything_else_is_still_proven() {
    let console = Console::start().await;
    let team = aged(&console, 40).await;
    let (before, sealed) = (bodies(&console, &team).await, leaves(&console, &team).await);
    let envelopes = console.database.count("select count(*) from outbox").await;
    keep_for(&console, &team, 60).await;
    apply(console.stoa.clone()).await.expect("applied");
    let left = bodies(&console, &team).await;
    // Of today: those that filled it, what chose, and what says that the others went.
    assert!(left < before && left >= 40, "{left} of {before}");
    assert!(console.database.count("select count(*) from outbox").await < envelopes);
    assert_whole(&console).await;
    seal(&console).await;
    assert!(leaves(&console, &team).await > sealed, "no leaf goes");
    let report = verified(&console).await;
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.says.iter().any(|line| line.contains("rows went by law")), "{:?}", report.says);
    apply(console.stoa.clone()).await.expect("applied again");
    assert_eq!(bodies(&console, &team).await, left, "what is young stays");

    for words in [&[][..], &["--first", "10", "--rows", "50"], &["--first", "0", "--rows", "3"]] {
        assert_good(&console, &taken(&console, &team, words));
    }
    let whole = taken(&console, &team, &[]);
    let silent = changed(&whole, |lines| lines.retain(|line| line.get("record").is_none()));
    assert_caught(&console, &silent, "row 0: its body is gone, and no record says that it went by law");
    let twisted = changed(&whole, |lines| {
        let record = lines.iter_mut().find(|line| line.get("record").is_some()).expect("a record");
        let changes = &mut record["record"]["fields"]["changes"]["value"];
        *changes = Value::from(changes.as_str().expect("changes").replace("removed", "altered"));
    });
    assert_caught(&console, &twisted, "its values are not those that were sealed");
    sign_in_again(&console, &team.auditor).await;
    let list = team.auditor.browser.get(&format!("{}?action=audit_log.retention_applied", log_of(&team))).await;
    assert!(list.text().contains("audit_log.retention_applied"), "{}", list.text());
}

#[tokio::test]
async fn a_shorter_time_begins_to_count_a_month_after_it_was_decided() {
    let console = Console::start().await;
    let team = aged(&console, 5).await;
    let place = place_of(&team);
    let standing = async || {
        let mut scope = service(&console.stoa, &place).await;
        let standing = server::standing(&mut scope, &place).await.expect("a standing");
        scope.close().await.expect("closed");
        standing
    };
    let choose = async |days: Option<i32>| {
        let mut scope = service(&console.stoa, &place).await;
        let is_new = server::choose(&mut scope, &place, days, None).await;
        scope.commit().await.expect("committed");
        is_new
    };
    for days in [29, 0, -1, 40_000] {
        assert!(choose(Some(days)).await.is_err(), "{days}");
    }
    assert!(choose(Some(30)).await.expect("chosen"));
    assert!(!choose(Some(30)).await.expect("the same"));
    let now = console.stoa.clock.now();
    let (days, from) = standing().await.coming(now).expect("to come");
    assert_eq!(days, Some(30));
    assert!(from >= now + TimeDelta::days(30), "{from}");
    assert_eq!((standing().await.days(now), trimmed(&console, &team).await), (None, 0));
    // Whoever moves the console's own clock on is not believed: the database has one too.
    console.hands.advance(TimeDelta::days(40));
    assert_eq!(trimmed(&console, &team).await, 0);
    console.hands.advance(TimeDelta::days(-40));
    assert!(choose(Some(60)).await.expect("longer than what was to come, shorter than what holds"));
    assert_eq!(standing().await.coming(now).expect("to come").0, Some(60));
    assert!(choose(None).await.expect("for ever"));
    assert_eq!(standing().await.coming(now), None);
    keep_for(&console, &team, 30).await;
    assert_eq!(standing().await.days(now), Some(30));
    assert!(choose(Some(90)).await.expect("longer, at once"));
    assert_eq!((standing().await.days(now), standing().await.coming(now)), (Some(90), None));
}

#[tokio::test]
async fn a_smaller_plan_takes_nothing_at_once() {
    let console = Console::start().await;
    let team = aged(&console, 5).await;
    let place = place_of(&team);
    let plan = async |plan: &str| {
        let sql = format!("update tenant set plan = '{plan}' where tenant_id = '{}'", team.tenant.0);
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut console.database.connect("stoa_owner").await).await.expect("another plan");
        apply(console.stoa.clone()).await.expect("applied");
        let mut scope = service(&console.stoa, &place).await;
        let allowed = server::standing(&mut scope, &place).await.expect("a standing").allowed;
        scope.close().await.expect("closed");
        allowed
    };
    let before = bodies(&console, &team).await;
    let enterprise = plan("enterprise").await;
    assert_eq!((enterprise.days, enterprise.next_from), (None, None));
    let smaller = plan("developer").await;
    assert_eq!((smaller.days, smaller.next_days), (None, Some(90)));
    assert!(smaller.next_from.expect("a day") >= console.stoa.clock.now() + TimeDelta::days(30));
    assert_eq!(plan("developer").await, smaller, "noted once, it stays");
    assert_eq!(bodies(&console, &team).await, before);
    let month = "update audit_allowance set next_from = '2026-01-01' where next_from is not null";
    sqlx::raw_sql(month).execute(&mut console.database.connect("stoa_owner").await).await.expect("a month passed");
    assert_eq!(plan("developer").await.days_at(console.stoa.clock.now()), Some(90));
    assert!(bodies(&console, &team).await < before);
    assert_eq!(plan("business").await.days, Some(2555), "more is so at once");
    // What the operator allows beside the plan counts in its place.
    let agreed = format!(
        "insert into entitlement (tenant_id, id, key, allowed, reason, starts_at, created_at)
         values ('{}', gen_random_uuid(), 'audit_days', 4000, 'Agreed.', '2026-01-01', '2026-01-01')",
        team.tenant.0
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(agreed)).execute(&mut console.database.connect("stoa_owner").await).await.expect("agreed");
    assert_eq!(plan("business").await.days, Some(4000));
    seal(&console).await;
    assert_whole(&console).await;
}

#[tokio::test]
async fn the_application_takes_no_row_by_any_other_way() {
    let console = Console::start().await;
    let team = aged(&console, 3).await;
    let log = team.workspace.0;
    for reach in ["workspace", "tenant", "service"] {
        for statement in [
            "delete from audit_event".to_owned(),
            "update audit_event set reason = 'Because.'".to_owned(),
            "truncate audit_event".to_owned(),
            "delete from audit_leaf".to_owned(),
            format!(
                "insert into audit_removal (tenant_id, log_id, kind, rows, removed_at) values ('{0}', '{log}', 'retention', '0', now())",
                team.tenant.0
            ),
            format!("update audit_retention set days = 30 where log_id = '{log}'"),
            "update audit_allowance set days = 30".to_owned(),
        ] {
            let refused = as_app(&console, reach, &team, &statement).await.expect_err(&statement);
            assert!(refused.contains("permission denied"), "{reach}: {statement}: {refused}");
        }
    }
    let remove = format!("select * from remove_audit_rows('{}', '{log}', 10, '2027-01-01')", team.tenant.0);
    for reach in ["workspace", "tenant", "user", ""] {
        let refused = as_app(&console, reach, &team, &remove).await.expect_err(reach);
        assert!(refused.contains("the server's own work"), "{reach}: {refused}");
    }
    // For ever, and then too young: by the database's own word, whatever moment the caller names.
    assert_eq!(as_app(&console, "service", &team, &remove).await, Ok(0));
    keep_for(&console, &team, 365).await;
    assert_eq!(as_app(&console, "service", &team, &remove).await, Ok(0));
    keep_for(&console, &team, 30).await;
    let refused = as_app(&console, "service", &team, &remove).await.expect_err("no record");
    assert!(refused.contains("went without a record"), "{refused}");
    // Nor with a record of other rows.
    let other = format!(
        "with gone as materialized ({remove})
         insert into audit_event (tenant_id, occurred_at, id, log_id, workspace_id, action, actor_type, actor_id, actor_name, channel,
             target_type, target_id, outcome, changes, salts, leaf_version, leaf_hash)
         select '{}', '2027-01-01', gen_random_uuid(), '{log}', '{log}', 'audit_log.retention_applied', 'system', 'x', 'x', 'system', 'x', 'x',
             'succeeded', '[{{\"field\":\"rows\",\"before\":null,\"after\":\"0\"}}]', '\\x00', 1, sha256('x') from gone",
        team.tenant.0
    );
    let refused = as_app(&console, "service", &team, &other).await.expect_err("another record");
    assert!(refused.contains("went without a record"), "{refused}");
    let before = bodies(&console, &team).await;
    assert!(trimmed(&console, &team).await > 0);
    assert!(bodies(&console, &team).await < before);
    assert_eq!(trimmed(&console, &team).await, 0);
    seal(&console).await;
    assert_whole(&console).await;
}

#[tokio::test]
async fn what_no_checkpoint_covers_stays() {
    let console = Console::start().await;
    console.hands.advance(TimeDelta::days(-100));
    let team = console.team("Acme").await;
    fill(&console, &team, 5).await;
    console.hands.advance(TimeDelta::days(100));
    keep_for(&console, &team, 30).await;
    let before = bodies(&console, &team).await;
    let mut scope = service(&console.stoa, &place_of(&team)).await;
    // Nothing of the log is sealed: nobody knows whose it is.
    let refused = sqlx::query("select * from remove_audit_rows($1, $2, 10, now())")
        .bind(team.tenant.0)
        .bind(team.workspace.0)
        .execute(scope.read())
        .await
        .expect_err("refused");
    assert!(refused.to_string().contains("the server's own work"), "{refused}");
    drop(scope);
    // In the tree, and not signed yet.
    stoa::server::proof::seal(&console.stoa).await.expect("sealed");
    assert_eq!((trimmed(&console, &team).await, bodies(&console, &team).await), (0, before));
    seal(&console).await;
    assert!(trimmed(&console, &team).await > 0);
}

/// What whoever has the database makes of it.
#[tokio::test]
async fn whoever_takes_more_than_the_records_say_is_named() {
    let console = Console::start().await;
    let team = aged(&console, 20).await;
    keep_for(&console, &team, 30).await;
    assert!(trimmed(&console, &team).await > 20);
    seal(&console).await;
    assert_whole(&console).await;
    let log = team.workspace.0;
    let newest = "(select row_id from audit_leaf where log_id = $log and seq = 35)";
    let named = async |console: &Console, seq: u64| {
        let problems = verified(console).await.problems;
        let says = format!("row {seq} (aud_");
        assert!(problems.iter().any(|problem| problem.contains(&says) && problem.contains("no record says")), "{problems:?}");
        assert_caught(console, &taken(console, &team, &[]), &format!("row {seq}: its body is gone, and no record says"));
    };
    // Without a word.
    tamper(&console, log, &format!("delete from audit_event where id = {newest}")).await;
    named(&console, 35).await;

    // With a word that is as whole as any, and carries the note of a removal that was another one.
    let note = console
        .database
        .text(
            "select change->>'after' from audit_event, json_array_elements(changes) as change
             where log_id = $1 and action = 'audit_log.retention_applied' and change->>'field' = 'note' limit 1",
            log,
        )
        .await;
    for note in [note.clone(), note.replacen("\n0-", "\n0-99,0-", 1), "nothing".to_owned()] {
        let target = Target { kind: "audit_log", id: "log_x".to_owned(), name: None };
        let event = Event::new(EventKind::AuditLogRetentionApplied, target).changing("rows", None, Some("0-99")).changing(
            "note",
            None,
            Some(&note),
        );
        happen(&console, &team, (&team.owner.user, "Acme Owner"), event).await;
        seal(&console).await;
        let known = "insert into audit_removal (tenant_id, log_id, kind, rows, removed_at, made_in, recorded_at, record_id)
             select tenant_id, log_id, 'retention', '0-99', occurred_at, null, occurred_at, id from audit_event
             where log_id = $log and action = 'audit_log.retention_applied' and actor_type = 'user'
               and id not in (select record_id from audit_removal where record_id is not null)";
        // As the superuser that nothing stops.
        let mut superuser = console.database.connect("postgres").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "set session_replication_role = replica; {}",
            known.replace("$log", &format!("'{log}'"))
        )))
        .execute(&mut superuser)
        .await
        .expect("forged");
        named(&console, 35).await;
    }
    // A record never goes: one that is taken away is missed like any row.
    let seq = console
        .database
        .text(
            "select seq::text from audit_leaf as leaf join audit_event as event on event.id = leaf.row_id
             where leaf.log_id = $1 and event.action = 'audit_log.retention_applied' and event.actor_type = 'system'",
            log,
        )
        .await;
    let record = "select id from audit_event where log_id = $log and action = 'audit_log.retention_applied' and actor_type = 'system'";
    tamper(&console, log, &format!("delete from audit_event where id = ({record})")).await;
    named(&console, seq.parse().expect("a number")).await;
}
