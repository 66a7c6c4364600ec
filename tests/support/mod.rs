//! People, verbs and a fresh database: what the tests are written in.

pub mod browser;
pub mod client;
pub mod database;
pub mod golden;
pub mod listener;
pub mod logs;
pub mod node;
pub mod people;
pub mod provider;
pub mod smtp;
pub mod stripe;
pub mod things;

pub use browser::{Answer, Browser};
pub use client::{Client, Reply};
pub use database::TestDatabase;
pub use node::{Folder, Node};
pub use smtp::Postbox;
pub use things::Things;

use std::{collections::HashMap, sync::Arc};

use axum::Router;
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::PrometheusBuilder;
use stoa::{
    access::{TenantRole, WorkspaceRole},
    app,
    features::{members, sign_in::server::arrive, teams, workspaces},
    ids::{TenantId, UserId, WorkspaceId},
    server::{
        Parts, Stoa, chance,
        clock::{Clock, Hands},
        config::Config,
        events::Actor,
        http::{self, assets::Files, request::RequestContext},
        identity::{Identity, RelyingParty},
        queue,
        scope::ServiceScope,
        sessions::{PostgresStore, Start},
    },
};
use tower_sessions::Session;

/// A console on a database of its own, with a clock that stands still.
pub struct Console {
    pub stoa: Stoa,
    pub hands: Hands,
    pub database: TestDatabase,
    pub router: Router,
}

/// Someone signed in, in a browser of their own.
pub struct Person {
    pub user: UserId,
    pub name: String,
    pub browser: Browser,
}

/// A team with one of each role, and a workspace that all of them are in.
pub struct Team {
    pub tenant: TenantId,
    pub tenant_slug: String,
    pub workspace: WorkspaceId,
    pub slug: String,
    pub owner: Person,
    pub admin: Person,
    pub member: Person,
    pub auditor: Person,
}

impl Team {
    pub fn people(&self) -> [(&Person, WorkspaceRole); 4] {
        [
            (&self.owner, WorkspaceRole::Owner),
            (&self.admin, WorkspaceRole::Admin),
            (&self.member, WorkspaceRole::Member),
            (&self.auditor, WorkspaceRole::Readonly),
        ]
    }
}

pub fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().expect("a time")
}

/// The seed of RFC 8032 §7.1, test 1: everybody knows it.
pub const AUDIT_KEY: &str = "nWGxne/9WmC6hEr0kuwsxERJxXN7MmkZcDusAxyuf2A=";

