//! Lists in which a name, a button or a choice says which one is meant.

use stoa::{
    access::WorkspaceRole,
    app,
    features::members,
    server::http::{Door, door::DoorKind},
};

use crate::{
    support::{Answer, Console},
    transfer::another_tenant,
    workspaces::give_plan,
};

fn cells(answer: &Answer, selector: &str) -> Vec<String> {
    let page = scraper::Html::parse_document(&answer.body);
    let found = scraper::Selector::parse(selector).expect("a selector");
    page.select(&found).map(|cell| cell.text().collect::<String>().trim().to_owned()).collect()
}

#[tokio::test]
async fn teams_of_one_name_have_their_slugs_beside_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (_, twin) = another_tenant(&console, &team.owner, "Acme", "team").await;
    another_tenant(&console, &team.owner, "Zenith", "team").await;
    let moving = team.owner.browser.get(&format!("/w/{}/settings/transfer", team.slug)).await;
    assert!(cells(&moving, "main tbody code").contains(&twin), "{}", moving.text());
    let confirm = team.owner.browser.get(&format!("/w/{}/settings/transfer?to={twin}", team.slug)).await;
    assert!(confirm.text().contains(&twin), "{}", confirm.text());
    let mut teams = cells(&team.owner.browser.get(&format!("/t/{}/teams", team.tenant_slug)).await, "main tbody th code");
    teams.sort();
    let mut both = vec![team.tenant_slug.clone(), twin];
    both.sort();
    assert_eq!(teams, both, "and only those: Zenith says enough");
}

#[tokio::test]
async fn the_switcher_tells_namesakes_apart() {
    let console = Console::start().await;
    let mut team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    let (first, first_slug) = console.next_workspace(&mut team).await;
    assert!(cells(&team.owner.browser.get("/profile").await, "header .switcher code").is_empty());
    console.change("update workspace set name = 'Next' where workspace_id = $1", first.0).await;
    let mut slugs = cells(&team.owner.browser.get("/profile").await, "header .switcher code");
    slugs.sort();
    let mut both = vec![first_slug, team.slug.clone()];
    both.sort();
    assert_eq!(slugs, both);
    // A workspace of another team that is called the same as this one.
    let twin = console.team("Twin").await;
    let mut scope = console.service(&twin).await;
    let added = members::server::add(&mut scope, twin.tenant, twin.workspace, team.owner.user, "Acme Owner", WorkspaceRole::Member).await;
    added.expect("added");
    scope.commit().await.expect("committed");
    console.change("update tenant set name = 'Acme' where tenant_id = $1", twin.tenant.0).await;
    let tenants = cells(&team.owner.browser.get("/profile").await, "header .switcher-tenant code");
    assert_eq!(tenants.len(), 2, "one list each, and each says whose: {tenants:?}");
    assert!(tenants.contains(&team.tenant_slug) && tenants.contains(&twin.tenant_slug), "{tenants:?}");
}

#[tokio::test]
async fn every_table_to_save_is_saved_by_the_same_words() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let things = console.things(&team).await;
    // Something that was used: an empty table is not saved.
    console.client(&team.owner, &team.slug, &["members:read"]).await.get("/members").await;
    let mut found = 0;
    let is_table =
        |door: &Door| door.kind == DoorKind::Download && door.path.strip_suffix(".csv").is_some() && !door.path.contains("/archived/");
    for csv in app::doors().into_iter().filter(is_table) {
        let table = things.address(csv.path);
        // What an account used is a table of its Billing page.
        let page = table.strip_suffix(".csv").expect("a table");
        let page = page.strip_suffix("/invoice").unwrap_or(page).replace("/billing/usage", "/billing");
        let shown = team.owner.browser.get(&page).await;
        let link = shown.link("Download CSV");
        assert_eq!(link.split('?').next(), Some(table.as_str()), "{page} {link}");
        found += 1;
    }
    assert!(found >= 4, "only {found} tables");
}

#[tokio::test]
async fn a_log_is_narrowed_down_to_what_can_stand_in_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let offered = async |path: String| cells(&team.owner.browser.get(&path).await, "main select[name=action] option");
    let account = offered(format!("/t/{}/audit-log", team.tenant_slug)).await;
    let workspace = offered(format!("/w/{}/audit-log", team.slug)).await;
    for (name, in_account, in_workspace) in [
        ("tenant.member_added", true, false),
        ("workspace.transferred", true, true),
        ("audit_log.searched", true, true),
        ("workspace.renamed", false, true),
        ("member.added", false, true),
        ("api_key: all", false, true),
        ("session.started", false, false),
    ] {
        let has = |offered: &[String]| offered.iter().any(|option| option == name);
        assert_eq!((has(&account), has(&workspace)), (in_account, in_workspace), "{name}");
    }
}
