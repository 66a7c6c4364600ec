//! Mail, to a server that really answers: what arrives, what the list says, and what is tried again.

use chrono::TimeDelta;
use stoa::{
    error::AppError,
    ids::MailId,
    server::{
        events::Actor,
        http::request::RequestContext,
        mail::{self, Delivery, Letter, Mailer, Queued},
        queue::{self, Failure, Handlers},
        scope::ServiceScope,
    },
};
use uuid::Uuid;

use crate::support::{Console, Team};

const KIND: &str = "test.mail";
const ABOUT: Uuid = Uuid::from_u128(7);

async fn scope(console: &Console, team: &Team) -> ServiceScope {
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope")
}

pub async fn want(console: &Console, team: &Team, recipient: &str) -> Option<MailId> {
    let mut scope = scope(console, team).await;
    let queued = mail::queue(&mut scope, team.tenant, Some(team.workspace), KIND, recipient, ABOUT).await.expect("put down");
    scope.commit().await.expect("committed");
    match queued {
        Queued::Listed(mail) => Some(mail),
        Queued::NoMail => None,
        Queued::Spent(spent) => panic!("{}", spent.says()),
    }
}

fn letter(delivery: &Delivery) -> Letter {
    Letter {
        to: delivery.recipient.clone(),
        subject: "Grüße & an <invitation>".to_owned(),
        paragraphs: vec!["Ada invites you to <b>Acme</b>.".to_owned(), ".A line that begins with a dot, and ends – so.".to_owned()],
        action: Some(("See it".to_owned(), "https://console.example.com/invitations/secret?a=1&b=2".parse().expect("an address"))),
        footer: "Nothing happens if you do nothing.".to_owned(),
    }
}

/// Sends what is due, as a feature's handler would.
pub async fn send(console: &Console) {
    let handlers = Handlers::default().on(KIND, |stoa, job| async move {
        mail::attempt(&stoa, &job, |delivery| async move {
            assert_eq!(delivery.about, ABOUT);
            Ok(Some(letter(&delivery)))
        })
        .await
    });
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
}

/// Status, attempts and error of the only mail.
async fn listed(console: &Console) -> (String, i32, Option<String>) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select status, attempts, last_error from mail").fetch_one(&mut owner).await.expect("one mail")
}

#[tokio::test]
async fn a_mail_arrives_whole_in_both_forms_and_the_list_says_so() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    let id = want(&console, &team, "grace@example.com").await.expect("a mail");
    assert_eq!(listed(&console).await, ("queued".to_owned(), 0, None));
    send(&console).await;
    let mail = postbox.mail();
    assert_eq!(mail.to, "grace@example.com");
    assert_eq!(mail.header("To"), "grace@example.com");
    assert_eq!(mail.header("From"), "Stoa <stoa@example.com>");
    assert_eq!(mail.header("Subject"), "Grüße & an <invitation>");
    assert_eq!(mail.header("Message-ID"), format!("<{id}.1@127.0.0.1>"));
    assert_eq!(mail.header("Date"), "Sat, 21 Nov 2026 12:00:00 +0000");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("Content-Type").starts_with("multipart/alternative"));
    assert_eq!(
        mail.text().trim_end(),
        "Ada invites you to <b>Acme</b>.\n\n.A line that begins with a dot, and ends – so.\n\nSee it:\nhttps://console.example.com/invitations/secret?a=1&b=2\n\n-- \nNothing happens if you do nothing."
    );
    let html = mail.html();
    assert!(html.contains("Ada invites you to &lt;b&gt;Acme&lt;/b&gt;."), "{html}");
    assert!(html.contains("href=\"https://console.example.com/invitations/secret?a=1&amp;b=2\""), "{html}");
    assert_eq!(listed(&console).await, ("sent".to_owned(), 1, None));
    assert_eq!(console.database.count("select count(*) from mail where sent_at = '2026-11-21T12:00:00Z'").await, 1);
    send(&console).await;
    assert_eq!(postbox.mails().len(), 1, "sent once");
}

