//! What a change was: each field, before and after.

use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    pub field: String,
    /// None where there was nothing yet.
    pub before: Option<String>,
    /// None where nothing is left.
    pub after: Option<String>,
}

/// Narrow enough for every screen, so that it does not scroll as a `Table` does.
#[component]
pub fn Changes(
    rows: Vec<ChangeRow>,
    /// Heard and not seen.
    #[prop(default = "What changed".to_owned(), into)]
    caption: String,
) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view();
    view! {
        <table class="table changes">
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"Field"</th>
                    <th scope="col">"Before"</th>
                    <th scope="col">"After"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(row: ChangeRow) -> impl IntoView {
    let ChangeRow { field, before, after } = row;
    view! {
        <tr>
            <th scope="row">{field}</th>
            <td><Value value=before/></td>
            <td><Value value=after/></td>
        </tr>
    }
}

#[component]
fn Value(value: Option<String>) -> impl IntoView {
    match value {
        Some(value) => value.into_any(),
        None => view! {
            <span class="muted" aria-hidden="true">"–"</span>
            <span class="visually-hidden">"none"</span>
        }
        .into_any(),
    }
}
