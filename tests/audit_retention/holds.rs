//! While a legal hold is on a log, nothing of it goes.

use chrono::TimeDelta;
use stoa::features::{
    retention::server::{self, apply, erase, find_person, trim},
    workspaces::server::purge_due,
};

use super::{aged, as_app, keep_for, place_of, service, trimmed};
use crate::{
    audit_proof::{seal, verified},
    purging::{archived, rows},
    support::{Console, Team, node},
};

async fn held(console: &Console, team: &Team) -> stoa::ids::AuditHoldId {
    let place = place_of(team);
    let mut scope = service(&console.stoa, &place).await;
    let id = server::hold(&mut scope, &place, "Acme against Zenith", "Asked for by counsel.").await.expect("a hold");
    scope.commit().await.expect("committed");
    id
}

#[tokio::test]
async fn what_is_held_stays_until_it_is_lifted() {
    let console = Console::start().await;
    let team = aged(&console, 10).await;
    keep_for(&console, &team, 30).await;
    let (first, second) = (held(&console, &team).await, held(&console, &team).await);
    let count = async || rows(&console, "audit_event", "log_id", team.workspace.0).await;
    let before = count().await;
    apply(console.stoa.clone()).await.expect("applied");
    assert_eq!(count().await, before);
    assert!(trim(&console.stoa, &place_of(&team)).await.is_err());
    let remove = format!("select * from remove_audit_rows('{}', '{}', 10, now())", team.tenant.0, team.workspace.0);
    let refused = as_app(&console, "service", &team, &remove).await.expect_err("held");
    assert!(refused.contains("under a legal hold"), "{refused}");
    let person = find_person(&console.stoa, &team.owner.user.to_string()).await.expect("people").remove(0);
    let values = ["acme owner".to_owned()];
    assert!(erase(&console.stoa, &place_of(&team), &person, &values, "Asked for.", false).await.is_err());
    assert_eq!(count().await, before);

    let (is_good, said) = node::run(&console, None, &["audit", "holds"]);
    assert!(is_good && said.contains(&first.to_string()) && said.contains("Acme against Zenith"), "{said}");
    let (is_good, said) = node::run(&console, None, &["audit", "release", &first.to_string(), "--reason", "Settled."]);
    assert!(is_good && said.contains("is lifted"), "{said}");
    apply(console.stoa.clone()).await.expect("applied");
    assert!(count().await >= before, "the other one is still on");
    let (is_good, said) = node::run(&console, None, &["audit", "release", &second.to_string(), "--reason", "Settled."]);
    assert!(is_good, "{said}");
    let (is_good, said) = node::run(&console, None, &["audit", "release", &second.to_string(), "--reason", "Again."]);
    assert!(is_good && said.contains("lifted already"), "{said}");
    assert!(trimmed(&console, &team).await > 0);
    seal(&console).await;
    assert_eq!(verified(&console).await.problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_workspace_whose_log_is_held_is_not_purged() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    archived(&console, &team).await;
    let id = held(&console, &team).await;
    let left = async || rows(&console, "workspace_membership", "workspace_id", team.workspace.0).await;
    console.hands.advance(TimeDelta::days(31));
    purge_due(console.stoa.clone()).await.expect("looked");
    assert!(left().await > 0);
    let purge = format!("select purge_workspace('{}', '{}', '2027-06-01')", team.tenant.0, team.workspace.0);
    as_app(&console, "service", &team, &purge).await.expect("looked");
    assert!(left().await > 0);
    let place = place_of(&team);
    let mut scope = service(&console.stoa, &place).await;
    server::lift_as_operator(&mut scope, &place, id, "Settled.").await.expect("lifted");
    scope.commit().await.expect("committed");
    purge_due(console.stoa.clone()).await.expect("purged");
    assert_eq!(left().await, 0);
}

#[tokio::test]
async fn the_application_lifts_the_operators_hold_in_no_reach_but_the_operators() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    seal(&console).await;
    held(&console, &team).await;
    let lift = "update audit_hold set lifted_by = 'x', lifted_at = now(), lifted_because = 'x'";
    for reach in ["workspace", "tenant"] {
        let refused = as_app(&console, reach, &team, lift).await.expect_err(reach);
        assert!(refused.contains("the operator put this hold on"), "{refused}");
    }
    let refused = as_app(&console, "service", &team, "update audit_hold set name = 'x'").await.expect_err("refused");
    assert!(refused.contains("permission denied"), "{refused}");
    assert_eq!(as_app(&console, "service", &team, lift).await, Ok(1));
    let refused = as_app(&console, "service", &team, lift).await.expect_err("lifted");
    assert!(refused.contains("stays as it is"), "{refused}");
}

#[tokio::test]
async fn the_operator_holds_and_keeps_any_log_by_the_command_line() {
    let console = Console::start().await;
    let team = aged(&console, 3).await;
    for place in [&["--workspace", team.slug.as_str()][..], &["--tenant", &team.tenant_slug], &["--installation"]] {
        let run = |words: &[&str]| node::run(&console, None, &[&["audit"], words, place].concat());
        let (is_good, said) = run(&["retention"]);
        assert!(is_good && said.contains("rows are kept for ever"), "{said}");
        let (is_good, said) = run(&["retention", "--days", "29"]);
        assert!(!is_good && said.contains("--days: Choose 30"), "{said}");
        let (is_good, said) = run(&["retention", "--days", "400"]);
        assert!(is_good && said.contains("saved") && said.contains("on: for 400 days"), "{said}");
        let (is_good, said) = run(&["hold", "--name", "Audit 2026", "--reason", "Asked for."]);
        assert!(is_good && said.contains("ahd_"), "{said}");
        let (is_good, said) = run(&["retention", "--forever"]);
        assert!(is_good && said.contains("held: ahd_"), "{said}");
    }
    let (is_good, said) = node::run(&console, None, &["audit", "hold", "--name", "x", "--reason", "y"]);
    assert!(!is_good && said.contains("say which log"), "{said}");
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'audit_hold.placed'").await, 3);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'audit_log.retention_set'").await, 6);
}
