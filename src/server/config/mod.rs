//! What the operator decides: one file and the environment, checked whole before anything starts.

mod audit_key;
mod files;
mod load;
mod payment;
mod pepper;

pub use audit_key::{AuditKey, AuditPublicKey};
pub use files::{Assets, StoreKind};
pub use load::ConfigError;
pub use payment::{Payment, Stripe};
pub use pepper::Pepper;

use std::{net::SocketAddr, path::PathBuf};

use chrono::TimeDelta;
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::outbound::Allowed;
use crate::ids::LogId;

/// Every setting. A file in TOML; over it the environment, `STOA_SECTION__KEY` (`STOA_DATABASE__URL`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// The folder that cargo-leptos built; beside the binary where it is not said.
    pub site_root: Option<PathBuf>,
    pub public_urls: PublicUrls,
    pub database: Database,
    pub identity: Identity,
    pub secrets: Secrets,
    #[serde(default)]
    pub sign_up: SignUp,
    #[serde(default)]
    pub sessions: Sessions,
    /// How mail goes out. Without it the inbox and links to copy do.
    pub mail: Option<Mail>,
    /// Where files are kept. Without it none are taken.
    pub assets: Option<Assets>,
    #[serde(default)]
    pub queue: Queue,
    #[serde(default)]
    pub usage: Usage,
    #[serde(default)]
    pub billing: Billing,
    /// Who takes payments. Without a provider the operator enters what was paid.
    #[serde(default)]
    pub payment: Payment,
    #[serde(default)]
    pub modules: Modules,
    #[serde(default)]
    pub audit: Audit,
    #[serde(default)]
    pub outbound: Reaching,
    #[serde(default)]
    pub log: Log,
    #[serde(default)]
    pub operations: Operations,
}

/// The only place that knows addresses as the outside sees them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicUrls {
    /// Scheme, host and port of the console, nothing after.
    pub console: Url,
    /// An origin of its own for files; they are served by the console's where it is not said.
    pub files: Option<Url>,
    /// Networks whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted_proxies: Vec<IpNet>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// As `stoa_app`.
    pub url: String,
    /// As `stoa_owner`; only `migrate` and `doctor` use it.
    pub owner_url: Option<String>,
    #[serde(default = "default_connections")]
    pub max_connections: u32,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Both addresses may hold passwords.
        f.debug_struct("Database").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Exactly as the provider's discovery document says it.
    pub issuer: Url,
    pub client_id: String,
    /// Absent for a public client, which PKCE protects.
    pub client_secret: Option<String>,
    /// Asked for beside `openid`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// What the provider's `amr` names a second factor (RFC 8176); one of these is enough.
    #[serde(default = "default_multi_factor_amr")]
    pub multi_factor_amr: Vec<String>,
    /// What its `acr` says where a second factor was used; one of these is enough. Asked for where a place wants one.
    #[serde(default)]
    pub multi_factor_acr: Vec<String>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("issuer", &self.issuer.as_str()).field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What only the server may know.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Keys the hashes that are kept instead of secrets: 32 bytes or more in base64.
    pub pepper: Pepper,
    /// Those before it: what was hashed under them still counts, until it is made anew.
    #[serde(default)]
    pub former_peppers: Vec<Pepper>,
    /// Signs the checkpoints of audit logs: 32 bytes in base64.
    pub audit_key: AuditKey,
    /// The public halves of those before it: what they signed still counts.
    #[serde(default)]
    pub former_audit_keys: Vec<AuditPublicKey>,
}

impl Secrets {
    /// Every key whose signature under a checkpoint counts, the current one first.
    pub fn audit_keys(&self) -> impl Iterator<Item = &AuditPublicKey> {
        std::iter::once(self.audit_key.public()).chain(&self.former_audit_keys)
    }

    /// Every pepper in use, the current one first.
    pub fn peppers(&self) -> impl Iterator<Item = &Pepper> {
        std::iter::once(&self.pepper).chain(&self.former_peppers)
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `smtps://user:password@host:465`, `smtp://host:587?tls=required`, or `smtp://127.0.0.1:1025` without TLS.
    pub smtp_url: String,
    /// As mail programs show it: `Stoa <stoa@example.com>`.
    pub from: String,
    /// Mails to addresses that somebody entered, of one tenant in 24 hours: invitations, notifications of a workspace.
    #[serde(default = "default_daily_per_tenant")]
    pub daily_per_tenant: u32,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("Mail").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Work that is done later.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// Jobs that this process does at a time; 0 leaves them to other nodes.
    pub workers: u32,
}

impl Default for Queue {
    fn default() -> Self {
        Self { workers: 4 }
    }
}

/// How what calls use is kept: those of reads together, and each answer waits until they are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// How long the first of a batch waits for others. With 0 it does not, and what comes while two batches are on their way
    /// goes with the next.
    pub flush_milliseconds: u32,
    /// Calls of this process that wait for theirs to be kept; those beyond are answered 503.
    pub waiting: u32,
}

