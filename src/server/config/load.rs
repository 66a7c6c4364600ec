//! Reading the configuration, and refusing what cannot be used: by its key, with a remedy.

use std::collections::HashMap;

use super::{Config, SignUpPolicy, is_loopback};
use crate::server::outbound::Target;

/// Jobs of one process at a time, at most.
const WORKERS_MAX: u32 = 64;
/// An answer waits no longer than it is pleasant.
const FLUSH_MAX: u32 = 1000;
/// Each that waits is a call that is held in memory.
const WAITING_MAX: u32 = 65_536;

/// A setting that cannot be used: its key, what is wrong with it, and what would be right.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {key}: {problem}")]
pub struct ConfigError {
    pub key: String,
    pub problem: String,
}

impl ConfigError {
    fn new(key: &str, problem: impl Into<String>) -> Self {
        Self { key: key.to_owned(), problem: problem.into() }
    }
}

impl Config {
    /// Reads `file` (which must exist when it is named) and then the environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn load(file: Option<&std::path::Path>) -> Result<Self, ConfigError> {
        Self::from_parts(file, std::env::vars().collect())
    }

    /// The same with the environment given.
    pub fn from_parts(file: Option<&std::path::Path>, environment: HashMap<String, String>) -> Result<Self, ConfigError> {
        // Only names with a section are settings; `STOA_TOOLS` and its like belong to scripts.
        let ours = environment
            .into_iter()
            .filter(|(name, _)| {
                name.strip_prefix("STOA_").is_some_and(|rest| rest.contains("__"))
                    || matches!(name.as_str(), "STOA_LISTEN" | "STOA_SITE_ROOT")
            })
            .collect();
        let mut sources = config::Config::builder();
        if let Some(file) = file {
            sources = sources.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let sources = sources
            .add_source(
                config::Environment::with_prefix("STOA")
                    .prefix_separator("_")
                    .separator("__")
                    .list_separator(",")
                    .with_list_parse_key("public_urls.trusted_proxies")
                    .with_list_parse_key("identity.scopes")
                    .with_list_parse_key("identity.multi_factor_amr")
                    .with_list_parse_key("identity.multi_factor_acr")
                    .with_list_parse_key("secrets.former_peppers")
                    .with_list_parse_key("secrets.former_audit_keys")
                    .with_list_parse_key("outbound.allowed")
                    .with_list_parse_key("audit.stream_logs")
                    .with_list_parse_key("sign_up.domains")
                    .with_list_parse_key("assets.content_types")
                    .with_list_parse_key("payment.stripe.former_webhook_secrets")
                    .try_parsing(true)
                    .source(Some(ours)),
            )
            .build()
            .map_err(|error| ConfigError::new("file", error.to_string()))?;
        // The path tracker names the key that serde stumbled on.
        let read: Self = serde_path_to_error::deserialize(sources).map_err(|error| {
            let key = error.path().to_string();
            ConfigError::new(&key, explain(&error.into_inner()))
        })?;
        read.check()
    }

    fn check(self) -> Result<Self, ConfigError> {
        check_origin("public_urls.console", &self.public_urls.console)?;
        if let Some(files) = &self.public_urls.files {
            check_origin("public_urls.files", files)?;
            if files.origin() == self.public_urls.console.origin() {
                return Err(ConfigError::new("public_urls.files", "is the console's own; leave it out, or give files a host of their own"));
            }
        }
        if self.identity.issuer.scheme() == "http" && !is_loopback(&self.identity.issuer) {
            return Err(ConfigError::new("identity.issuer", "is plain http on a host that is not this machine; use https"));
        }
        if self.identity.client_id.is_empty() {
            return Err(ConfigError::new("identity.client_id", "is empty; take it from the provider's registration of this console"));
        }
        for (key, url) in [("database.url", Some(&self.database.url)), ("database.owner_url", self.database.owner_url.as_ref())] {
            if url.is_some_and(|url| !url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
                return Err(ConfigError::new(key, "is not a postgres:// address"));
            }
        }
        if self.database.max_connections == 0 {
            return Err(ConfigError::new("database.max_connections", "must be at least 1"));
        }
        if self.sign_up.policy == SignUpPolicy::Domains && self.sign_up.domains.is_empty() {
            return Err(ConfigError::new("sign_up.domains", "is empty while sign_up.policy is domains: nobody could come in"));
        }
        for (key, value) in [
            ("sessions.idle_minutes", self.sessions.idle_minutes),
            ("sessions.absolute_hours", self.sessions.absolute_hours),
            ("sessions.recent_minutes", self.sessions.recent_minutes),
        ] {
            if !(1..=525_600).contains(&value) {
                return Err(ConfigError::new(key, "must be at least 1 and at most a year"));
            }
        }
        if let Some(Err((key, problem))) = self.mail.as_ref().map(crate::server::mail::check) {
            return Err(ConfigError::new(key, problem));
        }
        if let Some(Err((key, problem))) = self.assets.as_ref().map(super::Assets::check) {
            return Err(ConfigError::new(key, problem));
        }
        if let Err((key, problem)) = self.payment.check() {
            return Err(ConfigError::new(key, problem));
        }
        if self.queue.workers > WORKERS_MAX {
            return Err(ConfigError::new("queue.workers", format!("must be at most {WORKERS_MAX}; 0 lets this node do no jobs")));
        }
        if self.usage.flush_milliseconds > FLUSH_MAX {
            return Err(ConfigError::new("usage.flush_milliseconds", format!("must be at most {FLUSH_MAX}: each answer waits as long")));
        }
        if !(1..=WAITING_MAX).contains(&self.usage.waiting) {
            return Err(ConfigError::new("usage.waiting", format!("must be 1 to {WAITING_MAX}")));
        }
        let is_place = |file: &std::path::PathBuf| file.is_absolute() && file.parent().is_some_and(std::path::Path::is_dir);
        for (key, file) in [("audit.witness_file", &self.audit.witness_file), ("audit.stream_file", &self.audit.stream_file)] {
            if file.as_ref().is_some_and(|file| !is_place(file)) {
                return Err(ConfigError::new(key, "is not a file by its whole path, in a folder that is there"));
            }
        }
        if let Some(Err(refused)) = self.audit.witness_url.as_ref().map(|url| Target::read(url, &self.outbound.allowed)) {
            return Err(ConfigError::new("audit.witness_url", format!("cannot be called. {refused}")));
        }
        if self.audit.stream_file.is_some() && self.audit.stream_file == self.audit.witness_file {
            return Err(ConfigError::new("audit.stream_file", "is the witness' file; give rows and checkpoints a file each"));
        }
        if self.modules.directory.as_ref().is_some_and(|folder| !folder.is_dir()) {
            return Err(ConfigError::new("modules.directory", "is no folder; name one that holds manifests, or leave it out"));
        }
        if self.log.level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            return Err(ConfigError::new("log.level", "is not a filter such as info or stoa=debug,warn"));
        }
        Ok(self)
    }
}

