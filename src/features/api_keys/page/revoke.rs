//! Before a key is ended for good: what stops, what stays, and whether somebody still uses it.

use chrono::TimeDelta;
use leptos::prelude::*;

use super::{last_use, refusal};
use crate::{
    access::workspace::ManageCredentials,
    error::{AppError, FieldError},
    features::api_keys::{
        REASON_MAX,
        server::{self, Key, Of, hint, page_of, words},
    },
    ids::ApiKeyId,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InWorkspace,
    },
    ui::{
        Actions, Button, ButtonKind, Description, DescriptionList, ErrorSummary, Field, Form, Inventory, InventoryLine, LinkButton, Notice,
        PageHeader, Section, Tone, TypedPhrase, error_of,
    },
};

/// A key that was used within this time is in use.
const IN_USE_HOURS: i64 = 24;

pub async fn show_revoking<S: Of>(mut visit: Visit<InWorkspace<ManageCredentials>>) -> Result<Page, AppError> {
    let id = visit.named(S::NAMED)?;
    let key = server::find_of(&mut visit.scope, S::KIND, id).await?;
    let now = visit.scope.now();
    let secrets = server::secrets(&mut visit.scope, id).await?.into_iter().filter(|secret| secret.works(now)).count();
    let shown = Ending {
        slug: visit.scope.workspace().slug.clone(),
        form_key: visit.form_key(),
        secrets: i64::try_from(secrets).unwrap_or(i64::MAX),
        reason: visit.value("reason", ""),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
        says: visit.refused.as_ref().and_then(refusal),
        reader: visit.reader(),
        key,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let title = format!("Revoke {}", shown.key.name);
    Ok(Page::framed(title.clone(), surroundings, move || view! { <Confirm title=title shown=shown/> }))
}

pub async fn revoke<S: Of>(mut submission: Submission<InWorkspace<ManageCredentials>>) -> Result<FormAnswer, AppError> {
    let id = submission.named::<ApiKeyId>(S::NAMED)?;
    let version = submission.version()?;
    let key = server::find_of(&mut submission.scope, S::KIND, id).await?;
    if submission.fields.get("phrase").trim() != key.name.trim() {
        return Err(AppError::invalid("phrase", "Type the name exactly as it is shown."));
    }
    let reason = match submission.fields.get("reason").trim() {
        "" => None,
        _ => Some(submission.fields.line("reason", "The reason", REASON_MAX)?),
    };
    server::revoke(&mut submission.scope, id, reason.as_deref(), version).await?;
    let location = page_of(S::KIND, &submission.scope.workspace().slug, id);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("The {} is revoked. Calls with it are refused from now on.", words(S::KIND).noun)))
}

/// What the confirm page shows.
struct Ending {
    slug: String,
    form_key: String,
    key: Key,
    secrets: i64,
    reason: String,
    errors: Vec<FieldError>,
    says: Option<String>,
    reader: Reader,
}

#[component]
fn Confirm(title: String, shown: Ending) -> impl IntoView {
    let Ending { slug, form_key, key, secrets, reason, errors, says, reader } = shown;
    let (back, noun) = (page_of(key.kind, &slug, key.id), words(key.kind).noun);
    let lines = inventory(&key, secrets);
    let is_used = key.last_used_at.is_some_and(|at| reader.now - at < TimeDelta::hours(IN_USE_HOURS));
    let in_use = is_used.then(|| {
        view! {
            <Notice tone=Tone::Danger>
                "It was used in the last 24 hours. Whatever uses it fails with its next call. To find out what that is without ending it for good, quarantine it first."
            </Notice>
        }
    });
    view! {
        <PageHeader title=title purpose=format!("This ends the {noun} for good. It cannot be undone; a new {noun} has to be made in its place.")/>
        {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <ErrorSummary errors=errors.clone()/>
        {in_use}
        <Section heading="What this does"><Inventory lines=lines/></Section>
        <Uses key=key.clone() reader=reader/>
        <Form action=format!("{back}/revoke") key=form_key place=slug>
            <input type="hidden" name="version" value=key.version/>
            <Field name="reason" label="Reason" value=reason maxlength=400 optional=true help="Stands in the audit log." error=error_of(&errors, "reason")/>
            <TypedPhrase phrase=key.name error=error_of(&errors, "phrase")/>
            <Actions>
                <Button kind=ButtonKind::Danger>{format!("Revoke {noun}")}</Button>
                <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}

#[component]
fn Uses(key: Key, reader: Reader) -> impl IntoView {
    let agent = key.last_used_agent.map(|agent| view! { <Description term="By">{agent}</Description> });
    view! {
        <Section heading=format!("The {}", words(key.kind).noun)>
            <DescriptionList>
                <Description term="Secret"><code>{hint(key.kind, &key.last_four)}</code></Description>
                <Description term="Scopes">{key.scopes.join(", ")}</Description>
                <Description term="Steward">{key.steward_name}</Description>
                <Description term="Last used">{last_use(key.last_used_at, key.last_used_network, &reader)}</Description>
                {agent}
            </DescriptionList>
        </Section>
    }
}

fn inventory(key: &Key, secrets: i64) -> Vec<InventoryLine> {
    let counted = |count: i64, one: &str, many: &str| if count == 1 { one.to_owned() } else { many.to_owned() };
    let scopes = i64::try_from(key.scopes.len()).unwrap_or(i64::MAX);
    let scope_words = format!("{}: {}", counted(scopes, "scope", "scopes"), key.scopes.join(", "));
    vec![
        InventoryLine::stops(secrets, counted(secrets, "secret that works now", "secrets that work now")),
        InventoryLine::stops(scopes, scope_words),
        InventoryLine::stays(1, "entry in this list, as revoked, and all that it did in the audit log"),
    ]
}
