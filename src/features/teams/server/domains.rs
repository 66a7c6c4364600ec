//! The domains whose addresses may join a team: reading them, and judging an address by them.

use crate::error::AppError;

/// As many as the schema holds.
const DOMAINS_MAX: usize = 50;
/// RFC 1035 §2.3.4, without the dot of the root.
const DOMAIN_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// Where anybody gets an address: allowing one lets everybody in.
const PUBLIC: &[&str] = &[
    "126.com",
    "163.com",
    "aim.com",
    "aol.com",
    "bluewin.ch",
    "bk.ru",
    "bol.com.br",
    "btinternet.com",
    "comcast.net",
    "daum.net",
    "duck.com",
    "email.cz",
    "fastmail.com",
    "fastmail.fm",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hushmail.com",
    "icloud.com",
    "inbox.ru",
    "interia.pl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "onet.pl",
    "orange.fr",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "seznam.cz",
    "sfr.fr",
    "sina.com",
    "sky.com",
    "t-online.de",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "ya.ru",
    "yeah.net",
    "ymail.com",
    "zoho.com",
    "zohomail.com",
];
/// The same, under whatever country: `yahoo.co.uk`.
const PUBLIC_NAMES: &[&str] = &["gmx", "hotmail", "live", "outlook", "yahoo", "yandex"];

/// Reads domains, one a line; empty lines and a leading `@` are passed over, and each stands once.
///
/// # Errors
/// `Invalid` at `allowed_domains`, naming the first line that cannot be taken.
pub fn parse(text: &str) -> Result<Vec<String>, AppError> {
    let mut domains: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let domain = read(line).map_err(|why| AppError::invalid("allowed_domains", why))?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    if domains.len() > DOMAINS_MAX {
        let many = domains.len();
        return Err(AppError::invalid("allowed_domains", format!("These are {many} domains. Enter {DOMAINS_MAX} or fewer.")));
    }
    Ok(domains)
}

/// Whether an address may join where these domains are allowed, once it is proven; none allowed means all are.
pub fn admit(allowed: &[String], email: &str) -> bool {
    let domain = email.rsplit_once('@').and_then(|(_, domain)| normal(domain));
    allowed.is_empty() || domain.is_some_and(|domain| allowed.contains(&domain))
}

fn read(line: &str) -> Result<String, String> {
    let name = line.strip_prefix('@').unwrap_or(line);
    let shown: String = line.chars().take(80).collect();
    if name.contains('@') {
        return Err(format!("“{shown}” is an address. Enter its domain alone, the part after the @."));
    }
    let domain = normal(name).ok_or_else(|| format!("“{shown}” is not a domain name. Enter one such as example.com in each line."))?;
    if is_public(&domain) {
        return Err(format!("Anybody can get an address at {domain}, so allowing it would let everybody in. Remove it."));
    }
    Ok(domain)
}

/// In lower case, and other scripts as they stand in DNS; None for what is no domain name of two labels or more.
fn normal(name: &str) -> Option<String> {
    let url::Host::Domain(domain) = url::Host::parse(name).ok()? else { return None };
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (domain.len() <= DOMAIN_MAX && domain.contains('.') && domain.split('.').all(is_label)).then_some(domain)
}

fn is_public(domain: &str) -> bool {
    // `live.acme.com` is somebody's own; `live.co.uk` is not.
    let of_a_country = match domain.split('.').collect::<Vec<_>>().as_slice() {
        [name, _] | [name, "co" | "com", _] => Some(*name),
        _ => None,
    };
    PUBLIC.contains(&domain) || of_a_country.is_some_and(|name| PUBLIC_NAMES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        match parse(text) {
            Err(AppError::Invalid(errors)) => errors[0].message.clone(),
            other => panic!("{text:?} gave {other:?}"),
        }
    }

    #[test]
    fn domains_are_read_as_they_are_meant() {
        assert_eq!(parse(""), Ok(Vec::new()));
        let read = parse(" Example.COM \r\n\n@acme.io\nexample.com\nbücher.example").expect("domains");
        assert_eq!(read, ["example.com", "acme.io", "xn--bcher-kva.example"]);
    }

    #[test]
    fn what_is_no_domain_is_named_with_the_remedy() {
        for text in
            ["com", "exa mple.com", "10.0.0.1", "[::1]", "*.example.com", "-a.example", "a..b", "_x.example.com", "https://example.com"]
        {
            assert!(why(text).contains("is not a domain name"), "{text}: {}", why(text));
        }
        assert!(why("ada@example.com").contains("is an address"));
        assert!(why(&format!("{}.example", "a".repeat(64))).contains("is not a domain name"));
        let many = (0..51).map(|number| format!("d{number}.example")).collect::<Vec<_>>().join("\n");
        assert!(why(&many).contains("51 domains"));
    }

    #[test]
    fn where_anybody_gets_an_address_is_refused_with_the_reason() {
        for text in ["gmail.com", "GMail.com", "yahoo.co.uk", "hotmail.fr", "gmx.net", "web.de"] {
            assert!(why(text).contains("let everybody in"), "{text}: {}", why(text));
        }
        for own in ["live.ibm.com", "outlook.acme.example", "gmail.com.example"] {
            assert_eq!(parse(own), Ok(vec![own.to_owned()]));
        }
    }

    #[test]
    fn an_address_is_judged_by_its_whole_domain() {
        let allowed = ["example.com".to_owned(), "xn--bcher-kva.example".to_owned()];
        assert!(admit(&allowed, "ada@EXAMPLE.com") && admit(&allowed, "ada@bücher.example"));
        for other in ["ada@mail.example.com", "ada@example.com.evil.test", "ada@notexample.com", "example.com"] {
            assert!(!admit(&allowed, other), "{other}");
        }
        assert!(admit(&[], "ada@anywhere.example"));
    }
}
