//! Rows as the verbs read them before they change them, and the wallets that a change will touch.

use super::{LedgerError, NETWORK_FEES};
use crate::db::{DbError, FromRow, Row, Tx, query};
use app::model::{
    AccountId, AddressId, Amount, Coin, NetworkTransactionId, Time, TransactionEvent, TransactionId,
    TransactionState, WalletId,
};

/// The coin of a row that has the columns `coin` and `decimals`.
fn coin(row: &Row) -> Result<Coin, DbError> {
    coin_of(&row.get::<String>("coin")?, row.get("decimals")?)
}

pub(super) fn coin_of(ticker: &str, decimals: i64) -> Result<Coin, DbError> {
    let decimals = u8::try_from(decimals).map_err(|error| DbError::Failed(error.to_string()))?;
    Coin::new(ticker, decimals).map_err(|error| DbError::Failed(error.to_string()))
}

/// Refuses to mix coins: `given` is what the caller speaks of, `expected` what the row is of.
pub(super) fn same_coin(expected: Coin, given: Coin) -> Result<(), LedgerError> {
    if expected == given {
        return Ok(());
    }
    Err(LedgerError::WrongCoin { expected: expected.to_string(), given: given.to_string() })
}

pub(super) struct Wallet {
    pub coin: Coin,
    pub paused_at: Option<Time>,
}

impl FromRow for Wallet {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self { coin: coin(row)?, paused_at: row.get("paused_at")? })
    }
}

impl Wallet {
    pub async fn load(tx: &mut Tx<'_>, id: WalletId) -> Result<Self, LedgerError> {
        query("SELECT w.paused_at, c.coin, c.decimals FROM wallet w JOIN coin c ON c.coin = w.coin WHERE w.id = $1")
            .bind(id)
            .optional(tx)
            .await?
            .ok_or(LedgerError::UnknownWallet(id))
    }
}

pub(super) struct Account {
    pub id: AccountId,
    pub wallet: WalletId,
    pub coin: Coin,
    pub name: String,
    pub balance: i64,
    pub barred: bool,
    /// Minor units below zero that a transfer with `allow_negative` may reach.
    pub overdraft: i64,
}

impl FromRow for Account {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get("id")?,
            wallet: row.get("wallet")?,
            coin: coin(row)?,
            name: row.get("name")?,
            balance: row.get("balance")?,
            barred: row.get::<Option<Time>>("barred_at")?.is_some(),
            overdraft: row.get("overdraft")?,
        })
    }
}

impl Account {
    pub async fn load(tx: &mut Tx<'_>, id: AccountId) -> Result<Self, LedgerError> {
        query(
            "SELECT a.id, a.wallet, a.name, a.balance, a.barred_at, a.overdraft, c.coin, c.decimals
             FROM account a JOIN coin c ON c.coin = a.coin WHERE a.id = $1",
        )
        .bind(id)
        .optional(tx)
        .await?
        .ok_or(LedgerError::UnknownAccount(id))
    }

    /// The account as the source of a person's order: not the reserved one, and of the amount's coin.
    pub async fn load_payer(tx: &mut Tx<'_>, id: AccountId, amount: Amount) -> Result<Self, LedgerError> {
        if amount.units <= 0 {
            return Err(LedgerError::NotPositive);
        }
        let account = Self::load(tx, id).await?;
        account.is_a_persons()?;
        same_coin(account.coin, amount.coin)?;
        Ok(account)
    }

    pub fn is_a_persons(&self) -> Result<(), LedgerError> {
        if self.name == NETWORK_FEES { Err(LedgerError::NetworkFeesReserved) } else { Ok(()) }
    }
}

/// The document of one movement, about to be written.
pub(super) struct Document<'a> {
    pub coin: Coin,
    pub wallet: WalletId,
    pub state: TransactionState,
    pub units: i64,
    pub label: &'a str,
    pub sending: Option<AccountId>,
    pub receiving: Option<AccountId>,
    pub address: Option<AddressId>,
    pub network_transaction: Option<NetworkTransactionId>,
    pub now: Time,
}

impl Document<'_> {
    pub async fn insert(&self, tx: &mut Tx<'_>) -> Result<TransactionId, LedgerError> {
        let (id,) = query(
            "INSERT INTO \"transaction\" (coin, wallet, state, amount, label, sending_account, receiving_account,
                 address, network_transaction, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        )
        .bind(self.coin.ticker())
        .bind(self.wallet)
        .bind(self.state)
        .bind(self.units)
        .bind(self.label)
        .bind(self.sending)
        .bind(self.receiving)
        .bind(self.address)
        .bind(self.network_transaction)
        .bind(self.now)
        .one(tx)
        .await?;
        Ok(id)
    }
}

/// The state after `event`, by the one table of transitions.
pub(super) fn after(
    state: TransactionState,
    event: TransactionEvent,
) -> Result<TransactionState, LedgerError> {
    state.after(event).ok_or_else(|| LedgerError::wrong_state(state.as_str()))
}

/// For `Change::wallets`: one query that answers wallet ids, and the id it asks for.
pub(super) async fn wallets(
    tx: &mut Tx<'_>,
    sql: &'static str,
    id: impl Into<crate::db::Value>,
) -> Result<Vec<i64>, LedgerError> {
    let rows: Vec<(i64,)> = query(sql).bind(id).all(tx).await?;
    Ok(rows.into_iter().map(|(wallet,)| wallet).collect())
}

pub(super) const WALLET_OF_ACCOUNT: &str = "SELECT wallet FROM account WHERE id = $1";
pub(super) const WALLET_OF_ADDRESS: &str =
    "SELECT a.wallet FROM address d JOIN account a ON a.id = d.account WHERE d.id = $1";
pub(super) const WALLET_OF_TRANSACTION: &str = "SELECT wallet FROM \"transaction\" WHERE id = $1";
pub(super) const WALLET_OF_BROADCAST: &str =
    "SELECT wallet FROM network_transaction WHERE id = $1 AND wallet IS NOT NULL";
pub(super) const WALLET_OF_ATTEMPT: &str =
    "SELECT n.wallet FROM attempt a JOIN network_transaction n ON n.id = a.broadcast WHERE a.id = $1";
