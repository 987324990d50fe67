//! Amounts on the wire: JSON numbers read from and written to their literal text, never as floats.
//! Daemons print `0.00001000`, some `1e-05`; both are the same number of minor units.

use serde::{Deserialize, Deserializer};
use serde_json::Number;
use std::str::FromStr;

/// A JSON number (or a string with one) as it stood in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal(String);

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Number::deserialize(deserializer).map(|number| Self(number.as_str().to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no amount with {decimals} decimals")]
pub struct LiteralError {
    text: String,
    decimals: u8,
}

impl Literal {
    /// Minor units of a coin with `decimals`; refused unless exact.
    pub fn units(&self, decimals: u8) -> Result<i64, LiteralError> {
        units(&self.0, decimals)
            .ok_or_else(|| LiteralError { text: self.0.chars().take(40).collect(), decimals })
    }

    /// As `units`, with places beyond the coin's decimals rounded up: for rates, which aren't amounts.
    pub fn units_rounded_up(&self, decimals: u8) -> Result<i64, LiteralError> {
        let fault = || LiteralError { text: self.0.chars().take(40).collect(), decimals };
        // Eight more places than the coin has; a rate with even more would be one of no daemon.
        let fine = units(&self.0, decimals + 8).ok_or_else(fault)?;
        Ok(fine.div_euclid(100_000_000) + i64::from(fine.rem_euclid(100_000_000) != 0))
    }
}

/// `text` × 10^`decimals`, where that is a whole `i64`.
fn units(text: &str, decimals: u8) -> Option<i64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, magnitude) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let places = i64::try_from(trailing).ok()? - i64::try_from(fraction.len()).ok()?;
    let shift = exponent.parse::<i64>().ok()?.checked_add(places)?.checked_add(i64::from(decimals))?;
    let scale = 10i64.checked_pow(u32::try_from(shift).ok()?)?;
    let sign = if negative { "-" } else { "" };
    format!("{sign}{significant}").parse::<i64>().ok()?.checked_mul(scale)
}

/// Minor units as a JSON number with all decimals of the coin. Number literals, since daemons older than 0.11
/// don't take strings.
pub fn number(units: i64, decimals: u8) -> Number {
    let places = usize::from(decimals);
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let text = if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    Number::from_str(&text).expect("digits with one point are a JSON number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str, decimals: u8) -> Option<i64> {
        serde_json::from_str::<Literal>(json).unwrap().units(decimals).ok()
    }

    #[test]
    fn every_spelling_of_a_number_is_read_exactly() {
        for (text, units) in [
            ("0.00000001", 1),
            ("1e-8", 1),
            ("1E-08", 1),
            ("1.0e-08", 1),
            ("1e-05", 1_000),
            ("0.1", 10_000_000),
            ("-0.00014100", -14_100),
            ("-0.0", 0),
            ("0", 0),
            ("0e400", 0),
            ("20999999.97690000", 2_099_999_997_690_000),
            ("2.1e7", 2_100_000_000_000_000),
            ("92233720368.54775807", i64::MAX),
            ("-92233720368.54775808", i64::MIN),
            ("0.30000000", 30_000_000),
            ("100000000000e-3", 10_000_000_000_000_000),
        ] {
            assert_eq!(read(text, 8), Some(units), "{text}");
        }
    }

    #[test]
    fn what_is_not_exact_or_too_large_is_refused() {
        for text in
            ["0.000000001", "1e-9", "1.5e-8", "92233720368.54775808", "1e11", "1e99999999999999999999"]
        {
            assert_eq!(read(text, 8), None, "{text}");
        }
        assert_eq!(read("0.1", 0), None);
        assert_eq!(read("21", 0), Some(21));
    }

    #[test]
    fn rates_round_up() {
        let rate = |text: &str| serde_json::from_str::<Literal>(text).unwrap().units_rounded_up(8).unwrap();
        assert_eq!(rate("0.00001000"), 1_000);
        assert_eq!(rate("0.000010001"), 1_001);
        assert_eq!(rate("-1"), -100_000_000);
    }

    proptest! {
        #[test]
        fn written_numbers_read_back(units in any::<i64>(), decimals in 0u8..=8) {
            let text = serde_json::to_string(&number(units, decimals)).unwrap();
            prop_assert_eq!(read(&text, decimals), Some(units));
        }
    }
}
