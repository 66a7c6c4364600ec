//! A key's secrets, by what may be known of them: which work, until when, and whether somebody still uses the old one.

use leptos::prelude::*;

use crate::{
    features::api_keys::{
        page::{is_over, last_use, moment},
        server::{Key, Secret, hint, words},
    },
    server::Reader,
    ui::{Column, Section, StatusBadge, Table, Tone},
};

/// Where the key is over, all of its secrets are.
pub fn section(key: &Key, secrets: &[Secret], reader: &Reader) -> impl IntoView + use<> {
    let (is_over, noun) = (is_over(key), words(key.kind).noun);
    let overlap = secrets.iter().skip(1).find(|secret| !is_over && secret.works(reader.now)).map(|old| overlap(old, reader));
    let rows = secrets.iter().enumerate().map(|(place, secret)| row(key, place, secret, reader)).collect_view();
    let columns =
        vec![Column::text("Secret"), Column::text("State"), Column::text("Since"), Column::text("Works until"), Column::text("Last used")];
    view! {
        <Section heading="Secrets" purpose=format!("One that lives as long as the {noun}, and after a rotation the old one until the overlap ends.")>
            {overlap}
            <Table caption=format!("Secrets of this {noun}") columns=columns>{rows}</Table>
        </Section>
    }
}

/// What one waits for during a rotation.
fn overlap(old: &Secret, reader: &Reader) -> impl IntoView + use<> {
    let used = old
        .last_used_at
        .map_or_else(|| "The old one was never used.".into_any(), |at| view! { "Old one last used " {moment(at, reader)} "." }.into_any());
    let end = old.ends_at.map(|end| view! { " It ends " {moment(end, reader)} "." });
    view! { <p>{used}{end}</p> }
}

fn row(key: &Key, place: usize, secret: &Secret, reader: &Reader) -> impl IntoView + use<> {
    let (is_over, noun) = (is_over(key), words(key.kind).noun);
    let (tone, state) = match (!is_over && secret.works(reader.now), secret.leaked_at.is_some(), place) {
        (true, true, _) => (Tone::Danger, "leaked"),
        (true, false, 0) => (Tone::Success, "current"),
        (true, false, _) => (Tone::Warning, "old one"),
        (false, ..) => (Tone::Neutral, "ended"),
    };
    let end = match secret.ends_at.filter(|end| !is_over || *end <= reader.now) {
        Some(end) => moment(end, reader).into_any(),
        None if is_over => format!("the {noun} ended").into_any(),
        None => format!("the {noun} ends").into_any(),
    };
    view! {
        <tr>
            <th scope="row"><code>{hint(key.kind, &secret.last_four)}</code></th>
            <td><StatusBadge tone=tone text=state/></td>
            <td>{moment(secret.created_at, reader)}</td>
            <td>{end}</td>
            <td>{last_use(secret.last_used_at, None, reader)}</td>
        </tr>
    }
}
