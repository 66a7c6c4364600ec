//! Search and shortcuts: everything that is offered is a door, and nobody finds what they could not have gone to.

use axum::http::{Method, StatusCode};
use stoa::{
    access::WorkspaceRole,
    app,
    destinations::{ACCOUNT, Needs, OWN, WORKSPACE},
    ids::{AuditId, RequestId},
    server::{credentials::WITHHELD, http::door::DoorKind, scope::Asks},
};
use uuid::Uuid;

use crate::support::{Answer, Browser, Console, Team, browser::encode};

async fn look(browser: &Browser, search: &str, text: &str) -> Answer {
    let answer = browser.get(&format!("{search}?q={}", encode(text))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer
}

/// Where what was found leads.
async fn found(browser: &Browser, team: &Team, text: &str) -> Vec<String> {
    let search = format!("/w/{}/search", team.slug);
    let links = look(browser, &search, text).await.links("main a.found");
    // The palette is told the same.
    let options = look(browser, &format!("{search}/results"), text).await;
    assert_eq!(options.links("[data-found] [role=group] > a[role=option][id][tabindex='-1']"), links, "{text}");
    links
}

#[test]
fn every_destination_is_a_page_whose_door_asks_for_the_same() {
    let doors = app::doors();
    for (destinations, slug) in [(WORKSPACE, "{workspace}"), (ACCOUNT, "{tenant}"), (OWN, "")] {
        for destination in destinations {
            let address = destination.address(slug);
            let path = address.split('#').next().expect("a path");
            let door = doors.iter().find(|door| door.kind == DoorKind::Page && door.path == path);
            let door = door.unwrap_or_else(|| panic!("{} leads to {path}, and there is no page", destination.label));
            let asks = match destination.needs {
                Needs::SignedIn | Needs::Operator => Asks::SignedIn,
                Needs::Account(permission) => Asks::Tenant(permission),
                Needs::Workspace(permission) => Asks::Workspace(permission),
                Needs::Membership => Asks::Workspace(stoa::access::WorkspacePermission::ReadWorkspace),
            };
            assert_eq!((door.method.clone(), door.asks), (Method::GET, asks), "{}", destination.label);
        }
    }
}

#[test]
fn the_document_has_every_letter() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/search-and-shortcuts.md");
    let document = std::fs::read_to_string(path).expect("the document");
    for destination in [WORKSPACE, ACCOUNT, OWN].concat() {
        if let Some(letter) = destination.letter {
            let line = format!("| `g` `{letter}` | {} |", destination.label);
            assert!(document.contains(&line), "docs/search-and-shortcuts.md misses: {line}");
        }
    }
}

#[tokio::test]
async fn every_page_has_the_palette_and_the_keys_of_where_it_is() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (workspace, account) = (format!("/w/{}", team.slug), format!("/t/{}", team.tenant_slug));
    for (path, search, settings) in [
        (workspace.clone(), format!("{workspace}/search"), Some(format!("{workspace}/settings"))),
        (format!("{account}/teams"), format!("{account}/search"), Some(format!("{account}/settings"))),
        ("/profile".to_owned(), "/search".to_owned(), None),
    ] {
        let page = team.owner.browser.get(&path).await;
        assert_eq!(page.links("header a[data-opens=palette]"), std::slice::from_ref(&search), "{path}");
        assert_eq!(page.links("header a[data-opens=sheet]"), [format!("{search}#shortcuts")], "{path}");
        assert_eq!(page.count(&format!("dialog[data-results='{search}/results'] form[action='{search}'][method=post]")), 1, "{path}");
        assert_eq!(page.links("#sheet a[data-go=s]"), settings.into_iter().collect::<Vec<_>>(), "{path}");
        assert_eq!(page.links("#sheet a[data-go=i]"), ["/inbox"], "{path}");
    }
    let sheet = |page: Answer| page.links("#sheet a[data-go=a]");
    assert_eq!(sheet(team.auditor.browser.get(&workspace).await), [format!("{workspace}/audit-log")]);
    assert_eq!(sheet(team.member.browser.get(&workspace).await), Vec::<String>::new(), "no log for a member");
    let mac = team.owner.browser.request(Method::GET, &workspace).header("user-agent", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)");
    let mac = team.owner.browser.send(mac.body(axum::body::Body::empty()).expect("a request")).await;
    assert_eq!((mac.count("a[aria-keyshortcuts='Meta+K']"), mac.body.contains("⌘ K")), (1, true));
    assert_eq!(console.a_stranger().get("/sign-in").await.count("dialog"), 0, "nothing to be found from outside");
}

