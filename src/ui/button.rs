//! Buttons, and links that look like them.

use leptos::prelude::*;

use super::{Glyph, Icon};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing a page is for; at most one on a page.
    Primary,
    #[default]
    Secondary,
    /// Ends or deletes something.
    Danger,
    /// Beside a stronger one: cancel, or a row's own actions.
    Quiet,
}

impl ButtonKind {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Secondary => "button",
            Self::Danger => "button button-danger",
            Self::Quiet => "button button-quiet",
        }
    }
}

/// A button; without `button_type` it submits its form. Given a reason, it is disabled and says why beside itself.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(default = "submit")] button_type: &'static str,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] icon: Option<Icon>,
    #[prop(optional_no_strip)] disabled_because: Option<String>,
    children: Children,
) -> impl IntoView {
    let is_disabled = disabled_because.is_some();
    let button = view! {
        <button
            class=kind.class()
            type=button_type
            name=name
            value=value
            disabled=is_disabled
            title=disabled_because.clone()
        >
            {icon.map(|icon| view! { <Glyph icon=icon/> })}
            <span>{children()}</span>
        </button>
    };
    match disabled_because {
        Some(reason) => view! {
            <span class="refusal">
                {button}
                <span class="refusal-reason">{reason}</span>
            </span>
        }
        .into_any(),
        None => button.into_any(),
    }
}

/// Goes somewhere; what changes something is a `Button` in a `Form`.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] icon: Option<Icon>,
    /// It leads to a file to save, which no browser may fetch ahead.
    #[prop(optional)]
    download: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class=kind.class() href=href download=download>
            {icon.map(|icon| view! { <Glyph icon=icon/> })}
            <span>{children()}</span>
        </a>
    }
}

/// Buttons in a row: the end of a form, or of a page's own head.
#[component]
pub fn Actions(children: Children) -> impl IntoView {
    view! { <div class="actions">{children()}</div> }
}
