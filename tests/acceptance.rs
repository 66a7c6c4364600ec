//! An invitation's other end: looked at by anyone who holds the link, accepted once by whom it is for.

use chrono::TimeDelta;
use stoa::{
    access::WorkspaceRole,
    app,
    features::sign_in::server::arrive,
    ids::UserId,
    server::{
        clock::Clock,
        credentials::{Credential, Kind},
        http::{self, request::RequestContext},
    },
};

use crate::support::{
    Browser, Console, Person, Team, TestDatabase, identity, noon,
    provider::{CLIENT, Lie, Lying},
    settings,
};

const GRACE: &str = "grace@example.com";

async fn is_in(console: &Console, team: &Team, user: UserId) -> bool {
    console.role_of(team.workspace, user).await.is_some()
}

/// Someone signed in twice: two browsers, as two tabs of one.
async fn second_tab(console: &Console, person: &Person) -> Person {
    let browser = console.a_stranger();
    browser.set_cookie("stoa_session", &console.new_session(person.user, &person.name).await);
    Person { user: person.user, name: person.name.clone(), browser }
}

#[tokio::test]
async fn looking_accepts_nothing_and_leaves_the_secret_in_a_cookie() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let grace = console.signed_in_as("Grace").await;
    let link = console.invited(&team, GRACE, "member").await;
    let ahead = grace
        .browser
        .request(axum::http::Method::GET, &link)
        .header("sec-purpose", "prefetch")
        .body(axum::body::Body::empty())
        .expect("a request");
    let answer = grace.browser.send(ahead).await;
    assert_eq!((answer.status.as_u16(), grace.browser.cookie("stoa_invitation")), (204, None), "fetching ahead does nothing");

    let opened = grace.browser.get(&link).await;
    assert_eq!((opened.status.as_u16(), opened.location()), (303, "/invitation"));
    let cookie = opened.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=3600"), "{cookie}");
    for _ in 0..3 {
        let page = grace.browser.get("/invitation").await;
        assert!(page.text().contains("Join Acme Shop") && page.text().contains("Acme Owner invites you."), "{}", page.text());
        assert!(!page.body.contains("stoa_inv_"), "the secret is not in the page");
        grace.browser.get(&link).await;
    }
    assert!(!is_in(&console, &team, grace.user).await);
    assert_eq!(console.database.count("select count(*) from invitation where status = 'pending' and version = 1").await, 1);
}

#[tokio::test]
async fn on_https_the_cookie_is_bound_to_its_host() {
    let console = Console::start_with(&[("STOA_PUBLIC_URLS__CONSOLE", "https://console.example.com")]).await;
    let text = Credential::mint(Kind::Invitation, uuid::Uuid::nil()).reveal();
    let answer = console.a_stranger().get(&format!("/invitations/{text}")).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-stoa_invitation=stoa_inv_live_") && cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn strangers_learn_little_and_others_cannot_accept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let link = console.invited(&team, GRACE, "admin").await;
    let stranger = console.a_stranger();
    stranger.get(&link).await;
    let page = stranger.get("/invitation").await;
    assert!(page.text().contains("g…@example.com") && !page.body.contains(GRACE), "{}", page.text());
    assert_eq!((page.count("main form"), page.count("main a[href='/sign-in?back=/invitation']")), (0, 1));
    assert_eq!(stranger.post("/invitation", &[("form", &console.form_key())]).await.status, 401);

    let mallory = console.signed_in_as("Mallory").await;
    mallory.browser.get(&link).await;
    let page = mallory.browser.get("/invitation").await;
    assert!(page.text().contains("You are signed in as mallory@example.com. The invitation is for g…@example.com."), "{}", page.text());
    assert_eq!(page.count("main form[action='/invitation']"), 0);
    assert_eq!(page.count("main form[action='/sign-out']"), 1);
    let answer = console.accepts(&mallory, &link).await;
    assert_eq!(answer.status, 409, "{}", answer.text());

    // The right address, and nobody says that it is theirs.
    let grace = console.signed_in_as("Grace").await;
    console.change("update app_user set email_verified = false where id = $1", grace.user.0).await;
    let answer = console.accepts(&grace, &link).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("does not say that this address is yours"), "{}", answer.text());
    assert!(!is_in(&console, &team, grace.user).await && !is_in(&console, &team, mallory.user).await);
}

