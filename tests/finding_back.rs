//! What people come to by going back, reloading, cutting an address short or switching: never a dead end, and nothing more
//! than they may know.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use stoa::{
    access::WorkspaceRole::{self, Member, Owner, Readonly},
    app,
    server::http::{Whereabouts, door::DoorKind},
};

use crate::{
    archive::archive,
    restore::restore,
    support::{Answer, Console, Person, Team},
    workspaces::give_plan,
};

/// What a page says apart from its own request's id.
fn says(answer: &Answer) -> String {
    answer.text().split("Request").next().unwrap_or_default().to_owned()
}

/// Ends somebody's memberships of workspaces that are not their own.
const LEAVES: &str = "update workspace_membership as member set status = 'ended'
    from workspace_grant as granted
    where granted.membership_id = member.id and granted.role <> 'owner' and member.user_id = $1";

async fn post(console: &Console, by: &Person, place: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = console.form_key();
    let sent: Vec<(&str, &str)> = [("form", key.as_str()), ("place", place)].into_iter().chain(fields.iter().copied()).collect();
    by.browser.post(path, &sent).await
}

// ---- What is not here any more.

#[tokio::test]
async fn an_archived_workspaces_pages_lead_to_its_archive_for_who_may_look_and_are_nowhere_for_others() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let nowhere = team.owner.browser.get("/w/nowhere-222222").await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    let member = console.member_id(team.workspace, team.member.user).await;
    let pages = ["", "/settings/archive", "/members", "/members.csv", &format!("/members/{member}")];
    for page in pages {
        let path = format!("/w/{}{page}", team.slug);
        for person in [&team.owner, &team.auditor] {
            let answer = person.browser.get(&path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(answer.text().contains("This workspace was archived"), "{path}: {}", answer.text());
            assert_eq!(answer.link("Look at the archived workspace"), format!("/w/{}/archived", team.slug));
        }
        // An admin may archive and not look; an outsider is told what everybody is told.
        for person in [&team.admin, &team.member, &zenith.owner] {
            let answer = person.browser.get(&path).await;
            assert_eq!((answer.status, says(&answer)), (StatusCode::NOT_FOUND, says(&nowhere)), "{path}");
        }
    }
    let path = format!("/w/{}/settings/name", team.slug);
    let sent = post(&console, &team.owner, &team.slug, &path, &[("version", "1"), ("name", "Late")]).await;
    assert!(sent.status == 404 && sent.text().contains("This workspace was archived"), "{}", sent.text());

    assert_eq!(restore(&console, &team, &team.owner).await.status, 303);
    let archived = format!("/w/{}/archived", team.slug);
    let answer = team.owner.browser.get(&archived).await;
    assert!(answer.status == 404 && answer.text().contains("is not archived, or not any more"), "{}", answer.text());
    assert_eq!(answer.link("Open the workspace"), format!("/w/{}", team.slug));
    assert_eq!(says(&zenith.owner.browser.get(&archived).await), says(&nowhere));
}

#[tokio::test]
async fn whoever_left_a_workspace_is_told_so_and_whoever_never_was_in_it_is_not() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    console.change(LEAVES, team.member.user.0).await;
    console.change("update workspace_membership set ends_at = '2026-11-21T11:00:00Z' where user_id = $1", team.auditor.user.0).await;
    let path = format!("/w/{}/members", team.slug);
    for person in [&team.member, &team.auditor] {
        let answer = person.browser.get(&path).await;
        assert!(answer.status == 404 && answer.text().contains("not a member of this workspace any more"), "{}", answer.text());
        assert_eq!(answer.link("Go to your workspaces"), "/");
        assert!(!answer.body.contains("Acme Shop"), "what it is called is not theirs to read any more");
    }
    let nowhere = zenith.owner.browser.get("/w/nowhere-222222").await;
    assert_eq!(says(&zenith.owner.browser.get(&path).await), says(&nowhere));
}

