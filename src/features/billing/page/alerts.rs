//! The form that chooses which percentages of a limit are told.

use leptos::prelude::*;

use crate::{
    error::FieldError,
    features::billing::server::percents::Percents,
    server::http::Visit,
    ui::{Actions, Button, CheckboxGroup, Choice, Form, error_of},
};

/// What the form is made of.
pub struct ChoosingAlerts {
    place: String,
    action: String,
    key: String,
    ticked: Vec<String>,
    errors: Vec<FieldError>,
}

impl ChoosingAlerts {
    /// With what was sent and refused, or what is chosen.
    pub fn of<R>(visit: &Visit<R>, place: &str, action: String, chosen: &Percents, key: String) -> Self {
        let sent = visit.refused.as_ref().filter(|_| visit.request.route.ends_with("/alerts"));
        let stored = || chosen.list().iter().map(i16::to_string).collect();
        Self {
            place: place.to_owned(),
            action,
            key,
            ticked: sent.map_or_else(stored, |refused| refused.fields.all("percents")),
            errors: sent.map(crate::server::http::door::RefusedForm::field_errors).unwrap_or_default(),
        }
    }
}

#[component]
pub fn ChooseAlerts(choosing: ChoosingAlerts) -> impl IntoView {
    let ChoosingAlerts { place, action, key, ticked, errors } = choosing;
    let choices = [50, 80, 95].map(|percent| Choice::new(percent.to_string(), format!("{percent} %"))).to_vec();
    view! {
        <Form action=action key=key place=place>
            <CheckboxGroup name="percents" legend="Told at" choices=choices checked=ticked error=error_of(&errors, "percents")
                help="All of a limit is always told. What was passed before it was chosen is not told afterwards."/>
            <Actions><Button>"Save what is told"</Button></Actions>
        </Form>
    }
}
