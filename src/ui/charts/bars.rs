//! Stacked bars over time: each leads to what is behind it.

use leptos::prelude::*;

use super::{
    legend::Legend,
    patterns::{Patterns, SERIES_MAX, band_fill, fill},
    scale::Scale,
};

/// In pixels: room for the axis, for a bar's values, and for the names below.
const LEFT: i64 = 88;
const TOP: i64 = 12;
const HEIGHT: i64 = 180;
const BELOW: i64 = 32;
const RIGHT: i64 = 12;
/// A target has 24 pixels at least; the chart scrolls rather than shrink them.
const PITCH_MIN: i64 = 24;
const PITCH_MAX: i64 = 88;
/// With the axis no wider than the page's own part of a window of 1280 pixels: a month by day is seen whole.
const WIDTH: i64 = 840;
/// The room that a name below the axis takes.
const TICK: i64 = 76;
/// A bar is so many parts of a thousand, for bands.
const WHOLE: i64 = 1000;

#[derive(Clone, Debug)]
pub struct Bar {
    /// Below the axis.
    pub tick: String,
    /// The whole of it: "21 Nov 2026, 14:00 CET".
    pub says: String,
    pub href: String,
    /// One value for each part, in the parts' order.
    pub values: Vec<i64>,
    /// What it is held against.
    pub before: Option<Mark>,
}

/// A height at one bar alone.
#[derive(Clone, Debug)]
pub struct Mark {
    pub value: i64,
    /// Of what it is: "Wed 21 Oct 2026".
    pub says: String,
}

/// A time that stands out, in thousandths of bars from the left.
#[derive(Clone, Debug)]
pub struct Band {
    pub from: i64,
    pub to: i64,
    pub says: String,
}

/// A height that means something: a cap.
#[derive(Clone, Debug)]
pub struct Level {
    pub value: i64,
    pub says: String,
}

/// Bars of one unit. Of more than [`SERIES_MAX`] parts the smallest are drawn together; parts come the largest first.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn BarChart(
    /// The id of the chart in its page.
    id: &'static str,
    /// What it shows, and in which unit.
    #[prop(into)]
    caption: String,
    /// What each part is.
    series: Vec<String>,
    bars: Vec<Bar>,
    bands: Vec<Band>,
    /// What a band is.
    band: &'static str,
    levels: Vec<Level>,
    /// What bars are held against, where they are: for the legend.
    #[prop(optional_no_strip)]
    before: Option<&'static str>,
    /// A value as people read it, with its unit.
    shown: fn(i64) -> String,
) -> impl IntoView {
    let (series, bars) = together(series, bars);
    let drawing = Drawing::of(&bars, &levels);
    let (width, height) = (drawing.width(), TOP + HEIGHT + BELOW);
    let legend = if series.len() > 1 { series.clone() } else { Vec::new() };
    let has_bands = !bands.is_empty();
    let has_legend = !legend.is_empty() || has_bands || before.is_some();
    let marks = bars.iter().enumerate().map(|(place, bar)| drawing.bar(id, place, bar, &series, shown)).collect_view();
    let (region, label) = (caption.clone(), caption.clone());
    view! {
        <figure class="chart">
            <figcaption>{caption}</figcaption>
            <div class="chart-region" role="region" aria-label=region tabindex="0">
                <svg class="chart-drawing" role="group" aria-label=label width=width height=height viewBox=format!("0 0 {width} {height}")>
                    <Patterns chart=id series=series.len()/>
                    {drawing.axis(shown)}
                    {bands.iter().map(|band| drawing.band(id, band)).collect_view()}
                    {marks}
                    {bars.iter().enumerate().map(|(place, bar)| drawing.before(place, bar, shown)).collect_view()}
                    {levels.iter().map(|level| drawing.level(level)).collect_view()}
                    {drawing.ticks(&bars)}
                </svg>
            </div>
            {has_legend.then(|| view! { <Legend chart=id series=legend band=has_bands.then_some(band) before=before/> })}
        </figure>
    }
}

/// The parts that can be told apart, and the others as one.
fn together(mut series: Vec<String>, mut bars: Vec<Bar>) -> (Vec<String>, Vec<Bar>) {
    if series.len() > SERIES_MAX {
        let kept = SERIES_MAX - 1;
        let others = series.len() - kept;
        series.truncate(kept);
        series.push(format!("{others} others"));
        for bar in &mut bars {
            let rest: i64 = bar.values.drain(kept.min(bar.values.len())..).sum();
            bar.values.push(rest);
        }
    }
    (series, bars)
}

