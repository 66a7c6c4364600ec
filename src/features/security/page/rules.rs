//! What holds in a place, in words, and who asks for it.

use leptos::prelude::*;

use crate::{
    features::security::server::{Effective, Source},
    ui::{Description, DescriptionList, Section},
};

#[component]
pub fn InForce(effective: Effective) -> impl IntoView {
    let by = |source: Source| view! { <span class="muted">", "{source.says()}</span> };
    let Effective { idle_minutes, absolute_hours, multi_factor, networks } = effective;
    let factor = match multi_factor {
        Some(source) => view! { "asked for"{by(source)} }.into_any(),
        None => "not asked for".into_any(),
    };
    let lists: Vec<_> = networks
        .into_iter()
        .map(|(list, source)| {
            let list = list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            view! { <li><code>{list}</code>{by(source)}</li> }
        })
        .collect();
    let networks = if lists.is_empty() { "any".into_any() } else { view! { <ul>{lists}</ul> }.into_any() };
    view! {
        <Section heading="In force" purpose="The strictest of what the operator, the team and the workspace ask for. A session that does not meet it is refused here; elsewhere it goes on.">
            <DescriptionList>
                <Description term="A session is over here after">{minutes(idle_minutes.0)}" without a request"{by(idle_minutes.1)}</Description>
                <Description term="And in any case after">{hours(absolute_hours.0)}{by(absolute_hours.1)}</Description>
                <Description term="Second factor">{factor}</Description>
                <Description term="Networks">{networks}</Description>
            </DescriptionList>
        </Section>
    }
}

fn minutes(minutes: i32) -> String {
    match minutes {
        1 => "1 minute".to_owned(),
        many if many % 60 == 0 && many >= 120 => hours(many / 60),
        many => format!("{many} minutes"),
    }
}

fn hours(hours: i32) -> String {
    match hours {
        1 => "1 hour".to_owned(),
        many if many % 24 == 0 && many >= 48 => format!("{} days", many / 24),
        many => format!("{many} hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_the_largest_whole_unit() {
        assert_eq!(
            [1, 5, 60, 90, 120, 480, 2880, 43_200].map(minutes),
            ["1 minute", "5 minutes", "60 minutes", "90 minutes", "2 hours", "8 hours", "2 days", "30 days"]
        );
        assert_eq!([1, 12, 24, 25, 48, 168].map(hours), ["1 hour", "12 hours", "24 hours", "25 hours", "2 days", "7 days"]);
    }
}
