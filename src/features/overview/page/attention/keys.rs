//! What keys ask somebody to do, in sentences.

use super::{Item, Place};
use crate::{
    features::api_keys::server::{Concern, Concerned, ConcernedKey, IDLE_DAYS, SOON_DAYS, list_page, page_of, words},
    ids::ApiKeyId,
    numbers::grouped,
    paths,
    ui::Tone,
};

/// `called` are the ended keys that somebody still calls with.
pub fn items(concerned: &[Concerned], called: &[ApiKeyId], place: &Place) -> Vec<Item> {
    concerned
        .iter()
        .filter_map(|concerned| match concerned.concern {
            Concern::Expired => still_called(concerned, called, place),
            _ => Some(item(concerned, place)),
        })
        .collect()
}

fn item(concerned: &Concerned, place: &Place) -> Item {
    let noun = words(concerned.kind).noun;
    let (first, count) = (concerned.keys.first(), grouped(concerned.count));
    let only = first.filter(|_| concerned.count == 1).map(|key| format!("The {noun} “{}”", key.name));
    let (tone, before, after) = match (concerned.concern, &only) {
        (Concern::Leaked, Some(key)) => {
            (Tone::Danger, format!("{key} was reported as leaked "), ", and still works. Rotate it, or revoke it.".to_owned())
        }
        (Concern::Leaked, None) => (
            Tone::Danger,
            format!("{count} {noun}s that still work were reported as leaked, the first "),
            ". Rotate or revoke them.".to_owned(),
        ),
        (Concern::Quarantined, Some(key)) => {
            (Tone::Warning, format!("{key} is quarantined: calls with it are refused. It expires "), ".".to_owned())
        }
        (Concern::Quarantined, None) => {
            (Tone::Warning, format!("{count} {noun}s are quarantined: calls with them are refused. The first expires "), ".".to_owned())
        }
        (Concern::Idle, Some(key)) => {
            (Tone::Info, format!("{key} works, and was not used for {IDLE_DAYS} days. It was last used or made "), ".".to_owned())
        }
        (Concern::Idle, None) => (
            Tone::Info,
            format!("{count} {noun}s work, and were not used for {IDLE_DAYS} days. The longest idle was last used or made "),
            ".".to_owned(),
        ),
        (Concern::Expiring | Concern::Expired, Some(key)) => (Tone::Warning, format!("{key} expires "), ".".to_owned()),
        (Concern::Expiring | Concern::Expired, None) => {
            (Tone::Warning, format!("{count} {noun}s expire within {SOON_DAYS} days, the first "), ".".to_owned())
        }
    };
    Item::new(tone, before, first.map(|key| key.at), after).mended_at(address(concerned, place), words(concerned.kind).title)
}

/// The list of exactly these keys.
fn address(concerned: &Concerned, place: &Place) -> String {
    let (soon, idle) = (SOON_DAYS.to_string(), IDLE_DAYS.to_string());
    let narrowed: &[(&str, &str)] = match concerned.concern {
        // No list is of these: the first is where to begin.
        Concern::Leaked => {
            let list = || list_page(concerned.kind, &place.slug);
            return concerned.keys.first().map_or_else(list, |key| page_of(concerned.kind, &place.slug, key.id));
        }
        Concern::Quarantined => &[("status", "quarantined")],
        Concern::Expired => &[("status", "expired")],
        Concern::Expiring => &[("status", "active"), ("ending", &soon)],
        Concern::Idle => &[("status", "active"), ("unused", &idle)],
    };
    paths::asking(&list_page(concerned.kind, &place.slug), narrowed)
}

fn still_called(concerned: &Concerned, called: &[ApiKeyId], place: &Place) -> Option<Item> {
    let words = words(concerned.kind);
    let known: Vec<&ConcernedKey> = concerned.keys.iter().filter(|key| called.contains(&key.id)).collect();
    let item = |before, at, after| Item::new(Tone::Danger, before, Some(at), after);
    match known.as_slice() {
        [] => None,
        [only] => Some(
            item(format!("The {} “{}” expired ", words.noun, only.name), only.at, ", and is still called: its calls are refused.")
                .mended_at(page_of(concerned.kind, &place.slug, only.id), words.name),
        ),
        [first, ..] => Some(
            item(
                format!("{} {}s that are still called expired, the first ", known.len(), words.noun),
                first.at,
                ". Their calls are refused.",
            )
            .mended_at(address(concerned, place), words.title),
        ),
    }
}
