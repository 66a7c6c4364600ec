//! The provider's pages, plain HTML that needs no script: the choice of a person, and notices.

use std::fmt::{self, Display, Formatter, Write as _};

use axum::response::{Html, IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY};

use super::parameters::Parameters;
use super::{PATH, PEOPLE, Person};

/// What of a request returns with the choice, to be checked again.
const CARRIED: [&str; 8] =
    ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method"];

/// `declined` is the address for somebody who will not choose.
pub(super) fn choice(asked: &Parameters, declined: &str) -> Response {
    let hint = asked.get("login_hint");
    let is_hinted = |person: &Person| hint.is_some_and(|hint| person.is_meant_by(hint));
    let mut people: Vec<&Person> = PEOPLE.iter().collect();
    people.sort_by_key(|person| !is_hinted(person));

    let mut body = String::from("<ul>\n");
    for person in people {
        let card = Card { person, is_hinted: is_hinted(person), asked };
        let _ = write!(body, "{card}");
    }
    let declined = Escaped(declined);
    let _ = write!(body, "</ul>\n<p><a href=\"{declined}\">Go back without signing in</a></p>");
    document(StatusCode::OK, "Who would you like to be?", &body)
}

pub(super) fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    document(status, title, &format!("<p>{}</p>", Escaped(text)))
}

pub(super) async fn style() -> Response {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    (headers, include_str!("style.css")).into_response()
}

/// The body is HTML already, the title is text.
fn document(status: StatusCode, title: &str, body: &str) -> Response {
    let title = Escaped(title);
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} – Demonstration sign-in</title>
<link rel="stylesheet" href="{PATH}/style.css">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body>
<main>
<h1>{title}</h1>
<p class="note">This identity provider exists only in the demonstration. It asks for no password, and its people
are made up. In earnest, Stoa signs people in with your own provider.</p>
{body}
</main>
</body>
</html>
"#
    );
    let headers = [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")];
    (status, headers, Html(html)).into_response()
}

struct Card<'a> {
    person: &'a Person,
    is_hinted: bool,
    asked: &'a Parameters,
}

impl Display for Card<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Person { subject, name, email, role, about } = self.person;
        let suggested = if self.is_hinted { "<p class=\"suggested\">Suggested by the application</p>\n" } else { "" };
        write!(
            f,
            r#"<li>
{suggested}<h2>{name} <span class="role">{role}</span></h2>
<p class="email">{email}</p>
<p>{about}</p>
<form method="post" action="{PATH}/authorize/choose">
"#,
            name = Escaped(name),
            role = Escaped(role),
            email = Escaped(email),
            about = Escaped(about),
        )?;
        for field in CARRIED {
            if let Some(value) = self.asked.get(field) {
                let value = Escaped(value);
                writeln!(f, r#"<input type="hidden" name="{field}" value="{value}">"#)?;
            }
        }
        write!(f, "<button name=\"person\" value=\"{}\">Continue as {}</button>\n</form>\n</li>\n", Escaped(subject), Escaped(name))
    }
}

/// Text that is safe between tags and inside quotes.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}
