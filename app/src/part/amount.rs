//! Amounts as people read them: all decimals always, zeros at the end faint, thousands apart by a margin, so that
//! what is copied stays the plain decimal.

use crate::model::Amount;
use leptos::prelude::*;

/// For columns, tiles and reviews. `padded`: fills coins of fewer decimals to eight, where a column mixes coins.
#[component]
pub fn Amt(of: Amount, #[prop(optional)] coin: bool, #[prop(optional)] padded: bool) -> impl IntoView {
    let ticker = coin.then(|| view! { <span class="coin">{of.coin.to_string()}</span> });
    view! { <data class="amt" value=of.to_string() inner_html=figures(of, padded)></data>{ticker} }
}

/// In running text: plain, ungrouped, with its coin.
#[component]
pub fn Plain(of: Amount) -> impl IntoView {
    view! { <data class="amt" value=of.to_string()>{of.to_string().replace('-', "−")}</data>{format!(" {}", of.coin)} }
}

/// Digits and fixed tags only, so that it may stand as HTML.
fn figures(of: Amount, padded: bool) -> String {
    let text = of.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut html = String::from(sign);
    if whole.len() > 3 {
        let first = whole.len() % 3;
        let (head, rest) = whole.split_at(first);
        let groups = std::iter::once(head)
            .filter(|head| !head.is_empty())
            .chain((0..rest.len()).step_by(3).map(|at| &rest[at..at + 3]));
        groups.for_each(|group| html.extend(["<span>", group, "</span>"]));
    } else {
        html.push_str(whole);
    }
    let significant = fraction.trim_end_matches('0');
    let zeros = &fraction[significant.len()..];
    match (significant, zeros) {
        ("", "") => {}
        ("", zeros) => html.extend(["<small>.", zeros, "</small>"]),
        (significant, "") => html.extend([".", significant]),
        (significant, zeros) => html.extend([".", significant, "<small>", zeros, "</small>"]),
    }
    if padded && fraction.len() < 8 {
        let point = if fraction.is_empty() { "." } else { "" };
        html.extend([
            "<span class=\"pad\" aria-hidden=\"true\">",
            point,
            &"0".repeat(8 - fraction.len()),
            "</span>",
        ]);
    }
    html
}

#[cfg(test)]
mod tests {
    use super::figures;
    use crate::model::{Amount, Coin};

    #[test]
    fn thousands_stand_apart_and_zeros_at_the_end_are_faint() {
        let btc = Coin::new("btc", 8).unwrap();
        let show = |units| figures(Amount::new(btc, units), false);
        assert_eq!(show(1_248_050_000_000), "<span>12</span><span>480</span>.5<small>0000000</small>");
        assert_eq!(show(184_206_113), "1.84206113");
        assert_eq!(show(0), "0<small>.00000000</small>");
        assert_eq!(show(-25_000_000), "−0.25<small>000000</small>");
        assert_eq!(show(100_000_000_000), "<span>1</span><span>000</span><small>.00000000</small>");
    }

    #[test]
    fn coins_of_fewer_decimals_are_filled_in_mixed_columns() {
        let cent = Coin::new("cent", 2).unwrap();
        assert_eq!(
            figures(Amount::new(cent, 150), true),
            "1.5<small>0</small><span class=\"pad\" aria-hidden=\"true\">000000</span>"
        );
    }
}
