//! The head of a page: its title, what it is for in one sentence, and at most one primary action.

use leptos::prelude::*;

#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(into)] purpose: String,
    /// The primary action: a button or link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-header">
            <div class="page-header-text">
                <h1>{title}</h1>
                <p class="muted">{purpose}</p>
            </div>
            {children.map(|children| children())}
        </div>
    }
}
