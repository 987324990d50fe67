//! What a coin is on its network: address versions, genesis block, limits. The stock coins stand here;
//! the configuration may describe others and change the limits.
//! Knows no daemon: `unfit` judges what a backend says of itself.

use super::NodeStatus;
use app::model::Coin;

/// A node further behind its own headers than this is not believed: about an hour of blocks on bitcoin.
const LAG_MAX: i64 = 6;

/// Outputs of one broadcast, unless the configuration says otherwise: about 7,000 vbytes, far below the 100,000
/// that nodes relay.
const OUTPUTS_MAX: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Main,
    Test,
    Signet,
    Regtest,
}

impl Network {
    pub const ALL: [Self; 4] = [Self::Main, Self::Test, Self::Signet, Self::Regtest];

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
    /// Whether the network's nodes replace an unconfirmed transaction by one that pays more (BIP 125).
    pub replaceable: bool,
    /// A hot wallet that can spend less than this waits for a person; `None`: only one that can't pay what is pending.
    pub low_hot_wallet: Option<i64>,
}

/// What differs from network to network. Sources: `chainparams.cpp` of each coin's daemon.
struct Params {
    p2pkh: u8,
    p2sh: &'static [u8],
    bech32: Option<&'static str>,
    genesis: &'static str,
}

/// What is one for all networks of a coin.
struct Limits {
    name: &'static str,
    confirmation_count: i64,
    minimum_send: i64,
    dust: i64,
    fee_rate_fallback: i64,
    fee_rate_max: i64,
}

