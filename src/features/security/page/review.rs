//! The review of a change: what it changes, and whom it cuts off. It is confirmed from here.

use leptos::prelude::*;

use super::{label, moment};
use crate::{
    features::security::server::{CutOff, Place, Review, Settings},
    ui::{Actions, Button, ButtonKind, ChangeRow, Changes, Form, LinkButton, Notice, PageHeader, Section, Tone},
};

/// This many are named; the others are counted.
const NAMED_MAX: usize = 20;

pub fn page(review: Review, wanted: &Settings, place: Place, key: String) -> impl IntoView + use<> {
    let changed_networks = review.differences.iter().any(|difference| difference.field == "allowed_networks");
    let rows = review
        .differences
        .into_iter()
        .map(|difference| ChangeRow { field: label(difference.field).to_owned(), before: difference.before, after: difference.after })
        .collect();
    let hidden = hidden(wanted, &place, moment(review.as_of), review.digest);
    let is_harmless = review.cut_off.people.is_empty();
    let kind = if is_harmless { ButtonKind::Primary } else { ButtonKind::Danger };
    view! {
        <PageHeader title="Review the change" purpose="What changes, and whom it cuts off. Nothing is changed yet."/>
        <Section heading="Changes"><Changes rows=rows/></Section>
        <Section heading="Who is cut off">
            <Affected cut_off=review.cut_off/>
            {changed_networks.then(|| view! { <p class="muted">"Networks are counted by the address that each session was started from. Whoever comes from an allowed one is let in."</p> })}
        </Section>
        <Form action=place.page() key=key place=place.slug.clone()>
            {hidden}
            <Actions>
                <Button kind=kind>"Make the change"</Button>
                <LinkButton href=place.page() kind=ButtonKind::Quiet>"Leave it as it is"</LinkButton>
            </Actions>
        </Form>
    }
}

/// Everything again, so that what is confirmed is what was reviewed.
fn hidden(wanted: &Settings, place: &Place, as_of: String, digest: String) -> impl IntoView + use<> {
    let more = [("version", place.version.to_string()), ("as_of", as_of), ("digest", digest)];
    wanted.entered().into_iter().chain(more).map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
}

#[component]
fn Affected(cut_off: CutOff) -> impl IntoView {
    let people = cut_off.people.len();
    if people == 0 {
        return view! { <p>"Nobody who is signed in now is cut off."</p> }.into_any();
    }
    let (sessions, ending) = (cut_off.sessions(), cut_off.ending().count());
    let names = cut_off.people.iter().take(NAMED_MAX).map(|person| person.name.clone()).collect::<Vec<_>>().join(", ");
    let more = if people > NAMED_MAX { format!(" and {} more", people - NAMED_MAX) } else { String::new() };
    let says = format!("This cuts off {} of {}: {names}{more}.", counted(sessions, "session"), counted_people(people));
    let fate = match ending {
        0 => "They stay signed in elsewhere, and are refused here from their next click on.".to_owned(),
        all if all == sessions => "They end at once, since they reached nothing else.".to_owned(),
        some => format!(
            "{} at once, having reached nothing else. The others stay signed in elsewhere, and are refused here from their next click on.",
            if some == 1 { "1 ends".to_owned() } else { format!("{some} end") }
        ),
    };
    view! {
        <Notice tone=Tone::Danger>
            <p class="notice-title">{says}</p>
            <p>{fate}" Each of them is told."</p>
        </Notice>
    }
    .into_any()
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn counted_people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}
