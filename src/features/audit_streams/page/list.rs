//! Every stream of a log.

use leptos::prelude::*;

use super::pieces::{position, state};
use crate::{
    error::AppError,
    features::audit_streams::server::{self, Holding, Shown, host_of},
    paths,
    server::{
        Reader,
        http::{Page, Visit},
    },
    ui::{Column, EmptyState, Icon, LinkButton, PageHeader, Table, Time},
};

const TITLE: &str = "Audit streams";

pub async fn show_all<R: Holding>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let place = R::place(&visit.scope);
    let may_change = R::may_change(&visit.scope);
    let streams = server::list(&mut visit.scope).await?;
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    Ok(Page::framed(TITLE, surroundings, move || {
        let here = place.streams();
        let new = may_change.then(|| {
            view! { <LinkButton href=paths::new_audit_stream(&here) icon=Icon::Plus>"New stream"</LinkButton> }
        });
        view! {
            <PageHeader title=TITLE purpose="Where the rows of this log are sent as they are sealed: in order, at least once, and none left out.">
                <LinkButton href=place.address icon=Icon::Audit>"The log"</LinkButton>
                {new}
            </PageHeader>
            <Streams streams=streams here=here reader=reader/>
        }
    }))
}

#[component]
fn Streams(streams: Vec<Shown>, here: String, reader: Reader) -> impl IntoView {
    if streams.is_empty() {
        return view! {
            <EmptyState icon=Icon::Audit title="No stream yet" explanation="A stream sends every row of this log to an https endpoint of yours, such as a SIEM, signed so that it knows who sent them."/>
        }
        .into_any();
    }
    let columns = ["Name", "Endpoint", "State", "Position", "Last sent"].map(Column::text).to_vec();
    let rows = streams.into_iter().map(|shown| row(&shown, &here, &reader)).collect_view();
    view! { <Table caption="Audit streams" columns=columns>{rows}</Table> }.into_any()
}

fn row(shown: &Shown, here: &str, reader: &Reader) -> impl IntoView + use<> {
    let stream = &shown.stream;
    let sent = stream.last_sent_at.map(|at| {
        let at = reader.shown(at);
        view! { <Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/> }
    });
    view! {
        <tr>
            <th scope="row"><a class="link" href=paths::audit_stream(here, stream.id)>{stream.name.clone()}</a></th>
            <td>{host_of(&stream.url)}</td>
            <td>{state(shown)}</td>
            <td>{position(shown)}</td>
            <td>{sent.map_or_else(|| "Never".into_any(), IntoAny::into_any)}</td>
        </tr>
    }
}