impl CoinSpec {
    /// The coins that `CoinSpec::stock` knows.
    pub const STOCK: [&'static str; 4] = ["btc", "ltc", "doge", "aby"];

    /// A coin that needs no description; `None` for others, and for networks that the coin hasn't.
    pub fn stock(ticker: &str, network: Network) -> Option<Self> {
        let limits = limits(ticker)?;
        let params = params(ticker, network)?;
        Some(Self {
            coin: Coin::new(ticker, 8).ok()?,
            name: limits.name.into(),
            network,
            versions: AddressVersions {
                p2pkh: params.p2pkh,
                p2sh: params.p2sh.to_vec(),
                bech32: params.bech32.map(Into::into),
            },
            genesis: Some(params.genesis.into()),
            confirmation_count: limits.confirmation_count,
            max_confirmation_count: 15,
            minimum_send: limits.minimum_send,
            dust: limits.dust,
            max_outputs: OUTPUTS_MAX,
            fee_target_blocks: 6,
            fee_rate_fallback: limits.fee_rate_fallback,
            fee_rate_max: limits.fee_rate_max,
            // litecoind and dogecoind refuse it unless told otherwise, AppleByte is older than it.
            replaceable: ticker == "btc",
            low_hot_wallet: None,
        })
    }

    /// Why a backend in this state must not be believed about this coin, as a sentence; `None` when it is fit.
    pub fn unfit(&self, node: &NodeStatus) -> Option<String> {
        let expected = self.network.as_str();
        if node.chain != expected {
            return Some(format!(
                "The backend is on the chain \"{}\"; {} is configured for \"{expected}\".",
                node.chain, self.coin
            ));
        }
        if let Some(genesis) = self.genesis.as_ref().filter(|genesis| **genesis != node.genesis) {
            return Some(format!(
                "The backend's chain isn't that of {}: its genesis block is {}, not {genesis}.",
                self.name, node.genesis
            ));
        }
        if node.initial_download {
            return Some(format!("The backend is still downloading the chain (block {}).", node.height));
        }
        if let Some(lag) = node.lag.filter(|lag| *lag > LAG_MAX) {
            return Some(format!("The backend is {lag} blocks behind its network (block {}).", node.height));
        }
        None
    }
}

fn limits(ticker: &str) -> Option<Limits> {
    Some(match ticker {
        "btc" => Limits {
            name: "Bitcoin",
            confirmation_count: 3,
            minimum_send: 1_000,
            dust: 546,
            fee_rate_fallback: 10_000,
            fee_rate_max: 100_000,
        },
        // Litecoin's dust limit is ten times bitcoin's: 182 bytes at 0.0003 per kB.
        "ltc" => Limits {
            name: "Litecoin",
            confirmation_count: 6,
            minimum_send: 10_000,
            dust: 5_460,
            fee_rate_fallback: 20_000,
            fee_rate_max: 1_000_000,
        },
        // Dogecoin 1.14.5 and later: 0.01 doge is the soft dust limit and the recommended fee per kB. Older nodes
        // ask for more below 1 doge, so that is the least to send.
        "doge" => Limits {
            name: "Dogecoin",
            confirmation_count: 6,
            minimum_send: 100_000_000,
            dust: 1_000_000,
            fee_rate_fallback: 1_000_000,
            fee_rate_max: 100_000_000,
        },
        // AppleByte relays from 0.001 aby per kB on.
        "aby" => Limits {
            name: "AppleByte",
            confirmation_count: 6,
            minimum_send: 1_000_000,
            dust: 100_000,
            fee_rate_fallback: 200_000,
            fee_rate_max: 5_000_000,
        },
        _ => return None,
    })
}

fn params(ticker: &str, network: Network) -> Option<Params> {
    use Network::{Main, Regtest, Signet, Test};
    let (p2pkh, p2sh, bech32, genesis): (u8, &[u8], _, _) = match (ticker, network) {
        ("btc", Main) => {
            (0, &[5], Some("bc"), "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")
        }
        ("btc", Test) => {
            (111, &[196], Some("tb"), "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943")
        }
        ("btc", Signet) => {
            (111, &[196], Some("tb"), "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6")
        }
        ("btc", Regtest) => {
            (111, &[196], Some("bcrt"), "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206")
        }
        ("ltc", Main) => {
            (48, &[50, 5], Some("ltc"), "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2")
        }
        ("ltc", Test) => (
            111,
            &[58, 196],
            Some("tltc"),
            "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
        ),
        ("ltc", Regtest) => (
            111,
            &[58, 196],
            Some("rltc"),
            "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
        ),
        ("doge", Main) => {
            (30, &[22], None, "1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691")
        }
        ("doge", Test) => {
            (113, &[196], None, "bb0a78264637406b6360aad926284d544d7049f45189db5664f3c4d07350559e")
        }
        ("doge", Regtest) => {
            (111, &[196], None, "3d2160a3b5dc4a9d62e7e66a295f70313ac808440ef7400d6c0772171ce973a5")
        }
        ("aby", Main) => (23, &[5], None, "e8492193de64cc8c5ec569841f009d575832c630dd730b1c00af94238a4aba79"),
        ("aby", Test) => {
            (65, &[196], None, "02e890de125e4e85965ed783e85be2e7f63f5c1cf59ed997c4796d8d987bf9a4")
        }
        ("aby", Regtest) => {
            (111, &[196], None, "a7c01b3dba78294c8fd0fa14e94933e4325e6cd842e0dd2c8c5cd8c7731ebe89")
        }
        _ => return None,
    };
    Some(Params { p2pkh, p2sh, bech32, genesis })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    const BTC_ROOT: &str = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
    const LTC_ROOT: &str = "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9";
    const DOGE_ROOT: &str = "5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69";
    const ABY_ROOT: &str = "abeb0db9c2704328ef96da2090ba713c807a7812c2c124c3ca3106336efbffed";

    /// The hash of a first block: version 1, no parent.
    fn header_hash(root: &str, time: u32, bits: u32, nonce: u32) -> String {
        let mut header = vec![1, 0, 0, 0];
        header.extend([0; 32]);
        header.extend(hex::decode(root).unwrap().iter().rev());
        for number in [time, bits, nonce] {
            header.extend(number.to_le_bytes());
        }
        hex::encode(Sha256::digest(Sha256::digest(header)).iter().rev().copied().collect::<Vec<_>>())
    }

    #[test]
    fn genesis_hashes_are_those_of_the_published_headers() {
        use Network::{Main, Regtest, Signet, Test};
        let headers = [
            ("btc", Main, BTC_ROOT, 1_231_006_505, 0x1d00_ffff, 2_083_236_893),
            ("btc", Test, BTC_ROOT, 1_296_688_602, 0x1d00_ffff, 414_098_458),
            ("btc", Signet, BTC_ROOT, 1_598_918_400, 0x1e03_77ae, 52_613_770),
            ("btc", Regtest, BTC_ROOT, 1_296_688_602, 0x207f_ffff, 2),
            ("ltc", Main, LTC_ROOT, 1_317_972_665, 0x1e0f_fff0, 2_084_524_493),
            ("ltc", Test, LTC_ROOT, 1_486_949_366, 0x1e0f_fff0, 293_345),
            ("ltc", Regtest, LTC_ROOT, 1_296_688_602, 0x207f_ffff, 0),
            ("doge", Main, DOGE_ROOT, 1_386_325_540, 0x1e0f_fff0, 99_943),
            ("doge", Test, DOGE_ROOT, 1_391_503_289, 0x1e0f_fff0, 997_879),
            ("doge", Regtest, DOGE_ROOT, 1_296_688_602, 0x207f_ffff, 2),
            ("aby", Main, ABY_ROOT, 1_398_689_365, 0x1e0f_fff0, 4_242_852_485),
            ("aby", Test, ABY_ROOT, 1_501_675_200, 0x1e0f_fff0, 38_496),
            ("aby", Regtest, ABY_ROOT, 1_296_688_602, 0x207f_ffff, 2),
        ];
        for (ticker, network, root, time, bits, nonce) in headers {
            let spec = CoinSpec::stock(ticker, network).unwrap();
            assert_eq!(spec.genesis, Some(header_hash(root, time, bits, nonce)), "{ticker} {network:?}");
        }
    }

    #[test]
    fn limits_of_stock_coins_are_in_order() {
        for ticker in CoinSpec::STOCK {
            for network in Network::ALL {
                let Some(spec) = CoinSpec::stock(ticker, network) else {
                    assert!(ticker != "btc" && network == Network::Signet);
                    continue;
                };
                assert!(0 < spec.dust && spec.dust < spec.minimum_send, "{ticker}");
                assert!(0 < spec.fee_rate_fallback && spec.fee_rate_fallback < spec.fee_rate_max, "{ticker}");
                assert!(
                    0 < spec.confirmation_count && spec.confirmation_count <= spec.max_confirmation_count
                );
            }
        }
        assert_eq!(CoinSpec::stock("xyz", Network::Main), None);
    }

    #[test]
    fn a_wrong_downloading_or_lagging_node_is_unfit() {
        let spec = CoinSpec::stock("ltc", Network::Regtest).unwrap();
        let fit = NodeStatus {
            chain: "regtest".into(),
            genesis: spec.genesis.clone().unwrap(),
            height: 100,
            best_block: "00".repeat(32),
            initial_download: false,
            lag: None,
            tip_at: None,
        };
        assert_eq!(spec.unfit(&fit), None);
        let wrong = [
            NodeStatus { chain: "main".into(), ..fit.clone() },
            NodeStatus { genesis: "11".repeat(32), ..fit.clone() },
            NodeStatus { initial_download: true, ..fit.clone() },
            NodeStatus { lag: Some(7), ..fit },
        ];
        for node in wrong {
            assert!(spec.unfit(&node).is_some(), "{node:?}");
        }
    }
}