#[tokio::test]
async fn pages_and_acts_are_found_by_those_who_may_go_there() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let at = |path: &str| format!("/w/{}/{path}", team.slug);
    for (person, role) in team.people() {
        let manages = matches!(role, WorkspaceRole::Owner | WorkspaceRole::Admin);
        let invite = found(&person.browser, &team, "invite people").await;
        assert_eq!(invite.contains(&at("members/invite")), manages, "{role}: {invite:?}");
        let log = found(&person.browser, &team, "audit").await;
        assert_eq!(log.contains(&at("audit-log")), role != WorkspaceRole::Member, "{role}: {log:?}");
        let everything = found(&person.browser, &team, "").await;
        for link in &everything {
            let status = person.browser.get(link).await.status;
            assert!(status == StatusCode::OK, "{role} was led to {link}, which answered {status}");
        }
        assert!((12..=50).contains(&everything.len()), "{role}: {everything:?}");
    }
    let none = look(&team.owner.browser, &at("search"), "nothing is called so").await;
    assert!(none.text().contains("Nothing found"), "{}", none.text());
    assert_eq!(none.count("main #shortcuts"), 0);
    let bare = look(&team.owner.browser, &at("search"), "").await;
    assert_eq!(bare.count("main #shortcuts a[data-go=k]"), 1);
}

#[tokio::test]
async fn people_are_found_by_name_and_address() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let admin = format!("/w/{}/members/{}", team.slug, console.member_id(team.workspace, team.admin.user).await);
    for text in ["acme admin", "@ACME ADM", "acme.admin@example.com", "@acme.admin@"] {
        assert_eq!(found(&team.member.browser, &team, text).await, std::slice::from_ref(&admin), "{text}");
    }
    assert_eq!(found(&team.member.browser, &team, "@").await.len(), 4, "everyone");
    let id = console.member_id(team.workspace, team.admin.user).await.to_string();
    assert_eq!(found(&team.member.browser, &team, &id).await, std::slice::from_ref(&admin));
    for number in 0..52 {
        console.joins(&team, &format!("Crowd {number:02}"), WorkspaceRole::Readonly).await;
    }
    assert_eq!(found(&team.member.browser, &team, "@crowd").await.len(), 50, "and no more");
    let many = look(&team.member.browser, &format!("/w/{}/search", team.slug), "@crowd").await;
    assert!(many.text().contains("The first 50 results"), "{}", many.text());
    assert_eq!(found(&team.member.browser, &team, "crowd").await.len(), 10, "beside other kinds");
}

#[tokio::test]
async fn keys_are_found_as_far_as_one_may_read_them() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.client(&team.owner, &team.slug, &["members:read"]).await;
    let address = format!("/w/{}/api-keys/{}", team.slug, key.key);
    let last_four = format!("#{}", &key.secret[key.secret.len() - 4..]);
    // Who names a key also finds what was done with it.
    let whole = key.key.to_string();
    let done = format!("/w/{}/audit-log?q=credential%3A{whole}", team.slug);
    for text in ["#test", "#", &last_four, &whole] {
        for (person, role) in team.people() {
            let mut expected = if role == WorkspaceRole::Member { Vec::new() } else { vec![address.clone()] };
            expected.extend((text == whole && role != WorkspaceRole::Member).then(|| done.clone()));
            assert_eq!(found(&person.browser, &team, text).await, expected, "{role} looks for {text}");
        }
    }
    // Whoever answers for it sees it, whatever their role.
    console.change("update api_key set steward = (select id from app_user where name = 'Acme Member') where id = $1", key.key.0).await;
    assert_eq!(found(&team.member.browser, &team, "#test").await, std::slice::from_ref(&address));
}

#[tokio::test]
async fn a_key_that_is_pasted_whole_is_found_and_gets_into_no_address() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.client(&team.owner, &team.slug, &["members:read"]).await;
    let search = format!("/w/{}/search", team.slug);
    let ask = async |text: &str| {
        let form = console.form_key();
        team.owner.browser.post(&search, &[("form", &form), ("place", &team.slug), ("q", text)]).await
    };
    let before = console.database.count("select count(*) from audit_event").await;
    for text in [key.secret.clone(), format!(" #{}\n", key.secret)] {
        let asked = ask(&text).await;
        assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, format!("{search}?q={}", key.key).as_str()));
        let page = team.owner.browser.get(asked.location()).await;
        let done = format!("/w/{}/audit-log?q=credential%3A{}", team.slug, key.key);
        assert_eq!(page.links("main a.found"), [format!("/w/{}/api-keys/{}", team.slug, key.key), done]);
    }
    // Another kind of secret, and one that is cut: kept nowhere, however it comes.
    let cut = &key.secret[..60];
    let asked = ask(cut).await;
    assert!(!asked.location().contains("stoa_key"), "{}", asked.location());
    for page in [team.owner.browser.get(asked.location()).await, look(&team.owner.browser, &search, cut).await] {
        assert!(page.text().contains("it was not kept") && !page.body.contains(&cut[20..]), "{}", page.text());
        assert!(!page.body.contains(WITHHELD), "what stands in its place is nothing to look for");
    }
    assert_eq!(ask("nightly & co").await.location(), format!("{search}?q=nightly%20%26%20co"));
    assert_eq!(console.database.count("select count(*) from audit_event").await, before, "looking is no act");
    let (form, other) = (console.form_key(), console.team("Zenith").await);
    let astray = team.owner.browser.post(&search, &[("form", &form), ("place", &other.slug), ("q", "a")]).await;
    assert_eq!(astray.status, StatusCode::CONFLICT, "rendered for another place");
}