/// Scheme, host and port alone, and plain http on this machine alone.
fn check_origin(key: &str, url: &url::Url) -> Result<(), ConfigError> {
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(ConfigError::new(key, "is not an http or https address"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(ConfigError::new(key, "must end after host and port, as in https://console.example.com"));
    }
    if url.scheme() == "http" && !is_loopback(url) {
        return Err(ConfigError::new(key, "is plain http on a host that is not this machine; browsers must reach it by https"));
    }
    Ok(())
}

fn explain(error: &config::ConfigError) -> String {
    match error {
        config::ConfigError::Type { unexpected, expected, .. } => format!("is {unexpected}, expected {expected}"),
        config::ConfigError::Message(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::default_listen, *};

    fn with(extra: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut environment: HashMap<String, String> = [
            ("STOA_PUBLIC_URLS__CONSOLE", "https://console.example.com"),
            ("STOA_DATABASE__URL", "postgres://stoa_app@db/stoa"),
            ("STOA_IDENTITY__ISSUER", "https://id.example.com"),
            ("STOA_IDENTITY__CLIENT_ID", "console"),
            ("STOA_SECRETS__PEPPER", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
            ("STOA_SECRETS__AUDIT_KEY", "nWGxne/9WmC6hEr0kuwsxERJxXN7MmkZcDusAxyuf2A="),
            ("STOA_TOOLS", "/anywhere"),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
        environment.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Config::from_parts(None, environment)
    }

    #[test]
    fn six_settings_are_enough() {
        let config = with(&[]).expect("a configuration");
        assert_eq!(config.listen, default_listen());
        assert_eq!(config.sign_up.policy, SignUpPolicy::Open);
        assert_eq!(config.public_urls.console_url("/sign-in").as_str(), "https://console.example.com/sign-in");
    }

    #[test]
    fn a_wrong_value_names_its_key() {
        for (name, value, key) in [
            ("STOA_LISTEN", "everywhere", "listen"),
            ("STOA_PUBLIC_URLS__CONSOLE", "http://console.example.com", "public_urls.console"),
            ("STOA_PUBLIC_URLS__CONSOLE", "https://console.example.com/console", "public_urls.console"),
            ("STOA_PUBLIC_URLS__TRUSTED_PROXIES", "10.0.0.0/99", "public_urls.trusted_proxies"),
            ("STOA_DATABASE__URL", "mysql://db", "database.url"),
            ("STOA_DATABASE__MAX_CONNECTIONS", "many", "database.max_connections"),
            ("STOA_IDENTITY__ISSUER", "http://id.example.com", "identity.issuer"),
            ("STOA_SIGN_UP__POLICY", "anyone", "sign_up.policy"),
            ("STOA_SIGN_UP__POLICY", "domains", "sign_up.domains"),
            ("STOA_SESSIONS__IDLE_MINUTES", "0", "sessions.idle_minutes"),
            ("STOA_SECRETS__PEPPER", "salt", "secrets.pepper"),
            ("STOA_LOG__FORMAT", "xml", "log.format"),
            ("STOA_QUEUE__WORKERS", "65", "queue.workers"),
            ("STOA_QUEUE__WORKERS", "-1", "queue.workers"),
            ("STOA_USAGE__FLUSH_MILLISECONDS", "1001", "usage.flush_milliseconds"),
            ("STOA_USAGE__WAITING", "0", "usage.waiting"),
            ("STOA_MAIL__SMTP_URL", "smtp://127.0.0.1:1025", "mail"),
            ("STOA_SECRETS__FORMER_PEPPERS", "salt,pepper", "secrets.former_peppers"),
            ("STOA_SECRETS__AUDIT_KEY", "key", "secrets.audit_key"),
            ("STOA_SECRETS__FORMER_AUDIT_KEYS", "key,other", "secrets.former_audit_keys"),
            ("STOA_AUDIT__WITNESS_FILE", "checkpoints", "audit.witness_file"),
            ("STOA_AUDIT__WITNESS_FILE", "/nowhere/at/all", "audit.witness_file"),
            ("STOA_AUDIT__WITNESS_URL", "http://witness.example.com", "audit.witness_url"),
            ("STOA_AUDIT__STREAM_FILE", "audit.jsonl", "audit.stream_file"),
            ("STOA_AUDIT__STREAM_STDOUT", "perhaps", "audit.stream_stdout"),
            ("STOA_AUDIT__STREAM_LOGS", "ws_one", "audit.stream_logs"),
            ("STOA_OUTBOUND__ALLOWED", "siem.example.com", "outbound.allowed"),
            ("STOA_OUTBOUND__ALLOWED", "10.0.0.0/8,http://siem.example.com", "outbound.allowed"),
            ("STOA_MODULES__DIRECTORY", "/nowhere/at/all", "modules.directory"),
            ("STOA_SESSIONS__IDLE_HOURS", "1", "sessions"),
            ("STOA_PUBLIC_URLS__FILES", "https://console.example.com", "public_urls.files"),
            ("STOA_PUBLIC_URLS__FILES", "https://files.example.com/a", "public_urls.files"),
            ("STOA_ASSETS__STORE", "tape", "assets.store"),
            ("STOA_ASSETS__STORE", "local", "assets.directory"),
            ("STOA_ASSETS__STORE", "s3", "assets.bucket"),
            ("STOA_PAYMENT__MIN_DOLLARS", "0", "payment.min_dollars"),
            ("STOA_PAYMENT__STRIPE__SECRET_KEY", "sk_test_one", "payment.stripe"),
        ] {
            let error = with(&[(name, value)]).expect_err(name);
            assert!(error.key.starts_with(key), "{name}={value} gave {error}");
        }
    }

    #[test]
    fn mail_is_checked_and_its_password_never_repeated() {
        let mail = |url, from| with(&[("STOA_MAIL__SMTP_URL", url), ("STOA_MAIL__FROM", from)]);
        let config = mail("smtps://stoa:hush@mail.example.com", "Stoa <stoa@example.com>").expect("a configuration");
        assert!(!format!("{config:?}").contains("hush"));
        let clear = mail("smtp://stoa:hush@mail.example.com", "Stoa <stoa@example.com>").expect_err("in the clear");
        assert_eq!(clear.key, "mail.smtp_url");
        assert!(clear.problem.contains("tls=required") && !clear.problem.contains("hush"), "{clear}");
        let from = mail("smtps://stoa:hush@mail.example.com", "somebody").expect_err("not an address");
        assert_eq!(from.key, "mail.from");
        let budget = |most| {
            with(&[
                ("STOA_MAIL__SMTP_URL", "smtp://127.0.0.1:1025"),
                ("STOA_MAIL__FROM", "stoa@example.com"),
                ("STOA_MAIL__DAILY_PER_TENANT", most),
            ])
        };
        assert_eq!(budget("20").expect("a configuration").mail.map(|mail| mail.daily_per_tenant), Some(20));
        assert_eq!(config.mail.map(|mail| mail.daily_per_tenant), Some(500));
        for most in ["0", "100001", "-1", "many"] {
            assert_eq!(budget(most).expect_err(most).key, "mail.daily_per_tenant", "{most}");
        }
    }

    #[test]
    fn who_takes_payments_can_be_said_in_the_environment() {
        let config = with(&[
            ("STOA_PAYMENT__STRIPE__SECRET_KEY", "rk_live_hush"),
            ("STOA_PAYMENT__STRIPE__WEBHOOK_SECRET", "whsec_hush"),
            ("STOA_PAYMENT__STRIPE__FORMER_WEBHOOK_SECRETS", "whsec_hush1,whsec_hush2"),
        ])
        .expect("a configuration");
        assert!(!format!("{config:?}").contains("hush"));
        let stripe = config.payment.stripe.expect("stripe");
        assert_eq!((stripe.is_live(), stripe.webhook_secrets().count()), (true, 3));
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = with(&[("STOA_IDENTITY__CLIENT_SECRET", "hush"), ("STOA_DATABASE__URL", "postgres://a:hush@db/stoa")])
            .expect("a configuration");
        assert!(!format!("{config:?}").contains("hush"));
    }
}