impl Default for Usage {
    fn default() -> Self {
        Self { flush_milliseconds: 0, waiting: 4096 }
    }
}

/// What those who pay for an account may do by themselves.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Billing {
    /// Whether they choose among the plans that have a price; otherwise the operator alone does (`stoa plan set`).
    pub self_service: bool,
}

impl Default for Billing {
    fn default() -> Self {
        Self { self_service: true }
    }
}

/// Modules beside those that are shipped.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Modules {
    /// A folder whose `*.toml` are manifests (docs/modules.md); every node of an installation has the same.
    pub directory: Option<PathBuf>,
}

/// What is done with audit logs beside keeping and signing them.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// A file to which every checkpoint is appended, best on a machine that this one cannot rewrite.
    pub witness_file: Option<PathBuf>,
    /// An https endpoint to which every checkpoint is sent, best somebody else's.
    pub witness_url: Option<String>,
    /// A file to which the rows of audit logs are appended as they are sealed, one JSON object a line.
    pub stream_file: Option<PathBuf>,
    /// The same to standard output.
    pub stream_stdout: bool,
    /// Of these logs (`log_…`) alone; of all where none is named.
    pub stream_logs: Vec<LogId>,
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The witness' address may hold a secret.
        f.debug_struct("Audit").field("witness_file", &self.witness_file).field("stream_file", &self.stream_file).finish_non_exhaustive()
    }
}

/// What addresses that people enter may reach.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reaching {
    /// Beside the public internet: whole origins, and networks.
    pub allowed: Vec<Allowed>,
}

/// Who may come without being invited.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    #[serde(default)]
    pub policy: SignUpPolicy,
    /// For the policy `domains`: the e-mail domains that are let in, when the provider verified the address.
    #[serde(default)]
    pub domains: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUpPolicy {
    #[default]
    Open,
    Domains,
    Invitation,
}

/// The three clocks of a session.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    /// Over after this long without a request.
    pub idle_minutes: u32,
    /// Over after this long in any case.
    pub absolute_hours: u32,
    /// How long a sign-in counts as recent, for destructive acts.
    pub recent_minutes: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { idle_minutes: 8 * 60, absolute_hours: 7 * 24, recent_minutes: 15 }
    }
}

impl Sessions {
    pub fn idle(&self) -> TimeDelta {
        TimeDelta::minutes(self.idle_minutes.into())
    }

    pub fn absolute(&self) -> TimeDelta {
        TimeDelta::hours(self.absolute_hours.into())
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// As `tracing_subscriber::EnvFilter` reads it: `info`, `stoa=debug,warn`.
    pub level: String,
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Json }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Text,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operations {
    /// Lets a scraper read `/metrics` from elsewhere than this machine, as a bearer token.
    pub metrics_token: Option<String>,
}

impl std::fmt::Debug for Operations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operations").finish_non_exhaustive()
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 3000))
}

fn default_connections() -> u32 {
    20
}

fn default_scopes() -> Vec<String> {
    vec!["profile".to_owned(), "email".to_owned()]
}

fn default_daily_per_tenant() -> u32 {
    500
}

fn default_multi_factor_amr() -> Vec<String> {
    vec!["mfa".to_owned()]
}

impl PublicUrls {
    /// An absolute address of this console.
    pub fn console_url(&self, path: &str) -> Url {
        self.console.join(path).unwrap_or_else(|_| self.console.clone())
    }

    /// Where agents connect to for a workspace.
    pub fn mcp_url(&self, workspace: &str) -> Url {
        self.console_url(&crate::paths::mcp(workspace))
    }

    /// An absolute address of a file, where files are served.
    pub fn files_url(&self, path: &str) -> Url {
        let origin = self.files.as_ref().unwrap_or(&self.console);
        origin.join(path).unwrap_or_else(|_| origin.clone())
    }

    pub fn is_https(&self) -> bool {
        self.console.scheme() == "https"
    }
}

/// Whether the address names this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
