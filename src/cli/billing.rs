//! `stoa billing`: the books of a team, and what is entered in them by hand.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    features::billing::{
        REASON_MAX,
        server::{
            find_tenant,
            ledger::{self, Act, Entry, Posted, called},
        },
    },
    ids::TenantId,
    money::{Micros, Nanos},
    server::{Stoa, config::Config, events::Actor, http::request::RequestContext, scope::ServiceScope},
};

/// In characters; with what the console puts in front, the schema allows no longer one.
const KEY_MAX: usize = 100;
/// Invoices that are listed.
const INVOICES: i64 = 240;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// The entries of a team's ledger, the latest first, with what was left and owed after each.
    Ledger {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
        /// The entries before this number.
        #[arg(long)]
        before: Option<i64>,
    },
    /// Give a team usage beside what its plan includes; it ends with the month.
    Grant(Entering),
    /// Add prepaid credit that was paid for.
    TopUp(Entering),
    /// Pay prepaid credit back.
    Refund(Entering),
    /// Enter a payment of what is owed.
    Payment(Entering),
    /// Correct what is prepaid, or what is owed: in the team's favour, or below zero against it.
    Adjust {
        #[command(flatten)]
        entering: Entering,
        /// `prepaid` or `owed`.
        #[arg(long, default_value = "prepaid")]
        of: String,
    },
    /// Charge what was used until now, the hour that runs included.
    Charge {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
    },
    /// Close the months that are over, and issue their invoices, without waiting for what may still arrive.
    Close {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
    },
    /// A team's invoices, the latest first.
    Invoices {
        /// The slug in the team's address: /t/SLUG/…
        tenant: String,
    },
}

