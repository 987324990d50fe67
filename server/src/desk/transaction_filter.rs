//! The transaction list's filter as conditions: which of them an index serves, and what is looked up before.
//! Every word of a person is bound, never written into the SQL.

use super::error;
use super::narrow::{Condition, Narrowed, beginning, containing, filled, spelled, too_many};
use crate::coins::Coins;
use crate::db::{Tx, Value, query, query_owned};
use app::desk::{Answer, AppError};
use app::model::{AccountId, AddressId, Amount, AmountError, Sort, TransactionFilter};

/// Accounts, addresses and network transactions that a filter looks up at most: with more it says too little.
const ACCOUNTS: usize = 20;
const BEGINNINGS: usize = 200;

/// By what the list is ordered, and read.
pub enum Plan {
    ById(Narrowed),
    /// By the moment or the amount, then the id.
    ByFigure(Narrowed),
}

const TABLE: &str = "\"transaction\" t";

pub async fn plan(tx: &mut Tx<'_>, coins: &Coins, filter: &TransactionFilter) -> Answer<Plan> {
    let by_amount = matches!(filter.sort, Sort::Largest | Sort::Smallest);
    let coin = filled(filter.coin.as_ref());
    if by_amount && coin.is_none() {
        let message = "Amounts are sorted within one coin: choose a coin.";
        return Err(AppError::invalid("sort", message));
    }
    let ids = looked_up(tx, filter).await?;
    let amounts = amounts(filter, coins)?;
    let dated = filter.from.is_some() || filter.to.is_some();
    // The first that narrows most serves as the way; what remains is looked at row by row.
    let mut rest = Rest { amounts: amounts.narrowing, ..Rest::of(filter) };
    let (key, ways): (&'static [&'static str], _) = if let Some(ids) = ids {
        rest.accounts = if ids.of_account { None } else { ids.accounts };
        (if by_amount { &["t.amount", "t.id"] } else { &["t.id"] }, ids.ways)
    } else if by_amount {
        rest.coin = None;
        (&["t.amount", "t.id"], vec![Condition::one("t.coin = $", coin.unwrap_or_default())])
    } else if !amounts.exact.is_empty() {
        rest.amounts = None;
        (&["t.id"], amounts.exact)
    } else if dated {
        rest.moments = Vec::new();
        (&["t.created_at", "t.id"], vec![moments(filter)])
    } else {
        (&["t.id"], ways_of_states(filter, &mut rest))
    };
    let by_id = key.len() == 1;
    let list = Narrowed { table: TABLE, id: "t.id", key, ways, rest: rest.conditions() };
    Ok(if by_id { Plan::ById(list) } else { Plan::ByFigure(list) })
}

/// State, else type, else wallet, else coin: each has an index.
fn ways_of_states(filter: &TransactionFilter, rest: &mut Rest) -> Vec<Condition> {
    if let Some(state) = filter.state {
        rest.state = None;
        return vec![Condition::word("t.state", state.as_str())];
    }
    if let Some(kind) = filter.kind {
        rest.kind = None;
        return kind.states().iter().map(|state| Condition::word("t.state", state.as_str())).collect();
    }
    if let Some(wallet) = filter.wallet {
        rest.wallet = None;
        return vec![Condition::one("t.wallet = $", wallet)];
    }
    rest.coin = None;
    let coin = filled(filter.coin.as_ref());
    vec![coin.map_or_else(Condition::always, |coin| Condition::one("t.coin = $", coin))]
}

/// What no index serves beside the way. `+` and `|| ''` keep a database from taking another index than the way's, which
/// would read all that fits it and sort.
#[derive(Default)]
struct Rest {
    state: Option<Condition>,
    kind: Option<Condition>,
    wallet: Option<Condition>,
    coin: Option<Condition>,
    accounts: Option<Condition>,
    label: Option<Condition>,
    amounts: Option<Condition>,
    moments: Vec<Condition>,
}

impl Rest {
    fn of(filter: &TransactionFilter) -> Self {
        let label = filled(filter.label.as_ref());
        let dated = filter.from.is_some() || filter.to.is_some();
        Self {
            state: filter.state.map(|state| Condition::one("t.state || '' = $", state)),
            kind: filter.kind.map(|kind| Condition::among("t.state || ''", kind.states().iter().copied())),
            wallet: filter.wallet.map(|wallet| Condition::one("+t.wallet = $", wallet)),
            coin: filled(filter.coin.as_ref()).map(|coin| Condition::one("t.coin || '' = $", coin)),
            accounts: None,
            label: label.map(|label| Condition::one(r"LOWER(t.label) LIKE $ ESCAPE '\'", containing(label))),
            amounts: None,
            moments: if dated { vec![moments(filter)] } else { Vec::new() },
        }
    }

