//! Signed addresses: for a few minutes, and for exactly what they were signed for, the only proof that a file asks for.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use http::Method;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::{
    error::CallRefused,
    ids::{RecordId, TenantId, WorkspaceId},
    paths,
    server::config::Config,
};

/// How long an address is good for.
pub const GOOD_FOR: TimeDelta = TimeDelta::minutes(5);
/// Keeps these hashes apart from all others under the same pepper.
const PURPOSE: &str = "signed file address";

/// The file of an asset, by the whole of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    #[serde(rename = "tenant_id")]
    pub tenant: TenantId,
    #[serde(rename = "workspace_id")]
    pub workspace: WorkspaceId,
    #[serde(rename = "asset_id")]
    pub asset: RecordId,
}

/// What an address lets its holder do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Send exactly so many bytes, said to be of this type.
    Put {
        length: u64,
        content_type: String,
    },
    Get,
}

/// The query of an address. What is of another kind is as if it were not there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Signed {
    expires: i64,
    length: u64,
    #[serde(rename = "type")]
    content_type: String,
    signature: String,
}

/// An address, and until when it is good.
pub fn sign(config: &Config, place: Place, grant: &Grant, now: DateTime<Utc>) -> (Url, DateTime<Utc>) {
    let expires_at = now.trunc_subsecs(0) + GOOD_FOR;
    let mut url = config.public_urls.files_url(&paths::file(place.tenant, place.workspace, place.asset));
    let signature = config.secrets.pepper.hash(PURPOSE, &message(place, grant, expires_at.timestamp()));
    let mut query = url.query_pairs_mut();
    query.append_pair("expires", &expires_at.timestamp().to_string());
    if let Grant::Put { length, content_type } = grant {
        query.append_pair("length", &length.to_string()).append_pair("type", content_type);
    }
    query.append_pair("signature", &URL_SAFE_NO_PAD.encode(signature));
    drop(query);
    (url, expires_at)
}

/// What was signed: the method that came is part of what is compared, whatever the address says.
///
/// # Errors
/// `AddressUnknown` where anything differs from what was signed, `AddressExpired` where it was signed and is over.
pub fn prove(config: &Config, method: &Method, place: Place, signed: Signed, now: DateTime<Utc>) -> Result<Grant, CallRefused> {
    let grant = match *method {
        Method::PUT => Grant::Put { length: signed.length, content_type: signed.content_type },
        Method::GET | Method::HEAD => Grant::Get,
        _ => return Err(CallRefused::AddressUnknown),
    };
    let message = message(place, &grant, signed.expires);
    let given = URL_SAFE_NO_PAD.decode(&signed.signature).map_err(|_| CallRefused::AddressUnknown)?;
    // Each pepper in use is tried, so that a rotation breaks no upload.
    let is_ours = config.secrets.peppers().any(|pepper| pepper.hash(PURPOSE, &message).ct_eq(&given).into());
    if !is_ours {
        return Err(CallRefused::AddressUnknown);
    }
    if now.timestamp() < signed.expires { Ok(grant) } else { Err(CallRefused::AddressExpired) }
}

