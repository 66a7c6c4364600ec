//! The same acts at the console's and the API's own doors, and whether they were carried out.

use axum::http::Method;
use serde_json::{Value, json};
use stoa::{
    access::{TenantRole, WorkspaceRole},
    features::{
        billing::server::entitlements::{self, Key as Allowed, NewEntitlement},
        members, teams,
    },
    ids::{ApiKeyId, MembershipId},
};

use super::model::{By, MODULES, Scopes};
use crate::support::{Answer, Client, Console, Person, Reply, Team};

/// A key, and every secret that it ever had, the newest last.
pub struct Known {
    pub id: ApiKeyId,
    pub name: String,
    pub secrets: Vec<String>,
}

pub struct World<'a> {
    pub console: &'a Console,
    pub team: Team,
    pub keys: Vec<Known>,
}

impl World<'_> {
    pub fn person(&self, place: usize) -> &Person {
        self.team.people()[place].0
    }

    pub fn client(&self, key: usize, secret: usize) -> Client {
        Client::with(self.console.router.clone(), &self.keys[key].secrets[secret])
    }

    /// A page of the workspace, by somebody who signed in just now.
    async fn looks(&self, person: usize, path: &str) -> Answer {
        let person = self.person(person);
        person.browser.set_cookie("stoa_session", &self.console.new_session(person.user, &person.name).await);
        person.browser.get(path).await
    }

    async fn sends(&self, person: usize, path: &str, fields: &[(&str, &str)]) -> Answer {
        let place = path.split('/').nth(2).expect("a place").to_owned();
        let key = self.console.form_key();
        let mut all = vec![("form", key.as_str()), ("place", &place)];
        all.extend_from_slice(fields);
        let person = self.person(person);
        person.browser.set_cookie("stoa_session", &self.console.new_session(person.user, &person.name).await);
        person.browser.post(path, &all).await
    }

    /// What a page shows is sent back with the form: nothing stops that was not seen.
    async fn sends_what_is_shown(&self, person: usize, path: &str, field: &str, more: &[(&str, &str)]) -> Answer {
        let page = self.looks(person, path).await;
        if page.count(&format!("main [name={field}]")) == 0 {
            assert!(!page.status.is_server_error(), "{path}: {}", page.text());
            // The form, without what it would have shown: the server decides all the same.
            return self.sends(person, path, more).await;
        }
        let shown = page.field(field);
        let mut fields = vec![(field, shown.as_str())];
        fields.extend_from_slice(more);
        self.sends(person, path, &fields).await
    }

    async fn calls(&self, key: usize, method: Method, path: &str, body: &Value) -> Reply {
        let newest = self.keys[key].secrets.len() - 1;
        let reply = self.client(key, newest).send(method, path, &[], Some(body)).await;
        assert!(!reply.status.is_server_error(), "{path}: {}", reply.body);
        reply
    }

    fn at(&self, rest: &str) -> String {
        format!("/w/{}/{rest}", self.team.slug)
    }

    pub async fn make(&mut self, by: By, steward: Option<usize>, scopes: &Scopes, days: Option<i64>) -> bool {
        let name = format!("Key {}", self.keys.len());
        let steward = steward.map(|place| self.person(place).user.to_string());
        let secret = match by {
            By::Person(person) => {
                let own = self.person(person).user.to_string();
                let days = days.unwrap_or(90).to_string();
                let mut fields = vec![("name", name.as_str()), ("steward", steward.as_deref().unwrap_or(&own)), ("expires_in_days", &days)];
                fields.extend(scopes.iter().map(|scope| ("scopes", *scope)));
                shown_in(&self.sends(person, &self.at("api-keys/new"), &fields).await)
            }
            By::Key(key) => {
                let mut body = json!({ "name": name, "scopes": scopes });
                for (field, value) in [("steward", json!(steward)), ("expires_in_days", json!(days))] {
                    if !value.is_null() {
                        body[field] = value;
                    }
                }
                given_in(&self.calls(key, Method::POST, "/api-keys", &body).await)
            }
        };
        let Some(secret) = secret else { return false };
        let id = stoa::server::credentials::Credential::parse(&secret).expect("a key").id;
        self.keys.push(Known { id: ApiKeyId(id), name, secrets: vec![secret] });
        true
    }

    /// One of the acts on a key, by form or by call.
    async fn act(&self, by: By, key: usize, verb: [&str; 2], fields: &[(&str, &str)], body: Value) -> (bool, Option<String>) {
        let id = self.keys[key].id;
        match by {
            By::Person(person) => {
                let version = self.console.database.text("select version::text from api_key where id = $1", id.0).await;
                let mut all = vec![("version", version.as_str())];
                all.extend_from_slice(fields);
                let answer = self.sends(person, &self.at(&format!("api-keys/{id}/{}", verb[0])), &all).await;
                (is_done(&answer), shown_in(&answer))
            }
            By::Key(calling) => {
                let reply = self.calls(calling, Method::POST, &format!("/api-keys/{id}/{}", verb[1]), &body).await;
                (reply.status.is_success(), given_in(&reply))
            }
        }
    }

    pub async fn narrow(&self, by: By, key: usize, scopes: &Scopes) -> bool {
        let fields: Vec<(&str, &str)> = scopes.iter().map(|scope| ("scopes", *scope)).collect();
        self.act(by, key, ["narrow"; 2], &fields, json!({ "scopes": scopes })).await.0
    }

    pub async fn rotate(&mut self, by: By, key: usize, overlap: i64) -> bool {
        let days = overlap.to_string();
        let (is_done, secret) = self.act(by, key, ["rotate"; 2], &[("overlap_days", &days)], json!({ "overlap_days": overlap })).await;
        assert_eq!(is_done, secret.is_some(), "a rotation shows its secret, and a refusal none");
        self.keys[key].secrets.extend(secret);
        is_done
    }

    pub async fn hand_over(&self, by: By, key: usize, to: usize) -> bool {
        let to = self.person(to).user.to_string();
        self.act(by, key, ["steward", "hand-over"], &[("steward", &to)], json!({ "steward": to })).await.0
    }

    pub async fn quarantine(&self, by: By, key: usize) -> bool {
        self.act(by, key, ["quarantine"; 2], &[("reason", "odd")], json!({ "reason": "odd" })).await.0
    }

    pub async fn lift(&self, person: usize, key: usize) -> bool {
        self.act(By::Person(person), key, ["lift"; 2], &[], Value::Null).await.0
    }

    pub async fn revoke(&self, by: By, key: usize) -> bool {
        self.act(by, key, ["revoke"; 2], &[("phrase", &self.keys[key].name)], json!({})).await.0
    }

    pub async fn report(&self, key: usize, secret: usize) {
        let nobody = Client::with(self.console.router.clone(), "");
        let reply = nobody.post("/leaked-credentials", &json!({ "credential": self.keys[key].secrets[secret] })).await;
        assert_eq!(reply.status, 202, "{}", reply.body);
    }

    pub async fn switch(&self, by: By, module: usize, on: bool) -> bool {
        let module = MODULES[module].0;
        let verb = if on { "enable" } else { "disable" };
        match by {
            By::Person(person) if on => is_done(&self.sends(person, &self.at(&format!("modules/{module}/enable")), &[]).await),
            By::Person(person) => {
                is_done(&self.sends_what_is_shown(person, &self.at(&format!("modules/{module}/disable")), "shown", &[]).await)
            }
            By::Key(key) => self.calls(key, Method::POST, &format!("/modules/{module}/{verb}"), &json!({})).await.status.is_success(),
        }
    }

    /// As the operator's command does: of the workspace, or of the whole account.
    pub async fn allow(&self, key: &str, value: &str, of_workspace: bool) {
        let key = Allowed::parse(key).expect("a key");
        let allowed = key.value(value).expect("a value");
        let workspace = of_workspace.then_some(self.team.workspace);
        let mut scope = self.console.service(&self.team).await;
        let new = NewEntitlement { workspace, key, allowed, reason: "a test".to_owned(), until: None };
        entitlements::set(&mut scope, &new).await.expect("set");
        scope.commit().await.expect("committed");
    }

    pub async fn change_role(&self, by: By, of: usize, to: WorkspaceRole) -> bool {
        let member = self.console.member_id(self.team.workspace, self.person(of).user).await;
        match by {
            By::Person(person) => {
                let sql = "select version::text from workspace_membership where id = $1";
                let version = self.console.database.text(sql, member.0).await;
                let fields = [("version", version.as_str()), ("role", to.name()), ("ends", "")];
                is_done(&self.sends(person, &self.at(&format!("members/{member}/role")), &fields).await)
            }
            By::Key(key) => {
                let body = json!({ "role": to.name() });
                self.calls(key, Method::PATCH, &format!("/members/{member}"), &body).await.status.is_success()
            }
        }
    }

    /// Whether a key could, now: the server says, and does nothing.
    async fn would(&self, key: usize, method: Method, path: &str, body: &Value) -> bool {
        self.calls(key, method, &format!("{path}?dry_run=true"), body).await.status.is_success()
    }

    pub async fn would_change_role(&self, key: usize, of: usize, to: WorkspaceRole) -> bool {
        let member = self.console.member_id(self.team.workspace, self.person(of).user).await;
        self.would(key, Method::PATCH, &format!("/members/{member}"), &json!({ "role": to.name() })).await
    }

    pub async fn would_hand_over(&self, key: usize, to: usize) -> bool {
        let (path, to) = (format!("/api-keys/{}/hand-over", self.keys[key].id), self.person(to).user.to_string());
        self.would(key, Method::POST, &path, &json!({ "steward": to })).await
    }

    pub async fn would_mint(&self, key: usize, scopes: &Scopes) -> bool {
        self.would(key, Method::POST, "/api-keys", &json!({ "name": "All", "scopes": scopes })).await
    }

    pub async fn go(&self, by: usize, of: usize, heir: Option<usize>) -> bool {
        let member = self.console.member_id(self.team.workspace, self.person(of).user).await;
        let (path, fate) = match heir {
            _ if by != of => (format!("members/{member}/remove"), heir.map_or("revoke", |_| "hand_over").to_owned()),
            Some(heir) => ("members/leave".to_owned(), self.person(heir).user.to_string()),
            None => ("members/leave".to_owned(), "revoke".to_owned()),
        };
        is_done(&self.sends_what_is_shown(by, &self.at(&path), "shown", &[("fate", &fate)]).await)
    }

    pub async fn go_from_team(&self, of: usize) -> bool {
        let sql = "select id::text from tenant_membership where tenant_id = $1 and user_id = $2";
        let mut owner = self.console.database.connect("stoa_owner").await;
        let place: Option<String> = sqlx::query_scalar(sql)
            .bind(self.team.tenant.0)
            .bind(self.person(of).user.0)
            .fetch_optional(&mut owner)
            .await
            .expect("an answer");
        let Some(place) = place else { return false };
        let place = MembershipId(place.parse().expect("an id"));
        let path = format!("/t/{}/people/{place}/remove", self.team.tenant_slug);
        is_done(&self.sends_what_is_shown(0, &path, "inventory", &[]).await)
    }

    pub async fn come_back(&self, of: usize, role: WorkspaceRole, to_team: bool) {
        let (team, person) = (&self.team, self.person(of));
        let mut scope = self.console.service(team).await;
        if to_team {
            teams::server::add(&mut scope, person.user, &person.name, TenantRole::Member).await.expect("added");
        }
        members::server::add(&mut scope, team.tenant, team.workspace, person.user, &person.name, role).await.expect("added");
        scope.commit().await.expect("committed");
    }

    pub async fn archive(&self, person: usize) -> bool {
        let phrase = format!("delete {}", self.team.slug);
        is_done(&self.sends_what_is_shown(person, &self.at("settings/archive"), "inventory", &[("phrase", &phrase)]).await)
    }

    pub async fn restore(&self, person: usize) -> bool {
        is_done(&self.sends(person, &self.at("archived/restore"), &[]).await)
    }
}

/// Whether a form was carried out. Nobody is sent to sign in: they did just now.
fn is_done(answer: &Answer) -> bool {
    assert!(!answer.status.is_server_error(), "{}", answer.text());
    answer.status.is_success() || (answer.status.is_redirection() && !answer.location().starts_with("/sign-in"))
}

fn shown_in(answer: &Answer) -> Option<String> {
    assert!(!answer.status.is_server_error(), "{}", answer.text());
    let at = answer.body.find("value=\"stoa_key_live_").filter(|_| answer.status.is_success())? + "value=\"".len();
    answer.body[at..].split('"').next().map(str::to_owned)
}

fn given_in(reply: &Reply) -> Option<String> {
    reply.body["data"]["secret"].as_str().map(str::to_owned)
}
