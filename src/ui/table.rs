//! Tables: real ones, whose head stays in sight and which scroll sideways rather than break the page.

use leptos::prelude::*;

/// The head of one column. Cells of a `number` column take the class `number`, of an `actions` column `actions-cell`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    label: &'static str,
    kind: ColumnKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnKind {
    Text,
    Number,
    Actions,
}

impl Column {
    pub fn text(label: &'static str) -> Self {
        let kind = ColumnKind::Text;
        Self { label, kind }
    }

    pub fn number(label: &'static str) -> Self {
        let kind = ColumnKind::Number;
        Self { label, kind }
    }

    /// A column of buttons and links; its label is heard and not seen.
    pub fn actions(label: &'static str) -> Self {
        let kind = ColumnKind::Actions;
        Self { label, kind }
    }
}

/// Its children are `<tr>`s, each starting with `<th scope="row">`. The caption is heard and not seen.
#[component]
pub fn Table(#[prop(into)] caption: String, columns: Vec<Column>, children: Children) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|Column { label, kind }| match kind {
            ColumnKind::Text => view! { <th scope="col">{label}</th> }.into_any(),
            ColumnKind::Number => view! { <th scope="col" class="number">{label}</th> }.into_any(),
            ColumnKind::Actions => view! {
                <th scope="col" class="actions-cell">
                    <span class="visually-hidden">{label}</span>
                </th>
            }
            .into_any(),
        })
        .collect_view();
    let label = caption.clone();
    view! {
        <div class="table-region" role="region" aria-label=label tabindex="0">
            <table class="table">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
