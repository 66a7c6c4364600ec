//! The pages, as people of each role find them.

use crate::support::Console;

#[tokio::test]
async fn everyone_finds_their_team_and_workspace() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, role) in team.people() {
        let teams = person.browser.get(&format!("/t/{}/teams", team.tenant_slug)).await;
        assert_eq!(teams.status, 200);
        assert_eq!(teams.count("main tbody tr"), 2, "{role}: the personal one and Acme");
        let listed = person.browser.get(&format!("/t/{}/workspaces", team.tenant_slug)).await;
        assert!(listed.text().contains("Acme Shop"), "{role}: {}", listed.text());
        let overview = person.browser.get(&format!("/w/{}", team.slug)).await;
        assert!(overview.text().contains(role.name()), "{role}: {}", overview.text());
        assert_eq!(overview.count("nav [aria-current=page]"), 1);
    }
}

#[tokio::test]
async fn who_may_rename_finds_the_form_and_nobody_else() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, role) in team.people() {
        let settings = person.browser.get(&format!("/w/{}/settings", team.slug)).await;
        let forms = settings.count("main form");
        let expected = usize::from(role.may(stoa::access::WorkspacePermission::RenameWorkspace));
        assert_eq!(forms, expected, "{role}");
    }
}

#[tokio::test]
async fn the_overview_offers_what_the_role_can_begin_and_a_call_that_works() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, role) in team.people() {
        let page = person.browser.get(&format!("/w/{}", team.slug)).await;
        let manages = usize::from(role.may(stoa::access::WorkspacePermission::ManageMembers));
        // Others are there, so nobody needs to be invited first; `tests/first_steps.rs` goes through the steps.
        assert_eq!(page.count(&format!("main a[href='/w/{}/api-keys/new']", team.slug)), manages, "{role}");
        let base = console.stoa.config.public_urls.console_url("/api/v1");
        assert!(page.text().contains(&format!("curl -H \"Authorization: Bearer $STOA_KEY\" {base}/me")), "{}", page.text());
    }
    let client = console.client(&team.owner, &team.slug, &["members:read"]).await;
    assert_eq!(client.get("/me").await.status, 200);
}

#[tokio::test]
async fn home_is_where_one_was_last() {
    let console = Console::start().await;
    let mut team = console.team("Acme").await;
    let first = team.slug.clone();
    let (_, second) = console.next_workspace(&mut team).await;
    for slug in [&second, &first, &second] {
        assert_eq!(team.owner.browser.get(&format!("/w/{slug}")).await.status, 200);
        let expected = format!("/w/{slug}");
        for _ in 0..200 {
            if team.owner.browser.get("/").await.location() == expected {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(team.owner.browser.get("/").await.location(), expected);
        console.hands.advance(chrono::TimeDelta::seconds(90));
    }
}

/// A browser that was answered 204 ahead of a click takes that for the answer to the click.
#[tokio::test]
async fn what_answers_nothing_ahead_is_never_fetched_ahead() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let page = team.owner.browser.get("/profile").await;
    let rules = page.body.split("type=\"speculationrules\"").nth(1).expect("rules");
    let excluded: Vec<&str> = rules
        .split("</script>")
        .next()
        .expect("an end")
        .split("a[href*='")
        .skip(1)
        .map(|rest| rest.split('\'').next().expect("a part"))
        .collect();
    assert!(excluded.len() > 3, "{excluded:?}");
    let mut empty = 0;
    for door in stoa::app::doors().into_iter().filter(|door| door.method == axum::http::Method::GET) {
        let path = door.path.replace("{workspace}", &team.slug).replace("{tenant}", &team.tenant_slug);
        let ahead = team.owner.browser.request(axum::http::Method::GET, &path).header("sec-purpose", "prefetch");
        let answer = team.owner.browser.send(ahead.body(axum::body::Body::empty()).expect("a request")).await;
        if answer.status == 204 {
            assert!(excluded.iter().any(|part| path.contains(part)), "{path} is fetched ahead and answers nothing");
            empty += 1;
        }
    }
    assert!(empty >= 4, "only {empty} answer nothing");
}

#[tokio::test]
async fn the_switcher_knows_all_places_and_none_of_others() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let page = acme.member.browser.get(&format!("/w/{}", acme.slug)).await;
    assert!(page.body.contains("Acme Shop") && page.body.contains("My workspace"));
    assert!(!page.body.contains(&zenith.slug));
}

#[tokio::test]
async fn a_page_is_one_document_with_headings_in_order() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for path in [
        format!("/w/{}", team.slug),
        format!("/w/{}/settings", team.slug),
        "/profile".to_owned(),
        format!("/t/{}/teams", team.tenant_slug),
        format!("/t/{}/people", team.tenant_slug),
        format!("/t/{}/people/leave", team.tenant_slug),
        format!("/t/{}/settings", team.tenant_slug),
        format!("/t/{}/settings/delete", team.tenant_slug),
        "/sign-in".to_owned(),
        "/nowhere".to_owned(),
        "/dev/gallery".to_owned(),
    ] {
        let answer = team.owner.browser.get(&path).await;
        if answer.status == 303 {
            continue;
        }
        assert!(answer.body.starts_with("<!DOCTYPE html><html lang=\"en\""), "{path}");
        assert_eq!((answer.count("h1"), answer.count("main"), answer.count("head > title")), (1, 1, 1), "{path}");
        assert!(
            !answer
                .body
                .split("<title>")
                .nth(1)
                .is_some_and(|rest| rest.starts_with("<!") || rest.split("</title>").next().is_some_and(|title| title.contains("<!"))),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_theme_is_in_the_answer_itself() {
    let console = Console::start().await;
    let stranger = console.a_stranger();
    assert_eq!(stranger.get("/sign-in").await.count("html[data-theme]"), 0);
    let answer = stranger.post("/theme", &[("theme", "dark"), ("back", "/sign-in")]).await;
    assert_eq!(answer.location(), "/sign-in");
    assert_eq!(stranger.get("/sign-in").await.count("html[data-theme=dark]"), 1);
    assert_eq!(stranger.post("/theme", &[("theme", "neon")]).await.status, 400);
    assert_eq!(stranger.post("/theme", &[("theme", "light"), ("back", "//evil.example")]).await.location(), "/");
}