#[tokio::test]
async fn a_removed_members_page_leads_back_to_the_members() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let member = console.member_id(team.workspace, team.member.user).await;
    console.change(LEAVES, team.member.user.0).await;
    let page = format!("/w/{}/members/{member}", team.slug);
    let answers = [
        team.auditor.browser.get(&page).await,
        team.admin.browser.get(&format!("{page}/remove")).await,
        post(&console, &team.admin, &team.slug, &format!("{page}/remove"), &[("shown", "x")]).await,
        post(&console, &team.admin, &team.slug, &format!("{page}/role"), &[("version", "1"), ("role", "member")]).await,
    ];
    for answer in &answers {
        assert!(answer.status == 404 && answer.text().contains("not a member of this workspace any more"), "{}", answer.text());
        assert_eq!(answer.link("All members"), format!("/w/{}/members", team.slug));
    }
    // Under another workspace's slug, and of an id that nobody has, nothing is said.
    for path in [format!("/w/{}/members/{member}", zenith.slug), format!("/w/{}/members/mem_{}", team.slug, "0".repeat(26))] {
        let person = if path.contains(&zenith.slug) { &zenith.owner } else { &team.owner };
        let answer = person.browser.get(&path).await;
        assert!(answer.status == 404 && answer.text().contains("Nothing here"), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_invitation_that_is_settled_says_what_became_of_it() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let link = console.invited(&team, "grace@example.com", "member").await;
    let accepted = console.invitation_id("grace@example.com").await;
    let grace = console.signed_in_as("Grace").await;
    assert_eq!(console.accepts(&grace, &link).await.status, 303);
    console.invited(&team, "hedy@example.com", "member").await;
    let revoked = console.invitation_id("hedy@example.com").await;
    let page = |slug: &str, id| format!("/w/{slug}/members/invitations/{id}");
    let path = page(&team.slug, revoked);
    assert_eq!(post(&console, &team.admin, &team.slug, &format!("{path}/revoke"), &[("version", "1")]).await.status, 303);
    let list = format!("/w/{}/members/invitations", team.slug);
    for (id, says, label, href) in
        [(accepted, "was accepted", "All members", format!("/w/{}/members", team.slug)), (revoked, "was revoked", "All invitations", list)]
    {
        let path = page(&team.slug, id);
        for answer in [
            team.auditor.browser.get(&path).await,
            post(&console, &team.admin, &team.slug, &format!("{path}/revoke"), &[("version", "1")]).await,
            post(&console, &team.admin, &team.slug, &format!("{path}/link"), &[("version", "1")]).await,
        ] {
            assert!(answer.status == 404 && answer.text().contains(says), "{}", answer.text());
            assert_eq!(answer.link(label), href);
        }
        let stranger = zenith.owner.browser.get(&page(&zenith.slug, id)).await;
        assert!(stranger.status == 404 && stranger.text().contains("Nothing here"), "{}", stranger.text());
    }
}

#[tokio::test]
async fn a_deleted_team_says_so_to_its_people_and_to_nobody_else() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    console.change("update tenant set status = 'deleted', deleted_at = now(), purge_at = now() where tenant_id = $1", team.tenant.0).await;
    for path in [format!("/t/{}/people", team.tenant_slug), format!("/w/{}", team.slug)] {
        let answer = team.member.browser.get(&path).await;
        assert!(answer.status == 404 && answer.text().contains("This team was deleted"), "{path}: {}", answer.text());
        assert_eq!(answer.link("Go to your workspaces"), "/");
        let nowhere = zenith.owner.browser.get("/w/nowhere-222222").await;
        assert_eq!(says(&zenith.owner.browser.get(&path).await), says(&nowhere), "{path}");
    }
}

#[tokio::test]
async fn somebody_who_left_the_team_is_told_apart_from_nobody() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let theirs =
        console.database.text("select id::text from tenant_membership where tenant_id = $1 and role = 'owner'", zenith.tenant.0).await;
    let theirs = stoa::ids::MembershipId(theirs.parse().expect("an id"));
    let never = format!("mem_{}", "0".repeat(26));
    let mut said = Vec::new();
    for id in [theirs.to_string(), never] {
        let answer = team.owner.browser.get(&format!("/t/{}/people/{id}", team.tenant_slug)).await;
        assert!(answer.status == 404 && answer.text().contains("This person is not in the team"), "{}", answer.text());
        assert_eq!(answer.link("All people"), format!("/t/{}/people", team.tenant_slug));
        said.push(says(&answer));
    }
    assert_eq!(said[0], said[1], "that it is somebody's elsewhere is told to nobody");
}

