//! What of the elements lives in the browser: the filter over the switcher's list.

use leptos::prelude::*;

use super::{Named, RoleBadge, layout::SwitcherEntry};

/// The workspaces that a person can go to, by tenant, and a text to narrow them down. The server renders the whole
/// list; the text's input is shown only where there is scripting, and the arrow keys belong to `script.js`.
#[island]
pub fn SwitcherFilter(entries: Vec<SwitcherEntry>) -> impl IntoView {
    let (wanted, set_wanted) = signal(String::new());
    let names: Vec<String> = entries.iter().map(haystack).collect();
    let none_left = none_of(names, wanted);
    let groups = by_tenant(entries).into_iter().map(|entries| view! { <Tenant entries=entries wanted=wanted/> }).collect_view();
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
fn Tenant(entries: Vec<SwitcherEntry>, wanted: ReadSignal<String>) -> impl IntoView {
    let (name, slug) = entries.first().map(|entry| (entry.tenant.clone(), entry.tenant_slug.clone())).unwrap_or_default();
    let names: Vec<String> = entries.iter().map(haystack).collect();
    let empty = none_of(names, wanted);
    let links = entries.into_iter().map(|entry| view! { <Link entry=entry wanted=wanted/> }).collect_view();
    view! {
        <li hidden=empty>
            <p class="switcher-tenant"><Named name=name slug=slug/></p>
            <ul>{links}</ul>
        </li>
    }
}

#[component]
fn Link(entry: SwitcherEntry, wanted: ReadSignal<String>) -> impl IntoView {
    let name = haystack(&entry);
    let SwitcherEntry { workspace, workspace_slug, role, href, current, .. } = entry;
    view! {
        <li hidden=move || !name.contains(&wanted.get())>
            <a class="menu-item" href=href aria-current=current.then_some("true")>
                <span class="switcher-name"><Named name=workspace slug=workspace_slug/></span>
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
    let names = [Some(&entry.tenant), entry.tenant_slug.as_ref(), Some(&entry.workspace), entry.workspace_slug.as_ref()];
    names.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Entries of one tenant follow each other; this parts them from the next one's. Tenants of one name have their slugs.
fn by_tenant(entries: Vec<SwitcherEntry>) -> Vec<Vec<SwitcherEntry>> {
    let mut groups: Vec<Vec<SwitcherEntry>> = Vec::new();
    for entry in entries {
        match groups.last_mut() {
            Some(group)
                if group.first().is_some_and(|first| (&first.tenant, &first.tenant_slug) == (&entry.tenant, &entry.tenant_slug)) =>
            {
                group.push(entry);
            }
            _ => groups.push(vec![entry]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(tenant: &str, tenant_slug: Option<&str>, workspace: &str) -> SwitcherEntry {
        SwitcherEntry {
            tenant: tenant.to_owned(),
            tenant_slug: tenant_slug.map(str::to_owned),
            workspace: workspace.to_owned(),
            workspace_slug: None,
            role: "owner".to_owned(),
            href: "/w/x".to_owned(),
            current: false,
        }
    }

    #[test]
    fn entries_are_put_under_their_tenant_in_their_order() {
        let groups =
            by_tenant(vec![entry("A", None, "1"), entry("A", None, "2"), entry("B", Some("b-1"), "3"), entry("B", Some("b-2"), "4")]);
        let shape: Vec<(&str, usize)> = groups.iter().map(|group| (group[0].tenant.as_str(), group.len())).collect();
        assert_eq!(shape, [("A", 2), ("B", 1), ("B", 1)]);
    }

    #[test]
    fn names_and_slugs_are_looked_through_in_lower_case() {
        assert_eq!(haystack(&entry("Åland", None, "Pay")), "åland pay");
        assert!(haystack(&entry("Åland", Some("aland-7f"), "Pay")).contains("aland-7f"));
    }
}
