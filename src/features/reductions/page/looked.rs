//! What a reduction would do: how much, what hangs on it, the file to take first, and the words to type.

use chrono::SecondsFormat;
use leptos::prelude::*;

use super::file_of;
use crate::{
    error::FieldError,
    features::{
        reductions::server::{self, Act, Preview},
        storage::server::sized,
    },
    numbers::grouped,
    paths,
    server::Reader,
    ui::{
        Actions, Button, ButtonKind, Choice, Description, DescriptionList, ErrorSummary, FilterBar, FilterField, FilterProblems,
        FilterSelect, Form, Icon, Inventory, InventoryLine, LinkButton, Notice, PageHeader, Section, Time, Tone, TypedPhrase, plural,
    },
};

pub struct Looked {
    pub slug: String,
    pub key: String,
    pub act: String,
    pub resource: String,
    pub days: String,
    /// None where nothing is asked for yet, or it cannot be understood.
    pub preview: Option<Preview>,
    pub problems: Vec<FieldError>,
    pub phrase_problem: Option<String>,
    pub sees_money: bool,
    pub is_sign_in_recent: bool,
    pub errors: Vec<FieldError>,
    pub says: Option<String>,
    pub reader: Reader,
}

impl Looked {
    pub fn view(self) -> impl IntoView {
        let bar = self.bar();
        let (says, problems, errors) = (self.says.clone(), self.problems.clone(), self.errors.clone());
        let looked = self.preview.as_ref().map(|preview| {
            let is_nothing = preview.counted.records == 0;
            let confirm = (!is_nothing).then(|| self.confirmation(preview));
            view! { {self.counted(preview)} {confirm} }
        });
        view! {
            <PageHeader
                title="Reduce what is stored"
                purpose="Puts records away that were not changed for long, or purges what is archived. Free, also while billable calls are paused."
            />
            <p><a class="link" href=paths::data(&self.slug)>"Data & Insights"</a></p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <ErrorSummary errors=errors/>
            <FilterProblems says="This could not be understood" problems=problems/>
            {bar}
            {looked}
        }
    }

    fn bar(&self) -> impl IntoView + use<> {
        let resources = server::resources();
        let choices = resources.iter().map(|known| Choice::new(known.resource.name, known.resource.plural.replace('_', " "))).collect();
        let acts = vec![
            Choice::new("archive", "Archive what is live and was not changed"),
            Choice::new("purge", "Purge what is archived, for good"),
        ];
        let (resource, act, days) = (self.resource.clone(), self.act.clone(), self.days.clone());
        view! {
            <FilterBar action=paths::reduce(&self.slug)>
                <FilterSelect name="resource" label="Records" choices=choices value=resource/>
                <FilterSelect name="act" label="Do" choices=acts value=act/>
                <FilterField name="days" label="For more than so many days" value=days kind="number"/>
            </FilterBar>
        }
    }

    fn counted(&self, preview: &Preview) -> impl IntoView + use<> {
        counted(&self.slug, preview, self.sees_money, &self.reader)
    }

