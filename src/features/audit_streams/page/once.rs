//! The one page that shows a stream's signing secret: the answer to the form that made it.

use leptos::prelude::*;

use crate::{
    error::AppError,
    features::audit_streams::server::{Holding, Secret},
    server::http::{Page, Visit},
    ui::{PageHeader, SecretOnce, Section},
};

pub struct Once {
    pub title: String,
    pub purpose: &'static str,
    pub secret: Secret,
    /// The stream's page.
    pub done: String,
}

pub async fn page<R: Holding>(visit: Visit<R>, once: Once) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed(once.title.clone(), surroundings, move || {
        view! {
            <PageHeader title=once.title purpose=once.purpose/>
            <SecretOnce label="Signing secret" value=once.secret.reveal() explanation="If it is lost, rotate it: that gives the stream a new one." done=once.done/>
            <Section heading="At the receiver" purpose="Every batch carries webhook-id, webhook-timestamp and webhook-signature, as Standard Webhooks define them: any of its libraries checks them with this secret. Answer 2xx when the rows are kept."><p class="muted">"Rows carry their number in the log (seq): what was sent twice is told by it."</p></Section>
        }
    }))
}