#[tokio::test]
async fn what_the_server_puts_off_is_tried_again_and_what_it_refuses_is_not() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    want(&console, &team, "grace@example.com").await;
    postbox.answer("grace", "451 4.7.1 come back later");
    send(&console).await;
    let (status, attempts, error) = listed(&console).await;
    assert_eq!((status.as_str(), attempts), ("queued", 1));
    let error = error.expect("an error");
    assert!(error.starts_with("The mail server put it off:") && error.contains("come back later"), "{error}");
    console.hands.advance(TimeDelta::minutes(1));
    postbox.answer("grace", "");
    send(&console).await;
    assert_eq!(listed(&console).await, ("sent".to_owned(), 2, None));
    assert!(postbox.mail().header("Message-ID").contains(".2@"), "another text, another name");

    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("delete from mail").execute(&mut owner).await.expect("deleted");
    want(&console, &team, "nobody@example.com").await;
    postbox.answer("nobody", "550 5.1.1 no such user");
    send(&console).await;
    let (status, attempts, error) = listed(&console).await;
    assert_eq!((status.as_str(), attempts), ("failed", 1));
    assert!(error.expect("an error").contains("no such user"));
    assert_eq!(queue::count(&console.stoa).await.expect("counts").dead, 1);

    // Mended, the operator has it tried again.
    postbox.answer("nobody", "");
    let dead = queue::list(&console.stoa, true).await.expect("a list")[0].id;
    assert!(queue::retry(&console.stoa, dead).await.expect("asked"));
    send(&console).await;
    assert_eq!(listed(&console).await.0, "sent");
}

#[tokio::test]
async fn how_the_way_to_the_server_is_broken_is_told_to_the_operator_alone() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    postbox.close().await;
    want(&console, &team, "grace@example.com").await;
    send(&console).await;
    let (status, attempts, error) = listed(&console).await;
    assert_eq!((status.as_str(), attempts, error.as_deref()), ("queued", 1, Some("The mail server could not be reached.")));
    let job = &queue::list(&console.stoa, false).await.expect("a list")[0];
    assert!(job.last_error.as_deref().is_some_and(|error| error.to_lowercase().contains("refused")), "{:?}", job.last_error);
    for wait in [31, 151, 721, 4321, 25_921, 25_921] {
        console.hands.advance(TimeDelta::seconds(wait));
        send(&console).await;
    }
    let (status, attempts, _) = listed(&console).await;
    assert_eq!((status.as_str(), attempts), ("failed", 7), "the last attempt settles it");
}

#[tokio::test]
async fn nothing_that_was_entered_becomes_a_header() {
    let (console, postbox) = Console::start_with_mail().await;
    let text = |to: &str, subject: &str| Letter {
        to: to.to_owned(),
        subject: subject.to_owned(),
        paragraphs: vec!["One.".to_owned(), "\r\n.\r\nRCPT TO:<eve@example.com>\r\n".to_owned()],
        action: None,
        footer: "Bye.".to_owned(),
    };
    mail::send(&console.stoa, "x", &text("grace@example.com", "Hello\r\nBcc: eve@example.com\r\n\r\nBody")).await.expect("sent");
    let mail = postbox.mail();
    assert_eq!((mail.headers("Bcc"), mail.headers("Subject")), (0, 1));
    assert_eq!(mail.header("Subject"), "Hello  Bcc: eve@example.com    Body");
    assert!(mail.text().contains("RCPT TO"), "it stays text");
    for to in ["grace@example.com\r\nBcc: eve@example.com", "grace@example.com, eve@example.com", "Eve <eve@example.com>", "grace", ""] {
        let refused = mail::send(&console.stoa, "x", &text(to, "Hello")).await.expect_err(to);
        assert!(matches!(refused, Failure::Never(_)), "{to}: {refused:?}");
    }
    assert_eq!(postbox.mails().len(), 1);
}

#[tokio::test]
async fn without_mail_nothing_is_put_down() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    assert_eq!(want(&console, &team, "grace@example.com").await, None);
    assert_eq!(console.database.count("select (select count(*) from mail) + (select count(*) from job)").await, 0);
}