    fn conditions(self) -> Vec<Condition> {
        let single = [self.state, self.kind, self.wallet, self.coin, self.accounts, self.label, self.amounts];
        single.into_iter().flatten().chain(self.moments).collect()
    }
}

fn moments(filter: &TransactionFilter) -> Condition {
    let (mut sql, mut values) = (Vec::new(), Vec::new());
    if let Some(from) = filter.from {
        sql.push("t.created_at >= $");
        values.push(from.into());
    }
    if let Some(to) = filter.to {
        sql.push("t.created_at < $");
        values.push(to.into());
    }
    Condition::new(sql.join(" AND "), values)
}

/// Ways by ids that were looked up first, since few rows have them.
struct Ids {
    ways: Vec<Condition>,
    /// The ways are the accounts' own.
    of_account: bool,
    accounts: Option<Condition>,
}

async fn looked_up(tx: &mut Tx<'_>, filter: &TransactionFilter) -> Answer<Option<Ids>> {
    let accounts = accounts(tx, filter).await?;
    let addresses = addresses(tx, filter).await?;
    let network = network_transactions(tx, filter).await?;
    if [&accounts, &addresses, &network].iter().any(|ids| ids.as_ref().is_some_and(Vec::is_empty)) {
        return Ok(Some(Ids { ways: Vec::new(), of_account: true, accounts: None }));
    }
    let side = |column| accounts.as_ref().map(|ids| Condition::among(column, ids.iter().copied()));
    let sides: Vec<_> =
        [side("t.sending_account"), side("t.receiving_account")].into_iter().flatten().collect();
    let in_addresses = addresses.map(|ids| Condition::among("t.address", ids));
    let in_network = network.map(|ids| Condition::among("t.network_transaction", ids));
    Ok(match (in_network, in_addresses) {
        (Some(network), None) => Some((vec![network], false)),
        (None, Some(addresses)) => Some((vec![addresses], false)),
        (Some(network), Some(addresses)) => {
            // Either is few rows; those of both are looked up by the first.
            let both = Condition::both(network, addresses);
            Some((vec![both], false))
        }
        (None, None) => (!sides.is_empty()).then(|| (sides.clone(), true)),
    }
    .map(|(ways, of_account)| Ids {
        ways,
        of_account,
        accounts: (!sides.is_empty()).then(|| Condition::any(sides)),
    }))
}

async fn accounts(tx: &mut Tx<'_>, filter: &TransactionFilter) -> Answer<Option<Vec<i64>>> {
    let named = match filled(filter.account_name.as_ref()) {
        None => None,
        Some(part) => {
            let sql = r"SELECT id FROM account WHERE LOWER(name) LIKE $1 ESCAPE '\' ORDER BY id LIMIT 21";
            let ids = query(sql).bind(containing(part)).all::<(i64,)>(tx).await.map_err(error::from_db)?;
            if ids.len() > ACCOUNTS {
                return Err(too_many("account", ACCOUNTS, "accounts have this in their names"));
            }
            Some(ids.into_iter().map(|(id,)| id).collect::<Vec<_>>())
        }
    };
    Ok(match (filter.account, named) {
        (Some(AccountId(id)), Some(named)) => Some(named.into_iter().filter(|other| *other == id).collect()),
        (Some(AccountId(id)), None) => Some(vec![id]),
        (None, named) => named,
    })
}

async fn addresses(tx: &mut Tx<'_>, filter: &TransactionFilter) -> Answer<Option<Vec<i64>>> {
    if let Some(AddressId(id)) = filter.address_id {
        return Ok(Some(vec![id]));
    }
    let Some(typed) = filled(filter.address.as_ref()) else { return Ok(None) };
    let ids = addresses_beginning(tx, filter.coin.as_ref(), &spelled(typed), BEGINNINGS).await?;
    if ids.len() > BEGINNINGS {
        return Err(too_many("address", BEGINNINGS, "addresses begin with this"));
    }
    Ok(Some(ids))
}