/// Where things are.
#[derive(Clone, Copy, Debug)]
struct Drawing {
    scale: Scale,
    /// From one bar to the next.
    pitch: i64,
    bars: i64,
}

impl Drawing {
    fn of(bars: &[Bar], levels: &[Level]) -> Self {
        let highest = bars.iter().map(|bar| bar.values.iter().sum()).chain(levels.iter().map(|level| level.value));
        let highest = highest.chain(bars.iter().filter_map(|bar| Some(bar.before.as_ref()?.value))).max();
        let count = i64::try_from(bars.len()).unwrap_or(i64::MAX).max(1);
        Self { scale: Scale::up_to(highest.unwrap_or_default(), HEIGHT), pitch: (WIDTH / count).clamp(PITCH_MIN, PITCH_MAX), bars: count }
    }

    fn width(&self) -> i64 {
        LEFT + self.pitch * self.bars + RIGHT
    }

    fn left(&self, place: usize) -> i64 {
        LEFT + self.pitch * i64::try_from(place).unwrap_or_default()
    }

    fn height(&self, value: i64) -> i64 {
        TOP + HEIGHT - self.scale.rise(value)
    }

    fn axis(&self, shown: fn(i64) -> String) -> impl IntoView + use<> {
        let (this, right) = (*self, self.width() - RIGHT);
        this.scale
            .ticks()
            .map(move |value| {
                let y = this.height(value);
                view! {
                    <path class="chart-line" d=format!("M{LEFT} {y}H{right}")></path>
                    <text class="chart-text" x={LEFT - 8} y={y + 4} text-anchor="end">{shown(value)}</text>
                }
            })
            .collect_view()
    }

    /// As many names as have room.
    fn ticks(&self, bars: &[Bar]) -> impl IntoView + use<> {
        let every = usize::try_from((TICK + self.pitch - 1) / self.pitch).unwrap_or(1).max(1);
        let named: Vec<(i64, String)> =
            bars.iter().enumerate().step_by(every).map(|(place, bar)| (self.left(place) + 2, bar.tick.clone())).collect();
        named.into_iter().map(|(x, tick)| view! { <text class="chart-text" x=x y={TOP + HEIGHT + 20}>{tick}</text> }).collect_view()
    }

    /// Nothing where nothing is.
    fn bar(&self, chart: &str, place: usize, bar: &Bar, series: &[String], shown: fn(i64) -> String) -> Option<impl IntoView + use<>> {
        let total: i64 = bar.values.iter().sum();
        if total <= 0 {
            return None;
        }
        let (x, pitch, says) = (self.left(place), self.pitch, format!("{}: {}", bar.says, shown(total)));
        let mut below = 0;
        let mut marks = Vec::new();
        for (part, value) in bar.values.iter().copied().enumerate().filter(|(_, value)| *value > 0) {
            // From the sums, so that rounding never adds up.
            let (foot, head) = (self.height(below), self.height(below + value));
            below += value;
            let title = if series.len() > 1 { format!("{} · {}: {}", bar.says, series[part], shown(value)) } else { says.clone() };
            marks.push((head, (foot - head).max(1), fill(chart, part), title));
        }
        let marks = marks
            .into_iter()
            .map(|(y, height, fill, title)| {
                view! {
                    <rect class="chart-mark" x={x + pitch / 8} y=y width={pitch - pitch / 4} height=height fill=fill>
                        <title>{title}</title>
                    </rect>
                }
            })
            .collect_view();
        Some(view! {
            <a class="chart-bar" href=bar.href.clone() aria-label=says>
                <rect class="chart-hit" x=x y=TOP width=pitch height=HEIGHT></rect>
                {marks}
            </a>
        })
    }

    /// A line across the bar's place, also where the bar itself is nothing.
    fn before(&self, place: usize, bar: &Bar, shown: fn(i64) -> String) -> Option<impl IntoView + use<>> {
        let mark = bar.before.as_ref()?;
        let (x, y, width) = (self.left(place), self.height(mark.value), self.pitch);
        let says = format!("{}: {}", mark.says, shown(mark.value));
        Some(view! { <path class="chart-before" d=format!("M{x} {y}h{width}")><title>{says}</title></path> })
    }

