//! Archiving while others change the workspace: what was shown, what stops and what the receipt says stay one.

use sqlx::{Executor as _, PgConnection};

use crate::{
    archive::{archive, consent, invitation, status},
    restore::restore,
    support::{Console, Team},
};

#[tokio::test]
async fn two_who_archive_at_once_archive_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (one, other) = tokio::join!(archive(&console, &team, &team.owner), archive(&console, &team, &team.admin));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404], "{} / {}", one.text(), other.text());
    assert_eq!(console.database.count("select count(*) from archive_receipt").await, 1);
}

#[tokio::test]
async fn a_restore_and_a_new_workspace_do_not_both_take_the_last_place() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    let fields = [("form", console.form_key()), ("place", team.tenant_slug.clone()), ("name", "Next".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = format!("/t/{}/workspaces/new", team.tenant_slug);
    let (made, back) = tokio::join!(team.owner.browser.post(&path, &fields), restore(&console, &team, &team.owner));
    let mut statuses = [made.status.as_u16(), back.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(
        console.database.text("select count(*)::text from workspace where tenant_id = $1 and status = 'active'", team.tenant.0).await,
        "1"
    );
}

/// A transaction of the application in the team's workspace, as a request holds it that was let in before.
async fn earlier_request(console: &Console, team: &Team) -> PgConnection {
    let mut app = console.database.connect("stoa_app").await;
    app.execute("begin").await.expect("begun");
    sqlx::query("select set_config('app.reach', 'workspace', true), set_config('app.tenant_id', $1, true), set_config('app.workspace_id', $2, true), set_config('app.user_id', $3, true)")
        .bind(team.tenant.0.to_string())
        .bind(team.workspace.0.to_string())
        .bind(team.owner.user.0.to_string())
        .execute(&mut app)
        .await
        .expect("a reach");
    app
}

/// Until so many requests wait for this connection's transaction, directly or behind each other.
pub async fn until_waited_for(console: &Console, holder: &mut PgConnection, requests: i64) {
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *holder).await.expect("a pid");
    let mut watcher = console.database.connect("postgres").await;
    for _ in 0..20_000 {
        let waiting: i64 = sqlx::query_scalar(
            "with recursive waiting as (
                 select pid from pg_stat_activity where $1 = any (pg_blocking_pids(pid))
                 union select later.pid from pg_stat_activity as later join waiting on waiting.pid = any (pg_blocking_pids(later.pid)))
             select count(*) from waiting",
        )
        .bind(pid)
        .fetch_one(&mut watcher)
        .await
        .expect("a count");
        if waiting >= requests {
            return;
        }
    }
    panic!("nobody ever waited");
}

#[tokio::test]
async fn what_others_change_while_it_is_archived_is_seen_and_nothing_is_archived() {
    for change in ["invite", "promote", "remove"] {
        let console = Console::start().await;
        let team = console.team("Acme").await;
        let mut earlier = earlier_request(&console, &team).await;
        let statement = match change {
            "invite" => invitation(&team, "late@example.com"),
            "remove" => format!(
                "update workspace_membership set status = 'ended' where user_id = '{}' and workspace_id = '{}'",
                team.member.user.0, team.workspace.0
            ),
            _ => format!("update workspace_grant set role = 'admin' where workspace_id = '{}' and role = 'member'", team.workspace.0),
        };
        earlier.execute(sqlx::AssertSqlSafe(statement)).await.expect("changed");
        let (answer, ()) = tokio::join!(archive(&console, &team, &team.owner), async {
            until_waited_for(&console, &mut earlier, 1).await;
            earlier.execute("commit").await.expect("committed");
        });
        assert_eq!(answer.status, 409, "{change}: {}", answer.text());
        assert!(answer.text().contains("Nothing was archived"), "{change}: {}", answer.text());
        assert_eq!(status(&console, &team).await, "active", "{change}");
    }
}

#[tokio::test]
async fn a_request_from_before_the_archiving_begins_nothing_after_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let stranger = console.signed_in_as("Grace").await;
    let member = format!(
        "insert into workspace_membership (tenant_id, workspace_id, id, user_id, joined_at) values ('{}', '{}', gen_random_uuid(), '{}', now())",
        team.tenant.0, team.workspace.0, stranger.user.0
    );
    let promotion = format!("update workspace_grant set role = 'owner' where workspace_id = '{}' and role = 'member'", team.workspace.0);
    let comeback = format!("update workspace_membership set status = 'active' where workspace_id = '{}'", team.workspace.0);
    let mut earlier = Vec::new();
    for statement in [invitation(&team, "late@example.com"), consent(&team), member, promotion, comeback] {
        earlier.push((earlier_request(&console, &team).await, statement));
    }
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    for (mut request, statement) in earlier {
        let refused = request.execute(sqlx::AssertSqlSafe(statement.clone())).await.expect_err(&statement);
        let constraint = refused.as_database_error().and_then(|error| error.constraint()).map(str::to_owned);
        assert_eq!(constraint.as_deref(), Some("only_in_a_live_workspace"), "{statement}: {refused}");
        assert_eq!(stoa::error::AppError::from(refused), stoa::error::AppError::NotFound, "as if it had come a moment later");
    }
}
