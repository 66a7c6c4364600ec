//! To the provider: a place to pay at, or its pages of cards and receipts. Nothing here holds a transaction while somebody else's
//! server thinks.

use std::sync::Arc;

use url::Url;

use super::{store, takes_none, target};
use crate::{
    access::tenant::ManageBilling,
    error::AppError,
    ids::{FormId, TopUpId},
    money::Micros,
    paths,
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Log, Target},
        http::request::RequestContext,
        payment::{Checkout, Failed, Opened, Payer, Payments},
        scope::{ServiceScope, Tenant, TenantScope},
    },
};

const JOB: &str = "billing.payments";

/// Somebody of an account on their way to the provider: taken from the scope of their form, used after it has committed.
pub struct Going {
    stoa: Stoa,
    request: RequestContext,
    actor: Actor,
    tenant: Tenant,
    payments: Arc<dyn Payments>,
}

impl Going {
    /// # Errors
    /// `Conflict` where the console takes no payments.
    pub fn of(scope: &TenantScope<ManageBilling>) -> Result<Self, AppError> {
        let payments = scope.stoa().payments().cloned().ok_or_else(takes_none)?;
        let (stoa, request) = (scope.stoa().clone(), scope.request().clone());
        Ok(Self { stoa, request, actor: scope.actor().clone(), tenant: scope.tenant().clone(), payments })
    }

    /// The provider as people know it.
    pub fn provider(&self) -> &'static str {
        self.payments.says()
    }

    fn mode(&self) -> (&'static str, bool) {
        (self.payments.name(), self.payments.is_live())
    }

    async fn scope(&self) -> Result<ServiceScope, AppError> {
        ServiceScope::open_service(&self.stoa, &self.request, self.actor.clone(), self.tenant.id, JOB).await
    }

    /// Who the account is at the provider, made known there the first time.
    async fn customer(&self, top_up: TopUpId) -> Result<Result<String, Failed>, AppError> {
        let mut scope = self.scope().await?;
        let known = store::customer(&mut scope, self.tenant.id, self.mode()).await?;
        scope.close().await?;
        if let Some(known) = known {
            return Ok(Ok(known));
        }
        self.introduce(&format!("stoa-{top_up}-customer"), None).await
    }

    /// Makes the account known there, in place of who it was.
    async fn introduce(&self, attempt: &str, former: Option<&str>) -> Result<Result<String, Failed>, AppError> {
        let payer = Payer { tenant: self.tenant.id, name: self.tenant.name.clone() };
        let made = match self.payments.introduce(&payer, attempt).await {
            Ok(made) => made,
            Err(failed) => return Ok(Err(failed)),
        };
        let mut scope = self.scope().await?;
        let kept = store::keep_customer(&mut scope, self.tenant.id, self.mode(), (former, &made)).await?;
        scope.commit().await?;
        Ok(Ok(kept))
    }

    /// A place to pay at, and who the account is there. One who was deleted there is made known anew: otherwise it could never
    /// pay again.
    async fn open(&self, id: TopUpId, amount: Micros) -> Result<Result<(String, Opened), Failed>, AppError> {
        let customer = match self.customer(id).await? {
            Ok(customer) => customer,
            Err(failed) => return Ok(Err(failed)),
        };
        let back = self.stoa.config.public_urls.console_url(&paths::top_up(&self.tenant.slug, id));
        let checkout = Checkout { top_up: id, tenant: self.tenant.id, customer, amount, back };
        match self.payments.open(&checkout, &format!("stoa-{id}-session")).await {
            Ok(opened) => return Ok(Ok((checkout.customer, opened))),
            Err(Failed::UnknownPayer(says)) => {
                tracing::warn!(says, tenant = %self.tenant.id, "the payment provider does not know an account any more; it is made known anew");
            }
            Err(failed) => return Ok(Err(failed)),
        }
        let customer = match self.introduce(&format!("stoa-{id}-customer-anew"), Some(&checkout.customer)).await? {
            Ok(customer) => customer,
            Err(failed) => return Ok(Err(failed)),
        };
        let checkout = Checkout { customer, ..checkout };
        Ok(self.payments.open(&checkout, &format!("stoa-{id}-session-anew")).await.map(|opened| (checkout.customer, opened)))
    }
}

/// Asks the provider for a place to pay at. None where it did not open one, which is written down: nothing was charged then.
///
/// # Errors
/// The database's.
pub async fn go(going: &Going, id: TopUpId, amount: Micros) -> Result<Option<Url>, AppError> {
    let (customer, opened) = match going.open(id, amount).await? {
        Ok(found) => found,
        Err(failed) => return fail(going, id, &failed).await.map(|()| None),
    };
    // Before anybody is sent there: what is paid is known by its session.
    let mut scope = going.scope().await?;
    store::note_opened(&mut scope, going.tenant.id, id, &customer, &opened).await?;
    scope.commit().await?;
    Ok(Some(opened.pay_at))
}

async fn fail(going: &Going, id: TopUpId, failed: &Failed) -> Result<(), AppError> {
    tracing::error!(error = %failed, top_up = %id, tenant = %going.tenant.id, "nobody can pay: the provider opened nothing");
    let (because, reason) = match failed {
        Failed::Unreached(_) => ("unreached", "the payment provider did not answer"),
        Failed::Refused(_) | Failed::UnknownPayer(_) => ("refused", "the payment provider refused it"),
    };
    let mut scope = going.scope().await?;
    store::fail(&mut scope, going.tenant.id, id, because).await?;
    scope.record_in(Log::Tenant(going.tenant.id), Event::new(EventKind::TopUpFailed, target(id)).because(reason));
    scope.commit().await
}

/// Writes down that somebody goes to the provider's pages of the account, and says who the account is there.
///
/// # Errors
/// `Conflict` where the console takes no payments, or the account never paid by one.
pub async fn portal(scope: &mut TenantScope<ManageBilling>) -> Result<Door, AppError> {
    let going = Going::of(scope)?;
    let (tenant, name) = (scope.tenant().id, scope.tenant().name.clone());
    let Some(customer) = store::customer(scope, tenant, going.mode()).await? else {
        return Err(AppError::Conflict(format!("{} knows nothing of this account yet: top up first.", going.provider())));
    };
    let target = Target { kind: "tenant", id: tenant.to_string(), name: Some(name) };
    scope.record(Event::new(EventKind::BillingPortalOpened, target).changing("provider", None, Some(going.payments.name())));
    Ok(Door { going, customer })
}

/// The provider's pages of one account, to be opened after that was committed.
pub struct Door {
    going: Going,
    customer: String,
}

impl Door {
    pub fn provider(&self) -> &'static str {
        self.going.provider()
    }

    /// None where the provider did not let anybody in.
    pub async fn open(&self, form: FormId) -> Option<Url> {
        let going = &self.going;
        let back = going.stoa.config.public_urls.console_url(&paths::top_ups(&going.tenant.slug));
        match going.payments.portal(&self.customer, &back, &format!("stoa-{form}-portal")).await {
            Ok(url) => Some(url),
            Err(failed) => {
                tracing::error!(error = %failed, tenant = %going.tenant.id, "the payment provider's pages were not opened");
                None
            }
        }
    }
}
