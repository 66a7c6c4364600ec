//! What those who pay are told of a payment after they have left it.

use super::Known;
use crate::{
    error::AppError,
    features::{
        billing::server::store,
        inbox::server::{Notice, tell as tell_one},
        teams,
    },
    ids::{TenantId, TopUpId},
    money::Micros,
    paths,
    server::{events::EventKind, scope::ServiceScope},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Arrived(Micros),
    Declined,
    Returned(Micros),
    /// In the provider's words, how far it is.
    Disputed(String),
}

impl News {
    /// What is new to people. What expired unpaid is not.
    pub fn between(before: &Known, after: &Known, credit: Option<Micros>, back: Option<Micros>) -> Vec<Self> {
        let declined = (before.state != after.state && after.because.as_deref() == Some("declined")).then_some(Self::Declined);
        let disputed = after.dispute.clone().filter(|_| after.has_news_of_dispute(before)).map(Self::Disputed);
        [credit.map(Self::Arrived), declined, back.map(Self::Returned), disputed].into_iter().flatten().collect()
    }

    fn kind(&self) -> EventKind {
        match self {
            Self::Arrived(_) => EventKind::CreditToppedUp,
            Self::Declined => EventKind::TopUpFailed,
            Self::Returned(_) => EventKind::CreditRefunded,
            Self::Disputed(_) => EventKind::PaymentDisputed,
        }
    }

    fn title(&self, name: &str) -> String {
        match self {
            Self::Arrived(amount) => format!("A top-up of {amount} for {name} has arrived"),
            Self::Declined => format!("A payment for {name} was declined"),
            Self::Returned(amount) => format!("{amount} of a top-up for {name} was paid back"),
            Self::Disputed(_) => format!("A payment for {name} is disputed"),
        }
    }

    fn body(&self) -> String {
        match self {
            Self::Arrived(_) => "It is prepaid credit now. It does not end with the month.".to_owned(),
            Self::Declined => "Nothing was charged, and nothing was credited. You can top up again.".to_owned(),
            Self::Returned(_) => {
                "It was taken from what is prepaid and left; what of it was used already is on what the account owes.".to_owned()
            }
            Self::Disputed(state) => {
                let state = state.replace('_', " ");
                format!(
                    "The bank of whoever paid asks for the payment back. How far that is: {state}. Whoever runs this console decides what becomes of the credit."
                )
            }
        }
    }
}

pub async fn tell(scope: &mut ServiceScope, tenant: TenantId, id: TopUpId, news: &News) -> Result<(), AppError> {
    let (slug, name) = store::name_of_tenant(scope, tenant).await?;
    let link = Some(paths::top_up(&slug, id));
    let notice =
        Notice { kind: news.kind().name(), tenant: Some(tenant), workspace: None, title: news.title(&name), body: news.body(), link };
    for person in teams::server::payers(scope, tenant).await? {
        tell_one(scope, person, &notice).await?;
    }
    Ok(())
}
