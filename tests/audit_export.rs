//! The audit log as a file to save: what the list shows, no more and no less, however long it is.

mod long;

use stoa::server::events::{Event, EventKind, Outcome, Target};

use crate::{
    audit_log::{happen, link, log_of, renamed, rows},
    support::{Answer, Console},
};

/// The cells of a table, by the names of its columns.
fn cells(answer: &Answer, column: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(answer.body.as_bytes());
    let place = reader.headers().expect("a head").iter().position(|name| name == column).expect("the column");
    reader.records().map(|record| record.expect("a row")[place].to_owned()).collect()
}

#[tokio::test]
async fn whatever_the_filters_the_table_holds_the_rows_of_the_list() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for place in 0..12 {
        let (user, name) = if place % 3 == 0 { (&team.owner.user, "Ada") } else { (&team.admin.user, "Grace") };
        let event = if place % 4 == 0 {
            let target = Target { kind: "permission", id: "ReadAudit".to_owned(), name: Some("/w/{workspace}/audit-log".to_owned()) };
            Event::new(EventKind::AccessDenied, target).ending(Outcome::Denied)
        } else {
            renamed(&format!("ws_{place}"), &format!("Shop {place}"))
        };
        console.hands.advance(chrono::TimeDelta::hours(4));
        happen(&console, &team, (user, name), event).await;
    }
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update session set last_seen_at = $1").bind(console.stoa.clock.now()).execute(&mut owner).await.expect("set");
    let filters = ["actor=grace", "action=workspace.", "target=shop", "outcome=succeeded", "from=2026-11-22", "to=2026-11-22"];
    let mut sizes = std::collections::BTreeSet::new();
    for chosen in 0..1_u32 << filters.len() {
        let query = filters.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1).map(|(_, filter)| *filter).collect::<Vec<_>>();
        let query = query.join("&");
        let table = team.auditor.browser.get(&format!("{}.csv?{query}", log_of(&team))).await;
        assert_eq!(table.status, 200, "{query}");
        let mut listed = Vec::new();
        let mut next = Some(format!("{}?{query}", log_of(&team)));
        while let Some(path) = next {
            let page = team.auditor.browser.get(&path).await;
            assert_eq!(page.status, 200, "{query}");
            listed.extend(rows(&page));
            next = link(&page, "Next page");
        }
        // Searching and taking away leave rows of their own, between the one and the other.
        let traces = traces(&console).await;
        listed.retain(|id| !traces.contains(id));
        let saved: Vec<String> = cells(&table, "id").into_iter().filter(|id| !traces.contains(id)).collect();
        assert_eq!(saved, listed, "{query}");
        sizes.insert(saved.len());
    }
    assert!(sizes.len() >= 6, "the filters hardly narrow anything down: {sizes:?}");
}

async fn traces(console: &Console) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from audit_event where action in ('audit_log.searched', 'audit_log.exported')")
            .fetch_all(&mut owner)
            .await
            .expect("ids");
    ids.into_iter().map(|id| stoa::ids::AuditId(id).to_string()).collect()
}

#[tokio::test]
async fn taking_it_away_is_a_row_that_says_how_much_of_what() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let page = team.auditor.browser.get(&format!("{}?action=member.added", log_of(&team))).await;
    let saved = team.auditor.browser.get(&link(&page, "Download CSV").expect("a link")).await;
    assert_eq!(saved.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(saved.header("cache-control"), "no-store");
    assert_eq!(saved.header("content-disposition"), format!("attachment; filename=\"audit-log-{}-2026-11-21.csv\"", team.slug));
    assert_eq!(cells(&saved, "action"), ["member.added"; 4]);
    assert_eq!(cells(&saved, "time")[0], "2026-11-21T12:00:00.000000Z");
    let mut owner = console.database.connect("stoa_owner").await;
    let row: serde_json::Value = sqlx::query_scalar("select to_jsonb(audit_event) from audit_event where action = 'audit_log.exported'")
        .fetch_one(&mut owner)
        .await
        .expect("one row");
    assert_eq!(row["actor_id"], team.auditor.user.to_string());
    assert_eq!(row["log_id"], team.workspace.0.to_string());
    let said = |field: &str| {
        row["changes"].as_array().expect("a list").iter().find(|change| change["field"] == field).expect("a field")["after"].clone()
    };
    assert_eq!((said("action"), said("rows")), ("member.added".into(), "4".into()));

    let account = format!("/t/{}/audit-log.csv", team.tenant_slug);
    assert!(team.owner.browser.get(&account).await.body.contains("tenant.created"));
    assert_eq!(
        console.database.count("select count(*) from audit_event where action = 'audit_log.exported' and log_id = tenant_id").await,
        1
    );
}

