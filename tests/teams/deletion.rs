//! Deleting a team.

use chrono::TimeDelta;

use super::{archive, events, send, told};
use crate::support::{Answer, Console, Person, Team};

async fn delete(console: &Console, team: &Team, by: &Person, phrase: &str, inventory: &str) -> Answer {
    let path = format!("/t/{}/settings/delete", team.tenant_slug);
    send(console, by, &team.tenant_slug, &path, &[("phrase", phrase), ("inventory", inventory)]).await
}

#[tokio::test]
async fn a_team_with_live_workspaces_is_not_deleted() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let page = acme.owner.browser.get(&format!("/t/{}/settings/delete", acme.tenant_slug)).await;
    assert!(page.text().contains("Archive these first") && page.text().contains("Acme ShopAcme Owner"), "{}", page.text());
    assert_eq!(page.count("main form"), 0);
    let answer = delete(&console, &acme, &acme.owner, &format!("delete {}", acme.tenant_slug), "").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Archive each of them first"), "{}", answer.text());
    assert_eq!(console.database.count("select count(*) from tenant where status = 'deleted'").await, 0);
}

#[tokio::test]
async fn a_team_is_deleted_after_its_phrase_was_typed_over_an_inventory_that_still_holds() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    archive(&console, acme.workspace).await;
    let (path, phrase) = (format!("/t/{}/settings/delete", acme.tenant_slug), format!("delete {}", acme.tenant_slug));
    let page = acme.owner.browser.get(&path).await;
    assert!(page.text().contains("4 of its people") && page.text().contains("1 archived workspace"), "{}", page.text());
    let shown = page.field("inventory");
    let untyped = delete(&console, &acme, &acme.owner, "delete", &shown).await;
    assert_eq!((untyped.status.as_u16(), untyped.count("main [name=phrase][aria-invalid=true]")), (422, 1), "{}", untyped.text());
    let other = delete(&console, &acme, &acme.owner, &phrase, "").await;
    assert_eq!(other.status, 409);
    assert!(other.text().contains("has changed since it was shown"), "{}", other.text());
    assert_eq!(delete(&console, &acme, &acme.admin, &phrase, &shown).await.status, 403);

    let key = page.field("form");
    let fields = [("form", key.as_str()), ("place", acme.tenant_slug.as_str()), ("phrase", phrase.as_str()), ("inventory", shown.as_str())];
    let answer = acme.owner.browser.post(&path, &fields).await;
    let again = acme.owner.browser.post(&path, &fields).await;
    for answer in [&answer, &again] {
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"), "{}", answer.text());
    }
    let rows = events(&console, "tenant.deleted").await;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["log_id"], &rows[0]["actor_id"]), (&acme.tenant.0.to_string().into(), &acme.owner.user.to_string().into()));
    assert_eq!(
        console.database.count("select count(*) from tenant where status = 'deleted' and purge_at = deleted_at + interval '30 days'").await,
        1
    );
    for person in [&acme.owner, &acme.admin] {
        for path in [format!("/t/{}/people", acme.tenant_slug), format!("/w/{}", acme.slug)] {
            assert_eq!(person.browser.get(&path).await.status, 404, "{path}");
        }
    }
    assert_eq!(told(&console, acme.member.user).await, ["Acme was deleted"]);
    assert_eq!(told(&console, acme.owner.user).await, Vec::<String>::new());
}

#[tokio::test]
async fn deleting_asks_for_a_recent_sign_in_and_comes_back_to_its_page() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    archive(&console, acme.workspace).await;
    console.hands.advance(TimeDelta::minutes(16));
    let answer = delete(&console, &acme, &acme.owner, &format!("delete {}", acme.tenant_slug), "").await;
    assert_eq!(answer.status, 403);
    let back = format!("/sign-in/start?anew=1&back=/t/{}/settings/delete", acme.tenant_slug);
    assert!(answer.links("main a").contains(&back), "{}", answer.body);
}

#[tokio::test]
async fn a_personal_account_is_not_deleted_here_and_whoever_lost_all_gets_a_new_one() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let slug =
        console.database.text("select slug from tenant join tenant_membership using (tenant_id) where user_id = $1", ada.user.0).await;
    let path = format!("/t/{slug}/settings/delete");
    let page = ada.browser.get(&path).await;
    assert!(page.status == 409 && page.text().contains("A personal account cannot be deleted"), "{}", page.text());
    assert_eq!(send(&console, &ada, &slug, &path, &[("phrase", &format!("delete {slug}"))]).await.status, 409);
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update tenant set kind = 'team', status = 'deleted', deleted_at = now(), purge_at = now()")
        .execute(&mut owner)
        .await
        .expect("deleted");
    console.signed_in_as("Ada").await;
    assert_eq!(console.database.count("select count(*) from tenant where kind = 'personal' and status = 'active'").await, 1);
}
