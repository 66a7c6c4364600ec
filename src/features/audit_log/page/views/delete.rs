//! Before a view is deleted: which one, and who has it.

use leptos::prelude::*;

use crate::{
    error::AppError,
    features::audit_log::server::views::{self, Keeping},
    ids::AuditViewId,
    paths,
    server::http::{FormAnswer, Page, Submission, Visit},
    ui::{Actions, Button, ButtonKind, Description, DescriptionList, Form, LinkButton, Notice, PageHeader, Tone},
};

pub async fn show_delete<R: Keeping>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let id: AuditViewId = visit.named("view")?;
    let view = views::find(&mut visit.scope, id).await?;
    let shelf = R::shelf(&visit.scope);
    let here = shelf.views(R::IS_SHARED);
    let (key, place, surroundings) = (visit.form_key(), shelf.slug, visit.surroundings());
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    visit.scope.close().await?;
    let title = format!("Delete {}", view.name);
    let purpose = if R::IS_SHARED {
        "Nobody who reads this log has the view any more. No row of the log goes with it, and links that lead to its search go on working."
    } else {
        "The view is gone. No row of the log goes with it, and links that lead to its search go on working."
    };
    Ok(Page::framed(title.clone(), surroundings, move || {
        let (action, back, when) = (paths::delete_audit_view(&here, id), paths::audit_view(&here, id), view.says_when());
        let says = says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
        let line = (!view.line.is_empty()).then(|| view! { <Description term="Search"><code>{view.line}</code></Description> });
        view! {
            <PageHeader title=title purpose=purpose/>
            {says}
            <DescriptionList>
                <Description term="Name">{view.name}</Description>
                {line}
                <Description term="Time">{when}</Description>
            </DescriptionList>
            <Form action=action key=key place=place>
                <input type="hidden" name="version" value=view.version/>
                <Actions>
                    <Button kind=ButtonKind::Danger>"Delete view"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Keep it"</LinkButton>
                </Actions>
            </Form>
        }
    }))
}

pub async fn delete<R: Keeping>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let id: AuditViewId = submission.named("view")?;
    let version = submission.version()?;
    views::delete(&mut submission.scope, id, version).await?;
    let location = R::shelf(&submission.scope).views(false);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("The view is deleted."))
}