#[tokio::test]
async fn ids_lead_to_what_they_name_for_whoever_may_see_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let things = console.things(&team).await;
    let row = console.database.text("select id::text from audit_event where log_id = $1 limit 1", team.workspace.0).await;
    let row = AuditId(row.parse().expect("an id"));
    let request = RequestId(Uuid::max());
    let invited = console.invitation_id(&format!("guest@{}.example.com", team.slug)).await;
    let at = |path: String| vec![format!("/w/{}/{path}", team.slug)];
    for (person, role) in team.people() {
        let reads_log = role != WorkspaceRole::Member;
        let of_log = |path: String| if reads_log { at(path) } else { Vec::new() };
        assert_eq!(found(&person.browser, &team, &row.to_string()).await, of_log(format!("audit-log/{row}")), "{role}");
        assert_eq!(found(&person.browser, &team, &request.to_string()).await, of_log(format!("audit-log?q=request%3A{request}")), "{role}");
        assert_eq!(found(&person.browser, &team, &invited.to_string()).await, at(format!("members/invitations/{invited}")), "{role}");
    }
    let zenith = console.team("Zenith").await;
    for text in [row.to_string(), invited.to_string(), things.key.to_string(), "acme".to_owned(), "@acme".to_owned(), team.slug.clone()] {
        assert_eq!(found(&zenith.owner.browser, &zenith, &text).await, Vec::<String>::new(), "{text} of another tenant");
    }
    assert_eq!(team.owner.browser.get(&format!("/w/{}/search/results?q=a", zenith.slug)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn workspaces_are_switched_to_by_name_and_slug() {
    let console = Console::start().await;
    let mut team = console.team("Acme").await;
    let shop = team.slug.clone();
    console.next_workspace(&mut team).await;
    for text in ["acme shop", shop.as_str()] {
        assert_eq!(found(&team.member.browser, &team, text).await, [format!("/w/{shop}")], "{text}");
    }
    // From an account and from one's own pages as well, which know no members and no keys.
    let account = format!("/t/{}/search", team.tenant_slug);
    for search in [account.as_str(), "/search"] {
        let page = look(&team.member.browser, search, "acme shop").await;
        assert_eq!(page.links("main a.found"), [format!("/w/{shop}")], "{search}");
        let asked = team.member.browser.post(search, &[("form", &console.form_key()), ("place", &team.tenant_slug), ("q", "@ada")]).await;
        assert_eq!(asked.location(), format!("{search}?q=%40ada"));
        let page = team.member.browser.get(asked.location()).await;
        assert!(page.text().contains("found from the workspace that they are in"), "{search}: {}", page.text());
    }
    let people = look(&team.member.browser, &account, "people").await.links("main a.found");
    assert_eq!(people, [format!("/t/{}/people", team.tenant_slug)]);
    let member = look(&team.member.browser, &account, "settings").await;
    assert_eq!(member.links("main a.found"), Vec::<String>::new(), "a member of the team sets nothing");
}

#[tokio::test]
async fn what_the_palette_is_told_is_no_page_and_takes_no_flash() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    team.owner.browser.set_cookie("stoa_flash", "Saved");
    let part = team.owner.browser.get(&format!("/w/{}/search/results?q=mem", team.slug)).await;
    assert!(part.body.starts_with("<div data-found=\""), "{}", part.body);
    assert!(!part.body.contains("<html") && !part.body.contains("<script"), "{}", part.body);
    assert_eq!((part.header("cache-control"), part.header("content-type")), ("no-store", "text/html; charset=utf-8"));
    assert_eq!(team.owner.browser.cookie("stoa_flash").as_deref(), Some("Saved"));
    assert_eq!(part.count("[role=option][aria-selected=false]"), part.count("a"));
    let none = team.owner.browser.get(&format!("/w/{}/search/results?q=nothing+is+called+so", team.slug)).await;
    assert_eq!(none.count("[data-found^='No page'] *"), 0, "{}", none.body);
    let script = team.owner.browser.get(&format!("/w/{}/search/results?q=%3Cscript%3E", team.slug)).await;
    assert!(!script.body.contains("<script"), "{}", script.body);
}