#[tokio::test]
async fn what_is_unknown_and_what_is_wrong_look_the_same() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.invited(&team, GRACE, "member").await;
    let id = console.invitation_id(GRACE).await;
    let grace = console.signed_in_as("Grace").await;
    let mut texts = Vec::new();
    for token in [
        Credential::mint(Kind::Invitation, id.0).reveal(),
        Credential::mint(Kind::Invitation, team.tenant.0).reveal(),
        Credential::mint(Kind::Key, id.0).reveal(),
        "stoa_inv_live_x".to_owned(),
        "%2e%2e%2fprofile".to_owned(),
    ] {
        grace.browser.get(&format!("/invitations/{token}")).await;
        let page = grace.browser.get("/invitation").await;
        assert_eq!(page.status, 404);
        texts.push(page.text());
        assert_eq!(console.accepts_what_is_open(&grace).await.status, 404);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn whoever_accepts_is_in_and_everything_is_written_down_as_theirs() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let link = console.invited(&team, "GRACE@example.COM", "readonly").await;
    console.change("update invitation set ends_at = '2027-01-31T00:00:00Z' where workspace_id = $1", team.workspace.0).await;
    console.change("update tenant set default_role = 'billing' where tenant_id = $1", team.tenant.0).await;
    let grace = console.signed_in_as("Grace").await;
    let answer = console.accepts(&grace, &link).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/w/{}", team.slug).as_str()), "{}", answer.text());
    assert_eq!(grace.browser.cookie("stoa_invitation"), None, "the secret is gone");
    let page = grace.browser.get(answer.location()).await;
    assert!(page.text().contains("You are now in Acme Shop as readonly."), "{}", page.text());
    for action in ["invitation.accepted", "member.added"] {
        assert!(console.actors_of(team.workspace, action).await.contains(&"Grace".to_owned()), "{action}");
    }
    let joined = console.database.text("select actor_name || ' ' || changes::text from audit_event where action = 'tenant.member_added' and log_id = $1 and actor_name <> 'Operator'", team.tenant.0).await;
    assert!(joined.starts_with("Grace") && joined.contains("billing"), "{joined}");
    assert_eq!(console.told(team.owner.user).await, ["invitation.accepted"]);
    let end = console
        .database
        .text("select ends_at::text from workspace_membership where user_id = $1 and ends_at is not null", grace.user.0)
        .await;
    assert_eq!(end, "2027-01-31 00:00:00+00");

    // Again, it leads to the workspace; somebody else is told that it was used.
    grace.browser.get(&link).await;
    assert!(grace.browser.get("/invitation").await.text().contains("You are in Acme Shop"));
    assert_eq!(console.accepts_what_is_open(&grace).await.location(), format!("/w/{}", team.slug));
    assert_eq!(console.actors_of(team.workspace, "invitation.accepted").await.len(), 1);
    let stranger = console.a_stranger();
    stranger.get(&link).await;
    assert_eq!(stranger.get("/invitation").await.status, 410);
}

