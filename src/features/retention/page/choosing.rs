//! How long a log is kept, as a section of a page: what holds, what is to come, and the form that chooses.

use leptos::prelude::*;

use crate::{
    error::{AppError, FieldError},
    features::retention::{DAYS_MOST, GRACE_DAYS, server::Standing},
    server::{Reader, Shown, http::Fields, plans::AUDIT_DAYS_LEAST},
    ui::{Actions, Button, ButtonKind, Description, DescriptionList, Field, Form, Section, Time, error_of},
};

/// What the section shows.
pub struct Kept {
    pub days: Option<i32>,
    pub allowed: Option<i32>,
    pub coming: Option<(Option<i32>, Shown)>,
    /// None for whoever may only read.
    pub choosing: Option<Choosing>,
}

/// What the form is made of.
pub struct Choosing {
    pub action: String,
    pub key: String,
    pub place: String,
    pub version: i64,
    pub days: String,
    pub errors: Vec<FieldError>,
}

impl Kept {
    pub fn of(standing: &Standing, reader: &Reader, choosing: Option<Choosing>) -> Self {
        let coming = standing.coming(reader.now).map(|(days, from)| (days, reader.shown(from)));
        Self { days: standing.days(reader.now), allowed: standing.allowed.wanted(), coming, choosing }
    }
}

/// As the form has it: empty is for as long as the plan allows.
pub fn entered(days: Option<i32>) -> String {
    days.map(|days| days.to_string()).unwrap_or_default()
}

/// # Errors
/// `Invalid` for what is no number; whether it is in reach is asked where it is kept.
pub fn read(fields: &Fields) -> Result<Option<i32>, AppError> {
    match fields.get("days").trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| AppError::invalid("days", "This is no number of days. Write digits alone, or leave it empty.")),
    }
}

pub fn said(days: Option<i32>) -> String {
    days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"))
}

#[component]
pub fn KeptSection(kept: Kept) -> impl IntoView {
    let Kept { days, allowed, coming, choosing } = kept;
    let coming = coming.map(|(days, from)| {
        view! {
            <Description term="Then">
                {said(days)}", from "<Time rfc3339=from.rfc3339 absolute=from.absolute.clone() shown=from.absolute/>" on"
            </Description>
        }
    });
    view! {
        <Section heading="How long rows are kept" purpose="Older rows go once an hour. What proves the others stays, and the log says which rows went.">
            <DescriptionList>
                <Description term="Kept">{said(days)}</Description>
                {coming}
                <Description term="The plan allows">{said(allowed)}</Description>
            </DescriptionList>
            {choosing.map(|choosing| view! { <ChoosingForm choosing=choosing/> })}
        </Section>
    }
}

#[component]
fn ChoosingForm(choosing: Choosing) -> impl IntoView {
    let help = format!(
        "{AUDIT_DAYS_LEAST} to {DAYS_MOST}. Empty keeps rows for as long as the plan allows. A shorter time than now begins to count {GRACE_DAYS} days after you save it; a longer one at once."
    );
    view! {
        <Form action=choosing.action key=choosing.key place=choosing.place>
            <input type="hidden" name="version" value=choosing.version/>
            <Field name="days" label="Days" value=choosing.days maxlength=5 optional=true help=help error=error_of(&choosing.errors, "days")/>
            <Actions><Button kind=ButtonKind::Primary>"Save days"</Button></Actions>
        </Form>
    }
}
