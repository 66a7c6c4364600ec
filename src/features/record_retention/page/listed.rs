//! The rules of a workspace: what each does, when its next turn is, and what came of the last one.

use leptos::prelude::*;

use super::{TITLE, sentence};
use crate::{
    features::record_retention::server::{Outcome, Rule},
    numbers::grouped,
    paths,
    server::Reader,
    ui::{Button, ButtonKind, Column, EmptyState, Form, Icon, LinkButton, Notice, PageHeader, Section, Table, Time, Tone, plural},
};

pub struct Listed {
    pub slug: String,
    pub rules: Vec<Rule>,
    /// A legal hold keeps everything.
    pub is_held: bool,
    /// The key of each rule's own form; none for whoever may not change them.
    pub removing: Option<Vec<String>>,
    pub says: Option<String>,
    pub reader: Reader,
}

impl Listed {
    pub fn view(self) -> impl IntoView {
        let (says, is_held) = (self.says.clone(), self.is_held && self.rules.iter().any(|rule| rule.act == "purge"));
        let held = is_held.then(|| {
            view! { <Notice tone=Tone::Warning>"A legal hold is on this workspace's log: no rule purges anything until it is lifted."</Notice> }
        });
        let add = self.removing.is_some().then(|| {
            let href = paths::retention_rule(&self.slug);
            view! { <LinkButton href=href kind=ButtonKind::Primary icon=Icon::Plus>"Add a rule"</LinkButton> }
        });
        let rules = if self.rules.is_empty() {
            let says = "Records stay until somebody reduces them by hand. A rule archives what was not changed for long, or purges what was archived long ago.";
            view! { <EmptyState icon=Icon::Data title="There is no rule" explanation=says/> }.into_any()
        } else {
            self.table().into_any()
        };
        view! {
            <PageHeader
                title=TITLE
                purpose="Rules by which records are archived or go for good by themselves, once a day. Free, also while billable calls are paused."
            >
                {add}
            </PageHeader>
            <p><a class="link" href=paths::data(&self.slug)>"Data & Insights"</a></p>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            {held}
            {rules}
            <p class="muted">"How long rows of the audit log are kept is chosen in the workspace's settings."</p>
        }
    }

    fn table(&self) -> impl IntoView + use<> {
        let rows = self.rules.iter().enumerate().map(|(place, rule)| self.row(place, rule)).collect_view();
        let mut columns = vec![Column::text("Rule"), Column::text("Next turn"), Column::text("Last turn"), Column::text("Set by")];
        if self.removing.is_some() {
            columns.push(Column::actions("Change or remove"));
        }
        view! {
            <Section heading="Rules" purpose="A turn comes within the hour after its time. What each did is in the audit log, and among the reductions.">
                <Table caption="Retention rules" columns=columns>{rows}</Table>
            </Section>
        }
    }

    fn row(&self, place: usize, rule: &Rule) -> impl IntoView + use<> {
        let set_at = self.time(rule.set_at);
        let (next, last) = (self.time(rule.next_run_at), self.last(rule));
        let sentence = sentence(rule);
        let [changed, removed] = [sentence.clone(), sentence.clone()];
        let actions = self.removing.as_ref().map(|keys| {
            let key = keys.get(place).cloned().unwrap_or_default();
            let query = [("resource", rule.resource.as_str()), ("act", &rule.act), ("days", &rule.days.to_string())];
            let change = rule.resource().is_some().then(|| {
                let href = paths::asking(&paths::retention_rule(&self.slug), &query);
                view! { <LinkButton href=href>"Change"<span class="visually-hidden">": "{changed}</span></LinkButton> }
            });
            view! {
                <td class="actions-cell">
                    {change}
                    <Form action=paths::remove_retention_rule(&self.slug, rule.id) key=key place=self.slug.clone()>
                        <Button>"Remove"<span class="visually-hidden">": "{removed}</span></Button>
                    </Form>
                </td>
            }
        });
        view! {
            <tr>
                <th scope="row">{sentence}</th>
                <td>{next}</td>
                <td>{last}</td>
                <td>{rule.set_by_name.clone()}", "{set_at}</td>
                {actions}
            </tr>
        }
    }

    fn last(&self, rule: &Rule) -> impl IntoView + use<> {
        let (Some(at), Some(outcome)) = (rule.last_run_at, rule.outcome()) else { return view! { "None yet" }.into_any() };
        let at = self.time(at);
        let says = match outcome {
            Outcome::Began => return view! { {self.begun(rule)}", "{at} }.into_any(),
            Outcome::Nothing => "Nothing was so old",
            Outcome::Held => "Nothing: a legal hold is on this workspace's log",
            Outcome::Busy => "Waits for another reduction of these records",
            Outcome::Rested => "It had missed turns, and waits for a day once more",
            Outcome::Failed => "It could not be done, and is tried again within the hour or so",
            Outcome::Undeclared => "Nothing: no manifest declares this any more. Remove the rule",
        };
        view! { {says}", "{at} }.into_any()
    }

    /// How far the reduction is that it began, with what stopped it.
    fn begun(&self, rule: &Rule) -> impl IntoView + use<> {
        let done = rule.last_done.unwrap_or_default();
        let what = rule.resource().map_or("record", |resource| resource.name).replace('_', " ");
        let status = match rule.last_status.as_deref() {
            Some("running") => "Runs",
            Some("done") => "Done",
            Some("stopped") => "Stopped",
            _ => "Failed",
        };
        let says = format!("{status}: {} {}", grouped(done), plural(done, &what));
        let reason = rule.last_reason.clone().map(|reason| view! { ". "{reason} });
        match rule.last_reduction {
            Some(id) => view! { <a class="link" href=paths::reduction(&self.slug, id)>{says}</a>{reason} }.into_any(),
            None => view! { {says}{reason} }.into_any(),
        }
    }

    fn time(&self, at: chrono::DateTime<chrono::Utc>) -> impl IntoView + use<> {
        let shown = self.reader.shown(at);
        view! { <Time rfc3339=shown.rfc3339 absolute=shown.absolute shown=shown.relative/> }
    }
}
