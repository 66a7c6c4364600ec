//! What of the elements lives in the browser: the filter over the switcher's list.

use leptos::prelude::*;

use super::{RoleBadge, layout::SwitcherEntry};

/// The workspaces that a person can go to, by tenant, and a text to narrow them down. The server renders the whole
/// list; the text's input is shown only where there is scripting, and the arrow keys belong to `script.js`.
#[island]
pub fn SwitcherFilter(entries: Vec<SwitcherEntry>) -> impl IntoView {
    let (wanted, set_wanted) = signal(String::new());
    let names: Vec<String> = entries.iter().map(haystack).collect();
    let none_left = none_of(names, wanted);
    let groups = by_tenant(entries)
        .into_iter()
        .map(|(tenant, entries)| view! { <Tenant name=tenant entries=entries wanted=wanted/> })
        .collect_view();
    view! {
        <div class="switcher-list" data-arrows="">
            <input
                class="input switcher-filter"
                type="search"
                aria-label="Filter workspaces"
                placeholder="Filter workspaces"
                autocomplete="off"
                spellcheck="false"
                data-menu-focus=""
                on:input:target=move |event| set_wanted.set(event.target().value().to_lowercase())
            />
            <ul class="switcher-tenants">{groups}</ul>
            <p class="switcher-none" role="status">
                {move || if none_left() { "No workspace has this in its name." } else { "" }}
            </p>
        </div>
    }
}

#[component]
fn Tenant(name: String, entries: Vec<SwitcherEntry>, wanted: ReadSignal<String>) -> impl IntoView {
    let names: Vec<String> = entries.iter().map(haystack).collect();
    let empty = none_of(names, wanted);
    let links = entries.into_iter().map(|entry| view! { <Link entry=entry wanted=wanted/> }).collect_view();
    view! {
        <li hidden=empty>
            <p class="switcher-tenant">{name}</p>
            <ul>{links}</ul>
        </li>
    }
}

#[component]
fn Link(entry: SwitcherEntry, wanted: ReadSignal<String>) -> impl IntoView {
    let name = haystack(&entry);
    let SwitcherEntry { workspace, role, href, current, .. } = entry;
    view! {
        <li hidden=move || !name.contains(&wanted.get())>
            <a class="menu-item" href=href aria-current=current.then_some("true")>
                <span class="switcher-name">{workspace}</span>
                <RoleBadge role=role/>
            </a>
        </li>
    }
}

/// Whether the text is in none of the names.
fn none_of(names: Vec<String>, wanted: ReadSignal<String>) -> impl Fn() -> bool + Send + 'static {
    move || {
        let wanted = wanted.get();
        !names.iter().any(|name| name.contains(&wanted))
    }
}

/// What the text is looked for in.
fn haystack(entry: &SwitcherEntry) -> String {
    format!("{} {}", entry.tenant, entry.workspace).to_lowercase()
}

/// Entries of one tenant follow each other; this puts them under its name.
fn by_tenant(entries: Vec<SwitcherEntry>) -> Vec<(String, Vec<SwitcherEntry>)> {
    let mut groups: Vec<(String, Vec<SwitcherEntry>)> = Vec::new();
    for entry in entries {
        match groups.last_mut() {
            Some((tenant, group)) if *tenant == entry.tenant => group.push(entry),
            _ => groups.push((entry.tenant.clone(), vec![entry])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_put_under_their_tenant_in_their_order() {
        let entry = |tenant: &str, workspace: &str| SwitcherEntry {
            tenant: tenant.to_owned(),
            workspace: workspace.to_owned(),
            role: "owner".to_owned(),
            href: "/w/x".to_owned(),
            current: false,
        };
        let groups = by_tenant(vec![entry("A", "1"), entry("A", "2"), entry("B", "3")]);
        let shape: Vec<(&str, usize)> = groups.iter().map(|(tenant, entries)| (tenant.as_str(), entries.len())).collect();
        assert_eq!(shape, [("A", 2), ("B", 1)]);
        assert_eq!(haystack(&entry("Åland", "Pay")), "åland pay");
    }
}
