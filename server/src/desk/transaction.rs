//! Transactions: one, or the list with its filters. Every filter is bound, never written into the SQL.

use super::paging::Keyset;
use super::{PersonalDesk, coin_of, error};
use crate::coins::Coins;
use crate::db::{DbError, FromRow, Row, Tx, Value, query_owned};
use app::desk::{Answer, AppError};
use app::model::{
    AccountId, AccountRef, Amount, AmountError, Page, Paging, TransactionFilter, TransactionId,
    TransactionRow,
};

pub const SELECT: &str = r#"
SELECT t.id, t.coin, c.decimals, t.wallet, w.name AS wallet_name, t.state, t.amount, t.label,
    t.sending_account, s.name AS sending_name, t.receiving_account, r.name AS receiving_name, d.address,
    t.network_transaction, n.state AS network_state, n.txid, n.confirmations, t.reason, t.created_at, t.credited_at,
    t.processed_at
FROM "transaction" t
JOIN coin c ON c.coin = t.coin
JOIN wallet w ON w.id = t.wallet
LEFT JOIN account s ON s.id = t.sending_account
LEFT JOIN account r ON r.id = t.receiving_account
LEFT JOIN address d ON d.id = t.address
LEFT JOIN network_transaction n ON n.id = t.network_transaction"#;

pub struct Found(TransactionRow);

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let coin = coin_of(row)?;
        let account = |id, name| -> Result<Option<AccountRef>, DbError> {
            let (id, name): (Option<AccountId>, Option<String>) = (row.get(id)?, row.get(name)?);
            Ok(id.zip(name).map(|(id, name)| AccountRef { id, name }))
        };
        Ok(Self(TransactionRow {
            id: row.get("id")?,
            wallet: row.get("wallet")?,
            wallet_name: row.get("wallet_name")?,
            state: row.get("state")?,
            amount: Amount::new(coin, row.get("amount")?),
            label: row.get("label")?,
            sending: account("sending_account", "sending_name")?,
            receiving: account("receiving_account", "receiving_name")?,
            address: row.get("address")?,
            network_transaction: row.get("network_transaction")?,
            network_state: row.get("network_state")?,
            txid: row.get("txid")?,
            confirmations: row.get("confirmations")?,
            confirmation_count: 0,
            max_confirmation_count: 0,
            reason: row.get("reason")?,
            created_at: row.get("created_at")?,
            credited_at: row.get("credited_at")?,
            processed_at: row.get("processed_at")?,
        }))
    }
}

impl Found {
    /// The coin's counts come from the configuration; a coin that left it keeps the stock ones.
    pub fn row(self, coins: &Coins) -> TransactionRow {
        let (confirmation_count, max_confirmation_count) = coins.confirmation_counts(self.0.amount.coin);
        TransactionRow { confirmation_count, max_confirmation_count, ..self.0 }
    }
}

pub async fn find(tx: &mut Tx<'_>, coins: &Coins, id: TransactionId) -> Answer<TransactionRow> {
    let found = query_owned(format!("{SELECT} WHERE t.id = $1")).bind(id).optional::<Found>(tx).await;
    let found = found.map_err(error::from_db)?.ok_or(AppError::NotFound("transaction"))?;
    Ok(found.row(coins))
}

pub async fn one(desk: &PersonalDesk, id: TransactionId) -> Answer<TransactionRow> {
    find(&mut desk.read().await?.tx(), &desk.shared.coins, id).await
}

/// Conditions with their values, in order.
#[derive(Default)]
struct Where {
    sql: String,
    values: Vec<Value>,
}

impl Where {
    /// `condition` has one `$` where the value stands.
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        let joint = if self.sql.is_empty() { " WHERE " } else { " AND " };
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.sql += joint;
        self.sql += &condition.replace('$', &place);
    }
}

