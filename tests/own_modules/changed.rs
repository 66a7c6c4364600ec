//! What becomes of records when their manifest changes: what would leave them as nobody declares them is refused, and what
//! is only gone stays and is told.

use axum::http::StatusCode;
use uuid::Uuid;

use super::VISITS;
use crate::support::{Client, Console, Folder, Team, node::run};

/// Two visits, as the module keeps them: one that is over, and one without a reason.
async fn with_visits(console: &Console, team: &Team) {
    let mut owner = console.database.connect("stoa_owner").await;
    for (status, data) in [("here", r#"{"visitor": "Ada", "size": 2}"#), ("over", r#"{"visitor": "Grace", "reason": "meeting"}"#)] {
        sqlx::query(
            "insert into record (tenant_id, workspace_id, id, module, resource, status, data, custom_fields, search,
                                 created_by_type, created_by, updated_by_type, updated_by, created_at, updated_at)
             values ($1, $2, $3, 'visits', 'visit', $4, $5::jsonb, '{}', '', 'user', 'usr', 'user', 'usr', now(), now())",
        )
        .bind(team.tenant.0)
        .bind(team.workspace.0)
        .bind(Uuid::from_bytes(stoa::server::chance::bytes()))
        .bind(status)
        .bind(data)
        .execute(&mut owner)
        .await
        .expect("a record");
    }
    sqlx::query("insert into record_count values ($1, $2, 'visits', 'visit', 2, 0, 80)")
        .bind(team.tenant.0)
        .bind(team.workspace.0)
        .execute(&mut owner)
        .await
        .expect("counted");
}

#[tokio::test]
async fn what_would_leave_records_undeclared_is_refused_by_file_and_line() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let folder = Folder::with("visits.toml", VISITS);
    let (done, said) = run(&console, Some(&folder), &["modules", "adopt"]);
    assert!(done, "{said}");
    with_visits(&console, &team).await;
    let retyped = VISITS.replace("type = \"integer\"\nmin = 1\nmax = 20", "type = \"text\"");
    let renamed = VISITS.replace("key = \"visits\"", "key = \"callers\"");
    for (text, line, says) in [
        (retyped.clone(), "line 28", "size: 1 record(s) of visit hold what was integer in it, and it would be text"),
        (VISITS.replace("\"over\"", "\"gone\""), "line 10", "1 record(s) of visit are in none of its states"),
        (VISITS.replace("\"meeting\"]", "\"lunch\"]"), "line 22", "reason: 1 record(s) of visit hold a value that is not among its values"),
        (VISITS.replace("says = \"Why.\"", "says = \"Why.\"\nrequired = true"), "line 22", "reason: it is required now, and 1 record(s)"),
        (renamed, "line 10", "the resource visit was of the module visits, and 2 record(s)"),
    ] {
        assert_ne!(text, VISITS);
        let changed = Folder::with("visits.toml", &text);
        let path = changed.path().join("visits.toml").display().to_string();
        for arguments in [&["modules", "check"][..], &["modules", "adopt"], &["serve"]] {
            let (done, said) = run(&console, Some(&changed), arguments);
            assert!(!done && said.contains(&format!("{path}: {line}: {says}")), "{arguments:?}: {said}");
        }
    }
    assert_eq!(console.database.count("select max(number) from manifest_set").await, 1, "nothing was changed");

    // Wider is allowed, and what is gone is remembered: it does not come back as another thing.
    let wider = VISITS
        .replace("\"meeting\"]", "\"meeting\", \"lunch\"]")
        .replace("max = 20", "max = 1")
        .replace("\"over\"]", "\"over\", \"late\"]");
    let without =
        VISITS.replace("[[resource.field]]\nname = \"size\"\ntype = \"integer\"\nmin = 1\nmax = 20\nsays = \"How many they were.\"\n", "");
    assert_ne!(without, VISITS);
    for (text, told) in [(&wider, ""), (&without, "the field size of visit is gone: 1 record(s) keep what they hold in it")] {
        let changed = Folder::with("visits.toml", text);
        let (done, said) = run(&console, Some(&changed), &["modules", "adopt"]);
        assert!(done && said.contains(told), "{said}");
    }
    let (done, said) = run(&console, Some(&Folder::with("visits.toml", &retyped)), &["modules", "adopt"]);
    assert!(!done && said.contains("hold what was integer"), "{said}");
    assert_eq!(console.database.count("select count(*) from manifest_version where module = 'visits'").await, 3);
    let (done, said) = run(&console, Some(&folder), &["modules", "adopt"]);
    assert!(done, "{said}");
    let listed = run(&console, Some(&folder), &["modules", "list"]).1;
    assert!(listed.contains("set 4 is in force") && listed.contains("they are in force"), "{listed}");
    assert_eq!(
        console.database.count("select count(*) from manifest_version where module = 'visits'").await,
        3,
        "it is the first one again"
    );
}

#[tokio::test]
async fn a_file_that_is_gone_keeps_its_records_and_says_so() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let folder = Folder::with("visits.toml", VISITS);
    assert!(run(&console, Some(&folder), &["modules", "adopt"]).0);
    with_visits(&console, &team).await;
    let here: Client = console.client(&team.admin, &team.slug, &["tasks:read"]).await;
    let refused = here.get("/tasks").await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "2"), "this node holds none of it");
    assert_eq!(console.a_stranger().get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);

    let gone = "the module visits is gone: 2 record(s) of visit stay, are reached by nobody, and come back when it is declared again";
    for arguments in [["modules", "check"], ["modules", "adopt"], ["modules", "list"]] {
        let (done, said) = run(&console, None, &arguments);
        assert!(done && said.contains(gone), "{arguments:?}: {said}");
    }
    assert_eq!(here.get("/tasks").await.status, StatusCode::OK, "with the next call");
    assert_eq!(console.a_stranger().get("/readyz").await.status, StatusCode::OK);
    let page = team.admin.browser.get(&format!("/w/{}/modules", team.slug)).await;
    assert!(page.text().contains("visits2"), "{}", page.text());
    assert_eq!(console.database.count("select count(*) from record where module = 'visits'").await, 2);
    let changes = "select count(*) from audit_event where action = 'manifests.adopted' and actor_type = 'operator' and channel = 'cli'
                   and changes::text like '%visits%'";
    assert_eq!(console.database.count(changes).await, 2);
}