    fn band(&self, chart: &str, band: &Band) -> impl IntoView + use<> {
        let at = |thousandths: i64| LEFT + thousandths * self.pitch / WHOLE;
        let (from, to) = (at(band.from), at(band.to));
        view! {
            <rect class="chart-mark" x=from y=TOP width={(to - from).max(2)} height=HEIGHT fill=band_fill(chart)>
                <title>{band.says.clone()}</title>
            </rect>
        }
    }

    fn level(&self, level: &Level) -> impl IntoView + use<> {
        let (y, right) = (self.height(level.value), self.width() - RIGHT);
        view! {
            <path class="chart-level" d=format!("M{LEFT} {y}H{right}")>
                <title>{level.says.clone()}</title>
            </path>
            <text class="chart-text" x={LEFT + 4} y={y - 4}>{level.says.clone()}</text>
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn bar(values: &[i64]) -> Bar {
        Bar {
            tick: "1 Nov".to_owned(),
            says: "Sun 1 Nov 2026".to_owned(),
            href: "/there".to_owned(),
            values: values.to_vec(),
            before: None,
        }
    }

    fn drawn(series: &[&str], bars: Vec<Bar>, bands: Vec<Band>) -> String {
        let series = series.iter().map(|name| (*name).to_owned()).collect();
        let shown = |value: i64| format!("{value} calls");
        view! { <BarChart id="c" caption="Calls" series=series bars=bars bands=bands band="Paused" levels=vec![] shown=shown/> }.to_html()
    }

    #[test]
    fn every_mark_has_a_title_and_every_bar_an_address() {
        let html = drawn(&["Reads", "<b>Writes"], vec![bar(&[3, 4]), bar(&[0, 0])], vec![]);
        assert_eq!(html.matches("<title>").count(), 2, "{html}");
        assert!(html.contains("Sun 1 Nov 2026 · &lt;b&gt;Writes: 4 calls"), "{html}");
        assert_eq!(html.matches("href=\"/there\"").count(), 1, "where nothing is nothing leads anywhere: {html}");
        assert!(html.contains("aria-label=\"Sun 1 Nov 2026: 7 calls\""), "{html}");
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn too_many_parts_are_drawn_as_one() {
        let names: Vec<String> = (0..12).map(|place| format!("key {place}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let html = drawn(&names, vec![bar(&[1; 12])], vec![]);
        assert!(html.contains("5 others: 5 calls") && !html.contains("key 7"), "{html}");
        assert_eq!(html.matches("<pattern").count(), SERIES_MAX + 1);
    }

    #[test]
    fn what_a_bar_is_held_against_is_a_line_at_its_height() {
        let before = |value| Some(Mark { value, says: "Sat 1 Oct 2026".to_owned() });
        let bars = vec![Bar { before: before(10), ..bar(&[5]) }, Bar { before: before(10), ..bar(&[0]) }, bar(&[5])];
        let shown = |value: i64| format!("{value} calls");
        let series = vec!["All".to_owned()];
        let html =
            view! { <BarChart id="c" caption="Calls" series=series bars=bars bands=vec![] band="Paused" before=Some("The time before") levels=vec![] shown=shown/> }
                .to_html();
        assert_eq!(
            html.matches("class=\"chart-before\"").count(),
            3,
            "two in the chart, also above nothing, and one in the legend: {html}"
        );
        assert!(html.contains(&format!("d=\"M{LEFT} {TOP}h{PITCH_MAX}\"")), "twice as high as the highest bar: {html}");
        assert!(html.contains("Sat 1 Oct 2026: 10 calls") && html.contains("The time before"), "{html}");
    }

    #[test]
    fn a_band_is_where_its_time_is_and_is_named() {
        let band = Band { from: 500, to: 1500, says: "Paused: why".to_owned() };
        let html = drawn(&["All"], vec![bar(&[1]), bar(&[1])], vec![band]);
        let (from, width) = (LEFT + PITCH_MAX / 2, PITCH_MAX);
        assert!(html.contains(&format!("x=\"{from}\"")) && html.contains(&format!("width=\"{width}\"")), "{html}");
        assert!(html.contains("<title>Paused: why"), "{html}");
        assert!(html.contains("chart-legend"), "{html}");
    }
}
