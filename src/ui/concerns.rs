//! What somebody should look at, one sentence each, with the place where it is mended.

use leptos::prelude::*;

use super::{Glyph, Tone};

/// Its children are `Concern`s.
#[component]
pub fn Concerns(
    /// What they are, for those who hear the page.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! { <ul class="concerns" aria-label=label>{children()}</ul> }
}

/// Where a concern is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    pub href: String,
    /// What the link there says.
    pub says: &'static str,
    /// Not where looking at the place leaves a row.
    pub is_fetched_ahead: bool,
}

/// Its children are the sentence. How bad it is stands in a shape and a colour, and in what the sentence says.
#[component]
pub fn Concern(tone: Tone, remedy: Option<Remedy>, children: Children) -> impl IntoView {
    let link = remedy.map(|remedy| {
        let never_ahead = (!remedy.is_fetched_ahead).then_some("");
        view! { " "<a class="link" href=remedy.href data-no-prefetch=never_ahead>{remedy.says}</a> }
    });
    view! {
        <li class=format!("concern {}", tone.class())>
            <Glyph icon=tone.icon()/>
            <p>{children()}{link}</p>
        </li>
    }
}
