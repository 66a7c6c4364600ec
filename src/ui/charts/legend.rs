//! What each fill of a chart stands for.

use leptos::prelude::*;

use super::patterns::{band_fill, fill};

/// `band` is what the bands in time are, where there are any.
#[component]
pub fn Legend(chart: &'static str, series: Vec<String>, band: Option<&'static str>) -> impl IntoView {
    let parts = series.into_iter().enumerate().map(|(place, name)| (fill(chart, place), name));
    let entries = parts
        .chain(band.map(|name| (band_fill(chart), name.to_owned())))
        .map(|(fill, name)| {
            view! {
                <li>
                    <svg class="swatch" width="16" height="16" aria-hidden="true"><rect width="16" height="16" fill=fill></rect></svg>
                    {name}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="chart-legend">{entries}</ul> }
}
