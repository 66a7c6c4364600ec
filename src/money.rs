//! Money, in whole numbers: what is priced or capped in micro-dollars, what is used in nano-dollars. It is added up exactly
//! and rounded once, where it is shown.

use std::fmt;

use crate::numbers::grouped;

/// A dollar and a cent, in nano-dollars.
const DOLLAR: u64 = 1_000_000_000;
const CENT: u64 = 10_000_000;
const MICRO: u64 = 1_000;
const DECIMALS_MAX: usize = 6;
/// A cap has no use above this, in dollars.
const DOLLARS_MAX: i64 = 10_000_000;

/// Millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub i64);

/// Billionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nanos(pub i64);

impl From<Micros> for Nanos {
    fn from(micros: Micros) -> Self {
        Self(micros.0.saturating_mul(1_000))
    }
}

impl Micros {
    /// An amount as people type it: `25`, `$25.50`, `0.000020`. None where it is not one, is below zero, has more than six
    /// decimals or is above ten million dollars.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let (dollars, decimals) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (dollars.is_empty() && decimals.is_empty()) || !is_number(dollars) || !is_number(decimals) || decimals.len() > DECIMALS_MAX {
            return None;
        }
        let dollars: i64 = if dollars.is_empty() { 0 } else { dollars.parse().ok()? };
        let decimals: i64 = format!("{decimals:0<DECIMALS_MAX$}").parse().ok()?;
        let micros = Self(dollars.checked_mul(1_000_000)?.checked_add(decimals)?);
        micros.is_in_reach().then_some(micros)
    }

    /// The same, with a `-` in front of what is below zero.
    pub fn parse_signed(text: &str) -> Option<Self> {
        match text.trim().strip_prefix('-') {
            Some(amount) => Self::parse(amount).map(|Self(micros)| Self(-micros)),
            None => Self::parse(text),
        }
    }

    /// From nothing to ten million dollars.
    pub fn is_in_reach(self) -> bool {
        (0..=DOLLARS_MAX * 1_000_000).contains(&self.0)
    }

    /// As a form's field holds it, to be read by [`Micros::parse`] again: `25.50`.
    pub fn entered(self) -> String {
        let (dollars, decimals) = (self.0 / 1_000_000, (self.0 % 1_000_000).abs());
        let decimals = format!("{decimals:06}");
        let kept = decimals.trim_end_matches('0');
        format!("{dollars}.{kept:0<2}")
    }
}

impl Nanos {
    /// All of it, with two decimals at least: `$0.00002`.
    pub fn exact(self) -> String {
        let (sign, amount) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (dollars, decimals) = (amount / DOLLAR, format!("{:09}", amount % DOLLAR));
        let kept = decimals.trim_end_matches('0').len().max(2);
        format!("{sign}${}.{}", grouped(dollars.cast_signed()), &decimals[..kept])
    }

    /// Rounded once and half up.
    pub fn rounded(self) -> Micros {
        Micros(self.0.div_euclid(1000) + i64::from(self.0.rem_euclid(1000) >= 500))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Nanos::from(*self).fmt(f)
    }
}

/// `$1,234.56` from a cent on, and `$0.00002` below it, each rounded half up; what rounds to nothing and is more says so.
impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, amount) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        if amount == 0 || amount >= CENT {
            let cents = (amount + CENT / 2) / CENT;
            return write!(f, "{sign}${}.{:02}", grouped((cents / 100).cast_signed()), cents % 100);
        }
        match (amount + MICRO / 2) / MICRO {
            0 => write!(f, "{sign}less than $0.000001"),
            micros => write!(f, "{sign}$0.{}", format!("{micros:06}").trim_end_matches('0')),
        }
    }
}

/// How much of `whole` that is, in whole percent, rounded down: all of it is never said before it is used up.
pub fn percent(part: Nanos, whole: Nanos) -> i64 {
    if whole.0 <= 0 {
        return 100;
    }
    i64::try_from(i128::from(part.0) * 100 / i128::from(whole.0)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_rounded_once_and_half_up() {
        for (nanos, shown) in [
            (0, "$0.00"),
            (1_234_567_890, "$1.23"),
            (1_235_000_000, "$1.24"),
            (1_234_999_999, "$1.23"),
            (20_000, "$0.00002"),
            (1_499, "$0.000001"),
            (1_500, "$0.000002"),
            (499, "less than $0.000001"),
            (9_999_999, "$0.01"),
            (10_000_000, "$0.01"),
            (1_234_567_890_000_000, "$1,234,567.89"),
            (-5_000_000_000, "-$5.00"),
        ] {
            assert_eq!(Nanos(nanos).to_string(), shown, "{nanos}");
        }
        assert_eq!(Micros(99_000_000).to_string(), "$99.00");
    }

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        for (text, micros) in [("25", 25_000_000), ("$25.5", 25_500_000), (" 0.00002 ", 20), (".5", 500_000), ("0", 0), ("7.", 7_000_000)] {
            assert_eq!(Micros::parse(text), Some(Micros(micros)), "{text}");
        }
        for text in ["", "$", ".", "-1", "1,50", "1e3", "0.0000001", "99999999", "1.2.3", "١"] {
            assert_eq!(Micros::parse(text), None, "{text}");
        }
        for micros in [0, 20, 25_500_000, 1_000_000, 123_456_789] {
            assert_eq!(Micros::parse(&Micros(micros).entered()), Some(Micros(micros)));
        }
        assert_eq!(Micros(25_500_000).entered(), "25.50");
        assert_eq!(Micros::parse_signed("-$0.5"), Some(Micros(-500_000)));
        assert_eq!((Micros::parse_signed("7"), Micros::parse_signed("--7")), (Some(Micros(7_000_000)), None));
    }

    #[test]
    fn an_amount_is_shown_exactly_where_it_is_added_up() {
        for (nanos, shown) in [
            (0, "$0.00"),
            (20_000, "$0.00002"),
            (1_500_000_000, "$1.50"),
            (1_234_567_000_000_001, "$1,234,567.000000001"),
            (-5_000_000_000, "-$5.00"),
        ] {
            assert_eq!(Nanos(nanos).exact(), shown, "{nanos}");
        }
        assert_eq!([0, 499, 500, 1499, 1500, -500, -501].map(|nanos| Nanos(nanos).rounded().0), [0, 0, 1, 1, 2, 0, -1]);
    }

    #[test]
    fn all_of_it_is_said_only_where_it_is() {
        assert_eq!(percent(Nanos(4_999_999_999), Nanos(5_000_000_000)), 99);
        assert_eq!(percent(Nanos(5_000_000_000), Nanos(5_000_000_000)), 100);
        assert_eq!(percent(Nanos(0), Nanos(0)), 100);
        assert_eq!(percent(Nanos(i64::MAX), Nanos(i64::MAX)), 100);
    }
}
