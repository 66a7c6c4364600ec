//! What is to be expected of the month, and what was told of it: the same on both pages about money.

use leptos::prelude::*;

use super::{
    alerts::{ChooseAlerts, ChoosingAlerts},
    pieces::moment,
};
use crate::{
    features::billing::server::{AlertLine, LimitLine, Month, Outlook, Pace, Reaching, percents::Percents},
    server::Reader,
    ui::{Column, Description, DescriptionList, Section, StatusBadge, Table, Tone},
};

#[component]
pub fn OutlookSections(
    outlook: Outlook,
    month: Month,
    choosing: Option<ChoosingAlerts>,
    #[prop(optional)] of_account: bool,
    reader: Reader,
) -> impl IntoView {
    let Outlook { pace, by_end, limits, alerts, percents } = outlook;
    let limits = view! { <Limits limits=limits reader=reader.clone()/> };
    let forecast = match pace.zip(by_end) {
        Some((pace, by_end)) => {
            let term = format!("Used by the end of {}", month.name());
            view! {
                <DescriptionList>
                    <Description term=term>{format!("about {by_end}, {}", pace.says())}</Description>
                    <Description term="A day">{a_day(pace)}</Description>
                </DescriptionList>
            }
            .into_any()
        }
        None => view! { <p class="muted">"Too little to say: something has to be used for a day first."</p> }.into_any(),
    };
    view! {
        <Section heading="Forecast" purpose="How the month ends if it goes on like that. It is a sum and no promise, and nothing is decided by it.">
            {forecast}
            {limits}
        </Section>
        <Alerts alerts=alerts percents=percents of_account=of_account choosing=choosing reader=reader/>
    }
}

fn a_day(pace: Pace) -> String {
    format!("{} on average", pace.a_day())
}

#[component]
fn Limits(limits: Vec<LimitLine>, reader: Reader) -> impl IntoView {
    if limits.is_empty() {
        return ().into_any();
    }
    let rows = limits
        .into_iter()
        .map(|line| {
            let reached = match line.reaching {
                Reaching::Already => view! { <StatusBadge tone=Tone::Warning text="reached"/> }.into_any(),
                Reaching::At(at) => view! { "about " {moment(at, &reader)} }.into_any(),
                Reaching::NotThisMonth => "not this month".into_any(),
                Reaching::Unknown => "too little to say".into_any(),
            };
            view! {
                <tr>
                    <th scope="row">{line.name}</th>
                    <td class="number">{line.limit.to_string()}</td>
                    <td class="number">{line.spent.to_string()}</td>
                    <td>{reached}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("Limit"), Column::number("At"), Column::number("Used"), Column::text("Reached")];
    view! { <Table caption="When limits are reached at that pace" columns=columns>{rows}</Table> }.into_any()
}

#[component]
fn Alerts(alerts: Vec<AlertLine>, percents: Percents, of_account: bool, choosing: Option<ChoosingAlerts>, reader: Reader) -> impl IntoView {
    let table = if alerts.is_empty() {
        view! { <p class="muted">"None this month."</p> }.into_any()
    } else {
        let rows = alerts.into_iter().map(|line| alert_row(line, &reader)).collect_view();
        let columns = vec![
            Column::text("Limit"),
            Column::number("Of"),
            Column::number("Reached"),
            Column::number("Used then"),
            Column::text("When"),
            Column::text("Told"),
        ];
        view! { <Table caption="Alerts this month" columns=columns>{rows}</Table> }.into_any()
    };
    let whose = if of_account {
        "Each workspace chooses for its own caps. Of what the plan includes and of the account's own caps people are told at"
    } else {
        "People are told of these caps at"
    };
    let purpose =
        format!("{whose} {}, once each in a month and of several at once the highest: in the inbox and by mail.", percents.says());
    view! {
        <Section heading="Alerts this month" purpose=purpose>
            {table}
            {choosing.map(|choosing| view! { <ChooseAlerts choosing=choosing/> })}
        </Section>
    }
}

fn alert_row(line: AlertLine, reader: &Reader) -> impl IntoView + use<> {
    let told = if line.told { "yes" } else { "no" };
    view! {
        <tr>
            <th scope="row">{line.name}</th>
            <td class="number">{line.limit.to_string()}</td>
            <td class="number">{format!("{} %", line.percent)}</td>
            <td class="number">{line.spent.to_string()}</td>
            <td>{moment(line.at, reader)}</td>
            <td>{told}</td>
        </tr>
    }
}
