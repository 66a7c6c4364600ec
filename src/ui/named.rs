//! A name, with its slug where the name alone does not say which.

use leptos::prelude::*;

#[component]
pub fn Named(
    #[prop(into)] name: String,
    /// Where another one in the same list is called the same.
    slug: Option<String>,
) -> impl IntoView {
    let slug = slug.map(|slug| view! { " "<code class="slug">{slug}</code> });
    view! { <span>{name}</span>{slug} }
}
