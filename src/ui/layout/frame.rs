//! The console around a page: top bar, left rail, and the page itself.

use leptos::prelude::*;

use super::{
    Surroundings,
    inbox_link::InboxLink,
    menus::{PersonMenu, ThemeMenu},
    palette::{Palette, SearchLink, ShortcutSheet},
    rail::{Rail, current_entry},
    switcher::Switcher,
};
use crate::{
    paths,
    ui::{Banner, Glyph, Icon, Tone},
};

#[component]
pub fn Frame(surroundings: Surroundings, children: Children) -> impl IntoView {
    let Surroundings { person_name, person_email, theme, tenant, workspace, rail, current, switcher, unread, banner, finding, form_key } =
        surroundings;
    let has_rail = rail.iter().any(|group| !group.entries.is_empty());
    let in_inbox = current == paths::INBOX;
    let here = current_entry(&rail, &current).map(str::to_owned);
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <header class="top-bar">
            {has_rail.then(|| view! { <RailToggle/> })}
            <a class="brand" href=paths::HOME aria-label="Stoa, home">
                <Glyph icon=Icon::Brand/>
                <span class="brand-name">"Stoa"</span>
            </a>
            <Switcher tenant=tenant workspace=workspace entries=switcher/>
            <div class="top-bar-end">
                <SearchLink address=finding.address.clone() is_apple=finding.is_apple/>
                <ThemeMenu theme=theme back=current form_key=form_key.clone()/>
                <InboxLink unread=unread here=in_inbox/>
                <PersonMenu name=person_name email=person_email shortcuts=paths::shortcuts(&finding.address) form_key=form_key.clone()/>
            </div>
        </header>
        {banner.map(|text| view! { <Banner tone=Tone::Warning>{text}</Banner> })}
        <div class="frame" class:frame-with-rail=has_rail>
            {has_rail.then(|| view! { <Rail groups=rail here=here/> })}
            <main id="main" class="main" tabindex="-1">
                {children()}
            </main>
        </div>
        <Palette address=finding.address.clone() place=finding.place.clone() form_key=form_key/>
        <ShortcutSheet finding=finding/>
    }
}

/// Opens the rail as a sheet where there is no room for it.
#[component]
fn RailToggle() -> impl IntoView {
    view! {
        <button class="icon-button rail-toggle" type="button" popovertarget="rail" aria-label="Open navigation">
            <Glyph icon=Icon::Menu/>
        </button>
    }
}
