//! What stands where a list would be: what the list is for, and the first step towards it.

use leptos::prelude::*;

use super::{Glyph, Icon};

#[component]
pub fn EmptyState(
    icon: Icon,
    #[prop(into)] title: String,
    #[prop(into)] explanation: String,
    /// The first step: a button or link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <span class="empty-state-icon"><Glyph icon=icon/></span>
            <p class="empty-state-title">{title}</p>
            <p class="muted">{explanation}</p>
            {children.map(|children| children())}
        </div>
    }
}
