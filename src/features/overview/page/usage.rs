//! What was used in the last thirty days, day by day, as figures with a line beside them.

use leptos::prelude::*;

use crate::{
    features::usage::server::{Glance, Total},
    money::Nanos,
    numbers::grouped,
    ui::{Section, charts::Spark},
};

/// Which of the figures, and how it is read.
#[derive(Clone, Copy)]
struct Measure {
    caption: &'static str,
    value: fn(Total) -> i64,
    shown: fn(i64) -> String,
}

const EVENTS: Measure = Measure { caption: "Events a day", value: |total| total.events, shown: grouped };
const SPEND: Measure = Measure { caption: "Spend a day", value: |total| total.nanos, shown: |nanos| Nanos(nanos).exact() };

#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Usage(glance: Glance, zone: String) -> impl IntoView {
    let purpose = format!("Every answered call that is metered, in the last 30 days. Days are those of {zone}.");
    let href = glance.address.clone();
    let is_empty = glance.total == Total::default() && glance.before == Total::default();
    let figures = if is_empty {
        view! { <p class="muted">"Nothing was used in these 30 days, nor in the 30 days before."</p> }.into_any()
    } else {
        let spend = glance.sees_money.then(|| measured(&glance, SPEND));
        view! { <div class="sparks">{measured(&glance, EVENTS)} {spend}</div> }.into_any()
    };
    view! {
        <Section heading="Usage" purpose=purpose>
            {figures}
            <p><a class="link" href=href>"All usage"</a></p>
        </Section>
    }
}

fn measured(glance: &Glance, measure: Measure) -> impl IntoView + use<> {
    let Measure { caption, value, shown } = measure;
    let (total, before) = (value(glance.total), value(glance.before));
    let (whole, today) = (shown(total), shown(value(glance.today())));
    let values = glance.days.iter().copied().map(value).collect();
    view! {
        <Spark caption=caption values=values shown=shown>
            <p><strong>{whole}</strong>" in 30 days, "{today}" today."</p>
            <p class="muted">{change(total, before, shown)}</p>
        </Spark>
    }
}

/// Against as long before, in whole percent, rounded down.
fn change(total: i64, before: i64, shown: fn(i64) -> String) -> String {
    if before <= 0 {
        return "Nothing in the 30 days before.".to_owned();
    }
    let percent = (i128::from(total) - i128::from(before)).abs() * 100 / i128::from(before);
    let percent = grouped(i64::try_from(percent).unwrap_or(i64::MAX));
    let says = match total.cmp(&before) {
        std::cmp::Ordering::Equal => "As much as".to_owned(),
        std::cmp::Ordering::Greater => format!("{percent} % more than"),
        std::cmp::Ordering::Less => format!("{percent} % less than"),
    };
    format!("{says} in the 30 days before ({}).", shown(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_what_it_is_measured_by() {
        assert_eq!(change(150, 100, grouped), "50 % more than in the 30 days before (100).");
        assert_eq!(change(5000, 100, grouped), "4,900 % more than in the 30 days before (100).");
        assert_eq!(change(1, 3, grouped), "66 % less than in the 30 days before (3).");
        assert_eq!(change(7, 7, grouped), "As much as in the 30 days before (7).");
        assert_eq!(change(7, 0, grouped), "Nothing in the 30 days before.");
        assert_eq!(change(i64::MAX, 1, grouped).split(' ').next(), Some("9,223,372,036,854,775,807"));
    }
}
