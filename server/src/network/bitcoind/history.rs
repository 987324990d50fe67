//! What the daemon's wallet says of its transactions: one, what changed since a block, what was sent since.

use super::answers::{Header, SinceAnswer, TransactionAnswer};
use super::{Bitcoind, NOT_FOUND, wallet};
use crate::network::{BackendError, BackendResult, Received, WalletTransaction};
use serde_json::{Value, json};

/// Each is asked for by a call of its own; a wallet that sent more since a broadcast was opened can't be searched in
/// the time that anybody waits.
const SENT_MAX: usize = 5_000;

impl Bitcoind {
    pub(super) async fn find_transaction(&self, txid: &str) -> BackendResult<Option<WalletTransaction>> {
        let Some(answer) = self.find::<TransactionAnswer>("gettransaction", json!([txid]), NOT_FOUND).await?
        else {
            return Ok(None);
        };
        let mut transaction = wallet::transaction(answer, &self.spec)?;
        if let (Some(block), None) = (&transaction.block, transaction.height) {
            transaction.height = Some(self.height(block).await?);
        }
        if transaction.confirmations < 0 && transaction.received.is_empty() {
            transaction.received = self.received(&transaction.outputs).await?;
        }
        transaction.in_mempool = match transaction.confirmations {
            0 => self.in_mempool(txid).await?,
            depth if depth < 0 => Some(false),
            _ => None,
        };
        Ok(Some(transaction))
    }

    pub(super) async fn list_sent(&self, block: &str) -> BackendResult<Vec<WalletTransaction>> {
        let txids = wallet::sent(self.list_since(Some(block), 1).await?);
        if txids.len() > SENT_MAX {
            let count = txids.len();
            return Err(BackendError::Unavailable(format!(
                "The wallet sent {count} transactions since that block; no more than {SENT_MAX} are searched."
            )));
        }
        let mut sent = Vec::with_capacity(txids.len());
        for txid in txids {
            sent.extend(self.find_transaction(&txid).await?);
        }
        Ok(sent)
    }

    async fn height(&self, block: &str) -> BackendResult<i64> {
        let method = if self.features().await?.has("getblockheader") { "getblockheader" } else { "getblock" };
        self.call::<Header>(method, json!([block])).await.map(|header| header.height)
    }

    /// From `block` on; from the first when there is none, or the daemon never saw it: another chain, or its data was
    /// rebuilt. Nobody is paid in the first one.
    pub(super) async fn list_since(&self, block: Option<&str>, depth: u32) -> BackendResult<SinceAnswer> {
        if let Some(block) = block
            && let Some(answer) = self.find("listsinceblock", json!([block, depth]), NOT_FOUND).await?
        {
            return Ok(answer);
        }
        // The depth can't be asked without a block.
        let genesis: String = self.call("getblockhash", json!([0])).await?;
        self.call("listsinceblock", json!([genesis, depth])).await
    }

    /// What a conflicted transaction paid us: daemons leave it out of the details from then on.
    async fn received(&self, outputs: &[(Option<String>, i64)]) -> BackendResult<Vec<Received>> {
        let mut received = Vec::new();
        for (vout, (address, amount)) in (0_u32..).zip(outputs) {
            let Some(address) = address else { continue };
            let info = self.address_info(address).await?;
            let change = info.ischange.unwrap_or(info.account.is_none());
            if info.ismine && !change {
                received.push(Received { address: address.clone(), vout, amount: *amount });
            }
        }
        Ok(received)
    }

    async fn in_mempool(&self, txid: &str) -> BackendResult<Option<bool>> {
        if !self.features().await?.has("getmempoolentry") {
            return Ok(None);
        }
        self.find::<Value>("getmempoolentry", json!([txid]), NOT_FOUND)
            .await
            .map(|entry| Some(entry.is_some()))
    }
}
