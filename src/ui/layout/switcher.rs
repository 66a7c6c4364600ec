//! The place in the top bar: which tenant and workspace this is, and the way to another one.

use leptos::prelude::*;

use super::{Place, SwitcherEntry};
use crate::ui::{Glyph, Icon, RoleBadge, SwitcherFilter};

#[component]
pub fn Switcher(tenant: Option<Place>, workspace: Option<Place>, entries: Vec<SwitcherEntry>) -> impl IntoView {
    if tenant.is_none() && workspace.is_none() && entries.is_empty() {
        return ().into_any();
    }
    let all = tenant.as_ref().map(|tenant| {
        let text = format!("All workspaces of {}", tenant.name);
        view! { <a class="menu-item switcher-all" href=tenant.href.clone()>{text}</a> }
    });
    let is_somewhere = tenant.is_some() || workspace.is_some();
    let whereabouts = if is_somewhere { "Switch workspace. You are in " } else { "Switch workspace. " };
    let filter = (!entries.is_empty()).then(|| view! { <SwitcherFilter entries=entries/> });
    view! {
        <details class="menu switcher" name="top-menu" data-menu="">
            <summary class="switcher-summary">
                <span class="visually-hidden">{whereabouts}</span>
                <Here tenant=tenant workspace=workspace/>
                <Glyph icon=Icon::Switch/>
            </summary>
            <div class="menu-panel switcher-panel">
                {filter}
                {all}
            </div>
        </details>
    }
    .into_any()
}

/// The names from the outside in, and the role that counts at the innermost.
#[component]
fn Here(tenant: Option<Place>, workspace: Option<Place>) -> impl IntoView {
    let role = workspace.as_ref().or(tenant.as_ref()).map(|place| view! { <RoleBadge role=place.role.clone()/> });
    let has_both = tenant.is_some() && workspace.is_some();
    let nowhere = (tenant.is_none() && workspace.is_none()).then(|| view! { <span class="place">"Your workspaces"</span> });
    view! {
        {nowhere}
        {tenant.map(|tenant| view! { <span class="place" class:place-outer=has_both>{tenant.name}</span> })}
        {has_both.then(|| view! { <span class="place-step"><Glyph icon=Icon::Chevron/></span> })}
        {workspace.map(|workspace| view! { <span class="place">{workspace.name}</span> })}
        {role}
    }
}
