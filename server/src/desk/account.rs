//! Accounts as they are read and made.

use super::narrow::{Condition, Narrowed, filled};
use super::order::Order;
use super::paging::{Keyset, bad_cursor, limit};
use super::{PersonalDesk, coin_of, error};
use crate::db::{DbError, FromRow, Row, Tx, query, query_owned};
use crate::ledger::{CreateAccount, NETWORK_FEES};
use app::desk::{Answer, AppError};
use app::model::{
    AccountFilter, AccountId, AccountRow, Amount, Coin, Created, Page, Paging, Scope, WalletId,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const SELECT: &str = r#"
SELECT a.id, a.wallet, w.name AS wallet_name, a.coin, c.decimals, a.name, a.balance, a.barred_at, a.created_at, a.updated_at,
    (SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM "transaction" t
        JOIN network_transaction n ON n.id = t.network_transaction
        WHERE t.state IN ('incoming', 'reversed') AND +t.receiving_account = a.id AND n.live) AS unconfirmed,
    (SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM "transaction" t
        WHERE t.state = 'pending' AND +t.sending_account = a.id) AS pending
FROM account a JOIN wallet w ON w.id = a.wallet JOIN coin c ON c.coin = a.coin"#;

/// 1 for `Network fees`, so that it stands last.
const LAST: &str = "CASE WHEN a.name = 'Network fees' THEN 1 ELSE 0 END";

struct Found(AccountRow);

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        let amount = |column| row.get(column).map(|units| Amount::new(coin, units));
        let name: String = row.get("name")?;
        Ok(Self(AccountRow {
            id: row.get("id")?,
            wallet: row.get("wallet")?,
            wallet_name: row.get("wallet_name")?,
            coin,
            network_fees: name == NETWORK_FEES,
            barred_at: row.get("barred_at")?,
            name,
            balance: amount("balance")?,
            unconfirmed: amount("unconfirmed")?,
            pending: amount("pending")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        }))
    }
}

pub async fn find(tx: &mut Tx<'_>, id: AccountId) -> Answer<AccountRow> {
    let found = query_owned(format!("{SELECT} WHERE a.id = $1")).bind(id).optional::<Found>(tx).await;
    found.map_err(error::from_db)?.map(|found| found.0).ok_or(AppError::NotFound("account"))
}

/// Of which coin the account is, where there is such an account.
pub async fn coin(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Coin>, DbError> {
    let sql = "SELECT c.coin, c.decimals FROM account a JOIN coin c ON c.coin = a.coin WHERE a.id = $1";
    Ok(query(sql).bind(id).optional::<OfCoin>(tx).await?.map(|of| of.0))
}

struct OfCoin(Coin);

impl FromRow for OfCoin {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        coin_of(row).map(Self)
    }
}

pub async fn one(desk: &PersonalDesk, id: AccountId) -> Answer<AccountRow> {
    find(&mut desk.read().await?.tx(), id).await
}

/// By name, so the cursor is a name: whatever is made or renamed meanwhile, no row is skipped or shown twice.
pub async fn list(desk: &PersonalDesk, wallet: WalletId, paging: &Paging) -> Answer<Page<AccountRow>> {
    let mut read = desk.read().await?;
    let fetch = limit(paging) + 1;
    let (sign, order, cursor) = match (&paging.after, &paging.before) {
        (Some(cursor), _) => (">", "ASC", Some(cursor)),
        (None, Some(cursor)) => ("<", "DESC", Some(cursor)),
        (None, None) => (">", "ASC", None),
    };
    let backwards = order == "DESC";
    let name = cursor.map(|cursor| read_cursor(cursor)).transpose()?.unwrap_or_default();
    let last = i64::from(name == NETWORK_FEES);
    let sql = format!(
        "{SELECT} WHERE a.wallet = $1 AND ({LAST}, a.name) {sign} ($2, $3) ORDER BY {LAST} {order}, a.name {order} LIMIT $4"
    );
    let rows =
        query_owned(sql).bind(wallet).bind(last).bind(name).bind(fetch).all::<Found>(&mut read.tx()).await;
    let mut rows: Vec<AccountRow> = rows.map_err(error::from_db)?.into_iter().map(|found| found.0).collect();
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= fetch;
    if more {
        rows.pop();
    }
    if backwards {
        rows.reverse();
    }
    let first_name = rows.first().map(|row| write_cursor(&row.name));
    let last_name = rows.last().map(|row| write_cursor(&row.name));
    let newer = first_name.filter(|_| if backwards { more } else { cursor.is_some() });
    let older = last_name.filter(|_| backwards || more);
    Ok(Page { items: rows, newer, older })
}

fn write_cursor(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

fn read_cursor(cursor: &str) -> Answer<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
    String::from_utf8(bytes).map_err(|_| bad_cursor())
}

/// Of all wallets, newest first. A name is looked for whole.
pub async fn all(desk: &PersonalDesk, filter: &AccountFilter, paging: &Paging) -> Answer<Page<AccountRow>> {
    let keyset = Keyset::new(paging)?;
    let mut name = filled(filter.name.as_ref()).map(|name| Condition::one("a.name = $", name));
    let mut wallet = filter.wallet.map(|wallet| Condition::one("a.wallet = $", wallet));
    let mut coin = filled(filter.coin.as_ref()).map(|coin| Condition::one("a.coin = $", coin));
    let way = name.take().or_else(|| wallet.take()).or_else(|| coin.take()).unwrap_or_else(Condition::always);
    let rest = [name, wallet, coin].into_iter().flatten().collect();
    let list = Narrowed { table: "account a", id: "a.id", key: &["a.id"], ways: vec![way], rest };
    let mut read = desk.read().await?;
    let (rows, edge) =
        list.read::<i64, Found>(&mut read.tx(), SELECT, &keyset).await.map_err(error::from_db)?;
    let rows = rows.into_iter().map(|found| found.0).collect();
    Ok(keyset.page_within(rows, edge, |row: &AccountRow| row.id.0))
}

pub async fn create(desk: &PersonalDesk, wallet: WalletId, name: &str) -> Answer<Created<AccountId>> {
    let subject = format!("wallet {wallet}, {}", name.trim());
    let order = Order { needs: Scope::Receive, action: "account.create", subject };
    let change = CreateAccount { wallet, name: name.to_owned(), now: desk.shared.clock.now() };
    desk.carry_out(order, change).await
}
