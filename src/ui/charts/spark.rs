//! A line the size of a word: how something went, day by day, beside the figures that it is drawn from.

use leptos::prelude::*;

/// In pixels.
const WIDTH: i64 = 240;
const HEIGHT: i64 = 40;
/// Room for the line's own width.
const EDGE: i64 = 2;

/// One value a day, the last one today. Its children are the figures in words.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn Spark(
    /// What it shows.
    #[prop(into)]
    caption: String,
    values: Vec<i64>,
    /// A value as people read it.
    shown: fn(i64) -> String,
    children: Children,
) -> impl IntoView {
    let highest = values.iter().copied().max().unwrap_or_default();
    let says = format!(
        "{caption}, {} days. Highest: {}. Last: {}.",
        values.len(),
        shown(highest),
        shown(values.last().copied().unwrap_or_default())
    );
    let line = path(&values);
    let area = format!("{line}V{HEIGHT}H0Z");
    view! {
        <figure class="spark">
            <figcaption>{caption}</figcaption>
            <svg class="spark-drawing" role="img" aria-label=says width=WIDTH height=HEIGHT viewBox=format!("0 0 {WIDTH} {HEIGHT}")>
                <path class="spark-area" d=area></path>
                <path class="spark-line" d=line></path>
            </svg>
            {children()}
        </figure>
    }
}

/// From the left edge to the right; the highest value touches the top, and zero the bottom.
fn path(values: &[i64]) -> String {
    let (highest, steps) = (values.iter().copied().max().unwrap_or_default().max(1), values.len().saturating_sub(1).max(1));
    let place = |(day, value): (usize, &i64)| {
        let x = WIDTH * i64::try_from(day).unwrap_or_default() / i64::try_from(steps).unwrap_or(1);
        let room = i128::from(HEIGHT - 2 * EDGE);
        let rise = i64::try_from(i128::from((*value).max(0)) * room / i128::from(highest)).unwrap_or_default();
        format!("{}{x} {}", if day == 0 { 'M' } else { 'L' }, HEIGHT - EDGE - rise)
    };
    if values.is_empty() { format!("M0 {}", HEIGHT - EDGE) } else { values.iter().enumerate().map(place).collect() }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_line_goes_from_edge_to_edge_and_from_nothing_to_the_highest() {
        assert_eq!(path(&[0, 5, 10]), "M0 38L120 20L240 2");
        assert_eq!(path(&[0, 0]), "M0 38L240 38");
        assert_eq!(path(&[7]), "M0 2");
        assert_eq!(path(&[]), "M0 38");
        assert_eq!(path(&[i64::MAX, 0]), "M0 2L240 38");
    }

    #[test]
    fn it_is_named_with_its_figures() {
        let html =
            view! { <Spark caption="Calls a day" values=vec![1, 9, 4] shown=|value| format!("{value} calls")>"14"</Spark> }.to_html();
        assert!(html.contains("aria-label=\"Calls a day, 3 days. Highest: 9 calls. Last: 4 calls.\""), "{html}");
        assert!(html.contains("<figcaption>Calls a day") && !html.contains("style="), "{html}");
    }
}
