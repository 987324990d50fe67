//! A backend whose every call passes two failpoints; what it does is another's. For builds that tests run.

use super::{
    Backend, BackendClass, BackendResult, Decoded, NodeStatus, OutPoint, Output, SendOutcome, Since, Totals,
    Unspent, WalletTransaction, simulated::Simulated,
};
use crate::failpoint::reach;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

pub struct Watched(pub Arc<dyn Backend>);

/// The same call of the backend within, between its failpoints.
macro_rules! calls {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl Backend for Watched {
            fn class(&self) -> BackendClass {
                self.0.class()
            }

            fn timeout(&self) -> Duration {
                self.0.timeout()
            }

            fn can_prepare(&self) -> bool {
                self.0.can_prepare()
            }

            fn can_replace(&self) -> bool {
                self.0.can_replace()
            }

            fn decode(&self, raw: &[u8]) -> BackendResult<Decoded> {
                self.0.decode(raw)
            }

            fn simulated(&self) -> Option<&Simulated> {
                self.0.simulated()
            }

            $(async fn $name(&self, $($argument: $kind),*) -> $answer {
                reach("rpc", stringify!($name), "before").await;
                let answer = self.0.$name($($argument),*).await;
                reach("rpc", stringify!($name), "after").await;
                answer
            })*
        }

        /// Names of the calls, in order.
        pub const CALLS: &[&str] = &[$(stringify!($name)),*];
    };
}

calls! {
    fn connect() -> BackendResult<NodeStatus>;
    fn node() -> BackendResult<NodeStatus>;
    fn owns(address: &str) -> BackendResult<bool>;
    fn new_address(label: &str) -> BackendResult<String>;
    fn totals() -> BackendResult<Totals>;
    fn unspent() -> BackendResult<Vec<Unspent>>;
    fn fee_rate(target_blocks: u32) -> BackendResult<Option<i64>>;
    fn change_address() -> BackendResult<String>;
    fn sign(inputs: &[Unspent], outputs: &[Output]) -> BackendResult<Vec<u8>>;
    fn test_prepared(raw: &[u8]) -> BackendResult<Option<String>>;
    fn send_prepared(raw: &[u8]) -> SendOutcome;
    fn send_many(outputs: &[Output], comment: &str) -> SendOutcome;
    fn sent_since(block: &str) -> BackendResult<Vec<WalletTransaction>>;
    fn uptime() -> BackendResult<Option<i64>>;
    fn peers() -> BackendResult<Option<i64>>;
    fn transaction(txid: &str) -> BackendResult<Option<WalletTransaction>>;
    fn since(cursor: Option<&str>, depth: u32) -> BackendResult<Since>;
    fn lock(inputs: &[OutPoint]) -> BackendResult<()>;
    fn unlock(inputs: &[OutPoint]) -> BackendResult<()>;
}
