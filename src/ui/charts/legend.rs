//! What each fill of a chart stands for.

use leptos::prelude::*;

use super::patterns::{band_fill, fill};

/// `band` is what the bands in time are, and `before` what the lines across bars are, where there are any.
#[component]
pub fn Legend(chart: &'static str, series: Vec<String>, band: Option<&'static str>, before: Option<&'static str>) -> impl IntoView {
    let before = before.map(|name| {
        view! {
            <li>
                <svg class="swatch" width="16" height="16" aria-hidden="true"><path class="chart-before" d="M0 8h16"></path></svg>
                {name}
            </li>
        }
    });
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
    view! { <ul class="chart-legend">{entries}{before}</ul> }
}
