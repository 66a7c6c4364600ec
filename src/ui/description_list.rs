//! Facts about one thing: a name and a value a line.

use leptos::prelude::*;

/// Its children are `Description`s.
#[component]
pub fn DescriptionList(children: Children) -> impl IntoView {
    view! { <dl class="descriptions">{children()}</dl> }
}

#[component]
pub fn Description(#[prop(into)] term: String, children: Children) -> impl IntoView {
    view! {
        <div class="description">
            <dt>{term}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
