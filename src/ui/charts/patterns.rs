//! What the parts of a bar are filled with: a colour and a pattern each, so that they are told apart without colour.

use leptos::prelude::*;

/// So many parts can be told apart; whoever has more puts the rest together in the last.
pub const SERIES_MAX: usize = 8;

/// On a tile of 8 by 8 pixels.
const HATCHES: [&str; SERIES_MAX] = [
    "",
    "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M2 2h.01M6 6h.01",
    "M0 4h8",
    "M4 0v8",
    "M-2 6l4 4M0 0l8 8M6-2l4 4",
    "M0 4h8M4 0v8",
    "M0 0l8 8M0 8l8-8",
];

/// The fill of a part, to be named by `fill`.
pub fn fill(chart: &str, series: usize) -> String {
    format!("url(#{chart}-{})", series.min(SERIES_MAX - 1))
}

/// The fill of a band in time.
pub fn band_fill(chart: &str) -> String {
    format!("url(#{chart}-band)")
}

/// Every pattern of one chart, under ids of its own. `chart` is its id.
#[component]
pub fn Patterns(chart: &'static str, series: usize) -> impl IntoView {
    let tiles = (0..series.min(SERIES_MAX))
        .map(|series| {
            view! {
                <pattern id=format!("{chart}-{series}") width="8" height="8" patternUnits="userSpaceOnUse">
                    <rect class=format!("series-{series}") width="8" height="8"></rect>
                    <path class="hatch" d=HATCHES[series]></path>
                </pattern>
            }
        })
        .collect_view();
    view! {
        <defs>
            {tiles}
            <pattern id=format!("{chart}-band") width="8" height="8" patternUnits="userSpaceOnUse">
                <rect class="chart-band" width="8" height="8"></rect>
                <path class="chart-band-hatch" d=HATCHES[1]></path>
            </pattern>
        </defs>
    }
}
