//! Books against hot wallet: the stored comparison, foreign spends, and the adjustment that an admin books.

use super::order::Order;
use super::{PersonalDesk, coin_of, error, vetting};
use crate::db::{DbError, FromRow, Query, Row, Tx, query, query_owned};
use crate::ledger::Adjust;
use app::desk::{Answer, AppError};
use app::model::{
    AccountId, AccountRef, AdjustmentDraft, Amount, BookableRow, Coin, Done, ForeignSpendRow,
    ReconciliationRow, Scope, TransactionId,
};

/// Accounts in one list to choose from: what a form can carry.
const BOOKABLE_MAX: i64 = 1_000;
/// While one is open nothing is sent, so few come to be.
const SPENDS_MAX: i64 = 100;

struct Compared(ReconciliationRow);

impl FromRow for Compared {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        let amount = |column| row.get(column).map(|units| Amount::new(coin, units));
        Ok(Self(ReconciliationRow {
            coin,
            backend_total: amount("backend_total")?,
            books_total: amount("books_total")?,
            pending: amount("pending")?,
            uncredited: amount("uncredited")?,
            difference: amount("difference")?,
            height: row.get("height")?,
            read_at: row.get("read_at")?,
            agreed: row.get("agreed")?,
        }))
    }
}

const COMPARED: &str =
    "SELECT r.coin, c.decimals, r.backend_total, r.books_total, r.pending, r.uncredited, r.difference, r.height,
        r.read_at, r.agreed
    FROM reconciliation r JOIN coin c ON c.coin = r.coin";

pub async fn compared(tx: &mut Tx<'_>, coin: Coin) -> Result<Option<ReconciliationRow>, DbError> {
    let sql = format!("{COMPARED} WHERE r.coin = $1");
    Ok(query_owned(sql).bind(coin.ticker()).optional::<Compared>(tx).await?.map(|found| found.0))
}

/// One a coin.
pub async fn all_compared(tx: &mut Tx<'_>) -> Result<Vec<ReconciliationRow>, DbError> {
    let found = query_owned(format!("{COMPARED} ORDER BY r.coin")).all::<Compared>(tx).await?;
    Ok(found.into_iter().map(|found| found.0).collect())
}

pub async fn reconciliation(desk: &PersonalDesk, coin: &str) -> Answer<Option<ReconciliationRow>> {
    let coin = desk.service(coin)?.spec.coin;
    compared(&mut desk.read().await?.tx(), coin).await.map_err(error::from_db)
}

const SPEND: &str =
    "SELECT f.id, f.coin, c.decimals, f.txid, f.amount, f.confirmations, f.seen_at, f.gone_at, f.adjustment
    FROM foreign_spend f JOIN coin c ON c.coin = f.coin";

struct Spend(ForeignSpendRow);

impl FromRow for Spend {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        Ok(Self(ForeignSpendRow {
            id: row.get("id")?,
            coin,
            txid: row.get("txid")?,
            amount: Amount::new(coin, row.get("amount")?),
            confirmations: row.get("confirmations")?,
            seen_at: row.get("seen_at")?,
            gone_at: row.get("gone_at")?,
            adjustment: row.get::<Option<TransactionId>>("adjustment")?,
        }))
    }
}

pub async fn spend(desk: &PersonalDesk, id: i64) -> Answer<ForeignSpendRow> {
    found_spend(desk, query_owned(format!("{SPEND} WHERE f.id = $1")).bind(id)).await
}

pub async fn spend_of(desk: &PersonalDesk, coin: &str, txid: &str) -> Answer<ForeignSpendRow> {
    let coin = desk.service(coin)?.spec.coin;
    let select = query_owned(format!("{SPEND} WHERE f.coin = $1 AND f.txid = $2"));
    found_spend(desk, select.bind(coin.ticker()).bind(txid.trim().to_lowercase())).await
}

