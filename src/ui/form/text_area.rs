//! Several lines of text to be entered.

use leptos::prelude::*;

use super::{
    control_id,
    labelled::{Labelled, described_by},
};

#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// What was entered before, kept after an error.
    #[prop(optional, into)]
    value: String,
    /// How many lines are in sight.
    #[prop(default = 6)]
    rows: u32,
    #[prop(optional)] maxlength: Option<u32>,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional_no_strip)] error: Option<String>,
    /// It may be left empty.
    #[prop(optional)]
    optional: bool,
    /// Instead of `field-` and the name, where a page has two fields of one name.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| control_id(&name));
    let described_by = described_by(&id, help.is_some(), error.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <Labelled id=id.clone() label=label optional=optional help=help error=error>
            <textarea
                class="input text-area"
                id=id
                name=name
                rows=rows
                autocomplete="off"
                maxlength=maxlength
                required=!optional
                aria-describedby=described_by
                aria-invalid=invalid
                inner_html=escaped(&value)
            ></textarea>
        </Labelled>
    }
}

/// Leptos writes what stands in a `<textarea>` as it is, so that a text could end the element and go on as HTML.
/// Browsers drop one line break at the start: ours, and not one that was entered.
fn escaped(value: &str) -> String {
    let safe = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("\n{safe}")
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_field() {
        assert_eq!(escaped("</textarea><script>x & y"), "\n&lt;/textarea&gt;&lt;script&gt;x &amp; y");
        assert_eq!(escaped("\nsecond line"), "\n\nsecond line");
    }

    #[test]
    fn the_field_holds_the_text_and_nothing_else() {
        let html = view! { <TextArea name="note" label="Note" value="</textarea><b>" maxlength=500/> }.to_html();
        assert!(html.contains("maxlength=\"500\""), "{html}");
        assert!(html.contains(">\n&lt;/textarea&gt;&lt;b&gt;</textarea>"), "{html}");
        let empty = view! { <TextArea name="note" label="Note"/> }.to_html();
        assert!(empty.contains(">\n</textarea>"), "{empty}");
    }
}
