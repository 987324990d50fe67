//! Signing, testing and sending: raw transactions that were built for us, and one-shots that the daemon builds.

use super::answers::{Signed, Tested};
use super::{BAD_PARAMETER, Bitcoind, WALLET_ERROR, amount, outpoint_json, wallet};
use crate::network::{Backend, BackendError, BackendResult, Output, SendOutcome, Unspent};
use serde_json::{Map, Value, json};

const NOT_DECODED: i64 = -22;
/// A sequence by which a transaction says that it may be replaced (BIP 125).
const REPLACEABLE: u32 = 0xffff_fffd;

impl Bitcoind {
    pub(super) async fn build_and_sign(
        &self,
        inputs: &[Unspent],
        outputs: &[Output],
    ) -> BackendResult<Vec<u8>> {
        let command = self
            .features()
            .await?
            .sign_command()
            .ok_or(BackendError::Unsupported("sign raw transactions"))?;
        let paid = self.paid(outputs)?;
        let mut spent: Vec<Value> = inputs.iter().map(|input| outpoint_json(&input.outpoint)).collect();
        if self.spec.replaceable {
            for input in &mut spent {
                input["sequence"] = json!(REPLACEABLE);
            }
        }
        let unsigned: String = self.call("createrawtransaction", json!([spent, paid])).await?;
        let signed: Signed = self.call(command, json!([unsigned])).await?;
        if !signed.complete {
            let reason = signed.errors.first().map_or("no reason given", |error| &error.error);
            let message = format!("The daemon's wallet can't sign for all inputs: {reason}.");
            return Err(BackendError::Refused { code: WALLET_ERROR, message });
        }
        hex::decode(signed.hex).map_err(wallet::senseless)
    }

    pub(super) async fn test_raw(&self, raw: &[u8]) -> BackendResult<Option<String>> {
        if !self.features().await?.has("testmempoolaccept") {
            return Err(BackendError::Unsupported("test a transaction before it is sent"));
        }
        let tested: BackendResult<Vec<Tested>> =
            self.call("testmempoolaccept", json!([[hex::encode(raw)]])).await;
        match tested {
            Ok(tested) => match tested.into_iter().next() {
                Some(Tested { allowed: true, .. }) => Ok(None),
                Some(tested) => Ok(Some(tested.reject_reason.unwrap_or_else(|| "no reason given".into()))),
                None => Err(wallet::senseless("it tested nothing")),
            },
            Err(BackendError::Refused { code: NOT_DECODED, message }) => Ok(Some(message)),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn send_raw(&self, raw: &[u8]) -> SendOutcome {
        let txid = match self.decode(raw) {
            Ok(decoded) => decoded.txid,
            Err(error) => return error.into_refusal(),
        };
        match self.rpc.send::<String>("sendrawtransaction", json!([hex::encode(raw)])).await {
            Ok(answer) if answer == txid => SendOutcome::Sent { txid },
            Ok(answer) => {
                SendOutcome::Unknown { reason: format!("The daemon says it sent {answer}, not {txid}.") }
            }
            Err(fault) => fault.into_outcome(self.wallet.as_deref()),
        }
    }

    /// One call, over a connection of its own, and never again.
    pub(super) async fn send_one_shot(&self, outputs: &[Output], comment: &str) -> SendOutcome {
        // Not a byte of the order has left before both are known.
        let (features, paid) = match (self.features().await, self.paid(outputs)) {
            (Ok(features), Ok(paid)) => (features, paid),
            (Err(error), _) | (_, Err(error)) => return error.into_refusal(),
        };
        let account = if features.labels() { "" } else { &self.account };
        match self.rpc.send::<String>("sendmany", json!([account, paid, 1, comment])).await {
            Ok(txid) if is_txid(&txid) => SendOutcome::Sent { txid },
            Ok(answer) => {
                let answer: String = answer.chars().take(100).collect();
                SendOutcome::Unknown {
                    reason: format!("The daemon answered \"{answer}\", which is no txid."),
                }
            }
            Err(fault) => fault.into_outcome(self.wallet.as_deref()),
        }
    }

    /// Addresses with their amounts, as the daemon takes them; one paid twice would be lost in the object.
    fn paid(&self, outputs: &[Output]) -> BackendResult<Map<String, Value>> {
        let mut paid = Map::new();
        for output in outputs {
            let amount = Value::Number(amount::number(output.amount, self.spec.coin.decimals()));
            if paid.insert(output.address.clone(), amount).is_some() {
                let message = format!("The address {} is paid twice in one transaction.", output.address);
                return Err(BackendError::Refused { code: BAD_PARAMETER, message });
            }
        }
        Ok(paid)
    }
}

fn is_txid(text: &str) -> bool {
    hex::decode(text).is_ok_and(|bytes| bytes.len() == 32)
}
