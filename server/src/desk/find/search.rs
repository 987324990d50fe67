//! Asks the books for each thing that was typed may be. Each question is served by an index and bounded; labels and
//! names are looked through whole only among the newest, and the page says so.

use super::typed::{self, Noun, Typed};
use crate::coins::Coins;
use crate::db::{DbError, FromRow, Query, Row, Tx, query, query_owned};
use crate::desk::narrow::{Condition, LOOKED_AT, Narrowed, beginning, containing};
use crate::desk::paging::Keyset;
use crate::desk::transaction_filter::{addresses_beginning, txids_beginning};
use crate::desk::{PersonalDesk, address, coin_of, error, network_transaction, transaction};
use app::desk::Answer;
use app::model::{
    AccountId, AddressId, AddressRow, Amount, Hit, HitGroup, HitGroupKind, Hits, NetworkTransactionId,
    NetworkTransactionType, Page, Paging, TransactionFilter, TransactionId, TransactionRow, WalletId,
};

/// Hits of one kind: what a person looks through. A list has the others.
const SHOWN: usize = 5;

type More = Option<(&'static str, Vec<(&'static str, String)>)>;

pub async fn find(desk: &PersonalDesk, typed: &str) -> Answer<Hits> {
    let typed = typed::read(typed);
    let mut read = desk.read().await?;
    let mut search = Search { tx: read.tx(), coins: &desk.shared.coins, hits: Hits::default() };
    search.by_id(&typed).await?;
    search.by_txid(&typed).await?;
    search.by_address(&typed).await?;
    search.by_amount(&typed).await?;
    search.by_name(&typed).await?;
    search.by_label(&typed).await?;
    search.by_address_label(&typed).await?;
    Ok(search.hits)
}

struct Search<'a> {
    tx: Tx<'a>,
    coins: &'a Coins,
    hits: Hits,
}