// ---- What was entered when the session was over.

#[tokio::test]
async fn what_was_entered_without_a_session_is_kept_on_the_page_that_leads_back_to_the_form() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let stranger = console.a_stranger();
    let path = format!("/w/{}/settings/name", team.slug);
    let key = console.form_key();
    let fields = [
        ("form", key.as_str()),
        ("place", &team.slug),
        ("version", "1"),
        ("name", "Acme <Market>"),
        ("note", "stoa_key_live_01h455vb4pex5vsknk084sn02q_SECRET"),
    ];
    let answer = stranger.post(&path, &fields).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.link("Sign in again"), format!("/sign-in/start?back=/w/{}/settings", team.slug));
    assert!(answer.text().contains("What you entered") && answer.text().contains("Acme <Market>"), "{}", answer.text());
    assert_eq!(answer.count(&format!("[data-kept-form='{path}'] [data-kept='name'] [data-copy='Acme <Market>']")), 1);
    assert_eq!(answer.count("[data-kept]"), 1, "neither what the form carried nor a secret: {}", answer.body);
    assert!(!answer.body.contains("SECRET") && !answer.body.contains(&key));
    // With nothing to keep there is only the way in, and back.
    let bare = stranger.post("/sessions/end-all", &[("form", &key)]).await;
    assert_eq!((bare.status, bare.link("Sign in")), (StatusCode::UNAUTHORIZED, "/sign-in?back=/sessions".to_owned()));
    assert_eq!(bare.count("[data-kept-form]"), 0);
}

#[tokio::test]
async fn a_session_that_ended_while_typing_costs_neither_the_text_nor_the_place() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.hands.advance(TimeDelta::days(2));
    let path = format!("/w/{}/members/invite", team.slug);
    let addresses = "ada@example.com\r\nbea@example.com";
    let answer = post(&console, &team.admin, &team.slug, &path, &[("addresses", addresses), ("role", "member")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.link("Sign in again"), format!("/sign-in/start?back={path}"));
    assert!(answer.text().contains("ada@example.com bea@example.com"), "{}", answer.text());
    assert_eq!(console.database.count("select count(*) from invitation").await, 0);
}

// ---- Addresses that are no pages.

#[tokio::test]
async fn what_only_forms_are_sent_to_leads_to_the_forms_page() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let things = console.things(&team).await;
    let pages: Vec<&str> = app::doors().iter().filter(|door| door.method == Method::GET).map(|door| door.path).collect();
    let mut led = 0;
    for form in app::doors().into_iter().filter(|door| door.method == Method::POST && !pages.contains(&door.path)) {
        let path = things.address(form.path);
        let answer = team.owner.browser.get(&format!("{path}?x=1")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let page = answer.location().to_owned();
        assert!(path.starts_with(&page), "{path} leads to {page}");
        if form.kind == DoorKind::Form {
            assert!(page.len() > 1, "{path} leads home");
        }
        led += 1;
    }
    assert!(led >= 20, "only {led} were tried");
    let answer = team.owner.browser.get(&format!("/w/{}/settings/name", team.slug)).await;
    assert_eq!(answer.location(), format!("/w/{}/settings", team.slug));
    // Nothing is asked of who asks: the page itself does that, and says no more than it would.
    assert_eq!(console.a_stranger().get("/w/nowhere-222222/settings/name").await.location(), "/w/nowhere-222222/settings");
}

