//! Addresses: those of an account, all of them with their filters, one with what it received; made by the backend,
//! archived.

use super::narrow::{Condition, Narrowed, beginning, containing, filled, spelled};
use super::order::Order;
use super::paging::Keyset;
use super::transaction_filter::addresses_beginning;
use super::{PersonalDesk, account, coin_of, error, transaction};
use crate::coins::CoinService;
use crate::db::{DbError, FromRow, Row, Tx, query, query_owned};
use crate::ledger::{AddAddress, ArchiveAddress, label};
use app::desk::{Answer, AppError};
use app::model::{
    AccountId, AddressDetail, AddressFilter, AddressId, AddressRow, Amount, Done, Page, Paging, Scope,
    TransactionFilter, WalletId,
};
use std::sync::Arc;

pub const SELECT: &str = "
SELECT d.id, d.coin, c.decimals, d.kind, d.address, d.label, d.account, a.name AS account_name, d.balance, d.archived_at,
    d.created_at
FROM address d JOIN coin c ON c.coin = d.coin LEFT JOIN account a ON a.id = d.account";

pub struct Found(pub AddressRow);

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        Ok(Self(AddressRow {
            id: row.get("id")?,
            coin,
            kind: row.get("kind")?,
            address: row.get("address")?,
            label: row.get("label")?,
            account: row.get("account")?,
            account_name: row.get("account_name")?,
            balance: Amount::new(coin, row.get("balance")?),
            archived_at: row.get("archived_at")?,
            created_at: row.get("created_at")?,
        }))
    }
}

/// Live ones, or archived ones.
pub async fn list(
    desk: &PersonalDesk,
    account: AccountId,
    archived: bool,
    paging: &Paging,
) -> Answer<Page<AddressRow>> {
    let keyset = Keyset::new(paging)?;
    let ((sign, bound), order) = (keyset.bound(), keyset.order());
    let which = if archived { "IS NOT NULL" } else { "IS NULL" };
    let sql = format!(
        "{SELECT} WHERE d.account = $1 AND d.archived_at {which} AND d.id {sign} $2 ORDER BY d.id {order} LIMIT $3"
    );
    let mut read = desk.read().await?;
    let rows =
        query_owned(sql).bind(account).bind(bound).bind(keyset.fetch()).all::<Found>(&mut read.tx()).await;
    let rows = rows.map_err(error::from_db)?.into_iter().map(|found| found.0).collect();
    Ok(keyset.page(rows, |row: &AddressRow| row.id.0))
}

/// Of all accounts, and those outside.
pub async fn all(desk: &PersonalDesk, filter: &AddressFilter, paging: &Paging) -> Answer<Page<AddressRow>> {
    let keyset = Keyset::sorted(paging, filter.oldest_first)?;
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let (ways, rest) = conditions(tx, filter).await?;
    let list = Narrowed { table: "address d", id: "d.id", key: &["d.id"], ways, rest };
    let (rows, edge) = list.read::<i64, Found>(tx, SELECT, &keyset).await.map_err(error::from_db)?;
    let rows = rows.into_iter().map(|found| found.0).collect();
    Ok(keyset.page_within(rows, edge, |row: &AddressRow| row.id.0))
}

/// Beginnings that a filter looks up; where more addresses have one, most rows fit and are found row by row.
const BEGINNINGS: usize = 200;

