//! The one place where money moves: an entry, the account's balance, the wallet's balance, in one database
//! transaction. Knows nothing of why; the document (`row::Document`) says that.

use super::LedgerError;
use super::row::Account;
use crate::db::{Tx, query};
use app::model::{AccountId, Amount, Time, TransactionId, WalletId};
use std::collections::BTreeMap;

/// How far down a debit may take an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Floor {
    /// To zero; refused while the account is barred.
    Zero,
    /// To the account's overdraft limit; refused while the account is barred.
    Overdraft,
    /// Books in any case: what the network has done (fees, reversals) can't be refused. Credits say this too.
    None,
}

/// One signed amount for one account, explained by one transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    pub account: AccountId,
    pub transaction: TransactionId,
    /// Minor units, negative for debits.
    pub units: i64,
    pub floor: Floor,
}

/// Books all movements of a database transaction. Call it once per database transaction: a wallet's row is hot,
/// and is written once here. Accounts are taken in id order, so that two bookings can't wait for each other.
pub(super) async fn book(
    tx: &mut Tx<'_>,
    mut movements: Vec<Movement>,
    now: Time,
) -> Result<(), LedgerError> {
    movements.sort_by_key(|movement| movement.account);
    let mut wallets: BTreeMap<WalletId, i128> = BTreeMap::new();
    for movement in &movements {
        let account = Account::load(tx, movement.account).await?;
        let balance_after = balance_after(&account, movement)?;
        query(
            "UPDATE account SET balance = $3, updated_at = $4,
                 may_be_negative = CASE WHEN $3 < 0 THEN TRUE ELSE may_be_negative END,
                 barred_at = CASE WHEN $3 >= 0 THEN NULL ELSE barred_at END
             WHERE id = $1 AND balance = $2",
        )
        .bind(account.id)
        .bind(account.balance)
        .bind(balance_after)
        .bind(now)
        .run_one(tx)
        .await?;
        query(
            "INSERT INTO entry (wallet, account, \"transaction\", amount, balance_after, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(account.wallet)
        .bind(account.id)
        .bind(movement.transaction)
        .bind(movement.units)
        .bind(balance_after)
        .bind(now)
        .run_one(tx)
        .await?;
        *wallets.entry(account.wallet).or_default() += i128::from(movement.units);
    }
    for (wallet, units) in wallets {
        add_to_wallet(tx, wallet, units, now).await?;
    }
    Ok(())
}

fn balance_after(account: &Account, movement: &Movement) -> Result<i64, LedgerError> {
    let after = account.balance.checked_add(movement.units).ok_or(LedgerError::TooLarge)?;
    let lowest = match movement.floor {
        Floor::None => return Ok(after),
        Floor::Zero => 0,
        Floor::Overdraft => -account.overdraft,
    };
    if movement.units < 0 && account.barred {
        return Err(LedgerError::AccountBarred);
    }
    if movement.units < 0 && after < lowest {
        let available = account.balance.saturating_sub(lowest);
        return Err(LedgerError::NotEnoughBalance {
            available: Amount::new(account.coin, available),
            requested: Amount::new(account.coin, movement.units.saturating_neg()),
        });
    }
    Ok(after)
}

async fn add_to_wallet(tx: &mut Tx<'_>, wallet: WalletId, units: i128, now: Time) -> Result<(), LedgerError> {
    let (balance,): (i64,) = query("SELECT balance FROM wallet WHERE id = $1").bind(wallet).one(tx).await?;
    let after = i64::try_from(i128::from(balance) + units).map_err(|_| LedgerError::TooLarge)?;
    query("UPDATE wallet SET balance = $3, updated_at = $4 WHERE id = $1 AND balance = $2")
        .bind(wallet)
        .bind(balance)
        .bind(after)
        .bind(now)
        .run_one(tx)
        .await?;
    Ok(())
}
