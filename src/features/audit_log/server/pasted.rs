//! What was written or pasted into the filters, on its way into an address: no secret gets there. A whole API key becomes
//! its id, and leads to what was done with it.

use super::{LINE, PARAMETERS, Qualifier, spelt};
use crate::{
    ids::{ApiKeyId, RequestId},
    server::{
        credentials::{Credential, Kind, withholding},
        http::form::Fields,
    },
};

/// The parameters of the list that was asked for by a form, but for those that are empty.
pub fn leading_to(fields: &Fields) -> Vec<(&'static str, String)> {
    let entered = PARAMETERS.into_iter().map(|name| (name, fields.get(name).trim())).filter(|(_, value)| !value.is_empty());
    entered.map(|(name, value)| (name, if name == LINE { line(value) } else { field(value) })).collect()
}

/// A line in which an id that stands alone is asked for by what it is.
fn line(text: &str) -> String {
    let parts: Vec<String> = text.split(' ').map(part).collect();
    withholding(&parts.join(" ")).into_owned()
}

fn part(text: &str) -> String {
    if let Some(key) = key(text.trim_matches('"')) {
        return spelt(Qualifier::Credential, &key);
    }
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    if let Some((name, key)) = rest.split_once(':').and_then(|(name, value)| Some((name, key(value.trim_matches('"'))?))) {
        return format!("{sign}{name}:{key}");
    }
    if rest.parse::<RequestId>().is_ok() {
        return sign.to_owned() + &spelt(Qualifier::Request, rest);
    }
    let is_session = rest.strip_prefix("ses_").is_some_and(|id| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_session || rest.parse::<ApiKeyId>().is_ok() {
        return sign.to_owned() + &spelt(Qualifier::Credential, rest);
    }
    text.to_owned()
}

/// A key or token that is pasted into a field stands for its id too: they act, and are acted upon.
fn field(value: &str) -> String {
    key(value).unwrap_or_else(|| withholding(value).into_owned())
}

fn key(text: &str) -> Option<String> {
    Credential::parse(text).filter(|credential| matches!(credential.kind, Kind::Key | Kind::Mcp)).map(|key| ApiKeyId(key.id).to_string())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{features::audit_log::server::line::Line, server::credentials::WITHHELD};

    #[test]
    fn what_is_pasted_leads_to_what_was_done_with_it() {
        let secret = Credential::mint(Kind::Key, Uuid::max()).reveal();
        let token = Credential::mint(Kind::Mcp, Uuid::max()).reveal();
        let (id, request) = (ApiKeyId(Uuid::max()).to_string(), RequestId(Uuid::max()).to_string());
        for (pasted, leads_to) in [
            (secret.clone(), format!("credential:{id}")),
            (token, format!("credential:{id}")),
            (id.clone(), format!("credential:{id}")),
            (request.clone(), format!("request:{request}")),
            (format!("outcome:denied {secret}"), format!("outcome:denied credential:{id}")),
            (format!("-credential:{secret}"), format!("-credential:{id}")),
            (format!("target:\"{secret}\""), format!("target:{id}")),
            ("ses_0123456789abcdef".to_owned(), "credential:ses_0123456789abcdef".to_owned()),
            ("shop  \"two words\"".to_owned(), "shop  \"two words\"".to_owned()),
        ] {
            assert_eq!(line(&pasted), leads_to);
            assert!(Line::read(&leads_to).is_ok(), "{leads_to}");
        }
        assert_eq!(field(&secret), id);
    }

    #[test]
    fn what_is_no_whole_key_is_not_kept() {
        let key = Credential::mint(Kind::Key, Uuid::max()).reveal();
        let invitation = Credential::mint(Kind::Invitation, Uuid::max()).reveal();
        for secret in [invitation, key[..60].to_owned(), format!("{key}x"), format!("x{key}")] {
            for text in [secret.clone(), format!("shop actor:{secret}"), format!("\"{secret} x\"")] {
                let led = line(&text);
                assert!(led.contains(WITHHELD) && Line::read(&led).is_err(), "{led}");
            }
            assert!(field(&secret).contains(WITHHELD));
        }
    }
}
