//! One part of a page, under a heading of its own.

use leptos::prelude::*;

#[component]
pub fn Section(#[prop(into)] heading: String, #[prop(optional, into)] purpose: Option<String>, children: Children) -> impl IntoView {
    view! {
        <section class="section">
            <h2 class="section-heading">{heading}</h2>
            {purpose.map(|purpose| view! { <p class="muted section-purpose">{purpose}</p> })}
            {children()}
        </section>
    }
}
