//! A moment: short to read, exact under the pointer and for machines.

use leptos::prelude::*;

#[component]
pub fn Time(
    /// For machines: RFC 3339.
    #[prop(into)]
    rfc3339: String,
    /// The whole moment in UTC, shown under the pointer.
    #[prop(into)]
    absolute: String,
    /// What is read: "3 hours ago".
    #[prop(into)]
    shown: String,
) -> impl IntoView {
    view! { <time datetime=rfc3339 title=absolute>{shown}</time> }
}
