//! The way out that the console begins (RP-initiated logout): forgets the session and sends the visitor back.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;

use super::parameters::{Parameters, Sent};
use super::{Inside, Provider, page};

pub(super) async fn end(State(provider): State<Provider>, sent: Sent) -> Response {
    let inside = &provider.inside;
    let Some(asked) = Parameters::read(sent) else {
        return refused("The request cannot be read, or says something twice.");
    };
    if asked.get("client_id").is_some_and(|id| id != inside.client_id) {
        return refused("The application that asked (client_id) is not known here.");
    }
    if let Some(hint) = asked.get("id_token_hint") {
        inside.forget(hint);
    }
    match asked.get("post_logout_redirect_uri") {
        None => page::notice(StatusCode::OK, "You are signed out", "You can close this page."),
        Some(uri) if uri == inside.post_logout_redirect_uri.as_str() => {
            let mut url = inside.post_logout_redirect_uri.clone();
            if let Some(state) = asked.get("state") {
                url.query_pairs_mut().append_pair("state", state);
            }
            Redirect::to(url.as_str()).into_response()
        }
        Some(_) => refused("The address to return to (post_logout_redirect_uri) is not the application's."),
    }
}

impl Inside {
    /// A hint of an earlier start cannot be read, and has nothing left to forget: signing out goes on.
    fn forget(&self, id_token: &str) {
        if let Some(claims) = self.key.read(id_token)
            && let Some(session) = claims["sid"].as_str()
        {
            self.access_tokens().discard(|sign_in| sign_in.session == session);
        }
    }
}

fn refused(about: &str) -> Response {
    page::notice(StatusCode::BAD_REQUEST, "This sign-out cannot go on", about)
}