#[tokio::test]
async fn a_former_member_comes_back_under_the_same_id() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let grace = console.joins(&team, "Grace", WorkspaceRole::Admin).await;
    let before = console.member_id(team.workspace, grace.user).await;
    let path = format!("/w/{}/members/{before}/remove", team.slug);
    let shown = team.owner.browser.get(&path).await.field("shown");
    assert_eq!(
        team.owner.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug), ("shown", &shown)]).await.status,
        303
    );
    let link = console.invited(&team, GRACE, "member").await;
    assert_eq!(console.accepts(&grace, &link).await.status, 303);
    assert_eq!(console.member_id(team.workspace, grace.user).await, before);
    assert_eq!(console.role_of(team.workspace, grace.user).await.as_deref(), Some("member"));
    // And over again, by an end date that nobody swept.
    console.change("update workspace_membership set ends_at = '2026-11-21T11:00:00Z' where id = $1", before.0).await;
    let link = console.invited(&team, GRACE, "readonly").await;
    assert_eq!(console.accepts(&grace, &link).await.status, 303);
    assert_eq!(console.role_of(team.workspace, grace.user).await.as_deref(), Some("readonly"));
    assert_eq!(console.actors_of(team.workspace, "member.expired").await.len(), 1);
}

#[tokio::test]
async fn what_was_true_when_it_was_sent_is_asked_again() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let cases: [(&'static str, uuid::Uuid, &'static str); 5] = [
        ("update workspace_grant set role = 'member' where workspace_id = $1 and role = 'owner'", team.workspace.0, "410 no longer good"),
        ("update workspace_membership set ends_at = '2026-11-21T11:59:59Z' where user_id = $1", team.owner.user.0, "410 no longer good"),
        ("update tenant set allowed_domains = '{elsewhere.org}' where tenant_id = $1", team.tenant.0, "409 addresses of your domain"),
        (
            "update workspace set status = 'archived', archived_at = now(), purge_at = now() + interval '30 days', archived_by = (select id from app_user limit 1) where workspace_id = $1",
            team.workspace.0,
            "410 no longer good",
        ),
        (
            "update tenant set status = 'deleted', deleted_at = now(), purge_at = now() where tenant_id = $1",
            team.tenant.0,
            "410 no longer good",
        ),
    ];
    let link = console.invited(&team, GRACE, "admin").await;
    let grace = console.signed_in_as("Grace").await;
    for (change, id, says) in cases {
        // What breaks the owner's rule is not committed: the guard is set aside for the test.
        console.change("alter table workspace_grant disable trigger workspace_keeps_an_owner", id).await;
        console.change(change, id).await;
        let answer = console.accepts(&grace, &link).await;
        let page = format!(
            "{} {}",
            if says.starts_with("410") { grace.browser.get("/invitation").await.status.as_u16() } else { answer.status.as_u16() },
            answer.text()
        );
        let (status, words) = says.split_once(' ').expect("both");
        assert!(page.starts_with(status) && page.contains(words), "{change}: {page}");
        assert!(!is_in(&console, &team, grace.user).await, "{change}");
        for back in [
            "update workspace_grant set role = 'owner' where workspace_id = $1 and membership_id = (select workspace_membership.id from workspace_membership join app_user on app_user.id = user_id where name = 'Acme Owner' and workspace_id = $1)",
            "update workspace_membership set ends_at = null where workspace_id = $1",
            "update workspace set status = 'active', archived_at = null, purge_at = null, archived_by = null where workspace_id = $1",
        ] {
            console.change(back, team.workspace.0).await;
        }
        console
            .change(
                "update tenant set status = 'active', deleted_at = null, purge_at = null, allowed_domains = '{}' where tenant_id = $1",
                team.tenant.0,
            )
            .await;
    }
    assert_eq!(console.accepts(&grace, &link).await.status, 303, "and when all is well again it is good");
}

#[tokio::test]
async fn two_tabs_that_accept_make_one_member() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for round in 0..10 {
        let name = format!("Grace{round}");
        let link = console.invited(&team, &format!("{name}@example.com"), "member").await;
        let first = console.signed_in_as(&name).await;
        let second = second_tab(&console, &first).await;
        let (one, two) = tokio::join!(console.accepts(&first, &link), console.accepts(&second, &link));
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (303, 303), "round {round}: {} / {}", one.text(), two.text());
        assert!(is_in(&console, &team, first.user).await);
    }
    for action in ["invitation.accepted", "member.added"] {
        let by_graces = console.actors_of(team.workspace, action).await.into_iter().filter(|name| name.starts_with("Grace")).count();
        assert_eq!(by_graces, 10, "{action}");
    }
}

