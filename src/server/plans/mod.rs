//! The plans and rates of `pricing.toml`: read once, and refused at start where they cannot be used, by key and line.

mod dimension;

pub use dimension::Dimension;

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

const PRICING: &str = include_str!("../../../pricing.toml");

static SHIPPED: LazyLock<Result<Pricing, PricingError>> = LazyLock::new(|| Pricing::read(PRICING));

/// One plan, as it is in force.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// As stored with the tenant: `developer`.
    pub key: String,
    /// As people read it: "Developer".
    pub name: String,
    /// A month, in micro-dollars; none where it is agreed on.
    pub price: Option<i64>,
    /// Usage included each month, in micro-dollars; none where it is agreed on.
    pub included: Option<i64>,
    /// How many live workspaces it allows; none for any number.
    pub workspaces: Option<u32>,
    /// Whether usage past what is included and prepaid is refused rather than charged.
    pub hard_caps: bool,
    /// The keys of the modules that may be switched on; `*` for all.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Of one workspace, with all its credentials together; none for any number.
    pub calls_per_minute: Option<u32>,
    /// For so many days rows of audit logs are kept at most; none for ever.
    pub audit_days: Option<u16>,
}

/// No plan, exception or choice keeps rows of an audit log for less; the schema says the same.
pub const AUDIT_DAYS_LEAST: u16 = 30;

impl Plan {
    /// Whether it has that module.
    pub fn has_module(&self, key: &str) -> bool {
        self.modules.iter().any(|known| known == "*" || known == key)
    }
}

/// What one unit of a dimension costs, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The first day of the version that says it.
    pub version: NaiveDate,
    /// Nano-dollars a unit.
    pub nanos: i64,
}

/// What is wrong with `pricing.toml`, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pricing.toml: {0}")]
pub struct PricingError(String);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pricing {
    version: Vec<Version>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    from: NaiveDate,
    plan: Vec<toml::Spanned<Plan>>,
    #[serde(default)]
    rate: Vec<toml::Spanned<DimensionRate>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionRate {
    dimension: Dimension,
    nanos: i64,
}

/// Whether the shipped plans can be used; asked once, when the server starts.
pub fn check() -> Result<(), PricingError> {
    SHIPPED.as_ref().map(drop).map_err(Clone::clone)
}

/// The plans in force at that moment, smallest first.
pub fn list(now: DateTime<Utc>) -> Vec<&'static Plan> {
    SHIPPED.as_ref().map(|pricing| pricing.at(now.date_naive())).unwrap_or_default()
}

/// The plan of that key, where there is one.
pub fn find(key: &str, now: DateTime<Utc>) -> Option<&'static Plan> {
    list(now).into_iter().find(|plan| plan.key == key)
}

/// Whether the first of two plans in force comes after the second.
pub fn is_larger(plan: &Plan, than: &Plan, now: DateTime<Utc>) -> bool {
    let place = |wanted: &Plan| list(now).iter().position(|known| known.key == wanted.key);
    place(plan) > place(than)
}

/// The smallest plan in force that has room for so many workspaces.
pub fn first_with_room(workspaces: i64, now: DateTime<Utc>) -> Option<&'static Plan> {
    list(now).into_iter().find(|plan| plan.workspaces.is_none_or(|limit| i64::from(limit) >= workspaces))
}

/// The smallest plan in force that has that module.
pub fn first_with_module(key: &str, now: DateTime<Utc>) -> Option<&'static Plan> {
    list(now).into_iter().find(|plan| plan.has_module(key))
}

/// What a unit of that dimension costs at that moment.
pub fn rate(dimension: Dimension, now: DateTime<Utc>) -> Rate {
    let version = SHIPPED.as_ref().ok().and_then(|pricing| pricing.version_at(now.date_naive()));
    version.map_or(Rate { version: NaiveDate::MIN, nanos: 0 }, |version| version.rate(dimension))
}

impl Pricing {
    fn read(text: &str) -> Result<Self, PricingError> {
        // The parser's own message names key and line.
        let pricing: Self = toml::from_str(text).map_err(|error| PricingError(error.to_string().trim().replace('\n', " ")))?;
        if pricing.version.is_empty() {
            return Err(PricingError("version: there is none; add a [[version]] with its plans".to_owned()));
        }
        if !pricing.version.is_sorted_by(|one, next| one.from < next.from) {
            return Err(PricingError("version.from: the dates do not ascend; put the oldest version first".to_owned()));
        }
        for version in &pricing.version {
            version.check(text)?;
        }
        Ok(pricing)
    }

    /// Before the first version came, the first one.
    fn version_at(&self, day: NaiveDate) -> Option<&Version> {
        self.version.iter().rev().find(|version| version.from <= day).or(self.version.first())
    }

    fn at(&self, day: NaiveDate) -> Vec<&Plan> {
        self.version_at(day).into_iter().flat_map(|version| &version.plan).map(toml::Spanned::get_ref).collect()
    }
}

impl Version {
    /// A dimension that is not named costs nothing; `check` refuses a version where one is missing.
    fn rate(&self, dimension: Dimension) -> Rate {
        let named = self.rate.iter().map(toml::Spanned::get_ref).find(|rate| rate.dimension == dimension);
        Rate { version: self.from, nanos: named.map_or(0, |rate| rate.nanos) }
    }

