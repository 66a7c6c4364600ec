//! Support access: an operator sees a workspace only by its owner's consent, for as long as that lasts, and never more
//! than an auditor.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use sqlx::Executor as _;
use stoa::{app, server::scope::Asks};

use crate::{
    archive_races::until_waited_for,
    support::{Answer, Console, Person, Team},
};

async fn operator(console: &Console, name: &str) -> Person {
    let person = console.signed_in_as(name).await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update app_user set operator = true where id = $1").bind(person.user.0).execute(&mut owner).await.expect("an operator");
    person
}

async fn grant(console: &Console, team: &Team, by: &Person, reason: &str, hours: &str) -> Answer {
    let path = format!("/w/{}/settings/support-access", team.slug);
    let fields = [("form", &*console.form_key()), ("place", &team.slug), ("reason", reason), ("lasting", hours)];
    by.browser.post(&path, &fields).await
}

async fn consent(console: &Console) -> String {
    let id: uuid::Uuid = sqlx::query_scalar("select id from support_consent order by granted_at desc limit 1")
        .fetch_one(&console.database.owner().await)
        .await
        .expect("a consent");
    stoa::ids::ConsentId(id).to_string()
}

async fn enter(console: &Console, operator: &Person) -> Answer {
    let path = format!("/support/{}/enter", consent(console).await);
    operator.browser.post(&path, &[("form", &console.form_key()), ("place", &operator.user.to_string())]).await
}

async fn end(console: &Console, team: &Team, by: &Person) -> Answer {
    let path = format!("/w/{}/settings/support-access/{}/end", team.slug, consent(console).await);
    by.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug)]).await
}

#[tokio::test]
async fn without_consent_an_operator_is_a_stranger() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let opal = operator(&console, "Opal").await;
    assert_eq!(opal.browser.get(&format!("/w/{}", team.slug)).await.status, StatusCode::NOT_FOUND);
    let desk = opal.browser.get("/support").await;
    assert_eq!(desk.status, StatusCode::OK);
    assert!(desk.text().contains("No consent is open"), "{}", desk.text());
    // For everyone else there is no such page.
    assert_eq!(team.owner.browser.get("/support").await.status, StatusCode::NOT_FOUND);
    assert_eq!(team.owner.browser.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(opal.browser.get("/profile").await.count("nav a[href='/support']"), 1);
    assert_eq!(team.owner.browser.get("/profile").await.count("nav a[href='/support']"), 0);
}

