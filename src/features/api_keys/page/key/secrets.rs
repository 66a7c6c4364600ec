//! A key's secrets, by what may be known of them: which work, until when, and whether somebody still uses the old one.

use leptos::prelude::*;

use crate::{
    features::api_keys::{
        hint,
        page::{last_use, moment},
        server::Secret,
    },
    server::Reader,
    ui::{Column, Section, StatusBadge, Table, Tone},
};

/// `is_over`: the key is, and all of its secrets with it.
pub fn section(secrets: &[Secret], is_over: bool, reader: &Reader) -> impl IntoView + use<> {
    let overlap = secrets.iter().skip(1).find(|secret| !is_over && secret.works(reader.now)).map(|old| overlap(old, reader));
    let rows = secrets.iter().enumerate().map(|(place, secret)| row(place, secret, is_over, reader)).collect_view();
    let columns =
        vec![Column::text("Secret"), Column::text("State"), Column::text("Since"), Column::text("Works until"), Column::text("Last used")];
    view! {
        <Section heading="Secrets" purpose="One that lives as long as the key, and after a rotation the old one until the overlap ends.">
            {overlap}
            <Table caption="Secrets of this key" columns=columns>{rows}</Table>
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

fn row(place: usize, secret: &Secret, is_over: bool, reader: &Reader) -> impl IntoView + use<> {
    let (tone, state) = match (!is_over && secret.works(reader.now), secret.leaked_at.is_some(), place) {
        (true, true, _) => (Tone::Danger, "leaked"),
        (true, false, 0) => (Tone::Success, "current"),
        (true, false, _) => (Tone::Warning, "old one"),
        (false, ..) => (Tone::Neutral, "ended"),
    };
    let end = match secret.ends_at.filter(|end| !is_over || *end <= reader.now) {
        Some(end) => moment(end, reader).into_any(),
        None if is_over => "the key ended".into_any(),
        None => "the key ends".into_any(),
    };
    view! {
        <tr>
            <th scope="row"><code>{hint(&secret.last_four)}</code></th>
            <td><StatusBadge tone=tone text=state/></td>
            <td>{moment(secret.created_at, reader)}</td>
            <td>{end}</td>
            <td>{last_use(secret.last_used_at, None, reader)}</td>
        </tr>
    }
}
