//! The plans of an account side by side, what each would have made of last month, and the form that changes to one.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{caps::refusal, pieces::moment};
use crate::{
    access::{
        AskTenant, TenantPermission,
        tenant::{ManageBilling, ReadBilling},
    },
    error::{AppError, FieldError},
    features::billing::server::changing::{self, Effect, From, Replayed, Waiting},
    money::Micros,
    numbers::grouped,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        plans::{self, Plan},
        scope::InTenant,
    },
    ui::{
        Actions, Button, ButtonKind, Column, Description, DescriptionList, ErrorSummary, Form, Notice, PageHeader, Section, StatusBadge,
        Table, Tone,
    },
};

pub async fn show(visit: Visit<InTenant<ReadBilling>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InTenant<ManageBilling>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn change(mut submission: Submission<InTenant<ManageBilling>>) -> Result<FormAnswer, AppError> {
    let (to, seen) = (submission.fields.get("plan").to_owned(), submission.fields.get("seen").to_owned());
    let now = submission.scope.now();
    let from = changing::change(&mut submission.scope, &to, &seen).await?;
    let (stoa, tenant) = (submission.scope.stoa().clone(), submission.scope.tenant().clone());
    let (actor, request) = (submission.scope.actor().clone(), submission.scope.request().clone());
    let location = paths::billing_plan(&tenant.slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    let name = plans::find(&to, now).map_or(to, |plan| plan.name.clone());
    let is_done = match from {
        From::Now => changing::apply_as(&stoa, tenant.id, actor, &request).await,
        _ => Ok(()),
    };
    Ok(FormAnswer::to(location).saying(match from {
        From::Now if is_done.is_ok() => format!("The plan is {name}."),
        From::Now => {
            tracing::warn!(error = ?is_done.err(), tenant = %tenant.id, "a plan that was asked for is in force within minutes");
            format!("The plan is {name} within minutes.")
        }
        From::Withdrawn => format!("The plan stays {name}."),
        From::Then(at) => format!("The plan is {name} from {} on.", day(at)),
        From::Nothing => "Nothing to change.".to_owned(),
    }))
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

/// What the page shows.
struct Shown {
    slug: String,
    held: &'static Plan,
    plans: Vec<&'static Plan>,
    effect: Effect,
    /// The plan that is looked at, and what its form is made of.
    asked: Option<(&'static Plan, Option<Asking>)>,
    waiting: Option<Waiting>,
    keeping: Option<Asking>,
    may_choose: bool,
    errors: Vec<FieldError>,
    says: Option<String>,
    reader: Reader,
}

/// What a form that changes the plan is made of.
struct Asking {
    key: String,
    place: String,
    seen: String,
}

async fn page<P: AskTenant>(mut visit: Visit<InTenant<P>>) -> Result<Page, AppError> {
    let (tenant, now) = (visit.scope.tenant().clone(), visit.scope.now());
    let self_service = visit.scope.stoa().config.billing.self_service;
    let plans = plans::list(now);
    let held = plans::find(&tenant.plan, now);
    let choices = changing::choices(self_service, &tenant.plan, now);
    let may_choose = !choices.is_empty();
    let effect = changing::effect(&mut visit.scope, &plans).await?;
    let waiting = changing::waiting(&mut visit.scope).await?;
    let manages = visit.scope.role().may(TenantPermission::ManageBilling);
    let asking = || Asking { key: visit.form_key(), place: tenant.slug.clone(), seen: tenant.plan.clone() };
    let wanted = visit.refused.as_ref().map_or_else(|| visit.asked("to").to_owned(), |refused| refused.fields.get("plan").to_owned());
    let asked = choices.iter().find(|plan| plan.key == wanted && plan.key != tenant.plan).copied();
    let shown = held.map(|held| Shown {
        slug: tenant.slug.clone(),
        held,
        plans,
        effect,
        asked: asked.map(|plan| (plan, manages.then(asking))),
        keeping: (manages && waiting.is_some()).then(asking),
        waiting,
        may_choose,
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: refusal(&visit),
        reader: visit.reader(),
    });
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    Ok(Page::framed("Plan", surroundings, move || match shown {
        Some(shown) => view! { <Whole shown=shown/> }.into_any(),
        None => view! {
            <PageHeader title="Plan" purpose="What this account may have, and for how much."/>
            <p>"This account has a plan that this console's plans do not name any more. Ask whoever runs this console."</p>
        }
        .into_any(),
    }))
}

#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let Shown { slug, held, plans, effect, asked, waiting, keeping, may_choose, errors, says, reader } = shown;
    let month = if effect.is_running { format!("{} so far", effect.month.name()) } else { effect.month.name() };
    let purpose = if may_choose {
        "A larger plan is yours at once: the month costs its price, and includes as much more as it includes more; what was charged beyond \
         yours before stays. A smaller one comes when the month ends. Users cost nothing on any plan."
    } else {
        "Whoever runs this console changes the plan of this account. Users cost nothing on any plan."
    };
    let says = says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> });
    let waiting_for = waiting.as_ref().map(|waiting| waiting.to.clone());
    let billing = paths::billing(&slug);
    let waits = waiting.map(|waiting| view! { <Waits waiting=waiting keeping=keeping slug=slug.clone() held=held reader=reader.clone()/> });
    let (effect_of_all, month_of_all, place) = (effect.clone(), month.clone(), slug.clone());
    let changes = asked.map(|(plan, asking)| {
        view! { <Changes slug=slug held=held to=plan effect=effect month=month asking=asking now=reader.now/> }
    });
    view! {
        <PageHeader title="Plan" purpose="What this account may have, and for how much."/>
        <p><a class="link" href=billing>"Billing"</a></p>
        {says}
        <ErrorSummary errors=errors/>
        {waits}
        <Section heading="Plans" purpose=purpose>
            <Plans slug=place held=held plans=plans effect=effect_of_all month=month_of_all may_choose=may_choose waiting_for=waiting_for/>
        </Section>
        {changes}
    }
}

#[component]
fn Waits(waiting: Waiting, keeping: Option<Asking>, slug: String, held: &'static Plan, reader: Reader) -> impl IntoView {
    let name = plans::find(&waiting.to, reader.now).map_or_else(|| waiting.to.clone(), |plan| plan.name.clone());
    let keep = keeping.map(|asking| {
        view! {
            <Form action=paths::billing_plan(&slug) key=asking.key place=asking.place>
                <input type="hidden" name="plan" value=held.key.clone()/>
                <input type="hidden" name="seen" value=asking.seen/>
                <Actions><Button>{format!("Keep {}", held.name)}</Button></Actions>
            </Form>
        }
    });
    view! {
        <Notice tone=Tone::Info>
            <p class="notice-title">{format!("The plan is {name} from {} on", day(waiting.takes_effect_at))}</p>
            <p>"Asked for " {moment(waiting.asked_at, &reader)} ". Until then it stays " {held.name.clone()} ", and this can be withdrawn."</p>
            {keep}
        </Notice>
    }
}

fn dollars(micros: Option<i64>) -> String {
    micros.map_or_else(|| "by contract".to_owned(), |micros| Micros(micros).to_string())
}

fn count(limit: Option<u32>) -> String {
    limit.map_or_else(|| "any number".to_owned(), |limit| limit.to_string())
}

/// What the month would have come to.
fn cost(replayed: Option<&Replayed>) -> String {
    let Some(replayed) = replayed else { return String::new() };
    let cost = replayed.cost.map_or_else(|| "by contract".to_owned(), |cost| cost.to_string());
    if replayed.paused.is_some() { format!("{cost}, with calls refused") } else { cost }
}

#[component]
fn Plans(
    slug: String,
    held: &'static Plan,
    plans: Vec<&'static Plan>,
    effect: Effect,
    month: String,
    may_choose: bool,
    waiting_for: Option<String>,
) -> impl IntoView {
    let mut columns = vec![
        Column::text("Plan"),
        Column::number("A month"),
        Column::number("Included"),
        Column::text("Beyond that"),
        Column::number("Workspaces"),
        Column::number("The month on it"),
    ];
    if may_choose {
        columns.push(Column::actions("Change"));
    }
    let rows = plans
        .into_iter()
        .map(|plan| {
            let state = if plan.key == held.key {
                view! { " "<StatusBadge tone=Tone::Success text="yours"/> }.into_any()
            } else if waiting_for.as_ref() == Some(&plan.key) {
                view! { " "<StatusBadge tone=Tone::Info text="to come"/> }.into_any()
            } else {
                ().into_any()
            };
            let beyond = if plan.hard_caps { "refused" } else { "charged" };
            let choose = may_choose.then(|| {
                let link = (plan.key != held.key && plan.price.is_some()).then(|| {
                    view! {
                        <a class="link" href=paths::billing_plan_to(&slug, &plan.key)>
                            "What changes"<span class="visually-hidden">" with " {plan.name.clone()}</span>
                        </a>
                    }
                });
                view! { <td class="actions-cell">{link}</td> }
            });
            view! {
                <tr>
                    <th scope="row">{plan.name.clone()} {state}</th>
                    <td class="number">{dollars(plan.price)}</td>
                    <td class="number">{dollars(plan.included)}</td>
                    <td>{beyond}</td>
                    <td class="number">{count(plan.workspaces)}</td>
                    <td class="number">{cost(effect.replayed.get(&plan.key))}</td>
                    {choose}
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Plans" columns=columns>{rows}</Table>
        <p class="muted">
            "The month is " {month} ": what was used in it at today's rates, and the price of each plan, without caps and without what is agreed beside the plan."
        </p>
    }
}

#[component]
fn Changes(
    slug: String,
    held: &'static Plan,
    to: &'static Plan,
    effect: Effect,
    month: String,
    asking: Option<Asking>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let from = changing::takes_effect(held, to, now);
    let when = match from {
        From::Then(at) => format!("from {} on, when the month ends (UTC)", day(at)),
        From::Now | From::Withdrawn | From::Nothing => "at once".to_owned(),
    };
    let act = match from {
        From::Then(at) => format!("Change to {} on {}", to.name, day(at)),
        From::Now | From::Withdrawn | From::Nothing => format!("Change to {} now", to.name),
    };
    let cost_of = |plan: &Plan| cost(effect.replayed.get(&plan.key));
    let both = |before: String, after: String| if before == after { format!("{after}, as now") } else { format!("{after}, now {before}") };
    let audit = |plan: &Plan| plan.audit_days.map_or_else(|| "for ever".to_owned(), |days| format!("for up to {days} days"));
    let calls = |plan: &Plan| plan.calls_per_minute.map_or_else(|| "any number".to_owned(), |limit| format!("{limit} a minute"));
    let beyond = |plan: &Plan| if plan.hard_caps { "refused".to_owned() } else { "charged at the same rates".to_owned() };
    let (on_it, cost_on_it) = (format!("{month} on it"), both(cost_of(held), cost_of(to)));
    let form = asking.map(|asking| {
        view! {
            <Form action=paths::billing_plan(&slug) key=asking.key place=asking.place>
                <input type="hidden" name="plan" value=to.key.clone()/>
                <input type="hidden" name="seen" value=asking.seen/>
                <Actions>
                    <Button kind=ButtonKind::Primary>{act}</Button>
                    <a class="link" href=paths::billing_plan(&slug)>"Cancel"</a>
                </Actions>
            </Form>
        }
    });
    view! {
        <section id="change">
        <Section heading=format!("From {} to {}", held.name, to.name)>
            <DescriptionList>
                <Description term="When">{when}</Description>
                <Description term="Price">{both(dollars(held.price), dollars(to.price))}</Description>
                <Description term="Includes">{both(dollars(held.included), dollars(to.included))}</Description>
                <Description term="Beyond that">{both(beyond(held), beyond(to))}</Description>
                <Description term=on_it>{cost_on_it}</Description>
                <Description term="API calls in each workspace">{both(calls(held), calls(to))}</Description>
                <Description term="Audit rows are kept">{both(audit(held), audit(to))}</Description>
            </DescriptionList>
            <Losses to=to effect=effect month=month/>
            {form}
        </Section>
        </section>
    }
}

/// What would not go on as it does.
#[component]
fn Losses(to: &'static Plan, effect: Effect, month: String) -> impl IntoView {
    let mut lines = Vec::new();
    if let Some((at, refused)) = effect.replayed.get(&to.key).and_then(|replayed| replayed.paused) {
        lines.push(format!(
            "In {month} billable calls would have been refused from {} UTC on: {} of them.",
            at.format("%-d %B, %H:%M"),
            grouped(refused)
        ));
    }
    for (module, calls) in effect.called.iter().filter(|(module, _)| !module.is_in(to)) {
        lines.push(format!(
            "The module {} is not in {}: its {} of {month} would be refused. Its records stay.",
            module.manifest.name,
            to.name,
            calls_of(*calls)
        ));
    }
    for beyond in effect.beyond.get(&to.key).into_iter().flatten() {
        lines.push(format!(
            "There is no room for the workspace {}: it is read only over the API until others are archived or the plan is a larger one. Nothing of it goes.",
            beyond.name
        ));
    }
    if lines.is_empty() {
        return view! { <p class="muted">"Everything that was in use goes on."</p> }.into_any();
    }
    let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <Notice tone=Tone::Warning>
            <p class="notice-title">"What would not go on"</p>
            <ul class="notice-list">{lines}</ul>
        </Notice>
    }
    .into_any()
}

fn calls_of(calls: i64) -> String {
    if calls == 1 { "1 call".to_owned() } else { format!("{} calls", grouped(calls)) }
}
