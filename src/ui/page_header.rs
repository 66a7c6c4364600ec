//! The head of a page: its title, what it is for in one sentence, and what can be done from it.

use leptos::prelude::*;

use super::Actions;

#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(into)] purpose: String,
    /// Actions: buttons or links, at most one of them primary.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-header">
            <div class="page-header-text">
                <h1>{title}</h1>
                <p class="muted">{purpose}</p>
            </div>
            {children.map(|children| view! { <Actions>{children()}</Actions> })}
        </div>
    }
}