#[tokio::test]
async fn by_consent_an_operator_reads_as_an_auditor_and_changes_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let opal = operator(&console, "Opal").await;
    let granted = grant(&console, &team, &team.owner, "Webhooks fail since noon", "4").await;
    assert_eq!(granted.location(), format!("/w/{}/settings/support-access", team.slug), "{}", granted.text());
    // Not before they enter: nothing is shown that is not written down first.
    assert_eq!(opal.browser.get(&format!("/w/{}", team.slug)).await.status, StatusCode::NOT_FOUND);
    let desk = opal.browser.get("/support").await;
    assert!(desk.text().contains("Acme Shop") && desk.text().contains("Webhooks fail since noon"), "{}", desk.text());
    let entered = enter(&console, &opal).await;
    assert_eq!(entered.location(), format!("/w/{}", team.slug), "{}", entered.text());

    stoa::server::proof::seal_now(&console.stoa).await.expect("sealed");
    let mut read = 0;
    for door in app::doors() {
        let Asks::Workspace(permission) = door.asks else { continue };
        // Who is no member has nothing to leave; and what the palette is told stands in a page that has the banner.
        let is_beside = door.path.ends_with("/members/leave") || door.path.ends_with("/search/results");
        if door.path.replace("{workspace}", "").contains('{') || is_beside {
            continue;
        }
        let path = door.path.replace("{workspace}", &team.slug);
        let may = stoa::access::WorkspaceRole::Readonly.may(permission);
        if door.method == Method::GET {
            let answer = opal.browser.get(&path).await;
            assert_eq!(answer.status == StatusCode::OK, may, "{path}: {}", answer.status);
            if may && answer.header("content-type").starts_with("text/html") {
                assert_eq!(answer.count(".banner"), 1, "{path} has no banner");
                assert!(answer.body.contains("Support access: you see this workspace as an auditor would"), "{path}");
                assert_eq!(answer.count("main form:not([method=get], [role=search])"), 0, "{path} has a form for support");
                assert_eq!(answer.links("main a.found[href$='/members/leave']"), Vec::<String>::new(), "{path}");
                read += 1;
            }
        } else if !may {
            let answer = opal.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    assert!(read >= 3, "only {read} pages were read");
    let view = format!("/w/{}/audit-log/views/new", team.slug);
    let kept = opal.browser.post(&view, &[("form", &console.form_key()), ("place", &team.slug), ("name", "Mine"), ("q", "x")]).await;
    assert_eq!(kept.status, StatusCode::FORBIDDEN, "nothing is left behind");
    let renamed = format!("/w/{}/settings/name", team.slug);
    let fields = [("form", &*console.form_key()), ("place", &team.slug), ("version", "1"), ("name", "Taken")];
    assert_eq!(opal.browser.post(&renamed, &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(console.database.count("select count(*) from workspace where name = 'Taken'").await, 0);
    // The team's own pages stay closed, and so does any other workspace.
    assert_eq!(opal.browser.get(&format!("/t/{}/teams", team.tenant_slug)).await.status, StatusCode::NOT_FOUND);
    let zenith = console.team("Zenith").await;
    assert_eq!(opal.browser.get(&format!("/w/{}", zenith.slug)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_entry_is_in_the_log_and_told_to_the_owners_once_a_session() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let opal = operator(&console, "Opal").await;
    grant(&console, &team, &team.owner, "Look at the invoice", "1").await;
    for _ in 0..3 {
        assert_eq!(enter(&console, &opal).await.status, StatusCode::SEE_OTHER);
        assert_eq!(opal.browser.get(&format!("/w/{}", team.slug)).await.status, StatusCode::OK);
    }
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<(uuid::Uuid, String, String, String, Option<String>)> =
        sqlx::query_as("select log_id, actor_type, actor_id, reason, credential_id from audit_event where action = 'support_access.used'")
            .fetch_all(&mut owner)
            .await
            .expect("events");
    let [(log, kind, actor, reason, credential)] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((*log, kind.as_str(), actor.as_str()), (team.workspace.0, "operator", &*opal.user.to_string()));
    assert_eq!(reason, "Look at the invoice");
    assert!(credential.as_ref().is_some_and(|credential| credential.starts_with("ses_")));
    let told: Vec<uuid::Uuid> =
        sqlx::query_scalar("select user_id from inbox_item where kind = 'support_access.used'").fetch_all(&mut owner).await.expect("told");
    assert_eq!(told, [team.owner.user.0]);
    // Another session of theirs is not let in by it, and writes its own row when it enters.
    let other = Person { user: opal.user, name: "Opal".to_owned(), browser: console.a_stranger() };
    other.browser.set_cookie("stoa_session", &console.new_session(opal.user, "Opal").await);
    assert_eq!(other.browser.get(&format!("/w/{}", team.slug)).await.status, StatusCode::NOT_FOUND);
    enter(&console, &other).await;
    assert_eq!(other.browser.get(&format!("/w/{}", team.slug)).await.status, StatusCode::OK);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'support_access.used'").await, 2);
    let page = team.auditor.browser.get(&format!("/w/{}/settings/support-access", team.slug)).await;
    assert!(page.text().contains("Opal"), "who entered is shown: {}", page.text());
}

#[tokio::test]
async fn taking_consent_back_closes_the_door_at_the_next_request() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let opal = operator(&console, "Opal").await;
    grant(&console, &team, &team.owner, "Look", "168").await;
    enter(&console, &opal).await;
    let overview = format!("/w/{}", team.slug);
    assert_eq!(opal.browser.get(&overview).await.status, StatusCode::OK);
    let ended = end(&console, &team, &team.owner).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", ended.text());
    assert_eq!(opal.browser.get(&overview).await.status, StatusCode::NOT_FOUND);
    assert_eq!(enter(&console, &opal).await.status, StatusCode::CONFLICT);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'support_access.ended'").await, 1);
    // Twice is explained.
    let again = end(&console, &team, &team.owner).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("is over already"), "{}", again.text());
}

#[tokio::test]
async fn a_consent_runs_out_by_the_clock() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let opal = operator(&console, "Opal").await;
    grant(&console, &team, &team.owner, "Look", "1").await;
    enter(&console, &opal).await;
    let overview = format!("/w/{}", team.slug);
    console.hands.advance(TimeDelta::minutes(59));
    assert_eq!(opal.browser.get(&overview).await.status, StatusCode::OK);
    console.hands.advance(TimeDelta::minutes(1));
    assert_eq!(opal.browser.get(&overview).await.status, StatusCode::NOT_FOUND);
    assert!(opal.browser.get("/support").await.text().contains("No consent is open"));
    let page = team.owner.browser.get(&format!("/w/{}/settings/support-access", team.slug)).await;
    assert!(page.text().contains("expired"), "{}", page.text());
    // And another one can be given, by whoever signs in again.
    team.owner.browser.set_cookie("stoa_session", &console.new_session(team.owner.user, "Acme Owner").await);
    assert_eq!(grant(&console, &team, &team.owner, "Once more", "1").await.status, StatusCode::SEE_OTHER);
    assert_eq!(opal.browser.get(&overview).await.status, StatusCode::NOT_FOUND, "the entry was by the one before");
}

#[tokio::test]
async fn only_owners_consent_and_whoever_reads_how_the_workspace_is_guarded_sees_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for person in [&team.admin, &team.member, &team.auditor] {
        assert_eq!(grant(&console, &team, person, "Look", "1").await.status, StatusCode::FORBIDDEN, "{}", person.name);
    }
    assert_eq!(console.database.count("select count(*) from support_consent").await, 0);
    grant(&console, &team, &team.owner, "Look", "1").await;
    for person in [&team.admin, &team.auditor] {
        assert_eq!(end(&console, &team, person).await.status, StatusCode::FORBIDDEN, "{}", person.name);
        let page = person.browser.get(&format!("/w/{}/settings/support-access", team.slug)).await;
        assert!(page.text().contains("open"), "{}", page.text());
        assert_eq!(page.count("main form"), 0, "{}", person.name);
        assert!(person.browser.get(&format!("/w/{}/settings", team.slug)).await.text().contains("open, ends in 1 hour"));
    }
    // A plain member reads neither the reason nor who may come: not on its page, and not in the settings.
    let page = team.member.browser.get(&format!("/w/{}/settings/support-access", team.slug)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let settings = team.member.browser.get(&format!("/w/{}/settings", team.slug)).await;
    assert_eq!(settings.status, StatusCode::OK);
    assert_eq!(settings.count("main a[href$='/support-access'], main a[href$='/security']"), 0, "{}", settings.text());
    assert!(!settings.text().contains("open, ends"), "{}", settings.text());
    assert_eq!(team.auditor.browser.get(&format!("/w/{}/settings", team.slug)).await.count("main a[href$='/security']"), 1);
    // Another tenant's owner finds nothing, neither here nor by the consent's name.
    let zenith = console.team("Zenith").await;
    assert_eq!(end(&console, &team, &zenith.owner).await.status, StatusCode::NOT_FOUND);
    let theirs = format!("/w/{}/settings/support-access/{}/end", zenith.slug, consent(&console).await);
    let answer = zenith.owner.browser.post(&theirs, &[("form", &console.form_key()), ("place", &zenith.slug)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(console.database.count("select count(*) from support_consent where ended_at is not null").await, 0);
}

#[tokio::test]
async fn a_consent_needs_a_reason_and_an_end_and_stands_alone() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let answer = grant(&console, &team, &team.owner, "  ", "2").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("The reason is empty.") && answer.text().contains("Choose how long"), "{}", answer.text());
    let long = grant(&console, &team, &team.owner, &"x".repeat(401), "1").await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(grant(&console, &team, &team.owner, "Look", "1").await.status, StatusCode::SEE_OTHER);
    let second = grant(&console, &team, &team.owner, "Look again", "1").await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.text().contains("End that consent before"), "{}", second.text());
    let mut owner = console.database.connect("stoa_owner").await;
    let (reason, actor): (String, String) =
        sqlx::query_as("select reason, actor_id from audit_event where action = 'support_access.granted' and log_id = $1")
            .bind(team.workspace.0)
            .fetch_one(&mut owner)
            .await
            .expect("one event");
    assert_eq!((reason.as_str(), actor), ("Look", team.owner.user.to_string()));
}

#[tokio::test]
async fn who_is_no_operator_any_more_is_out() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let opal = operator(&console, "Opal").await;
    grant(&console, &team, &team.owner, "Look", "1").await;
    enter(&console, &opal).await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update app_user set operator = false").execute(&mut owner).await.expect("nobody");
    assert_eq!(opal.browser.get(&format!("/w/{}", team.slug)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(enter(&console, &opal).await.status, StatusCode::NOT_FOUND);
    // The function answers operators alone, whoever asks.
    let mut app = console.database.connect("stoa_app").await;
    sqlx::query("select set_config('app.user_id', $1, false), set_config('app.reach', 'user', false)")
        .bind(opal.user.0.to_string())
        .execute(&mut app)
        .await
        .expect("a reach");
    let seen: i64 = sqlx::query_scalar("select count(*) from live_consents($1, null)")
        .bind(console.stoa.clock.now())
        .fetch_one(&mut app)
        .await
        .expect("a count");
    assert_eq!(seen, 0);
}

#[tokio::test]
async fn of_two_consents_given_at_once_one_stands() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let opal = operator(&console, "Opal").await;
    // Both are let in and wait; neither sees what the other one writes until it is there.
    let mut holder = console.database.connect("stoa_owner").await;
    holder.execute("begin; select from workspace for update").await.expect("held");
    let (one, other, ()) = tokio::join!(
        grant(&console, &team, &team.owner, "Look here", "168"),
        grant(&console, &team, &team.owner, "Look there", "1"),
        async {
            until_waited_for(&console, &mut holder, 2).await;
            holder.execute("rollback").await.expect("released");
        }
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} / {}", one.text(), other.text());
    assert_eq!(console.database.count("select count(*) from support_consent").await, 1);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'support_access.granted'").await, 1);
    enter(&console, &opal).await;
    assert_eq!(end(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    assert_eq!(opal.browser.get(&format!("/w/{}", team.slug)).await.status, StatusCode::NOT_FOUND);
}
