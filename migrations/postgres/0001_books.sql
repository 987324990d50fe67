-- The books. Amounts are minor units, times are microseconds since 1970 UTC. Composite keys on (coin, id) keep coins apart, whatever the code does.
-- What people search for compares by its bytes (COLLATE "C"), whatever the server's language: as on SQLite, and so that an index serves what begins alike.

-- Every committed write, for the writer whose reply was lost at COMMIT. Only the newest are kept.
CREATE TABLE change (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
);

CREATE TABLE coin (
    coin TEXT PRIMARY KEY,
    decimals BIGINT NOT NULL CHECK (decimals BETWEEN 0 AND 8),
    network TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE wallet (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (coin),
    name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    balance BIGINT NOT NULL DEFAULT 0,
    paused_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (coin, name),
    UNIQUE (coin, id)
);

CREATE TABLE account (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    wallet BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    balance BIGINT NOT NULL DEFAULT 0,
    may_be_negative BOOLEAN NOT NULL DEFAULT FALSE,
    -- Debits are refused while set: a reversal took what was already spent.
    barred_at BIGINT,
    overdraft BIGINT NOT NULL DEFAULT 0 CHECK (overdraft >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (balance >= 0 OR may_be_negative),
    FOREIGN KEY (coin, wallet) REFERENCES wallet (coin, id),
    UNIQUE (wallet, name),
    UNIQUE (coin, id),
    UNIQUE (wallet, id)
);
CREATE INDEX account_name ON account (name, id);

CREATE TABLE address (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (coin),
    kind TEXT NOT NULL CHECK (kind IN ('receiving', 'external')),
    account BIGINT,
    address TEXT COLLATE "C" NOT NULL CHECK (length(address) BETWEEN 1 AND 255),
    label TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- Credited and unreversed deposits.
    balance BIGINT NOT NULL DEFAULT 0 CHECK (balance >= 0),
    archived_at BIGINT,
    -- Since when it belongs to an account; null for external ones.
    receiving_since BIGINT,
    created_at BIGINT NOT NULL,
    CHECK ((kind = 'receiving') = (account IS NOT NULL)),
    FOREIGN KEY (coin, account) REFERENCES account (coin, id),
    UNIQUE (coin, address),
    UNIQUE (coin, id)
);
CREATE INDEX address_account ON address (account, id);
CREATE INDEX address_label ON address (LOWER(label), id);

-- A transaction on the coin's network that concerns us.
CREATE TABLE network_transaction (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (coin),
    type TEXT NOT NULL CHECK (type IN ('deposit', 'broadcast')),
    state TEXT NOT NULL,
    txid TEXT COLLATE "C",
    -- Null until known, negative when conflicted.
    confirmations BIGINT,
    block TEXT,
    -- Broadcasts only: whose pending transactions it carries, and what the network charged.
    wallet BIGINT,
    fee BIGINT CHECK (fee >= 0),
    -- Deposits: false while it is in no mempool, or another that spends the same counts instead. It may come back.
    live BOOLEAN NOT NULL DEFAULT TRUE,
    -- Closed broadcasts: since when it is in neither mempool nor block.
    missing_since BIGINT,
    -- Why the last try did not send, for people to read; and when to try again.
    last_error TEXT,
    retry_at BIGINT,
    opened_at BIGINT,
    closed_at BIGINT,
    settled_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (type = 'broadcast' OR txid IS NOT NULL),
    CHECK ((type = 'broadcast') = (wallet IS NOT NULL)),
    CHECK (CASE type
        WHEN 'deposit' THEN state IN ('seen', 'confirmed', 'settled', 'conflicted', 'abandoned')
        ELSE state IN ('collected', 'prepared', 'open', 'broken', 'closed', 'settled', 'conflicted', 'cancelling', 'cancelled') END),
    CHECK (type = 'deposit' OR state NOT IN ('closed', 'settled') OR txid IS NOT NULL),
    FOREIGN KEY (coin, wallet) REFERENCES wallet (coin, id),
    UNIQUE (coin, type, txid),
    UNIQUE (coin, id)
);
CREATE INDEX network_transaction_list ON network_transaction (type, id);
CREATE INDEX network_transaction_live ON network_transaction (coin, state, id);
CREATE INDEX network_transaction_wallet ON network_transaction (wallet, id) WHERE wallet IS NOT NULL;

-- The document of one movement of money. Only its state, its broadcast and its times ever change.
CREATE TABLE "transaction" (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    wallet BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'broadcasted', 'failed', 'cancelled', 'incoming', 'credited', 'reversed',
        'internal', 'network_fee', 'balance_import', 'adjustment')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    label TEXT COLLATE "C" NOT NULL DEFAULT '',
    sending_account BIGINT,
    receiving_account BIGINT,
    address BIGINT,
    network_transaction BIGINT,
    -- Deposits: how often it was credited; credits and reversals alternate.
    generation BIGINT NOT NULL DEFAULT 0,
    -- Cancellations, adjustments and imports: why, in a person's words.
    reason TEXT,
    created_at BIGINT NOT NULL,
    credited_at BIGINT,
    processed_at BIGINT,
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
);
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

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

CREATE TRIGGER transaction_document_stays BEFORE UPDATE OF coin, wallet, amount, sending_account, receiving_account, address, created_at
ON "transaction" FOR EACH ROW
WHEN ((OLD.coin, OLD.wallet, OLD.amount, OLD.sending_account, OLD.receiving_account, OLD.address, OLD.created_at)
    IS DISTINCT FROM (NEW.coin, NEW.wallet, NEW.amount, NEW.sending_account, NEW.receiving_account, NEW.address, NEW.created_at))
EXECUTE FUNCTION refuse('a transaction''s amount, accounts and address never change');
CREATE TRIGGER transaction_is_never_deleted BEFORE DELETE ON "transaction"
FOR EACH ROW EXECUTE FUNCTION refuse('a transaction is never deleted');

-- Money moves only by these rows.
CREATE TABLE entry (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    wallet BIGINT NOT NULL,
    account BIGINT NOT NULL,
    "transaction" BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    balance_after BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (wallet, account) REFERENCES account (wallet, id),
    FOREIGN KEY (wallet, "transaction") REFERENCES "transaction" (wallet, id)
);
CREATE INDEX entry_account ON entry (account, id);
CREATE INDEX entry_account_time ON entry (account, created_at, id);
CREATE INDEX entry_transaction ON entry ("transaction");
CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
FOR EACH ROW EXECUTE FUNCTION refuse('an entry never changes');
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
FOR EACH ROW EXECUTE FUNCTION refuse('an entry is never deleted');

-- What a broadcast pays: one row an address, amounts summed.
CREATE TABLE broadcast_output (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    broadcast BIGINT NOT NULL,
    address BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, address) REFERENCES address (coin, id),
    UNIQUE (broadcast, address)
);

