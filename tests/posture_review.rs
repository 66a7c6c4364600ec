//! Reviewing a change of the posture: whom it cuts off is shown first, and what was shown is what is done.

use axum::http::StatusCode;
use chrono::TimeDelta;

use crate::{
    posture::{change, confirm, page_of, review, set, soon, team_page_of},
    support::Console,
};

#[tokio::test]
async fn a_review_names_whom_a_change_cuts_off_and_changes_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    set(&console, &format!("update session set multi_factor = true where user_id in ('{}', '{}')", team.owner.user.0, team.admin.user.0))
        .await;
    console.new_session(team.member.user, &team.member.name).await;
    let shown = review(&console, &team.owner, &page_of(&team), &[("require_multi_factor", "yes"), ("idle_minutes", "30")]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let text = shown.text();
    assert!(text.contains("This cuts off 3 sessions of 2 people: Acme Auditor, Acme Member."), "{text}");
    assert!(text.contains("They end at once") && text.contains("Second factor") && text.contains("Idle, in minutes"), "{text}");
    assert_eq!(console.database.count("select count(*) from workspace where require_multi_factor or idle_minutes is not null").await, 0);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'workspace.updated'").await, 0);

    let answer = confirm(&console, &team.owner, &page_of(&team), &shown).await;
    assert_eq!(answer.location(), page_of(&team), "{}", answer.text());
    let mut owner = console.database.connect("stoa_owner").await;
    let (changes, log): (serde_json::Value, uuid::Uuid) =
        sqlx::query_as("select changes::jsonb, log_id from audit_event where action = 'workspace.updated'")
            .fetch_one(&mut owner)
            .await
            .expect("one event");
    assert_eq!(log, team.workspace.0);
    assert_eq!(
        changes,
        serde_json::json!([
            { "field": "idle_minutes", "before": null, "after": "30" },
            { "field": "require_multi_factor", "before": null, "after": "yes" },
        ])
    );
    let ended: Vec<(String, uuid::Uuid, Option<String>)> =
        sqlx::query_as("select reason, log_id, target_name from audit_event where action = 'session.ended' order by target_name")
            .fetch_all(&mut owner)
            .await
            .expect("events");
    assert_eq!(ended.len(), 3);
    for (reason, log, _) in &ended {
        assert_eq!((reason.as_str(), *log), ("no longer meets the security posture of Acme Shop", team.workspace.0));
    }
    assert_eq!(console.database.count("select count(*) from session").await, 2);
    let mut told: Vec<uuid::Uuid> = sqlx::query_scalar("select user_id from inbox_item where title = 'Acme Shop asks more of sign-ins'")
        .fetch_all(&mut owner)
        .await
        .expect("told");
    told.sort();
    let mut expected = [team.auditor.user.0, team.member.user.0];
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn whoever_would_be_cut_off_without_being_shown_stops_the_change() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    set(&console, "update session set multi_factor = true").await;
    let shown = review(&console, &team.owner, &page_of(&team), &[("require_multi_factor", "yes")]).await;
    assert!(shown.text().contains("Nobody who is signed in now is cut off."), "{}", shown.text());
    console.new_session(team.member.user, &team.member.name).await;
    let answer = confirm(&console, &team.owner, &page_of(&team), &shown).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("Others than you were shown"), "{}", answer.text());
    assert_eq!(answer.count("main input[name=require_multi_factor][checked]"), 1, "what was entered is kept");
    // Time alone adds nobody: an idle clock is taken as it stood at the review.
    let shown = review(&console, &team.owner, &page_of(&team), &[("idle_minutes", "10")]).await;
    console.hands.advance(TimeDelta::minutes(9));
    assert_eq!(team.owner.browser.get("/profile").await.status, StatusCode::OK);
    soon(&console, "select count(*) from session where last_seen_at > created_at").await;
    console.hands.advance(TimeDelta::minutes(2));
    assert_eq!(confirm(&console, &team.owner, &page_of(&team), &shown).await.status, StatusCode::SEE_OTHER);
    // And a review does not hold for ever.
    set(&console, "update session set authenticated_at = authenticated_at + interval '2 hours'").await;
    let shown = review(&console, &team.owner, &page_of(&team), &[("idle_minutes", "20")]).await;
    console.hands.advance(TimeDelta::minutes(61));
    set(&console, "update session set last_seen_at = last_seen_at + interval '72 minutes'").await;
    let late = confirm(&console, &team.owner, &page_of(&team), &shown).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());
    assert!(late.text().contains("too old"), "{}", late.text());
}

