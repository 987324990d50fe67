//! What was typed into the search box, taken apart: everything that it may be. Pure.

use crate::desk::narrow::spelled;

/// Of what is no whole id or amount so few characters fit too much.
pub const LEAST: usize = 3;
/// Longer than any txid, address or label is.
const MOST: usize = 255;
/// A txid or address is known by its beginning from here on.
const BEGINNING: usize = 4;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// An id, and the noun that stood before it.
    pub id: Option<(Option<Noun>, i64)>,
    /// In small letters.
    pub txid: Option<String>,
    pub address: Option<String>,
    /// Figures as typed, and the ticker that stood beside them.
    pub amount: Option<(String, Option<String>)>,
    /// Looked for in names and labels.
    pub text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    Transaction,
    Broadcast,
    Deposit,
    Account,
    Wallet,
    Address,
}

impl Noun {
    fn read(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "transaction" => Self::Transaction,
            "broadcast" => Self::Broadcast,
            "deposit" => Self::Deposit,
            "account" => Self::Account,
            "wallet" => Self::Wallet,
            "address" => Self::Address,
            _ => return None,
        })
    }
}

pub fn read(typed: &str) -> Typed {
    let typed: String = typed.trim().chars().take(MOST).collect();
    let bare = without_scheme(&typed);
    let one_word = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphanumeric());
    let long = bare.len() >= BEGINNING;
    Typed {
        id: id(&typed),
        txid: (one_word && long && bare.len() <= 64 && bare.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| bare.to_ascii_lowercase()),
        address: (one_word && long).then(|| spelled(bare)),
        amount: amount(&typed),
        text: (typed.chars().count() >= LEAST).then_some(typed),
    }
}

/// A payment text (`litecoin:ltc1…?amount=1`) is its address.
fn without_scheme(typed: &str) -> &str {
    let Some((scheme, rest)) = typed.split_once(':') else { return typed };
    let known = ["bitcoin", "litecoin", "dogecoin", "applebyte"];
    if known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        rest.split('?').next().unwrap_or_default()
    } else {
        typed
    }
}

/// `90447`, `#90447`, `broadcast 318`.
fn id(typed: &str) -> Option<(Option<Noun>, i64)> {
    let (noun, digits) = match typed.split_once(' ') {
        Some((word, rest)) => (Some(Noun::read(word)?), rest.trim()),
        None => (None, typed),
    };
    let digits = digits.strip_prefix('#').unwrap_or(digits);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let id = digits.parse().ok().filter(|id| *id > 0)?;
    plain.then_some((noun, id))
}

/// `0.25`, `0.25 btc`, `btc 0.25`. Thousands may stand apart as pages show them.
fn amount(typed: &str) -> Option<(String, Option<String>)> {
    let ticker = |word: &str| {
        let fits = word.len() <= 15 && word.chars().all(|c| c.is_ascii_alphanumeric());
        (fits && word.chars().any(|c| c.is_ascii_alphabetic())).then(|| word.to_ascii_lowercase())
    };
    let words: Vec<&str> = typed.split_whitespace().collect();
    let (figures, coin) = match words.as_slice() {
        [figures] => (vec![*figures], None),
        [first, rest @ ..] if ticker(first).is_some() => (rest.to_vec(), ticker(first)),
        [rest @ .., last] if ticker(last).is_some() => (rest.to_vec(), ticker(last)),
        all => (all.to_vec(), None),
    };
    // Apart stand groups of three, or they aren't one amount.
    let groups = figures.iter().skip(1).all(|group| group.split('.').next().is_some_and(|g| g.len() == 3));
    let figures = figures.concat();
    let decimal = figures.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && figures.bytes().filter(|b| *b == b'.').count() <= 1
        && figures.bytes().any(|b| b.is_ascii_digit());
    (groups && decimal).then_some((figures, coin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_id_and_an_amount() {
        let typed = read("90447");
        assert_eq!(typed.id, Some((None, 90_447)));
        assert_eq!(typed.amount, Some(("90447".into(), None)));
        assert_eq!(read("#7").id, Some((None, 7)));
        assert_eq!(read("Broadcast 318").id, Some((Some(Noun::Broadcast), 318)));
        assert_eq!((read("0").id, read("order 5").id, read("7").text), (None, None, None));
        assert_eq!(read("99999999999999999999").id, None);
    }

    #[test]
    fn amounts_stand_with_their_ticker_or_without() {
        let is = |typed: &str| read(typed).amount;
        assert_eq!(is("0.25"), Some(("0.25".into(), None)));
        for with in ["0.25 btc", "btc 0.25", "0.25  BTC"] {
            assert_eq!(is(with), Some(("0.25".into(), Some("btc".into()))), "{with}");
        }
        assert_eq!(is("12 480.5 doge"), Some(("12480.5".into(), Some("doge".into()))));
        for no in ["1.2.3", "-1", "1e3", "12 48.5", ".", "btc", "order 5 6"] {
            assert_eq!(is(no), None, "{no}");
        }
    }

    #[test]
    fn txids_and_addresses_are_known_by_their_beginning() {
        assert_eq!(read("18119F58").txid, Some("18119f58".into()));
        assert_eq!((read("181").txid, read("18119f58g").txid), (None, None));
        assert_eq!(read(&"a".repeat(65)).txid, None);
        let address = "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9";
        for typed in [address.to_owned(), format!("litecoin:{address}?amount=1"), address.to_uppercase()] {
            assert_eq!(read(&typed).address.as_deref(), Some(address), "{typed}");
        }
        assert_eq!(read("mhn9FSvMCL2gKDHK").address.as_deref(), Some("mhn9FSvMCL2gKDHK"));
        assert_eq!(read("two words").address, None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_typed_panics(typed in "\\PC{0,300}") {
            let _ = read(&typed);
        }
    }
}