impl Search<'_> {
    /// `hits` may be one too many, which `more` then leads to.
    fn keep(&mut self, kind: HitGroupKind, mut hits: Vec<Hit>, more: More) {
        self.hits.searched.push(kind);
        let cut = hits.len() > SHOWN;
        let more = more.filter(|_| cut);
        hits.truncate(SHOWN);
        if !hits.is_empty() {
            self.hits.groups.push(HitGroup { kind, hits, cut, more });
        }
    }

    async fn by_id(&mut self, typed: &Typed) -> Answer<()> {
        let Some((noun, id)) = typed.id else { return Ok(()) };
        let is = |wanted: Noun| noun.is_none_or(|noun| noun == wanted);
        let mut hits = Vec::new();
        if is(Noun::Transaction)
            && let Ok(row) = transaction::find(&mut self.tx, self.coins, TransactionId(id)).await
        {
            hits.push(Hit::Transaction(row));
        }
        if (is(Noun::Broadcast) || is(Noun::Deposit))
            && let Ok(row) =
                network_transaction::find(&mut self.tx, self.coins, NetworkTransactionId(id)).await
        {
            let broadcast = row.kind == NetworkTransactionType::Broadcast;
            if is(if broadcast { Noun::Broadcast } else { Noun::Deposit }) {
                hits.push(Hit::Network(row));
            }
        }
        if is(Noun::Account) {
            hits.extend(self.accounts("a.id = $1", vec![id.into()]).await?);
        }
        if is(Noun::Wallet) {
            hits.extend(self.wallets("w.id = $1", vec![id.into()]).await?);
        }
        if noun == Some(Noun::Address)
            && let Ok(row) = address::find(&mut self.tx, AddressId(id)).await
        {
            hits.push(Hit::Address(row));
        }
        self.keep(HitGroupKind::Id, hits, None);
        Ok(())
    }

    /// Of deposits and broadcasts, and of a broadcast's earlier versions.
    async fn by_txid(&mut self, typed: &Typed) -> Answer<()> {
        let Some(txid) = &typed.txid else { return Ok(()) };
        let mut ids = txids_beginning(&mut self.tx, None, txid, SHOWN).await?;
        let sql = "SELECT v.broadcast FROM coin c CROSS JOIN broadcast_version v
            WHERE v.coin = c.coin AND v.txid >= $1 AND v.txid < $2 LIMIT 6";
        let versions = beginning(txid).into_iter().fold(query(sql), Query::bind);
        let versions: Vec<(i64,)> = versions.all(&mut self.tx).await.map_err(error::from_db)?;
        ids.extend(versions.into_iter().map(|(id,)| id));
        let rows = network_transaction::among(&mut self.tx, self.coins, ids).await?;
        let more = Some(("/network-transactions", vec![("txid", txid.clone())]));
        self.keep(HitGroupKind::Txid, rows.into_iter().map(Hit::Network).collect(), more);
        Ok(())
    }

    async fn by_address(&mut self, typed: &Typed) -> Answer<()> {
        let Some(text) = &typed.address else { return Ok(()) };
        let ids = addresses_beginning(&mut self.tx, None, text, SHOWN).await?;
        let way = Condition::among("d.id", ids);
        let rows = self.addresses(way, Vec::new()).await?;
        let more = Some(("/addresses", vec![("address", text.clone())]));
        self.keep(HitGroupKind::Address, rows.into_iter().map(Hit::Address).collect(), more);
        Ok(())
    }

    /// Exactly this amount, of the coin that was named or of each.
    async fn by_amount(&mut self, typed: &Typed) -> Answer<()> {
        let Some((figures, coin)) = &typed.amount else { return Ok(()) };
        if coin.as_deref().is_some_and(|coin| self.coins.get(coin).is_none()) {
            return Ok(());
        }
        let filter = TransactionFilter {
            coin: coin.clone(),
            min_amount: Some(figures.clone()),
            max_amount: Some(figures.clone()),
            ..TransactionFilter::default()
        };
        // Figures with more decimals than any coin has are no amount of the books.
        let page =
            self.transactions(&filter).await.unwrap_or(Page { items: Vec::new(), newer: None, older: None });
        let more = vec![
            ("coin", coin.clone().unwrap_or_default()),
            ("min_amount", figures.clone()),
            ("max_amount", figures.clone()),
        ];
        let hits = page.items.into_iter().map(Hit::Transaction).collect();
        self.keep(HitGroupKind::Amount, hits, Some(("/transactions", more)));
        Ok(())
    }

    /// Wallets and accounts whose names contain it; those that begin with it first.
    async fn by_name(&mut self, typed: &Typed) -> Answer<()> {
        let Some(text) = &typed.text else { return Ok(()) };
        let part = containing(text);
        let begins = part.trim_start_matches('%').to_owned();
        let order = |name: &str| {
            format!(
                r"LOWER({name}) LIKE $1 ESCAPE '\' ORDER BY CASE WHEN LOWER({name}) LIKE $2 ESCAPE '\' THEN 0 ELSE 1 END, {name} LIMIT 6"
            )
        };
        let values = || vec![part.clone().into(), begins.clone().into()];
        let mut hits = self.wallets(&order("w.name"), values()).await?;
        hits.extend(self.accounts(&order("a.name"), values()).await?);
        self.keep(HitGroupKind::Name, hits, None);
        Ok(())
    }

    /// Those that contain it among the newest; then, older, those that begin with it.
    async fn by_label(&mut self, typed: &Typed) -> Answer<()> {
        let Some(text) = &typed.text else { return Ok(()) };
        let filter = TransactionFilter { label: Some(text.clone()), ..TransactionFilter::default() };
        let page = self.transactions(&filter).await?;
        let mut rows = page.items;
        if rows.len() <= SHOWN && page.older.is_some() {
            self.hits.labels_within = Some(LOOKED_AT);
            let sql = r#"SELECT id FROM "transaction" WHERE LOWER(label) >= $1 AND LOWER(label) < $2 ORDER BY LOWER(label), id LIMIT 6"#;
            for (id,) in self.beginning(sql, text).await? {
                if rows.iter().all(|row| row.id.0 != id) {
                    rows.push(transaction::find(&mut self.tx, self.coins, TransactionId(id)).await?);
                }
            }
        }
        let more = Some(("/transactions", vec![("label", text.clone())]));
        self.keep(HitGroupKind::Label, rows.into_iter().map(Hit::Transaction).collect(), more);
        Ok(())
    }

    async fn by_address_label(&mut self, typed: &Typed) -> Answer<()> {
        let Some(text) = &typed.text else { return Ok(()) };
        let contains = Condition::one(r"LOWER(d.label) LIKE $ ESCAPE '\'", containing(text));
        let mut rows = self.addresses(Condition::always(), vec![contains]).await?;
        if rows.len() <= SHOWN {
            let sql = "SELECT id FROM address WHERE LOWER(label) >= $1 AND LOWER(label) < $2 ORDER BY LOWER(label), id LIMIT 6";
            for (id,) in self.beginning(sql, text).await? {
                if rows.iter().all(|row| row.id.0 != id) {
                    rows.push(address::find(&mut self.tx, AddressId(id)).await?);
                }
            }
        }
        let more = Some(("/addresses", vec![("label", text.clone())]));
        self.keep(HitGroupKind::AddressLabel, rows.into_iter().map(Hit::Address).collect(), more);
        Ok(())
    }

    async fn beginning(&mut self, sql: &'static str, text: &str) -> Answer<Vec<(i64,)>> {
        let range = beginning(&text.to_ascii_lowercase());
        let found = range.into_iter().fold(query(sql), Query::bind).all(&mut self.tx).await;
        found.map_err(error::from_db)
    }

    async fn transactions(&mut self, filter: &TransactionFilter) -> Answer<Page<TransactionRow>> {
        transaction::read(&mut self.tx, self.coins, filter, &few()).await
    }

    async fn addresses(&mut self, way: Condition, rest: Vec<Condition>) -> Answer<Vec<AddressRow>> {
        let list = Narrowed { table: "address d", id: "d.id", key: &["d.id"], ways: vec![way], rest };
        let keyset = Keyset::<i64>::new(&few())?;
        let found = list.read::<i64, address::Found>(&mut self.tx, address::SELECT, &keyset).await;
        Ok(found.map_err(error::from_db)?.0.into_iter().map(|found| found.0).collect())
    }

    /// `which`: what follows WHERE.
    async fn accounts(&mut self, which: &str, values: Vec<crate::db::Value>) -> Answer<Vec<Hit>> {
        let sql = format!(
            "SELECT a.id, a.name, w.name AS wallet_name, a.balance, a.coin, c.decimals
            FROM account a JOIN wallet w ON w.id = a.wallet JOIN coin c ON c.coin = a.coin WHERE {which}"
        );
        let found = values.into_iter().fold(query_owned(sql), Query::bind);
        let found: Vec<Account> = found.all(&mut self.tx).await.map_err(error::from_db)?;
        Ok(found.into_iter().map(|account| account.0).collect())
    }

    async fn wallets(&mut self, which: &str, values: Vec<crate::db::Value>) -> Answer<Vec<Hit>> {
        let sql = format!(
            "SELECT w.id, w.name, w.balance, w.coin, c.decimals FROM wallet w JOIN coin c ON c.coin = w.coin WHERE {which}"
        );
        let found = values.into_iter().fold(query_owned(sql), Query::bind);
        let found: Vec<Wallet> = found.all(&mut self.tx).await.map_err(error::from_db)?;
        Ok(found.into_iter().map(|wallet| wallet.0).collect())
    }
}

/// A page of as many hits as are shown; one more is read, to know of it.
fn few() -> Paging {
    Paging { limit: Some(i64::try_from(SHOWN).unwrap_or(1) + 1), ..Paging::default() }
}

struct Account(Hit);

impl FromRow for Account {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self(Hit::Account {
            id: row.get::<AccountId>("id")?,
            name: row.get("name")?,
            wallet_name: row.get("wallet_name")?,
            balance: Amount::new(coin_of(row)?, row.get("balance")?),
        }))
    }
}

struct Wallet(Hit);

impl FromRow for Wallet {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self(Hit::Wallet {
            id: row.get::<WalletId>("id")?,
            name: row.get("name")?,
            balance: Amount::new(coin_of(row)?, row.get("balance")?),
        }))
    }
}
