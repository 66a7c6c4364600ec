//! The last part of a page: acts that stop something or cannot be undone.

use leptos::prelude::*;

/// Its children are `DangerAct`s.
#[component]
pub fn DangerZone(children: Children) -> impl IntoView {
    view! {
        <section class="section danger-zone" aria-labelledby="danger-zone">
            <h2 id="danger-zone" class="section-heading">"Danger zone"</h2>
            <div class="danger-acts">{children()}</div>
        </section>
    }
}

/// One act: what it is called, what it does, and the button or link that starts it.
#[component]
pub fn DangerAct(#[prop(into)] title: String, #[prop(into)] explanation: String, children: Children) -> impl IntoView {
    view! {
        <div class="danger-act">
            <div>
                <h3 class="danger-act-title">{title}</h3>
                <p class="muted">{explanation}</p>
            </div>
            {children()}
        </div>
    }
}