/// The way is that of few addresses of one beginning, or of the coin; the rest is looked at row by row.
async fn conditions(tx: &mut Tx<'_>, filter: &AddressFilter) -> Answer<(Vec<Condition>, Vec<Condition>)> {
    let mut coin = filled(filter.coin.as_ref()).map(|coin| Condition::one("d.coin = $", coin));
    let (mut rest, mut way) = (Vec::new(), None);
    if let Some(typed) = filled(filter.address.as_ref()).map(spelled) {
        let ids = addresses_beginning(tx, filter.coin.as_ref(), &typed, BEGINNINGS).await?;
        match ids.len() {
            0 => return Ok((Vec::new(), Vec::new())),
            1..=BEGINNINGS => way = Some(Condition::among("d.id", ids)),
            _ => rest.push(Condition::new("d.address >= $ AND d.address < $", beginning(&typed).into())),
        }
    }
    let mut account = filter.account.map(|account| Condition::one("d.account = $", account));
    let way = way.or_else(|| account.take()).or_else(|| coin.take()).unwrap_or_else(Condition::always);
    rest.extend(coin);
    rest.extend(account);
    rest.extend(filter.wallet.map(|wallet| {
        Condition::one("+d.account IN (SELECT a.id FROM account a WHERE a.wallet = $)", wallet)
    }));
    rest.extend(filled(filter.account_name.as_ref()).map(|part| {
        let sql = r"+d.account IN (SELECT a.id FROM account a WHERE LOWER(a.name) LIKE $ ESCAPE '\')";
        Condition::one(sql, containing(part))
    }));
    rest.extend(
        filled(filter.label.as_ref())
            .map(|label| Condition::one(r"LOWER(d.label) LIKE $ ESCAPE '\'", containing(label))),
    );
    rest.extend(filter.kind.map(|kind| Condition::one("d.kind = $", kind)));
    rest.extend(filter.archived.map(|archived| {
        Condition::new(
            if archived { "d.archived_at IS NOT NULL" } else { "d.archived_at IS NULL" },
            Vec::new(),
        )
    }));
    Ok((vec![way], rest))
}

/// Transactions that an address's own page shows; the list has the others.
const SHOWN: i64 = 10;

pub async fn one(desk: &PersonalDesk, id: AddressId, confirmations: Option<&str>) -> Answer<AddressDetail> {
    let mut read = desk.read().await?;
    let (tx, coins) = (&mut read.tx(), &desk.shared.coins);
    let address = find(tx, id).await?;
    let (confirmation_count, max_confirmation_count) = coins.confirmation_counts(address.coin);
    let received_at = match confirmations {
        Some(typed) => asked_confirmations(typed, max_confirmation_count)?,
        None => confirmation_count,
    };
    let wallet = query("SELECT w.id, w.name FROM account a JOIN wallet w ON w.id = a.wallet WHERE a.id = $1")
        .bind(address.account)
        .optional::<(WalletId, String)>(tx)
        .await
        .map_err(error::from_db)?;
    let received = received(tx, id, received_at).await.map_err(error::from_db)?;
    let newest = Paging { limit: Some(SHOWN), ..Paging::default() };
    let filter = TransactionFilter { address_id: Some(id), ..TransactionFilter::default() };
    let page = transaction::read(tx, coins, &filter, &newest).await?;
    Ok(AddressDetail {
        wallet,
        confirmation_count,
        max_confirmation_count,
        received_at,
        received: received.map(|units| Amount::new(address.coin, units)),
        more_transactions: page.older.is_some(),
        transactions: page.items,
        address,
    })
}

/// Confirmations are followed up to the coin's maximum: beyond it nobody could tell.
fn asked_confirmations(typed: &str, most: i64) -> Answer<i64> {
    let asked = typed.trim().parse::<i64>().ok().filter(|n| (0..=most).contains(n));
    asked.ok_or_else(|| {
        let message =
            format!("Write a whole number from 0 to {most}: confirmations are followed up to there.");
        AppError::invalid("confirmations", message)
    })
}

/// Deposits that the network has with so many confirmations; at 0 those in the mempool too. `None`: more than an
/// amount can be. Summed in two halves, since the databases' own sums are no wider.
async fn received(tx: &mut Tx<'_>, id: AddressId, confirmations: i64) -> Result<Option<i64>, DbError> {
    const HALF: i128 = 1 << 32;
    let sql = r#"SELECT CAST(COALESCE(SUM(t.amount / 4294967296), 0) AS BIGINT), CAST(COALESCE(SUM(t.amount % 4294967296), 0) AS BIGINT)
        FROM "transaction" t JOIN network_transaction n ON n.id = t.network_transaction
        WHERE t.address = $1 AND t.state IN ('incoming', 'credited', 'reversed') AND n.live
            AND COALESCE(n.confirmations, 0) >= $2"#;
    let (high, low): (i64, i64) = query(sql).bind(id).bind(confirmations).one(tx).await?;
    Ok(i64::try_from(i128::from(high) * HALF + i128::from(low)).ok())
}

