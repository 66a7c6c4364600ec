//! What was entered into a form that could not be taken now: shown to be copied, and put back by script.

use leptos::prelude::*;

use super::{Code, Description, DescriptionList};

/// `script.js` keeps what stands here in the tab, and fills it in again where the form is shown next.
#[component]
pub fn Kept(
    /// Where the form was sent to.
    #[prop(into)]
    form: String,
    /// By the fields' names.
    entered: Vec<(String, String)>,
) -> impl IntoView {
    let lines = entered
        .into_iter()
        .map(|(name, value)| {
            let term = spoken(&name);
            let label = format!("Copy what you entered: {term}");
            view! { <Description term=term><span data-kept=name><Code value=value label=label/></span></Description> }
        })
        .collect_view();
    view! {
        <section data-kept-form=form>
            <h2>"What you entered"</h2>
            <p>"It is not saved. Until you leave this page you can copy it from here; with scripting it stands in the form again when you come back to it."</p>
            <DescriptionList>{lines}</DescriptionList>
        </section>
    }
}

/// A field's name as words.
fn spoken(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_fields_name_is_read_as_words() {
        assert_eq!(spoken("expires_in_days"), "Expires in days");
        assert_eq!(spoken("ümlaut"), "Ümlaut");
        assert_eq!(spoken(""), "");
    }
}