#[tokio::test]
async fn nobody_shuts_themselves_out() {
    let console = Console::start_with(&[("STOA_SESSIONS__RECENT_MINUTES", "600")]).await;
    let team = console.team("Acme").await;
    console.hands.advance(TimeDelta::hours(2));
    for (field, value, says) in [
        ("allowed_networks", "203.0.113.0/24", "Your own address, 127.0.0.1, is in none of these networks"),
        ("require_multi_factor", "yes", "You signed in without a second factor yourself"),
        ("absolute_hours", "1", "Your own session is older than that"),
        ("idle_minutes", "30", "Your own session rested longer than that"),
    ] {
        for page in [page_of(&team), team_page_of(&team)] {
            let answer = review(&console, &team.owner, &page, &[(field, value)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{page} {field}");
            assert!(answer.text().contains(says), "{page} {field}: {}", answer.text());
            assert_eq!(answer.count(&format!("[role=alert] a[href='#field-{field}']")), 1, "{page} {field}");
        }
    }
    assert_eq!(console.database.count("select count(*) from audit_event where action in ('workspace.updated', 'tenant.updated')").await, 0);
}

#[tokio::test]
async fn only_who_may_changes_it_and_what_is_wrong_is_named() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let zenith = console.team("Zenith").await;
    let page = page_of(&team);
    for (person, status) in
        [(&team.member, StatusCode::FORBIDDEN), (&team.auditor, StatusCode::FORBIDDEN), (&zenith.owner, StatusCode::NOT_FOUND)]
    {
        for path in [page.clone(), format!("{page}/preview")] {
            let fields = [("form", &*console.form_key()), ("place", &team.slug), ("version", "1"), ("idle_minutes", "30")];
            assert_eq!(person.browser.post(&path, &fields).await.status, status, "{} {path}", person.name);
        }
    }
    let answer = review(&console, &team.admin, &page, &[("idle_minutes", "4"), ("allowed_networks", "office"), ("notify", "nobody")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["Enter whole minutes from 5", "“office” is not a network", "“nobody” is not an e-mail address"] {
        assert!(answer.text().contains(said), "{said}: {}", answer.text());
    }
    let same = review(&console, &team.admin, &page, &[]).await;
    assert_eq!(same.status, StatusCode::CONFLICT);
    assert!(same.text().contains("Nothing here differs"), "{}", same.text());
    // Two who change it at once: the second is shown what is there now.
    let shown = review(&console, &team.admin, &page, &[("credential_days", "90"), ("notify", "a@example.com b@example.com")]).await;
    assert_eq!(change(&console, &team.owner, &page, &[("credential_days", "30")]).await.status, StatusCode::SEE_OTHER);
    let stale = confirm(&console, &team.admin, &page, &shown).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("was changed by someone else"), "{}", stale.text());
    assert_eq!(console.database.count("select count(*) from workspace where credential_days = 30").await, 1);
    assert_eq!(
        change(&console, &team.admin, &page, &[("credential_days", "90"), ("notify", "a@example.com b@example.com")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(console.database.count("select count(*) from workspace where notify = '{a@example.com,b@example.com}'").await, 1);
}

#[tokio::test]
async fn an_admin_shuts_no_owner_out() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let page = page_of(&team);
    set(&console, "update session set multi_factor = true").await;
    // The admin's own address, and so nothing that would cut off the admin.
    for entry in [("allowed_networks", "127.0.0.1/32"), ("require_multi_factor", "yes")] {
        let refused = review(&console, &team.admin, &page, &[entry]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{entry:?}: {}", refused.text());
        assert!(refused.text().contains("Ask someone with the role owner"), "{}", refused.text());
        // Nor with what an owner's review would hold.
        let shown = review(&console, &team.owner, &page, &[entry]).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
        assert_eq!(confirm(&console, &team.admin, &page, &shown).await.status, StatusCode::FORBIDDEN, "{entry:?}");
    }
    let untouched = "select count(*) from workspace where name = 'Acme Shop' and allowed_networks = '{}' and not require_multi_factor";
    assert_eq!(console.database.count(untouched).await, 1);
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'workspace.updated'").await, 0);

    // What an owner set, an admin does not lift either; and changes the rest beside it.
    set(
        &console,
        "update workspace set allowed_networks = '{127.0.0.0/8,203.0.113.0/24}', require_multi_factor = true where name = 'Acme Shop'",
    )
    .await;
    let lifted = review(&console, &team.admin, &page, &[("idle_minutes", "30")]).await;
    assert_eq!(lifted.status, StatusCode::FORBIDDEN, "{}", lifted.text());
    let form = team.admin.browser.get(&page).await;
    assert_eq!(form.count("main textarea[name=allowed_networks], main input[type=checkbox]"), 0, "{}", form.body);
    assert!(form.text().contains("Only an owner of this workspace changes these two"), "{}", form.text());
    assert!(form.text().contains("127.0.0.0/8, 203.0.113.0/24"), "{}", form.text());
    let (networks, factor) = (form.field("allowed_networks"), form.field("require_multi_factor"));
    let kept = [("allowed_networks", networks.as_str()), ("require_multi_factor", &factor), ("idle_minutes", "30")];
    let changed = change(&console, &team.admin, &page, &kept).await;
    assert_eq!(changed.location(), page, "{}", changed.text());
    let beside = "select count(*) from workspace where idle_minutes = 30 and require_multi_factor and cardinality(allowed_networks) = 2";
    assert_eq!(console.database.count(beside).await, 1);
    assert_eq!(team.owner.browser.get(&page).await.count("main textarea[name=allowed_networks]"), 1);
}
