//! The whole of who may do what, as it is answered: every address and every operation of the live tables, with things
//! that exist, for everybody there is. Held to the policy, and written out to be read.

mod archived;
mod calls;
mod readonly;

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use stoa::{
    access::{Extent, TenantRole, WorkspaceRole},
    app,
    features::teams,
    server::{http::Door, scope::Asks},
};

use crate::{
    archive::archive,
    support::{Answer, Browser, Console, Person, Team, Things, golden},
    workspaces::give_plan,
};

/// A team with one of everything in a live workspace and in an archived one, and everybody who may come to its doors.
pub struct World {
    pub console: Console,
    pub team: Team,
    pub live: Things,
    pub archived: Things,
    billing: Person,
    outsiders: Team,
}

/// Somebody at the doors, and what they are to the team and to its workspaces.
struct Visitor<'a> {
    name: &'static str,
    person: Option<&'a Person>,
    tenant: Option<TenantRole>,
    workspace: Option<WorkspaceRole>,
}

impl World {
    pub async fn start() -> Self {
        let console = Console::start().await;
        let mut team = console.team("Acme").await;
        give_plan(&console, &team, "team").await;
        let archived = console.things(&team).await;
        assert_eq!(archive(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
        console.next_workspace(&mut team).await;
        let live = console.things(&team).await;
        let billing = console.signed_in_as("Acme Billing").await;
        let mut scope = console.service(&team).await;
        teams::server::add(&mut scope, billing.user, "Acme Billing", TenantRole::Billing).await.expect("added");
        scope.commit().await.expect("committed");
        let outsiders = console.team("Zenith").await;
        // Evidence is there for everybody who may take it.
        stoa::server::proof::seal_now(&console.stoa).await.expect("sealed");
        Self { console, team, live, archived, billing, outsiders }
    }

    /// In the order of the golden file's columns.
    fn visitors(&self) -> Vec<Visitor<'_>> {
        let mut visitors: Vec<Visitor<'_>> = self
            .team
            .people()
            .into_iter()
            .map(|(person, role)| {
                let tenant = if role == WorkspaceRole::Owner { TenantRole::Owner } else { TenantRole::Member };
                Visitor { name: role.name(), person: Some(person), tenant: Some(tenant), workspace: Some(role) }
            })
            .collect();
        visitors.extend([
            Visitor { name: "outsider", person: Some(&self.outsiders.owner), tenant: None, workspace: None },
            Visitor { name: "billing", person: Some(&self.billing), tenant: Some(TenantRole::Billing), workspace: None },
            Visitor { name: "signed out", person: None, tenant: None, workspace: None },
        ]);
        visitors
    }

    /// Where the door is, with everything named that is there.
    fn address(&self, door: &Door) -> String {
        let things = if matches!(door.asks, Asks::Archive(_)) { &self.archived } else { &self.live };
        things.address(door.path)
    }

    /// Comes to the door. A form is sent without its key: what it asks is decided, and nothing is carried out.
    async fn comes(&self, visitor: &Visitor<'_>, door: &Door) -> Answer {
        let (path, own) = (self.address(door), self.console.a_stranger());
        let browser = match visitor.person {
            // Whoever signs out, or changes the theme, does it in a browser of their own.
            Some(person) if door.asks == Asks::Nothing => {
                own.set_cookie("stoa_session", &self.console.new_session(person.user, &person.name).await);
                &own
            }
            Some(person) => &person.browser,
            None => &own,
        };
        send(browser, door, &path, visitor.person.map(|person| person.user.to_string()).unwrap_or_default()).await
    }
}

async fn send(browser: &Browser, door: &Door, path: &str, user: String) -> Answer {
    if door.method == Method::GET {
        return browser.get(path).await;
    }
    let place = path.strip_prefix("/t/").or_else(|| path.strip_prefix("/w/")).and_then(|rest| rest.split('/').next());
    browser.post(path, &[("place", place.unwrap_or(&user))]).await
}

/// What came of it, short.
fn outcome(method: &Method, answer: &Answer) -> String {
    let is_decided = answer.status.is_server_error()
        || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status);
    match answer.status {
        StatusCode::SEE_OTHER if answer.location().starts_with("/sign-in?back=/") => "sign-in".to_owned(),
        status if method == Method::GET || is_decided => status.as_u16().to_string(),
        _ => "may".to_owned(),
    }
}

/// What the policy alone says about a door. `yes` is whatever lets somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Yes,
    /// It depends on whose the thing is.
    Own,
    Refused,
    Nowhere,
    SignIn,
}

impl Visitor<'_> {
    fn verdict(&self, asks: Asks) -> Verdict {
        let sees_archive = matches!(self.workspace, Some(WorkspaceRole::Owner | WorkspaceRole::Readonly));
        match (asks, self.tenant, self.workspace) {
            (Asks::Nothing, ..) => Verdict::Yes,
            _ if self.person.is_none() => Verdict::SignIn,
            (Asks::SignedIn, ..) => Verdict::Yes,
            (Asks::Tenant(permission), Some(role), _) => {
                if role.may(permission) {
                    Verdict::Yes
                } else {
                    Verdict::Refused
                }
            }
            (Asks::Archive(_), ..) if !sees_archive => Verdict::Nowhere,
            (Asks::Workspace(permission) | Asks::Archive(permission), _, Some(role)) => match role.extent(permission) {
                Extent::Everything | Extent::Reading => Verdict::Yes,
                Extent::Own => Verdict::Own,
                Extent::Nothing => Verdict::Refused,
            },
            (Asks::Tenant(_), None, _) | (Asks::Workspace(_) | Asks::Archive(_), _, None) => Verdict::Nowhere,
            (Asks::Signature | Asks::Service, ..) => unreachable!("no door that a person comes to"),
        }
    }
}

