//! Canaries: real secrets are taken wherever somebody could take one, rightly, wrongly and by mistake; then everything that
//! keeps or says anything is searched for every part of them. Each is in the one answer that made it, and nowhere else.

mod drive;
mod scanner;

use std::collections::BTreeSet;

use axum::http::{Method, header};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::server::scope::write_denials;

use crate::{
    sign_in::console_with,
    support::{
        Browser, Console, Postbox, Team,
        browser::encode,
        logs,
        provider::{Lie, Lying},
    },
};
use drive::{Driver, Heard, spoilt};
use scanner::Scanner;

/// Of bytes that chance would not make.
const PEPPER: [u8; 32] =
    *b"\x91\xe4\x1c\x07\xb8\xd2\x5f\x33\xaa\x0e\x6d\xc9\x72\xf1\x48\x85\x3b\x9c\xe7\x10\x5a\xd6\x2f\x84\xc3\x19\x7e\xa5\x60\xfb\x04\x8d";

/// What checkpoints are signed with.
const AUDIT_SEED: [u8; 32] =
    *b"\xd3\x0b\x95\x6a\xe1\x47\xbc\x28\x14\xf9\x80\x5d\xa2\x3e\xc6\x71\x09\xdb\x64\xb7\x1f\x92\xee\x4b\x86\x35\xfa\xc0\x57\xa8\x2d\x13";

const GRACE: &str = "grace@example.com";

/// The secrets, by what the scanner calls them.
struct Secrets {
    by_form: String,
    by_rest: String,
    rotated: String,
    copied_link: String,
    mailed_link: String,
    in_a_record: String,
    session: String,
}

struct World {
    console: Console,
    team: Team,
    postbox: Postbox,
    driver: Driver,
    /// Which answers made which secret, by their place.
    makers: Vec<(usize, &'static str)>,
}

impl World {
    async fn start() -> Self {
        let postbox = Postbox::open().await;
        let pepper = STANDARD.encode(PEPPER);
        let audit_seed = STANDARD.encode(AUDIT_SEED);
        let settings = [
            ("STOA_SECRETS__PEPPER", pepper.as_str()),
            ("STOA_SECRETS__AUDIT_KEY", audit_seed.as_str()),
            ("STOA_MAIL__SMTP_URL", &postbox.url()),
            ("STOA_MAIL__FROM", "Stoa <stoa@example.com>"),
        ];
        let console = Console::start_with(&settings).await;
        let team = console.team("Acme").await;
        let driver = Driver::new(console.router.clone());
        Self { console, team, postbox, driver, makers: Vec::new() }
    }

