//! Books of a hundred thousand transactions, written by a few statements past the verbs, and so that the audit finds
//! nothing. Of ten in a row six are deposits, two transfers, two sends; each ten are of the next account.

use anyhow::ensure;
use app::model::{Coin, WalletId};
use server::db::{Db, Execute, query, query_owned};
use server::ledger::{CreateWallet, RegisterCoin, audit};
use sqlx::{Connection as _, Executor as _, PgConnection};

pub const ACCOUNTS: i64 = 1_000;
/// Of the first one; the others follow by the second.
pub const BEGIN: i64 = 1_790_000_000_000_000;

/// The digits of `number`, spread so that beginnings differ, as those of txids do.
fn hex(postgres: bool, number: &str) -> String {
    if postgres {
        format!(
            "lpad(to_hex(({number} * 2654435761) & 4294967295), 8, '0') || lpad(to_hex({number}), 24, '0')"
        )
    } else {
        format!("printf('%08x', ({number} * 2654435761) & 4294967295) || printf('%024x', {number})")
    }
}

/// A wallet `many` of `ltc` with `count` transactions, in the database at `url`.
pub async fn fill(url: &str, count: i64) -> anyhow::Result<WalletId> {
    let db = Db::open(url, 3, 1).await?;
    let coin = Coin::new("ltc", 8)?;
    let now = app::model::Time(BEGIN);
    db.write(RegisterCoin { coin, network: "regtest".into(), backend: "simulated".into(), now }).await?;
    let wallet = db.write(CreateWallet { coin, name: "many".into(), now }).await?.id;
    let postgres = db.read().await?.tx().is_postgres();
    let mut queries: Vec<_> = statements(postgres, wallet, count).into_iter().map(query_owned).collect();
    if postgres {
        // Without statistics the planner reads all deposits for each transaction, which takes minutes.
        let analyzed = queries.into_iter().flat_map(|statement| [statement, query("ANALYZE")]);
        queries = analyzed.collect();
    } else {
        // In kibibytes: its indexes are written at random places, which its usual 2 MB can't hold.
        queries.insert(0, query("PRAGMA cache_size = -200000"));
    }
    db.write(Execute { name: "fill", queries }).await?;
    if postgres {
        // What PostgreSQL does by itself within a minute or so (autovacuum): each statement above left old rows behind.
        PgConnection::connect(url).await?.execute("VACUUM ANALYZE").await?;
    }
    let report = audit(&db, coin).await?;
    ensure!(report.is_clean(), "{:#?}", report.mismatches);
    db.close().await;
    Ok(wallet)
}