    fn check(&self, text: &str) -> Result<(), PricingError> {
        let mut known = Vec::new();
        for spanned in &self.plan {
            let plan = spanned.get_ref();
            let fail = |key: &str, problem: &str| {
                let line = text[..spanned.span().start].matches('\n').count() + 1;
                Err(PricingError(format!("line {line}: version.plan.{key}: {problem}")))
            };
            if plan.key.is_empty() || !plan.key.bytes().all(|byte| byte.is_ascii_lowercase()) {
                return fail("key", "is not made of lower-case letters");
            }
            if known.contains(&&plan.key) {
                return fail("key", "is there twice in one version");
            }
            if plan.workspaces == Some(0) {
                return fail("workspaces", "is 0; leave it out for no limit, or allow at least one");
            }
            if plan.price.is_some_and(|price| price < 0) || plan.included.is_some_and(|included| included < 0) {
                return fail("price", "or `included` is below 0");
            }
            if plan.audit_days.is_some_and(|days| days < AUDIT_DAYS_LEAST) {
                return fail("audit_days", &format!("is below {AUDIT_DAYS_LEAST}; leave it out to keep rows for ever"));
            }
            known.push(&plan.key);
        }
        self.check_rates(text)?;
        if known.is_empty() {
            return Err(PricingError(format!("version.plan: the version of {} has no plan", self.from)));
        }
        Ok(())
    }
}

impl Version {
    fn check_rates(&self, text: &str) -> Result<(), PricingError> {
        for dimension in Dimension::ALL {
            let mut named = self.rate.iter().filter(|rate| rate.get_ref().dimension == dimension);
            let Some(first) = named.next() else {
                return Err(PricingError(format!(
                    "version.rate: the version of {} has no rate for {dimension}; 0 makes it free",
                    self.from
                )));
            };
            let line = |spanned: &toml::Spanned<DimensionRate>| text[..spanned.span().start].matches('\n').count() + 1;
            if first.get_ref().nanos < 0 {
                return Err(PricingError(format!("line {}: version.rate.nanos: is below 0", line(first))));
            }
            if let Some(second) = named.next() {
                return Err(PricingError(format!("line {}: version.rate: {dimension} is there twice", line(second))));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> DateTime<Utc> {
        format!("{text}T12:00:00Z").parse().expect("a time")
    }

    #[test]
    fn the_shipped_plans_are_these() {
        assert_eq!(check(), Ok(()));
        let plans: Vec<_> = list(day("2026-11-21")).into_iter().map(|plan| (plan.key.as_str(), plan.workspaces, plan.hard_caps)).collect();
        assert_eq!(
            plans,
            [
                ("developer", Some(1), true),
                ("builder", Some(2), false),
                ("team", Some(5), false),
                ("business", Some(20), false),
                ("enterprise", None, false)
            ]
        );
        assert_eq!(find("builder", day("2026-11-21")).and_then(|plan| plan.price), Some(99_000_000));
        let kept: Vec<_> = list(day("2026-11-21")).into_iter().map(|plan| plan.audit_days).collect();
        assert_eq!(kept, [Some(90), Some(365), Some(730), Some(2555), None]);
        assert_eq!(find("platinum", day("2026-11-21")), None);
    }

    fn version(from: &str, workspaces: &str) -> String {
        format!(
            "[[version]]\nfrom = \"{from}\"\n[[version.plan]]\nkey = \"one\"\nname = \"One\"\nworkspaces = {workspaces}\nhard_caps = true\n{}",
            rates()
        )
    }

    fn rates() -> String {
        Dimension::ALL.map(|dimension| format!("[[version.rate]]\ndimension = \"{dimension}\"\nnanos = 7\n")).concat()
    }

    #[test]
    fn what_was_used_keeps_the_rate_of_its_day() {
        let dear = version("2027-01-01", "3").replacen("nanos = 7", "nanos = 9", 1);
        let pricing = Pricing::read(&(version("2026-11-01", "1") + &dear)).expect("plans");
        let first = Dimension::ALL[0];
        let on = |date: &str| pricing.version_at(day(date).date_naive()).expect("a version").rate(first);
        assert_eq!((on("2026-12-31").nanos, on("2027-01-01").nanos), (7, 9));
        assert_eq!(on("2027-02-01").version.to_string(), "2027-01-01");
    }

    #[test]
    fn a_version_counts_from_its_day_on() {
        let pricing = Pricing::read(&(version("2026-11-01", "1") + &version("2027-01-01", "3"))).expect("plans");
        let allowed = |date: &str| pricing.at(day(date).date_naive())[0].workspaces;
        assert_eq!((allowed("2026-10-01"), allowed("2026-12-31"), allowed("2027-01-01")), (Some(1), Some(1), Some(3)));
    }

    #[test]
    fn what_cannot_be_used_is_named_by_key_and_line() {
        for (text, says) in [
            (version("2026-11-01", "\"many\""), "line 6"),
            (version("2026-11-01", "\"many\""), "workspaces"),
            (version("2026-11-01", "0"), "line 3: version.plan.workspaces"),
            (version("soon", "1"), "line 2"),
            (version("2027-01-01", "1") + &version("2026-11-01", "1"), "oldest version first"),
            (
                version("2026-11-01", "1").replacen(
                    "hard_caps = true\n",
                    "hard_caps = true\n[[version.plan]]\nkey = \"one\"\nname = \"Again\"\nhard_caps = true\n",
                    1,
                ),
                "line 8: version.plan.key",
            ),
            (version("2026-11-01", "1").replacen("hard_caps", "audit_days = 29\nhard_caps", 1), "version.plan.audit_days: is below 30"),
            (version("2026-11-01", "1") + "colour = \"red\"\n", "colour"),
            (version("2026-11-01", "1").replacen("nanos = 7", "nanos = -7", 1), "below 0"),
            (version("2026-11-01", "1").replacen("rest.read", "rest.write", 1), "no rate for rest.read"),
            (version("2026-11-01", "1").replacen("rest.read", "rest.guess", 1), "rest.guess"),
        ] {
            let error = Pricing::read(&text).expect_err(&text).to_string();
            assert!(error.contains(says), "{error} does not say {says}");
        }
    }
}
