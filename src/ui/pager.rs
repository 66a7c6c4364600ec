//! From one page of a list to the next.

use leptos::prelude::*;

use super::{ButtonKind, LinkButton};

/// Nothing at all where the list is one page. There is no way back but to the start: pages begin after a row, and what
/// came before it may have changed.
#[component]
pub fn Pager(
    /// The first page; none while on it.
    #[prop(optional_no_strip)]
    first: Option<String>,
    /// The next page; none on the last.
    #[prop(optional_no_strip)]
    next: Option<String>,
    /// Where the next page is none that follows a full one.
    #[prop(default = "Next page")]
    next_says: &'static str,
) -> impl IntoView {
    if first.is_none() && next.is_none() {
        return ().into_any();
    }
    view! {
        <nav class="pager" aria-label="Pages">
            {first.map(|href| view! { <LinkButton href=href kind=ButtonKind::Quiet>"First page"</LinkButton> })}
            {next.map(|href| view! { <LinkButton href=href>{next_says}</LinkButton> })}
        </nav>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn one_page_needs_no_pager() {
        assert_eq!(view! { <Pager first=None next=None/> }.to_html().matches("<nav").count(), 0);
        let html = view! { <Pager first=None next=Some("/list?after=x".to_owned())/> }.to_html();
        assert!(html.contains("href=\"/list?after=x\"") && !html.contains("First page"), "{html}");
    }
}
