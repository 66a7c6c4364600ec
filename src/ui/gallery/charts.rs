//! The gallery's charts: bars of several parts, a time that stands out, and a height that means something.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{
        Section,
        charts::{Band, Bar, BarChart, Level, Mark, Spark},
    },
};

#[component]
pub fn Charts() -> impl IntoView {
    let series =
        ["Reads", "Writes", "Attempts", "Uploads", "Storage", "Egress", "Refreshes", "Calls", "Others"].map(str::to_owned).to_vec();
    let bands = vec![Band { from: 2500, to: 4250, says: "Paused: the cap was reached".to_owned() }];
    let levels = vec![Level { value: 320, says: "Hard cap: 320".to_owned() }];
    let shown = |value: i64| value.to_string();
    view! {
        <Section heading="Bars" purpose="Each part has a colour and a pattern; every mark has a title, every bar leads somewhere.">
            <BarChart
                id="gallery"
                caption="Calls by day"
                series=series
                bars=bars()
                bands=bands
                band="Paused"
                before=Some("A fortnight before")
                levels=levels
                shown=shown
            />
        </Section>
        <Section heading="Sparks" purpose="How it went, beside the figures; what it says is in its name too.">
            <div class="sparks">
                <Spark caption="Calls a day" values=(1..=30).map(|day| day * 7 % 19).collect() shown=shown>
                    <p>"1,234 in 30 days"</p>
                </Spark>
                <Spark caption="Nothing" values=vec![0; 30] shown=shown><p>"0 in 30 days"</p></Spark>
            </div>
        </Section>
    }
}

/// As many as a fortnight has days, none of them alike.
fn bars() -> Vec<Bar> {
    (1..=14)
        .map(|day: i64| Bar {
            tick: format!("{day} Nov"),
            says: format!("{day} Nov 2026"),
            href: paths::GALLERY.to_owned(),
            values: (1..=9).map(|part| day * part * 7 % 40).collect(),
            before: Some(Mark { value: day * 53 % 290, says: format!("{} Oct 2026", day + 17) }),
        })
        .collect()
}
