-- The books. Amounts are minor units, times are microseconds since 1970 UTC. STRICT: in a loose table
-- an overflowing sum silently becomes a float. Composite keys on (coin, id) keep coins apart, whatever the code does.

-- Every committed write, for the writer whose reply was lost at COMMIT. Only the newest are kept.
CREATE TABLE change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE coin (
    coin TEXT PRIMARY KEY,
    decimals INTEGER NOT NULL CHECK (decimals BETWEEN 0 AND 8),
    network TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE wallet (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL REFERENCES coin (coin),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    balance INTEGER NOT NULL DEFAULT 0,
    paused_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (coin, name),
    UNIQUE (coin, id)
) STRICT;

CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    wallet INTEGER NOT NULL,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    balance INTEGER NOT NULL DEFAULT 0,
    may_be_negative INTEGER NOT NULL DEFAULT 0 CHECK (may_be_negative IN (0, 1)),
    -- Debits are refused while set: a reversal took what was already spent.
    barred_at INTEGER,
    overdraft INTEGER NOT NULL DEFAULT 0 CHECK (overdraft >= 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (balance >= 0 OR may_be_negative),
    FOREIGN KEY (coin, wallet) REFERENCES wallet (coin, id),
    UNIQUE (wallet, name),
    UNIQUE (coin, id),
    UNIQUE (wallet, id)
) STRICT;
CREATE INDEX account_name ON account (name, id);

CREATE TABLE address (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL REFERENCES coin (coin),
    kind TEXT NOT NULL CHECK (kind IN ('receiving', 'external')),
    account INTEGER,
    address TEXT NOT NULL CHECK (length(address) BETWEEN 1 AND 255),
    label TEXT NOT NULL DEFAULT '',
    -- Credited and unreversed deposits.
    balance INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
    archived_at INTEGER,
    -- Since when it belongs to an account; null for external ones.
    receiving_since INTEGER,
    created_at INTEGER NOT NULL,
    CHECK ((kind = 'receiving') = (account IS NOT NULL)),
    FOREIGN KEY (coin, account) REFERENCES account (coin, id),
    UNIQUE (coin, address),
    UNIQUE (coin, id)
) STRICT;
CREATE INDEX address_account ON address (account, id);
CREATE INDEX address_label ON address (LOWER(label), id);

-- A transaction on the coin's network that concerns us.
CREATE TABLE network_transaction (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL REFERENCES coin (coin),
    type TEXT NOT NULL CHECK (type IN ('deposit', 'broadcast')),
    state TEXT NOT NULL,
    txid TEXT,
    -- Null until known, negative when conflicted.
    confirmations INTEGER,
    block TEXT,
    -- Broadcasts only: whose pending transactions it carries, and what the network charged.
    wallet INTEGER,
    fee INTEGER CHECK (fee >= 0),
    -- Deposits: false while it is in no mempool, or another that spends the same counts instead. It may come back.
    live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)),
    -- Closed broadcasts: since when it is in neither mempool nor block.
    missing_since INTEGER,
    -- Why the last try did not send, for people to read; and when to try again.
    last_error TEXT,
    retry_at INTEGER,
    opened_at INTEGER,
    closed_at INTEGER,
    settled_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (type = 'broadcast' OR txid IS NOT NULL),
    CHECK ((type = 'broadcast') = (wallet IS NOT NULL)),
    CHECK (CASE type
        WHEN 'deposit' THEN state IN ('seen', 'confirmed', 'settled', 'conflicted', 'abandoned')
        ELSE state IN ('collected', 'prepared', 'open', 'broken', 'closed', 'settled', 'conflicted', 'cancelling', 'cancelled') END),
    CHECK (type = 'deposit' OR state NOT IN ('closed', 'settled') OR txid IS NOT NULL),
    FOREIGN KEY (coin, wallet) REFERENCES wallet (coin, id),
    UNIQUE (coin, type, txid),
    UNIQUE (coin, id)
) STRICT;
CREATE INDEX network_transaction_list ON network_transaction (type, id);
CREATE INDEX network_transaction_live ON network_transaction (coin, state, id);
CREATE INDEX network_transaction_wallet ON network_transaction (wallet, id) WHERE wallet IS NOT NULL;

