//! QR codes as drawings in the page (no image request, no script), and the text that wallets read in them.

use crate::model::Amount;
use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// BIP 21 and its siblings: the coin's scheme before the address; the bare address where a coin has none.
pub fn payment_text(ticker: &str, address: &str) -> String {
    match ticker {
        "btc" => format!("bitcoin:{address}"),
        "ltc" => format!("litecoin:{address}"),
        "doge" => format!("dogecoin:{address}"),
        "aby" => format!("applebyte:{address}"),
        _ => address.to_owned(),
    }
}

/// With an amount and a label in it, where the coin has a scheme that can carry them.
pub fn payment_uri(ticker: &str, address: &str, amount: Option<Amount>, label: &str) -> String {
    let text = payment_text(ticker, address);
    if text == address {
        return text;
    }
    let amount = amount.map(|amount| format!("amount={amount}"));
    let label = (!label.is_empty()).then(|| format!("label={}", escaped(label)));
    let asked: Vec<String> = amount.into_iter().chain(label).collect();
    let joint = if asked.is_empty() { "" } else { "?" };
    format!("{text}{joint}{}", asked.join("&"))
}

/// RFC 3986: wallets don't read a plus as a blank, as forms do.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Nothing when the text is longer than a QR code can be. `said`: what it is, where the text is better not read aloud.
#[component]
pub fn Qr(#[prop(into)] text: String, #[prop(optional, into)] said: Option<String>) -> impl IntoView {
    let said = said.unwrap_or_else(|| format!("QR code of {text}"));
    QrCode::encode_text(&text, QrCodeEcc::Medium).ok().map(|code| {
        let size = code.size();
        let path: String = (0..size).map(|y| runs(&code, y)).collect();
        view! {
            <div class="qr">
                <svg viewBox=format!("0 0 {size} {size}") role="img" aria-label=said.clone() shape-rendering="crispEdges">
                    <path d=path/>
                </svg>
            </div>
        }
    })
}

/// The dark runs of one line, as strokes through the middle of its modules.
fn runs(code: &QrCode, y: i32) -> String {
    let mut path = String::new();
    let mut x = 0;
    while x < code.size() {
        let length = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
        if length > 0 {
            path += &format!("M{x} {y}.5h{length}");
        }
        x += i32::try_from(length).unwrap_or(0).max(1);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::{QrCode, QrCodeEcc, payment_uri, runs};
    use crate::model::{Amount, Coin};

    #[test]
    fn a_payment_uri_carries_amount_and_label() {
        let amount = Amount::new(Coin::new("btc", 8).unwrap(), 2_030_000_000);
        let uri =
            |ticker, amount, label| payment_uri(ticker, "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W", amount, label);
        // As BIP 21 has it.
        assert_eq!(
            uri("btc", Some(amount), "Luke-Jr & Søn"),
            "bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W?amount=20.30000000&label=Luke-Jr%20%26%20S%C3%B8n"
        );
        assert_eq!(uri("btc", None, ""), "bitcoin:175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W");
        assert_eq!(uri("own", Some(amount), "x"), "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W");
    }

    #[test]
    fn strokes_cover_exactly_the_dark_modules() {
        let code =
            QrCode::encode_text("bitcoin:bcrt1qnqj4t588z2lgtewth4hgxtxvnqkzz0af8xrkht", QrCodeEcc::Medium)
                .unwrap();
        for y in 0..code.size() {
            let dark = (0..code.size()).filter(|x| code.get_module(*x, y)).count();
            let drawn: usize = runs(&code, y)
                .split('h')
                .skip(1)
                .map(|rest| rest.split('M').next().unwrap().parse::<usize>().unwrap())
                .sum();
            assert_eq!(drawn, dark, "line {y}");
        }
    }
}
