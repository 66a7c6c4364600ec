//! The frame of pages that anybody may read: the console's bar with nothing of a person in it, and the width of the page.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{Glyph, Icon},
};

/// Its children start with the page's `h1`.
#[component]
pub fn Reading(children: Children) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <header class="top-bar">
            <a class="brand" href=paths::HOME aria-label="Stoa, home">
                <Glyph icon=Icon::Brand/>
                <span class="brand-name">"Stoa"</span>
            </a>
            <nav class="top-bar-end" aria-label="Documentation">
                <a class="link" href=paths::API_DOCS>"API reference"</a>
            </nav>
        </header>
        <div class="frame">
            <main id="main" class="main" tabindex="-1">
                {children()}
            </main>
        </div>
    }
}
