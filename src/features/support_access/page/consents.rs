//! The owner's page: consenting to support access, ending it, and who used it when.

use leptos::prelude::*;

use crate::{
    access::{
        AskWorkspace, WorkspacePermission,
        workspace::{GrantSupportAccess, ReadSecurity},
    },
    error::{AppError, FieldError},
    features::support_access::{
        Lasting, REASON_MAX,
        server::{self, Consent, PAGE, Use},
    },
    ids::ConsentId,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, door::RefusedForm},
        scope::InWorkspace,
    },
    ui::{
        Actions, Button, ButtonKind, Choice, Column, EmptyState, ErrorSummary, Field, Form, Icon, Notice, PageHeader, Pager, RadioGroup,
        Section, StatusBadge, Table, Time, Tone,
    },
};

pub async fn show(visit: Visit<InWorkspace<ReadSecurity>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<GrantSupportAccess>>) -> Result<Page, AppError> {
    page(visit).await
}

async fn page<P: AskWorkspace>(mut visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let after: Option<ConsentId> = visit.asked("after").parse().ok();
    let (mut consents, uses) = server::list(&mut visit.scope, after).await?;
    let is_open = server::open_until(&mut visit.scope).await?.is_some();
    let may_grant = visit.scope.role().may(WorkspacePermission::GrantSupportAccess);
    let next = (consents.len() > PAGE).then(|| consents.truncate(PAGE)).and_then(|()| consents.last().map(|consent| consent.id));
    let surroundings = visit.surroundings();
    let (reader, slug) = (visit.reader(), visit.scope.workspace().slug.clone());
    let here = paths::support_access(&slug);
    let list = List {
        keyed: consents.into_iter().map(|consent| (visit.form_key(), consent)).collect(),
        uses,
        slug: slug.clone(),
        may_end: may_grant,
    };
    let giving = (may_grant && !is_open).then(|| Giving {
        slug,
        key: visit.form_key(),
        reason: visit.value("reason", ""),
        lasting: visit.value("lasting", &Lasting::AnHour.hours().to_string()),
        errors: visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default(),
    });
    let says =
        visit.refused.as_ref().filter(|refused| !matches!(refused.error, AppError::Invalid(_))).map(|refused| refused.error.to_string());
    let first = after.map(|_| here.clone());
    let next = next.map(|id| format!("{here}?after={id}"));
    visit.scope.close().await?;
    Ok(Page::framed("Support access", surroundings, move || {
        view! {
            <PageHeader title="Support access" purpose="Let the operator of this console look into this workspace, as an auditor does, for as long as you say."/>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            {giving.map(|giving| view! { <GiveConsent giving=giving/> })}
            <Section heading="Consents" purpose="Each with its reason, its end, and who entered by it. Every entry is in the audit log.">
                <ConsentTable list=list reader=reader/>
                <Pager first=first next=next/>
            </Section>
        }
    }))
}

pub async fn grant(mut submission: Submission<InWorkspace<GrantSupportAccess>>) -> Result<FormAnswer, AppError> {
    let location = paths::support_access(&submission.scope.workspace().slug);
    submission.scope.ask_recent_sign_in(&location)?;
    let (reason, lasting) = read(&submission)?;
    server::grant(&mut submission.scope, &reason, lasting).await?;
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(format!("Support may look into this workspace for {}.", lasting.label())))
}

pub async fn end(mut submission: Submission<InWorkspace<GrantSupportAccess>>) -> Result<FormAnswer, AppError> {
    let consent = submission.named::<ConsentId>("consent")?;
    server::end(&mut submission.scope, consent).await?;
    let location = paths::support_access(&submission.scope.workspace().slug);
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying("Support access is ended."))
}

/// All that is wrong at once.
fn read(submission: &Submission<InWorkspace<GrantSupportAccess>>) -> Result<(String, Lasting), AppError> {
    let mut errors: Vec<FieldError> = Vec::new();
    let reason = submission.fields.line("reason", "The reason", REASON_MAX).unwrap_or_else(|error| {
        if let AppError::Invalid(found) = error {
            errors.extend(found);
        }
        String::new()
    });
    let lasting = Lasting::parse(submission.fields.get("lasting"));
    if lasting.is_none() {
        errors.push(FieldError { field: "lasting", message: "Choose how long support may look.".to_owned() });
    }
    match lasting {
        Some(lasting) if errors.is_empty() => Ok((reason, lasting)),
        _ => Err(AppError::Invalid(errors)),
    }
}