-- A signed version of a broadcast. All versions of one spend its anchor input, so that at most one can confirm.
CREATE TABLE broadcast_version (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    broadcast BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('payment', 'cancel')),
    txid TEXT COLLATE "C" NOT NULL,
    -- Null once erased by a cancel before it was handed over.
    raw BYTEA,
    fee BIGINT NOT NULL CHECK (fee >= 0),
    created_at BIGINT NOT NULL,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    UNIQUE (broadcast, number),
    UNIQUE (coin, txid),
    UNIQUE (coin, id)
);

-- Inputs that a live broadcast reserves.
CREATE TABLE broadcast_input (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    broadcast BIGINT NOT NULL,
    txid TEXT NOT NULL,
    vout BIGINT NOT NULL CHECK (vout >= 0),
    amount BIGINT NOT NULL CHECK (amount > 0),
    anchor BOOLEAN NOT NULL,
    -- Given back when its broadcast is cancelled.
    freed_at BIGINT,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id)
);
CREATE UNIQUE INDEX broadcast_input_live ON broadcast_input (coin, txid, vout) WHERE freed_at IS NULL;
CREATE UNIQUE INDEX broadcast_anchor ON broadcast_input (broadcast) WHERE anchor AND freed_at IS NULL;
CREATE INDEX broadcast_input_freed ON broadcast_input (coin, freed_at) WHERE freed_at IS NOT NULL;
CREATE INDEX broadcast_input_broadcast ON broadcast_input (broadcast);

-- Committed before a byte leaves.
CREATE TABLE attempt (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    broadcast BIGINT NOT NULL,
    version BIGINT,
    number BIGINT NOT NULL CHECK (number > 0),
    runner TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    best_block TEXT NOT NULL,
    -- One-shots: what the daemon's wallet keeps with it.
    comment TEXT,
    outcome TEXT CHECK (outcome IN ('sent', 'refused', 'unknown')),
    detail TEXT,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, version) REFERENCES broadcast_version (coin, id),
    UNIQUE (broadcast, number)
);
CREATE UNIQUE INDEX attempt_comment ON attempt (coin, comment);