pub async fn find(tx: &mut Tx<'_>, id: AddressId) -> Answer<AddressRow> {
    read_one(tx, id).await.map_err(error::from_db)?.ok_or(AppError::NotFound("address"))
}

pub async fn read_one(tx: &mut Tx<'_>, id: AddressId) -> Result<Option<AddressRow>, DbError> {
    let found = query_owned(format!("{SELECT} WHERE d.id = $1")).bind(id).optional::<Found>(tx).await?;
    Ok(found.map(|found| found.0))
}

/// The backend is asked outside of any database transaction, and only by whoever has claimed the key: asking twice would
/// make two addresses.
pub async fn create(desk: &PersonalDesk, account: AccountId, label: &str, key: &str) -> Answer<Done> {
    let subject = format!("account {account}");
    let order = Order { needs: Scope::Receive, action: "address.create", subject };
    desk.allowed_once(&order, key).await?;
    let label = checked_label(label)?;
    let service = service_of(desk, account).await?;
    let fingerprint = format!("address.create {account} {label}");
    let claim = match desk.claim(&order, key, &fingerprint).await? {
        Ok(claim) => claim,
        Err(done) => return Ok(done),
    };
    let made = async {
        let made = service.backend.new_address(&label).await.map_err(error::from_backend)?;
        let address = service.spec.versions.canonical(&made).map_err(|problem| error::internal(&problem))?;
        let label = Some(label).filter(|label| !label.is_empty());
        let change = AddAddress { account, address, label, import: false, now: desk.shared.clock.now() };
        desk.carry_out_kept(order, Some(key), fingerprint, change).await
    };
    let made = made.await;
    if made.is_err() {
        desk.give_back(&claim).await;
    }
    made
}

/// Only what the hot wallet has the key of: deposits to anything else would never be seen.
pub async fn import(
    desk: &PersonalDesk,
    account: AccountId,
    address: &str,
    label: &str,
    key: Option<&str>,
) -> Answer<Done> {
    let subject = format!("account {account}, {}", address.trim());
    let order = Order { needs: Scope::Receive, action: "address.import", subject };
    desk.allowed(&order).await?;
    let label = checked_label(label)?;
    let service = service_of(desk, account).await?;
    let canonical = service.spec.versions.canonical(address);
    let address = canonical.map_err(|problem| AppError::invalid("address", problem.to_string()))?;
    if !service.backend.owns(&address).await.map_err(error::from_backend)? {
        let message = "The backend's wallet doesn't have the key of this address. Import it there first.";
        return Err(AppError::invalid("address", message));
    }
    let fingerprint = format!("address.import {account} {address} {label}");
    let label = Some(label).filter(|label| !label.is_empty());
    let change = AddAddress { account, address, label, import: true, now: desk.shared.clock.now() };
    desk.carry_out_kept(order, key, fingerprint, change).await
}

fn checked_label(text: &str) -> Answer<String> {
    label(text).map_err(|problem| AppError::invalid("label", problem.to_string()))
}

/// The account's coin, where the account may have addresses.
async fn service_of(desk: &PersonalDesk, account: AccountId) -> Answer<&Arc<CoinService>> {
    let owner = account::one(desk, account).await?;
    if owner.network_fees {
        return Err(AppError::refused("network_fees_reserved", "The account Network fees has no addresses."));
    }
    desk.service(owner.coin.ticker())
}

pub async fn archive(desk: &PersonalDesk, address: AddressId) -> Answer<()> {
    let order =
        Order { needs: Scope::Receive, action: "address.archive", subject: format!("address {address}") };
    desk.carry_out(order, ArchiveAddress { address, now: desk.shared.clock.now() }).await
}
