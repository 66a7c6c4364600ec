//! What is paused, and which limits are near, in sentences.

use super::{Item, Place};
use crate::{
    features::billing::server::{
        PauseWindow,
        state::{Kind, Near, State, Subject},
    },
    money::{Nanos, percent},
    paths,
    ui::Tone,
};

pub fn paused(spend: &State, place: &Place) -> Vec<Item> {
    let next = spend.month.ends.format("%-d %B %Y").to_string();
    let item = |(of, pause): &(Subject, PauseWindow)| {
        let whose = match of {
            Subject::Key(name) => format!("of the key “{name}”"),
            Subject::Workspace => "of this workspace".to_owned(),
            Subject::Account => "of the whole account".to_owned(),
        };
        let after = format!(". {} They run again by themselves when {next} begins (UTC).", pause.reason.says());
        mended(Item::new(Tone::Danger, format!("Billable calls {whose} were paused "), Some(pause.since), after), of, place)
    };
    spend.pauses.iter().map(item).collect()
}

pub fn near(spend: &State, place: &Place) -> Vec<Item> {
    let item = |near: &Near| {
        let used = percent(near.spent, Nanos::from(near.limit));
        let who = match &near.of {
            Subject::Key(name) => format!("The key “{name}” has used {used} %"),
            Subject::Workspace => format!("This workspace has used {used} %"),
            Subject::Account => format!("This workspace alone has used {used} %"),
        };
        let of = match (near.kind, &near.of) {
            (Kind::Included { .. }, _) => format!("of the {} a month that the plan includes", near.limit),
            (Kind::HardCap, Subject::Account) => format!("of the account's hard cap of {} a month", near.limit),
            (Kind::SoftCap, Subject::Account) => format!("of the account's soft cap of {} a month", near.limit),
            (Kind::HardCap, _) => format!("of its hard cap of {} a month", near.limit),
            (Kind::SoftCap, _) => format!("of its soft cap of {} a month", near.limit),
        };
        let then = match near.kind {
            Kind::Included { pauses: true } | Kind::HardCap => "Billable calls pause when all of it is used",
            Kind::Included { pauses: false } => "What is used beyond it is charged",
            Kind::SoftCap => "Nothing pauses",
        };
        let tone = if matches!(near.kind, Kind::Included { pauses: true } | Kind::HardCap) { Tone::Warning } else { Tone::Info };
        let item = Item::new(tone, format!("{who} {of}. {then}. The next month begins "), Some(spend.month.ends), ".");
        mended(item, &near.of, place)
    };
    spend.near.iter().map(item).collect()
}

/// What is the account's is mended there, by whoever may see it.
fn mended(item: Item, of: &Subject, place: &Place) -> Item {
    if *of == Subject::Account && place.sees_billing {
        return item.mended_at(paths::billing(&place.tenant_slug), "Billing");
    }
    item.mended_at(paths::spend(&place.slug), "Spend")
}
