//! Saved views: the person's own and everybody's, each a way into the log; and the pages where they are made and changed.

mod delete;
mod form;

pub use delete::{delete, show_delete};
pub use form::{change, create, show, show_new};

use leptos::prelude::*;

use crate::{
    error::AppError,
    features::audit_log::server::views::{self, Keeping, View},
    paths,
    server::http::{Page, Visit},
    ui::{Actions, Column, EmptyState, Icon, LinkButton, PageHeader, Section, Table},
};

const TITLE: &str = "Saved views";

/// Every view that there is for this person here.
pub async fn show_all<R: Keeping>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let shelf = R::shelf(&visit.scope);
    let (may_share, keeps) = (R::may_share(&visit.scope), R::keeps(&visit.scope));
    let (shared, own) = views::list(&mut visit.scope).await?.into_iter().partition(View::is_shared);
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let (own_at, shared_at, log) = (shelf.views(false), shelf.views(true), shelf.address);
    Ok(Page::framed(TITLE, surroundings, move || {
        let (whole, log_of_own) = (log.clone(), log.clone());
        let (new, new_shared) = (paths::new_audit_view(&own_at), paths::new_audit_view(&shared_at));
        let share = may_share
            .then(|| view! { <Actions><LinkButton href=new_shared icon=Icon::Plus>"New view for everybody"</LinkButton></Actions> });
        view! {
            <PageHeader title=TITLE purpose="What is looked for in this log again and again, under a name.">
                <LinkButton href=whole icon=Icon::Audit>"The log"</LinkButton>
                {keeps.then(|| view! { <LinkButton href=new icon=Icon::Plus>"New view"</LinkButton> })}
            </PageHeader>
            <Section heading="Yours" purpose="Nobody else sees these.">
                <Views caption="Your views" views=own log=log_of_own changed_at=Some(own_at)/>
            </Section>
            <Section heading="Everybody's" purpose="Of all who read this log.">
                <Views caption="Views of everybody" views=shared log=log changed_at=may_share.then_some(shared_at)/>
                {share}
            </Section>
        }
    }))
}

/// `changed_at` is where they are changed, for those who may.
#[component]
fn Views(caption: &'static str, views: Vec<View>, log: String, changed_at: Option<String>) -> impl IntoView {
    if views.is_empty() {
        return view! {
            <EmptyState icon=Icon::Audit title="None yet" explanation="A view keeps a search of the log: filter the log, then save what you see."/>
        }
        .into_any();
    }
    let mut columns = ["Name", "Search", "Time"].map(Column::text).to_vec();
    columns.extend(changed_at.is_some().then(|| Column::actions("Change")));
    let rows = views.into_iter().map(|view| row(view, &log, changed_at.as_deref())).collect_view();
    view! { <Table caption=caption columns=columns>{rows}</Table> }.into_any()
}

fn row(view: View, log: &str, changed_at: Option<&str>) -> impl IntoView + use<> {
    let parts = view.parts();
    let query: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (href, when) = (paths::asking(log, &query), view.says_when());
    let edit = changed_at.map(|at| {
        let label = format!("Change: {}", view.name);
        view! { <td class="actions-cell"><a class="link" href=paths::audit_view(at, view.id) aria-label=label>"Change"</a></td> }
    });
    let line = (!view.line.is_empty()).then(|| view! { <code>{view.line}</code> });
    view! {
        <tr>
            <th scope="row"><a class="link" href=href>{view.name}</a></th>
            <td>{line}</td>
            <td>{when}</td>
            {edit}
        </tr>
    }
}
