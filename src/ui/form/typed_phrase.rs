//! The last question before what cannot be undone: the name of the thing, typed.

use leptos::prelude::*;

use super::{Field, control_id};

/// A field named `phrase`. With scripting, the form's buttons work once the phrase stands there; without, and in any
/// case, the server compares.
#[component]
pub fn TypedPhrase(
    #[prop(into)] phrase: String,
    #[prop(optional_no_strip)] error: Option<String>,
    /// Instead of the field's own, where a page asks for two phrases.
    #[prop(default = control_id("phrase"), into)]
    id: String,
) -> impl IntoView {
    let label = format!("Type “{phrase}” to confirm");
    view! { <Field name="phrase" label=label confirm_phrase=phrase error=error id=id/> }
}
