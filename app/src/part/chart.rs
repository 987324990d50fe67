//! A balance over time as a drawing that stretches; its words stay HTML, so that they never scale. Whole numbers from
//! end to end: a chart is a picture of money, and no float touches that either.

use super::{Amt, Show, When};
use crate::model::{Amount, BalanceOverTime, BalancePoint, Span, Time};
use leptos::prelude::*;

const WIDTH: i128 = 600;
const HEIGHT: i128 = 120;
/// Drawn to a tenth of a unit.
const FINE: i128 = 10;

/// `to`: where the link to another span leads.
#[component]
pub fn BalanceChart(history: BalanceOverTime, to: Vec<(Span, String)>) -> impl IntoView {
    let scale = Scale::over(&history.points);
    let grid: String = scale.marks().map(|mark| format!("M0 {}H{WIDTH}", tenths(scale.y(mark)))).collect();
    let line = line(&history, &scale);
    let coin = history.points.first().map(|point| point.balance.coin);
    let marks = scale.marks().filter_map(|mark| Some(short(Amount::new(coin?, i64::try_from(mark).ok()?))));
    let marks = marks.map(|mark| view! { <li>{mark}</li> }).collect_view();
    let day = history.span == Span::Day;
    let moment = |part: i64| {
        let at = history.from.plus_seconds(history.span.seconds() * part / 2);
        view! { <li><When at=at show={if day { Show::Clock } else { Show::Day }}/></li> }
    };
    let spans = to.into_iter().map(|(span, href)| {
        let here = span == history.span;
        view! { <li><a href=href aria-current=here.then_some("true")>{span.as_str()}<span class="only-read">{format!(", the last {}", span.said())}</span></a></li> }
    });
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=finding(&history)>
                <path class="grid" d=grid/><path class="line" d=line/>
            </svg>
            <ol class="y" aria-hidden="true">{marks}</ol>
            <ol aria-hidden="true">{moment(0)}{moment(1)}{moment(2)}</ol>
            <figcaption>
                <ul class="spans" aria-label="How far back">{spans.collect_view()}</ul>
                {said(history.complete)}
                {table(&history)}
            </figcaption>
        </figure>
    }
}

fn said(complete: bool) -> &'static str {
    if complete {
        "Credited money only; every change is drawn."
    } else {
        "Credited money only, read at equal distances: it changed too often to draw each."
    }
}

/// What a person who can't see the drawing is told.
fn finding(history: &BalanceOverTime) -> String {
    let (Some(first), Some(last)) = (history.points.first(), history.points.last()) else {
        return String::new();
    };
    let highest = history.points.iter().rev().max_by_key(|point| point.balance.units).unwrap_or(last);
    let lowest = history.points.iter().min_by_key(|point| point.balance.units).unwrap_or(first);
    let text = |of: Amount| of.to_string().replace('-', "−");
    format!(
        "Balance of the last {}: from {} to {} {}, highest {} on {}, lowest {} on {}",
        history.span.said(),
        text(first.balance),
        text(last.balance),
        last.balance.coin,
        text(highest.balance),
        highest.at.date(),
        text(lowest.balance),
        lowest.at.date()
    )
}

/// The exact values behind the drawing, newest first. A reading that changed nothing is left out.
fn table(history: &BalanceOverTime) -> AnyView {
    let mut rows: Vec<&BalancePoint> = Vec::new();
    for point in &history.points {
        if rows.last().is_none_or(|before| before.balance != point.balance) {
            rows.push(point);
        }
    }
    let rows = rows.into_iter().rev().map(|point| {
        view! { <tr><td><When at=point.at show=Show::Full/></td><td class="n"><Amt of=point.balance/></td></tr> }
    });
    view! {
        <details><summary>"Exact values"</summary>
            <table>
                <caption class="only-read">"Balances, newest first"</caption>
                <thead><tr><th scope="col">"From"<span data-zone>" (UTC)"</span></th><th scope="col" class="n">"Balance"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </details>
    }
    .into_any()
}

/// A balance holds until it changes: steps, never slopes.
fn line(history: &BalanceOverTime, scale: &Scale) -> String {
    let mut path = String::new();
    for point in &history.points {
        let (x, y) = (tenths(x(history, point.at)), tenths(scale.y(point.balance.units.into())));
        if path.is_empty() {
            path = format!("M{x} {y}");
        } else {
            path += &format!("H{x}V{y}");
        }
    }
    path
}