-- The document of one movement of money. Only its state, its broadcast and its times ever change.
CREATE TABLE "transaction" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    wallet INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'broadcasted', 'failed', 'cancelled', 'incoming', 'credited', 'reversed',
        'internal', 'network_fee', 'balance_import', 'adjustment')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    label TEXT NOT NULL DEFAULT '',
    sending_account INTEGER,
    receiving_account INTEGER,
    address INTEGER,
    network_transaction INTEGER,
    -- Deposits: how often it was credited; credits and reversals alternate.
    generation INTEGER NOT NULL DEFAULT 0,
    -- Cancellations, adjustments and imports: why, in a person's words.
    reason TEXT,
    created_at INTEGER NOT NULL,
    credited_at INTEGER,
    processed_at INTEGER,
    CHECK (sending_account IS NOT NULL OR receiving_account IS NOT NULL),
    CHECK (sending_account IS NULL OR receiving_account IS NULL OR sending_account <> receiving_account),
    CHECK (CASE
        WHEN state IN ('pending', 'broadcasted', 'failed', 'cancelled')
            THEN sending_account IS NOT NULL AND receiving_account IS NULL AND address IS NOT NULL
        WHEN state IN ('incoming', 'credited', 'reversed')
            THEN sending_account IS NULL AND receiving_account IS NOT NULL AND address IS NOT NULL AND network_transaction IS NOT NULL
        WHEN state = 'internal' THEN sending_account IS NOT NULL AND receiving_account IS NOT NULL
        ELSE TRUE END),
    FOREIGN KEY (coin, wallet) REFERENCES wallet (coin, id),
    FOREIGN KEY (wallet, sending_account) REFERENCES account (wallet, id),
    FOREIGN KEY (wallet, receiving_account) REFERENCES account (wallet, id),
    FOREIGN KEY (coin, address) REFERENCES address (coin, id),
    FOREIGN KEY (coin, network_transaction) REFERENCES network_transaction (coin, id),
    UNIQUE (coin, id),
    UNIQUE (wallet, id)
) STRICT;
CREATE UNIQUE INDEX transaction_deposit ON "transaction" (network_transaction, address)
    WHERE state IN ('incoming', 'credited', 'reversed');
CREATE INDEX transaction_sending ON "transaction" (sending_account, id);
CREATE INDEX transaction_receiving ON "transaction" (receiving_account, id);
CREATE INDEX transaction_wallet ON "transaction" (wallet, id);
CREATE INDEX transaction_state ON "transaction" (state, id);
CREATE INDEX transaction_network ON "transaction" (network_transaction);
CREATE INDEX transaction_address ON "transaction" (address);
CREATE INDEX transaction_created ON "transaction" (created_at, id);
CREATE INDEX transaction_amount ON "transaction" (coin, amount, id);
CREATE INDEX transaction_label ON "transaction" (LOWER(label), id);

CREATE TRIGGER transaction_document_stays BEFORE UPDATE OF coin, wallet, amount, sending_account, receiving_account, address, created_at
ON "transaction"
WHEN OLD.coin IS NOT NEW.coin OR OLD.wallet IS NOT NEW.wallet OR OLD.amount IS NOT NEW.amount
    OR OLD.sending_account IS NOT NEW.sending_account OR OLD.receiving_account IS NOT NEW.receiving_account
    OR OLD.address IS NOT NEW.address OR OLD.created_at IS NOT NEW.created_at
BEGIN SELECT RAISE(ABORT, 'a transaction''s amount, accounts and address never change'); END;
CREATE TRIGGER transaction_is_never_deleted BEFORE DELETE ON "transaction"
BEGIN SELECT RAISE(ABORT, 'a transaction is never deleted'); END;

-- Money moves only by these rows.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wallet INTEGER NOT NULL,
    account INTEGER NOT NULL,
    "transaction" INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    balance_after INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (wallet, account) REFERENCES account (wallet, id),
    FOREIGN KEY (wallet, "transaction") REFERENCES "transaction" (wallet, id)
) STRICT;
CREATE INDEX entry_account ON entry (account, id);
CREATE INDEX entry_account_time ON entry (account, created_at, id);
CREATE INDEX entry_transaction ON entry ("transaction");
CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

-- What a broadcast pays: one row an address, amounts summed.
CREATE TABLE broadcast_output (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    broadcast INTEGER NOT NULL,
    address INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, address) REFERENCES address (coin, id),
    UNIQUE (broadcast, address)
) STRICT;

-- A signed version of a broadcast. All versions of one spend its anchor input, so that at most one can confirm.
CREATE TABLE broadcast_version (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    broadcast INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('payment', 'cancel')),
    txid TEXT NOT NULL,
    -- Null once erased by a cancel before it was handed over.
    raw BLOB,
    fee INTEGER NOT NULL CHECK (fee >= 0),
    created_at INTEGER NOT NULL,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    UNIQUE (broadcast, number),
    UNIQUE (coin, txid),
    UNIQUE (coin, id)
) STRICT;

-- Inputs that a live broadcast reserves.
CREATE TABLE broadcast_input (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    broadcast INTEGER NOT NULL,
    txid TEXT NOT NULL,
    vout INTEGER NOT NULL CHECK (vout >= 0),
    amount INTEGER NOT NULL CHECK (amount > 0),
    anchor INTEGER NOT NULL CHECK (anchor IN (0, 1)),
    -- Given back when its broadcast is cancelled.
    freed_at INTEGER,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id)
) STRICT;
CREATE UNIQUE INDEX broadcast_input_live ON broadcast_input (coin, txid, vout) WHERE freed_at IS NULL;
CREATE UNIQUE INDEX broadcast_anchor ON broadcast_input (broadcast) WHERE anchor AND freed_at IS NULL;
CREATE INDEX broadcast_input_freed ON broadcast_input (coin, freed_at) WHERE freed_at IS NOT NULL;
CREATE INDEX broadcast_input_broadcast ON broadcast_input (broadcast);

