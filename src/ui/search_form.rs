//! The field of the search's own page.

use leptos::prelude::*;

use super::{Button, ButtonKind, Form};

/// It posts, so that a key that is pasted whole gets into no address; the answer leads to the address of what was asked.
#[component]
pub fn SearchForm(
    #[prop(into)] action: String,
    #[prop(into)] key: String,
    #[prop(optional_no_strip)] place: Option<String>,
    #[prop(into)] value: String,
    #[prop(into)] help: String,
) -> impl IntoView {
    let is_new = value.is_empty();
    view! {
        <Form action=action key=key place=place.unwrap_or_default() role="search">
            <label class="field-label" for="search-q">"Look for"</label>
            <p class="field-help" id="search-help">{help}</p>
            <div class="search-line">
                <input
                    class="input"
                    id="search-q"
                    name="q"
                    type="search"
                    value=value
                    maxlength="200"
                    autocomplete="off"
                    spellcheck="false"
                    autofocus=is_new
                    aria-describedby="search-help"
                    data-filter=""
                />
                <Button kind=ButtonKind::Primary>"Search"</Button>
            </div>
        </Form>
    }
}
