//! Wallets as they are read, made, paused.

use super::order::Order;
use super::paging::Keyset;
use super::{PersonalDesk, coin_of, error};
use crate::db::{DbError, FromRow, Row, Tx, query, query_owned};
use crate::ledger::{CreateWallet, PauseWallet, ResumeWallet};
use app::desk::{Answer, AppError};
use app::model::{Amount, Created, NetworkTransactionId, Page, Paging, Scope, WalletId, WalletRow};

/// The plus keeps the planner on the index of states: what is incoming or pending is a small set, a wallet is not.
const SELECT: &str = r#"
SELECT w.id, w.coin, c.decimals, w.name, w.balance, w.paused_at, w.created_at, w.updated_at,
    (SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM "transaction" t
        JOIN network_transaction n ON n.id = t.network_transaction
        WHERE t.state IN ('incoming', 'reversed') AND +t.wallet = w.id AND n.live) AS unconfirmed,
    (SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM "transaction" t WHERE t.state = 'pending' AND +t.wallet = w.id)
        AS pending,
    (SELECT CAST(COUNT(*) AS BIGINT) FROM account a WHERE a.wallet = w.id AND a.name <> 'Network fees') AS account_count,
    (SELECT MIN(n.id) FROM network_transaction n WHERE n.coin = w.coin AND n.state = 'broken' AND n.wallet = w.id)
        AS broken_broadcast
FROM wallet w JOIN coin c ON c.coin = w.coin"#;

struct Found(WalletRow);

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        let amount = |column| row.get(column).map(|units| Amount::new(coin, units));
        Ok(Self(WalletRow {
            id: row.get("id")?,
            coin,
            name: row.get("name")?,
            balance: amount("balance")?,
            unconfirmed: amount("unconfirmed")?,
            pending: amount("pending")?,
            account_count: row.get("account_count")?,
            paused_at: row.get("paused_at")?,
            broken_broadcast: row.get::<Option<NetworkTransactionId>>("broken_broadcast")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        }))
    }
}

/// All of them: wallets are books that people name, not rows of trade.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<WalletRow>, DbError> {
    let rows = query_owned(format!("{SELECT} ORDER BY w.coin, w.name LIMIT 10000")).all::<Found>(tx).await?;
    Ok(rows.into_iter().map(|found| found.0).collect())
}

pub async fn list(desk: &PersonalDesk) -> Answer<Vec<WalletRow>> {
    all(&mut desk.read().await?.tx()).await.map_err(error::from_db)
}

/// Newest first.
pub async fn page(desk: &PersonalDesk, paging: &Paging) -> Answer<Page<WalletRow>> {
    let keyset = Keyset::<i64>::new(paging)?;
    let ((sign, bound), order) = (keyset.bound(), keyset.order());
    let sql = format!("{SELECT} WHERE w.id {sign} $1 ORDER BY w.id {order} LIMIT $2");
    let mut read = desk.read().await?;
    let rows = query_owned(sql).bind(bound).bind(keyset.fetch()).all::<Found>(&mut read.tx()).await;
    let rows = rows.map_err(error::from_db)?.into_iter().map(|found| found.0).collect();
    Ok(keyset.page(rows, |row: &WalletRow| row.id.0))
}

pub async fn one(desk: &PersonalDesk, id: WalletId) -> Answer<WalletRow> {
    let mut read = desk.read().await?;
    let found =
        query_owned(format!("{SELECT} WHERE w.id = $1")).bind(id).optional::<Found>(&mut read.tx()).await;
    found.map_err(error::from_db)?.map(|found| found.0).ok_or(AppError::NotFound("wallet"))
}

pub async fn create(desk: &PersonalDesk, coin: &str, name: &str) -> Answer<Created<WalletId>> {
    let order =
        Order { needs: Scope::Receive, action: "wallet.create", subject: format!("{coin} {}", name.trim()) };
    desk.allowed(&order).await?;
    let coin =
        desk.service(coin).map_err(|_| AppError::invalid("coin", "Choose one of the coins."))?.spec.coin;
    let change = CreateWallet { coin, name: name.to_owned(), now: desk.shared.clock.now() };
    desk.carry_out(order, change).await
}

pub async fn pause(desk: &PersonalDesk, wallet: WalletId) -> Answer<()> {
    let order = Order { needs: Scope::Vet, action: "wallet.pause", subject: format!("wallet {wallet}") };
    desk.carry_out(order, PauseWallet { wallet, now: desk.shared.clock.now() }).await
}

pub async fn resume(desk: &PersonalDesk, wallet: WalletId) -> Answer<()> {
    let order = Order { needs: Scope::Vet, action: "wallet.resume", subject: format!("wallet {wallet}") };
    desk.carry_out(order, ResumeWallet { wallet, now: desk.shared.clock.now() }).await
}

/// How many broadcasts wait for a person, over all coins.
pub async fn broken_broadcasts(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM coin c JOIN network_transaction n ON n.coin = c.coin AND n.state = 'broken'";
    Ok(query(sql).one::<(i64,)>(tx).await?.0)
}
