//! The Profile page, and the theme menu's form.

use axum::{
    body::Bytes,
    extract::{Extension, State},
    response::{IntoResponse as _, Redirect, Response},
};
use leptos::prelude::*;

use super::{
    NAME_MAX,
    server::{self, Profile},
};
use crate::{
    error::{AppError, FieldError},
    paths,
    server::{
        Stoa,
        http::{
            Fields, FormAnswer, Page, Problem, Submission, Visit,
            form::PLACE,
            page::set_cookie,
            request::{RequestContext, THEME_COOKIE},
        },
        scope::AsUser,
    },
    ui::{
        Actions, Button, ButtonKind, Choice, Description, DescriptionList, ErrorSummary, Field, Form, Notice, PageHeader, Section, Select,
        Theme, Tone,
    },
};

const A_YEAR: i64 = 365 * 24 * 60 * 60;

pub async fn show(visit: Visit<AsUser>) -> Result<Page, AppError> {
    let surroundings = visit.surroundings();
    let person = visit.scope.person().clone();
    let form = ProfileForm {
        key: visit.form_key(),
        place: person.id.to_string(),
        version: person.version,
        name: visit.value("name", &person.name),
        time_zone: visit.value("time_zone", &person.time_zone),
        theme: visit.value("theme", &person.theme),
        errors: visit.refused.as_ref().map(crate::server::http::door::RefusedForm::field_errors).unwrap_or_default(),
        says: visit
            .refused
            .as_ref()
            .filter(|refused| !matches!(refused.error, AppError::Invalid(_)))
            .map(|refused| refused.error.to_string()),
    };
    visit.scope.close().await?;
    Ok(Page::framed("Profile", surroundings, move || {
        view! {
            <PageHeader title="Profile" purpose="Your name as others see it, and how the console looks to you."/>
            <EditProfile form=form/>
            <Section heading="Identity" purpose="From your identity provider. Change it there.">
                <DescriptionList>
                    <Description term="E-mail">{person.email}</Description>
                    <Description term="Id"><code>{person.id.to_string()}</code></Description>
                </DescriptionList>
            </Section>
        }
    }))
}

pub async fn update(mut submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    // Rendered for one person, sent by another: someone else signed in in between.
    if submission.fields.get(PLACE) != submission.scope.person().id.to_string() {
        return Err(AppError::WrongPlace);
    }
    let profile = read(&submission.fields)?;
    let version = submission.fields.get("version").parse().map_err(|_| AppError::Malformed("the form is damaged; open the page again"))?;
    server::update(&mut submission.scope, &profile, version).await?;
    submission.scope.answer_form(submission.form, paths::PROFILE);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(paths::PROFILE.to_owned()).saying("Your profile is saved.").with_cookie(THEME_COOKIE, profile.theme.name(), A_YEAR))
}

/// All that is wrong at once, not one thing after another.
fn read(fields: &Fields) -> Result<Profile, AppError> {
    let mut errors: Vec<FieldError> = Vec::new();
    let name = fields.line("name", "Your name", NAME_MAX).unwrap_or_else(|error| {
        if let AppError::Invalid(found) = error {
            errors.extend(found);
        }
        String::new()
    });
    let time_zone = fields.get("time_zone").to_owned();
    if time_zone.parse::<chrono_tz::Tz>().is_err() {
        errors.push(FieldError { field: "time_zone", message: "This time zone is not known. Choose one from the list.".to_owned() });
    }
    let theme = Theme::parse(fields.get("theme"));
    if theme.is_none() {
        errors.push(FieldError { field: "theme", message: "This theme is not known. Choose one from the list.".to_owned() });
    }
    match theme {
        Some(theme) if errors.is_empty() => Ok(Profile { name, time_zone, theme }),
        _ => Err(AppError::Invalid(errors)),
    }
}

/// The theme menu: a cookie of this browser, nothing stored. Works for strangers too.
pub async fn set_theme(State(stoa): State<Stoa>, Extension(_): Extension<RequestContext>, body: Bytes) -> Response {
    let fields = match Fields::parse(&body) {
        Ok(fields) => fields,
        Err(error) => return Problem::answer(error),
    };
    let Some(theme) = Theme::parse(fields.get("theme")) else {
        return Problem::answer(AppError::Malformed("it names no known theme"));
    };
    let mut response = Redirect::to(&paths::local(fields.get("back"))).into_response();
    set_cookie(&stoa, &mut response, THEME_COOKIE, theme.name(), A_YEAR, true);
    response
}

#[derive(Clone, Debug)]
struct ProfileForm {
    key: String,
    /// Whose profile it is.
    place: String,
    version: i64,
    name: String,
    time_zone: String,
    theme: String,
    errors: Vec<FieldError>,
    says: Option<String>,
}

#[component]
fn EditProfile(form: ProfileForm) -> impl IntoView {
    let errors = form.errors.clone();
    let problem = |field| crate::ui::error_of(&errors, field);
    let (name_problem, zone_problem, theme_problem) = (problem("name"), problem("time_zone"), problem("theme"));
    let zones = zones().into_iter().map(|zone| Choice::new(zone, zone)).collect::<Vec<_>>();
    let themes = Theme::ALL.into_iter().map(|theme| Choice::new(theme.name(), theme.label())).collect::<Vec<_>>();
    view! {
        <Section heading="You">
            {form.says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <ErrorSummary errors=errors/>
            <Form action=paths::PROFILE key=form.key place=form.place>
                <input type="hidden" name="version" value=form.version/>
                <Field name="name" label="Name" value=form.name maxlength=120 autocomplete="name" error=name_problem/>
                <Select name="time_zone" label="Time zone" choices=zones value=form.time_zone help="Times are shown in this zone, with UTC beside them." error=zone_problem/>
                <Select name="theme" label="Theme" choices=themes value=form.theme error=theme_problem/>
                <Actions><Button kind=ButtonKind::Primary>"Save profile"</Button></Actions>
            </Form>
        </Section>
    }
}

/// UTC, and every zone that is named for a place.
fn zones() -> Vec<&'static str> {
    const REGIONS: [&str; 10] =
        ["Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    std::iter::once("UTC")
        .chain(chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| REGIONS.iter().any(|region| name.starts_with(region))))
        .collect()
}
