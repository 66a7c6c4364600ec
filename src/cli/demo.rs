//! `stoa demo`: everything for a look, on this machine alone. In demonstration builds only.

mod people;

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::net::TcpListener;

use crate::{
    paths,
    server::{
        chance,
        clock::Clock,
        config::Config,
        database::{self, Installation, ROLES_SQL},
        embedded::{
            identity_provider::{self, Provider},
            postgres::{Cluster, Options},
        },
        telemetry,
    },
};

const DATABASE: &str = "stoa_demo";

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the demonstration keeps its data.
    #[arg(long, env = "STOA_DEMO_DATA")]
    data: Option<PathBuf>,

    /// Throw away what an earlier demonstration left.
    #[arg(long)]
    fresh: bool,

    /// The console's port.
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// A Postgres of your own, as its superuser, instead of the supervised one.
    #[arg(long, env = "STOA_DEMO_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// A mail server for its mails; without one it sends none.
    #[arg(long, env = "STOA_MAIL__SMTP_URL", hide_env_values = true, requires = "mail_from")]
    smtp_url: Option<String>,

    /// Who its mails are from.
    #[arg(long, env = "STOA_MAIL__FROM", requires = "smtp_url")]
    mail_from: Option<String>,

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
        let data = arguments.data.clone().unwrap_or_else(default_data);
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
    let urls = prepare(&superuser, arguments.fresh && cluster.is_none()).await?;
    database::migrate(&urls.owner, Installation::new(true, Clock::system().now()))
        .await
        .context("bringing the demonstration\'s data up to date (--fresh throws it away and starts over)")?;
    let config = config(arguments, listener.local_addr()?, &urls.app)?;
    let provider = Provider::new(
        config.identity.issuer.clone(),
        config.identity.client_id.clone(),
        config.public_urls.console_url(paths::SIGN_IN_CALLBACK),
        config.public_urls.console_url(paths::SIGNED_OUT),
    )?;
    let stoa = super::assemble(config)?;
    people::settle(&stoa).await?;
    println!(
        "\n  Stoa is at {}\n  sign in as any of five people; nothing leaves this machine; stop with Ctrl-C\n",
        stoa.config.public_urls.console
    );
    super::serve::answer(stoa, listener, provider.router()).await
}

struct Urls {
    owner: String,
    app: String,
}

/// Roles with new passwords, and a database of their own.
async fn prepare(superuser: &str, fresh: bool) -> anyhow::Result<Urls> {
    let mut admin = PgConnection::connect(superuser).await.context("STOA_DEMO_DATABASE_URL: the database does not answer")?;
    refuse_others(superuser, &mut admin).await?;
    admin.execute(ROLES_SQL).await?;
    let mut urls = Vec::new();
    for role in ["stoa_owner", "stoa_app"] {
        let password = chance::secret();
        // base64url holds nothing that could end the literal.
        admin.execute(AssertSqlSafe(format!("alter role {role} password '{password}'"))).await?;
        let mut url: url::Url = superuser.parse().context("STOA_DEMO_DATABASE_URL is not an address")?;
        let _ = url.set_username(role);
        let _ = url.set_password(Some(&password));
        url.set_path(DATABASE);
        urls.push(url.to_string());
    }
    let exists = exists(&mut admin).await?;
    if exists && fresh {
        admin.execute(AssertSqlSafe(format!("drop database {DATABASE} with (force)"))).await?;
    }
    if !exists || fresh {
        admin.execute(AssertSqlSafe(format!("create database {DATABASE} owner stoa_owner"))).await?;
    }
    admin.close().await?;
    let app = urls.pop().unwrap_or_default();
    let owner = urls.pop().unwrap_or_default();
    Ok(Urls { owner, app })
}

/// Roles are the whole cluster's: where another Stoa lives, new passwords would lock it out.
async fn refuse_others(superuser: &str, admin: &mut PgConnection) -> anyhow::Result<()> {
    let others: i64 = sqlx::query_scalar(
        "select count(*) from pg_database join pg_roles on pg_roles.oid = datdba
         where rolname = 'stoa_owner' and datname <> $1",
    )
    .bind(DATABASE)
    .fetch_one(&mut *admin)
    .await?;
    if others > 0 {
        bail!("this Postgres holds another Stoa, whose roles would get new passwords; give the demonstration one of its own");
    }
    if exists(admin).await? {
        let mut url: url::Url = superuser.parse().context("STOA_DEMO_DATABASE_URL is not an address")?;
        url.set_path(DATABASE);
        refuse_unmarked(url.as_str()).await?;
    }
    Ok(())
}

async fn exists(admin: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(DATABASE).fetch_one(admin).await
}

/// What was not made by a demonstration is not touched by one.
async fn refuse_unmarked(url: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let (tables, has_installation): (i64, bool) = sqlx::query_as(
        "select (select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'),
                to_regclass('public.installation') is not null",
    )
    .fetch_one(&mut connection)
    .await?;
    // Empty, or without its row yet: a first start that was cut short.
    let is_ours = if has_installation {
        sqlx::query_scalar("select demo from installation").fetch_optional(&mut connection).await?.unwrap_or(true)
    } else {
        tables == 0
    };
    connection.close().await?;
    if !is_ours {
        bail!("the database {DATABASE} was not made by a demonstration; this one leaves it alone");
    }
    Ok(())
}

fn config(arguments: &Arguments, listen: SocketAddr, database: &str) -> anyhow::Result<Config> {
    let console = format!("http://127.0.0.1:{}", listen.port());
    let issuer = format!("{console}{}", identity_provider::PATH);
    let pepper = STANDARD.encode(chance::bytes::<32>());
    let environment: HashMap<String, String> = [
        ("STOA_LISTEN", listen.to_string()),
        ("STOA_PUBLIC_URLS__CONSOLE", console),
        ("STOA_DATABASE__URL", database.to_owned()),
        ("STOA_IDENTITY__ISSUER", issuer),
        ("STOA_IDENTITY__CLIENT_ID", "stoa-demo".to_owned()),
        ("STOA_SECRETS__PEPPER", pepper),
    ]
    .into_iter()
    .chain(arguments.smtp_url.clone().map(|url| ("STOA_MAIL__SMTP_URL", url)))
    .chain(arguments.mail_from.clone().map(|from| ("STOA_MAIL__FROM", from)))
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    Ok(Config::from_parts(None, environment)?)
}

fn default_data() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/stoa/demo");
    }
    let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("."));
    home.join(".local/share/stoa/demo")
}
