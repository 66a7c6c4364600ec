//! Before a module is switched off: what stops, and what stays.

use leptos::prelude::*;

use super::module::KeyTable;
use crate::{
    access::workspace::ManageModules,
    error::AppError,
    features::{
        api_keys::server::Holder,
        modules::server::{self, Known, Preview},
    },
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit},
        modules::Module,
        scope::InWorkspace,
    },
    ui::{Actions, Button, ButtonKind, Form, Inventory, InventoryLine, LinkButton, Notice, PageHeader, Section, Tone, plural},
};

pub async fn show_disabling(mut visit: Visit<InWorkspace<ManageModules>>) -> Result<Page, AppError> {
    let Known(module) = visit.named("module")?;
    let preview = server::preview(&mut visit.scope, module).await?;
    let shown = Shown {
        slug: visit.scope.workspace().slug.clone(),
        form_key: visit.form_key(),
        says: visit.refused.as_ref().map(|refused| refused.error.to_string()),
        reader: visit.reader(),
        preview,
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let title = format!("Switch off {}", module.manifest.name);
    Ok(Page::framed(title.clone(), surroundings, move || view! { <Confirm title=title shown=shown/> }))
}

pub async fn disable(mut submission: Submission<InWorkspace<ManageModules>>) -> Result<FormAnswer, AppError> {
    let Known(module) = submission.named("module")?;
    let was_on = server::disable(&mut submission.scope, module, Some(submission.fields.get("shown"))).await?;
    let location = paths::module(&submission.scope.workspace().slug, module.key());
    submission.scope.answer_form(submission.form, &location);
    submission.scope.commit().await?;
    let name = &module.manifest.name;
    let says = if was_on {
        format!("{name} is off. Its calls are refused from the next one on, and its records stay.")
    } else {
        format!("{name} was off already. Nothing was changed.")
    };
    Ok(FormAnswer::to(location).saying(says))
}

/// What the confirm page shows.
struct Shown {
    slug: String,
    form_key: String,
    says: Option<String>,
    preview: Preview,
    reader: Reader,
}

#[component]
fn Confirm(title: String, shown: Shown) -> impl IntoView {
    let Shown { slug, form_key, says, preview, reader } = shown;
    let digest = preview.digest();
    let (module, keys) = (preview.state.module, preview.dependents.keys);
    let back = paths::module(&slug, module.key());
    let (lines, is_on) = (inventory(module, keys.len(), preview.dependents.calls), preview.state.is_enabled && module.is_live());
    let table = (!keys.is_empty()).then(|| view! { <Losing slug=slug.clone() keys=keys reader=reader/> });
    let confirm = if is_on {
        view! { <Confirmation action=paths::disable_module(&slug, module.key()) form_key=form_key slug=slug digest=digest back=back/> }
            .into_any()
    } else {
        view! { <p>"It is not on: there is nothing to switch off. "<a class="link" href=back>{module.manifest.name.as_str()}</a></p> }
            .into_any()
    };
    view! {
        <PageHeader title=title purpose="Its calls are refused from the next one on, on every node. It can be switched on again at any time."/>
        {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <Section heading="What this does"><Inventory lines=lines/></Section>
        {table}
        {confirm}
    }
}

#[component]
fn Losing(slug: String, keys: Vec<Holder>, reader: Reader) -> impl IntoView {
    view! {
        <Section heading="API keys and MCP tokens" purpose="They keep their scopes, which have no effect until it is on again.">
            <KeyTable slug=slug keys=keys reader=reader/>
        </Section>
    }
}

fn inventory(module: &Module, keys: usize, calls: i64) -> Vec<InventoryLine> {
    let keys = i64::try_from(keys).unwrap_or(i64::MAX);
    let [read, write] = module.scopes.map(|kind| kind.name);
    let losing = if keys == 1 { "loses" } else { "lose" };
    vec![
        InventoryLine::stops(2, format!("scopes: {read} and {write}. No new credential can ask for them")),
        InventoryLine::stops(keys, format!("{} {losing} the effect of these scopes", plural(keys, "credential"))),
        InventoryLine::stops(calls, format!("{} in the last 30 days: such calls are refused", plural(calls, "call"))),
        InventoryLine::stays(1, format!("store of {} records, untouched and unreachable until it is on again", module.manifest.name)),
    ]
}

#[component]
fn Confirmation(action: String, form_key: String, slug: String, digest: String, back: String) -> impl IntoView {
    view! {
        <Section heading="Confirm" purpose="Refused if the keys that hold its scopes have changed meanwhile.">
            <Form action=action key=form_key place=slug>
                <input type="hidden" name="shown" value=digest/>
                <Actions>
                    <Button kind=ButtonKind::Danger>"Switch off"</Button>
                    <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                </Actions>
            </Form>
        </Section>
    }
}
