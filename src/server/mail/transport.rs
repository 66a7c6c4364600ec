//! The way out: one SMTP server, by lettre, with a pool of connections and a patience that ends.

use std::{net::IpAddr, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{self, PoolConfig},
};
use url::Url;

use super::{Letter, layout};
use crate::server::{
    Stoa,
    config::{Mail, is_loopback},
    queue::{Failure, says, storable},
};

/// For the server's answer to one command; a mail takes five of them.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECTIONS: u32 = 8;
/// Counted again for each mail.
const DAILY_MAX: u32 = 100_000;
/// The codes by which a server refuses whoever signs in, not the mail (RFC 4954 §6).
const SIGN_IN_CODES: [&str; 4] = ["530", "534", "535", "538"];

/// The configured server, and who mails are from.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail did not go: what those who wanted it sent are told, and the whole of it for the operator.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub told: String,
    pub failure: Failure,
}

impl Refusal {
    fn never(told: &str, reason: &str) -> Self {
        Self { told: told.to_owned(), failure: Failure::Never(storable(reason)) }
    }
}

impl Mailer {
    /// From settings that were checked. Needs a runtime: the pool looks after itself.
    ///
    /// # Errors
    /// What `check` would have said.
    pub fn new(mail: &Mail) -> Result<Self, String> {
        check(mail).map_err(|(_, problem)| problem)?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.smtp_url)
            .map_err(|_| "is not an address that mail can be sent by".to_owned())?
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS))
            .build();
        let from = mail.from.parse().map_err(|_| "is not an address".to_owned())?;
        Ok(Self { transport, from })
    }

    /// Connects, greets and signs in where that is configured; sends nothing.
    ///
    /// # Errors
    /// What the server or the way to it said.
    pub async fn greet(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the server hung up".to_owned()),
            Err(error) => Err(storable(&error.to_string())),
        }
    }
}

/// Looks whether mail can be sent by these settings at all: the key of the first that cannot be used, and why not.
///
/// # Errors
/// Never repeats the address, which may hold a password.
pub fn check(mail: &Mail) -> Result<(), (&'static str, String)> {
    let wrong = |problem: &str| Err(("mail.smtp_url", problem.to_owned()));
    let Ok(url) = mail.smtp_url.parse::<Url>() else {
        return wrong("is not an address; expected smtps://user:password@host:465 or smtp://host:587?tls=required");
    };
    if !matches!(url.scheme(), "smtp" | "smtps") || url.host_str().is_none_or(str::is_empty) {
        return wrong("must begin with smtps:// or smtp:// and name a host");
    }
    if url.username().is_empty() != url.password().is_none() {
        return wrong("names a user without a password, or a password without a user");
    }
    let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    match (url.scheme(), tls.as_deref()) {
        ("smtps", None) | ("smtp", Some("required" | "opportunistic")) => {}
        ("smtp", None) if is_this_machine(&url) => {}
        ("smtp", None) => return wrong("would send in the clear to another machine; use smtps://, or add ?tls=required"),
        _ => return wrong("says an unknown tls; smtps:// takes none, smtp:// takes required or opportunistic"),
    }
    if mail.from.parse::<Mailbox>().is_err() {
        return Err(("mail.from", "is not an address as mail programs show it; expected Stoa <stoa@example.com>".to_owned()));
    }
    if !(1..=DAILY_MAX).contains(&mail.daily_per_tenant) {
        return Err(("mail.daily_per_tenant", format!("must be from 1 to {DAILY_MAX}")));
    }
    Ok(())
}

/// Addresses of a scheme that browsers do not know are kept as they were written.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    is_loopback(url) || host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

pub(super) async fn hand_over(stoa: &Stoa, reference: &str, letter: &Letter) -> Result<(), Refusal> {
    let Some(mailer) = stoa.mailer() else {
        return Err(Refusal {
            told: "Mail is not configured any more.".to_owned(),
            failure: Failure::Again("mail is not configured".to_owned()),
        });
    };
    let message = compose(stoa, mailer, reference, letter)?;
    mailer.transport.send(message).await.map(drop).map_err(|error| refused(&error))
}

fn compose(stoa: &Stoa, mailer: &Mailer, reference: &str, letter: &Letter) -> Result<Message, Refusal> {
    let to: Address = letter
        .to
        .parse()
        .map_err(|_| Refusal::never("This is not an address that mail can be sent to.", "the recipient is not an address"))?;
    let host = stoa.config.public_urls.console.host_str().unwrap_or("localhost");
    let by_machine = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    Message::builder()
        .from(mailer.from.clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(&letter.subject))
        .date(stoa.clock.now().into())
        .message_id(Some(format!("<{}@{host}>", one_line(reference))))
        .raw_header(by_machine)
        .multipart(
            MultiPart::alternative().singlepart(SinglePart::plain(layout::text(letter))).singlepart(SinglePart::html(layout::html(letter))),
        )
        .map_err(|error| Refusal::never("It could not be written.", &says(&error)))
}

/// A line break in a subject would begin a header of the writer's choosing.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// What a server refuses for good is not tried again; its answer says which mail, so the sender is told it. How the way
/// to the server is broken is the operator's.
fn refused(error: &smtp::Error) -> Refusal {
    // It tells its causes itself.
    let reason = storable(&error.to_string());
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    let is_sign_in = SIGN_IN_CODES.contains(&code.as_str());
    if error.is_permanent() && !is_sign_in {
        return Refusal { told: format!("The mail server refused it: {reason}."), failure: Failure::Never(reason) };
    }
    let told = if code.is_empty() || is_sign_in {
        "The mail server could not be reached.".to_owned()
    } else {
        format!("The mail server put it off: {reason}.")
    };
    Refusal { told, failure: Failure::Again(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(smtp_url: &str, from: &str) -> Option<&'static str> {
        check(&Mail { smtp_url: smtp_url.to_owned(), from: from.to_owned(), daily_per_tenant: 500 }).err().map(|(key, _)| key)
    }

    #[test]
    fn what_mail_cannot_be_sent_by_is_refused_by_its_key() {
        const FROM: &str = "Stoa <stoa@example.com>";
        for usable in [
            "smtps://user:pass@mail.example.com:465",
            "smtp://mail.example.com:587?tls=required",
            "smtp://relay:25?tls=opportunistic",
            "smtp://127.0.0.1:1025",
            "smtp://localhost:1025",
            "smtp://[::1]:1025",
        ] {
            assert_eq!(problem(usable, FROM), None, "{usable}");
        }
        for unusable in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://mail.example.com",
            "smtp://mail.example.com?tls=maybe",
            "smtps://mail.example.com?tls=required",
            "smtps://user@mail.example.com",
        ] {
            assert_eq!(problem(unusable, FROM), Some("mail.smtp_url"), "{unusable}");
        }
        for unusable in ["", "stoa", "stoa@", "Stoa <stoa@example.com> and more"] {
            assert_eq!(problem("smtp://127.0.0.1:1025", unusable), Some("mail.from"), "{unusable}");
        }
    }

    #[test]
    fn a_subject_stays_on_its_line() {
        assert_eq!(one_line("Hello\r\nBcc: all@example.com\n"), "Hello  Bcc: all@example.com");
    }
}
