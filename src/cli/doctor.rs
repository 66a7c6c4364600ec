//! `stoa doctor`: looks at everything that has to be right, and says what to do about what is not.

use std::process::ExitCode;

use sqlx::{Connection as _, PgConnection};

use crate::server::{
    chance,
    clock::Clock,
    config::{Config, ConfigError},
    database::MIGRATOR,
    http::assets::Files,
    identity::RelyingParty,
    mail::Mailer,
    manifests::Set,
    modules,
    objects::Objects,
    payment,
};

/// A clock further off than this makes sign-ins fail.
const CLOCK_SECONDS: f64 = 30.0;

struct Findings {
    bad: usize,
}

impl Findings {
    fn bad(&mut self, what: &str, says: &str, remedy: &str) {
        self.bad += 1;
        println!("WRONG {what}: {says}\n      remedy: {remedy}");
    }
}

fn good(what: &str, says: &str) {
    println!("ok    {what}: {says}");
}

pub async fn run(config: Result<Config, ConfigError>) -> anyhow::Result<ExitCode> {
    let mut findings = Findings { bad: 0 };
    match config {
        Err(error) => findings.bad(
            "configuration",
            &format!("{}: {}", error.key, error.problem),
            "mend that key in the file or the environment (docs/configuration.md)",
        ),
        Ok(config) => {
            good("configuration", "every key is usable");
            manifests(&config, &mut findings).await;
            addresses(&config, &mut findings);
            audit_keys(&config);
            database(&config, &mut findings).await;
            owner(&config, &mut findings).await;
            identity(&config, &mut findings).await;
            mail(&config, &mut findings).await;
            store(&config, &mut findings).await;
            payments(&config, &mut findings).await;
            files(&config, &mut findings);
        }
    }
    if findings.bad == 0 {
        println!("everything is in order");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} thing(s) to mend", findings.bad);
    Ok(ExitCode::FAILURE)
}

fn addresses(config: &Config, findings: &mut Findings) {
    let console = &config.public_urls.console;
    if config.public_urls.is_https() {
        good("public URLs", &format!("the console is {console}"));
    } else {
        good("public URLs", &format!("the console is {console}, plain http on this machine alone"));
    }
    if !config.listen.ip().is_loopback() && config.public_urls.trusted_proxies.is_empty() && config.public_urls.is_https() {
        findings.bad(
            "trusted proxies",
            "none is named, so every request seems to come from the proxy that ends TLS",
            "list its network in public_urls.trusted_proxies",
        );
    }
}

fn audit_keys(config: &Config) {
    let former = config.secrets.former_audit_keys.len();
    good("audit key", &format!("{} signs checkpoints, {former} did before", config.secrets.audit_key.public().id()));
}

/// The files, and whether they are what is in force.
async fn manifests(config: &Config, findings: &mut Findings) {
    if let Err(error) = modules::load(config.modules.directory.as_deref()) {
        return findings.bad("modules", &error.to_string(), "mend that file (docs/modules.md)");
    }
    let own = modules::list().iter().filter(|module| !module.source.is_shipped).count();
    good("modules", &format!("{own} of your own and {} shipped can be used", modules::list().len() - own));
    // An unreachable database is told of by itself, and without migrations nothing is in force.
    let Ok(mut connection) = PgConnection::connect(&config.database.url).await else { return };
    let in_force =
        sqlx::query_scalar::<_, String>("select hash from manifest_set order by number desc limit 1").fetch_optional(&mut connection).await;
    match in_force {
        Ok(Some(hash)) if hash != Set::of(modules::list()).hash => findings.bad(
            "modules",
            "other manifests are in force than this configuration has",
            "`stoa modules check` says what differs; give every node the same files, or run `stoa modules adopt`",
        ),
        Ok(Some(_)) => good("modules", "their manifests are in force"),
        Ok(None) | Err(_) => {}
    }
}

