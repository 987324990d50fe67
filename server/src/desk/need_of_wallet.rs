//! Hot wallets that hold too little: for what is to be paid now, or for what the configuration wants there.

use super::coin_of;
use super::need::SHOWN_MAX;
use crate::coins::Coins;
use crate::db::{DbError, FromRow, Row, Tx, query};
use app::model::{Amount, Coin, Need, Time};

struct Wallet {
    coin: Coin,
    /// What the backend lets us spend now.
    spendable: Option<i64>,
    as_of: Option<Time>,
    /// Sends whose bytes were never handed over: afterwards the backend has counted them.
    pending: i64,
    oldest: Option<Time>,
}

impl FromRow for Wallet {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            coin: coin_of(row)?,
            spendable: row.get("spendable")?,
            as_of: row.get("as_of")?,
            pending: row.get("pending")?,
            oldest: row.get("oldest")?,
        })
    }
}

/// Only of backends that answer: of the others it is said already that they don't, and what they hold isn't known.
pub async fn low(tx: &mut Tx<'_>, coins: &Coins) -> Result<Vec<Need>, DbError> {
    let sql = r#"SELECT b.coin, c.decimals, b.spendable, b.as_of, COALESCE(p.pending, 0) AS pending, p.oldest
        FROM backend b JOIN coin c ON c.coin = b.coin
        LEFT JOIN (SELECT t.coin, CAST(SUM(t.amount) AS BIGINT) AS pending, MIN(t.created_at) AS oldest
            FROM "transaction" t LEFT JOIN network_transaction n ON n.id = t.network_transaction
            WHERE t.state = 'pending' AND (n.id IS NULL OR n.state IN ('collected', 'prepared'))
            GROUP BY t.coin) p ON p.coin = b.coin
        WHERE b.state = 'up' ORDER BY b.coin LIMIT $1"#;
    let rows = query(sql).bind(SHOWN_MAX).all::<Wallet>(tx).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let least = coins.get(row.coin.ticker()).and_then(|service| service.spec.low_hot_wallet);
            need(row, least)
        })
        .collect())
}

fn need(row: &Wallet, least: Option<i64>) -> Option<Need> {
    let spendable = row.spendable?;
    let coin = row.coin;
    let amount = |units| Amount::new(coin, units);
    let (detail, since) = if row.pending > spendable {
        let missing = amount(row.pending.saturating_sub(spendable));
        let detail = format!(
            "Sends of {} {coin} wait, and it can pay {} now: {missing} {coin} too little. Pay it some, or wait until its change is confirmed.",
            amount(row.pending),
            amount(spendable)
        );
        (detail, row.oldest)
    } else if let Some(least) = least.filter(|least| spendable < *least) {
        let detail = format!(
            "It can pay {} {coin} now; the configuration wants {} {coin} at least.",
            amount(spendable),
            amount(least)
        );
        (detail, row.as_of)
    } else {
        return None;
    };
    Some(Need {
        risk: false,
        what: format!("The hot wallet of {coin} is low."),
        detail,
        since,
        href: format!("/transactions?state=pending&coin={coin}"),
        act: "Look".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(spendable: Option<i64>, pending: i64, least: Option<i64>) -> Option<String> {
        let coin = Coin::new("ltc", 8).unwrap();
        need(&Wallet { coin, spendable, as_of: None, pending, oldest: None }, least).map(|need| need.detail)
    }

    #[test]
    fn a_wallet_is_low_when_it_cannot_pay_what_waits_or_holds_less_than_is_wanted() {
        assert_eq!(said(Some(100), 100, None), None);
        assert!(said(Some(100), 101, None).unwrap().contains("0.00000001 ltc too little"));
        assert_eq!(said(Some(100), 0, Some(100)), None);
        assert!(said(Some(99), 0, Some(100)).unwrap().contains("0.00000100 ltc at least"));
        // What it holds isn't known: nothing is said rather than a guess.
        assert_eq!(said(None, 1, Some(100)), None);
    }
}
