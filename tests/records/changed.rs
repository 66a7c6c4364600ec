//! Whatever a manifest lets be changed is changed over the API, and is an event.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa::server::{
    modules::{self, Does, Format, Kind},
    rest::scopes,
};

use super::{crm, patch};
use crate::support::Console;

/// A text that is another one than before; none where nothing of it can be said anew.
fn another(resource: &modules::Resource) -> Option<Value> {
    let field = resource.fields.iter().find(|field| !field.by_server && field.name != "slug" && is_plain(&field.kind))?;
    Some(json!({ field.name: "Something else" }))
}

fn is_plain(kind: &Kind) -> bool {
    matches!(kind, Kind::Text { format: None::<Format>, .. } | Kind::LongText { .. })
}

#[tokio::test]
async fn each_resource_that_can_be_changed_is() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let all: Vec<&str> = scopes().map(|kind| kind.name).collect();
    console.change("update tenant set plan = 'enterprise' where tenant_id = $1", team.tenant.0).await;
    let client = console.client(&team.admin, &team.slug, &all).await;
    let made = console.one_record_each(&team.admin, &team.slug).await;
    let mut changed = 0;
    for (resource, (path, id)) in modules::resources().zip(&made) {
        let Some(exposed) = resource.operations.iter().find(|exposed| matches!(exposed.does, Does::Update)) else { continue };
        let Some(body) = another(resource) else { continue };
        let reply = patch(&client, &exposed.path.replace("{record}", &id.to_string()), &body).await;
        // Rules of its own may keep one as it is; those say so.
        assert!([200, 409].contains(&reply.status.as_u16()), "{path}: {}", reply.body);
        if reply.status == StatusCode::OK {
            let name = format!("record.{}.updated", resource.name);
            let told = format!("select count(*) from audit_event where action = '{name}' and target_id = '{id}'");
            let mut owner = console.database.connect("stoa_owner").await;
            let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(told)).fetch_one(&mut owner).await.expect("a count");
            assert_eq!(rows, 1, "{name}");
            changed += 1;
        }
    }
    assert!(changed >= 12, "only {changed} were changed");
}

#[tokio::test]
async fn a_lead_goes_its_way_and_has_a_note() {
    let (_console, _team, client) = crm::crm().await;
    let lead = crm::added(&client, "/leads", &json!({ "name": "Ada Lovelace" })).await;
    let note = crm::added(&client, "/notes", &json!({ "subject": "Called on Monday.", "related": lead })).await;
    assert_eq!(client.get(&format!("/notes/{note}")).await.body["data"]["related"], json!(lead));
    for (verb, status) in [("qualify", "qualified"), ("disqualify", "disqualified")] {
        let reply = client.send(Method::POST, &format!("/leads/{lead}/{verb}"), &[], Some(&json!({}))).await;
        assert_eq!(reply.body["data"]["status"], status, "{}", reply.body);
    }
}
