//! The HTML document around every page: head, stylesheet, the one script, and what may be fetched ahead.

use leptos::prelude::*;

use crate::ui::Theme;

/// Fetches a page when the pointer rests on its link, but never one that ends, exports or consents to something.
const SPECULATION_RULES: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"selector_matches":"a[href*='/sign-out'],a[href*='/sign-in'],a[href*='.csv'],a[href*='.json'],a[href*='export'],a[href*='/invitation'],a[href*='consent'],a[href^='#'],a[download],a[rel~=external],a[data-no-prefetch]"}}]},"eagerness":"moderate"}]}"#;

/// Where the hashed files of this build are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    /// Our own script, `ui::SCRIPT`.
    pub script: String,
    /// The glue that wasm-bindgen wrote, imported on the first touch of an island.
    pub js: String,
    pub wasm: String,
    pub icon: String,
}

#[component]
pub fn Document(
    #[prop(into)] title: String,
    theme: Theme,
    assets: Assets,
    #[prop(into)] nonce: String,
    children: Children,
) -> impl IntoView {
    let Assets { css, script, js, wasm, icon } = assets;
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex, nofollow"/>
                <meta name="color-scheme" content=theme.color_scheme()/>
                <title>{title + " · Stoa"}</title>
                <link rel="icon" href=icon type="image/svg+xml"/>
                <link rel="stylesheet" href=css/>
                // Drawn when all of it is there: a table that is drawn row by row moves its columns.
                <link rel="expect" href="#main" blocking="render"/>
                <script type="speculationrules" nonce=nonce.clone()>{SPECULATION_RULES}</script>
                <script type="module" src=script nonce=nonce data-module=js data-wasm=wasm></script>
            </head>
            <body>{children()}</body>
        </html>
    }
}
