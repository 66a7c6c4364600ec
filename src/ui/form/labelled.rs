//! The label, help and error around one control, wired to it by id.

use leptos::prelude::*;

use crate::ui::{Glyph, Icon};

/// What `aria-describedby` of a control says when it has help, an error, or both.
pub fn described_by(id: &str, has_help: bool, has_error: bool) -> Option<String> {
    match (has_help, has_error) {
        (false, false) => None,
        (true, false) => Some(format!("{id}-help")),
        (false, true) => Some(format!("{id}-error")),
        (true, true) => Some(format!("{id}-error {id}-help")),
    }
}

/// Its child is the control with the same id.
#[component]
pub fn Labelled(
    id: String,
    label: String,
    optional: bool,
    help: Option<String>,
    error: Option<String>,
    children: Children,
) -> impl IntoView {
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
                {optional.then(|| view! { <span class="muted">" (optional)"</span> })}
            </label>
            {help.map(|help| view! { <p id=help_id class="field-help">{help}</p> })}
            {children()}
            {error.map(|error| view! { <FieldFault id=error_id message=error/> })}
        </div>
    }
}

#[component]
pub fn FieldFault(id: String, message: String) -> impl IntoView {
    view! {
        <p id=id class="field-error">
            <Glyph icon=Icon::Stop/>
            <span>{message}</span>
        </p>
    }
}
