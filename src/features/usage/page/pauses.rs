//! When billable calls were paused, in words beside what the chart draws.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    features::billing::server::PauseWindow,
    ids::ApiKeyId,
    numbers::grouped,
    paths,
    server::Reader,
    ui::{Column, Section, Table, Time},
};

/// A pause, and how many calls it refused; none where that is not the reader's to know.
#[derive(Clone, Debug)]
pub struct PauseShown {
    pub window: PauseWindow,
    pub refused: Option<i64>,
}

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Pauses(
    pauses: Vec<PauseShown>,
    /// Where the rows of the refused calls are, for those who may read them.
    #[prop(optional_no_strip)]
    log: Option<String>,
    reader: Reader,
) -> impl IntoView {
    if pauses.is_empty() {
        return ().into_any();
    }
    let counts = pauses.iter().any(|pause| pause.refused.is_some());
    let rows = pauses.into_iter().map(|pause| row(&pause, counts, log.as_deref(), &reader)).collect_view();
    let mut columns = ["Since", "Until", "Of", "Why"].map(Column::text).to_vec();
    columns.extend(counts.then(|| Column::number("Refused")));
    view! {
        <Section heading="Pauses" purpose="Billable calls were answered 402 meanwhile; reading, revoking and exporting went on.">
            <Table caption="Pauses of billable calls in this time" columns=columns>{rows}</Table>
            {counts.then(|| view! { <p class="muted">"Refused calls are counted in the audit log within a minute or two, under the widest reason."</p> })}
        </Section>
    }
    .into_any()
}

fn row(pause: &PauseShown, counts: bool, log: Option<&str>, reader: &Reader) -> impl IntoView + use<> {
    let PauseShown { window, refused } = pause;
    let since = reader.shown(window.since);
    let until = match window.ended_at.map(|end| reader.shown(end)) {
        Some(end) => view! { <Time rfc3339=end.rfc3339 absolute=end.absolute.clone() shown=end.absolute/> }.into_any(),
        None => "It goes on".into_any(),
    };
    let whose = window.credential.map_or_else(|| "Every credential".to_owned(), |id| ApiKeyId(id).to_string());
    let refused = counts.then(|| {
        let says = refused.map(calls);
        let rows = log.filter(|_| refused.is_some_and(|times| times > 0)).map(|log| denied_in(log, window, reader));
        let says = match rows {
            Some(href) => view! { <a class="link" href=href>{says}</a> }.into_any(),
            None => says.into_any(),
        };
        view! { <td class="number">{says}</td> }
    });
    view! {
        <tr>
            <th scope="row"><Time rfc3339=since.rfc3339 absolute=since.absolute.clone() shown=since.absolute/></th>
            <td>{until}</td>
            <td>{whose}</td>
            <td>{window.reason.says()}</td>
            {refused}
        </tr>
    }
}

/// What was refused on the days of the pause: the log's filter knows whole days.
fn denied_in(log: &str, window: &PauseWindow, reader: &Reader) -> String {
    let zone: Tz = reader.zone.parse().unwrap_or(Tz::UTC);
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive().to_string();
    let (from, to) = (day(window.since), day(window.ended_at.unwrap_or(reader.now)));
    paths::asking(log, &[("outcome", "denied"), ("from", &from), ("to", &to)])
}

pub fn calls(times: i64) -> String {
    format!("{} {}", grouped(times), if times == 1 { "call" } else { "calls" })
}
