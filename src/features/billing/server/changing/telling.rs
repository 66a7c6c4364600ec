//! What those who pay are told of another plan.

use chrono::{DateTime, Utc};

use super::room;
use crate::{
    error::AppError,
    features::{
        billing::server::store,
        inbox::server::{Notice, tell as tell_one},
        teams,
    },
    ids::TenantId,
    paths,
    server::{
        events::EventKind,
        plans::Plan,
        scope::{Reach, Scope},
    },
};

pub enum Told<'a> {
    Now { from: &'a Plan, to: &'a Plan },
    Then { from: &'a Plan, to: &'a Plan, at: DateTime<Utc> },
}

pub async fn tell<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, told: &Told<'_>) -> Result<(), AppError> {
    let (slug, name) = store::name_of_tenant(scope, tenant).await?;
    let (kind, title, body) = match told {
        Told::Now { from, to } => {
            let beyond: Vec<String> = room::beyond(scope, tenant, to).await?.into_iter().map(|beyond| beyond.name).collect();
            let read_only = if beyond.is_empty() {
                String::new()
            } else {
                format!(
                    " It has no room for {}: what they hold can be read and taken out, and nothing new is written over the API until others are archived or the plan is a larger one.",
                    beyond.join(", ")
                )
            };
            let body = format!("The plan of {name} was {} and is {} from now on.{read_only}", from.name, to.name);
            (EventKind::TenantPlanChanged, format!("{name} has the plan {} now", to.name), body)
        }
        Told::Then { from, to, at } => {
            let day = at.format("%-d %B %Y");
            let body = format!(
                "The plan of {name} stays {} until the month ends. Until then the change can be withdrawn on the page Billing.",
                from.name
            );
            (EventKind::TenantPlanChangeScheduled, format!("{name} has the plan {} from {day} on", to.name), body)
        }
    };
    let notice = Notice { kind: kind.name(), tenant: Some(tenant), workspace: None, title, body, link: Some(paths::billing_plan(&slug)) };
    for person in teams::server::payers(scope, tenant).await? {
        tell_one(scope, person, &notice).await?;
    }
    Ok(())
}
