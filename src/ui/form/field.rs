//! A line of text to be entered.

use leptos::prelude::*;

use super::{
    control_id,
    labelled::{Labelled, described_by},
};

#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// What was entered before, kept after an error.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
    #[prop(default = "text")] input_type: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] maxlength: Option<u32>,
    /// It may be left empty.
    #[prop(optional)]
    optional: bool,
    /// The words that must be typed here before the form's button works; the server asks for them too.
    #[prop(optional, into)]
    confirm_phrase: Option<String>,
    /// Instead of `field-` and the name, where a page has two fields of one name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <Labelled id=id.clone() label=label optional=optional help=help error=error>
            <input
                class="input"
                id=id
                name=name
                type=input_type
                value=value
                autocomplete=autocomplete
                maxlength=maxlength
                required=!optional
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=invalid
                data-confirm-phrase=confirm_phrase
            />
        </Labelled>
    }
}