#[tokio::test]
async fn what_was_taken_back_is_not_sent() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    want(&console, &team, "grace@example.com").await;
    let mut scope = scope(&console, &team).await;
    assert_eq!(mail::supersede(&mut scope, team.tenant, ABOUT).await, Ok(1));
    scope.commit().await.expect("committed");
    send(&console).await;
    assert_eq!(listed(&console).await, ("superseded".to_owned(), 0, None));

    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("delete from mail").execute(&mut owner).await.expect("deleted");
    want(&console, &team, "grace@example.com").await;
    let handlers =
        Handlers::default().on(KIND, |stoa, job| async move { mail::attempt(&stoa, &job, |_| std::future::ready(Ok(None))).await });
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
    assert_eq!(listed(&console).await, ("superseded".to_owned(), 1, None));
    assert!(postbox.mails().is_empty());
    assert_eq!(console.database.count("select count(*) from job").await, 0);
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_says_so() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    want(&console, &team, "grace@example.com").await;
    let handlers = Handlers::default()
        .on(KIND, |stoa, job| async move { mail::attempt(&stoa, &job, |_| std::future::ready(Err(AppError::NotFound.into()))).await });
    queue::work_off(&console.stoa, &handlers).await.expect("worked off");
    assert_eq!(listed(&console).await, ("failed".to_owned(), 1, Some("It could not be written.".to_owned())));
    assert!(postbox.mails().is_empty());
}

#[tokio::test]
async fn a_server_can_be_greeted_without_sending_anything() {
    let (console, postbox) = Console::start_with_mail().await;
    let settings = console.stoa.config.mail.clone().expect("mail");
    Mailer::new(&settings).expect("a mailer").greet().await.expect("it answers");
    postbox.close().await;
    let problem = Mailer::new(&settings).expect("a mailer").greet().await.expect_err("nobody is there");
    assert!(problem.to_lowercase().contains("refused"), "{problem}");
}

#[tokio::test]
async fn the_list_shows_a_workspaces_own_mails_to_those_who_audit_it() {
    let (console, postbox) = Console::start_with_mail().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    want(&console, &acme, "grace@example.com").await;
    want(&console, &zenith, "elsewhere@example.com").await;
    postbox.answer("grace", "550 5.1.1 no such user");
    send(&console).await;
    let path = format!("/w/{}/members/mail", acme.slug);
    for person in [&acme.owner, &acme.admin, &acme.auditor] {
        let page = person.browser.get(&path).await;
        assert_eq!(page.count("main tbody tr"), 1, "{}", page.text());
        let text = page.text();
        assert!(text.contains("grace@example.com") && text.contains("Failed") && text.contains("no such user"), "{text}");
        assert!(!text.contains("elsewhere"), "{text}");
    }
    assert_eq!(acme.member.browser.get(&path).await.status, 403);
    assert_eq!(zenith.owner.browser.get(&path).await.status, 404);
    let sent = acme.owner.browser.get(&format!("{path}?status=sent")).await;
    assert!(sent.text().contains("No such mail"), "{}", sent.text());
    assert_eq!(acme.owner.browser.get(&format!("{path}?status=failed")).await.count("main tbody tr"), 1);
}

#[tokio::test]
async fn the_list_goes_on_by_pages() {
    let (console, _postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    let path = format!("/w/{}/members/mail", team.slug);
    assert!(team.owner.browser.get(&path).await.text().contains("No mail yet"));
    for number in 0..51 {
        console.hands.advance(TimeDelta::seconds(1));
        want(&console, &team, &format!("p{number}@example.com")).await;
    }
    let first = team.owner.browser.get(&path).await;
    assert_eq!(first.count("main tbody tr"), 50);
    assert!(first.text().contains("p50@") && !first.text().contains("p0@"));
    let next = first.link("Next page");
    let second = team.owner.browser.get(&next).await;
    assert_eq!(second.count("main tbody tr"), 1);
    assert!(second.text().contains("p0@"));
    assert_eq!(second.link("First page"), path);
}