/// At most one more than `limit`, so that too many shows.
pub async fn addresses_beginning(
    tx: &mut Tx<'_>,
    coin: Option<&String>,
    beginning_with: &str,
    limit: usize,
) -> Answer<Vec<i64>> {
    // SQLite keeps the order of a CROSS JOIN: coin by coin, so that the index of coin and address serves.
    let sql = "SELECT d.id FROM coin c CROSS JOIN address d
        WHERE d.coin = c.coin AND d.address >= $1 AND d.address < $2";
    by_coin(tx, sql, coin, beginning(beginning_with), limit).await
}

async fn network_transactions(tx: &mut Tx<'_>, filter: &TransactionFilter) -> Answer<Option<Vec<i64>>> {
    let Some(typed) = filled(filter.txid.as_ref()) else { return Ok(None) };
    let ids = txids_beginning(tx, filter.coin.as_ref(), typed, BEGINNINGS).await?;
    if ids.len() > BEGINNINGS {
        return Err(too_many("txid", BEGINNINGS, "network transactions begin with this"));
    }
    Ok(Some(ids))
}

/// Of network transactions, at most one more than `limit`.
pub async fn txids_beginning(
    tx: &mut Tx<'_>,
    coin: Option<&String>,
    beginning_with: &str,
    limit: usize,
) -> Answer<Vec<i64>> {
    let sql = "SELECT n.id FROM coin c CROSS JOIN (SELECT 'deposit' AS type UNION ALL SELECT 'broadcast') k
        CROSS JOIN network_transaction n WHERE n.coin = c.coin AND n.type = k.type AND n.txid >= $1 AND n.txid < $2";
    by_coin(tx, sql, coin, beginning(&beginning_with.to_lowercase()), limit).await
}

async fn by_coin(
    tx: &mut Tx<'_>,
    sql: &str,
    coin: Option<&String>,
    range: [Value; 2],
    limit: usize,
) -> Answer<Vec<i64>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let coin = filled(coin);
    let which = if coin.is_some() { " AND c.coin = $4" } else { "" };
    let query = range.into_iter().fold(query_owned(format!("{sql}{which} LIMIT $3")), crate::db::Query::bind);
    let query = query.bind(limit);
    let query = if let Some(coin) = coin { query.bind(coin) } else { query };
    let ids = query.all::<(i64,)>(tx).await.map_err(error::from_db)?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Bounds of the amount, for each coin: the same figure is another number of minor units where a coin has fewer decimals.
struct Amounts {
    narrowing: Option<Condition>,
    /// One way a coin, where the bounds are one amount.
    exact: Vec<Condition>,
}

fn amounts(filter: &TransactionFilter, coins: &Coins) -> Answer<Amounts> {
    let (least, most) = (filled(filter.min_amount.as_ref()), filled(filter.max_amount.as_ref()));
    if least.is_none() && most.is_none() {
        return Ok(Amounts { narrowing: None, exact: Vec::new() });
    }
    let chosen = filled(filter.coin.as_ref());
    let (mut parts, mut exact, mut problem) = (Vec::new(), Vec::new(), ("min_amount", AmountError::Empty));
    for service in coins.all() {
        let coin = service.spec.coin;
        if chosen.is_some_and(|chosen| chosen != coin.ticker()) {
            continue;
        }
        let read = |text: Option<&str>| text.map(|text| Amount::parse_or_zero(coin, text)).transpose();
        match (read(least), read(most)) {
            (Ok(least), Ok(most)) => {
                if let (Some(least), Some(most)) = (least, most)
                    && least == most
                {
                    let values = vec![coin.ticker().into(), least.units.into()];
                    exact.push(Condition::new("t.coin = $ AND t.amount = $", values));
                }
                parts.push(between(coin.ticker(), least, most));
            }
            (Err(error), _) => problem = ("min_amount", error),
            (_, Err(error)) => problem = ("max_amount", error),
        }
    }
    if parts.is_empty() {
        return Err(AppError::invalid(problem.0, problem.1.to_string()));
    }
    Ok(Amounts { narrowing: Some(Condition::any(parts)), exact })
}

fn between(coin: &str, least: Option<Amount>, most: Option<Amount>) -> Condition {
    let (mut sql, mut values) = (String::from("t.coin || '' = $"), vec![coin.into()]);
    for (amount, sign) in [(least, ">="), (most, "<=")] {
        if let Some(amount) = amount {
            sql += &format!(" AND +t.amount {sign} $");
            values.push(amount.units.into());
        }
    }
    Condition::new(sql, values)
}