#[tokio::test]
async fn accepting_and_revoking_at_once_never_both_happen() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut accepted = 0;
    for round in 0..20 {
        let name = format!("Grace{round}");
        let email = format!("{name}@example.com");
        let link = console.invited(&team, &email, "member").await;
        let grace = console.signed_in_as(&name).await;
        grace.browser.get(&link).await;
        let id = console.invitation_id(&email).await;
        let (path, key) = (format!("/w/{}/members/invitations/{id}/revoke", team.slug), console.form_key());
        let form = [("form", key.as_str()), ("place", team.slug.as_str())];
        let (accept, revoke) = if round % 2 == 0 {
            tokio::join!(console.accepts_what_is_open(&grace), team.owner.browser.post(&path, &form))
        } else {
            let (revoke, accept) = tokio::join!(team.owner.browser.post(&path, &form), console.accepts_what_is_open(&grace));
            (accept, revoke)
        };
        let (did_accept, did_revoke) = (accept.status == 303, revoke.status == 303);
        assert!(did_accept != did_revoke, "round {round}: {} / {}", accept.text(), revoke.text());
        assert_eq!(is_in(&console, &team, grace.user).await, did_accept, "round {round}");
        accepted += usize::from(did_accept);
    }
    assert_eq!(console.actors_of(team.workspace, "invitation.accepted").await.len(), accepted);
    assert_eq!(console.actors_of(team.workspace, "invitation.revoked").await.len(), 20 - accepted);
}

/// A console that signs in with the provider, on the real clock.
async fn console_with(provider: &Lying) -> Console {
    let database = TestDatabase::fresh().await;
    let with = [("STOA_IDENTITY__ISSUER", provider.issuer.as_str()), ("STOA_IDENTITY__CLIENT_ID", CLIENT)];
    let stoa = Console::assemble(settings(&database.app_url(), &with), Clock::system());
    let (_, hands) = Clock::stopped_at(noon());
    let router = http::router(stoa.clone(), app::doors(), app::operations(), axum::Router::new());
    Console { stoa, hands, database, router }
}

async fn come_in(provider: &Lying, browser: &Browser, back: &str) -> crate::support::Answer {
    let started = browser.get(&format!("/sign-in/start?back={back}")).await;
    let url: url::Url = started.location().parse().expect("an address");
    let parameter =
        |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default();
    provider.tell(Lie::None, &parameter("nonce"));
    let iss = crate::support::browser::encode(&provider.issuer);
    browser.get(&format!("/sign-in/callback?code=c&state={}&iss={iss}", parameter("state"))).await
}

#[tokio::test]
async fn at_the_first_sign_in_an_invitation_wins_the_landing_whatever_the_policy() {
    let provider = Lying::start().await;
    let open = console_with(&provider).await;
    let team = open.team("Acme").await;
    let link = open.invited(&team, "Ada@Example.com", "member").await;
    // The same database, and the policy that lets nobody in by themselves.
    let with =
        [("STOA_IDENTITY__ISSUER", provider.issuer.as_str()), ("STOA_IDENTITY__CLIENT_ID", CLIENT), ("STOA_SIGN_UP__POLICY", "invitation")];
    let closed = Console::assemble(settings(&open.database.app_url(), &with), Clock::system());
    let router = http::router(closed, app::doors(), app::operations(), axum::Router::new());

    let without = Browser::new(router.clone());
    let refused = come_in(&provider, &without, "/").await;
    assert!(refused.text().contains("sign_up_policy"), "{}", refused.text());

    let ada = Browser::new(router.clone());
    ada.get(&link).await;
    let arrived = come_in(&provider, &ada, "/").await;
    assert_eq!((arrived.status.as_u16(), arrived.location()), (303, "/invitation"), "{}", arrived.text());
    assert_eq!(open.database.count("select count(*) from tenant where name = 'Ada Lovelace'").await, 0, "nothing of their own is made");
    let page = ada.get("/invitation").await;
    assert!(page.text().contains("Ada@example.com"), "{}", page.text());
    let accepted = ada.post("/invitation", &[("form", &page.field("form")), ("place", &page.field("place"))]).await;
    assert_eq!(accepted.location(), format!("/w/{}", team.slug), "{}", accepted.text());
    assert_eq!(ada.get("/").await.location(), format!("/w/{}", team.slug));
    // The next sign-in finds them at home.
    assert_eq!(come_in(&provider, &ada, "/").await.location(), "/");
    assert_eq!(open.database.count("select count(*) from tenant where name = 'Ada Lovelace'").await, 0);
}

