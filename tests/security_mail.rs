//! The addresses that a workspace names for its security are mailed what its people are told.

use axum::http::StatusCode;

use crate::{
    posture::{change, page_of, set},
    support::Console,
};

#[tokio::test]
async fn a_changed_posture_is_mailed_to_the_addresses_of_before_and_after() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    set(&console, "update workspace set notify = '{old@example.com}' where name = 'Acme Shop'").await;
    let answer = change(&console, &team.owner, &page_of(&team), &[("notify", "new@example.com"), ("credential_days", "90")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    console.work_off().await;
    let mut mails = postbox.mails();
    mails.sort_by(|one, other| one.to.cmp(&other.to));
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["new@example.com", "old@example.com"]);
    for mail in &mails {
        assert_eq!(mail.header("Subject"), "Acme Shop: what is asked of sign-ins was changed");
        assert!(mail.text().contains(&page_of(&team)), "{}", mail.text());
    }
}

#[tokio::test]
async fn support_access_is_mailed_when_it_is_given_and_when_it_is_used() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    let opal = console.signed_in_as("Opal").await;
    set(&console, "update workspace set notify = '{security@example.com}' where name = 'Acme Shop'; update app_user set operator = true where name = 'Opal'").await;
    let page = format!("/w/{}/settings/support-access", team.slug);
    let fields = [("form", &*console.form_key()), ("place", &team.slug), ("reason", "Look at the invoice"), ("lasting", "1")];
    assert_eq!(team.owner.browser.post(&page, &fields).await.status, StatusCode::SEE_OTHER);
    console.work_off().await;
    let given = postbox.mails().into_iter().find(|mail| mail.to == "security@example.com").expect("a mail");
    assert_eq!(given.header("Subject"), "Acme Shop: support access");
    assert!(given.text().contains("Look at the invoice") && given.text().contains("Nobody entered by it so far."), "{}", given.text());

    let id: uuid::Uuid =
        sqlx::query_scalar("select id from support_consent").fetch_one(&console.database.owner().await).await.expect("one");
    let enter = format!("/support/{}/enter", stoa::ids::ConsentId(id));
    for _ in 0..2 {
        let answer = opal.browser.post(&enter, &[("form", &console.form_key()), ("place", &opal.user.to_string())]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }
    console.work_off().await;
    let mails: Vec<_> = postbox.mails().into_iter().filter(|mail| mail.to == "security@example.com").collect();
    assert_eq!(mails.len(), 2, "once for giving, once for entering");
    assert!(mails[1].text().contains("Last entered on 21 Nov 2026, 12:00 UTC."), "{}", mails[1].text());
}

#[tokio::test]
async fn without_mail_nothing_is_put_down() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let answer = change(&console, &team.owner, &page_of(&team), &[("notify", "new@example.com")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(console.database.count("select count(*) from mail").await, 0);
}
