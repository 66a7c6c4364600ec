//! Ways between the parts of one subject, each a page of its own.

use leptos::prelude::*;

#[component]
pub fn Tabs(
    /// What the parts are parts of.
    #[prop(into)]
    label: String,
    /// Label and address of each.
    entries: Vec<(String, String)>,
    /// The address of the one that is shown.
    #[prop(into)]
    current: String,
) -> impl IntoView {
    let links = entries
        .into_iter()
        .map(move |(label, href)| {
            let here = (href == current).then_some("page");
            view! { <li><a class="tab" href=href aria-current=here>{label}</a></li> }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{links}</ul>
        </nav>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn one_tab_is_current() {
        let entries = vec![("Members".to_owned(), "/a".to_owned()), ("Invitations".to_owned(), "/a/b".to_owned())];
        let html = view! { <Tabs label="Members" entries=entries current="/a/b"/> }.to_html();
        assert_eq!(html.matches("aria-current=\"page\"").count(), 1, "{html}");
        assert!(html.find("aria-current") > html.find("/a/b"), "{html}");
    }
}
