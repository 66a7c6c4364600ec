//! Badges: a role or a state in a word or two, with a colour that only repeats what the word says.

use leptos::prelude::*;

use super::{Glyph, Tone};

/// What a person is to a tenant or workspace.
#[component]
pub fn RoleBadge(#[prop(into)] role: String) -> impl IntoView {
    view! { <span class="badge role-badge">{role}</span> }
}

/// The state of a thing. The icon differs by tone, so that the colour is never the only signal.
#[component]
pub fn StatusBadge(#[prop(optional)] tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <span class=format!("badge {}", tone.class())>
            <Glyph icon=tone.icon()/>
            <span>{text}</span>
        </span>
    }
}
