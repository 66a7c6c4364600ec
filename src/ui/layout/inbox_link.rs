//! The way to what waits for the person, with how much of it is new.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{Glyph, Icon},
};

#[component]
pub fn InboxLink(unread: i64, here: bool) -> impl IntoView {
    let count = shown_count(unread).map(|count| view! { <span class="unread" aria-hidden="true">{count}</span> });
    view! {
        <a class="icon-button inbox-link" href=paths::INBOX aria-label=name(unread) aria-current=here.then_some("page")>
            <Glyph icon=Icon::Inbox/>
            {count}
        </a>
    }
}

fn name(unread: i64) -> String {
    if unread > 0 { format!("Inbox, {unread} unread") } else { "Inbox".to_owned() }
}

/// What fits upon an icon.
fn shown_count(unread: i64) -> Option<String> {
    match unread {
        ..=0 => None,
        1..=99 => Some(unread.to_string()),
        100.. => Some("99+".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_exact_number_and_the_icon_what_fits() {
        assert_eq!((name(0).as_str(), shown_count(0)), ("Inbox", None));
        assert_eq!((name(3).as_str(), shown_count(3).as_deref()), ("Inbox, 3 unread", Some("3")));
        assert_eq!((name(120).as_str(), shown_count(120).as_deref()), ("Inbox, 120 unread", Some("99+")));
    }
}
