//! The way to what one looks for: the link in the top bar, the palette that it opens where there is scripting, and the
//! sheet of shortcuts. Both dialogs are opened by `palette.js`; without it the link leads to the search's page.

use leptos::prelude::*;

use super::Finding;
use crate::{
    paths,
    ui::{Form, Glyph, Icon, Shortcuts, palette_keys},
};

#[component]
pub fn SearchLink(address: String, is_apple: bool) -> impl IntoView {
    let shortcut = if is_apple { "Meta+K" } else { "Control+K" };
    view! {
        <a class="search-link" href=address data-opens="palette" data-no-prefetch="" aria-keyshortcuts=shortcut>
            <Glyph icon=Icon::Search/>
            <span class="search-word">"Search"</span>
            <kbd aria-hidden="true">{palette_keys(is_apple)}</kbd>
        </a>
    }
}

/// A combobox over a list box (ARIA Authoring Practices), whose options the server renders.
#[component]
pub fn Palette(address: String, place: Option<String>, form_key: String) -> impl IntoView {
    let results = paths::search_results(&address);
    view! {
        <dialog id="palette" class="palette" aria-label="Search" data-results=results>
            <Form action=address key=form_key place=place.unwrap_or_default()>
                <div class="palette-head">
                    <Glyph icon=Icon::Search/>
                    <input
                        class="palette-input"
                        name="q"
                        type="text"
                        role="combobox"
                        aria-label="Search"
                        aria-expanded="false"
                        aria-controls="palette-found"
                        aria-autocomplete="list"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        maxlength="200"
                        placeholder="A page, @member, #key, or an id"
                    />
                    <button class="icon-button" type="button" aria-label="Close search" data-close="">
                        <Glyph icon=Icon::Close/>
                    </button>
                </div>
            </Form>
            <div id="palette-found" class="palette-found" role="listbox" aria-label="Results" hidden=true></div>
            <p class="palette-says" role="status"></p>
        </dialog>
    }
}

#[component]
pub fn ShortcutSheet(finding: Finding) -> impl IntoView {
    view! {
        <dialog id="sheet" class="sheet" aria-labelledby="sheet-title">
            <div class="sheet-head">
                <h2 id="sheet-title">"Keyboard shortcuts"</h2>
                <button class="icon-button" type="button" aria-label="Close shortcuts" data-close="">
                    <Glyph icon=Icon::Close/>
                </button>
            </div>
            <Shortcuts is_apple=finding.is_apple shortcuts=finding.shortcuts/>
        </dialog>
    }
}