-- Names this database in the comments of one-shot broadcasts, so that two databases on one daemon keep apart.
CREATE TABLE installation (
    id TEXT PRIMARY KEY
);

-- What was found out about a one-shot broadcast whose outcome nobody knows; the newest counts.
CREATE TABLE evidence (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    broadcast BIGINT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('found', 'not_found', 'cant_tell')),
    txid TEXT,
    -- All of it as JSON, as the pages show it.
    detail TEXT NOT NULL,
    gathered_at BIGINT NOT NULL,
    CHECK (verdict <> 'found' OR txid IS NOT NULL),
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    UNIQUE (coin, id)
);
CREATE INDEX evidence_broadcast ON evidence (broadcast, id);

-- What a person ordered about a broadcast, why, and on what evidence.
CREATE TABLE decision (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    broadcast BIGINT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('close', 'reopen', 'cancel', 'bump', 'fail', 'renew')),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    txid TEXT,
    evidence BIGINT,
    decided_at BIGINT NOT NULL,
    FOREIGN KEY (coin, broadcast) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, evidence) REFERENCES evidence (coin, id)
);
CREATE INDEX decision_broadcast ON decision (broadcast, id);

-- A transaction that spends from the hot wallet and that no broadcast knows. While one is neither gone nor booked
-- the coin sends nothing.
CREATE TABLE foreign_spend (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (coin),
    txid TEXT NOT NULL,
    -- By how much the hot wallet got less, fee included.
    amount BIGINT NOT NULL,
    confirmations BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    -- Conflicted for good, or forgotten: nothing left the wallet.
    gone_at BIGINT,
    adjustment BIGINT,
    FOREIGN KEY (coin, adjustment) REFERENCES "transaction" (coin, id),
    UNIQUE (coin, txid)
);

-- The balance that the hot wallet had when the books began to count it.
CREATE TABLE balance_import (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (coin),
    "transaction" BIGINT NOT NULL,
    height BIGINT NOT NULL,
    block TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    FOREIGN KEY (coin, "transaction") REFERENCES "transaction" (coin, id),
    UNIQUE (coin, id)
);

-- Deposits at or below an import's block on addresses that were added after it: the import has counted them.
CREATE TABLE covered_deposit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL,
    txid TEXT NOT NULL,
    address BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    balance_import BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    FOREIGN KEY (coin, address) REFERENCES address (coin, id),
    FOREIGN KEY (coin, balance_import) REFERENCES balance_import (coin, id),
    UNIQUE (coin, txid, address)
);

-- The last comparison of each coin's backend with the books.
CREATE TABLE reconciliation (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    backend_total BIGINT NOT NULL,
    books_total BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    uncredited BIGINT NOT NULL,
    -- backend_total - (books_total + pending + uncredited)
    difference BIGINT NOT NULL,
    height BIGINT NOT NULL,
    block TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    -- Readings in a row that found this difference; one alone may have met the world moving.
    agreed BIGINT NOT NULL
);

-- What happened, for the application; written with the change that it tells of.
CREATE TABLE event (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (coin),
    name TEXT NOT NULL CHECK (name IN ('txupdate', 'broadcast_broken', 'deposit_reversed', 'foreign_spend', 'account_negative',
        'balance_mismatch', 'backend_down', 'backend_up')),
    network_transaction BIGINT,
    "transaction" BIGINT,
    -- JSON
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Given once by a job after commit: gapless, so that whoever has read up to one has missed none before it.
    sequence BIGINT UNIQUE CHECK (sequence > 0),
    FOREIGN KEY (coin, network_transaction) REFERENCES network_transaction (coin, id),
    FOREIGN KEY (coin, "transaction") REFERENCES "transaction" (coin, id)
);
CREATE INDEX event_network_transaction ON event (network_transaction, id);
CREATE INDEX event_unnumbered ON event (id) WHERE sequence IS NULL;
CREATE INDEX event_name ON event (name, sequence);
CREATE TRIGGER event_is_numbered_once BEFORE UPDATE ON event FOR EACH ROW
WHEN (OLD.sequence IS NOT NULL OR (OLD.id, OLD.coin, OLD.name, OLD.data, OLD.created_at)
    IS DISTINCT FROM (NEW.id, NEW.coin, NEW.name, NEW.data, NEW.created_at))
EXECUTE FUNCTION refuse('an event never changes');
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
FOR EACH ROW EXECUTE FUNCTION refuse('an event is never deleted');