-- Committed before a byte leaves.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    broadcast INTEGER NOT NULL,
    version INTEGER,
    number INTEGER NOT NULL CHECK (number > 0),
    runner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    best_block TEXT NOT NULL,
    -- One-shots: what the daemon's wallet keeps with it.
    comment TEXT,
    outcome TEXT CHECK (outcome IN ('sent', 'refused', 'unknown')),
    detail TEXT,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, version) REFERENCES broadcast_version (coin, id),
    UNIQUE (broadcast, number)
) STRICT;
CREATE UNIQUE INDEX attempt_comment ON attempt (coin, comment);

-- Names this database in the comments of one-shot broadcasts, so that two databases on one daemon keep apart.
CREATE TABLE installation (
    id TEXT PRIMARY KEY
) STRICT;

-- What was found out about a one-shot broadcast whose outcome nobody knows; the newest counts.
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    broadcast INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('found', 'not_found', 'cant_tell')),
    txid TEXT,
    -- All of it as JSON, as the pages show it.
    detail TEXT NOT NULL,
    gathered_at INTEGER NOT NULL,
    CHECK (verdict <> 'found' OR txid IS NOT NULL),
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    UNIQUE (coin, id)
) STRICT;
CREATE INDEX evidence_broadcast ON evidence (broadcast, id);

-- What a person ordered about a broadcast, why, and on what evidence.
CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    broadcast INTEGER NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('close', 'reopen', 'cancel', 'bump', 'fail', 'renew')),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    txid TEXT,
    evidence INTEGER,
    decided_at INTEGER NOT NULL,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, evidence) REFERENCES evidence (coin, id)
) STRICT;
CREATE INDEX decision_broadcast ON decision (broadcast, id);

-- A transaction that spends from the hot wallet and that no broadcast knows. While one is neither gone nor booked
-- the coin sends nothing.
CREATE TABLE foreign_spend (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL REFERENCES coin (coin),
    txid TEXT NOT NULL,
    -- By how much the hot wallet got less, fee included.
    amount INTEGER NOT NULL,
    confirmations INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    -- Conflicted for good, or forgotten: nothing left the wallet.
    gone_at INTEGER,
    adjustment INTEGER,
    FOREIGN KEY (coin, adjustment) REFERENCES "transaction" (coin, id),
    UNIQUE (coin, txid)
) STRICT;

-- The balance that the hot wallet had when the books began to count it.
CREATE TABLE balance_import (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL REFERENCES coin (coin),
    "transaction" INTEGER NOT NULL,
    height INTEGER NOT NULL,
    block TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    FOREIGN KEY (coin, "transaction") REFERENCES "transaction" (coin, id),
    UNIQUE (coin, id)
) STRICT;

-- Deposits at or below an import's block on addresses that were added after it: the import has counted them.
CREATE TABLE covered_deposit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL,
    txid TEXT NOT NULL,
    address INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    balance_import INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    FOREIGN KEY (coin, address) REFERENCES address (coin, id),
    FOREIGN KEY (coin, balance_import) REFERENCES balance_import (coin, id),
    UNIQUE (coin, txid, address)
) STRICT;

-- The last comparison of each coin's backend with the books.
CREATE TABLE reconciliation (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    backend_total INTEGER NOT NULL,
    books_total INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    uncredited INTEGER NOT NULL,
    -- backend_total - (books_total + pending + uncredited)
    difference INTEGER NOT NULL,
    height INTEGER NOT NULL,
    block TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    -- Readings in a row that found this difference; one alone may have met the world moving.
    agreed INTEGER NOT NULL
) STRICT;

-- What happened, for the application; written with the change that it tells of.
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL REFERENCES coin (coin),
    name TEXT NOT NULL CHECK (name IN ('txupdate', 'broadcast_broken', 'deposit_reversed', 'foreign_spend', 'account_negative',
        'balance_mismatch', 'backend_down', 'backend_up')),
    network_transaction INTEGER,
    "transaction" INTEGER,
    -- JSON
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Given once by a job after commit: gapless, so that whoever has read up to one has missed none before it.
    sequence INTEGER UNIQUE CHECK (sequence > 0),
    FOREIGN KEY (coin, network_transaction) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, "transaction") REFERENCES "transaction" (coin, id)
) STRICT;
CREATE INDEX event_network_transaction ON event (network_transaction, id);
CREATE INDEX event_unnumbered ON event (id) WHERE sequence IS NULL;
CREATE INDEX event_name ON event (name, sequence);
CREATE TRIGGER event_is_numbered_once BEFORE UPDATE ON event
WHEN OLD.sequence IS NOT NULL OR OLD.id IS NOT NEW.id OR OLD.coin IS NOT NEW.coin OR OLD.name IS NOT NEW.name
    OR OLD.data IS NOT NEW.data OR OLD.created_at IS NOT NEW.created_at
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;
