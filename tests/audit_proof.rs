//! What happened is sealed: every row in its log's tree, once and without a gap, under checkpoints that anybody can check.

pub mod evidence;
pub mod tampering;
mod witness;
mod writers;

use chrono::TimeDelta;
use stoa::server::{
    Stoa,
    config::AuditPublicKey,
    proof::{self, Checkpoint, Known, Report, Sealed},
};
use uuid::Uuid;

use crate::{
    audit_log::{happen, link, log_of, renamed, rows},
    support::{Console, Team},
    transfer::{another_tenant, transfer},
};

/// Another key, which signed nothing here.
pub const OTHER_KEY: &str = "TM0Imyj/ltqdtsNG7BFODdPoJJfJMi9PRAAgsGnIumw=";

pub fn keys(stoa: &Stoa) -> Vec<AuditPublicKey> {
    stoa.config.secrets.audit_keys().copied().collect()
}

/// The whole database, with the keys of its configuration.
pub async fn verified(console: &Console) -> Report {
    let keys = keys(&console.stoa);
    proof::database(&console.stoa, &Known { keys: &keys, notes: &[] }, None).await.expect("a report")
}

pub async fn seal(console: &Console) -> Sealed {
    proof::seal_now(&console.stoa).await.expect("sealed")
}

/// So many more rows in the team's workspace.
pub async fn fill(console: &Console, team: &Team, rows: usize) {
    for place in 0..rows {
        happen(console, team, (&team.owner.user, "Acme Owner"), renamed(&format!("ws_{place}"), &format!("Shop {place}"))).await;
    }
}

/// Every log's numbers run from 0 without a gap, and every row has one.
pub async fn assert_gapless(console: &Console) {
    let broken = "select count(*) from (
        select log_id from audit_leaf group by log_id
        having min(seq) <> 0 or max(seq) <> count(*) - 1 or count(distinct seq) <> count(*) or count(distinct row_id) <> count(*)) as broken";
    assert_eq!(console.database.count(broken).await, 0);
    let left = "select count(*) from audit_event as event
        where not exists (select from audit_leaf as leaf where leaf.log_id = event.log_id and leaf.row_id = event.id)";
    assert_eq!(console.database.count(left).await, 0);
    assert_eq!(console.database.count("select count(*) from audit_unsealed").await, 0);
}

#[tokio::test]
async fn what_happened_is_sealed_once_and_without_a_gap() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 300).await;
    let written = console.database.count("select count(*) from audit_event").await;
    let sealed = seal(&console).await;
    assert_eq!((i64::try_from(sealed.rows).expect("rows"), sealed.broken), (written, 0));
    assert_eq!(
        i64::try_from(sealed.checkpoints).expect("checkpoints"),
        console.database.count("select count(*) from audit_log_head").await
    );
    assert_gapless(&console).await;
    assert_eq!(seal(&console).await, Sealed::default(), "there is nothing left");

    fill(&console, &team, 3).await;
    let report = verified(&console).await;
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(i64::try_from(report.rows).expect("rows"), written);
    assert!(report.says.iter().any(|line| line.contains("3 rows wait for their seal")), "{:?}", report.says);
    assert_eq!(seal(&console).await.rows, 3);
    assert_eq!(verified(&console).await.problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_checkpoint_is_signed_after_a_minute_or_256_rows() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let of_workspace =
        "select count(*) from audit_checkpoint where log_id in (select workspace_id from workspace where slug like 'shop-%')";
    let turn = async || proof::seal(&console.stoa).await.expect("sealed");
    assert!(turn().await.rows > 0);
    assert_eq!(console.database.count("select count(*) from audit_checkpoint").await, 0, "it waits for more");
    console.hands.advance(TimeDelta::seconds(59));
    assert_eq!(turn().await, Sealed::default());
    console.hands.advance(TimeDelta::seconds(1));
    assert!(turn().await.checkpoints > 0);
    assert_eq!(console.database.count(of_workspace).await, 1);
    fill(&console, &team, 255).await;
    turn().await;
    assert_eq!(console.database.count(of_workspace).await, 1);
    fill(&console, &team, 1).await;
    turn().await;
    assert_eq!(console.database.count(of_workspace).await, 2);
    let note: String =
        console.database.text("select note from audit_checkpoint where log_id = $1 order by size desc limit 1", team.workspace.0).await;
    let (checkpoint, _) = Checkpoint::open(&note, &keys(&console.stoa)).expect("signed");
    assert_eq!(checkpoint.origin, format!("127.0.0.1:3000/audit/{}", team.workspace.0));
}

