//! People come, change and go all at once: however it ends, every live workspace and every tenant has an owner, and
//! every key that works has somebody who answers for it.

mod acts;
mod rules;

use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, join_all};
use stoa::{
    access::{TenantRole, WorkspaceRole},
    features::{members, teams},
    ids::{ApiKeyId, MembershipId},
};
use uuid::Uuid;

use self::acts::{Act, Dice, act};
use crate::support::{Answer, Client, Console, Person, Team};

const PEOPLE: usize = 7;
const ROUNDS: usize = 24;
const AT_ONCE: usize = 5;
const LONGEST: Duration = Duration::from_secs(12);

struct Crowd {
    console: Console,
    team: Team,
    people: Vec<Person>,
}

impl Crowd {
    async fn start() -> Self {
        let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "12")]).await;
        let team = console.team("Acme").await;
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(console.joins(&team, &format!("P{number}"), WorkspaceRole::ALL[number % 3]).await);
        }
        console
            .change(
                "update tenant_membership set role = 'owner' from app_user
                 where app_user.id = user_id and tenant_id = $1 and app_user.name in ('P0', 'P1', 'P2')",
                team.tenant.0,
            )
            .await;
        Self { console, team, people }
    }

    /// Whoever went comes back, so that there is somebody to go.
    async fn refill(&self, dice: &mut Dice) {
        for (of, person) in self.people.iter().enumerate() {
            let is_here = self.console.role_of(self.team.workspace, person.user).await.is_some();
            if !is_here && dice.roll(3) > 0 {
                self.comes_back(of, WorkspaceRole::ALL[dice.roll(4)]).await;
            }
        }
    }

    async fn comes_back(&self, of: usize, role: WorkspaceRole) {
        let person = &self.people[of];
        if self.console.role_of(self.team.workspace, person.user).await.is_some() {
            return;
        }
        let mut scope = self.console.service(&self.team).await;
        if self.place(of).await.is_none() {
            teams::server::add(&mut scope, person.user, &person.name, TenantRole::Owner).await.expect("added");
        }
        members::server::add(&mut scope, self.team.tenant, self.team.workspace, person.user, &person.name, role).await.expect("added");
        scope.commit().await.expect("committed");
    }

    /// Sends a form with what its page shows; the page's refusal where it is refused.
    async fn form(&self, by: usize, base: &str, shown_at: &str, sent_to: &str, entries: &[(&str, &str)]) -> Answer {
        let browser = &self.people[by].browser;
        let page = browser.get(&format!("{base}{shown_at}")).await;
        if page.status != 200 || page.count("main form:not([method=get]) [name=form]") == 0 {
            return page;
        }
        let place = base.rsplit('/').next().expect("a place").to_owned();
        let key = self.console.form_key();
        let mut fields = vec![("form".to_owned(), key), ("place".to_owned(), place)];
        for hidden in ["version", "shown", "inventory", "was"] {
            if page.count(&format!("main [name={hidden}]")) > 0 {
                fields.push((hidden.to_owned(), page.field(hidden)));
            }
        }
        fields.extend(entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post(&format!("{base}{sent_to}"), &fields).await
    }

    async fn member(&self, of: usize) -> String {
        self.console.member_id(self.team.workspace, self.people[of].user).await.to_string()
    }

    /// Somebody's place in the team, where they are in it.
    async fn place(&self, of: usize) -> Option<MembershipId> {
        let mut owner = self.console.database.connect("stoa_owner").await;
        sqlx::query_scalar("select id from tenant_membership where tenant_id = $1 and user_id = $2")
            .bind(self.team.tenant.0)
            .bind(self.people[of].user.0)
            .fetch_optional(&mut owner)
            .await
            .expect("an answer")
            .map(MembershipId)
    }

    /// As an address says it; for whoever is not in the team, an id that nobody has.
    async fn place_named(&self, of: usize) -> String {
        self.place(of).await.unwrap_or(MembershipId(Uuid::nil())).to_string()
    }

    async fn any_key(&self) -> String {
        let mut owner = self.console.database.connect("stoa_owner").await;
        let id: Option<Uuid> =
            sqlx::query_scalar("select id from api_key where status = 'active' and name = 'Key' order by created_at desc, id limit 1")
                .fetch_optional(&mut owner)
                .await
                .expect("an answer");
        ApiKeyId(id.unwrap_or_default()).to_string()
    }

    async fn carry_out(&self, act: Act) -> Answer {
        let (here, home) = (format!("/w/{}", self.team.slug), format!("/t/{}", self.team.tenant_slug));
        let user = |of: usize| self.people[of].user.to_string();
        match act {
            Act::ChangeRole { by, of, to } => {
                let page = format!("/members/{}", self.member(of).await);
                self.form(by, &here, &page, &format!("{page}/role"), &[("role", to.name())]).await
            }
            Act::Remove { by, of, hand_over } => {
                let page = format!("/members/{}/remove", self.member(of).await);
                self.form(by, &here, &page, &page, &[("fate", if hand_over { "hand_over" } else { "revoke" })]).await
            }
            Act::Leave { who, to } => {
                let fate = if who == to { "revoke".to_owned() } else { user(to) };
                self.form(who, &here, "/members/leave", "/members/leave", &[("fate", &fate)]).await
            }
            Act::MakeKey { by, steward } => {
                let entries = [("name", "Key"), ("scopes", "members:read"), ("steward", &*user(steward)), ("expires_in_days", "30")];
                self.form(by, &here, "/api-keys/new", "/api-keys/new", &entries).await
            }
            Act::HandKeyOver { by, to } => {
                let page = format!("/api-keys/{}", self.any_key().await);
                self.form(by, &here, &page, &format!("{page}/steward"), &[("steward", &user(to))]).await
            }
            Act::Invite { by } => {
                let address = format!("{}@example.org", self.console.form_key());
                self.form(by, &here, "/members/invite", "/members/invite", &[("addresses", &address), ("role", "member")]).await
            }
            Act::TeamRole { by, of, to } => {
                let page = format!("/people/{}", self.place_named(of).await);
                self.form(by, &home, &page, &format!("{page}/role"), &[("role", to.name())]).await
            }
            Act::RemoveFromTeam { by, of } => {
                let page = format!("/people/{}/remove", self.place_named(of).await);
                self.form(by, &home, &page, &page, &[("successor", &self.place_named(by).await)]).await
            }
            Act::LeaveTeam { who, to } => {
                self.form(who, &home, "/people/leave", "/people/leave", &[("successor", &self.place_named(to).await)]).await
            }
        }
    }
}