/// Everything that an address is bound to, each part where only it can be: of fixed lengths but for the last.
fn message(place: Place, grant: &Grant, expires: i64) -> Vec<u8> {
    let (method, length, content_type) = match grant {
        Grant::Put { length, content_type } => (b'P', *length, content_type.as_str()),
        Grant::Get => (b'G', 0, ""),
    };
    let mut message = vec![method];
    for id in [place.tenant.0, place.workspace.0, place.asset.0] {
        message.extend_from_slice(id.as_bytes());
    }
    message.extend_from_slice(&expires.to_be_bytes());
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(content_type.as_bytes());
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn config(peppers: &[&str]) -> Config {
        let environment = [
            ("STOA_PUBLIC_URLS__CONSOLE", "https://console.example.com"),
            ("STOA_DATABASE__URL", "postgres://stoa_app@db/stoa"),
            ("STOA_IDENTITY__ISSUER", "https://id.example.com"),
            ("STOA_IDENTITY__CLIENT_ID", "console"),
            ("STOA_SECRETS__PEPPER", peppers[0]),
            ("STOA_SECRETS__AUDIT_KEY", "nWGxne/9WmC6hEr0kuwsxERJxXN7MmkZcDusAxyuf2A="),
            ("STOA_SECRETS__FORMER_PEPPERS", &peppers[1..].join(",")),
        ];
        let given = environment.into_iter().filter(|(_, value)| !value.is_empty());
        Config::from_parts(None, given.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()).expect("a configuration")
    }

    const ONE: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    const OTHER: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";

    fn noon() -> DateTime<Utc> {
        "2026-11-21T12:00:00.7Z".parse().expect("a time")
    }

    fn place(tenant: u128, workspace: u128, asset: u128) -> Place {
        Place {
            tenant: TenantId(Uuid::from_u128(tenant)),
            workspace: WorkspaceId(Uuid::from_u128(workspace)),
            asset: RecordId(Uuid::from_u128(asset)),
        }
    }

    fn query(url: &Url) -> Signed {
        let pairs: std::collections::HashMap<String, String> = url.query_pairs().into_owned().collect();
        let text = |name: &str| pairs.get(name).cloned().unwrap_or_default();
        Signed {
            expires: text("expires").parse().unwrap_or_default(),
            length: text("length").parse().unwrap_or_default(),
            content_type: text("type"),
            signature: text("signature"),
        }
    }

    fn grant() -> impl Strategy<Value = Grant> {
        prop_oneof![
            Just(Grant::Get),
            (any::<u64>(), "[a-z]{1,8}/[a-z]{1,8}").prop_map(|(length, content_type)| Grant::Put { length, content_type }),
        ]
    }

    fn method(grant: &Grant) -> Method {
        if matches!(grant, Grant::Get) { Method::GET } else { Method::PUT }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_address_is_good_for_what_it_was_signed_for_and_nothing_else(
            ids in (any::<u128>(), any::<u128>(), any::<u128>()), granted in grant(), part in 0..8usize, by in 1..u64::MAX, bit in 0..256usize,
        ) {
            let config = config(&[ONE]);
            let here = place(ids.0, ids.1, ids.2);
            let (url, expires_at) = sign(&config, here, &granted, noon());
            let signed = query(&url);
            prop_assert_eq!(prove(&config, &method(&granted), here, signed.clone(), noon()), Ok(granted.clone()));
            let mut there = here;
            let mut changed = signed.clone();
            let mut other_method = method(&granted);
            match part {
                0 => there = place(ids.0 ^ u128::from(by), ids.1, ids.2),
                1 => there = place(ids.0, ids.1 ^ u128::from(by), ids.2),
                2 => there = place(ids.0, ids.1, ids.2 ^ u128::from(by)),
                3 => changed.expires = changed.expires.wrapping_add_unsigned(by),
                4 => other_method = if other_method == Method::PUT { Method::GET } else { Method::PUT },
                5 => {
                    let mut bytes = URL_SAFE_NO_PAD.decode(&changed.signature).expect("bytes");
                    bytes[bit / 8] ^= 1 << (bit % 8);
                    changed.signature = URL_SAFE_NO_PAD.encode(bytes);
                }
                _ if granted == Grant::Get => other_method = Method::DELETE,
                6 => changed.length = changed.length.wrapping_add(by),
                _ => changed.content_type.push('x'),
            }
            prop_assert_eq!(prove(&config, &other_method, there, changed, noon()), Err(CallRefused::AddressUnknown));
            let last = expires_at - TimeDelta::milliseconds(1);
            prop_assert_eq!(prove(&config, &method(&granted), here, signed.clone(), last), Ok(granted.clone()));
            prop_assert_eq!(prove(&config, &method(&granted), here, signed, expires_at), Err(CallRefused::AddressExpired));
        }
    }

    #[test]
    fn it_lasts_no_longer_than_it_should_and_outlives_a_rotation() {
        let here = place(1, 2, 3);
        let (url, expires_at) = sign(&config(&[ONE]), here, &Grant::Get, noon());
        assert!(expires_at - noon() <= GOOD_FOR && url.as_str().starts_with("https://console.example.com/files/"), "{url}");
        let proven = |peppers: &[&str]| prove(&config(peppers), &Method::HEAD, here, query(&url), noon());
        assert_eq!(proven(&[OTHER, ONE]), Ok(Grant::Get));
        assert_eq!(proven(&[OTHER]), Err(CallRefused::AddressUnknown));
        for signature in ["", "!!!", "AAAA"] {
            let signed = Signed { signature: signature.to_owned(), ..query(&url) };
            assert_eq!(prove(&config(&[ONE]), &Method::GET, here, signed, noon()), Err(CallRefused::AddressUnknown), "{signature}");
        }
    }
}
