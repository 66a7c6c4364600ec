//! Stopped, killed, paused, held, and asked for by somebody who may not any more.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::{
    app,
    features::{reductions::server::resume_stalled, retention::server as retention},
    server::queue,
};

use super::{Office, asked, conflict};
use crate::{
    audit_retention::{place_of, service},
    records::data,
};

/// More than fit one batch.
pub const MANY: i64 = 450;

/// So many archived tasks of long ago, behind everyone's back.
pub async fn many(office: &Office) {
    let id = office.tasks(1).await;
    office.archive("tasks", &id).await;
    let mut owner = office.console.database.connect("stoa_owner").await;
    let more = "insert into record (
                    tenant_id, workspace_id, id, module, resource, status, data, custom_fields, search, created_by_type, created_by,
                    updated_by_type, updated_by, created_at, updated_at, archived_at)
                select tenant_id, workspace_id, gen_random_uuid(), module, resource, status, data, custom_fields, search,
                       created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at, archived_at
                from record, generate_series(2, $2) where workspace_id = $1 and resource = 'task'";
    sqlx::query(more).bind(office.team.workspace.0).bind(i32::try_from(MANY).expect("few")).execute(&mut owner).await.expect("more");
    let counted = "update record_count as known set (records, archived, bytes) = (
                       select count(*), count(archived_at), sum(held.bytes) from record as held
                       where held.workspace_id = known.workspace_id and held.resource = known.resource)
                   where workspace_id = $1 and resource = 'task'";
    sqlx::query(counted).bind(office.team.workspace.0).execute(&mut owner).await.expect("counted");
    office.wait(2);
}

async fn begun(office: &Office) -> String {
    let preview = office.preview("purge", "task", 1).await;
    assert_eq!(preview["records"], MANY);
    data(&office.start(&preview).await)["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn killed_after_a_batch_it_goes_on_to_the_same_end() {
    let office = Office::open().await;
    many(&office).await;
    let id = begun(&office).await;
    // The batch after the first is refused, as if the node had died in it: its job is left under its lease.
    let mut owner = office.console.database.connect("stoa_owner").await;
    let blown = "create function blow() returns trigger language plpgsql as $$
                 begin
                     if new.done > 200 then raise exception 'the node died'; end if;
                     return new;
                 end $$";
    sqlx::raw_sql(blown).execute(&mut owner).await.expect("a function");
    sqlx::raw_sql("create trigger blow before update on reduction for each row execute function blow()")
        .execute(&mut owner)
        .await
        .expect("a trigger");
    office.console.work_off().await;
    let half = office.state(&id).await;
    assert_eq!((&half["status"], &half["done"], office.records("task").await), (&json!("running"), &json!(200), MANY - 200));
    office.ask_counts().await;

    sqlx::raw_sql("drop trigger blow on reduction").execute(&mut owner).await.expect("gone");
    office.console.hands.advance(TimeDelta::hours(1));
    office.console.work_off().await;
    let whole = office.state(&id).await;
    assert_eq!((&whole["status"], &whole["done"], office.records("task").await), (&json!("done"), &json!(MANY), 0));
    assert_eq!(office.events("records.purged").await.len(), 3, "no batch is told of twice");
    office.ask_counts().await;
}

#[tokio::test]
async fn two_nodes_at_once_do_each_record_once() {
    let office = Office::open().await;
    many(&office).await;
    let id = begun(&office).await;
    // The job is there twice, as after a lease that ran out.
    office.console.change("insert into job (tenant_id, id, kind, payload, run_at, created_at) select tenant_id, gen_random_uuid(), kind, payload, run_at, created_at from job where tenant_id = $1 and kind = 'data.reduce'", office.team.tenant.0).await;
    let (other, jobs) = (office.console.another_node(&[]), app::jobs());
    let (one, two) = tokio::join!(queue::work_off(&office.console.stoa, &jobs), queue::work_off(&other, &jobs));
    one.expect("worked off");
    two.expect("worked off");
    let state = office.state(&id).await;
    assert_eq!((&state["status"], &state["done"], office.records("task").await), (&json!("done"), &json!(MANY), 0));
    assert_eq!(office.events("reduction.finished").await.len(), 1);
    office.ask_counts().await;
}

#[tokio::test]
async fn one_that_lost_its_job_is_taken_up_again() {
    let office = Office::open().await;
    many(&office).await;
    let id = begun(&office).await;
    office.console.change("delete from job where tenant_id = $1", office.team.tenant.0).await;
    resume_stalled(office.console.stoa.clone()).await.expect("looked");
    office.console.work_off().await;
    assert_eq!(office.state(&id).await["status"], "running", "it is too soon to say that it is stuck");
    office.console.hands.advance(TimeDelta::minutes(16));
    resume_stalled(office.console.stoa.clone()).await.expect("taken up");
    office.console.work_off().await;
    assert_eq!(office.state(&id).await["status"], "done");
}

#[tokio::test]
async fn stopped_it_does_nothing_more_and_is_stopped_once() {
    let office = Office::open().await;
    many(&office).await;
    let id = begun(&office).await;
    let running = conflict(&office.start(&office.preview("purge", "task", 1).await).await);
    assert!(running.contains("runs already"), "{running}");
    let stopped = office.client.post(&format!("/reductions/{id}/stop"), &json!({})).await;
    assert_eq!(data(&stopped)["status"], "stopped");
    office.console.work_off().await;
    assert_eq!(office.records("task").await, MANY);
    assert!(conflict(&office.client.post(&format!("/reductions/{id}/stop"), &json!({})).await).contains("over already"));
    assert_eq!(office.events("reduction.stopped").await.len(), 1);
}

#[tokio::test]
async fn a_paused_workspace_does_all_of_it() {
    let office = Office::open().await;
    many(&office).await;
    let owner = office.console.signed_in_as("Acme Owner").await;
    let owner = office.console.client(&owner, &office.team.slug, &["settings:write"]).await;
    let capped = owner
        .send(
            axum::http::Method::PUT,
            &format!("/billing/caps/{}", office.team.workspace),
            &[],
            Some(&json!({ "limit_micros": 1, "hard": true })),
        )
        .await;
    data(&capped);
    stoa::features::usage::server::roll_up(office.console.stoa.clone()).await.expect("rolled up");
    office.console.work_off().await;
    let refused = office.client.get("/tasks").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::PAYMENT_REQUIRED, "billing_paused"), "{}", refused.body);

    let file = office.client.get("/reductions/export?act=purge&resource=task&days=1").await;
    assert_eq!((file.status, file.body.as_str().expect("a file").lines().count()), (StatusCode::OK, 450));
    let done = office.reduce("purge", "task", 1).await;
    assert_eq!((&done["status"], &done["done"]), (&json!("done"), &json!(MANY)));
    data(&office.client.get("/reductions").await);
    let admin = office.console.signed_in_as("Acme Admin").await;
    let page = admin.browser.get(&format!("/w/{}/data", office.team.slug)).await;
    assert!(page.status == StatusCode::OK && page.text().contains("450 of 450"), "{}", page.text());
}

