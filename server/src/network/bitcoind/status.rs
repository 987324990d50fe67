//! What chain the daemon is on and whether its wallet is there. Old daemons tell less; what they don't tell is
//! taken from the genesis block or left unknown.

use super::Bitcoind;
use super::answers::{ChainInfo, Header, Info};
use super::features::Features;
use super::rpc::NO_SUCH_METHOD;
use crate::network::{BackendError, BackendResult, NodeStatus};
use app::model::Time;
use serde_json::{Value, json};

/// A verified share of the chain below which an old daemon counts as still downloading it.
const DOWNLOADED: f64 = 0.999;

impl Bitcoind {
    /// Whether the wallet answers, so that its absence is told at connect and not at the first payment.
    pub(super) async fn check_wallet(&self, features: &Features) -> BackendResult<()> {
        if !features.has_wallets() {
            let message =
                "The daemon runs without wallets (disablewallet, or built so). Start it with them.".into();
            return Err(BackendError::Refused { code: NO_SUCH_METHOD, message });
        }
        // Not the balance: on large wallets that takes long.
        let method = if features.has("getwalletinfo") { "getwalletinfo" } else { "listlockunspent" };
        self.call::<Value>(method, json!([])).await.map(drop)
    }

    pub(super) async fn status(&self, features: &Features) -> BackendResult<NodeStatus> {
        let genesis: String = self.call("getblockhash", json!([0])).await?;
        if !features.has("getblockchaininfo") {
            return self.old_status(genesis).await;
        }
        let info: ChainInfo = self.call("getblockchaininfo", json!([])).await?;
        // Regtest daemons before 0.16 guess their progress by the age of the last block.
        let guess =
            info.chain != "regtest" && info.verificationprogress.is_some_and(|share| share < DOWNLOADED);
        let tip_at = self.tip_at(features, &info).await;
        Ok(NodeStatus {
            chain: info.chain,
            genesis,
            height: info.blocks,
            best_block: info.bestblockhash,
            initial_download: info.initialblockdownload.unwrap_or(guess),
            lag: info.headers.map(|headers| (headers - info.blocks).max(0)),
            tip_at,
        })
    }

    /// Daemons before 23.0 tell it of each block only, and are asked once for each. It is for people to see, so not
    /// knowing it is no failure.
    async fn tip_at(&self, features: &Features, info: &ChainInfo) -> Option<Time> {
        let seconds = match info.time {
            Some(seconds) => seconds,
            None if features.has("getblockheader") => self.header_time(&info.bestblockhash).await?,
            None => return None,
        };
        Some(Time(seconds.checked_mul(1_000_000)?))
    }

    async fn header_time(&self, block: &str) -> Option<i64> {
        let known = self.tip.lock().ok()?.clone().filter(|(hash, _)| hash == block);
        if let Some((_, seconds)) = known {
            return Some(seconds);
        }
        let header: Header = self.call("getblockheader", json!([block])).await.ok()?;
        *self.tip.lock().ok()? = Some((block.to_owned(), header.time));
        Some(header.time)
    }

    /// Daemons before 0.9 tell neither chain nor headers: the genesis block names the chain, the lag stays unknown.
    async fn old_status(&self, genesis: String) -> BackendResult<NodeStatus> {
        let info: Info = self.call("getinfo", json!([])).await?;
        let best_block = self.call("getblockhash", json!([info.blocks])).await?;
        let ours = self.spec.genesis.as_ref() == Some(&genesis);
        let chain = if ours {
            self.spec.network.as_str()
        } else if info.testnet {
            "test"
        } else {
            "main"
        };
        Ok(NodeStatus {
            chain: chain.into(),
            genesis,
            height: info.blocks,
            best_block,
            initial_download: false,
            lag: None,
            tip_at: None,
        })
    }
}
