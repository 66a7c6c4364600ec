//! What a rule began, in the middle: killed, and its rule removed or changed, or the workspace archived.

use serde_json::{Value, json};
use stoa::features::reductions::server::resume_stalled;

use super::{again, last, next_day, remove, set, turn, turn_of};
use crate::{
    archive::archive,
    records::data,
    reductions::{
        Office,
        interrupted::{MANY, many},
    },
    restore::restore,
};

/// A rule whose node died after the first batch of what it began.
async fn in_the_middle(office: &Office) -> Value {
    many(office).await;
    let rule = set(office, "purge", "task", 1).await;
    let mut owner = office.console.database.connect("stoa_owner").await;
    let blown = "create function blow() returns trigger language plpgsql as $$
                 begin
                     if new.done > 200 then raise exception 'the node died'; end if;
                     return new;
                 end $$;
                 create trigger blow before update on reduction for each row execute function blow()";
    sqlx::raw_sql(blown).execute(&mut owner).await.expect("a trigger");
    next_day(office).await;
    assert_eq!(office.records("task").await, MANY - 200);
    sqlx::raw_sql("drop trigger blow on reduction").execute(&mut owner).await.expect("gone");
    rule
}

/// What is left of it is done, an hour later.
async fn gone_on(office: &Office) {
    office.console.hands.advance(chrono::TimeDelta::hours(1));
    office.console.work_off().await;
}

#[tokio::test]
async fn killed_in_the_middle_it_goes_on_to_the_same_end() {
    let office = Office::open().await;
    let rule = in_the_middle(&office).await;
    let half = last(&office, &rule).await;
    assert_eq!((&half["status"], &half["done"]), (&json!("running"), &json!(200)));
    // Its turn does not come again meanwhile, and its job is taken up where it was lost.
    office.console.change("delete from job where tenant_id = $1", office.team.tenant.0).await;
    turn(&office).await;
    office.console.hands.advance(chrono::TimeDelta::minutes(16));
    resume_stalled(office.console.stoa.clone()).await.expect("taken up");
    gone_on(&office).await;
    let whole = last(&office, &rule).await;
    assert_eq!((&whole["status"], &whole["done"], office.records("task").await), (&json!("done"), &json!(MANY), 0));
    assert_eq!((office.events("reduction.started").await.len(), office.events("records.purged").await.len()), (1, 3));
    office.ask_counts().await;
}

#[tokio::test]
async fn removed_in_the_middle_it_stops_and_says_so() {
    let office = Office::open().await;
    let rule = in_the_middle(&office).await;
    let begun = again(&office, &rule).await["last_reduction"].as_str().expect("a reduction").to_owned();
    assert_eq!(data(&remove(&office, &rule).await)["removed"], true);
    gone_on(&office).await;
    let state = office.state(&begun).await;
    assert_eq!((&state["status"], &state["done"], office.records("task").await), (&json!("stopped"), &json!(200), MANY - 200));
    assert!(state["reason"].as_str().expect("a reason").contains("removed or changed"), "{state}");
    assert_eq!((office.events("record_retention.removed").await.len(), office.events("reduction.finished").await.len()), (1, 1));
    for _ in 0..3 {
        next_day(&office).await;
    }
    assert_eq!((office.events("reduction.started").await.len(), office.records("task").await), (1, MANY - 200), "nor does it begin again");
    office.ask_counts().await;
}

#[tokio::test]
async fn changed_in_the_middle_it_stops_even_where_it_has_more_days() {
    let office = Office::open().await;
    let rule = in_the_middle(&office).await;
    let body = json!({ "act": "purge", "resource": "task", "days": 90 });
    assert_eq!(data(&super::put(&office, &body).await)["version"], 2);
    gone_on(&office).await;
    let state = last(&office, &rule).await;
    assert_eq!((&state["status"], office.records("task").await), (&json!("stopped"), MANY - 200));
    let owner = office.console.signed_in_as("Acme Owner").await;
    let said = super::page(&office, &owner).await.text();
    assert!(said.contains("Stopped: 200 tasks") && said.contains("removed or changed"), "{said}");
}

#[tokio::test]
async fn in_an_archived_workspace_it_rests_and_on_its_return_it_waits_for_a_day() {
    let office = Office::open().await;
    in_the_middle(&office).await;
    let owner = office.console.signed_in_as("Acme Owner").await;
    assert_eq!(archive(&office.console, &office.team, &owner).await.status, 303);
    gone_on(&office).await;
    let state = "select count(*) from reduction where status = 'stopped' and reason like 'The workspace is not live%'";
    assert_eq!(office.console.database.count(state).await, 1);
    for _ in 0..4 {
        next_day(&office).await;
    }
    assert_eq!(office.records("task").await, MANY - 200);
    let owner = office.console.signed_in_as("Acme Owner").await;
    assert_eq!(restore(&office.console, &office.team, &owner).await.status, 303);
    turn_of(&office.console.stoa).await;
    assert_eq!(office.console.database.count("select count(*) from record_retention where last_outcome = 'rested'").await, 1);
    assert_eq!(office.records("task").await, MANY - 200, "there is time to look first");
    next_day(&office).await;
    assert_eq!(office.records("task").await, 0);
}

/// A resource that no manifest declares (any more) leaves its rule without work, and it can be removed.
#[tokio::test]
async fn without_its_manifest_a_rule_does_nothing() {
    let office = Office::open().await;
    super::away(&office, 1).await;
    let rule = set(&office, "purge", "task", 1).await;
    office.console.change("update record_retention set module = 'gone' where workspace_id = $1", office.team.workspace.0).await;
    next_day(&office).await;
    assert_eq!((&again(&office, &rule).await["last_outcome"], office.records("task").await), (&json!("undeclared"), 1));
    let owner = office.console.signed_in_as("Acme Owner").await;
    let said = super::page(&office, &owner).await.text();
    assert!(said.contains("no manifest declares this any more"), "{said}");
    // Declared again, it waits: nobody has looked at what grew old meanwhile.
    office.console.change("update record_retention set module = 'tasks' where workspace_id = $1", office.team.workspace.0).await;
    next_day(&office).await;
    assert_eq!((&again(&office, &rule).await["last_outcome"], office.records("task").await), (&json!("rested"), 1));
    next_day(&office).await;
    assert_eq!((&again(&office, &rule).await["last_outcome"], office.records("task").await), (&json!("began"), 0));
    data(&remove(&office, &rule).await);
}

/// What cannot be done is tried again within the hour, and keeps no other rule.
#[tokio::test]
async fn one_that_cannot_be_done_says_so_and_keeps_no_other() {
    let office = Office::open().await;
    super::away(&office, 1).await;
    let (purge, archive) = (set(&office, "purge", "task", 1).await, set(&office, "archive", "task", 1).await);
    let mut owner = office.console.database.connect("stoa_owner").await;
    let broken = sqlx::query("alter table reduction add constraint broken check (act <> 'purge') not valid");
    broken.execute(&mut owner).await.expect("broken");
    next_day(&office).await;
    assert_eq!((&again(&office, &purge).await["last_outcome"], office.records("task").await), (&json!("failed"), 1));
    assert_ne!(again(&office, &archive).await["last_outcome"], json!(null));
    let mended = sqlx::query("alter table reduction drop constraint broken");
    mended.execute(&mut owner).await.expect("mended");
    turn(&office).await;
    assert_eq!(office.records("task").await, 1, "an hour has to go by");
    office.console.hands.advance(chrono::TimeDelta::hours(1));
    turn(&office).await;
    assert_eq!((&again(&office, &purge).await["last_outcome"], office.records("task").await), (&json!("began"), 0));
}