fn statements(postgres: bool, wallet: WalletId, count: i64) -> Vec<String> {
    let series = |to: i64| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to}) "
        )
    };
    let deposits = "i % 10 < 6";
    let of_sends = "((i / 10) * 2 + i % 10 - 8)";
    let hex_of = |number: &str| hex(postgres, number);
    let (hex, of_broadcast) = (hex_of("i"), hex_of(&format!("({of_sends} / 100)")));
    vec![
        format!(
            "{}INSERT INTO account (coin, wallet, name, created_at, updated_at)
            SELECT 'ltc', {wallet}, 'Customer ' || i, {BEGIN}, {BEGIN} FROM n",
            series(ACCOUNTS)
        ),
        format!(
            "{}INSERT INTO address (coin, kind, account, address, label, receiving_since, created_at)
            SELECT 'ltc', 'receiving', a.id, 'rltc1q' || {hex}, 'Receiving address #' || i, {BEGIN}, {BEGIN} + i * 1000000
            FROM n JOIN account a ON a.wallet = {wallet} AND a.name = 'Customer ' || ((i / 10) % {ACCOUNTS}) ORDER BY i",
            series(count)
        ),
        format!(
            "{}INSERT INTO address (coin, kind, address, created_at)
            SELECT 'ltc', 'external', 'outside' || i, {BEGIN} FROM n",
            series(2_000)
        ),
        format!(
            "{}INSERT INTO network_transaction (coin, type, state, txid, confirmations, settled_at, created_at, updated_at)
            SELECT 'ltc', 'deposit', 'settled', {hex} || {hex}, 15, {BEGIN} + i * 1000000, {BEGIN} + i * 1000000,
                {BEGIN} + i * 1000000 FROM n WHERE {deposits} ORDER BY i",
            series(count)
        ),
        format!(
            "{}INSERT INTO network_transaction (coin, type, state, txid, confirmations, wallet, closed_at, settled_at, created_at, updated_at)
            SELECT 'ltc', 'broadcast', 'settled', 'b' || SUBSTR({hex} || {hex}, 2), 15, {wallet}, {BEGIN}, {BEGIN}, {BEGIN}, {BEGIN}
            FROM n ORDER BY i",
            series(count / 500)
        ),
        format!(
            "{}INSERT INTO \"transaction\" (coin, wallet, state, amount, label, sending_account, receiving_account, address,
                network_transaction, generation, created_at, credited_at)
            SELECT 'ltc', {wallet},
                CASE WHEN {deposits} THEN 'credited' WHEN i % 10 < 8 THEN 'internal' ELSE 'broadcasted' END,
                CASE WHEN {deposits} THEN 1000000 + i WHEN i % 10 < 8 THEN 1000 + i % 97 ELSE 5000 + i % 89 END,
                'Order ' || (50000 + i),
                CASE WHEN {deposits} THEN NULL ELSE a.id END,
                CASE WHEN {deposits} THEN a.id WHEN i % 10 < 8 THEN o.id END,
                CASE WHEN {deposits} THEN d.id WHEN i % 10 >= 8 THEN x.id END,
                CASE WHEN {deposits} THEN r.id WHEN i % 10 >= 8 THEN b.id END,
                CASE WHEN {deposits} THEN 1 ELSE 0 END, {BEGIN} + i * 1000000,
                CASE WHEN {deposits} THEN {BEGIN} + i * 1000000 END
            FROM n
            JOIN account a ON a.wallet = {wallet} AND a.name = 'Customer ' || ((i / 10) % {ACCOUNTS})
            JOIN account o ON o.wallet = {wallet} AND o.name = 'Customer ' || ((i / 10 + 1) % {ACCOUNTS})
            JOIN address d ON d.coin = 'ltc' AND d.address = 'rltc1q' || {hex}
            LEFT JOIN address x ON x.coin = 'ltc' AND x.address = 'outside' || ({of_sends} % 2000)
            LEFT JOIN network_transaction r ON r.coin = 'ltc' AND r.type = 'deposit' AND r.txid = {hex} || {hex}
            LEFT JOIN network_transaction b ON b.coin = 'ltc' AND b.type = 'broadcast'
                AND b.txid = 'b' || SUBSTR({of_broadcast} || {of_broadcast}, 2)
            ORDER BY i",
            series(count)
        ),
        format!(
            "INSERT INTO entry (wallet, account, \"transaction\", amount, balance_after, created_at)
            SELECT {wallet}, account, id, amount,
                CAST(SUM(amount) OVER (PARTITION BY account ORDER BY id, side ROWS UNBOUNDED PRECEDING) AS BIGINT), created_at
            FROM (SELECT id, receiving_account AS account, amount, created_at, 1 AS side FROM \"transaction\"
                    WHERE wallet = {wallet} AND receiving_account IS NOT NULL
                UNION ALL SELECT id, sending_account, -amount, created_at, 0 FROM \"transaction\"
                    WHERE wallet = {wallet} AND sending_account IS NOT NULL) m
            ORDER BY id, side"
        ),
        format!(
            "INSERT INTO broadcast_output (coin, broadcast, address, amount)
            SELECT 'ltc', network_transaction, address, CAST(SUM(amount) AS BIGINT) FROM \"transaction\"
            WHERE wallet = {wallet} AND state = 'broadcasted' GROUP BY network_transaction, address"
        ),
        format!(
            "UPDATE account SET balance = (SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) FROM entry e WHERE e.account = account.id)
            WHERE wallet = {wallet}"
        ),
        "UPDATE address SET balance = (SELECT CAST(COALESCE(SUM(t.amount), 0) AS BIGINT) FROM \"transaction\" t
            WHERE t.address = address.id AND t.state = 'credited') WHERE kind = 'receiving'"
            .into(),
        format!(
            "UPDATE wallet SET balance = (SELECT CAST(COALESCE(SUM(a.balance), 0) AS BIGINT) FROM account a WHERE a.wallet = {wallet})
            WHERE id = {wallet}"
        ),
        // An event for each of them, all told to a handler that is gone by now; one in a hundred waits for a person.
        format!(
            "INSERT INTO event (coin, name, network_transaction, \"transaction\", data, created_at, sequence)
            SELECT coin, 'txupdate', network_transaction, id, '{{\"coin_name\":\"ltc\"}}', created_at,
                ROW_NUMBER() OVER (ORDER BY id) FROM \"transaction\" WHERE wallet = {wallet} ORDER BY id"
        ),
        "UPDATE event_head SET sequence = (SELECT MAX(sequence) FROM event)".into(),
        format!(
            "INSERT INTO handler (name, class, since_sequence, created_at, gone_at)
            VALUES ('listener', 'http', 0, {BEGIN}, {BEGIN})"
        ),
        "INSERT INTO delivery (handler, sequence, coin, network_transaction, \"transaction\", state, attempts, created_at, finished_at)
            SELECT 'listener', sequence, coin, network_transaction, \"transaction\",
                CASE WHEN sequence % 100 = 0 THEN 'parked' ELSE 'received' END, 1, created_at, created_at
            FROM event ORDER BY sequence"
            .into(),
        "INSERT INTO delivery_attempt (delivery, number, started_at, duration_ms, outcome, detail, answer)
            SELECT id, 1, created_at, 5, CASE WHEN state = 'parked' THEN 'refused' ELSE 'received' END, '', ''
            FROM delivery ORDER BY id"
            .into(),
    ]
}
