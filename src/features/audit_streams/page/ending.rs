//! Before a stream is ended for good: which one, and what was not sent.

use leptos::prelude::*;

use super::{form::says, pieces::position};
use crate::{
    error::AppError,
    features::audit_streams::server::{self, Holding, host_of},
    ids::AuditStreamId,
    paths,
    server::http::{FormAnswer, Page, Submission, Visit},
    ui::{Actions, Button, ButtonKind, Description, DescriptionList, Form, LinkButton, Notice, PageHeader, Tone},
};

pub async fn show_ending<R: Holding>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let id: AuditStreamId = visit.named("stream")?;
    let place = R::place(&visit.scope);
    let shown = server::find(&mut visit.scope, id).await?;
    let (key, surroundings) = (visit.form_key(), visit.surroundings());
    let says = visit.refused.as_ref().and_then(says);
    visit.scope.close().await?;
    let title = format!("Archive {}", shown.stream.name);
    Ok(Page::framed(title.clone(), surroundings, move || {
        let here = place.streams();
        let (action, back) = (paths::audit_stream_act(&here, id, "archive"), paths::audit_stream(&here, id));
        let (host, position, version) = (host_of(&shown.stream.url), position(&shown), shown.stream.version);
        let says = says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
        view! {
            <PageHeader title=title purpose="This ends the stream for good. The log keeps every row; a new stream can send them again from the first one on."/>
            {says}
            <DescriptionList>
                <Description term="Endpoint">{host}</Description>
                <Description term="Position">{position}</Description>
            </DescriptionList>
            <Form action=action key=key place=place.slug>
                <input type="hidden" name="version" value=version/>
                <Actions>
                    <Button kind=ButtonKind::Danger>"Archive stream"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Keep it"</LinkButton>
                </Actions>
            </Form>
        }
    }))
}

pub async fn archive<R: Holding>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let (id, version): (AuditStreamId, i64) = (submission.named("stream")?, submission.version()?);
    server::archive(&mut submission.scope, id, version).await?;
    let location = R::place(&submission.scope).streams();
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The stream is archived."))
}
