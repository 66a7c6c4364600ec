//! After all other tests: what they left in their databases, taken together. Whatever can happen has happened to somebody,
//! and whatever changes something left a row behind.

use std::collections::BTreeSet;

use axum::http::Method;
use sqlx::Row as _;
use stoa::{
    app,
    server::{
        events::EventKind,
        rest::{BASE, Operation},
    },
};

use crate::support::TestDatabase;

/// Forms that change nothing of a place.
const SILENT_DOORS: [&str; 13] = [
    // Kept in the browser alone.
    "/theme",
    "/invitation/forget",
    // What one has read, for oneself.
    "/inbox/read",
    "/inbox/{item}/read",
    // Whom a change would cut off, before it is made.
    "/t/{tenant}/settings/security/preview",
    "/w/{workspace}/settings/security/preview",
    // Where something pasted leads: sent as a form so that it stands in no address.
    "/search",
    "/t/{tenant}/search",
    "/w/{workspace}/search",
    "/t/{tenant}/audit-log/search",
    "/w/{workspace}/audit-log/search",
    "/w/{workspace}/archived/audit-log/search",
    // Bytes on their way: what is told of is that an asset was announced, and that it is complete.
    "/files/{tenant_id}/{workspace_id}/{asset_id}",
];

/// The same of operations.
const SILENT_OPERATIONS: [&str; 2] = [
    "security.review",
    // Where to send the bytes of an asset that was announced.
    "assets.upload",
];

struct Seen {
    databases: usize,
    actions: BTreeSet<String>,
    routes: BTreeSet<String>,
}

/// Of every database of a test that is still there.
async fn seen() -> Seen {
    let mut seen = Seen { databases: 0, actions: BTreeSet::new(), routes: BTreeSet::new() };
    for database in TestDatabase::all().await {
        let mut owner = database.connect("stoa_owner").await;
        // Some tests have a schema of their own, or none.
        let sql = "select distinct action, case outcome when 'succeeded' then route end as route from audit_event";
        let Ok(rows) = sqlx::query(sql).fetch_all(&mut owner).await else { continue };
        seen.databases += 1;
        for row in rows {
            seen.actions.insert(row.get("action"));
            seen.routes.extend(row.get::<Option<String>, _>("route"));
        }
    }
    seen
}

fn missing<'a>(all: impl Iterator<Item = &'a str>, seen: &BTreeSet<String>) -> Vec<&'a str> {
    all.filter(|name| !seen.contains(*name)).collect()
}

#[tokio::test]
#[ignore = "looks at what all other tests left: scripts/integration runs it after them"]
async fn what_can_happen_has_happened_and_left_a_row() {
    let seen = seen().await;
    assert!(seen.databases > 400, "only {} databases: all other tests come first", seen.databases);
    let never = missing(EventKind::every().map(EventKind::name), &seen.actions);

    let doors = app::doors().into_iter().filter(|door| door.method != Method::GET).map(|door| door.path);
    let silent_doors = missing(doors.filter(|path| !SILENT_DOORS.contains(path)), &seen.routes);

    let changes = |operation: &Operation| operation.method != Method::GET && !SILENT_OPERATIONS.contains(&operation.id);
    let routes: Vec<String> =
        app::operations().iter().filter(|operation| changes(operation)).map(|operation| format!("{BASE}{}", operation.path)).collect();
    let silent_operations = missing(routes.iter().map(String::as_str), &seen.routes);
    let none: [&str; 0] = [];
    assert_eq!(
        (&*never, &*silent_doors, &*silent_operations),
        (&none[..], &none[..], &none[..]),
        "no test made these events happen; nothing that these forms did is in a log; nothing that these operations did is in a log"
    );
}
