//! A module's switch: on by one click, off by way of the page that says what stops.

use leptos::prelude::*;

use crate::{
    access::workspace::ManageModules,
    error::AppError,
    features::modules::server::{self, Known, State},
    paths,
    server::{
        http::{FormAnswer, Submission},
        scope::InWorkspace,
    },
    ui::{Button, Form, LinkButton},
};

pub async fn enable(mut submission: Submission<InWorkspace<ManageModules>>) -> Result<FormAnswer, AppError> {
    let Known(module) = submission.named("module")?;
    let was_off = server::enable(&mut submission.scope, module).await?;
    let location = paths::module(&submission.scope.workspace().slug, module.key());
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    let name = &module.manifest.name;
    let says = if was_off {
        format!("{name} is on. Its calls run from the next one on.")
    } else {
        format!("{name} was on already. Nothing was changed.")
    };
    Ok(FormAnswer::to(location).saying(says))
}

/// What somebody may click who may switch. What cannot be switched on now says why; what is planned has no switch.
#[component]
pub fn Switch(
    slug: String,
    state: State,
    form_key: String,
    /// Where the buttons of several modules stand together, each names its own, unseen.
    #[prop(optional)]
    names_module: bool,
) -> impl IntoView {
    let manifest = &state.module.manifest;
    let name = names_module.then(|| view! { <span class="visually-hidden">" "{manifest.name.as_str()}</span> });
    if !state.module.is_live() {
        return ().into_any();
    }
    if state.is_enabled {
        let confirm = paths::disable_module(&slug, &manifest.key);
        return view! { <LinkButton href=confirm>"Switch off"{name}" …"</LinkButton> }.into_any();
    }
    let refusal = state.why_not_enable();
    view! {
        <Form action=paths::enable_module(&slug, &manifest.key) key=form_key place=slug>
            <Button disabled_because=refusal>"Switch on"{name}</Button>
        </Form>
    }
    .into_any()
}
