//! Choosing any number of a few, with every choice and its meaning in sight.

use leptos::prelude::*;

use super::{
    Choice, control_id,
    labelled::{FieldFault, described_by},
};

/// Sends its name once for each choice that is ticked, and nothing at all where none is.
#[component]
pub fn CheckboxGroup(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    choices: Vec<Choice>,
    /// The values that are ticked now.
    #[prop(default = Vec::new())]
    checked: Vec<String>,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
) -> impl IntoView {
    let id = control_id(&name);
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    let boxes = choices
        .into_iter()
        .enumerate()
        .map(move |(index, choice)| {
            // The first carries the field's own id: the error summary links to it.
            let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
            let checked = checked.contains(&choice.value);
            view! { <Tick id=id name=name.clone() choice=choice checked=checked/> }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=described_by>
            <legend class="field-label">{legend}</legend>
            {help.map(|help| view! { <p id=help_id class="field-help">{help}</p> })}
            <div class="radios">{boxes}</div>
            {error.map(|error| view! { <FieldFault id=error_id message=error/> })}
        </fieldset>
    }
}

#[component]
fn Tick(id: String, name: String, choice: Choice, checked: bool) -> impl IntoView {
    let Choice { value, label, help } = choice;
    let meaning_id = format!("{id}-meaning");
    let described_by = help.is_some().then(|| meaning_id.clone());
    view! {
        <div class="radio">
            <input type="checkbox" id=id.clone() name=name value=value checked=checked aria-describedby=described_by/>
            <label for=id>{label}</label>
            {help.map(|help| view! { <p id=meaning_id class="field-help">{help}</p> })}
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_ticked_is_ticked_and_the_first_has_the_fields_id() {
        let choices = vec![Choice::new("a", "A").meaning("First"), Choice::new("b", "B")];
        let html = view! { <CheckboxGroup name="scopes" legend="Scopes" choices=choices checked=vec!["b".to_owned()]/> }.to_html();
        assert_eq!(html.matches(" checked").count(), 1, "{html}");
        assert!(html.find("id=\"field-scopes\"") < html.find("id=\"field-scopes-1\""), "{html}");
        assert!(html.find(" checked") > html.find("value=\"b\"") || html.find(" checked") > html.find("field-scopes-1"), "{html}");
    }
}
