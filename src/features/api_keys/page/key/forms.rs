//! The forms of a key's page: fewer scopes, a new secret, another steward, and the danger zone.

use leptos::prelude::*;

use crate::{
    access::AskWorkspace,
    error::FieldError,
    features::{
        api_keys::{
            page::create,
            server::{Key, OVERLAP_DAYS_MAX, page_of, words},
        },
        members::server::Active,
    },
    server::{
        http::{Visit, door::RefusedForm},
        rest::scope_named,
        scope::InWorkspace,
    },
    ui::{Actions, Button, ButtonKind, CheckboxGroup, Choice, DangerAct, DangerZone, Field, Form, LinkButton, Section, Select, error_of},
};

const OVERLAPS: [i64; 4] = [0, 1, 3, OVERLAP_DAYS_MAX];

/// What the forms show.
pub struct Managing {
    slug: String,
    /// The key's page.
    path: String,
    /// One for each form.
    form_keys: [String; 4],
    key: Key,
    people: Vec<Active>,
    /// Those that are ticked: the key's own, or what was sent and refused.
    scopes: Vec<String>,
    steward: String,
    overlap: String,
    reason: String,
    errors: Vec<FieldError>,
}

impl Managing {
    pub fn of<P: AskWorkspace>(visit: &Visit<InWorkspace<P>>, key: &Key, people: Vec<Active>) -> Self {
        let slug = visit.scope.workspace().slug.clone();
        let sent = |form: &str| visit.refused.as_ref().filter(|_| visit.request.route.ends_with(form)).map(|refused| &refused.fields);
        Self {
            path: page_of(key.kind, &slug, key.id),
            slug,
            form_keys: std::array::from_fn(|_| visit.form_key()),
            key: key.clone(),
            people,
            scopes: sent("/narrow").map_or_else(|| key.scopes.clone(), |fields| fields.all("scopes")),
            steward: sent("/steward").map_or_else(|| key.steward.to_string(), |fields| fields.get("steward").to_owned()),
            overlap: sent("/rotate").map_or_else(|| "1".to_owned(), |fields| fields.get("overlap_days").to_owned()),
            reason: sent("/quarantine").map(|fields| fields.get("reason").to_owned()).unwrap_or_default(),
            errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        }
    }
}

#[component]
pub fn Forms(managing: Managing) -> impl IntoView {
    let Managing { slug, path, form_keys, key, people, scopes, steward, overlap, reason, errors } = managing;
    let [for_scopes, for_rotation, for_steward, for_danger] = form_keys;
    let (version, noun) = (key.version, words(key.kind).noun);
    let stop = Stop { noun, slug: slug.clone(), path: path.clone(), form_key: for_danger, reason, problem: error_of(&errors, "reason") };
    let narrow = (key.scopes.len() > 1).then(|| {
        let action = format!("{path}/narrow");
        view! { <Narrow noun=noun action=action form_key=for_scopes place=slug.clone() version=version held=key.scopes.clone() kept=scopes problem=error_of(&errors, "scopes")/> }
    });
    let rotate = (key.status != "expired").then(|| {
        let action = format!("{path}/rotate");
        view! { <Rotate noun=noun action=action form_key=for_rotation place=slug.clone() version=version overlap=overlap problem=error_of(&errors, "overlap_days")/> }
    });
    let action = format!("{path}/steward");
    view! {
        {rotate}
        {narrow}
        <Steward noun=noun action=action form_key=for_steward place=slug version=version people=people steward=steward problem=error_of(&errors, "steward")/>
        <Danger key=key stop=stop/>
    }
}

#[component]
fn Narrow(
    noun: &'static str,
    action: String,
    form_key: String,
    place: String,
    version: i64,
    held: Vec<String>,
    kept: Vec<String>,
    problem: Option<String>,
) -> impl IntoView {
    let choices = held.into_iter().map(|name| {
        let meaning = scope_named(&name).map(|kind| format!("It can {}.", kind.says));
        Choice { help: meaning, ..Choice::new(name.clone(), name) }
    });
    let choices = choices.collect::<Vec<_>>();
    view! {
        <Section heading="Narrow" purpose=format!("Scopes can be taken away at once and for good. None is ever added: for that, create a new {noun}.")>
            <Form action=action key=form_key place=place>
                <input type="hidden" name="version" value=version/>
                <CheckboxGroup name="scopes" legend="Scopes that stay" choices=choices checked=kept error=problem/>
                <Actions><Button>"Narrow scopes"</Button></Actions>
            </Form>
        </Section>
    }
}