#[derive(Clone, Debug)]
struct Giving {
    slug: String,
    key: String,
    reason: String,
    lasting: String,
    errors: Vec<FieldError>,
}

#[component]
fn GiveConsent(giving: Giving) -> impl IntoView {
    let problem = |field| crate::ui::error_of(&giving.errors, field);
    let (reason_problem, lasting_problem) = (problem("reason"), problem("lasting"));
    let choices = Lasting::ALL.into_iter().map(|lasting| Choice::new(lasting.hours().to_string(), lasting.label())).collect::<Vec<_>>();
    view! {
        <Section heading="Consent" purpose="Support sees what an auditor sees and changes nothing. You can end it at any time; the next click is refused.">
            <ErrorSummary errors=giving.errors/>
            <Form action=paths::support_access(&giving.slug) key=giving.key place=giving.slug>
                <Field name="reason" label="Reason" value=giving.reason maxlength=400 help="What support is to look at. It is shown to them, and stands in the audit log." error=reason_problem/>
                <RadioGroup name="lasting" legend="For how long" choices=choices value=giving.lasting error=lasting_problem/>
                <Actions><Button kind=ButtonKind::Primary>"Let support look"</Button></Actions>
            </Form>
        </Section>
    }
}

struct List {
    keyed: Vec<(String, Consent)>,
    uses: Vec<Use>,
    slug: String,
    may_end: bool,
}

#[component]
fn ConsentTable(list: List, reader: Reader) -> impl IntoView {
    if list.keyed.is_empty() {
        return view! {
            <EmptyState icon=Icon::Security title="Nobody was let in" explanation="When the operator has to see what you see to help you, an owner consents here. Until then they see nothing of this workspace."/>
        }
        .into_any();
    }
    let List { keyed, uses, slug, may_end } = list;
    let end = |key, id| may_end.then(|| view! { <EndConsent key=key slug=slug.clone() id=id/> });
    let rows = keyed
        .into_iter()
        .map(|(key, consent)| {
            let end = if consent.is_live(reader.now) { end(key, consent.id) } else { None };
            row(consent, &uses, &reader, end)
        })
        .collect_view();
    let columns = vec![
        Column::text("Reason"),
        Column::text("State"),
        Column::text("Given"),
        Column::text("Until"),
        Column::text("Entered"),
        Column::actions("End"),
    ];
    view! { <Table caption="Consents to support access" columns=columns>{rows}</Table> }.into_any()
}

fn row<E: IntoView>(consent: Consent, uses: &[Use], reader: &Reader, end: E) -> impl IntoView + use<E> {
    let somebody = || "someone who left".to_owned();
    let (tone, state) = match (consent.is_live(reader.now), consent.ended_at) {
        (true, _) => (Tone::Warning, "open"),
        (false, Some(_)) => (Tone::Neutral, "ended"),
        (false, None) => (Tone::Neutral, "expired"),
    };
    let (given, until) = (reader.shown(consent.granted_at), reader.shown(consent.ended_at.unwrap_or(consent.expires_at)));
    let ended_by = consent.ended_at.map(|_| format!(", by {}", consent.ended_by.unwrap_or_else(somebody)));
    let entered = uses.iter().filter(|used| used.consent == consent.id).map(|used| {
        let at = reader.shown(used.used_at);
        view! { <li>{used.user_name.clone()} ", " <Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/></li> }
    });
    let entered: Vec<_> = entered.collect();
    let entered = if entered.is_empty() { "nobody".into_any() } else { view! { <ul>{entered}</ul> }.into_any() };
    view! {
        <tr>
            <th scope="row">{consent.reason}</th>
            <td><StatusBadge tone=tone text=state/></td>
            <td><Time rfc3339=given.rfc3339 absolute=given.absolute shown=given.relative/>", by "{consent.granted_by.unwrap_or_else(somebody)}</td>
            <td><Time rfc3339=until.rfc3339 absolute=until.absolute shown=until.relative/>{ended_by}</td>
            <td>{entered}</td>
            <td class="actions-cell">{end}</td>
        </tr>
    }
}

#[component]
fn EndConsent(key: String, slug: String, id: ConsentId) -> impl IntoView {
    view! {
        <Form action=format!("{}/{id}/end", paths::support_access(&slug)) key=key place=slug>
            <Button kind=ButtonKind::Danger>"End now"</Button>
        </Form>
    }
}
