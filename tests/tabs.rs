//! Two tabs of one browser on two workspaces: whatever is written at the same time, nothing lands in the wrong one.

use axum::http::StatusCode;
use sqlx::Row as _;
use stoa::ids::WorkspaceId;

use crate::support::{Answer, Console, Team};

/// Good forms that each tab sends.
const WRITES: usize = 30;

/// A tab of the team's owner: which workspace it shows, and the word that everything written from it begins with.
struct Tab<'a> {
    console: &'a Console,
    team: &'a Team,
    slug: &'a str,
    word: &'static str,
}

impl Tab<'_> {
    /// Opens a page and sends its form as it was rendered, with these entries, to `slug`'s address.
    async fn sends(&self, page: &str, form: &str, slug: &str, entries: &[(&str, &str)]) -> Answer {
        let browser = &self.team.owner.browser;
        let shown = browser.get(&format!("/w/{}{page}", self.slug)).await;
        let (key, place) = (shown.field("form"), shown.field("place"));
        let version = if page == "/settings" { shown.field("version") } else { String::new() };
        let mut fields = vec![("form", key.as_str()), ("place", place.as_str()), ("version", version.as_str())];
        fields.extend_from_slice(entries);
        browser.post(&format!("/w/{slug}{form}"), &fields).await
    }

    async fn writes(&self, number: usize, slug: &str) -> Answer {
        let name = format!("{} {number}", self.word);
        let email = format!("{}.{number}@example.com", self.word.to_lowercase());
        let steward = self.team.owner.user.to_string();
        match number % 3 {
            0 => self.sends("/settings", "/settings/name", slug, &[("name", &name)]).await,
            1 => {
                let entries = [("name", name.as_str()), ("scopes", "members:read"), ("steward", &steward), ("expires_in_days", "30")];
                self.sends("/api-keys/new", "/api-keys/new", slug, &entries).await
            }
            _ => self.sends("/members/invite", "/members/invite", slug, &[("addresses", &email), ("role", "member")]).await,
        }
    }

    /// Every form once rightly, and every fifth a second time to the other tab's address.
    async fn works(&self, other: &str) {
        for number in 0..WRITES {
            let answer = self.writes(number, self.slug).await;
            assert!(matches!(answer.status.as_u16(), 200 | 303), "{} {number}: {} {}", self.word, answer.status, answer.text());
            if number % 5 == 0 {
                let astray = self.writes(1000 + number, other).await;
                assert_eq!(astray.status, StatusCode::CONFLICT, "{} {number}: {}", self.word, astray.text());
                assert!(astray.text().contains("belongs elsewhere"), "{}", astray.text());
            }
            tokio::task::yield_now().await;
        }
    }

    /// What lies in the workspace, and what its log says was put there.
    async fn found(&self, workspace: WorkspaceId) -> (Vec<String>, Vec<String>) {
        let mut owner = self.console.database.connect("stoa_owner").await;
        let lies = sqlx::query(
            "select name from workspace where workspace_id = $1 union all select name from api_key where workspace_id = $1
             union all select email from invitation where workspace_id = $1",
        )
        .bind(workspace.0)
        .fetch_all(&mut owner)
        .await
        .expect("names");
        let said = sqlx::query(
            "select coalesce(change ->> 'after', target_name) as name
             from audit_event
             left join lateral jsonb_array_elements(changes::jsonb) as change on action = 'workspace.renamed' and change ->> 'field' = 'name'
             where log_id = $1 and workspace_id = $1 and action in ('workspace.renamed', 'api_key.created', 'invitation.created')",
        )
        .bind(workspace.0)
        .fetch_all(&mut owner)
        .await
        .expect("events");
        let names = |rows: Vec<sqlx::postgres::PgRow>| rows.iter().map(|row| row.get::<String, _>("name").to_lowercase()).collect();
        (names(lies), names(said))
    }
}

#[tokio::test]
async fn interleaved_writes_of_two_tabs_land_where_each_was_opened() {
    let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "8")]).await;
    let mut team = console.team("Acme").await;
    let (first, first_slug) = console.next_workspace(&mut team).await;
    let (second, second_slug) = (team.workspace, team.slug.clone());
    let one = Tab { console: &console, team: &team, slug: &first_slug, word: "Left" };
    let two = Tab { console: &console, team: &team, slug: &second_slug, word: "Right" };
    tokio::join!(one.works(&second_slug), two.works(&first_slug));
    for (tab, workspace) in [(&one, first), (&two, second)] {
        let (lies, said) = tab.found(workspace).await;
        assert_eq!(lies.len(), 1 + 2 * WRITES / 3, "{lies:?}");
        assert_eq!(said.len(), WRITES, "{said:?}");
        let word = tab.word.to_lowercase();
        for name in lies.iter().chain(&said) {
            assert!(name.starts_with(&word) && !name.contains("100"), "{name} is in the workspace of {word}");
        }
    }
    assert_eq!(console.database.count("select count(*) from audit_event where target_name like '% 10__'").await, 0);
}

#[tokio::test]
async fn a_forms_key_is_good_in_one_workspace_alone() {
    let console = Console::start().await;
    let mut team = console.team("Acme").await;
    let (first, first_slug) = console.next_workspace(&mut team).await;
    let key = console.form_key();
    let rename = async |slug: &str, place: &str, name: &str| {
        let fields = [("form", key.as_str()), ("place", place), ("version", "1"), ("name", name)];
        team.owner.browser.post(&format!("/w/{slug}/settings/name"), &fields).await
    };
    assert_eq!(rename(&first_slug, &first_slug, "Left").await.status, StatusCode::SEE_OTHER);
    // The second is answered as the first was: with where that led, and nothing is written anywhere.
    let again = rename(&team.slug, &team.slug, "Right").await;
    assert_eq!((again.status.as_u16(), again.location()), (303, format!("/w/{first_slug}/settings").as_str()), "{}", again.text());
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'workspace.renamed'").await, 1);
    let names = "select name from workspace where workspace_id = $1";
    assert_eq!(console.database.text(names, first.0).await, "Left");
    assert_eq!(console.database.text(names, team.workspace.0).await, "Next");
}
