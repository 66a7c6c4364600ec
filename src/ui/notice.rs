//! A message above a page's content: what just succeeded, or what to know before going on.

use leptos::prelude::*;

use super::{Glyph, Tone};

/// Success is announced politely, danger at once, the others when they are read.
#[component]
pub fn Notice(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    let role = match tone {
        Tone::Success => Some("status"),
        Tone::Danger => Some("alert"),
        Tone::Neutral | Tone::Warning | Tone::Info => None,
    };
    view! {
        <div class=format!("notice {}", tone.class()) role=role>
            <Glyph icon=tone.icon()/>
            <div>{children()}</div>
        </div>
    }
}
