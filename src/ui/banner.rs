//! Something to know on every page for as long as it is so, in a band across the window.

use leptos::prelude::*;

use super::{Glyph, Tone};

#[component]
pub fn Banner(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! {
        <div class=format!("banner {}", tone.class()) role="status">
            <Glyph icon=tone.icon()/>
            <p>{children()}</p>
        </div>
    }
}