pub async fn list(
    desk: &PersonalDesk,
    filter: &TransactionFilter,
    paging: &Paging,
) -> Answer<Page<TransactionRow>> {
    let mut read = desk.read().await?;
    let keyset = Keyset::new(paging)?;
    let mut conditions = conditions(filter, &desk.shared.coins)?;
    let (sign, bound) = keyset.bound();
    conditions.and(&format!("t.id {sign} $"), bound);
    let Where { sql, mut values } = conditions;
    values.push(keyset.fetch().into());
    let sql = format!("{SELECT}{sql} ORDER BY t.id {} LIMIT ${}", keyset.order(), values.len());
    let query = values.into_iter().fold(query_owned(sql), crate::db::Query::bind);
    let rows = query.all::<Found>(&mut read.tx()).await.map_err(error::from_db)?;
    let rows = rows.into_iter().map(|found| found.row(&desk.shared.coins)).collect();
    Ok(keyset.page(rows, |row: &TransactionRow| row.id.0))
}

fn conditions(filter: &TransactionFilter, coins: &Coins) -> Answer<Where> {
    let mut all = Where::default();
    if let Some(state) = filter.state {
        all.and("t.state = $", state);
    }
    if let Some(coin) = filled(filter.coin.as_ref()) {
        all.and("t.coin = $", coin);
    }
    if let Some(wallet) = filter.wallet {
        all.and("t.wallet = $", wallet);
    }
    if let Some(account) = filter.account {
        all.and("$ IN (t.sending_account, t.receiving_account)", account);
    }
    if let Some(name) = filled(filter.account_name.as_ref()) {
        let pattern = containing(name);
        all.and(r"(LOWER(s.name) LIKE $ ESCAPE '\' OR LOWER(r.name) LIKE $ ESCAPE '\')", pattern);
    }
    if let Some(label) = filled(filter.label.as_ref()) {
        all.and(r"LOWER(t.label) LIKE $ ESCAPE '\'", containing(label));
    }
    if let Some(address) = filled(filter.address.as_ref()) {
        all.and(r"d.address LIKE $ ESCAPE '\'", format!("{}%", escaped(address)));
    }
    if let Some(txid) = filled(filter.txid.as_ref()) {
        all.and(r"n.txid LIKE $ ESCAPE '\'", format!("{}%", escaped(&txid.to_lowercase())));
    }
    for (typed, field, sign) in
        [(&filter.min_amount, "min_amount", ">="), (&filter.max_amount, "max_amount", "<=")]
    {
        if let Some(typed) = filled(typed.as_ref()) {
            amount_condition(&mut all, filter, coins, typed, field, sign)?;
        }
    }
    if let Some(from) = filter.from {
        all.and("t.created_at >= $", from);
    }
    if let Some(to) = filter.to {
        all.and("t.created_at < $", to);
    }
    Ok(all)
}

/// One bound for each coin: the same figure is another number of minor units where a coin has fewer decimals.
fn amount_condition(
    all: &mut Where,
    filter: &TransactionFilter,
    coins: &Coins,
    typed: &str,
    field: &'static str,
    sign: &str,
) -> Answer<()> {
    let chosen = filled(filter.coin.as_ref());
    let mut parts = Vec::new();
    let mut problem = AmountError::Empty;
    for service in
        coins.all().iter().filter(|service| chosen.is_none_or(|coin| coin == service.spec.coin.ticker()))
    {
        match Amount::parse_or_zero(service.spec.coin, typed) {
            Ok(amount) => {
                let first = all.values.len() + 1;
                all.values.push(amount.coin.ticker().into());
                all.values.push(amount.units.into());
                parts.push(format!("(t.coin = ${first} AND t.amount {sign} ${})", first + 1));
            }
            Err(error) => problem = error,
        }
    }
    if parts.is_empty() {
        return Err(AppError::invalid(field, problem.to_string()));
    }
    let joint = if all.sql.is_empty() { " WHERE " } else { " AND " };
    all.sql += joint;
    all.sql += &format!("({})", parts.join(" OR "));
    Ok(())
}

/// What was typed, if it says anything.
fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn containing(text: &str) -> String {
    format!("%{}%", escaped(&text.to_lowercase()))
}

/// LIKE's own signs as plain characters.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}
