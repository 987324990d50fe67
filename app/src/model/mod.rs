//! The vocabulary that pages, books and jobs share: coins, amounts, ids, states, times, rows.
//! Pure: no database, no network, no clock. Start with `amount`, then `state`.

mod adjustment;
mod amount;
mod api;
mod balance;
mod coin;
mod id;
mod order;
mod people;
mod row;
#[macro_use]
mod state;
mod event;
mod filter;
mod find;
mod record;
mod time;
mod topic;
mod transfer;
mod vetting;

pub use adjustment::*;
pub use amount::{Amount, AmountError};
pub use api::*;
pub use balance::*;
pub use coin::{Coin, CoinError};
pub use event::*;
pub use filter::*;
pub use find::*;
pub use id::*;
pub use order::*;
pub use people::*;
pub use record::*;
pub use row::*;
pub use state::*;
pub use time::Time;
pub use topic::Topic;
pub use transfer::{TransferDraft, TransferReview};
pub use vetting::*;
