//! The two menus at the end of the top bar: theme, and person.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{Form, Glyph, Icon, Theme},
};

#[component]
pub fn ThemeMenu(theme: Theme, back: String, form_key: String) -> impl IntoView {
    let choices = Theme::ALL.into_iter().map(|choice| view! { <ThemeChoice choice=choice chosen={choice == theme}/> }).collect_view();
    view! {
        <details class="menu" name="top-menu" data-menu="">
            <summary class="icon-button" aria-label=format!("Theme: {}", theme.label())>
                <Glyph icon=icon_of(theme)/>
            </summary>
            <div class="menu-panel menu-panel-end">
                <Form action=paths::THEME key=form_key>
                    <input type="hidden" name="back" value=back/>
                    {choices}
                </Form>
            </div>
        </details>
    }
}

#[component]
fn ThemeChoice(choice: Theme, chosen: bool) -> impl IntoView {
    let chosen_mark = chosen.then(|| {
        view! { <span class="menu-mark"><Glyph icon=Icon::Check/></span> }
    });
    view! {
        <button
            class="menu-item"
            type="submit"
            name="theme"
            value=choice.name()
            aria-current=chosen.then_some("true")
        >
            <Glyph icon=icon_of(choice)/>
            <span>{choice.label()}</span>
            {chosen_mark}
        </button>
    }
}

fn icon_of(theme: Theme) -> Icon {
    match theme {
        Theme::System => Icon::Monitor,
        Theme::Light => Icon::Sun,
        Theme::Dark => Icon::Moon,
    }
}

#[component]
pub fn PersonMenu(name: String, email: String, shortcuts: String, form_key: String) -> impl IntoView {
    let initials = initials(&name, &email);
    view! {
        <details class="menu" name="top-menu" data-menu="">
            <summary class="icon-button" aria-label=format!("You: {name}")>
                <span class="avatar" aria-hidden="true" data-initials=initials></span>
            </summary>
            <div class="menu-panel menu-panel-end">
                <p class="menu-person">
                    <strong>{name}</strong>
                    <span>{email}</span>
                </p>
                <MenuLink href=paths::PROFILE icon=Icon::Members label="Profile"/>
                <MenuLink href=paths::SESSIONS icon=Icon::Sessions label="Sessions"/>
                <MenuLink href=paths::INBOX icon=Icon::Inbox label="Inbox"/>
                <a class="menu-item" href=shortcuts data-opens="sheet">
                    <Glyph icon=Icon::Info/>
                    <span>"Keyboard shortcuts"</span>
                </a>
                <Form action=paths::SIGN_OUT key=form_key>
                    <button class="menu-item" type="submit">
                        <Glyph icon=Icon::SignOut/>
                        <span>"Sign out"</span>
                    </button>
                </Form>
            </div>
        </details>
    }
}

#[component]
fn MenuLink(href: &'static str, icon: Icon, label: &'static str) -> impl IntoView {
    view! {
        <a class="menu-item" href=href>
            <Glyph icon=icon/>
            <span>{label}</span>
        </a>
    }
}

/// One or two letters that stand for a person, from the name or, failing that, the address.
fn initials(name: &str, email: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().or(Some(email));
    let last = words.next_back();
    [first, last].into_iter().flatten().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_taken_from_the_first_and_last_name() {
        assert_eq!(initials("Ada Maria Lovelace", "a@example.com"), "AL");
        assert_eq!(initials("émile", "x@example.com"), "É");
        assert_eq!(initials("  ", "zoe@example.com"), "Z");
        assert_eq!(initials("", ""), "");
    }
}
