//! The inbox: what a person is told, what they have read, and the copy by mail.

use chrono::TimeDelta;
use stoa::{
    features::inbox::server::{Notice, tell},
    ids::{InboxItemId, UserId},
    server::{events::Actor, http::request::RequestContext, scope::ServiceScope},
};

use crate::support::{Console, Person, Team};

fn notice(title: &str) -> Notice {
    Notice {
        kind: "test.told",
        tenant: None,
        workspace: None,
        title: title.to_owned(),
        body: "Ada <b>did</b> it.\n\nNothing is left to do.".to_owned(),
        link: Some("/w/shop?x=1".to_owned()),
    }
}

async fn told(console: &Console, team: &Team, person: UserId, title: &str) {
    console.hands.advance(TimeDelta::seconds(1));
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope");
    let notice = Notice { tenant: Some(team.tenant), ..notice(title) };
    tell(&mut scope, person, &notice).await.expect("told");
    scope.commit().await.expect("committed");
}

async fn item(console: &Console, title: &str) -> InboxItemId {
    let mut owner = console.database.connect("stoa_owner").await;
    InboxItemId(sqlx::query_scalar("select id from inbox_item where title = $1").bind(title).fetch_one(&mut owner).await.expect("an item"))
}

async fn unread(console: &Console) -> i64 {
    console.database.count("select count(*) from inbox_item where read_at is null").await
}

async fn mark(console: &Console, person: &Person, path: &str, more: &[(&str, &str)]) -> crate::support::Answer {
    let (key, place) = (console.form_key(), person.user.to_string());
    let mut fields = vec![("form", key.as_str()), ("place", place.as_str())];
    fields.extend(more);
    person.browser.post(path, &fields).await
}

#[tokio::test]
async fn what_a_person_is_told_is_in_their_inbox_and_in_nobody_elses() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let empty = team.admin.browser.get("/inbox").await;
    assert!(empty.text().contains("Nothing yet"), "{}", empty.text());
    assert_eq!(empty.count("main form"), 0);
    told(&console, &team, team.admin.user, "First").await;
    told(&console, &team, team.admin.user, "Second").await;
    let page = team.admin.browser.get("/inbox").await;
    let text = page.text();
    assert!(text.find("Second") < text.find("First"), "newest first: {text}");
    assert_eq!(text.matches("Unread").count(), 3, "each says so, and the tab: {text}");
    assert_eq!(page.count("main .entry p"), 4, "two paragraphs each");
    assert!(text.contains("Ada <b>did</b> it."), "as it was written: {text}");
    assert_eq!(page.count("main h2 a[href='/w/shop?x=1']"), 2);
    assert_eq!(page.count("a[aria-label='Inbox, 2 unread']"), 1);
    assert!(team.owner.browser.get("/inbox").await.text().contains("Nothing yet"));
}

#[tokio::test]
async fn one_is_marked_as_read_and_it_is_a_note_and_no_event() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    told(&console, &team, team.admin.user, "First").await;
    told(&console, &team, team.admin.user, "Second").await;
    let events = console.database.count("select count(*) from audit_event").await;
    let path = format!("/inbox/{}/read", item(&console, "First").await);
    let answer = mark(&console, &team.admin, &path, &[("show", "unread")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/inbox?show=unread"), "{}", answer.text());
    assert_eq!(unread(&console).await, 1);
    assert_eq!(console.database.count("select count(*) from audit_event").await, events);
    let left = team.admin.browser.get("/inbox?show=unread").await.text();
    assert!(left.contains("Second") && !left.contains("First"), "{left}");
    let all = team.admin.browser.get("/inbox").await.text();
    assert!(all.contains("Second") && all.contains("First"), "{all}");
    assert_eq!(mark(&console, &team.admin, &path, &[]).await.status, 303, "again is harmless");
}

#[tokio::test]
async fn nobody_marks_what_was_told_to_somebody_else() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    told(&console, &team, team.admin.user, "First").await;
    let path = format!("/inbox/{}/read", item(&console, "First").await);
    assert_eq!(mark(&console, &team.owner, &path, &[]).await.status, 404);
    assert_eq!(mark(&console, &team.owner, "/inbox/nonsense/read", &[]).await.status, 404);
    let (key, place) = (console.form_key(), team.admin.user.to_string());
    let wrong = team.owner.browser.post(&path, &[("form", &key), ("place", &place)]).await;
    assert_eq!(wrong.status, 409, "a form that was rendered for somebody else");
    let newest = item(&console, "First").await.to_string();
    assert_eq!(mark(&console, &team.owner, "/inbox/read", &[("newest", &newest)]).await.status, 303);
    assert_eq!(unread(&console).await, 1);
}

