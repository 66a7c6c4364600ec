//! A secret in the only answer that ever shows it.

use leptos::prelude::*;

use super::{ButtonKind, Glyph, Icon, LinkButton, Notice, Tone};

/// One of these on a page: its field's id is its own.
#[component]
pub fn SecretOnce(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    /// What it is for, and what to do when it is lost.
    #[prop(into)]
    explanation: String,
    /// Where to go from here.
    #[prop(into)]
    done: String,
) -> impl IntoView {
    let copy = format!("Copy: {label}");
    view! {
        <div class="secret">
            <Notice tone=Tone::Warning>
                <p class="notice-title">"This is shown once"</p>
                <p>"Store it now: nobody can show it again once you leave this page. "{explanation}</p>
            </Notice>
            <label class="field-label" for="secret">{label}</label>
            <div class="secret-line">
                <input class="input" id="secret" type="text" value=value.clone() readonly=true autocomplete="off" spellcheck="false"/>
                <button class="code-copy secret-copy" type="button" data-copy=value aria-label=copy>
                    <Glyph icon=Icon::Copy/>
                </button>
            </div>
            <LinkButton href=done kind=ButtonKind::Primary>"I have stored it"</LinkButton>
        </div>
    }
}