async fn found_spend(desk: &PersonalDesk, select: Query) -> Answer<ForeignSpendRow> {
    let found = select.optional::<Spend>(&mut desk.read().await?.tx()).await.map_err(error::from_db)?;
    found.map(|found| found.0).ok_or(AppError::NotFound("foreign spend"))
}

pub async fn spends(desk: &PersonalDesk, coin: &str) -> Answer<Vec<ForeignSpendRow>> {
    let coin = desk.service(coin)?.spec.coin;
    unbooked(&mut desk.read().await?.tx(), Some(coin), SPENDS_MAX).await.map_err(error::from_db)
}

/// What nobody has booked, of one coin or all, oldest first.
pub async fn unbooked(
    tx: &mut Tx<'_>,
    coin: Option<Coin>,
    limit: i64,
) -> Result<Vec<ForeignSpendRow>, DbError> {
    let sql = format!(
        "{SPEND} WHERE f.gone_at IS NULL AND f.adjustment IS NULL AND f.coin = COALESCE($1, f.coin)
         ORDER BY f.id LIMIT $2"
    );
    let ticker = coin.as_ref().map(Coin::ticker);
    let found = query_owned(sql).bind(ticker).bind(limit).all::<Spend>(tx).await?;
    Ok(found.into_iter().map(|found| found.0).collect())
}

struct Bookable(BookableRow);

impl FromRow for Bookable {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self(BookableRow {
            wallet_name: row.get("wallet_name")?,
            account: AccountRef { id: row.get("id")?, name: row.get("name")? },
            balance: Amount::new(coin_of(row)?, row.get("balance")?),
        }))
    }
}

pub async fn bookable(desk: &PersonalDesk, coin: &str) -> Answer<Vec<BookableRow>> {
    let coin = desk.service(coin)?.spec.coin;
    let sql = "SELECT a.id, a.name, a.balance, a.coin, c.decimals, w.name AS wallet_name
        FROM account a JOIN wallet w ON w.id = a.wallet JOIN coin c ON c.coin = a.coin
        WHERE a.coin = $1 ORDER BY w.name, w.id, a.name LIMIT $2";
    let mut read = desk.read().await?;
    let found = query(sql).bind(coin.ticker()).bind(BOOKABLE_MAX).all::<Bookable>(&mut read.tx()).await;
    Ok(found.map_err(error::from_db)?.into_iter().map(|found| found.0).collect())
}

pub async fn adjust(desk: &PersonalDesk, draft: &AdjustmentDraft, key: Option<&str>) -> Answer<Done> {
    let account = draft.account.trim();
    let way = if draft.credit { "credit" } else { "debit" };
    let subject = format!("account {account}, {way} {}", draft.amount.trim());
    let order = Order { needs: Scope::Admin, action: "account.adjust", subject };
    let actor = desk.allowed(&order).await?.name.clone();
    let id: AccountId =
        account.parse().map_err(|_| AppError::invalid("account", "Choose one of the accounts."))?;
    let coin = super::account::one(desk, id).await?.balance.coin;
    let amount = Amount::parse(coin, &draft.amount)
        .map_err(|problem| AppError::invalid("amount", problem.to_string()))?;
    let reason = draft.reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        return Err(AppError::invalid("reason", "Write why."));
    }
    let spend = draft.foreign_spend.map_or_else(|| "none".into(), |id| id.to_string());
    let fingerprint = format!("account.adjust {id} {way} {amount} {spend} {reason}");
    let now = desk.shared.clock.now();
    let adjust = Adjust {
        account: id,
        amount,
        credit: draft.credit,
        foreign_spend: draft.foreign_spend,
        reason,
        actor,
        now,
    };
    let done = desk.carry_out_kept(order, key, fingerprint, adjust).await?;
    if draft.foreign_spend.is_some() {
        // What waited for it leaves now and not after a back-off; booked it is either way.
        vetting::wake(desk, coin).await;
    }
    Ok(done)
}
