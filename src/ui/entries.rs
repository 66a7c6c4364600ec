//! Messages under each other, each with a title, some words and a time: what is new says so in a word.

use leptos::prelude::*;

use super::{StatusBadge, Time, Tone};

/// Its children are `Entry`s.
#[component]
pub fn Entries(
    /// What they are, for those who hear the page.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! { <ul class="entries" aria-label=label>{children()}</ul> }
}

#[component]
pub fn Entry(
    #[prop(into)] title: String,
    paragraphs: Vec<String>,
    /// Where it leads.
    href: Option<String>,
    is_new: bool,
    /// As `Time` takes them: for machines, whole, and as read.
    time: (String, String, String),
    /// What can be done about it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (rfc3339, absolute, shown) = time;
    let heading = match href {
        Some(href) => view! { <a class="link" href=href>{title}</a> }.into_any(),
        None => title.into_any(),
    };
    let paragraphs = paragraphs.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
    view! {
        <li class="entry" class:entry-new=is_new>
            <div class="entry-head">
                {is_new.then(|| view! { <StatusBadge tone=Tone::Info text="Unread"/> })}
                <h2 class="entry-title">{heading}</h2>
                <span class="entry-time"><Time rfc3339=rfc3339 absolute=absolute shown=shown/></span>
            </div>
            {paragraphs}
            {children.map(|children| children())}
        </li>
    }
}
