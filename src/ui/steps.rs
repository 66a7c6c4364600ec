//! Things to do one after the other.

use leptos::prelude::*;

/// Its children are `<li>`s.
#[component]
pub fn Steps(children: Children) -> impl IntoView {
    view! { <ol class="steps">{children()}</ol> }
}