#[tokio::test]
async fn all_that_was_shown_is_marked_and_what_came_since_is_not() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    told(&console, &team, team.admin.user, "First").await;
    told(&console, &team, team.admin.user, "Second").await;
    let newest = team.admin.browser.get("/inbox").await.field("newest");
    told(&console, &team, team.admin.user, "Third").await;
    let answer = mark(&console, &team.admin, "/inbox/read", &[("newest", &newest)]).await;
    assert_eq!(answer.location(), "/inbox");
    let page = team.admin.browser.get("/inbox").await;
    assert_eq!(page.count(".entry-new"), 1);
    assert_eq!(page.count("a[aria-label='Inbox, 1 unread']"), 1);
    assert_eq!(mark(&console, &team.admin, "/inbox/read", &[("newest", "nonsense")]).await.status, 400);
}

#[tokio::test]
async fn a_full_inbox_goes_on_by_pages() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for number in 0..52 {
        told(&console, &team, team.admin.user, &format!("Item {number}.")).await;
    }
    let first = team.admin.browser.get("/inbox?show=unread").await;
    assert_eq!(first.count("main .entry"), 50);
    let second = team.admin.browser.get(&first.link("Next page")).await;
    assert_eq!(second.count("main .entry"), 2);
    assert!(second.text().contains("Item 0.") && second.text().contains("Item 1."));
    assert_eq!(second.link("First page"), "/inbox?show=unread");
    assert_eq!(second.count("main [name=newest]"), 0, "all at once only where the newest are in sight");
}

#[tokio::test]
async fn what_a_person_is_told_is_mailed_with_its_link() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    told(&console, &team, team.admin.user, "Your role changed").await;
    let item = item(&console, "Your role changed").await;
    console.work_off().await;
    let mail = postbox.mail();
    assert_eq!(mail.to, "acme.admin@example.com");
    assert_eq!(mail.header("Subject"), "Your role changed");
    assert_eq!(mail.header("Message-ID"), format!("<{item}@127.0.0.1>"));
    let text = mail.text();
    assert!(
        text.starts_with("Ada <b>did</b> it.\n\nNothing is left to do.\n\nOpen in Stoa:\nhttp://127.0.0.1:3000/w/shop?x=1\n\n-- \n"),
        "{text}"
    );
    assert!(text.contains("http://127.0.0.1:3000/inbox"), "{text}");
    assert_eq!(console.database.count("select count(*) from job").await, 0);
}

#[tokio::test]
async fn no_mail_goes_to_an_address_that_is_not_proven_nor_about_what_was_read() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update app_user set email_verified = false where id = $1")
        .bind(team.member.user.0)
        .execute(&mut owner)
        .await
        .expect("done");
    told(&console, &team, team.member.user, "To nobody").await;
    told(&console, &team, team.admin.user, "Read at once").await;
    let path = format!("/inbox/{}/read", item(&console, "Read at once").await);
    assert_eq!(mark(&console, &team.admin, &path, &[]).await.status, 303);
    assert_eq!(console.database.count("select count(*) from job").await, 2);
    console.work_off().await;
    assert_eq!(console.database.count("select count(*) from job").await, 0);
    assert!(postbox.mails().is_empty(), "{:?}", postbox.mails());
}

#[tokio::test]
async fn without_mail_telling_puts_no_job_down() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    told(&console, &team, team.admin.user, "First").await;
    assert_eq!((unread(&console).await, console.database.count("select count(*) from job").await), (1, 0));
}
