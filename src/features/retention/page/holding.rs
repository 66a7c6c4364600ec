//! Legal holds on a page: those that are on, and the forms that put one on and lift it.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::{
    error::FieldError,
    features::retention::{
        NAME_MAX, REASON_MAX,
        server::{Hold, Place},
    },
    ids::LogId,
    server::Reader,
    ui::{Actions, Button, ButtonKind, Choice, Column, Field, Form, Section, Select, Table, Time, error_of},
};

/// What the section shows.
pub struct OnHold {
    pub holds: Vec<Hold>,
    /// How the logs are called; where there is one alone, none.
    pub logs: HashMap<LogId, String>,
    pub purpose: &'static str,
    pub reader: Reader,
    /// None for whoever may only read.
    pub holding: Option<Holding>,
}

/// What its forms are made of.
pub struct Holding {
    pub place: String,
    pub hold: String,
    pub lift: String,
    pub key: String,
    /// One for each hold's own form.
    pub row_keys: Vec<String>,
    pub choices: Vec<Place>,
    /// What was sent and refused.
    pub log: String,
    pub name: String,
    pub reason: String,
    pub errors: Vec<FieldError>,
}

#[component]
pub fn HoldSection(holds: OnHold) -> impl IntoView {
    let OnHold { holds, logs, purpose, reader, holding } = holds;
    let lifting = holding.as_ref().map(|holding| (holding.place.clone(), holding.lift.clone(), holding.row_keys.clone()));
    view! {
        <Section heading="Legal holds" purpose=purpose>
            <HoldTable holds=holds logs=logs reader=reader lifting=lifting/>
            {holding.map(|holding| view! { <PlaceHold holding=holding/> })}
        </Section>
    }
}

#[component]
fn HoldTable(
    holds: Vec<Hold>,
    logs: HashMap<LogId, String>,
    reader: Reader,
    lifting: Option<(String, String, Vec<String>)>,
) -> impl IntoView {
    if holds.is_empty() {
        return view! { <p class="muted">"There is no hold."</p> }.into_any();
    }
    let mut columns = vec![Column::text("Matter")];
    if !logs.is_empty() {
        columns.push(Column::text("Log"));
    }
    columns.extend([Column::text("Reason"), Column::text("By"), Column::text("Since")]);
    if lifting.is_some() {
        columns.push(Column::actions("Lift"));
    }
    let rows = holds
        .into_iter()
        .enumerate()
        .map(|(index, hold)| {
            let since = reader.shown(hold.placed_at);
            let log = (!logs.is_empty()).then(|| logs.get(&hold.log).cloned().unwrap_or_else(|| hold.log.to_string()));
            let lift = lifting.as_ref().map(|(place, action, keys)| {
                let form = (!hold.by_operator).then(|| {
                    let key = keys.get(index).cloned().unwrap_or_default();
                    view! { <LiftHold action=action.clone() place=place.clone() form_key=key hold=hold.clone()/> }
                });
                view! { <td class="actions-cell">{form}</td> }
            });
            view! {
                <tr>
                    <th scope="row">{hold.name.clone()}</th>
                    {log.map(|log| view! { <td>{log}</td> })}
                    <td>{hold.reason.clone()}</td>
                    <td>{if hold.by_operator { "the operator" } else { "an owner of the account" }}</td>
                    <td><Time rfc3339=since.rfc3339 absolute=since.absolute shown=since.relative/></td>
                    {lift}
                </tr>
            }
        })
        .collect_view();
    view! { <Table caption="Legal holds" columns=columns>{rows}</Table> }.into_any()
}

#[component]
fn LiftHold(action: String, place: String, form_key: String, hold: Hold) -> impl IntoView {
    let id = format!("field-lift-{}", hold.id);
    view! {
        <Form action=action key=form_key place=place>
            <input type="hidden" name="hold" value=hold.id.to_string()/>
            <Field name="because" label="Why it is lifted" id=id maxlength=400/>
            <Button>"Lift"<span class="visually-hidden">" the hold “" {hold.name} "”"</span></Button>
        </Form>
    }
}

#[component]
fn PlaceHold(holding: Holding) -> impl IntoView {
    let Holding { place, hold, key, choices, log, name, reason, errors, .. } = holding;
    let choices = choices
        .into_iter()
        .map(|one| {
            let label =
                if one.workspace.is_some() { format!("{}: its audit log", one.name) } else { "The account's own audit log".to_owned() };
            Choice::new(one.id.to_string(), label)
        })
        .collect::<Vec<_>>();
    view! {
        <Form action=hold key=key place=place>
            <Select name="log" label="Hold which log" choices=choices value=log error=error_of(&errors, "log")/>
            <Field name="name" label="Matter" value=name maxlength=u32::try_from(NAME_MAX).unwrap_or(u32::MAX) help="What it is for. Whoever reads the log sees it." error=error_of(&errors, "name")/>
            <Field name="reason" label="Reason" value=reason maxlength=u32::try_from(REASON_MAX).unwrap_or(u32::MAX) error=error_of(&errors, "reason")/>
            <Actions><Button kind=ButtonKind::Primary>"Put hold on"</Button></Actions>
        </Form>
    }
}
