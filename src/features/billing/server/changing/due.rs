//! Changes whose day has come.

use super::{Became, store, telling};
use crate::{
    error::AppError,
    features::billing::server::{assess_in, hold_plan, put_plan},
    ids::TenantId,
    server::{Stoa, events::Actor, http::request::RequestContext, plans, scope::ServiceScope},
};

const JOB: &str = "billing.plans";
const AT_ONCE: i32 = 200;

/// Gives every tenant whose change is due its plan. To be run every few minutes; twice at once is harmless.
///
/// # Errors
/// Only where the due ones cannot be found: one that fails keeps no other.
pub async fn apply_due(stoa: Stoa) -> Result<(), AppError> {
    for tenant in store::due(&stoa.db, stoa.clock.now(), AT_ONCE).await? {
        let request = RequestContext::internal(&stoa.clock, "system", JOB);
        if let Err(error) = apply_as(&stoa, tenant, Actor::system(JOB), &request).await {
            tracing::error!(%tenant, %error, "a plan that was asked for is not in force; it is tried again");
        }
    }
    Ok(())
}

/// Gives the tenant the plan that is due, as whoever asked for it just now, or as the server. Nothing where none is due.
///
/// # Errors
/// The database's.
pub async fn apply_as(stoa: &Stoa, tenant: TenantId, actor: Actor, request: &RequestContext) -> Result<(), AppError> {
    let mut scope = ServiceScope::open_service(stoa, request, actor, tenant, JOB).await?;
    let now = scope.now();
    let held = hold_plan(&mut scope, tenant).await?;
    // Held: nobody withdraws it meanwhile.
    let Some(due) = store::waiting(&mut scope, tenant).await?.filter(|waiting| waiting.takes_effect_at <= now) else {
        return scope.close().await;
    };
    let wanted = plans::find(&due.to, now).filter(|wanted| wanted.key != held);
    let (Some(from), Some(to)) = (plans::find(&held, now), wanted) else {
        // It is not sold any more, or there already: who asked for it has to choose again.
        super::overtake(&mut scope, tenant).await?;
        return scope.commit().await;
    };
    store::end(&mut scope, tenant, due.id, Became::Done, now).await?;
    let because = (due.takes_effect_at > due.asked_at).then(|| format!("asked for on {}", due.asked_at.format("%-d %B %Y")));
    put_plan(&mut scope, tenant, to, because.as_deref()).await?;
    telling::tell(&mut scope, tenant, &telling::Told::Now { from, to }).await?;
    assess_in(&mut scope, tenant).await?;
    scope.commit().await
}
