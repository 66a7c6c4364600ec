//! What stopped a form, at the top of the page and with the focus, each error a link to its field.

use leptos::prelude::*;

use super::control_id;
use crate::{
    error::FieldError,
    ui::{Glyph, Icon},
};

/// Nothing at all when there are no errors. It takes the focus by `autofocus`, so that no script is needed.
#[component]
pub fn ErrorSummary(errors: Vec<FieldError>) -> impl IntoView {
    let title = match errors.len() {
        0 => return ().into_any(),
        1 => "One thing is to be put right".to_owned(),
        many => format!("{many} things are to be put right"),
    };
    let links = errors
        .into_iter()
        .map(|FieldError { field, message }| {
            let href = format!("#{}", control_id(field));
            view! { <li><a href=href>{message}</a></li> }
        })
        .collect_view();
    view! {
        <div class="notice tone-danger" role="alert" tabindex="-1" autofocus=true>
            <Glyph icon=Icon::Stop/>
            <div>
                <p class="notice-title">{title}</p>
                <ul class="notice-list">{links}</ul>
            </div>
        </div>
    }
    .into_any()
}
