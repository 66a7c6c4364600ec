//! Forms: what every one of them carries, and how errors find their fields.

mod checkbox;
mod checkbox_group;
mod choice;
mod error_summary;
mod field;
mod labelled;
mod text_area;
mod typed_phrase;

use leptos::prelude::*;

pub use checkbox::Checkbox;
pub use checkbox_group::CheckboxGroup;
pub use choice::{Choice, RadioGroup, Select};
pub use error_summary::ErrorSummary;
pub use field::Field;
pub use text_area::TextArea;
pub use typed_phrase::TypedPhrase;

use crate::error::FieldError;

/// A form that posts. It carries the key that makes sending it twice harmless and the place it was rendered for,
/// and leaves checking to the server, whose answer keeps the values and names the fields.
#[component]
pub fn Form(
    #[prop(into)] action: String,
    /// The idempotency key, a `FormId`.
    #[prop(into)]
    key: String,
    /// The slug of the tenant or workspace; none, or an empty one, for the person's own forms.
    #[prop(optional, into)]
    place: Option<String>,
    /// `search`, of a form that changes nothing.
    #[prop(optional)]
    role: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="form" method="post" action=action novalidate=true role=role>
            <input type="hidden" name="form" value=key/>
            {place.filter(|place| !place.is_empty()).map(|place| view! { <input type="hidden" name="place" value=place/> })}
            {children()}
        </form>
    }
}

/// What is wrong with one field, if anything.
pub fn error_of(errors: &[FieldError], field: &str) -> Option<String> {
    errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
}

/// The id of a field's control, so that the summary's links find it.
fn control_id(field: &str) -> String {
    format!("field-{field}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_found_by_its_field() {
        let errors = [FieldError { field: "name", message: "Enter a name.".to_owned() }];
        assert_eq!(error_of(&errors, "name").as_deref(), Some("Enter a name."));
        assert_eq!(error_of(&errors, "slug"), None);
    }
}