#[tokio::test]
async fn under_a_legal_hold_nothing_is_purged_not_even_what_runs() {
    let office = Office::open().await;
    many(&office).await;
    let id = begun(&office).await;
    let place = place_of(&office.team);
    let mut scope = service(&office.console.stoa, &place).await;
    retention::hold(&mut scope, &place, "Acme against Zenith", "Asked for by counsel.").await.expect("held");
    scope.commit().await.expect("committed");
    office.console.work_off().await;
    let state = office.state(&id).await;
    assert_eq!((&state["status"], office.records("task").await), (&json!("failed"), MANY));
    assert!(state["reason"].as_str().expect("a reason").contains("legal hold"), "{state}");
    let preview = office.preview("purge", "task", 1).await;
    assert_eq!(preview["held"], true);
    assert!(conflict(&office.start(&preview).await).contains("legal hold"));
    let owner = office.console.signed_in_as("Acme Owner").await;
    let page = office.page(&owner, "resource=task&act=purge&days=1").await.text();
    assert!(page.contains("legal hold") && !page.contains("Purge these records"), "{page}");
}

#[tokio::test]
async fn whoever_may_not_any_more_has_no_more_done_in_their_name() {
    let office = Office::open().await;
    many(&office).await;
    let id = begun(&office).await;
    let sql = "update workspace_grant set role = 'member' where role = 'admin' and membership_id in (
                   select id from workspace_membership where user_id = $1)";
    office.console.change(sql, office.team.admin.user.0).await;
    office.console.work_off().await;
    let owner = office.console.signed_in_as("Acme Owner").await;
    let mut scope = office.console.managing_credentials(&owner, &office.team.slug).await;
    let reduction = stoa::features::reductions::server::find(&mut scope, id.parse().expect("an id")).await.expect("there");
    scope.close().await.expect("closed");
    assert_eq!((&*reduction.status, office.records("task").await), ("failed", MANY));
    assert!(reduction.reason.expect("a reason").contains("may not"));
}

#[tokio::test]
async fn a_key_that_does_not_work_any_more_has_no_more_done_either() {
    let office = Office::open().await;
    many(&office).await;
    let id = begun(&office).await;
    // A day after it was made, which is over.
    office.console.change("update api_key set expires_at = created_at + interval '1 day' where id = $1", office.client.key.0).await;
    office.console.work_off().await;
    let owner = office.console.signed_in_as("Acme Owner").await;
    let mut scope = office.console.managing_credentials(&owner, &office.team.slug).await;
    let reduction = stoa::features::reductions::server::find(&mut scope, id.parse().expect("an id")).await.expect("there");
    scope.close().await.expect("closed");
    assert_eq!((&*reduction.status, office.records("task").await), ("failed", MANY));
}

#[tokio::test]
async fn what_was_looked_at_is_what_is_done() {
    let office = Office::open().await;
    many(&office).await;
    let preview: Value = office.preview("purge", "task", 1).await;
    let mut owner = office.console.database.connect("stoa_owner").await;
    sqlx::query("update record set archived_at = archived_at - interval '1 hour' where id = (select id from record limit 1)")
        .execute(&mut owner)
        .await
        .expect("changed");
    assert!(conflict(&office.start(&preview).await).contains("has changed"));
    let again = office.preview("purge", "task", 1).await;
    let key = [("idempotency-key", "once")];
    let first = office.client.send(axum::http::Method::POST, "/reductions", &key, Some(&asked(&again))).await;
    let second = office.client.send(axum::http::Method::POST, "/reductions", &key, Some(&asked(&again))).await;
    assert_eq!(data(&first)["id"], data(&second)["id"], "sent twice it is begun once");
    let dry = office.client.post("/reductions?dry_run=true", &asked(&office.preview("archive", "task", 1).await)).await;
    assert!(conflict(&dry).contains("nothing that old"), "{}", dry.body);
}
