//! The frame of pages outside the console: signing in, signed out, and errors.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{Glyph, Icon},
};

/// A card in the middle of the page. Its children start with the page's `h1`.
#[component]
pub fn Bare(children: Children) -> impl IntoView {
    view! {
        <div class="bare">
            <header class="bare-head">
                <a class="brand" href=paths::HOME>
                    <Glyph icon=Icon::Brand/>
                    <span>"Stoa"</span>
                </a>
            </header>
            <main id="main" class="bare-card" tabindex="-1">
                {children()}
            </main>
        </div>
    }
}
