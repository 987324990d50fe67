//! A coin as amounts know it: its ticker and how many decimals a minor unit has.
//! Address versions and limits are the server's matter (`server::network::coin`).

use std::fmt;

/// Longest ticker; a configured coin may use a word instead of three letters.
const TICKER_MAX: usize = 15;

/// A cryptoasset, named by its lowercase acronym. Copied freely, so that every amount can carry it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Coin {
    ticker: [u8; TICKER_MAX],
    decimals: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoinError {
    #[error("a coin's name has 1 to {TICKER_MAX} lowercase letters and digits, \"{0}\" has not")]
    Ticker(String),
    #[error("a coin has 0 to 8 decimals, not {0}")]
    Decimals(u8),
}

impl Coin {
    /// `ticker`: 1 to 15 lowercase letters and digits; `decimals`: 0 to 8.
    pub fn new(ticker: &str, decimals: u8) -> Result<Self, CoinError> {
        let bytes = ticker.as_bytes();
        let plain = bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if bytes.is_empty() || bytes.len() > TICKER_MAX || !plain {
            return Err(CoinError::Ticker(ticker.into()));
        }
        if decimals > 8 {
            return Err(CoinError::Decimals(decimals));
        }
        let mut padded = [0; TICKER_MAX];
        padded[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { ticker: padded, decimals })
    }

    pub fn ticker(&self) -> &str {
        let end = self.ticker.iter().position(|b| *b == 0).unwrap_or(TICKER_MAX);
        std::str::from_utf8(&self.ticker[..end]).expect("a ticker is ASCII, checked when it was made")
    }

    pub fn decimals(self) -> u8 {
        self.decimals
    }
}

impl fmt::Display for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ticker())
    }
}

impl fmt::Debug for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.ticker(), self.decimals)
    }
}
