//! Reading what was entered on a security page: all that is wrong at once, each with what would be right.

use std::net::IpAddr;

use ipnet::IpNet;

use super::posture::{Extras, Posture, Settings};
use crate::{
    error::{AppError, FieldError},
    server::http::Fields,
};

/// The schema says the same.
pub const NETWORKS_MAX: usize = 100;
pub const NOTIFY_MAX: usize = 10;
const ADDRESS_MAX: usize = 320;

pub fn read(fields: &Fields, with_extras: bool) -> Result<Settings, AppError> {
    let mut problems = Problems::default();
    let idle = problems.number(fields, "idle_minutes", 5..=43_200, "Enter whole minutes from 5 to 43,200 (30 days), or leave it empty.");
    let absolute = problems.number(fields, "absolute_hours", 1..=2_160, "Enter whole hours from 1 to 2,160 (90 days), or leave it empty.");
    let posture = Posture {
        idle_minutes: idle,
        absolute_hours: absolute,
        require_multi_factor: fields.get("require_multi_factor") == "yes",
        allowed_networks: problems.all(fields, "allowed_networks", NETWORKS_MAX, network),
    };
    let extras = with_extras.then(|| {
        const SAYS: &str = "Enter whole days from 1 to 366.";
        let days = problems.number(fields, "credential_days", 1..=366, SAYS);
        if days.is_none() && fields.get("credential_days").trim().is_empty() {
            problems.add("credential_days", SAYS);
        }
        Extras { credential_days: days.unwrap_or_default(), notify: problems.all(fields, "notify", NOTIFY_MAX, address) }
    });
    if problems.0.is_empty() { Ok(Settings { posture, extras }) } else { Err(AppError::Invalid(problems.0)) }
}

#[derive(Default)]
struct Problems(Vec<FieldError>);

impl Problems {
    fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(FieldError { field, message: message.into() });
    }

    /// None where nothing was entered.
    fn number(&mut self, fields: &Fields, field: &'static str, range: std::ops::RangeInclusive<i32>, says: &str) -> Option<i32> {
        let text = fields.get(field).trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse::<i32>().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.add(field, says);
        }
        number
    }

    /// One a line, or separated by commas or spaces; each once.
    fn all<T: PartialEq>(&mut self, fields: &Fields, field: &'static str, most: usize, read: fn(&str) -> Result<T, String>) -> Vec<T> {
        let mut found: Vec<T> = Vec::new();
        let mut wrong: Vec<String> = Vec::new();
        for text in fields.get(field).split([',', ' ', '\t', '\r', '\n']).filter(|text| !text.is_empty()) {
            match read(text) {
                Ok(value) if !found.contains(&value) => found.push(value),
                Ok(_) => {}
                Err(says) => wrong.push(says),
            }
        }
        if let Some(first) = wrong.first() {
            let more = if wrong.len() > 1 { format!(" {} more cannot be read either.", wrong.len() - 1) } else { String::new() };
            self.add(field, format!("{first}{more}"));
        } else if found.len() > most {
            self.add(field, format!("These are {}. Keep {most} or fewer.", found.len()));
        }
        found
    }
}

/// A network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let shown: String = text.chars().take(60).collect();
    let network = match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
        (Ok(network), _) => network,
        (_, Ok(address)) => IpNet::from(address),
        _ => return Err(format!("“{shown}” is not a network. Enter one as 203.0.113.0/24 or 2001:db8::/32, or one address.")),
    };
    if network.trunc() != network {
        return Err(format!("“{shown}” names an address inside a network. The network is {}.", network.trunc()));
    }
    // The console tells addresses as IPv4 where they are.
    if matches!(network, IpNet::V6(mapped) if mapped.addr().to_ipv4_mapped().is_some()) {
        return Err(format!("“{shown}” is an IPv4 network written as IPv6. Enter it as 203.0.113.0/24."));
    }
    Ok(network)
}

