//! A text to be taken elsewhere letter by letter: ids, addresses, commands.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// Several lines of it.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn CodeBlock(
    #[prop(into)] value: String,
    /// What it is, for whoever hears the page; the button copies it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <div class="code-block">
            <pre class="example" tabindex="0" role="region" aria-label=label.clone()><code>{value.clone()}</code></pre>
            <button class="code-copy" type="button" data-copy=value aria-label=format!("Copy: {label}")>
                <Glyph icon=Icon::Copy/>
            </button>
        </div>
    }
}

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