#[component]
fn Rotate(
    noun: &'static str,
    action: String,
    form_key: String,
    place: String,
    version: i64,
    overlap: String,
    problem: Option<String>,
) -> impl IntoView {
    let choices = OVERLAPS.map(|days| {
        let label = match days {
            0 => "not at all: it ends at once".to_owned(),
            1 => "1 day".to_owned(),
            many => format!("{many} days"),
        };
        Choice::new(days.to_string(), label)
    });
    view! {
        <Section heading="Rotate" purpose=format!("A new secret for the same {noun}. It is shown once; name, scopes and end stay. The {noun} then reaches no further than your own role.")>
            <Form action=action key=form_key place=place>
                <input type="hidden" name="version" value=version/>
                <Select name="overlap_days" label="The old secret goes on working" choices=choices.to_vec() value=overlap
                    help="This page says when the old one was last used. Older ones end at once. One that was reported as leaked ends at once in any case." error=problem/>
                <Actions><Button>{format!("Rotate {noun}")}</Button></Actions>
            </Form>
        </Section>
    }
}

#[component]
fn Steward(
    noun: &'static str,
    action: String,
    form_key: String,
    place: String,
    version: i64,
    people: Vec<Active>,
    steward: String,
    problem: Option<String>,
) -> impl IntoView {
    let choices = create::people_choices(people);
    view! {
        <Section heading="Steward" purpose=format!("Who answers for the {noun} and is told before it expires. The {noun} can do no more than their role allows, and no more than before.")>
            <Form action=action key=form_key place=place>
                <input type="hidden" name="version" value=version/>
                <Select name="steward" label="Steward" choices=choices value=steward error=problem/>
                <Actions><Button>"Hand over"</Button></Actions>
            </Form>
        </Section>
    }
}

/// What the form that stops a key for the time being shows.
struct Stop {
    noun: &'static str,
    slug: String,
    path: String,
    form_key: String,
    reason: String,
    problem: Option<String>,
}

#[component]
fn Danger(key: Key, stop: Stop) -> impl IntoView {
    let end = format!("{}/revoke", stop.path);
    let pause = if key.status == "quarantined" {
        view! { <Lift version=key.version stop=stop/> }.into_any()
    } else {
        view! { <Quarantine version=key.version stop=stop/> }.into_any()
    };
    view! {
        <DangerZone>
            {pause}
            <DangerAct title="Revoke for good" explanation=format!("You first see what stops. A revoked {} never works again.", words(key.kind).noun)>
                <LinkButton href=end kind=ButtonKind::Danger>"Revoke …"</LinkButton>
            </DangerAct>
        </DangerZone>
    }
}

#[component]
fn Quarantine(version: i64, stop: Stop) -> impl IntoView {
    let action = format!("{}/quarantine", stop.path);
    view! {
        <DangerAct title="Quarantine" explanation="Calls with it are refused from the next one on, until somebody lifts it.">
            <Form action=action key=stop.form_key place=stop.slug>
                <input type="hidden" name="version" value=version/>
                <Field name="reason" label="Reason" value=stop.reason maxlength=400 help="For whoever finds it stopped." error=stop.problem/>
                <Button kind=ButtonKind::Danger>{format!("Quarantine {}", stop.noun)}</Button>
            </Form>
        </DangerAct>
    }
}

#[component]
fn Lift(version: i64, stop: Stop) -> impl IntoView {
    let action = format!("{}/lift", stop.path);
    view! {
        <DangerAct title="Lift the quarantine" explanation="It works again, with the scopes and secrets it has.">
            <Form action=action key=stop.form_key place=stop.slug>
                <input type="hidden" name="version" value=version/>
                <Button>"Lift quarantine"</Button>
            </Form>
        </DangerAct>
    }
}
