//! The operator's page: what owners consented to, and the way in.

use leptos::prelude::*;

use crate::{
    error::AppError,
    features::support_access::server::{self, Offered},
    ids::ConsentId,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, form::PLACE},
        scope::AsUser,
    },
    ui::{Button, Column, EmptyState, Form, Icon, LinkButton, Notice, PageHeader, Table, Time, Tone},
};

pub async fn show(mut visit: Visit<AsUser>) -> Result<Page, AppError> {
    let offered = server::offered(&mut visit.scope).await?;
    let surroundings = visit.surroundings();
    let (reader, place) = (visit.reader(), visit.scope.person().id.to_string());
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    let keyed = offered.into_iter().map(|offered| (visit.form_key(), offered)).collect();
    visit.scope.close().await?;
    Ok(Page::framed("Support", surroundings, move || {
        view! {
            <PageHeader title="Support" purpose="Workspaces whose owners let you look into them, and until when. Entering is told to them and stands in their audit log."/>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <OfferedTable keyed=keyed place=place reader=reader/>
        }
    }))
}

pub async fn enter(mut submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    let offered = server::offered(&mut submission.scope).await?;
    let operator = submission.scope.person().clone();
    // Rendered for one person, sent by another: someone else signed in in between.
    if submission.fields.get(PLACE) != operator.id.to_string() {
        return Err(AppError::WrongPlace);
    }
    let consent = submission.named::<ConsentId>("consent")?;
    let Some(offered) = offered.into_iter().find(|offered| offered.id == consent) else {
        return Err(AppError::Conflict("That consent is over. Ask the owner for another one.".to_owned()));
    };
    let (stoa, session) = (submission.scope.stoa().clone(), submission.scope.session().ok_or(AppError::SignedOut)?);
    // The workspace's log is beyond the person's own reach.
    submission.scope.close().await?;
    server::enter(&stoa, &submission.request, &operator, session, &offered).await?;
    Ok(FormAnswer::to(paths::overview(&offered.workspace_slug)))
}

#[component]
fn OfferedTable(keyed: Vec<(String, Offered)>, place: String, reader: Reader) -> impl IntoView {
    if keyed.is_empty() {
        return view! {
            <EmptyState icon=Icon::Security title="No consent is open" explanation="An owner gives it in their workspace's settings, under Support access, with a reason and an end."/>
        }
        .into_any();
    }
    let rows = keyed.into_iter().map(|(key, offered)| row(offered, key, &place, &reader)).collect_view();
    let columns = vec![
        Column::text("Workspace"),
        Column::text("Team"),
        Column::text("Reason"),
        Column::text("Given by"),
        Column::text("Until"),
        Column::actions("Enter"),
    ];
    view! { <Table caption="Open consents to support access" columns=columns>{rows}</Table> }.into_any()
}

fn row(offered: Offered, key: String, place: &str, reader: &Reader) -> impl IntoView + use<> {
    let until = reader.shown(offered.expires_at);
    let name = offered.workspace_name.clone();
    let way_in = if offered.entered {
        view! { <LinkButton href=paths::overview(&offered.workspace_slug)>"Open"<span class="visually-hidden">" "{name}</span></LinkButton> }.into_any()
    } else {
        view! {
            <Form action=format!("{}/{}/enter", paths::SUPPORT, offered.id) key=key place=place.to_owned()>
                <Button>"Enter"<span class="visually-hidden">" "{name}</span></Button>
            </Form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{offered.workspace_name}</th>
            <td>{offered.tenant_name}</td>
            <td>{offered.reason}</td>
            <td>{offered.granted_by}</td>
            <td><Time rfc3339=until.rfc3339 absolute=until.absolute shown=until.relative/></td>
            <td class="actions-cell">{way_in}</td>
        </tr>
    }
}
