//! Ids and addresses. The whole text is always in the page, so that find, selection and copy have all of it; CSS
//! cuts the middle in lists.

use super::icon::Icon;
use leptos::prelude::*;

/// How many characters stay visible at the end.
const TAIL: usize = 8;

fn halves(text: &str) -> (String, String) {
    let count = text.chars().count();
    let cut = count.saturating_sub(TAIL.min(count / 2));
    (text.chars().take(cut).collect(), text.chars().skip(cut).collect())
}

#[component]
pub fn Id(
    #[prop(into)] text: String,
    #[prop(optional, into)] href: Option<String>,
    #[prop(optional)] long: bool,
) -> impl IntoView {
    let (head, tail) = halves(&text);
    let class = if long { "id long" } else { "id" };
    match href {
        Some(href) => {
            view! { <a class=class href=href><span>{head}</span><span>{tail}</span></a> }.into_any()
        }
        None => view! { <code class=class><span>{head}</span><span>{tail}</span></code> }.into_any(),
    }
}

/// On the thing's own page it stands whole. The island `Copy` serves the button.
#[component]
pub fn Whole(#[prop(into)] text: String) -> impl IntoView {
    let button = view! { <button class="copy when-live" type="button"><Icon name="copy"/>"Copy"</button> };
    view! { <code class="whole">{text}</code>" "{button} }
}

/// Where a person must compare an address: fours, the network's prefix soft, first and last bold.
#[component]
pub fn Quads(#[prop(into)] text: String) -> impl IntoView {
    let (prefix, rest) = split_prefix(&text);
    let rest: Vec<char> = rest.chars().collect();
    let fours: Vec<String> = rest.chunks(4).map(|four| four.iter().collect()).collect();
    let last = fours.len().saturating_sub(1);
    let prefix = (!prefix.is_empty()).then(|| view! { <small>{prefix.to_owned()}</small>" " });
    let fours = fours.into_iter().enumerate().map(|(at, four)| {
        if at == 0 || at == last {
            view! { <b>{four}</b> }.into_any()
        } else {
            view! { <span>{four}</span> }.into_any()
        }
    });
    view! { <code class="quads">{prefix}{fours.collect_view()}</code> }
}

/// bech32: human-readable part, `1` and the witness version are the same on every address of a network.
fn split_prefix(address: &str) -> (&str, &str) {
    let Some(one) = address.find('1') else { return ("", address) };
    let bech32 = (2..=5).contains(&one) && address.is_ascii() && address.len() > one + 10;
    let lower = address.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if bech32 && lower { address.split_at(one + 2) } else { ("", address) }
}

#[cfg(test)]
mod tests {
    use super::{halves, split_prefix};

    #[test]
    fn halves_keep_every_character() {
        for text in ["", "a", "1180", "bcrt1q4ret5esmjjhy6f5kxda6r9kr7vgcx2dfh4gypt"] {
            let (head, tail) = halves(text);
            assert_eq!(format!("{head}{tail}"), text);
        }
    }

    #[test]
    fn only_bech32_has_a_prefix() {
        assert_eq!(split_prefix("bcrt1q4ret5esmjjhy6f5kxda6r9kr7vgcx2dfh4gypt").0, "bcrt1q");
        assert_eq!(split_prefix("mhn9FSvMCL2gKDHKqk3dT4Ca8wo5WLHsSG").0, "");
    }
}
