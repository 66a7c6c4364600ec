//! Caps on a page: what is bounded by how much, and the form that sets one.

use leptos::prelude::*;

use crate::{
    error::{AppError, FieldError},
    features::billing::server::{CapLine, caps::CapOf},
    money::{Micros, Nanos},
    server::http::{Visit, door::RefusedForm},
    ui::{Actions, Button, ButtonKind, Choice, Column, Field, Form, RadioGroup, Section, Select, Table, error_of},
};

/// Something that a cap can be of, and what it spent this month.
#[derive(Clone, Debug)]
pub struct Boundable {
    pub of: CapOf,
    pub name: String,
    pub spent: Nanos,
}

/// What the section of caps shows.
pub struct Caps {
    pub caps: Vec<CapLine>,
    /// None for whoever may only read.
    pub editing: Option<Editing>,
}

/// What its forms are made of.
pub struct Editing {
    place: String,
    set: String,
    remove: String,
    key: String,
    /// One for each cap's own form.
    row_keys: Vec<String>,
    choices: Vec<Boundable>,
    of: String,
    amount: String,
    kind: String,
    errors: Vec<FieldError>,
}

impl Editing {
    /// With what was sent and refused, or the cap of what the address asks for (`?of=`).
    pub fn of<R>(
        visit: &Visit<R>,
        (place, to_set, remove): (&str, String, String),
        caps: &[CapLine],
        choices: Vec<Boundable>,
        new_key: impl Fn() -> String,
    ) -> Self {
        let sent = visit.refused.as_ref().filter(|_| visit.request.route.ends_with("/cap"));
        let asked = sent.map_or_else(|| visit.asked("of").to_owned(), |refused| refused.fields.get("of").to_owned());
        let known = caps.iter().find(|cap| cap.of.to_string() == asked);
        let entered = |field: &str, stored: Option<String>| {
            sent.map_or_else(|| stored.unwrap_or_default(), |refused| refused.fields.get(field).to_owned())
        };
        Self {
            place: place.to_owned(),
            set: to_set,
            remove,
            key: new_key(),
            row_keys: caps.iter().map(|_| new_key()).collect(),
            amount: entered("amount", known.map(|cap| cap.limit.entered())),
            kind: entered("kind", known.map(|cap| if cap.hard { "hard" } else { "soft" }.to_owned())),
            choices,
            of: asked,
            errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        }
    }
}

/// What a refused form says beside what it says of its fields.
pub fn refusal<R>(visit: &Visit<R>) -> Option<String> {
    let refused = visit.refused.as_ref()?;
    (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string())
}

#[component]
pub fn CapSection(caps: Caps, #[prop(into)] purpose: String) -> impl IntoView {
    let Caps { caps, editing } = caps;
    let removal = editing.as_ref().map(|editing| (editing.place.clone(), editing.remove.clone(), editing.row_keys.clone()));
    view! {
        <Section heading="Caps" purpose=purpose>
            <CapTable caps=caps removal=removal/>
            {editing.map(|editing| view! { <SetCap editing=editing/> })}
        </Section>
    }
}

#[component]
fn CapTable(caps: Vec<CapLine>, removal: Option<(String, String, Vec<String>)>) -> impl IntoView {
    if caps.is_empty() {
        return view! { <p class="muted">"There is no cap."</p> }.into_any();
    }
    let mut columns = vec![Column::text("What"), Column::text("When reached"), Column::number("Cap"), Column::number("Spent this month")];
    if removal.is_some() {
        columns.push(Column::actions("Remove"));
    }
    let rows = caps
        .into_iter()
        .enumerate()
        .map(|(index, cap)| {
            let form = removal.as_ref().map(|(place, action, keys)| {
                let key = keys.get(index).cloned().unwrap_or_default();
                view! { <td class="actions-cell"><RemoveCap action=action.clone() place=place.clone() form_key=key of=cap.of version=cap.version name=cap.name.clone()/></td> }
            });
            let effect = if cap.hard { "refuses billable calls" } else { "tells, once a month" };
            view! {
                <tr>
                    <th scope="row">{cap.name}</th>
                    <td>{effect}</td>
                    <td class="number">{cap.limit.to_string()}</td>
                    <td class="number">{cap.spent.to_string()}</td>
                    {form}
                </tr>
            }
        })
        .collect_view();
    view! { <Table caption="Caps" columns=columns>{rows}</Table> }.into_any()
}

#[component]
fn RemoveCap(action: String, place: String, form_key: String, of: CapOf, version: i64, name: String) -> impl IntoView {
    view! {
        <Form action=action key=form_key place=place>
            <input type="hidden" name="of" value=of.to_string()/>
            <input type="hidden" name="version" value=version/>
            <Button>"Remove"<span class="visually-hidden">" the cap of " {name}</span></Button>
        </Form>
    }
}

#[component]
fn SetCap(editing: Editing) -> impl IntoView {
    let Editing { place, set, key, choices, of, amount, kind, errors, .. } = editing;
    let choices = choices.into_iter().map(|one| Choice::new(one.of.to_string(), format!("{}: {} spent this month", one.name, one.spent)));
    let choices = choices.collect::<Vec<_>>();
    let kinds = vec![
        Choice::new("hard", "Refuses").meaning(
            "Billable calls pause when it is reached, and run again next month or when it is raised. \
                                                At or below what is spent, they pause at once.",
        ),
        Choice::new("soft", "Tells").meaning("Nothing is refused. Those who manage it are told, once a month."),
    ];
    let amount_help = format!("US dollars in a calendar month (UTC), such as {}.", Micros(25_500_000).entered());
    view! {
        <Form action=set key=key place=place>
            <Select name="of" label="Cap what" choices=choices value=of error=error_of(&errors, "of")
                help="There is one cap for each; a new one takes the place of the one before."/>
            <Field name="amount" label="Amount" value=amount maxlength=20 help=amount_help error=error_of(&errors, "amount")/>
            <RadioGroup name="kind" legend="When it is reached" choices=kinds value=kind error=error_of(&errors, "kind")/>
            <Actions><Button kind=ButtonKind::Primary>"Set cap"</Button></Actions>
        </Form>
    }
}
