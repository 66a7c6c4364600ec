//! The server's half of signing in.

mod arrival;
mod attempt;
mod store;

pub use arrival::{Arrival, arrive, may_sign_up};
pub use attempt::{LIFE_SECONDS, Started, cookie_name, finish, start};

use crate::{
    error::AppError,
    ids::{TenantId, UserId},
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Target},
        http::request::RequestContext,
        scope::{ServiceScope, UserScope},
    },
};

/// Whether the person belongs to any team.
pub async fn belongs_anywhere(scope: &mut UserScope) -> Result<bool, AppError> {
    let user = scope.person().id;
    store::belongs_anywhere(scope, user).await
}

/// Makes a person an operator: by their subject at the provider, or by their verified e-mail. Returns who fits;
/// only where that is one person was anything changed.
pub async fn name_operator(stoa: &Stoa, subject: Option<&str>, email: Option<&str>) -> Result<Vec<UserId>, AppError> {
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa operator");
    let installation = TenantId(uuid::Uuid::nil());
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::operator(), installation, "operator").await?;
    let issuer = stoa.identity.issuer_text().to_owned();
    let named = store::name_operator(&mut scope, &issuer, subject, email).await?;
    match named.as_slice() {
        [user] => {
            scope.record(Event::new(EventKind::OperatorNamed, Target { kind: "user", id: user.to_string(), name: None }));
            scope.commit().await?;
        }
        // Nobody, or more than one: nothing is kept.
        _ => scope.close().await?,
    }
    Ok(named)
}
