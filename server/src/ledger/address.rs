//! Rows of `address`: one per coin and canonical spelling, receiving or external.

use super::LedgerError;
use crate::db::{Tx, query};
use crate::record;
use app::model::{AccountId, AddressId, AddressKind, Coin, Time, WalletId};

pub(super) struct Address {
    pub id: AddressId,
    pub kind: AddressKind,
    /// Of receiving ones.
    pub account: Option<AccountId>,
    pub wallet: Option<WalletId>,
}

record!(Address { id, kind, account, wallet });

pub(super) async fn find(tx: &mut Tx<'_>, coin: Coin, address: &str) -> Result<Option<Address>, LedgerError> {
    let row = query(
        "SELECT d.id, d.kind, d.account, a.wallet FROM address d LEFT JOIN account a ON a.id = d.account
         WHERE d.coin = $1 AND d.address = $2",
    )
    .bind(coin.ticker())
    .bind(address)
    .optional(tx)
    .await?;
    Ok(row)
}

/// A destination outside, which gets its row with the first payment to it.
pub(super) async fn insert_external(
    tx: &mut Tx<'_>,
    coin: Coin,
    address: &str,
    now: Time,
) -> Result<AddressId, LedgerError> {
    let (id,) =
        query("INSERT INTO address (coin, kind, address, created_at) VALUES ($1, $2, $3, $4) RETURNING id")
            .bind(coin.ticker())
            .bind(AddressKind::External)
            .bind(address)
            .bind(now)
            .one(tx)
            .await?;
    Ok(id)
}
