//! Creating a key: its name, what it may do, who answers for it, and how long it lives.

use leptos::prelude::*;

use super::{
    new_page,
    once::{self, Once},
    refusal,
};
use crate::{
    access::{WorkspaceRole, workspace::ManageCredentials},
    error::{AppError, FieldError},
    features::{
        api_keys::{
            DEFAULT_DAYS,
            server::{self, NewKey, Of, list_page, page_of, who_can, why_not_offered, words},
        },
        members::{self, server::Active},
    },
    server::{
        credentials::Kind,
        http::{Fields, FormAnswer, Page, Submission, Visit, door::RefusedForm},
        modules,
        rest::scopes,
        scope::InWorkspace,
        standing::Standing,
    },
    ui::{
        Actions, Button, ButtonKind, CheckboxGroup, Choice, ErrorSummary, Field, Form, LinkButton, Notice, PageHeader, Select, Tone,
        error_of,
    },
};

/// The lives that are offered, where the workspace's policy allows them.
const LIVES: [i64; 5] = [7, 30, 90, 180, 366];

/// The form, and the form as it was refused.
pub async fn show_new<S: Of>(mut visit: Visit<InWorkspace<ManageCredentials>>) -> Result<Page, AppError> {
    let (tenant, workspace) = (visit.scope.tenant().id, visit.scope.workspace().id);
    let days_max = server::days_max(&mut visit.scope).await?;
    // Nobody above whoever makes it: they could not be named.
    let roles: Vec<WorkspaceRole> = WorkspaceRole::ALL.into_iter().filter(|role| role.is_within(visit.scope.role())).collect();
    let people = members::server::active(&mut visit.scope, tenant, workspace, &roles).await?;
    let standing = Standing::here(&mut visit.scope).await?;
    let form = NewForm {
        kind: S::KIND,
        slug: visit.scope.workspace().slug.clone(),
        key: visit.form_key(),
        name: visit.value("name", ""),
        scopes: visit.refused.as_ref().map(|refused| refused.fields.all("scopes")).unwrap_or_default(),
        steward: visit.value("steward", &visit.scope.person().id.to_string()),
        days: visit.value("expires_in_days", &DEFAULT_DAYS.min(days_max).to_string()),
        days_max,
        people,
        offered: scope_choices(S::KIND, &standing),
        scopes_help: scopes_help(&standing),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(refusal),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let title = format!("Create {}", words(S::KIND).a_name);
    Ok(Page::framed(title.clone(), surroundings, move || {
        view! {
            <PageHeader title=title purpose="It can do what its scopes say, and never more than the role of its steward allows."/>
            <EditNew form=form/>
        }
    }))
}

pub async fn create<S: Of>(mut submission: Submission<InWorkspace<ManageCredentials>>) -> Result<FormAnswer, AppError> {
    let new = read(S::KIND, &submission.fields)?;
    let created = server::create(&mut submission.scope, &new, None).await?;
    let done = page_of(S::KIND, &submission.scope.workspace().slug, created.key.id);
    let location = once::shown_before(&done);
    submission.scope.answer_form(submission.form, &location);
    let visit = submission.commit_to_show().await?;
    let shown = Once {
        kind: S::KIND,
        title: format!("The {} “{}” is created", words(S::KIND).noun, created.key.name),
        purpose: "It works from now on.",
        explanation: format!("If it is lost, rotate the {}: that gives it a new one.", words(S::KIND).noun),
        secret: created.secret.reveal(),
        done,
    };
    Ok(FormAnswer::to(location).showing(once::page(visit, shown).await?))
}

fn read(kind: Kind, fields: &Fields) -> Result<NewKey, AppError> {
    let steward = fields.get("steward").parse().map_err(|_| AppError::invalid("steward", "Choose a steward from the list."))?;
    let days = fields
        .get("expires_in_days")
        .parse()
        .map_err(|_| AppError::invalid("expires_in_days", "Choose how long it lives from the list."))?;
    Ok(NewKey { kind, name: fields.get("name").to_owned(), steward: Some(steward), scopes: fields.all("scopes"), days: Some(days) })
}

/// What the form shows.
#[derive(Clone, Debug)]
struct NewForm {
    kind: Kind,
    slug: String,
    key: String,
    name: String,
    scopes: Vec<String>,
    steward: String,
    days: String,
    days_max: i64,
    people: Vec<Active>,
    /// The scopes that can be asked for now.
    offered: Vec<Choice>,
    scopes_help: String,
    errors: Vec<FieldError>,
    says: Option<String>,
}

#[component]
fn EditNew(form: NewForm) -> impl IntoView {
    let (noun, back) = (words(form.kind).noun, list_page(form.kind, &form.slug));
    let example = if form.kind == Kind::Mcp {
        "What will use it, such as “Research agent”."
    } else {
        "What will use it, such as “Nightly import”."
    };
    let problem = |field| error_of(&form.errors, field);
    let (name_problem, scopes_problem) = (problem("name"), scope_problems(&form.errors));
    let (steward_problem, days_problem) = (problem("steward"), problem("expires_in_days"));
    let people = people_choices(form.people);
    let lives_help =
        format!("A {noun} of this workspace lives {} days at most. Its people are told 30, 7 and 1 day before.", form.days_max);
    view! {
        {form.says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=form.errors.clone()/>
        <Form action=new_page(form.kind, &form.slug) key=form.key place=form.slug.clone()>
            <Field name="name" label="Name" value=form.name maxlength=80 help=example error=name_problem/>
            <CheckboxGroup name="scopes" legend="Scopes" choices=form.offered checked=form.scopes help=form.scopes_help error=scopes_problem/>
            <Select name="steward" label="Steward" choices=people value=form.steward
                help="Who answers for it, and is told before it expires. Their role limits what it can do, and so does yours." error=steward_problem/>
            <Select name="expires_in_days" label="Expires" choices=lives(form.days_max) value=form.days help=lives_help error=days_problem/>
            <Actions>
                <Button kind=ButtonKind::Primary>{format!("Create {noun}")}</Button>
                <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}

/// Everyone who can answer for a key, and what they are.
pub fn people_choices(people: Vec<Active>) -> Vec<Choice> {
    people.into_iter().map(|person| Choice::new(person.user.to_string(), format!("{} ({})", person.name, person.role))).collect()
}

/// Each scope that was refused has a sentence of its own.
fn scope_problems(errors: &[FieldError]) -> Option<String> {
    let says: Vec<&str> = errors.iter().filter(|error| error.field == "scopes").map(|error| error.message.as_str()).collect();
    (!says.is_empty()).then(|| says.join(" "))
}

/// Of modules, those of the ones that run.
fn scope_choices(kind: Kind, standing: &Standing) -> Vec<Choice> {
    scopes()
        .filter(|scope| why_not_offered(kind, scope.name, standing).is_none())
        .map(|scope| {
            let is_anyones = WorkspaceRole::ALL.into_iter().all(|role| role.may(scope.asks));
            let steward = if is_anyones { String::new() } else { format!(" Its steward has to be {}.", who_can(scope.asks)) };
            let meaning = format!("It can {}.{steward}", scope.says);
            Choice::new(scope.name, scope.name).meaning(meaning)
        })
        .collect()
}

/// What is left out is named, so that nobody looks for it in vain.
fn scopes_help(standing: &Standing) -> String {
    let off: Vec<&str> = modules::list()
        .iter()
        .filter(|module| module.is_live() && !standing.runs(module))
        .map(|module| module.manifest.name.as_str())
        .collect();
    let left_out =
        if off.is_empty() { String::new() } else { format!(" Not offered, since the module does not run here: {}.", off.join(", ")) };
    format!("As few as it needs. They can be taken away later, and never added.{left_out}")
}

/// The lives that the policy allows, and the longest that it does.
fn lives(most: i64) -> Vec<Choice> {
    let mut lives: Vec<i64> = LIVES.into_iter().filter(|days| *days < most).collect();
    lives.push(most);
    lives
        .into_iter()
        .map(|days| Choice::new(days.to_string(), if days == 1 { "in 1 day".to_owned() } else { format!("in {days} days") }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_life_is_offered_that_the_policy_refuses() {
        let offered = |most| lives(most).into_iter().map(|choice| choice.value).collect::<Vec<_>>();
        assert_eq!(offered(366), ["7", "30", "90", "180", "366"]);
        assert_eq!(offered(90), ["7", "30", "90"]);
        assert_eq!(offered(45), ["7", "30", "45"]);
        assert_eq!(offered(1), ["1"]);
    }
}