/// Only what could never be delivered to is refused; whether somebody reads it, mail alone can tell.
fn address(text: &str) -> Result<String, String> {
    let is_address = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.contains('@') && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
    });
    let is_plain = text.chars().all(|c| !c.is_control() && !"<>\"();:\\".contains(c));
    if is_address && is_plain && text.chars().count() <= ADDRESS_MAX {
        return Ok(text.to_owned());
    }
    let shown: String = text.chars().take(60).collect();
    Err(format!("“{shown}” is not an e-mail address. Enter one as security@example.com."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Fields {
        let body =
            pairs.iter().map(|(name, value)| format!("{name}={}", value.replace('\n', "%0D%0A").replace(' ', "+"))).collect::<Vec<_>>();
        Fields::parse(body.join("&").as_bytes()).expect("fields")
    }

    fn problem(pairs: &[(&str, &str)], field: &str) -> String {
        let Err(AppError::Invalid(errors)) = read(&of(pairs), true) else { panic!("{pairs:?} was taken") };
        errors.into_iter().find(|error| error.field == field).unwrap_or_else(|| panic!("{field} is not named")).message
    }

    #[test]
    fn what_is_entered_is_what_is_set() {
        let settings = read(
            &of(&[
                ("idle_minutes", " 30 "),
                ("absolute_hours", ""),
                ("require_multi_factor", "yes"),
                ("allowed_networks", "203.0.113.0/24\n198.51.100.7, 2001:db8::/32\n203.0.113.0/24"),
                ("credential_days", "90"),
                ("notify", "security@example.com"),
            ]),
            true,
        )
        .expect("settings");
        assert_eq!(settings.posture.idle_minutes, Some(30));
        assert_eq!(settings.posture.absolute_hours, None);
        assert!(settings.posture.require_multi_factor);
        let networks: Vec<String> = settings.posture.allowed_networks.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["203.0.113.0/24", "198.51.100.7/32", "2001:db8::/32"]);
        let extras = settings.extras.clone().expect("a workspace's own");
        assert_eq!((extras.credential_days, extras.notify.as_slice()), (90, &["security@example.com".to_owned()][..]));
        // The review carries it in hidden fields, and it comes back the same.
        let entered: Vec<(&str, String)> = settings.entered();
        let entered: Vec<(&str, &str)> = entered.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(read(&of(&entered), true).expect("settings"), settings);
    }

    #[test]
    fn what_cannot_be_set_is_named_with_what_would_be_right() {
        for text in ["4", "43201", "-5", "1.5", "soon", "99999999999"] {
            assert!(problem(&[("idle_minutes", text), ("credential_days", "1")], "idle_minutes").contains("from 5 to 43,200"), "{text}");
        }
        assert!(problem(&[("absolute_hours", "0"), ("credential_days", "1")], "absolute_hours").contains("from 1 to 2,160"));
        assert!(problem(&[], "credential_days").contains("from 1 to 366"));
        assert!(problem(&[("credential_days", "367")], "credential_days").contains("from 1 to 366"));
        for (text, says) in [
            ("203.0.113.7/24", "The network is 203.0.113.0/24."),
            ("2001:db8::1/32", "The network is 2001:db8::/32."),
            ("::ffff:203.0.113.0/120", "Enter it as 203.0.113.0/24."),
            ("203.0.113.0/33", "is not a network"),
            ("office", "is not a network"),
            ("office\nhome\n10.0.0.0/8", "1 more cannot be read either"),
        ] {
            let said = problem(&[("allowed_networks", text), ("credential_days", "1")], "allowed_networks");
            assert!(said.contains(says), "{text}: {said}");
        }
        for text in ["security", "@example.com", "a@b", "a@b@example.com", "a@example.", "Ada<a@example.com>"] {
            assert!(problem(&[("notify", text), ("credential_days", "1")], "notify").contains("is not an e-mail address"), "{text}");
        }
        let many = (0..=NETWORKS_MAX).map(|index| format!("10.0.{index}.0/24")).collect::<Vec<_>>().join("\n");
        assert!(problem(&[("allowed_networks", &many), ("credential_days", "1")], "allowed_networks").contains("Keep 100 or fewer"));
    }
}