#[derive(Debug, clap::Args)]
struct Entering {
    /// The slug in the team's address: /t/SLUG/…
    tenant: String,
    /// US dollars: 25, 25.50 or 0.000020.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// Why: the team reads it in its ledger and its audit log.
    #[arg(long)]
    reason: String,
    /// What it is for, such as a payment's number: what was entered under it is not entered twice.
    #[arg(long)]
    key: String,
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    let stoa = super::assemble(config)?;
    match &arguments.command {
        Command::Ledger { tenant, before } => show(&stoa, tenant, *before).await?,
        Command::Grant(entering) => enter(&stoa, entering, Act::Grant(entering.amount()?)).await?,
        Command::TopUp(entering) => enter(&stoa, entering, Act::TopUp(entering.amount()?)).await?,
        Command::Refund(entering) => enter(&stoa, entering, Act::Refund(entering.amount()?)).await?,
        Command::Payment(entering) => enter(&stoa, entering, Act::Payment(entering.amount()?)).await?,
        Command::Adjust { entering, of } => {
            let micros = Micros::parse_signed(&entering.amount).with_context(|| entering.not_an_amount())?.0;
            let act = match of.as_str() {
                "prepaid" => Act::AdjustPrepaid(micros),
                "owed" => Act::AdjustOwed(micros),
                _ => bail!("--of: {of} is neither `prepaid` nor `owed`"),
            };
            enter(&stoa, entering, act).await?;
        }
        Command::Charge { tenant } => {
            let id = tenant_of(&stoa, tenant).await?;
            ledger::charge_now(&stoa, id, &Actor::operator()).await?;
            println!("{tenant}: what was used is charged; {}", standing(&stoa, id).await?);
        }
        Command::Close { tenant } => {
            let id = tenant_of(&stoa, tenant).await?;
            ledger::settle(&stoa, id, &Actor::operator(), stoa.clock.now()).await?;
            println!("{tenant}: every month that is over is closed; {}", standing(&stoa, id).await?);
        }
        Command::Invoices { tenant } => invoices(&stoa, tenant).await?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Entering {
    fn amount(&self) -> anyhow::Result<Micros> {
        Micros::parse(&self.amount).with_context(|| self.not_an_amount())
    }

    fn not_an_amount(&self) -> String {
        format!("{} is not an amount in US dollars such as 25 or 25.50, with a point, no commas, and six decimals at most", self.amount)
    }

    fn reason(&self) -> anyhow::Result<&str> {
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            bail!("--reason: say in 1 to {REASON_MAX} characters why; the team reads it in its ledger");
        }
        Ok(reason)
    }

    fn key(&self) -> anyhow::Result<&str> {
        let key = self.key.trim();
        if key.is_empty() || key.chars().count() > KEY_MAX || key.chars().any(char::is_control) {
            bail!("--key: give 1 to {KEY_MAX} characters, such as a payment's number");
        }
        Ok(key)
    }
}

async fn tenant_of(stoa: &Stoa, slug: &str) -> anyhow::Result<TenantId> {
    find_tenant(stoa, slug).await?.with_context(|| format!("no team has the slug {slug}; it is the part after /t/ in the team's address"))
}

async fn open(stoa: &Stoa, tenant: TenantId, command: &'static str) -> anyhow::Result<ServiceScope> {
    let request = RequestContext::internal(&stoa.clock, "cli", command);
    Ok(ServiceScope::open_service(stoa, &request, Actor::operator(), tenant, "billing").await?)
}

async fn enter(stoa: &Stoa, entering: &Entering, act: Act) -> anyhow::Result<()> {
    let (key, reason) = (entering.key()?, entering.reason()?);
    let tenant = tenant_of(stoa, &entering.tenant).await?;
    match ledger::by_hand(stoa, tenant, act, key, reason).await {
        Ok(Posted::Entry(number)) => println!("entry {number}; {}", standing(stoa, tenant).await?),
        Ok(Posted::Already) => println!("the same was entered under the key {key} before; nothing was changed"),
        Err(AppError::Invalid(errors)) => bail!("{}", errors.first().map_or("the amount cannot be entered", |error| &error.message)),
        Err(AppError::Conflict(_)) => bail!("--key: {key} stands for another entry; give this one a key of its own"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// What is left and what is owed, in a line.
async fn standing(stoa: &Stoa, tenant: TenantId) -> anyhow::Result<String> {
    let mut scope = open(stoa, tenant, "stoa billing").await?;
    let left = ledger::balances(&mut scope, tenant).await?;
    scope.close().await?;
    let exact = |micros: Micros| Nanos::from(micros).exact();
    Ok(format!("left: {} included, {} prepaid; owed: {}", exact(left.included), exact(left.prepaid), exact(left.owed)))
}

async fn show(stoa: &Stoa, slug: &str, before: Option<i64>) -> anyhow::Result<()> {
    let tenant = tenant_of(stoa, slug).await?;
    let mut scope = open(stoa, tenant, "stoa billing ledger").await?;
    let page = ledger::entries(&mut scope, tenant, before).await?;
    scope.close().await?;
    if page.entries.is_empty() {
        println!("{slug} has no entry{}", before.map_or_else(String::new, |before| format!(" before {before}")));
        return Ok(());
    }
    println!(
        "{:>7} {:<20} {:<11} {:>16} {:>16} {:>16} {:>16}  what",
        "entry", "posted", "kind", "amount", "included left", "prepaid left", "owed"
    );
    for entry in &page.entries {
        println!("{}", line(entry));
    }
    if let Some(next) = page.next {
        println!("there are more: stoa billing ledger {slug} --before {next}");
    }
    Ok(())
}

fn line(entry: &Entry) -> String {
    let exact = |micros: i64| Nanos::from(Micros(micros)).exact();
    let hours = entry.from_hour.zip(entry.until_hour).map(|(from, until)| format!("used {} to {}", stamp(from), stamp(until)));
    let what = entry.reason.clone().or(hours).unwrap_or_else(|| entry.key.clone());
    format!(
        "{:>7} {:<20} {:<11} {:>16} {:>16} {:>16} {:>16}  {what}",
        entry.number,
        stamp(entry.posted_at),
        entry.kind,
        exact(entry.micros),
        exact(entry.included),
        exact(entry.prepaid),
        exact(entry.owed)
    )
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

async fn invoices(stoa: &Stoa, slug: &str) -> anyhow::Result<()> {
    let tenant = tenant_of(stoa, slug).await?;
    let mut scope = open(stoa, tenant, "stoa billing invoices").await?;
    let issued = ledger::invoices(&mut scope, tenant, INVOICES).await?;
    scope.close().await?;
    if issued.is_empty() {
        println!("{slug} has no invoice");
        return Ok(());
    }
    println!("{:<24} {:<8} {:<20} {:>16} {:>16} {:>16}", "invoice", "month", "issued", "plan", "usage", "due");
    for one in issued {
        let exact = |micros: i64| Nanos::from(Micros(micros)).exact();
        let (number, month) = (called(slug, one.number), one.period.format("%Y-%m").to_string());
        println!(
            "{number:<24} {month:<8} {:<20} {:>16} {:>16} {:>16}",
            stamp(one.issued_at),
            exact(one.price),
            exact(one.used),
            exact(one.due)
        );
    }
    Ok(())
}
