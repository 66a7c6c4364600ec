//! The front door: checks what a client asks for, lets the visitor choose a person, and sends them back with a code.
//!
//! Nothing is kept until a person is chosen: the page carries the request, and it is checked again when it returns.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use url::Url;

use super::parameters::{Parameters, Sent};
use super::{Inside, Person, Provider, SignIn, now, page, random};

/// Base64url of a SHA-256.
const CHALLENGE_LETTERS: usize = 43;

#[derive(Clone, Copy)]
enum Refusal {
    /// Not our client or not its address, so nobody is sent there.
    Shown(&'static str),
    /// For the client, by the names of RFC 6749 and `OpenID` Connect.
    Told(&'static str, &'static str),
}

pub(super) async fn ask(State(provider): State<Provider>, sent: Sent) -> Response {
    let inside = &provider.inside;
    let Some(asked) = Parameters::read(sent) else {
        return unreadable();
    };
    if let Err(refusal) = inside.check(&asked) {
        return inside.refuse(&asked, refusal);
    }
    let declined = inside.reply(&asked, &[("error", "access_denied")]);
    page::choice(&asked, declined.as_str())
}

pub(super) async fn choose(State(provider): State<Provider>, sent: Sent) -> Response {
    let inside = &provider.inside;
    let Some(asked) = Parameters::read(sent) else {
        return unreadable();
    };
    if let Err(refusal) = inside.check(&asked) {
        return inside.refuse(&asked, refusal);
    }
    let Some(person) = asked.get("person").and_then(Person::with_subject) else {
        return inside.refuse(&asked, Refusal::Shown("Nobody of that name lives here."));
    };
    let Ok(code) = inside.issue(person, &asked) else {
        let refusal = Refusal::Told("server_error", "The code could not be made.");
        return inside.refuse(&asked, refusal);
    };
    Redirect::to(inside.reply(&asked, &[("code", code.as_str())]).as_str()).into_response()
}

impl Inside {
    fn check(&self, asked: &Parameters) -> Result<(), Refusal> {
        use Refusal::{Shown, Told};

        if asked.get("client_id") != Some(self.client_id.as_str()) {
            return Err(Shown("The application that asked (client_id) is not known here."));
        }
        if asked.get("redirect_uri") != Some(self.redirect_uri.as_str()) {
            return Err(Shown("The address to return to (redirect_uri) is not the application's."));
        }
        if asked.has("request") {
            return Err(Told("request_not_supported", "Send plain parameters."));
        }
        if asked.has("request_uri") {
            return Err(Told("request_uri_not_supported", "Send plain parameters."));
        }
        match asked.get("response_type") {
            Some("code") => {}
            Some(_) => return Err(Told("unsupported_response_type", "Only code is given.")),
            None => return Err(Told("invalid_request", "response_type is missing.")),
        }
        if asked.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(Told("invalid_request", "response_mode can only be query."));
        }
        if !words(asked, "scope").any(|scope| scope == "openid") {
            return Err(Told("invalid_scope", "scope must contain openid."));
        }
        let is_challenged = asked.get("code_challenge").is_some_and(is_challenge);
        if !is_challenged || asked.get("code_challenge_method") != Some("S256") {
            return Err(Told("invalid_request", "PKCE with S256 is required."));
        }
        check_prompt(asked)
    }

    fn refuse(&self, asked: &Parameters, refusal: Refusal) -> Response {
        match refusal {
            Refusal::Shown(about) => page::notice(StatusCode::BAD_REQUEST, "This sign-in cannot go on", about),
            Refusal::Told(error, about) => {
                let said = [("error", error), ("error_description", about)];
                Redirect::to(self.reply(asked, &said).as_str()).into_response()
            }
        }
    }

    fn issue(&self, person: &'static Person, asked: &Parameters) -> anyhow::Result<String> {
        let code = random()?;
        let sign_in = SignIn {
            person,
            session: random()?,
            at: now(),
            nonce: asked.get("nonce").map(str::to_owned),
            code: code.clone(),
            code_challenge: asked.get("code_challenge").unwrap_or_default().to_owned(),
        };
        self.codes().put(code.clone(), sign_in, now());
        Ok(code)
    }

    /// The client's address with what it is told, its own state, and who says so (RFC 9207).
    fn reply(&self, asked: &Parameters, said: &[(&str, &str)]) -> Url {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut()
            .extend_pairs(said)
            .extend_pairs(asked.get("state").map(|state| ("state", state)))
            .append_pair("iss", &self.issuer);
        url
    }
}

/// There are no sessions here, so nobody can ever be signed in without being asked.
fn check_prompt(asked: &Parameters) -> Result<(), Refusal> {
    if !words(asked, "prompt").any(|prompt| prompt == "none") {
        return Ok(());
    }
    Err(if words(asked, "prompt").count() == 1 {
        Refusal::Told("login_required", "Somebody has to choose a person.")
    } else {
        Refusal::Told("invalid_request", "prompt cannot be none and more.")
    })
}

fn words<'a>(asked: &'a Parameters, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    asked.get(name).unwrap_or_default().split_whitespace()
}

fn is_challenge(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == CHALLENGE_LETTERS && text.bytes().all(is_letter)
}

fn unreadable() -> Response {
    page::notice(StatusCode::BAD_REQUEST, "This sign-in cannot go on", "The request cannot be read, or says something twice.")
}
