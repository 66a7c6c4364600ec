//! Who takes payments for the console, where somebody does.

use serde::Deserialize;
use url::Url;

use super::is_loopback;
use crate::money::Micros;

/// The provider takes no more than this at a time, in dollars.
const MOST_DOLLARS: u32 = 999_999;
const DOLLAR: i64 = 1_000_000;
const API: &str = "https://api.stripe.com";
/// Secrets at a time: the one in use, and those before it.
const FORMER_MAX: usize = 4;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Of one top-up, in whole dollars.
    #[serde(default = "default_min_dollars")]
    pub min_dollars: u32,
    #[serde(default = "default_max_dollars")]
    pub max_dollars: u32,
    pub stripe: Option<Stripe>,
}

impl Default for Payment {
    fn default() -> Self {
        Self { min_dollars: default_min_dollars(), max_dollars: default_max_dollars(), stripe: None }
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stripe {
    /// `sk_live_…`, better a restricted `rk_live_…`; with `test` no money moves.
    pub secret_key: String,
    /// Signs what Stripe tells us: `whsec_…`, of this console's endpoint there.
    pub webhook_secret: String,
    /// Those before it, for as long as Stripe signs with both.
    #[serde(default)]
    pub former_webhook_secrets: Vec<String>,
    /// Where it is asked: none for Stripe's own.
    pub api_base: Option<Url>,
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stripe").field("is_live", &self.is_live()).field("api_base", &self.base()).finish_non_exhaustive()
    }
}

impl Stripe {
    /// Whether it is real money, which the key says.
    pub fn is_live(&self) -> bool {
        self.secret_key.starts_with("sk_live_") || self.secret_key.starts_with("rk_live_")
    }

    /// Scheme, host and port that it is asked at, without a slash at the end.
    pub fn base(&self) -> &str {
        self.api_base.as_ref().map_or(API, |base| base.as_str().trim_end_matches('/'))
    }

    /// Every secret that an event may be signed with, the one in use first.
    pub fn webhook_secrets(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.webhook_secret).chain(&self.former_webhook_secrets).map(String::as_str)
    }
}

impl Payment {
    pub fn min(&self) -> Micros {
        Micros(i64::from(self.min_dollars) * DOLLAR)
    }

    pub fn max(&self) -> Micros {
        Micros(i64::from(self.max_dollars) * DOLLAR)
    }

    /// # Errors
    /// The key that cannot be used, and why; never what stands there.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if !(1..=MOST_DOLLARS).contains(&self.min_dollars) {
            return Err(("payment.min_dollars", "must be whole dollars, at least 1 and at most 999999"));
        }
        if !(self.min_dollars..=MOST_DOLLARS).contains(&self.max_dollars) {
            return Err(("payment.max_dollars", "must be whole dollars, at least payment.min_dollars and at most 999999"));
        }
        self.stripe.as_ref().map_or(Ok(()), Stripe::check)
    }
}

impl Stripe {
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let known = ["sk_live_", "sk_test_", "rk_live_", "rk_test_"];
        if !known.iter().any(|prefix| self.secret_key.len() > prefix.len() && self.secret_key.starts_with(prefix))
            || !is_plain(&self.secret_key)
        {
            return Err(("payment.stripe.secret_key", "is no secret or restricted key: sk_live_…, rk_live_…, sk_test_… or rk_test_…"));
        }
        let is_secret = |text: &str| {
            text.strip_prefix("whsec_").is_some_and(|rest| !rest.is_empty()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !is_secret(&self.webhook_secret) {
            return Err(("payment.stripe.webhook_secret", "is no signing secret of an endpoint: whsec_…"));
        }
        if self.former_webhook_secrets.len() > FORMER_MAX || !self.former_webhook_secrets.iter().all(|secret| is_secret(secret)) {
            return Err(("payment.stripe.former_webhook_secrets", "is not a list of four signing secrets at most: whsec_…"));
        }
        let is_encrypted = |base: &Url| base.scheme() == "https" || (base.scheme() == "http" && is_loopback(base));
        let is_origin =
            |base: &Url| base.path() == "/" && base.query().is_none() && base.username().is_empty() && base.password().is_none();
        if self.api_base.as_ref().is_some_and(|base| !is_encrypted(base) || !is_origin(base)) {
            return Err(("payment.stripe.api_base", "is not https, or does not end after host and port; leave it out for Stripe's own"));
        }
        Ok(())
    }
}

fn default_min_dollars() -> u32 {
    5
}

fn default_max_dollars() -> u32 {
    10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "[stripe]\nsecret_key = \"sk_test_hush\"\nwebhook_secret = \"whsec_hush\"\n";

    fn with(text: &str) -> Result<Payment, (&'static str, &'static str)> {
        let payment: Payment = toml::from_str(text).expect("a section");
        payment.check().map(|()| payment)
    }

    #[test]
    fn what_cannot_be_used_is_named_and_never_repeated() {
        for (text, key) in [
            ("min_dollars = 0".to_owned(), "payment.min_dollars"),
            ("min_dollars = 50\nmax_dollars = 40".to_owned(), "payment.max_dollars"),
            ("max_dollars = 1000000".to_owned(), "payment.max_dollars"),
            (WHOLE.replace("sk_test_hush", "pk_test_hush"), "payment.stripe.secret_key"),
            (WHOLE.replace("sk_test_hush", "sk_test_"), "payment.stripe.secret_key"),
            (WHOLE.replace("sk_test_hush", "sk_test_hu sh"), "payment.stripe.secret_key"),
            (WHOLE.replace("whsec_hush", "hush"), "payment.stripe.webhook_secret"),
            (format!("{WHOLE}former_webhook_secrets = [\"hush\"]"), "payment.stripe.former_webhook_secrets"),
            (format!("{WHOLE}api_base = \"http://stripe.example.com\""), "payment.stripe.api_base"),
            (format!("{WHOLE}api_base = \"https://stripe.example.com/v1\""), "payment.stripe.api_base"),
        ] {
            let (found, problem) = with(&text).expect_err(&text);
            assert_eq!(found, key, "{text}");
            assert!(!problem.contains("hush"), "{problem}");
        }
    }

    #[test]
    fn the_key_says_whether_it_is_real_money() {
        let is_live = |key: &str| with(&WHOLE.replace("sk_test_hush", key)).expect("settings").stripe.expect("stripe").is_live();
        assert_eq!(["sk_live_1", "rk_live_1", "sk_test_1", "rk_test_1"].map(is_live), [true, true, false, false]);
        let kept = with(&format!("{WHOLE}former_webhook_secrets = [\"whsec_before\"]")).expect("settings");
        assert_eq!((kept.min(), kept.max()), (Micros(5_000_000), Micros(10_000_000_000)));
        let shown = format!("{kept:?}");
        assert!(!shown.contains("hush") && !shown.contains("before"), "{shown}");
        let stripe = kept.stripe.expect("stripe");
        assert_eq!(stripe.webhook_secrets().collect::<Vec<_>>(), ["whsec_hush", "whsec_before"]);
        assert_eq!(stripe.base(), "https://api.stripe.com");
        assert!(with("").expect("settings").stripe.is_none());
    }
}
