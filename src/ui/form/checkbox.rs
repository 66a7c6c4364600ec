//! Something that is chosen or not.

use leptos::prelude::*;

use super::{
    control_id,
    labelled::{FieldFault, described_by},
};

/// Sends its value when it is checked, and nothing at all when it is not.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(default = "yes".to_owned(), into)] value: String,
    #[prop(optional)] checked: bool,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
    /// Instead of `field-` and the name, where several share a name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    view! {
        <div class="field">
            <div class="radio">
                <input
                    type="checkbox"
                    id=id.clone()
                    name=name
                    value=value
                    checked=checked
                    aria-describedby=described_by
                    aria-invalid=invalid
                />
                <label for=id>{label}</label>
                {help.map(|help| view! { <p id=help_id class="field-help">{help}</p> })}
            </div>
            {error.map(|error| view! { <FieldFault id=error_id message=error/> })}
        </div>
    }
}
