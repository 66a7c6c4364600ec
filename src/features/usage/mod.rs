//! Usage: what calls used, added up, and shown where it was used. Chart, table, file and API give the same figures, and
//! they are the sums of the events at every moment: what is rolled up and what still waits are read together.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// An amount of nano-dollars as people read it: exact, with two decimals at least.
pub fn dollars(nanos: i64) -> String {
    let sign = if nanos < 0 { "−" } else { "" };
    let (whole, rest) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    let decimals = format!("{rest:09}");
    let kept = decimals.trim_end_matches('0').len().max(2);
    format!("{sign}${}.{}", grouped(whole), &decimals[..kept])
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How many, as people read it.
pub fn counted(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// Micro-dollars, rounded once and half up.
pub fn micros(nanos: i64) -> i64 {
    nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) >= 500)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_exactly() {
        assert_eq!(dollars(0), "$0.00");
        assert_eq!(dollars(20_000), "$0.00002");
        assert_eq!(dollars(1_500_000_000), "$1.50");
        assert_eq!(dollars(1_234_567_000_000_001), "$1,234,567.000000001");
        assert_eq!(dollars(-5_000_000_000), "−$5.00");
    }

    #[test]
    fn an_amount_is_rounded_once() {
        assert_eq!([0, 499, 500, 1499, 1500, -500, -501].map(micros), [0, 0, 1, 1, 2, 0, -1]);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(counted), ["0", "999", "1,000", "1,234,567"]);
    }
}