    /// As the owner's browser sends a form.
    async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> &Heard {
        let cookie = format!("stoa_session={}", self.team.owner.browser.cookie("stoa_session").expect("a session"));
        let key = self.console.form_key();
        let mut body = format!("form={key}&place={}", path.split('/').nth(2).expect("a place"));
        for (name, value) in fields {
            body += &format!("&{name}={}", encode(value));
        }
        let headers =
            [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.driver.send(Method::POST, path, &headers, body.into_bytes()).await
    }

    async fn call(&mut self, key: &str, method: Method, path: &str, more: &[(&str, &str)], body: &Value) -> Value {
        let authorization = format!("Bearer {key}");
        let mut headers = vec![("authorization", authorization.as_str()), ("content-type", "application/json")];
        headers.extend_from_slice(more);
        let heard = self.driver.send(method, &format!("/api/v1{path}"), &headers, body.to_string().into_bytes()).await;
        serde_json::from_slice(&heard.body).expect("JSON")
    }

    fn made(&mut self, name: &'static str) {
        self.makers.push((self.driver.heard.len() - 1, name));
    }

    /// Everything that makes a secret makes one, and where it can be asked again, is asked again.
    async fn make_secrets(&mut self) -> Secrets {
        let (slug, owner) = (self.team.slug.clone(), self.team.owner.user.to_string());
        let all: Vec<&str> = stoa::server::rest::scopes().map(|kind| kind.name).collect();
        self.console.let_run(&slug, &all).await;
        let mut fields = vec![("name", "By form"), ("steward", owner.as_str()), ("expires_in_days", "90")];
        fields.extend(all.iter().map(|scope| ("scopes", *scope)));
        let page = String::from_utf8(self.form(&format!("/w/{slug}/api-keys/new"), &fields).await.body.clone()).expect("text");
        self.made("key made by form");
        let by_form = cut(&page, "stoa_key_live_");

        let once = [("idempotency-key", "one")];
        let body = json!({ "name": "By REST", "scopes": all });
        let made = self.call(&by_form, Method::POST, "/api-keys", &once, &body).await;
        self.made("key made by REST");
        let by_rest = made["data"]["secret"].as_str().expect("a secret").to_owned();
        let again = self.call(&by_form, Method::POST, "/api-keys", &once, &body).await;
        assert!(again["data"]["secret"].is_null() && again["data"]["id"] == made["data"]["id"], "{again}");
        let turn = format!("/api-keys/{}/rotate", made["data"]["id"].as_str().expect("an id"));
        let turned = self.call(&by_form, Method::POST, &turn, &once, &json!({ "overlap_days": 7 })).await;
        self.made("key rotated by REST");
        let rotated = turned["data"]["secret"].as_str().expect("a secret").to_owned();
        self.call(&by_form, Method::POST, &turn, &once, &json!({ "overlap_days": 7 })).await;

        let pasted = self.call(&by_form, Method::POST, "/api-keys", &[], &json!({ "name": "Pasted", "scopes": ["tasks:read"] })).await;
        self.made("key kept in a record");
        let in_a_record = pasted["data"]["secret"].as_str().expect("a secret").to_owned();

        let invite = json!({ "addresses": [GRACE, "heidi@example.com"], "role": "member" });
        let invited = self.call(&by_form, Method::POST, "/invitations", &once, &invite).await;
        self.console.work_off().await;
        let mails = self.postbox.mails();
        let to_grace = mails.iter().find(|mail| mail.to == GRACE).unwrap_or_else(|| panic!("no mail: {invited}"));
        let mailed_link = cut(&to_grace.text(), "stoa_inv_live_");
        let of_other = invited["data"]["answers"][1]["invitation"].as_str().expect("an id");
        let link = self.call(&by_form, Method::POST, &format!("/invitations/{of_other}/link"), &once, &json!({})).await;
        self.made("link to copy");
        let copied_link = cut(&link.to_string(), "stoa_inv_live_");
        self.call(&by_form, Method::POST, &format!("/invitations/{of_other}/link"), &once, &json!({})).await;
        let session = self.team.owner.browser.cookie("stoa_session").expect("a session");
        Secrets { by_form, by_rest, rotated, copied_link, mailed_link, in_a_record, session }
    }

    /// As the operator's command does, so that no call is refused for being one too many.
    async fn without_limits(&self) {
        use stoa::features::billing::server::entitlements::{self, Key, NewEntitlement};
        let mut scope = self.console.service(&self.team).await;
        let new = NewEntitlement { workspace: None, key: Key::CallsPerMinute, allowed: None, reason: "a test".to_owned(), until: None };
        entitlements::set(&mut scope, &new).await.expect("set");
        scope.commit().await.expect("committed");
    }

    /// Both links are opened, by somebody and by nobody; one is taken.
    async fn open_links(&mut self, secrets: &Secrets) {
        let grace = self.console.signed_in_as("Grace").await;
        let session = format!("stoa_session={}", grace.browser.cookie("stoa_session").expect("a session"));
        for link in [&secrets.copied_link, &secrets.mailed_link] {
            for cookie in [&[("cookie", session.as_str())][..], &[]] {
                self.driver.send(Method::GET, &format!("/invitations/{link}"), cookie, Vec::new()).await;
            }
            let both = format!("{session}; stoa_invitation={link}");
            for cookie in [&both, &format!("stoa_invitation={link}")] {
                self.driver.send(Method::GET, "/invitation", &[("cookie", cookie)], Vec::new()).await;
                self.driver.send(Method::GET, "/sign-in?back=/invitation", &[("cookie", cookie)], Vec::new()).await;
                self.driver.send(Method::GET, &format!("/invitations/{link}/more?q={link}"), &[("cookie", cookie)], Vec::new()).await;
            }
            let headers =
                [("cookie", both.as_str()), ("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
            let body = format!("form={}&place={}", self.console.form_key(), grace.user);
            self.driver.send(Method::POST, "/invitation", &headers, body.into_bytes()).await;
        }
    }

    /// Whoever writes a secret into a record of theirs has it there.
    async fn keep_in_a_record(&mut self, secrets: &Secrets) {
        let body = json!({ "title": "Rotate this", "description": format!("It is {}", secrets.in_a_record),
                           "custom_fields": { "key": secrets.in_a_record } });
        let made = self.call(&secrets.by_form, Method::POST, "/tasks", &[("idempotency-key", "kept")], &body).await;
        let path = format!("/tasks/{}", made["data"]["id"].as_str().expect("an id"));
        self.call(&secrets.by_form, Method::PATCH, &path, &[], &json!({ "title": secrets.in_a_record })).await;
        self.call(&secrets.by_form, Method::POST, &format!("{path}/archive"), &[], &json!({})).await;
    }

    /// All that the console gives away as a file, and what is done on a clock.
    async fn export_and_work(&mut self) {
        let owner = &self.team.owner;
        let cookie = format!("stoa_session={}", self.console.new_session(owner.user, &owner.name).await);
        let (slug, tenant) = (self.team.slug.clone(), self.team.tenant_slug.clone());
        for path in
            ["api-keys.csv", "audit-log.csv", "members.csv", "usage.csv", "usage/events.csv", "audit-log", "members/mail", "api-keys"]
        {
            self.driver.send(Method::GET, &format!("/w/{slug}/{path}"), &[("cookie", &cookie)], Vec::new()).await;
        }
        for path in
            [format!("/t/{tenant}/audit-log.csv"), format!("/t/{tenant}/billing/usage.csv"), "/inbox".to_owned(), "/sessions".to_owned()]
        {
            self.driver.send(Method::GET, &path, &[("cookie", &cookie)], Vec::new()).await;
        }
        self.driver.send(Method::GET, "/metrics", &[], Vec::new()).await;
        for _ in 0..2 {
            self.console.hands.advance(TimeDelta::seconds(61));
            write_denials(&self.console.stoa).await.expect("written");
            stoa::features::usage::server::roll_up(self.console.stoa.clone()).await.expect("rolled up");
            self.console.work_off().await;
        }
    }

    /// What was answered, with the names of the secrets that are in it and do not belong there.
    fn told(&self, scanner: &Scanner) -> Vec<(String, BTreeSet<&'static str>)> {
        let mut told = Vec::new();
        for (place, heard) in self.driver.heard.iter().enumerate() {
            let mut found = scanner.found_in(&heard.body);
            for (name, value) in &heard.headers {
                // The browser that opened a link keeps it, where no script reads it, until the person has signed in.
                if !(name == header::SET_COOKIE && value.as_bytes().starts_with(b"stoa_invitation=")) {
                    found.extend(scanner.found_in(value.as_bytes()));
                }
            }
            found.retain(|name| !self.makers.contains(&(place, name)));
            // A record is shown to whoever reads it.
            if heard.asked.contains("/api/v1/tasks") {
                found.remove("key kept in a record");
            }
            if !found.is_empty() {
                told.push((heard.asked.clone(), found));
            }
        }
        told
    }
}

/// From where it begins on, as long as it could be a credential.
fn cut(text: &str, begins: &str) -> String {
    let at = text.find(begins).unwrap_or_else(|| panic!("no {begins} in {text}"));
    text[at..].chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
}

/// The lines that hold any of them.
fn logged(scanner: &Scanner) -> Vec<String> {
    let everything = logs::everything();
    let lines = everything.split(|byte| *byte == b'\n').filter(|line| !scanner.found_in(line).is_empty());
    lines.map(|line| String::from_utf8_lossy(line).chars().take(600).collect()).collect()
}

fn scanner(secrets: &Secrets) -> Scanner {
    let mut scanner = Scanner::default();
    for (name, secret) in [
        ("key made by form", &secrets.by_form),
        ("key made by REST", &secrets.by_rest),
        ("key rotated by REST", &secrets.rotated),
        ("link to copy", &secrets.copied_link),
        ("link by mail", &secrets.mailed_link),
        ("key kept in a record", &secrets.in_a_record),
    ] {
        scanner.watch_credential(name, secret);
    }
    scanner.watch("session", &secrets.session);
    scanner.watch_bytes("session", &URL_SAFE_NO_PAD.decode(&secrets.session).expect("an id"));
    scanner.watch("pepper", &STANDARD.encode(PEPPER));
    scanner.watch_bytes("pepper", &PEPPER);
    scanner.watch("audit key", &STANDARD.encode(AUDIT_SEED));
    scanner.watch_bytes("audit key", &AUDIT_SEED);
    scanner
}

#[tokio::test]
async fn a_secret_is_in_the_answer_that_made_it_and_nowhere_else() {
    logs::capture_traces();
    let mut world = World::start().await;
    world.without_limits().await;
    let secrets = world.make_secrets().await;
    let things = world.console.things(&world.team).await;
    let scanner = scanner(&secrets);
    world.driver.every_operation(&world.console, &things, &secrets.by_rest, &secrets.by_form).await;
    world.driver.every_door(&world.console, &world.team.owner, &things, &secrets.by_rest).await;
    world.open_links(&secrets).await;
    world.keep_in_a_record(&secrets).await;
    world.export_and_work().await;
    for sent in spoilt(&secrets.by_rest).iter().rev() {
        for body in [json!({ "credential": sent }), json!({ "credentials": [sent, 1] }), json!({ sent: sent }), json!(sent)] {
            let headers = [("content-type", "application/json"), ("x-request-id", sent.as_str())];
            world.driver.send(Method::POST, "/api/v1/leaked-credentials", &headers, body.to_string().into_bytes()).await;
        }
    }
    world.export_and_work().await;

    assert_eq!(world.told(&scanner), [], "answers");
    let kept: Vec<_> = scanner.found_in_database(&world.console.database).await;
    let of_the_record = ["record.", "record_value.", "idempotent_answer.answer"];
    let beside = |(place, name): &&(String, &str)| *name != "key kept in a record" || !of_the_record.iter().any(|of| place.starts_with(of));
    assert_eq!(kept.iter().filter(beside).collect::<Vec<_>>(), Vec::<&(String, &str)>::new(), "the database");
    assert!(kept.iter().any(|(place, _)| place.starts_with("record.")), "what is written into a record is there");
    assert_eq!(logged(&scanner), Vec::<String>::new(), "logs and traces");
    for mail in world.postbox.mails() {
        let found = scanner.found_in(format!("{}{}{}", mail.header("subject"), mail.text(), mail.html()).as_bytes());
        let meant: BTreeSet<_> = if found.is_empty() || mail.to != GRACE { [].into() } else { ["link by mail"].into() };
        assert_eq!(found, meant, "the mail to {}", mail.to);
    }
    is_found_where_it_is_planted(&mut world, &scanner, &secrets).await;
}

/// The search itself: what is put anywhere is found there.
async fn is_found_where_it_is_planted(world: &mut World, scanner: &Scanner, secrets: &Secrets) {
    let part = &scanner::random_part(&secrets.by_rest)[10..26];
    let mut superuser = world.console.database.connect("postgres").await;
    let plant =
        format!("create table planted as select 'x{part}'::text as word, '{{\"a\": \"{part}\"}}'::jsonb as json, 'y{part}'::bytea as raw");
    sqlx::raw_sql(sqlx::AssertSqlSafe(plant)).execute(&mut superuser).await.expect("planted");
    let mut found = scanner.found_in_database(&world.console.database).await;
    found.retain(|(_, name)| *name == "key made by REST");
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["planted.word", "planted.json", "planted.raw"]);
    tracing::trace_span!("planted", part).in_scope(|| ());
    assert!(logged(scanner).iter().any(|line| line.contains("planted")), "what is traced is found");
    let headers = [(header::LOCATION, format!("/x?q={part}").parse().expect("a value"))].into_iter().collect();
    world.driver.heard.push(Heard { asked: "planted".to_owned(), headers, body: Vec::new() });
    assert_eq!(world.told(scanner), [("planted".to_owned(), ["key made by REST"].into())]);
}

/// What a sign-in is proven with: to the provider and back in addresses, as OpenID Connect has it, in the browser's cookies,
/// and nowhere else.
#[tokio::test]
async fn the_way_in_leaves_nothing_behind() {
    logs::capture_traces();
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    let mut scanner = Scanner::default();
    let mut answers = Vec::new();
    for (lie, code) in
        [(Lie::CodeRefused, "3fT0nZ8kQwLr5yVx2PbJm7Hs"), (Lie::Nonce, "Gd4Rk9Wq1XzNc6TvB8mYp2Ls"), (Lie::None, "u7Jx3Qe0MbKw5ZrT9nVfC1Hy")]
    {
        let started = browser.get("/sign-in/start?back=/profile").await;
        let url: url::Url = started.location().parse().expect("an address");
        let asked = |name: &str| url.query_pairs().find(|(known, _)| known == name).expect("a parameter").1.into_owned();
        let (state, nonce) = (asked("state"), asked("nonce"));
        let attempt = browser.cookie_names().into_iter().find(|name| name.starts_with("stoa_sign_in_")).expect("an attempt");
        for (name, secret) in [("state", &state), ("nonce", &nonce), ("attempt", &browser.cookie(&attempt).expect("a value"))] {
            scanner.watch(name, secret);
        }
        scanner.watch("code", code);
        provider.tell(lie, &nonce);
        let iss = encode(&provider.issuer);
        let back = format!("/sign-in/callback?code={code}&state={state}&iss={iss}");
        answers.push(browser.get(&format!("/sign-in/callback?code={code}&state={nonce}&iss={iss}")).await);
        for _ in 0..2 {
            answers.push(browser.get(&back).await);
        }
    }
    let session = browser.cookie("stoa_session").expect("signed in");
    scanner.watch("session", &session);
    for path in ["/profile", "/sessions", "/sessions?x=1"] {
        answers.push(browser.get(path).await);
    }
    answers.push(browser.post("/sign-out", &[]).await);
    for answer in answers {
        let said = answer.headers.iter().filter(|(name, _)| *name != header::SET_COOKIE);
        let said = said.fold(answer.body.into_bytes(), |said, (_, value)| [&said[..], b"\n", value.as_bytes()].concat());
        assert_eq!(scanner.found_in(&said), [].into(), "{}", String::from_utf8_lossy(&said));
    }
    assert_eq!(scanner.found_in_database(&database).await, []);
    assert_eq!(logged(&scanner), Vec::<String>::new(), "logs and traces");
}