/// In tenths of a unit.
fn x(history: &BalanceOverTime, at: Time) -> i128 {
    let whole = i128::from(history.to.0 - history.from.0).max(1);
    let part = i128::from(at.0 - history.from.0).clamp(0, whole);
    part * WIDTH * FINE / whole
}

fn tenths(n: i128) -> String {
    let (whole, part) = (n / FINE, n % FINE);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part}") }
}

/// From one round number to another, with a mark at each step between.
struct Scale {
    low: i128,
    high: i128,
    step: i128,
}

impl Scale {
    /// Zero is always on it; three or four steps, each 1, 2 or 5 times a power of ten.
    fn over(points: &[BalancePoint]) -> Self {
        let units = || points.iter().map(|point| i128::from(point.balance.units));
        let (least, most) = (units().min().unwrap_or(0).min(0), units().max().unwrap_or(0).max(0));
        let range = (most - least).max(1);
        let mut power = 1;
        while power * 50 < range {
            power *= 10;
        }
        let step = [1, 2, 5, 10, 20, 50]
            .into_iter()
            .map(|times| power * times)
            .find(|step| range <= step * 4)
            .unwrap_or(range);
        let (low, high) = (least.div_euclid(step) * step, -((-most).div_euclid(step)) * step);
        // Nothing but zeros is drawn at the bottom.
        Self { low, high: high.max(low + step), step }
    }

    fn marks(&self) -> impl Iterator<Item = i128> + use<> {
        let (low, step) = (self.low, self.step);
        (0..=(self.high - low) / step).map(move |n| low + n * step)
    }

    /// In tenths of a unit, from the top.
    fn y(&self, units: i128) -> i128 {
        let range = (self.high - self.low).max(1);
        (self.high - units) * HEIGHT * FINE / range
    }
}

/// Of a mark only the digits that say something.
fn short(of: Amount) -> String {
    let text = of.to_string().replace('-', "−");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Coin;

    fn history(units: &[i64]) -> BalanceOverTime {
        let coin = Coin::new("btc", 8).unwrap();
        let last = i64::try_from(units.len()).unwrap() - 1;
        let at = |n: i64| Time(n * 86_400_000_000 * 30 / last);
        let points = units
            .iter()
            .zip(0..)
            .map(|(units, n)| BalancePoint { at: at(n), balance: Amount::new(coin, *units) });
        BalanceOverTime {
            span: Span::Month,
            from: at(0),
            to: at(last),
            points: points.collect(),
            complete: true,
        }
    }

    fn marks(units: &[i64]) -> Vec<i128> {
        Scale::over(&history(units).points).marks().collect()
    }

    #[test]
    fn marks_are_few_and_round_and_have_zero_among_them() {
        assert_eq!(marks(&[0, 184_206_113]), [0, 50_000_000, 100_000_000, 150_000_000, 200_000_000]);
        assert_eq!(marks(&[-3, 4]), [-4, -2, 0, 2, 4]);
        assert_eq!(marks(&[0, 0]), [0, 1]);
        for units in [[0, 1], [7, 9], [-1, 0], [0, i64::MAX], [i64::MIN, i64::MAX], [999_999, 1_000_001]] {
            let marks = marks(&units);
            assert!((2..=6).contains(&marks.len()) && marks.contains(&0), "{units:?}: {marks:?}");
            assert!(
                marks[0] <= units[0].into() && *marks.last().unwrap() >= units[1].into(),
                "{units:?}: {marks:?}"
            );
        }
    }

    #[test]
    fn a_balance_is_drawn_in_steps_within_the_frame() {
        let history = history(&[0, 100, 50]);
        let scale = Scale::over(&history.points);
        assert_eq!(line(&history, &scale), "M0 120H300V0H600V60");
    }

    #[test]
    fn the_drawing_says_what_it_shows() {
        assert_eq!(
            finding(&history(&[0, 261_027_100, 184_206_113])),
            "Balance of the last 30 days: from 0.00000000 to 1.84206113 btc, highest 2.61027100 on 1970-01-16, lowest 0.00000000 on 1970-01-01"
        );
    }
}