#[tokio::test]
async fn however_people_come_and_go_at_once_nothing_is_left_without_somebody() {
    let (started, crowd) = (Instant::now(), Crowd::start().await);
    let (mut dice, mut rounds) = (Dice(0x5eed), 0);
    let keeper: Client = crowd.console.client(&crowd.team.owner, &crowd.team.slug, &["members:read"]).await;
    // The first owner goes, so that what remains owned is owned by one of the crowd.
    crowd.console.change("update tenant_membership set role = 'member' from app_user where app_user.id = user_id and tenant_id = $1 and app_user.name = 'Acme Owner'", crowd.team.tenant.0).await;
    while rounds < ROUNDS && started.elapsed() < LONGEST {
        let acts: Vec<Act> = (0..AT_ONCE).map(|_| act(&mut dice)).collect();
        let all: Vec<BoxFuture<'_, Answer>> = acts.iter().map(|act| Box::pin(crowd.carry_out(*act)) as BoxFuture<'_, Answer>).collect();
        let answers = join_all(all).await;
        for (act, answer) in acts.iter().zip(&answers) {
            assert!(!answer.status.is_server_error(), "{act:?}: {} {}", answer.status, answer.text());
        }
        crowd.holds(&format!("round {rounds}: {acts:?}")).await;
        crowd.refill(&mut dice).await;
        rounds += 1;
    }
    assert!(rounds >= 8, "only {rounds} rounds were played");
    let happened = "select count(distinct action) from audit_event where action in (
        'member.role_changed', 'member.removed', 'member.left', 'api_key.created', 'api_key.revoked', 'api_key.handed_over',
        'invitation.created', 'tenant.member_role_changed', 'tenant.member_left', 'tenant.member_removed')";
    assert!(crowd.console.database.count(happened).await >= 7, "too little of it worked: the loop proves little");
    assert_eq!(keeper.get("/me").await.status, 200, "who was not touched keeps their key");
}

/// The two that must not cross: somebody is made to answer for a key in the moment in which they go.
#[tokio::test]
async fn nobody_is_left_with_a_key_who_goes_while_they_get_it() {
    let crowd = Crowd::start().await;
    let (one_owner, other_owner, target) = (0, 3, 2);
    let made = crowd.carry_out(Act::MakeKey { by: one_owner, steward: one_owner }).await;
    assert_eq!(made.status, 200, "{}", made.text());
    for round in 0..16 {
        let gives =
            if round % 2 == 0 { Act::MakeKey { by: one_owner, steward: target } } else { Act::HandKeyOver { by: one_owner, to: target } };
        let goes = match round % 4 {
            0 | 1 => Act::Remove { by: other_owner, of: target, hand_over: round % 8 > 3 },
            _ => Act::Leave { who: target, to: other_owner },
        };
        let (first, second) = tokio::join!(crowd.carry_out(gives), crowd.carry_out(goes));
        for answer in [&first, &second] {
            assert!(matches!(answer.status.as_u16(), 200 | 303 | 404 | 409 | 422), "{gives:?}, {goes:?}: {}", answer.text());
        }
        crowd.holds(&format!("{gives:?} answered {} while {goes:?} answered {}", first.status, second.status)).await;
        crowd.comes_back(target, WorkspaceRole::Member).await;
    }
    let went = crowd.console.database.count("select count(*) from audit_event where action in ('member.removed', 'member.left')").await;
    assert!(went >= 4, "only {went} went");
}
