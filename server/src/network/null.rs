//! The null backend does nothing: for coins whose books are kept without a network. It has no address to give,
//! sends nothing and receives nothing, and says so.

use super::{
    Backend, BackendClass, BackendError, BackendResult, Decoded, NodeStatus, OutPoint, Output, SendOutcome,
    Since, Totals, Unspent, WalletTransaction,
};
use async_trait::async_trait;

#[derive(Debug, Clone, Copy, Default)]
pub struct Null;

#[async_trait]
impl Backend for Null {
    fn class(&self) -> BackendClass {
        BackendClass::Null
    }

    async fn connect(&self) -> BackendResult<NodeStatus> {
        self.node().await
    }

    async fn node(&self) -> BackendResult<NodeStatus> {
        Err(BackendError::Unsupported("say anything of a network: it has none"))
    }

    async fn owns(&self, _address: &str) -> BackendResult<bool> {
        Ok(false)
    }

    async fn new_address(&self, _label: &str) -> BackendResult<String> {
        Err(BackendError::Unsupported("make addresses"))
    }

    async fn totals(&self) -> BackendResult<Totals> {
        Err(BackendError::Unsupported("count money: it has none"))
    }

    fn can_prepare(&self) -> bool {
        false
    }

    async fn unspent(&self) -> BackendResult<Vec<Unspent>> {
        Ok(Vec::new())
    }

    async fn fee_rate(&self, _target_blocks: u32) -> BackendResult<Option<i64>> {
        Ok(None)
    }

    async fn change_address(&self) -> BackendResult<String> {
        Err(BackendError::Unsupported("make addresses"))
    }

    async fn sign(&self, _inputs: &[Unspent], _outputs: &[Output]) -> BackendResult<Vec<u8>> {
        Err(BackendError::Unsupported("sign"))
    }

    fn decode(&self, _raw: &[u8]) -> BackendResult<Decoded> {
        Err(BackendError::Unsupported("read transactions"))
    }

    async fn send_prepared(&self, _raw: &[u8]) -> SendOutcome {
        SendOutcome::Refused { code: None, reason: "the null backend sends nothing".into() }
    }

    async fn transaction(&self, _txid: &str) -> BackendResult<Option<WalletTransaction>> {
        Ok(None)
    }

    async fn since(&self, _cursor: Option<&str>, _depth: u32) -> BackendResult<Since> {
        Ok(Since { txids: Vec::new(), cursor: None })
    }

    async fn lock(&self, _inputs: &[OutPoint]) -> BackendResult<()> {
        Ok(())
    }
}
