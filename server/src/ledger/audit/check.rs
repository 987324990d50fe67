//! What must hold in the books, one query a rule. Each answers the ids that break it and says how; `$1` is the
//! coin, `$2` how many are told.

pub(super) struct Check {
    pub subject: &'static str,
    pub sql: &'static str,
}

/// How many rows the rules speak of.
pub(super) const COUNT: &str = "SELECT CAST(
    (SELECT COUNT(*) FROM account WHERE coin = $1)
    + (SELECT COUNT(*) FROM entry e JOIN wallet w ON w.id = e.wallet WHERE w.coin = $1)
    + (SELECT COUNT(*) FROM \"transaction\" WHERE coin = $1)
    + (SELECT COUNT(*) FROM address WHERE coin = $1)
    + (SELECT COUNT(*) FROM network_transaction WHERE coin = $1) AS BIGINT)";

pub(super) const CHECKS: &[Check] = &[
    Check { subject: "account", sql: ACCOUNT_IS_ITS_ENTRIES },
    Check { subject: "account", sql: ENTRIES_FOLLOW_EACH_OTHER },
    Check { subject: "wallet", sql: WALLET_IS_ITS_ACCOUNTS },
    Check { subject: "address", sql: ADDRESS_IS_ITS_CREDITS },
    Check { subject: "transaction", sql: STATE_EXPLAINS_ENTRIES },
    Check { subject: "transaction", sql: DEPOSIT_BELONGS_TO_ITS_ADDRESS },
    Check { subject: "transaction", sql: BROADCASTED_HAS_A_BROADCAST },
    Check { subject: "network transaction", sql: STATES_AGREE },
    Check { subject: "broadcast", sql: OUTPUTS_ARE_ITS_TRANSACTIONS },
    Check { subject: "broadcast", sql: FEE_IS_BOOKED },
];

const ACCOUNT_IS_ITS_ENTRIES: &str = "
    SELECT a.id, 'balance is ' || a.balance || ', its entries sum to ' || COALESCE(e.total, 0)
    FROM account a LEFT JOIN (SELECT account, SUM(amount) AS total FROM entry GROUP BY account) e ON e.account = a.id
    WHERE a.coin = $1 AND a.balance <> COALESCE(e.total, 0)
    ORDER BY a.id LIMIT $2";

/// With the rule above: the last entry's balance is the account's.
const ENTRIES_FOLLOW_EACH_OTHER: &str = "
    SELECT e.account, 'entry ' || e.id || ' of ' || e.amount || ' says ' || e.balance_after || ' and follows ' || e.before
    FROM (SELECT e.id, e.account, e.amount, e.balance_after,
            LAG(e.balance_after, 1, CAST(0 AS BIGINT)) OVER (PARTITION BY e.account ORDER BY e.id) AS before
        FROM entry e JOIN wallet w ON w.id = e.wallet WHERE w.coin = $1) e
    WHERE e.balance_after <> e.before + e.amount
    ORDER BY e.id LIMIT $2";

const WALLET_IS_ITS_ACCOUNTS: &str = "
    SELECT w.id, 'balance is ' || w.balance || ', its accounts sum to ' || COALESCE(a.total, 0)
    FROM wallet w LEFT JOIN (SELECT wallet, SUM(balance) AS total FROM account GROUP BY wallet) a ON a.wallet = w.id
    WHERE w.coin = $1 AND w.balance <> COALESCE(a.total, 0)
    ORDER BY w.id LIMIT $2";

const ADDRESS_IS_ITS_CREDITS: &str = "
    SELECT d.id, 'balance is ' || d.balance || ', its credited deposits sum to ' || COALESCE(t.total, 0)
    FROM address d LEFT JOIN (SELECT address, SUM(amount) AS total FROM \"transaction\"
        WHERE coin = $1 AND state = 'credited' GROUP BY address) t ON t.address = d.id
    WHERE d.coin = $1 AND d.balance <> COALESCE(t.total, 0)
    ORDER BY d.id LIMIT $2";