#[tokio::test]
async fn an_accounts_own_address_is_its_first_page_and_slashes_at_the_end_do_not_matter() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let first = team.member.browser.get(&format!("/t/{}", team.tenant_slug)).await;
    assert_eq!((first.status.as_u16(), first.location()), (303, format!("/t/{}/workspaces", team.tenant_slug).as_str()));
    for (path, to) in [
        (format!("/t/{}/", team.tenant_slug), format!("/t/{}", team.tenant_slug)),
        (format!("/w/{}/members//?q=a%20b&role=owner", team.slug), format!("/w/{}/members?q=a%20b&role=owner", team.slug)),
        ("/profile/".to_owned(), "/profile".to_owned()),
    ] {
        let answer = team.member.browser.get(&path).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::PERMANENT_REDIRECT, to.as_str()), "{path}");
    }
    for path in ["//evil.example/", "//evil.example//", "/\\evil.example/", "///", "/nowhere"] {
        let request = team.member.browser.request(Method::GET, path);
        let Ok(request) = request.body(axum::body::Body::empty()) else { continue };
        let answer = team.member.browser.send(request).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::NOT_FOUND, ""), "{path}");
    }
    let sent = team.member.browser.post("/profile/", &[("name", "x")]).await;
    assert_eq!((sent.status, sent.location()), (StatusCode::NOT_FOUND, ""), "a form is not sent on");
}

// ---- The same page elsewhere.

fn pages() -> Whereabouts {
    Whereabouts::of(&app::doors())
}

#[test]
fn every_form_has_a_page_that_can_be_opened_by_its_address() {
    let open: Vec<&str> =
        app::doors().iter().filter(|door| door.kind == DoorKind::Page || door.kind == DoorKind::Open).map(|door| door.path).collect();
    for form in app::doors().into_iter().filter(|door| door.kind == DoorKind::Form) {
        let page = pages().page_of(form.path, form.path);
        assert!(page.len() > 1 && open.contains(&page.as_str()), "{} leads to {page}", form.path);
    }
    for nowhere in ["/sign-out", "/theme", "unmatched"] {
        assert_eq!(pages().page_of(nowhere, nowhere), "/");
    }
}

#[test]
fn the_same_page_is_kept_as_far_as_the_role_sees_it() {
    let to = |address: &str, role: WorkspaceRole| pages().same_page(address, "new-2", role);
    assert_eq!(to("/w/old-1/audit-log?actor=ada", Owner), "/w/new-2/audit-log");
    assert_eq!(to("/w/old-1/audit-log", Member), "/w/new-2", "a member reads no log");
    assert_eq!(to("/w/old-1/members/mem_1", Owner), "/w/new-2/members");
    assert_eq!(to("/w/old-1/members/mem_1/remove", Owner), "/w/new-2/members");
    assert_eq!(to("/w/old-1/members/invite", Owner), "/w/new-2/members/invite");
    assert_eq!(to("/w/old-1/members/invite", Readonly), "/w/new-2/members");
    assert_eq!(to("/w/old-1/members/{member}", Owner), "/w/new-2/members");
    assert_eq!(to("/w/old-1/settings/name", Owner), "/w/new-2/settings", "from a form that was refused");
    for elsewhere in ["/w/old-1", "/w/old-1/archived/audit-log", "/t/acme/people", "/profile", "/"] {
        assert_eq!(to(elsewhere, Owner), "/w/new-2", "{elsewhere}");
    }
}

#[tokio::test]
async fn the_switcher_leads_to_the_same_page_of_the_other_workspace() {
    let console = Console::start().await;
    let mut team: Team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    let (_, first) = console.next_workspace(&mut team).await;
    let leads = async |person: &Person, page: &str| {
        let shown = person.browser.get(&format!("/w/{first}{page}")).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text());
        let found: Vec<String> = shown.links("header .switcher a").into_iter().filter(|href| href.contains(&team.slug)).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.into_iter().next().expect("one")
    };
    assert_eq!(leads(&team.owner, "/settings/security").await, format!("/w/{}/settings/security", team.slug));
    assert_eq!(leads(&team.owner, "/members?role=owner").await, format!("/w/{}/members", team.slug));
    assert_eq!(leads(&team.owner, "").await, format!("/w/{}", team.slug));
    // What the person may not see there is not where they are led.
    console.change("update workspace_grant set role = 'member' where role = 'readonly' and workspace_id = $1", team.workspace.0).await;
    assert_eq!(leads(&team.auditor, "/audit-log").await, format!("/w/{}", team.slug));
}
