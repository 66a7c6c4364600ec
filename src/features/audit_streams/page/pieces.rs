//! What several pages of streams say alike: the state in a word, and how far one is.

use leptos::prelude::*;

use crate::{
    features::audit_streams::server::Shown,
    numbers::grouped,
    ui::{StatusBadge, Tone},
};

/// The state in a word.
pub fn state(shown: &Shown) -> impl IntoView + use<> {
    let (tone, text) = match shown.stream.status.as_str() {
        "active" if shown.is_failing() => (Tone::Danger, "failing"),
        "active" if shown.behind() > 0 => (Tone::Info, "sending"),
        "active" => (Tone::Success, "up to date"),
        "paused" => (Tone::Warning, "paused"),
        _ => (Tone::Neutral, "archived"),
    };
    view! { <StatusBadge tone=tone text=text/> }
}

/// "120 of 150 rows, 30 behind".
pub fn position(shown: &Shown) -> String {
    let (sent, size) = (shown.stream.next_seq.min(shown.size), shown.size);
    match shown.behind() {
        0 => format!("All {} rows", grouped(size)),
        behind => format!("{} of {} rows, {} behind", grouped(sent), grouped(size), grouped(behind)),
    }
}

/// Why it sends nothing just now, and what helps; none where it does.
pub fn why_paused(shown: &Shown) -> Option<&'static str> {
    match shown.stream.paused_because.as_deref()? {
        "gone" => Some("The endpoint answered 410: nothing is to be sent there any more. If that was a slip, resume it."),
        "failing" => Some("Nothing was acknowledged for five days. When the receiver is mended, resume it."),
        "moved" => Some("The workspace was moved to another account. Resume it if its rows are still to be sent there."),
        _ => Some("Somebody paused it. Resumed, it goes on where it was."),
    }
}
