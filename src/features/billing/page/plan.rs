//! The plan on the Billing page: what it costs, what it includes, how much of that is used, and what is agreed beside it.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::pieces::{MonthEnd, UsageBar, moment};
use crate::{
    features::billing::server::{
        Figures, Month,
        entitlements::{self, Entitlement},
    },
    money::{Micros, Nanos},
    paths,
    server::{
        Reader, modules,
        plans::{self, Plan},
    },
    ui::{Column, Description, DescriptionList, Section, Table},
};

/// What the page says of the plan.
#[derive(Clone)]
pub struct PlanShown {
    name: String,
    price: String,
    included: Option<Micros>,
    beyond: &'static str,
    workspaces: String,
    modules: String,
    calls: String,
    audit: String,
}

impl PlanShown {
    /// A plan that is not in the file any more is named, and nothing is said of it.
    pub fn of(key: &str, now: DateTime<Utc>) -> Self {
        let Some(plan) = plans::find(key, now) else {
            let unknown = || "not said by this console's plans".to_owned();
            let beyond = "Not said by this console's plans.";
            return Self {
                name: key.to_owned(),
                price: unknown(),
                included: None,
                beyond,
                workspaces: unknown(),
                modules: unknown(),
                calls: unknown(),
                audit: unknown(),
            };
        };
        let any = || "any number".to_owned();
        Self {
            name: plan.name.clone(),
            price: plan.price.map_or_else(|| "by contract".to_owned(), |price| format!("{} a month", Micros(price))),
            included: plan.included.map(Micros),
            beyond: beyond(plan),
            workspaces: plan.workspaces.map_or_else(any, |limit| limit.to_string()),
            modules: modules_of(plan),
            calls: plan.calls_per_minute.map_or_else(any, |limit| format!("{limit} a minute in each workspace")),
            audit: plan.audit_days.map_or_else(|| "kept for ever".to_owned(), |days| format!("kept for up to {days} days")),
        }
    }
}

fn beyond(plan: &Plan) -> &'static str {
    match (plan.hard_caps, plan.included) {
        (true, _) => "Taken from what is prepaid, and then refused: billable calls pause until the next month, a top-up, or another plan.",
        (false, Some(_)) => "Charged at the same rates. Nothing is refused, unless a cap says so.",
        (false, None) => "By contract. Nothing is refused, unless a cap says so.",
    }
}

fn modules_of(plan: &Plan) -> String {
    let held: Vec<&str> = modules::list().iter().filter(|module| module.is_in(plan)).map(|module| module.manifest.name.as_str()).collect();
    if held.len() == modules::list().len() { "all".to_owned() } else { held.join(", ") }
}

#[component]
pub fn PlanSection(plan: PlanShown, slug: String) -> impl IntoView {
    let included = plan.included.map_or_else(|| "by contract".to_owned(), |included| format!("usage of {included} a month"));
    view! {
        <Section heading="Plan" purpose="Users cost nothing on any plan.">
            <DescriptionList>
                <Description term="Plan">{plan.name}</Description>
                <Description term="Price">{plan.price}</Description>
                <Description term="Includes">{included}</Description>
                <Description term="Beyond that">{plan.beyond}</Description>
                <Description term="Workspaces">{plan.workspaces}</Description>
                <Description term="Modules">{plan.modules}</Description>
                <Description term="API calls">{plan.calls}</Description>
                <Description term="Audit rows">{plan.audit}</Description>
            </DescriptionList>
            <p><a class="link" href=paths::billing_plan(&slug)>"Compare plans"</a></p>
        </Section>
    }
}

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn MonthSection(plan: PlanShown, total: Nanos, month: Month, reader: Reader) -> impl IntoView {
    let included = plan.included.map(Nanos::from);
    let bar = included.map(|included| {
        let beyond = Nanos((total.0 - included.0).max(0));
        let used = Nanos(total.0.min(included.0));
        let beyond = (beyond.0 > 0)
            .then(|| view! { <Description term="Beyond what is included">{beyond.to_string()} ". " {plan.beyond}</Description> });
        view! {
            <UsageBar label="Included usage that is used" part=used whole=included/>
            <DescriptionList>
                <Description term="Used in all">{total.to_string()}</Description>
                <Description term="Included and left">{Nanos(included.0 - used.0).to_string()}</Description>
                {beyond}
            </DescriptionList>
        }
    });
    let all = included
        .is_none()
        .then(|| view! { <DescriptionList><Description term="Used in all">{total.to_string()}</Description></DescriptionList> });
    view! {
        <Section heading="This month">
            <MonthEnd month=month reader=reader/>
            {bar}
            {all}
        </Section>
    }
}

/// What the operator allows beside the plan, while it holds.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Agreed(held: Vec<Entitlement>, figures: Figures, reader: Reader) -> impl IntoView {
    if held.is_empty() {
        return ().into_any();
    }
    let rows = held
        .into_iter()
        .map(|one| {
            let id = one.workspace.map(|id| id.to_string());
            let name = |id: &String| figures.lines.iter().find(|line| line.id == *id).map_or_else(|| id.clone(), |line| line.name.clone());
            let place = id.as_ref().map_or_else(|| "the whole account".to_owned(), name);
            let until = one.ends_at.map_or_else(|| "until it is ended".into_any(), |end| moment(end, &reader).into_any());
            let value = entitlements::says(&one.key, one.allowed);
            view! { <tr><th scope="row"><code>{one.key}</code></th><td>{value}</td><td>{place}</td><td>{one.reason}</td><td>{until}</td></tr> }
        })
        .collect_view();
    let columns = vec![Column::text("What"), Column::text("Value"), Column::text("For"), Column::text("Why"), Column::text("Ends")];
    view! {
        <Section heading="Beside the plan" purpose="What this console's operator allows or takes away in the place of what the plan says.">
            <Table caption="Beside the plan" columns=columns>{rows}</Table>
        </Section>
    }
    .into_any()
}
