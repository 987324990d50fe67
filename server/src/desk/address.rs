//! Receiving addresses: listed, made by the backend, archived.

use super::order::{Order, check_key};
use super::paging::Keyset;
use super::{Actor, PersonalDesk, account, coin_of, error};
use crate::db::{DbError, FromRow, Row, Tx, query, query_owned};
use crate::ledger::{AddAddress, ArchiveAddress};
use app::desk::{Answer, AppError};
use app::model::{AccountId, AddressId, AddressRow, Amount, Page, Paging, Role};

const SELECT: &str = "
SELECT d.id, d.coin, c.decimals, d.kind, d.address, d.label, d.account, a.name AS account_name, d.balance, d.archived_at,
    d.created_at
FROM address d JOIN coin c ON c.coin = d.coin LEFT JOIN account a ON a.id = d.account";

struct Found(AddressRow);

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

async fn find(tx: &mut Tx<'_>, id: AddressId) -> Answer<AddressRow> {
    let found = query_owned(format!("{SELECT} WHERE d.id = $1")).bind(id).optional::<Found>(tx).await;
    found.map_err(error::from_db)?.map(|found| found.0).ok_or(AppError::NotFound("address"))
}

/// The backend is asked outside of any database transaction, and only where the key is new: asking twice would make
/// two addresses. Should two requests of one key race, the second address is left unused in the backend's wallet.
pub async fn create(desk: &PersonalDesk, account: AccountId, label: &str, key: &str) -> Answer<AddressRow> {
    let subject = format!("account {account}");
    let order = Order { needs: Role::Operator, action: "address.create", subject };
    let actor = desk.allowed(&order).await?;
    check_key(key)?;
    let (owner, mut read) = (account::one(desk, account).await?, desk.read().await?);
    if owner.network_fees {
        let message = "The account Network fees has no addresses.".into();
        return Err(AppError::Refused { code: "network_fees_reserved", message });
    }
    let service = desk.coin(owner.coin.ticker())?;
    let known = is_known(&mut read.tx(), actor, key).await?;
    drop(read);
    let label = label.trim();
    let address = if known {
        // Never written: the key answers what it answered before, or refuses.
        "-".to_owned()
    } else {
        let made = service.backend.new_address(label).await.map_err(error::from_backend)?;
        service.spec.versions.canonical(&made).map_err(|problem| error::internal(&problem))?
    };
    let change = AddAddress {
        account,
        address,
        label: Some(label.to_owned()).filter(|label| !label.is_empty()),
        import: false,
        now: desk.shared.clock.now(),
    };
    let fingerprint = format!("address.create {account} {label}");
    let id = desk.carry_out_once(order, key, fingerprint, change).await?;
    find(&mut desk.read().await?.tx(), id).await
}

async fn is_known(tx: &mut Tx<'_>, actor: &Actor, key: &str) -> Answer<bool> {
    let sql = "SELECT created_at FROM idempotency WHERE owner = $1 AND key = $2";
    let found = query(sql).bind(actor.owner()).bind(key).optional::<(i64,)>(tx).await;
    Ok(found.map_err(error::from_db)?.is_some())
}

pub async fn archive(desk: &PersonalDesk, address: AddressId) -> Answer<()> {
    let order =
        Order { needs: Role::Operator, action: "address.archive", subject: format!("address {address}") };
    desk.carry_out(order, ArchiveAddress { address, now: desk.shared.clock.now() }).await
}
