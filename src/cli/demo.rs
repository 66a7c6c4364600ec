//! `stoa demo`: everything for a look, on this machine alone. In demonstration builds only.

pub mod company;
mod database;
mod kept;

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;

use crate::{
    paths,
    server::{
        clock::Clock,
        config::{self, Config},
        database::{Installation, migrate},
        embedded::{
            identity_provider::{self, Provider},
            postgres::{Cluster, Options},
        },
        telemetry,
    },
};

/// The share of the company's calls that are made: a build without optimisations is looked at by whoever waits for it.
const PACE: f64 = if cfg!(debug_assertions) { 0.15 } else { 0.8 };

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the demonstration keeps its data; beside a Postgres of your own, what its secrets are hashed with.
    #[arg(long, env = "STOA_DEMO_DATA")]
    data: Option<PathBuf>,

    /// Throw away what an earlier demonstration left.
    #[arg(long)]
    fresh: bool,

    /// The console's port.
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// A folder with manifests of your own, beside the modules that are shipped.
    #[arg(long, env = "STOA_MODULES__DIRECTORY")]
    modules: Option<PathBuf>,

    /// A Postgres of your own, as its superuser, instead of the supervised one.
    #[arg(long, env = "STOA_DEMO_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// A mail server for its mails; without one it sends none.
    #[arg(long, env = "STOA_MAIL__SMTP_URL", hide_env_values = true, requires = "mail_from")]
    smtp_url: Option<String>,

    /// Who its mails are from.
    #[arg(long, env = "STOA_MAIL__FROM", requires = "smtp_url")]
    mail_from: Option<String>,

    /// A key of Stripe's test mode, for trying to pay.
    #[arg(long, env = "STOA_PAYMENT__STRIPE__SECRET_KEY", hide_env_values = true, requires = "stripe_webhook_secret")]
    stripe_secret_key: Option<String>,

    /// What Stripe signs its events with.
    #[arg(long, env = "STOA_PAYMENT__STRIPE__WEBHOOK_SECRET", hide_env_values = true, requires = "stripe_secret_key")]
    stripe_webhook_secret: Option<String>,

    /// Where Stripe is asked, where that is not its own address.
    #[arg(long, env = "STOA_PAYMENT__STRIPE__API_BASE", requires = "stripe_secret_key")]
    stripe_api_base: Option<String>,

    /// How much to log: a filter such as `info` or `stoa=debug,warn`.
    #[arg(long, default_value = "warn,stoa=info")]
    log: String,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    telemetry::start_logging(&crate::server::config::Log { level: arguments.log.clone(), format: crate::server::config::LogFormat::Text });
    let listen = SocketAddr::from(([127, 0, 0, 1], arguments.port));
    // Bound first: a second demonstration must not disturb the first one's data.
    let listener =
        TcpListener::bind(listen).await.with_context(|| format!("port {} is taken; choose another with --port", arguments.port))?;
    let cluster = if arguments.database_url.is_some() {
        None
    } else {
        let data = folder(&arguments);
        println!("starting Postgres in {} …", data.display());
        Some(Cluster::start(Options { data, fresh: arguments.fresh, port: None }).await?)
    };
    let outcome = present(&arguments, cluster.as_ref(), listener).await;
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn present(arguments: &Arguments, cluster: Option<&Cluster>, listener: TcpListener) -> anyhow::Result<()> {
    let superuser = match (cluster, &arguments.database_url) {
        (Some(cluster), _) => cluster.superuser_url("postgres"),
        (None, Some(url)) => url.clone(),
        (None, None) => bail!("no database"),
    };
    let urls = database::prepare(&superuser, arguments.fresh && cluster.is_none()).await?;
    migrate(&urls.owner, Installation::new(true, Clock::system().now()))
        .await
        .context("bringing the demonstration\'s data up to date (--fresh throws it away and starts over)")?;
    let secrets = Secrets { pepper: kept::kept(&folder(arguments), "pepper")?, audit_key: kept::kept(&folder(arguments), "audit-key")? };
    let config = config(arguments, listener.local_addr()?, &urls.app, secrets)?;
    let provider = Provider::new(
        config.identity.issuer.clone(),
        config.identity.client_id.clone(),
        config.public_urls.console_url(paths::SIGN_IN_CALLBACK),
        config.public_urls.console_url(paths::SIGNED_OUT),
    )?;
    let stoa = super::assemble(config)?;
    company::settle(&stoa, PACE).await?;
    println!(
        "\n  Stoa is at {}\n  sign in as any of five people; nothing leaves this machine; stop with Ctrl-C\n",
        stoa.config.public_urls.console
    );
    super::serve::answer(stoa, listener, provider.router()).await
}

/// What the demonstration made for itself at its first start.
struct Secrets {
    pepper: String,
    audit_key: String,
}

fn config(arguments: &Arguments, listen: SocketAddr, database: &str, secrets: Secrets) -> anyhow::Result<Config> {
    let console = format!("http://127.0.0.1:{}", listen.port());
    let issuer = format!("{console}{}", identity_provider::PATH);
    let environment: HashMap<String, String> = [
        ("STOA_LISTEN", listen.to_string()),
        ("STOA_PUBLIC_URLS__CONSOLE", console),
        ("STOA_DATABASE__URL", database.to_owned()),
        ("STOA_IDENTITY__ISSUER", issuer),
        ("STOA_IDENTITY__CLIENT_ID", "stoa-demo".to_owned()),
        ("STOA_SECRETS__PEPPER", secrets.pepper),
        ("STOA_SECRETS__AUDIT_KEY", secrets.audit_key),
        ("STOA_ASSETS__STORE", "local".to_owned()),
        ("STOA_ASSETS__DIRECTORY", folder(arguments).join("files").display().to_string()),
    ]
    .into_iter()
    .chain(arguments.modules.as_ref().map(|folder| ("STOA_MODULES__DIRECTORY", folder.display().to_string())))
    .chain(arguments.smtp_url.clone().map(|url| ("STOA_MAIL__SMTP_URL", url)))
    .chain(arguments.mail_from.clone().map(|from| ("STOA_MAIL__FROM", from)))
    .chain(arguments.stripe_secret_key.clone().map(|key| ("STOA_PAYMENT__STRIPE__SECRET_KEY", key)))
    .chain(arguments.stripe_webhook_secret.clone().map(|secret| ("STOA_PAYMENT__STRIPE__WEBHOOK_SECRET", secret)))
    .chain(arguments.stripe_api_base.clone().map(|base| ("STOA_PAYMENT__STRIPE__API_BASE", base)))
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    let config = Config::from_parts(None, environment)?;
    let takes_money = config.payment.stripe.as_ref().is_some_and(config::Stripe::is_live);
    anyhow::ensure!(!takes_money, "the demonstration takes no real money: use a key of Stripe's test mode, or none");
    Ok(config)
}

/// Where this demonstration keeps what is its own. With a database of one's own that is its secrets alone, in a folder
/// beside the one of the supervised Postgres, which wants its own to itself.
fn folder(arguments: &Arguments) -> PathBuf {
    let name = if arguments.database_url.is_some() { "demo-database" } else { "demo" };
    let place = || {
        if rustix::process::geteuid().is_root() {
            return PathBuf::from("/var/lib/stoa");
        }
        std::env::home_dir().as_deref().unwrap_or(Path::new(".")).join(".local/share/stoa")
    };
    arguments.data.clone().unwrap_or_else(|| place().join(name))
}
