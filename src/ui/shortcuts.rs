//! The keyboard shortcuts of a page: those that work on every one, and the letters that lead elsewhere from here.

use leptos::prelude::*;

/// Where a letter leads after a `g`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortcut {
    pub letter: char,
    pub label: &'static str,
    pub href: String,
}

/// How the palette is opened: Apple's keyboards have a key of their own for it.
pub fn palette_keys(is_apple: bool) -> &'static str {
    if is_apple { "⌘ K" } else { "Ctrl K" }
}

/// The lists. The script reads where a letter leads off `data-go`.
#[component]
pub fn Shortcuts(is_apple: bool, shortcuts: Vec<Shortcut>) -> impl IntoView {
    let everywhere = [("Search", palette_keys(is_apple)), ("Filter the list, or search", "/"), ("These shortcuts", "?"), ("Close", "Esc")]
        .into_iter()
        .map(|(label, pressed)| view! { <li><span>{label}</span>{keys(pressed)}</li> })
        .collect_view();
    let places = shortcuts
        .into_iter()
        .map(|Shortcut { letter, label, href }| {
            view! { <li><a class="link" href=href data-go=letter.to_string()>{label}</a>{keys(&format!("g {letter}"))}</li> }
        })
        .collect_view();
    view! {
        <ul class="shortcuts" aria-label="On every page">{everywhere}</ul>
        <ul class="shortcuts" aria-label="Going elsewhere">{places}</ul>
    }
}

/// Keys to press, with spaces between.
pub fn keys(keys: &str) -> impl IntoView + use<> {
    let keys = keys.split(' ').map(|key| view! { <kbd>{key.to_owned()}</kbd> }).collect_view();
    view! { <span class="keys">{keys}</span> }
}
