//! What a rule would do today, before it is set: what is chosen, what it comes to, and the words to type.

use chrono::SecondsFormat;
use leptos::prelude::*;

use super::{TITLE, days};
use crate::{
    error::FieldError,
    features::{
        record_retention::{
            GRACE_HOURS,
            server::{self, Rule, Terms},
        },
        reductions::{
            page as reduction,
            server::{self as reductions, Preview},
        },
    },
    paths,
    server::Reader,
    ui::{
        Actions, Button, ButtonKind, Choice, ErrorSummary, FilterBar, FilterField, FilterProblems, FilterSelect, Form, LinkButton, Notice,
        PageHeader, Section, Tone, TypedPhrase,
    },
};

pub struct Looked {
    pub slug: String,
    pub key: String,
    pub act: String,
    pub resource: String,
    pub days: String,
    /// None where nothing is asked for yet, or it cannot be understood.
    pub today: Option<(Terms, Preview)>,
    /// The rule that there is of these records and this act.
    pub stood: Option<Rule>,
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
        let (says, problems, errors) = (self.says.clone(), self.problems.clone(), self.errors.clone());
        let looked = self.today.as_ref().map(|(terms, preview)| {
            let today = view! { <p class="muted">"If it had its turn just now:"</p> };
            let counted = reduction::counted(&self.slug, preview, self.sees_money, &self.reader);
            view! { {self.standing(terms)} {today} {counted} {self.confirmation(terms, preview)} }
        });
        view! {
            <PageHeader
                title="Retention rule"
                purpose="Chooses what is archived or purged by itself from then on, once a day. There is one rule of each for a kind of record."
            />
            <p><a class="link" href=paths::record_retention(&self.slug)>{TITLE}</a></p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <ErrorSummary errors=errors/>
            <FilterProblems says="This could not be understood" problems=problems/>
            {self.bar()}
            {looked}
        }
    }

    fn bar(&self) -> impl IntoView + use<> {
        let resources = reductions::resources();
        let choices = resources.iter().map(|known| Choice::new(known.resource.name, known.resource.plural.replace('_', " "))).collect();
        let acts = vec![
            Choice::new("archive", "Archive what is live and was not changed"),
            Choice::new("purge", "Purge what is archived, for good"),
        ];
        let (resource, act, days) = (self.resource.clone(), self.act.clone(), self.days.clone());
        view! {
            <FilterBar action=paths::retention_rule(&self.slug)>
                <FilterSelect name="resource" label="Records" choices=choices value=resource/>
                <FilterSelect name="act" label="Do" choices=acts value=act/>
                <FilterField name="days" label="For more than so many days" value=days kind="number"/>
            </FilterBar>
        }
    }

    /// What there is already, and what becomes of it.
    fn standing(&self, terms: &Terms) -> impl IntoView + use<> {
        let rule = self.stood.as_ref()?;
        let becomes = match terms.days.cmp(&rule.days) {
            std::cmp::Ordering::Equal => "This is that rule.",
            std::cmp::Ordering::Greater => "More days hold at once.",
            std::cmp::Ordering::Less => "Fewer days take its place, and wait for a day first.",
        };
        let says = format!("There is such a rule, of {}. {becomes}", days(rule.days));
        Some(view! { <Notice tone=Tone::Info>{says}</Notice> })
    }

    fn confirmation(&self, terms: &Terms, preview: &Preview) -> impl IntoView + use<> {
        if self.stood.as_ref().is_some_and(|rule| rule.days == terms.days && rule.resource().is_some()) {
            return ().into_any();
        }
        let is_more = server::asks_to_look(self.stood.as_ref(), terms);
        let is_purge = terms.is_purge();
        if is_purge && is_more && !self.is_sign_in_recent {
            let query = [("resource", self.resource.as_str()), ("act", &self.act), ("days", &self.days)];
            let back = paths::sign_in_anew(&paths::asking(&paths::retention_rule(&self.slug), &query));
            return view! {
                <Section heading="Confirm" purpose="This asks for a recent sign-in. Sign in again, and you come back to this page.">
                    <Actions><LinkButton href=back kind=ButtonKind::Primary>"Sign in again"</LinkButton></Actions>
                </Section>
            }
            .into_any();
        }
        let purpose = if is_more {
            let first = self.reader.shown(self.reader.now + chrono::TimeDelta::hours(GRACE_HOURS)).absolute;
            let what = if is_purge { "Nobody can undo what it does." } else { "There is no way back from what it does." };
            format!("{what} It does nothing before {first}: until then it can be removed. Refused if anything above has changed meanwhile.")
        } else {
            "It holds at once. What the rule has begun ends.".to_owned()
        };
        let held = (is_purge && preview.is_held).then(|| {
            view! { <Notice tone=Tone::Warning>"A legal hold is on this workspace's log: the rule purges nothing until it is lifted."</Notice> }
        });
        let phrase = (is_purge && is_more).then(|| view! { <TypedPhrase phrase=server::phrase(terms) error=self.phrase_problem.clone()/> });
        let kind = if is_purge && is_more { ButtonKind::Danger } else { ButtonKind::Primary };
        let before = preview.asked.before.to_rfc3339_opts(SecondsFormat::Secs, true);
        let version = self.stood.as_ref().map_or(0, |rule| rule.version);
        let (act, resource, inventory) = (preview.asked.act.name(), preview.asked.resource.name, preview.digest());
        let (slug, key, for_days, back) = (self.slug.clone(), self.key.clone(), terms.days, paths::record_retention(&self.slug));
        view! {
            <Section heading="Confirm" purpose=purpose>
                {held}
                <Form action=paths::retention_rule(&slug) key=key place=slug>
                    <input type="hidden" name="act" value=act/>
                    <input type="hidden" name="resource" value=resource/>
                    <input type="hidden" name="days" value=for_days/>
                    <input type="hidden" name="version" value=version/>
                    <input type="hidden" name="before" value=before/>
                    <input type="hidden" name="inventory" value=inventory/>
                    {phrase}
                    <Actions>
                        <Button kind=kind>"Set this rule"</Button>
                        <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
                    </Actions>
                </Form>
            </Section>
        }
        .into_any()
    }
}