#[tokio::test]
async fn whoever_does_not_accept_starts_on_their_own() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let link = console.invited(&team, GRACE, "member").await;
    let token = link.trim_start_matches("/invitations/");
    let mut request = RequestContext::internal(&console.stoa.clock, "console", "test");
    request.invitation = Credential::parse(token);
    let arrival = arrive(&console.stoa, &request, &identity("Grace")).await.expect("an arrival");
    assert!(arrival.invited);
    let grace = Person { user: arrival.user, name: "Grace".to_owned(), browser: console.a_stranger() };
    grace.browser.set_cookie("stoa_session", &console.new_session(grace.user, "Grace").await);
    grace.browser.get(&link).await;
    let home = grace.browser.get("/").await;
    assert_eq!((home.status.as_u16(), home.count("main a[href='/invitation']")), (200, 1), "{}", home.text());
    assert_eq!(grace.browser.post("/invitation/forget", &[]).await.location(), "/");
    let home = grace.browser.get("/").await;
    assert_eq!((home.status.as_u16(), home.count("main a[href='/sign-in/start?back=/']")), (200, 1), "{}", home.text());
    assert_eq!(console.database.count("select count(*) from tenant where name = 'Grace'").await, 0, "looking makes nothing");
    // Another's invitation, or one that has expired, changes nothing for who arrives.
    for name in ["Grace", "Heidi"] {
        if name == "Grace" {
            console.hands.advance(TimeDelta::days(7));
        }
        let arrival = arrive(&console.stoa, &request, &identity(name)).await.expect("an arrival");
        assert!(!arrival.invited, "{name}");
    }
    assert_eq!(console.database.count("select count(*) from tenant where name in ('Grace', 'Heidi')").await, 2);
}

#[tokio::test]
async fn a_link_outlives_a_rotation_of_the_pepper_and_ends_when_the_pepper_is_forgotten() {
    const NEXT: (&str, &str) = ("STOA_SECRETS__PEPPER", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=");
    const FORMER: (&str, &str) = ("STOA_SECRETS__FORMER_PEPPERS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (grace, link) = (console.signed_in_as("Grace").await, console.invited(&team, "grace@example.com", "member").await);
    let on = |extra: &[(&str, &str)]| {
        let router = http::router(console.another_node(extra), app::doors(), app::operations(), axum::Router::new());
        let browser = Browser::new(router);
        browser.set_cookie("stoa_session", &grace.browser.cookie("stoa_session").expect("a session"));
        Person { user: grace.user, name: grace.name.clone(), browser }
    };
    let forgotten = on(&[NEXT]);
    forgotten.browser.get(&link).await;
    assert_eq!(console.accepts_what_is_open(&forgotten).await.status, 404, "hashed under a pepper that is in use no more");
    let rotated = on(&[NEXT, FORMER]);
    let accepted = console.accepts(&rotated, &link).await;
    assert_eq!(accepted.location(), format!("/w/{}", team.slug), "{}", accepted.text());
    assert_eq!(console.role_of(team.workspace, grace.user).await.as_deref(), Some("member"));
}
