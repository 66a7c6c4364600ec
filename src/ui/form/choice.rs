//! Choosing one of a few: from a list that opens, or with every choice and its meaning in sight.

use leptos::prelude::*;

use super::{
    control_id,
    labelled::{FieldFault, Labelled, described_by},
};

/// One thing that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// What choosing it means; shown by `RadioGroup` alone.
    pub help: Option<String>,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), help: None }
    }

    #[must_use]
    pub fn meaning(self, help: impl Into<String>) -> Self {
        let help = Some(help.into());
        Self { help, ..self }
    }
}

#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    choices: Vec<Choice>,
    /// The value that is chosen now.
    #[prop(into)]
    value: String,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
    /// Instead of `field-` and the name, where a page has two fields of one name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    let options = choices
        .into_iter()
        .map(move |choice| {
            let selected = choice.value == value;
            view! { <option value=choice.value selected=selected>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <Labelled id=id.clone() label=label optional=false help=help error=error>
            <select class="input" id=id name=name aria-describedby=described_by aria-invalid=invalid>
                {options}
            </select>
        </Labelled>
    }
}

#[component]
pub fn RadioGroup(
    #[prop(into)] name: String,
    #[prop(into)] legend: String,
    choices: Vec<Choice>,
    /// The value that is chosen now; empty for none.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
) -> impl IntoView {
    let id = control_id(&name);
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    let radios = choices
        .into_iter()
        .enumerate()
        .map(move |(index, choice)| {
            // The first carries the field's own id: the error summary links to it.
            let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
            let checked = choice.value == value;
            view! { <Radio id=id name=name.clone() choice=choice checked=checked/> }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=described_by>
            <legend class="field-label">{legend}</legend>
            {help.map(|help| view! { <p id=help_id class="field-help">{help}</p> })}
            <div class="radios">{radios}</div>
            {error.map(|error| view! { <FieldFault id=error_id message=error/> })}
        </fieldset>
    }
}

#[component]
fn Radio(id: String, name: String, choice: Choice, checked: bool) -> impl IntoView {
    let Choice { value, label, help } = choice;
    let meaning_id = format!("{id}-meaning");
    let described_by = help.is_some().then(|| meaning_id.clone());
    view! {
        <div class="radio">
            <input type="radio" id=id.clone() name=name value=value checked=checked aria-describedby=described_by/>
            <label for=id>{label}</label>
            {help.map(|help| view! { <p id=meaning_id class="field-help">{help}</p> })}
        </div>
    }
}