async fn database(config: &Config, findings: &mut Findings) {
    let mut connection = match PgConnection::connect(&config.database.url).await {
        Ok(connection) => connection,
        Err(error) => {
            return findings.bad("database", &error.to_string(), "check database.url, and that Postgres runs and lets stoa_app in");
        }
    };
    match sqlx::query_as::<_, (String, bool, bool, f64, i32)>(
        "select current_user::text, rolsuper, rolbypassrls, extract(epoch from clock_timestamp())::float8,
                current_setting('server_version_num')::int
         from pg_roles where rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await
    {
        Err(error) => findings.bad("database", &error.to_string(), "check what stoa_app may do"),
        Ok((role, is_super, bypasses, seconds, version)) => {
            if version >= 150_000 {
                good("database", &format!("PostgreSQL {} answers", version / 10_000));
            } else {
                findings.bad("database", &format!("PostgreSQL {} is too old", version / 10_000), "use PostgreSQL 15 or newer");
            }
            if is_super || bypasses {
                findings.bad(
                    "roles",
                    &format!("{role} is above row-level security"),
                    "connect as stoa_app: `stoa migrate --roles` prints how it is made",
                );
            } else {
                good("roles", &format!("{role} is held by row-level security"));
            }
            let off = seconds - f64::from(u32::try_from(Clock::system().now().timestamp()).unwrap_or_default());
            if off.abs() > CLOCK_SECONDS {
                findings.bad("clock", &format!("the database's differs from this machine's by {off:.0} s"), "let both follow NTP");
            } else {
                good("clock", "this machine's and the database's agree");
            }
        }
    }
    migrations(&mut connection, findings).await;
}

async fn migrations(connection: &mut PgConnection, findings: &mut Findings) {
    let wanted = MIGRATOR.iter().count();
    let applied = sqlx::query_scalar::<_, i64>("select count(*) from _sqlx_migrations where success").fetch_one(&mut *connection).await;
    match applied.map(usize::try_from) {
        Ok(Ok(applied)) if applied >= wanted => good("migrations", &format!("{applied} applied")),
        Ok(applied) => findings.bad("migrations", &format!("{} of {wanted} applied", applied.unwrap_or_default()), "run `stoa migrate`"),
        Err(_) => findings.bad("migrations", "none was applied, or stoa_app may not see them", "run `stoa migrate`"),
    }
    jobs(&mut *connection, findings).await;
    if let Ok(true) = sqlx::query_scalar::<_, bool>("select demo from installation").fetch_one(connection).await {
        findings.bad("installation", "this database belongs to a demonstration", "set database.url to another database");
    }
}

async fn jobs(connection: &mut PgConnection, findings: &mut Findings) {
    let counted =
        sqlx::query_as::<_, (i64, i64)>("select waiting, dead from count_jobs($1)").bind(Clock::system().now()).fetch_one(connection).await;
    match counted {
        Ok((waiting, 0)) => good("jobs", &format!("{waiting} due, none dead")),
        Ok((_, dead)) => findings.bad(
            "jobs",
            &format!("{dead} dead: tried too often, or refused for good"),
            "`stoa jobs list --dead` says why; then `stoa jobs retry ID` or `stoa jobs drop ID`",
        ),
        // Before the first migration there is no queue.
        Err(_) => {}
    }
}

async fn mail(config: &Config, findings: &mut Findings) {
    let Some(mail) = &config.mail else {
        return good("mail", "not configured: people have their inbox, and links to copy");
    };
    let greeted = match Mailer::new(mail) {
        Ok(mailer) => mailer.greet().await,
        Err(problem) => Err(problem),
    };
    match greeted {
        Ok(()) => good("mail", "the server answers, and lets us in"),
        Err(problem) => findings.bad("mail", &problem, "check mail.smtp_url, and that the server lets this machine in"),
    }
}

async fn store(config: &Config, findings: &mut Findings) {
    let Some(assets) = &config.assets else {
        return good("store of files", "not configured: no files are taken");
    };
    let probed = match Objects::new(assets) {
        Ok(objects) => objects.probe(chance::uuid(Clock::system().now())).await,
        Err(problem) => Err(problem),
    };
    match probed {
        Ok(()) => good("store of files", "takes, gives and forgets a file"),
        Err(problem) => findings.bad(
            "store of files",
            &problem,
            "check the section assets, that the folder or bucket exists, and that it may be written to from here",
        ),
    }
}

async fn payments(config: &Config, findings: &mut Findings) {
    let greeted = match payment::of(&config.payment) {
        Ok(None) => return good("payments", "not configured: what is paid is entered with `stoa billing top-up`"),
        Ok(Some(payments)) => payments.greet().await.map(|()| (payments.says(), payments.is_live())),
        Err(problem) => Err(problem),
    };
    match greeted {
        Ok((says, true)) => good("payments", &format!("{says} lets us in; it is real money")),
        Ok((says, false)) => good("payments", &format!("{says} lets us in, in its test mode: no money moves")),
        Err(problem) => findings.bad(
            "payments",
            &problem.to_string(),
            "check payment.stripe.secret_key and what that key may do (docs/billing.md), and that this machine reaches the provider",
        ),
    }
}

async fn owner(config: &Config, findings: &mut Findings) {
    let Some(url) = &config.database.owner_url else {
        return good("owner", "database.owner_url is not set: migrations are run from elsewhere");
    };
    match PgConnection::connect(url).await {
        Ok(mut connection) => match sqlx::query_scalar::<_, bool>("select pg_has_role(current_user, 'stoa_service', 'member')")
            .fetch_one(&mut connection)
            .await
        {
            Ok(true) => good("owner", "may migrate"),
            Ok(false) => {
                findings.bad("owner", "is not a member of stoa_service", "run the SQL of `stoa migrate --roles` as an administrator");
            }
            Err(_) => {
                findings.bad("owner", "the role stoa_service does not exist", "run the SQL of `stoa migrate --roles` as an administrator");
            }
        },
        Err(error) => findings.bad("owner", &error.to_string(), "check database.owner_url"),
    }
}

async fn identity(config: &Config, findings: &mut Findings) {
    let provider = match RelyingParty::new(config, Clock::system()) {
        Ok(provider) => provider,
        Err(error) => return findings.bad("identity provider", &error.to_string(), "check identity.issuer"),
    };
    match provider.check().await {
        Ok(()) => good("identity provider", &format!("{} describes itself", config.identity.issuer)),
        Err(refusal) => findings.bad(
            "identity provider",
            &format!("{} ({})", config.identity.issuer, refusal.code),
            "identity.issuer must be exactly what the provider's own /.well-known/openid-configuration calls issuer, and be reachable from here",
        ),
    }
}

fn files(config: &Config, findings: &mut Findings) {
    let root = config.site_root.clone().or_else(super::site_beside_binary);
    match Files::load(root.as_deref()) {
        Ok(files) if files.is_complete() => good("files", "stylesheet, script and wasm are there"),
        _ => findings.bad("files", "the console's stylesheet and scripts are missing", "unpack `site` beside the binary, or set site_root"),
    }
}
