//! A switch that lets a list's new rows, or changed figures, come by themselves.

use leptos::prelude::*;

use super::{ButtonKind, LinkButton};

/// `address` tells what came after `since`, `page` is the list itself: without scripting it is loaded again by hand. Rows carry `id` and
/// `data-at`, the microseconds that they are sorted by, newest first.
#[component]
pub fn Live(
    #[prop(into)] address: String,
    #[prop(into)] since: String,
    #[prop(into)] page: String,
    /// What is told takes the place of the element with this id, whole.
    #[prop(optional)]
    figures: Option<&'static str>,
) -> impl IntoView {
    view! {
        <div class="live">
            <LinkButton href=page kind=ButtonKind::Quiet>"Refresh"</LinkButton>
            <div class="live-switch" data-live=address data-since=since data-figures=figures>
                <button class="button button-quiet" type="button" aria-pressed="false">"Live"</button>
                <span class="muted" role="status"></span>
            </div>
        </div>
    }
}
