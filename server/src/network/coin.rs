//! What a coin is on its network: address versions, genesis block, limits. The stock coins stand here;
//! the configuration may describe others and change the limits.

use app::model::Coin;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Main,
    Test,
    Signet,
    Regtest,
}

impl Network {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Test => "test",
            Self::Signet => "signet",
            Self::Regtest => "regtest",
        }
    }
}

/// How addresses of one coin on one network are spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressVersions {
    /// base58check version bytes; the first is the canonical spelling.
    pub p2pkh: u8,
    pub p2sh: Vec<u8>,
    /// Human-readable part (BIP 173), where the coin has segwit.
    pub bech32: Option<String>,
}

/// All that Coffer knows of one configured coin. Amounts in minor units, rates in minor units per 1,000 vbytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoinSpec {
    pub coin: Coin,
    pub name: String,
    pub network: Network,
    pub versions: AddressVersions,
    /// Hash of block 0 as the daemon prints it; `None` for coins that the configuration describes.
    pub genesis: Option<String>,
    pub confirmation_count: i64,
    pub max_confirmation_count: i64,
    pub minimum_send: i64,
    /// Change below this is left to the fee.
    pub dust: i64,
    pub max_outputs: usize,
    pub fee_target_blocks: u32,
    /// Used when the backend has no estimate.
    pub fee_rate_fallback: i64,
    pub fee_rate_max: i64,
}
