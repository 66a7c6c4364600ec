//! A text to be taken elsewhere letter by letter: ids, addresses, commands.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// In monospace, with a button that copies it; the button is absent where there is no scripting.
#[component]
pub fn Code(
    #[prop(into)] value: String,
    /// The button's name: "Copy workspace id".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <span class="code">
            <code>{value.clone()}</code>
            <button class="code-copy" type="button" data-copy=value aria-label=label>
                <Glyph icon=Icon::Copy/>
            </button>
        </span>
    }
}
