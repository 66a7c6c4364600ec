//! When billable calls were paused, in words beside what the chart draws.

use leptos::prelude::*;

use crate::{
    features::billing::server::PauseWindow,
    ids::ApiKeyId,
    server::Reader,
    ui::{Column, Section, Table, Time},
};

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Pauses(windows: Vec<PauseWindow>, reader: Reader) -> impl IntoView {
    if windows.is_empty() {
        return ().into_any();
    }
    let rows = windows.into_iter().map(|window| row(&window, &reader)).collect_view();
    let columns = ["Since", "Until", "Of", "Why"].map(Column::text).to_vec();
    view! {
        <Section heading="Pauses" purpose="Billable calls were answered 402 meanwhile; reading, revoking and exporting went on.">
            <Table caption="Pauses of billable calls in this time" columns=columns>{rows}</Table>
        </Section>
    }
    .into_any()
}

fn row(window: &PauseWindow, reader: &Reader) -> impl IntoView + use<> {
    let since = reader.shown(window.since);
    let until = match window.ended_at.map(|end| reader.shown(end)) {
        Some(end) => view! { <Time rfc3339=end.rfc3339 absolute=end.absolute.clone() shown=end.absolute/> }.into_any(),
        None => "It goes on".into_any(),
    };
    let whose = window.credential.map_or_else(|| "Every credential".to_owned(), |id| ApiKeyId(id).to_string());
    view! {
        <tr>
            <th scope="row"><Time rfc3339=since.rfc3339 absolute=since.absolute.clone() shown=since.absolute/></th>
            <td>{until}</td>
            <td>{whose}</td>
            <td>{window.reason.says()}</td>
        </tr>
    }
}