    fn confirmation(&self, preview: &Preview) -> impl IntoView + use<> {
        let is_purge = preview.asked.act == Act::Purge;
        if is_purge && preview.is_held {
            return view! { <Notice tone=Tone::Warning>"A legal hold is on this workspace's log: nothing is purged until it is lifted."</Notice> }.into_any();
        }
        if is_purge && !self.is_sign_in_recent {
            let query = [("resource", self.resource.as_str()), ("act", &self.act), ("days", &self.days)];
            let back = paths::sign_in_anew(&paths::asking(&paths::reduce(&self.slug), &query));
            return view! {
                <Section heading="Confirm" purpose="This asks for a recent sign-in. Sign in again, and you come back to this page.">
                    <Actions><LinkButton href=back kind=ButtonKind::Primary>"Sign in again"</LinkButton></Actions>
                </Section>
            }
            .into_any();
        }
        let (purpose, button, kind) = if is_purge {
            ("Nobody can undo it. Refused if anything above has changed meanwhile.", "Purge these records", ButtonKind::Danger)
        } else {
            ("There is no way back. Refused if anything above has changed meanwhile.", "Archive these records", ButtonKind::Primary)
        };
        let phrase = is_purge.then(|| view! { <TypedPhrase phrase=server::phrase(preview) error=self.phrase_problem.clone()/> });
        let before = preview.asked.before.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (act, resource, inventory) = (preview.asked.act.name(), preview.asked.resource.name, preview.digest());
        let (slug, key, days, back) = (self.slug.clone(), self.key.clone(), self.days.clone(), paths::data(&self.slug));
        view! {
            <Section heading="Confirm" purpose=purpose>
                <Form action=paths::reduce(&slug) key=key place=slug>
                    <input type="hidden" name="act" value=act/>
                    <input type="hidden" name="resource" value=resource/>
                    <input type="hidden" name="days" value=days/>
                    <input type="hidden" name="before" value=before/>
                    <input type="hidden" name="inventory" value=inventory/>
                    {phrase}
                    <Actions>
                        <Button kind=kind>{button}</Button>
                        <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                    </Actions>
                </Form>
            </Section>
        }
        .into_any()
    }
}

/// What it would come to, with the file of it.
pub fn counted(slug: &str, preview: &Preview, sees_money: bool, reader: &Reader) -> impl IntoView + use<> {
    let (asked, counted) = (&preview.asked, &preview.counted);
    let name = plural(counted.records, &asked.resource.name.replace('_', " "));
    let before = reader.shown(asked.before).absolute;
    if counted.records == 0 {
        let says = format!("There are no {} that were {} before {before}.", asked.resource.plural.replace('_', " "), asked.basis.says());
        return view! { <Section heading="What it would do"><p>{says}</p></Section> }.into_any();
    }
    let heading = format!("What it would do to {} {name}, {} before {before}", grouped(counted.records), asked.basis.says());
    let lines = match asked.act {
        Act::Purge => vec![
            InventoryLine::stops(counted.records, format!("{name} of {}", sized(counted.bytes))),
            InventoryLine::stops(
                counted.parts,
                format!("{} that belong to them, of {}", plural(counted.parts, "record"), sized(counted.part_bytes)),
            ),
            InventoryLine::stops(counted.files, format!("{} of {}", plural(counted.files, "file"), sized(counted.file_bytes))),
            InventoryLine::stays(
                counted.referring,
                format!("other {} that refer to them, to nothing then", plural(counted.referring, "record")),
            ),
        ],
        Act::Archive => vec![InventoryLine::stays(
            counted.records,
            format!("{name} of {}, archived: read by id, not listed nor changed", sized(counted.bytes)),
        )],
    };
    let [oldest, newest] = [("The oldest", counted.oldest), ("The newest", counted.newest)].map(|(term, at)| {
        let shown = reader.shown(at?);
        let time = view! { <Time rfc3339=shown.rfc3339 absolute=shown.absolute.clone() shown=shown.absolute/> };
        Some(view! { <Description term=term>{time}</Description> })
    });
    let freed = sized(preview.freed_bytes());
    let saved = (sees_money && asked.act == Act::Purge).then(|| preview.freed_a_day(reader.now).exact());
    let saved = saved.map(|saved| view! { <Description term="Costs a day less">{saved}</Description> });
    let rules = (asked.act == Act::Archive)
        .then(|| view! { <p class="muted">"What its module's own rules refuse stays as it is, such as an invoice that is owed."</p> });
    let file = file_of(slug, preview);
    view! {
        <Section heading=heading>
            <Inventory lines=lines/>
            <DescriptionList>
                {oldest}
                {newest}
                <Description term="Freed">{freed}</Description>
                {saved}
            </DescriptionList>
            {rules}
            <Actions><LinkButton href=file icon=Icon::Download download=true>"Export these records first"</LinkButton></Actions>
        </Section>
    }
    .into_any()
}