/// Pages that the policy opens and that are not shown to these visitors, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("/support", "404"),                  // for everyone but an operator there is no such page
    ("/t/{tenant}/settings/team", "409"), // a team cannot be made one
];

/// Doors to what is one person's own, of all whom the policy lets in.
const OWNED: &[&str] = &[
    "/w/{workspace}/audit-log/views/{view}",
    "/w/{workspace}/audit-log/views/{view}/delete",
    "/t/{tenant}/audit-log/views/{view}",
    "/t/{tenant}/audit-log/views/{view}/delete",
];

fn fits(door: &Door, verdict: Verdict, cell: &str) -> bool {
    let is_page = door.method == Method::GET;
    let not_shown = NOT_SHOWN.iter().find(|(path, _)| is_page && *path == door.path);
    match verdict {
        Verdict::Yes if not_shown.is_some() => not_shown.is_some_and(|(_, expected)| cell == *expected),
        Verdict::Yes if OWNED.contains(&door.path) && is_page => ["200", "404"].contains(&cell),
        Verdict::Yes if door.asks == Asks::Nothing => !["401", "403", "500"].contains(&cell),
        Verdict::Yes => cell == if is_page { "200" } else { "may" },
        Verdict::Own => ["200", "404"].contains(&cell),
        Verdict::Refused => cell == "403",
        Verdict::Nowhere => cell == "404",
        Verdict::SignIn => cell == if is_page { "sign-in" } else { "401" },
    }
}

#[tokio::test]
async fn the_matrix_is_this_table_and_says_what_the_policy_says() {
    let world = World::start().await;
    let (visitors, callers) = (world.visitors(), calls::callers(&world).await);
    let before = world.acts().await;
    let mut lines = BTreeMap::new();
    for door in app::doors().into_iter().filter(|door| door.asks != Asks::Signature) {
        let mut cells = Vec::new();
        for visitor in &visitors {
            let answer = world.comes(visitor, &door).await;
            let (cell, verdict) = (outcome(&door.method, &answer), visitor.verdict(door.asks));
            let at = format!("{} at {} {}", visitor.name, door.method, door.path);
            assert!(fits(&door, verdict, &cell), "{at}: {cell}, and the policy says {verdict:?}: {}", answer.text());
            if let (Verdict::Refused, Asks::Workspace(_) | Asks::Tenant(_) | Asks::Archive(_)) = (verdict, door.asks) {
                let permission = door.asks.to_string().rsplit(' ').next().expect("a permission").to_owned();
                assert!(answer.text().contains(&permission), "{at}: the permission is not named: {}", answer.text());
                assert!(answer.text().contains("owner"), "{at}: who can is not named: {}", answer.text());
            }
            cells.push(cell);
        }
        lines.insert((door.path.to_owned(), door.method.to_string()), cells);
    }
    assert!(lines.len() > 90, "only {} doors were tried", lines.len());
    for (operation, cells) in calls::lines(&world, &callers).await {
        lines.insert(operation, cells);
    }
    assert_eq!(world.acts().await, before, "something was done");
    let names: Vec<String> = visitors.iter().map(|visitor| visitor.name.to_owned()).collect();
    let mut table = line("", "", &names);
    for ((path, method), cells) in &lines {
        table += &line(method, path, cells);
    }
    golden::check("matrix.txt", &table);
}

fn line(method: &str, path: &str, cells: &[String]) -> String {
    let line = cells.iter().fold(format!("{method:<5} {path:<59}"), |line, cell| line + &format!(" {cell:<10}"));
    line.trim_end().to_owned() + "\n"
}

impl World {
    /// Everything that was ever done, apart from what looking itself leaves behind.
    async fn acts(&self) -> i64 {
        self.console
            .database
            .count(
                "select count(*) from audit_event
                 where action not in ('access.denied', 'session.started', 'session.ended') and action not like '%.exported'",
            )
            .await
    }
}

/// What is not there is refused to a stranger in the very same way.
#[tokio::test]
async fn no_door_that_asks_for_someone_opens_to_a_stranger() {
    let console = Console::start().await;
    let stranger = console.a_stranger();
    let mut tried = 0;
    for door in app::doors().into_iter().filter(|door| !matches!(door.asks, Asks::Nothing | Asks::Signature)) {
        let path = door.path.replace(['{', '}'], "");
        let answer = send(&stranger, &door, &path, String::new()).await;
        let expected = if door.method == Method::GET { "sign-in" } else { "401" };
        assert_eq!(outcome(&door.method, &answer), expected, "{path} led to {}", answer.location());
        tried += 1;
    }
    assert!(tried > 80, "only {tried} doors were tried");
}