#[tokio::test]
async fn a_row_that_commits_late_is_sealed_all_the_same() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut late = console.database.connect("stoa_owner").await;
    let copied = "insert into audit_event
        select (jsonb_populate_record(event, jsonb_build_object('id', gen_random_uuid(), 'occurred_at', event.occurred_at - interval '1 hour'))).*
        from audit_event as event where log_id = $1 limit 1";
    sqlx::query("begin").execute(&mut late).await.expect("begun");
    sqlx::query(copied).bind(team.workspace.0).execute(&mut late).await.expect("written");
    fill(&console, &team, 2).await;
    seal(&console).await;
    assert_eq!(console.database.count("select count(*) from audit_unsealed").await, 0);
    sqlx::query("commit").execute(&mut late).await.expect("committed");
    // Its values are another's, so that its leaf does not fit: it is sealed and said.
    let sealed = seal(&console).await;
    assert_eq!((sealed.rows, sealed.broken), (1, 1));
    assert_gapless(&console).await;
}

#[tokio::test]
async fn a_sealer_that_is_killed_in_the_middle_leaves_the_log_as_it_was() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 5).await;
    let leaves = async || console.database.text("select count(*)::text from audit_leaf where log_id = $1", team.workspace.0).await;
    let mut other = console.database.connect("stoa_app").await;
    for statement in [
        "begin".to_owned(),
        format!("select set_config('app.reach', 'service', true), set_config('app.tenant_id', '{}', true)", team.tenant.0),
        format!("select begin_sealing('{}', '{}', 'killed/audit/x')", team.tenant.0, team.workspace.0),
        format!(
            "select seal_rows('{0}', '{1}', 0, array_agg(occurred_at), array_agg(row_id), '{{}}', '{{}}', '{{}}', sha256(''), now())
             from (select occurred_at, row_id from audit_rows_to_seal('{0}', '{1}', 1)) as first",
            team.tenant.0, team.workspace.0
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .execute(&mut other)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    // Whoever else comes leaves that log alone and does not wait.
    let meanwhile = seal(&console).await;
    assert!(meanwhile.rows > 0);
    assert_eq!(leaves().await, "0");
    drop(other);
    let sealed = async {
        while seal(&console).await.rows == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), sealed).await.expect("the lock ends with its holder");
    assert_gapless(&console).await;
    assert_eq!(verified(&console).await.problems, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_seals_or_reads_the_tree_but_in_its_reach() {
    let console = Console::start().await;
    let (team, other) = (console.team("Acme").await, console.team("Zenith").await);
    seal(&console).await;
    let asked = async |reach: &str, tenant: Uuid, workspace: Uuid, statement: String| -> Result<usize, String> {
        let mut app = console.database.connect("stoa_app").await;
        let set = format!(
            "begin; select set_config('app.reach', '{reach}', true), set_config('app.tenant_id', '{tenant}', true),
             set_config('app.workspace_id', '{workspace}', true)"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&mut app).await.expect("set");
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement)).fetch_all(&mut app).await;
        rows.map(|rows| rows.len()).map_err(|error| error.to_string())
    };
    for function in [
        "audit_leaves('{}', 0, 9)",
        "audit_standing('{}')",
        "audit_checkpoints('{}', 0, 9)",
        "audit_hashes('{}', array[0]::smallint[], array[0], array[9])",
    ] {
        let statement = format!("select * from {}", function.replace("{}", &team.workspace.0.to_string()));
        assert!(asked("workspace", team.tenant.0, team.workspace.0, statement.clone()).await.expect("rows") > 0, "{function}");
        for (reach, tenant, workspace) in [
            ("workspace", other.tenant.0, other.workspace.0),
            ("tenant", other.tenant.0, Uuid::nil()),
            ("service", other.tenant.0, Uuid::nil()),
            ("user", team.tenant.0, team.workspace.0),
            ("", team.tenant.0, team.workspace.0),
        ] {
            assert_eq!(asked(reach, tenant, workspace, statement.clone()).await, Ok(0), "{reach}: {function}");
        }
    }
    let begin = format!("select * from begin_sealing('{}', '{}', 'x')", team.tenant.0, team.workspace.0);
    for (reach, tenant) in [("workspace", team.tenant.0), ("service", other.tenant.0)] {
        let refused = asked(reach, tenant, team.workspace.0, begin.clone()).await.expect_err("refused");
        assert!(refused.contains("the server's own work"), "{refused}");
    }
    for table in ["audit_leaf", "audit_subtree", "audit_checkpoint", "audit_log_head", "audit_unsealed"] {
        let refused = asked("service", team.tenant.0, Uuid::nil(), format!("select * from {table}")).await.expect_err("refused");
        assert!(refused.contains("permission denied"), "{refused}");
    }
}

#[tokio::test]
async fn a_workspaces_log_goes_on_where_it_is_moved_to() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    fill(&console, &team, 300).await;
    seal(&console).await;
    let (other, slug) = another_tenant(&console, &team.owner, "Zenith", "team").await;
    let moved = transfer(&console, &team, &slug).await;
    assert_eq!(moved.status, 303, "{}", moved.text());
    happen(&console, &Team { tenant: other, ..team }, (&stoa::ids::UserId(Uuid::nil()), "Ada"), renamed("ws_x", "Moved")).await;
    seal(&console).await;
    assert_gapless(&console).await;
    assert_eq!(console.database.count("select count(*) from audit_log_head where cardinality(tenants) = 2").await, 1);
    let report = verified(&console).await;
    assert_eq!(report.problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_key_is_followed_by_another_that_goes_on_from_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    seal(&console).await;
    let former = keys(&console.stoa)[0].to_string();
    fill(&console, &team, 1).await;
    let forgetful = console.another_node(&[("STOA_SECRETS__AUDIT_KEY", OTHER_KEY)]);
    assert_eq!(proof::seal_now(&forgetful).await.expect("a turn").checkpoints, 0, "it cannot know that it goes on");
    let next = console.another_node(&[("STOA_SECRETS__AUDIT_KEY", OTHER_KEY), ("STOA_SECRETS__FORMER_AUDIT_KEYS", &former)]);
    assert!(proof::seal_now(&next).await.expect("sealed").checkpoints > 0);
    let report = proof::database(&next, &Known { keys: &keys(&next), notes: &[] }, None).await.expect("a report");
    assert_eq!(report.problems, Vec::<String>::new());
    let published = console.a_stranger().get("/.well-known/stoa-audit-keys").await;
    assert_eq!(published.status, 200);
    assert!(published.body.contains(&former), "{}", published.body);
}

#[tokio::test]
async fn the_pages_say_how_far_a_log_is_proven() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let list = team.auditor.browser.get(&log_of(&team)).await;
    assert!(list.text().contains("Nothing here is sealed yet"), "{}", list.text());
    let row = format!("{}/{}", log_of(&team), rows(&list)[0]);
    let page = team.auditor.browser.get(&row).await;
    assert!(page.text().contains("nothing proves this row yet") && link(&page, "Download proof").is_none(), "{}", page.text());
    assert_eq!(team.auditor.browser.get(&format!("{row}/proof.json")).await.status, 409);
    assert_eq!(team.auditor.browser.get(&format!("{}/bundle.jsonl", log_of(&team))).await.status, 409);

    seal(&console).await;
    fill(&console, &team, 1).await;
    let list = team.auditor.browser.get(&log_of(&team)).await;
    assert!(list.text().contains("sealed and tamper-evident"), "{}", list.text());
    assert!(!list.text().contains("tamper-proof"));
    assert_eq!(list.text().matches("Unsealed").count(), 1, "{}", list.text());
    let page = team.auditor.browser.get(&row).await;
    assert!(page.text().contains("Sealed with the number"), "{}", page.text());
    let saved = team.auditor.browser.get(&link(&page, "Download proof").expect("a link")).await;
    assert_eq!((saved.status.as_u16(), saved.header("content-type")), (200, "application/json"));
    let bundle = team.auditor.browser.get(&link(&list, "Download evidence").expect("a link")).await;
    assert_eq!((bundle.status.as_u16(), bundle.header("content-type")), (200, "application/jsonl"));
    let taken = "select count(*) from audit_event where action = 'audit_log.exported' and changes::text like '%\"bundle\"%'";
    assert_eq!(console.database.count(taken).await, 1);
    for path in [format!("{row}/proof.json"), format!("{}/bundle.jsonl", log_of(&team))] {
        assert_eq!(team.member.browser.get(&path).await.status, 403, "{path}");
    }
}