#[tokio::test]
async fn what_people_wrote_is_never_a_formula() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    happen(&console, &team, (&team.owner.user, "=HYPERLINK(\"https://evil.example\")"), renamed("ws_x", "@SUM(A1)\r\n+1, \"x\"")).await;
    let saved = team.auditor.browser.get(&format!("{}.csv?target=ws_x", log_of(&team))).await;
    assert_eq!(cells(&saved, "actor_name"), ["'=HYPERLINK(\"https://evil.example\")"]);
    assert_eq!(cells(&saved, "target_name"), ["'@SUM(A1)\r\n+1, \"x\""]);
}

#[tokio::test]
async fn every_kind_of_file_holds_the_same_rows() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let steward = console.joins(&team, "Reviewer", stoa::access::WorkspaceRole::Owner).await;
    let client = console.client(&steward, &team.slug, &["audit:read"]).await;
    happen(&console, &team, (&team.owner.user, "Ada"), renamed("ws_x", "=1+1")).await;
    let query = "action=workspace.renamed";
    let table = team.auditor.browser.get(&format!("{}.csv?{query}", log_of(&team))).await;
    let lines = team.auditor.browser.get(&format!("{}.jsonl?{query}", log_of(&team))).await;
    let events = team.auditor.browser.get(&format!("{}.ocsf.jsonl?{query}", log_of(&team))).await;
    let listed = client.get(&format!("/audit-log?{query}")).await.body["data"][0].clone();
    let id = cells(&table, "id")[0].clone();
    assert_eq!(listed["id"], id.as_str());
    let read = |answer: &Answer| -> serde_json::Value {
        assert_eq!((answer.header("content-type"), answer.body.lines().count()), ("application/x-ndjson", 1), "{}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    };
    assert_eq!(read(&lines), listed);
    assert!(lines.header("content-disposition").ends_with("-2026-11-21.jsonl\""), "{}", lines.header("content-disposition"));
    let event = read(&events);
    assert_eq!(
        (&event["class_uid"], &event["metadata"]["uid"], &event["resources"][0]["name"]),
        (&6003.into(), &id.into(), &"=1+1".into())
    );
    for (format, body) in [("csv", &table.body), ("jsonl", &lines.body), ("ocsf", &events.body)] {
        let sent = client.get(&format!("/audit-log/export?format={format}&{query}")).await;
        assert_eq!((sent.status.as_u16(), sent.body.as_str()), (200, Some(body.as_str())), "{format}");
    }
    let metered = console
        .database
        .count("select count(*) from usage_event where operation = 'audit_log.export' and dimension = 'bulk.operation'")
        .await;
    assert_eq!(metered, 3);
    let refused = client.get("/audit-log/export?format=xml").await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["field_errors"][0]["field"]), (422, &"format".into()), "{}", refused.body);
    let without = console.client(&steward, &team.slug, &["members:read"]).await;
    assert_eq!(without.get("/audit-log/export").await.code(), "missing_required_scope");
}

#[tokio::test]
async fn an_archived_workspaces_log_stays_open_to_former_owners_and_auditors() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    for statement in [
        "update workspace set status = 'archived', archived_at = '2026-11-21T12:00:00Z', purge_at = '2026-12-21T12:00:00Z', archived_by = (select id from app_user limit 1) where workspace_id = $1",
        "update workspace_membership set status = 'suspended', suspended_with_workspace = true where workspace_id = $1",
    ] {
        sqlx::query(statement).bind(team.workspace.0).execute(&mut owner).await.expect("archived");
    }
    let archived = format!("/w/{}/archived/audit-log", team.slug);
    for (person, expected) in [(&team.owner, 200), (&team.auditor, 200), (&team.admin, 404), (&team.member, 404)] {
        assert_eq!(person.browser.get(&archived).await.status, expected, "{}", person.name);
        assert_eq!(person.browser.get(&log_of(&team)).await.status, 404, "{}", person.name);
    }
    let list = team.auditor.browser.get(&format!("{archived}?action=workspace.created")).await;
    let row = team.auditor.browser.get(&format!("{archived}/{}", rows(&list)[0])).await;
    assert!(row.status == 200 && row.text().contains("Acme Shop"), "{}", row.text());
    let saved = team.auditor.browser.get(&link(&list, "Download CSV").expect("a link")).await;
    assert_eq!(cells(&saved, "action"), ["workspace.created"]);
    assert_eq!(console.database.count("select count(*) from audit_event where action like 'audit\\_log.%'").await, 2);
}