pub fn settings(database_url: &str, extra: &[(&str, &str)]) -> Config {
    let mut environment: HashMap<String, String> = [
        ("STOA_PUBLIC_URLS__CONSOLE", "http://127.0.0.1:3000"),
        ("STOA_DATABASE__URL", database_url),
        ("STOA_DATABASE__MAX_CONNECTIONS", "5"),
        ("STOA_IDENTITY__ISSUER", "http://127.0.0.1:1/nobody"),
        ("STOA_IDENTITY__CLIENT_ID", "console"),
        ("STOA_SECRETS__PEPPER", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
        ("STOA_SECRETS__AUDIT_KEY", AUDIT_KEY),
        ("STOA_ASSETS__STORE", "local"),
        ("STOA_ASSETS__DIRECTORY", env!("CARGO_TARGET_TMPDIR")),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect();
    environment.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Config::from_parts(None, environment).expect("a configuration")
}

pub fn identity(name: &str) -> Identity {
    Identity {
        issuer: "http://127.0.0.1:1/nobody".to_owned(),
        subject: name.to_lowercase(),
        email: format!("{}@example.com", name.to_lowercase().replace(' ', ".")),
        email_verified: true,
        name: Some(name.to_owned()),
        session: None,
        authenticated_at: None,
        multi_factor: false,
    }
}

impl Console {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(extra: &[(&str, &str)]) -> Self {
        let database = TestDatabase::fresh().await;
        let (clock, hands) = Clock::stopped_at(noon());
        let stoa = Self::assemble(settings(&database.app_url(), extra), clock);
        let router = http::router(stoa.clone(), app::doors(), app::operations(), Router::new());
        Self { stoa, hands, database, router }
    }

    /// One that sends mail, into a postbox of its own.
    pub async fn start_with_mail() -> (Self, Postbox) {
        let postbox = Postbox::open().await;
        let console = Self::start_with(&[("STOA_MAIL__SMTP_URL", &postbox.url()), ("STOA_MAIL__FROM", "Stoa <stoa@example.com>")]).await;
        (console, postbox)
    }

    /// Another node on the same database, with the same clock.
    pub fn another_node(&self, extra: &[(&str, &str)]) -> Stoa {
        Self::assemble(settings(&self.database.app_url(), extra), self.stoa.clock.clone())
    }

    /// Does every job that is due.
    pub async fn work_off(&self) {
        queue::work_off(&self.stoa, &app::jobs()).await.expect("worked off");
    }

    pub fn assemble(config: Config, clock: Clock) -> Stoa {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Stoa::new(Parts {
            db: stoa::server::database::pool(&config.database.url, config.database.max_connections).expect("a pool"),
            identity: RelyingParty::new(&config, clock.clone()).expect("a provider"),
            files: Files::load(None).expect("no files"),
            // Nothing records into it: each console of a test process has one of its own.
            metrics: Some(PrometheusBuilder::new().build_recorder().handle()),
            clock,
            config,
        })
    }

    pub fn a_stranger(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// Comes for the first time, or again, and is signed in.
    pub async fn signed_in_as(&self, name: &str) -> Person {
        let request = RequestContext::internal(&self.stoa.clock, "console", "test");
        let arrival = arrive(&self.stoa, &request, &identity(name)).await.expect("an arrival");
        let browser = self.a_stranger();
        browser.set_cookie("stoa_session", &self.new_session(arrival.user, name).await);
        Person { user: arrival.user, name: name.to_owned(), browser }
    }

    /// Through the store that the console itself uses. Returns the cookie's value.
    pub async fn new_session(&self, user: UserId, name: &str) -> String {
        let session = Session::new(None, Arc::new(PostgresStore::new(self.stoa.clone())), None);
        let start = Start {
            user,
            name: name.to_owned(),
            issuer: "http://127.0.0.1:1/nobody".to_owned(),
            provider_session: None,
            authenticated_at: self.stoa.clock.now(),
            multi_factor: false,
            ip: None,
            user_agent: None,
            request: None,
        };
        session.insert(Start::KEY, start).await.expect("inserted");
        session.save().await.expect("saved");
        session.id().expect("an id").to_string()
    }

    /// A team called `word`, with people named for it: "Acme Owner", "Acme Admin" …
    pub async fn team(&self, word: &str) -> Team {
        let owner = self.signed_in_as(&format!("{word} Owner")).await;
        let admin = self.signed_in_as(&format!("{word} Admin")).await;
        let member = self.signed_in_as(&format!("{word} Member")).await;
        let auditor = self.signed_in_as(&format!("{word} Auditor")).await;
        let tenant = TenantId(chance::uuid(self.stoa.clock.now()));
        let request = RequestContext::internal(&self.stoa.clock, "cli", "test");
        let mut scope = ServiceScope::open_service(&self.stoa, &request, Actor::operator(), tenant, "test").await.expect("a scope");
        teams::server::create(&mut scope, teams::server::TEAM, word).await.expect("a team");
        let workspace = workspaces::server::create(&mut scope, "shop", &format!("{word} Shop")).await.expect("a workspace");
        for (person, role) in [
            (&owner, WorkspaceRole::Owner),
            (&admin, WorkspaceRole::Admin),
            (&member, WorkspaceRole::Member),
            (&auditor, WorkspaceRole::Readonly),
        ] {
            let tenant_role = if role == WorkspaceRole::Owner { TenantRole::Owner } else { TenantRole::Member };
            teams::server::add(&mut scope, person.user, &person.name, tenant_role).await.expect("added");
            members::server::add(&mut scope, tenant, workspace, person.user, &person.name, role).await.expect("added");
        }
        scope.commit().await.expect("committed");
        Team {
            tenant_slug: self.database.text("select slug from tenant where tenant_id = $1", tenant.0).await,
            slug: self.database.text("select slug from workspace where workspace_id = $1", workspace.0).await,
            tenant,
            workspace,
            owner,
            admin,
            member,
            auditor,
        }
    }

    /// A key for a form, as a page would render it now.
    pub fn form_key(&self) -> String {
        stoa::ids::FormId(chance::uuid(self.stoa.clock.now())).to_string()
    }
}