/// Debits and their return stand on the sending account, credits and their reversal on the receiving one.
const STATE_EXPLAINS_ENTRIES: &str = "
    SELECT t.id, t.state || ' of generation ' || t.generation || ' with ' || t.entries || ' entries: '
        || t.debits || ' debits, ' || t.returns || ' returned, ' || t.credits || ' credits, ' || t.reversals || ' reversed'
    FROM (SELECT t.id, t.state, t.generation, COUNT(e.id) AS entries,
            COUNT(CASE WHEN e.account = t.sending_account AND e.amount = -t.amount THEN 1 END) AS debits,
            COUNT(CASE WHEN e.account = t.sending_account AND e.amount = t.amount THEN 1 END) AS returns,
            COUNT(CASE WHEN e.account = t.receiving_account AND e.amount = t.amount THEN 1 END) AS credits,
            COUNT(CASE WHEN e.account = t.receiving_account AND e.amount = -t.amount THEN 1 END) AS reversals
        FROM \"transaction\" t LEFT JOIN entry e ON e.\"transaction\" = t.id
        WHERE t.coin = $1 GROUP BY t.id, t.state, t.generation) t
    WHERE t.entries <> t.debits + t.returns + t.credits + t.reversals OR NOT CASE
        WHEN t.state IN ('pending', 'broadcasted') THEN t.entries = 1 AND t.debits = 1
        WHEN t.state IN ('cancelled', 'failed') THEN t.entries = 2 AND t.debits = 1 AND t.returns = 1
        WHEN t.state = 'incoming' THEN t.entries = 0 AND t.generation = 0
        WHEN t.state = 'credited' THEN t.generation > 0 AND t.credits = t.generation AND t.reversals = t.generation - 1
        WHEN t.state = 'reversed' THEN t.generation > 0 AND t.credits = t.generation AND t.reversals = t.generation
        WHEN t.state = 'internal' THEN t.entries = 2 AND t.debits = 1 AND t.credits = 1
        ELSE t.entries = 1 AND t.debits + t.credits = 1 END
    ORDER BY t.id LIMIT $2";

const DEPOSIT_BELONGS_TO_ITS_ADDRESS: &str = "
    SELECT t.id, 'credits account ' || t.receiving_account || ', its address is not of that account'
    FROM \"transaction\" t JOIN address d ON d.id = t.address
    WHERE t.coin = $1 AND t.state IN ('incoming', 'credited', 'reversed')
        AND (d.account IS NULL OR d.account <> t.receiving_account)
    ORDER BY t.id LIMIT $2";

const BROADCASTED_HAS_A_BROADCAST: &str = "
    SELECT t.id, 'is broadcasted by no broadcast' FROM \"transaction\" t
    WHERE t.coin = $1 AND t.state = 'broadcasted' AND t.network_transaction IS NULL
    ORDER BY t.id LIMIT $2";

const STATES_AGREE: &str = "
    SELECT n.id, 'is a ' || n.type || ' in state ' || n.state || ' and carries transaction ' || t.id || ' in state ' || t.state
    FROM network_transaction n JOIN \"transaction\" t ON t.network_transaction = n.id
    WHERE n.coin = $1 AND NOT CASE
        WHEN t.state IN ('balance_import', 'adjustment') THEN TRUE
        WHEN n.type = 'deposit' THEN t.state IN ('incoming', 'credited', 'reversed')
        WHEN t.state = 'network_fee' THEN n.state IN ('closed', 'settled', 'conflicted', 'cancelling', 'cancelled')
        WHEN n.state IN ('collected', 'prepared', 'open', 'broken') THEN t.state = 'pending'
        WHEN n.state IN ('closed', 'settled') THEN t.state = 'broadcasted'
        WHEN n.state = 'conflicted' THEN t.state IN ('pending', 'broadcasted', 'failed', 'cancelled')
        WHEN n.state = 'cancelling' THEN t.state IN ('pending', 'broadcasted')
        WHEN n.state = 'cancelled' THEN t.state IN ('failed', 'cancelled')
        ELSE FALSE END
    ORDER BY n.id LIMIT $2";

const OUTPUTS_ARE_ITS_TRANSACTIONS: &str = "
    SELECT COALESCE(o.broadcast, t.network_transaction), 'pays ' || COALESCE(o.amount, 0) || ' to address '
        || COALESCE(o.address, t.address) || ', its transactions ask for ' || COALESCE(t.total, 0)
    FROM (SELECT broadcast, address, amount FROM broadcast_output WHERE coin = $1) o
    FULL JOIN (SELECT network_transaction, address, SUM(amount) AS total FROM \"transaction\"
        WHERE coin = $1 AND state IN ('pending', 'broadcasted', 'failed', 'cancelled') AND network_transaction IS NOT NULL
        GROUP BY network_transaction, address) t ON t.network_transaction = o.broadcast AND t.address = o.address
    WHERE COALESCE(o.amount, 0) <> COALESCE(t.total, 0)
    ORDER BY 1 LIMIT $2";

const FEE_IS_BOOKED: &str = "
    SELECT n.id, 'its fee is ' || COALESCE(n.fee, 0) || ', booked is ' || COALESCE(t.total, 0)
    FROM network_transaction n LEFT JOIN (SELECT network_transaction,
            SUM(CASE WHEN sending_account IS NULL THEN -amount ELSE amount END) AS total
        FROM \"transaction\" WHERE coin = $1 AND state = 'network_fee' GROUP BY network_transaction) t
        ON t.network_transaction = n.id
    WHERE n.coin = $1 AND n.type = 'broadcast' AND COALESCE(n.fee, 0) <> COALESCE(t.total, 0)
    ORDER BY n.id LIMIT $2";
