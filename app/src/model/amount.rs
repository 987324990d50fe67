//! Money: whole minor units of one coin, checked arithmetic, exact text at every edge.
//! No float touches it, and amounts of two coins never meet.

use super::Coin;
use rust_decimal::Decimal;
use std::fmt;

/// Minor units of `coin` (1 btc = 100,000,000 units). May be negative: entries and differences are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    pub coin: Coin,
    pub units: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("An amount is missing.")]
    Empty,
    #[error("Write an amount as plain digits with at most one point, such as 0.25; \"{0}\" is not one.")]
    NotANumber(String),
    #[error("{coin} has {decimals} decimals; this amount has {given}.")]
    TooManyDecimals { coin: Coin, decimals: u8, given: usize },
    #[error("An amount must be more than zero.")]
    Zero,
    #[error("This amount is larger than Coffer can count.")]
    TooLarge,
    #[error("Amounts of {0} and {1} can't be added.")]
    CoinsDiffer(Coin, Coin),
}

impl Amount {
    pub fn new(coin: Coin, units: i64) -> Self {
        Self { coin, units }
    }

    pub fn zero(coin: Coin) -> Self {
        Self { coin, units: 0 }
    }

    /// Reads what a person or a caller typed: digits, at most one point, more than zero. No sign, no exponent.
    pub fn parse(coin: Coin, text: &str) -> Result<Self, AmountError> {
        let amount = Self::parse_or_zero(coin, text)?;
        if amount.units == 0 { Err(AmountError::Zero) } else { Ok(amount) }
    }

    /// As `parse`, where zero is meant as well (filters, balances that a daemon reports).
    pub fn parse_or_zero(coin: Coin, text: &str) -> Result<Self, AmountError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
            return Err(AmountError::NotANumber(text.chars().take(40).collect()));
        }
        let places = usize::from(coin.decimals());
        if fraction.len() > places {
            return Err(AmountError::TooManyDecimals {
                coin,
                decimals: coin.decimals(),
                given: fraction.len(),
            });
        }
        // More digits than a decimal can hold are more than an amount can.
        let mut value = Decimal::from_str_exact(text).map_err(|_| AmountError::TooLarge)?;
        value.rescale(u32::from(coin.decimals()));
        i64::try_from(value.mantissa()).map(|units| Self { coin, units }).map_err(|_| AmountError::TooLarge)
    }

    pub fn add(self, other: Self) -> Result<Self, AmountError> {
        self.same_coin(other)?;
        let units = self.units.checked_add(other.units).ok_or(AmountError::TooLarge)?;
        Ok(Self { units, ..self })
    }

    pub fn subtract(self, other: Self) -> Result<Self, AmountError> {
        self.same_coin(other)?;
        let units = self.units.checked_sub(other.units).ok_or(AmountError::TooLarge)?;
        Ok(Self { units, ..self })
    }

    /// Sums in `i128`: the supply of some coins is wider than `i64`, a sum on the way may be too.
    pub fn sum(coin: Coin, amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountError> {
        let mut total: i128 = 0;
        for amount in amounts {
            Self::zero(coin).same_coin(amount)?;
            total += i128::from(amount.units);
        }
        i64::try_from(total).map(|units| Self { coin, units }).map_err(|_| AmountError::TooLarge)
    }

    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    fn same_coin(self, other: Self) -> Result<(), AmountError> {
        if self.coin == other.coin { Ok(()) } else { Err(AmountError::CoinsDiffer(self.coin, other.coin)) }
    }
}

impl fmt::Display for Amount {
    /// All decimals of the coin, an ASCII minus, no grouping: `-0.25000000`. The form of JSON, CSV and running text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from_i128_with_scale(self.units.into(), self.coin.decimals().into()).fmt(f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} {}", self.coin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn btc() -> Coin {
        Coin::new("btc", 8).unwrap()
    }

    proptest! {
        #[test]
        fn print_and_parse_are_inverse(units in 1..=i64::MAX, decimals in 0u8..=8) {
            let coin = Coin::new("x", decimals).unwrap();
            let amount = Amount::new(coin, units);
            prop_assert_eq!(Amount::parse(coin, &amount.to_string()), Ok(amount));
        }

        #[test]
        fn parse_never_panics(text in "\\PC{0,40}") {
            let _ = Amount::parse(btc(), &text);
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for bad in ["", " ", ".", "-1", "+1", "1e3", "0x1", "1,5", "1.2.3", "NaN", "١", "0", "0.00000000"] {
            assert!(Amount::parse(btc(), bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            Amount::parse(btc(), "0.123456789"),
            Err(AmountError::TooManyDecimals { coin: btc(), decimals: 8, given: 9 })
        );
        assert_eq!(Amount::parse(btc(), "92233720368.54775808"), Err(AmountError::TooLarge));
        assert_eq!(Amount::parse(btc(), "92233720368.54775807").unwrap().units, i64::MAX);
    }

    #[test]
    fn short_forms_are_the_same_amount() {
        for text in ["0.5", ".5", "0.50000000", "00.5", "0000000000000000000000000000000000000000.5"] {
            assert_eq!(Amount::parse(btc(), text).unwrap().units, 50_000_000, "{text}");
        }
    }

    #[test]
    fn amounts_of_two_coins_never_add() {
        let ltc = Coin::new("ltc", 8).unwrap();
        assert!(Amount::new(btc(), 1).add(Amount::new(ltc, 1)).is_err());
    }

    #[test]
    fn sums_are_wider_than_an_amount() {
        let max = Amount::new(btc(), i64::MAX);
        let back = Amount::new(btc(), -i64::MAX);
        assert_eq!(Amount::sum(btc(), [max, max, back, back]), Ok(Amount::zero(btc())));
        assert_eq!(Amount::sum(btc(), [max, max]), Err(AmountError::TooLarge));
    }
}
