-- The simulated network's own state: a chain, a mempool and a hot wallet of each coin that it plays. The books never
-- look here; the simulated backend alone reads and writes it, as a daemon does with its own files. Keys begin with
-- what tells rows apart: a planner without statistics takes a leading coin for that, and reads the whole table.

CREATE TABLE simulated_network (
    coin TEXT PRIMARY KEY,
    -- All chance comes from the seed and the count of draws, so that a run can be replayed.
    seed BIGINT NOT NULL,
    draws BIGINT NOT NULL,
    height BIGINT NOT NULL,
    best_block TEXT NOT NULL,
    last_block_at BIGINT NOT NULL,
    -- Since when its daemon runs, and how often it was started again: what an earlier run was asked and had not done
    -- by then is never done.
    started_at BIGINT NOT NULL,
    starts BIGINT NOT NULL
);

CREATE TABLE simulated_block (
    coin TEXT NOT NULL REFERENCES simulated_network (coin),
    hash TEXT NOT NULL,
    parent TEXT,
    height BIGINT NOT NULL,
    -- On the best chain; not so after a reorganisation.
    active BOOLEAN NOT NULL,
    mined_at BIGINT NOT NULL,
    PRIMARY KEY (hash, coin)
);
CREATE UNIQUE INDEX simulated_block_active ON simulated_block (coin, height) WHERE active;

-- Addresses of the hot wallet.
CREATE TABLE simulated_address (
    coin TEXT NOT NULL REFERENCES simulated_network (coin),
    address TEXT NOT NULL,
    label TEXT NOT NULL,
    -- For change alone: payments to it are not told as received.
    change BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (address, coin)
);

-- Mined, in the mempool, or neither: then replaced, evicted or in conflict with a mined one.
CREATE TABLE simulated_transaction (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES simulated_network (coin),
    txid TEXT NOT NULL,
    raw BYTEA NOT NULL,
    -- It pays or spends the hot wallet.
    ours BOOLEAN NOT NULL,
    spends_ours BOOLEAN NOT NULL,
    coinbase BOOLEAN NOT NULL,
    -- Of what the hot wallet sent; money from outside comes from thin air and has none.
    fee BIGINT CHECK (fee >= 0),
    -- As it was given to `send_many`.
    comment TEXT,
    height BIGINT,
    in_mempool BOOLEAN NOT NULL,
    -- Height of the block whose transaction spends the same input.
    conflict_height BIGINT,
    abandoned BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK (height IS NULL OR (conflict_height IS NULL AND NOT in_mempool)),
    CHECK (conflict_height IS NULL OR NOT in_mempool),
    UNIQUE (txid, coin)
);
CREATE INDEX simulated_transaction_height ON simulated_transaction (coin, height);
CREATE INDEX simulated_transaction_mempool ON simulated_transaction (coin, id) WHERE in_mempool;
CREATE INDEX simulated_transaction_limbo ON simulated_transaction (coin, conflict_height) WHERE height IS NULL AND NOT in_mempool;

CREATE TABLE simulated_input (
    coin TEXT NOT NULL,
    spent_txid TEXT NOT NULL,
    spent_vout BIGINT NOT NULL,
    txid TEXT NOT NULL,
    PRIMARY KEY (spent_txid, spent_vout, coin, txid),
    FOREIGN KEY (txid, coin) REFERENCES simulated_transaction (txid, coin)
);
CREATE INDEX simulated_input_txid ON simulated_input (txid, coin);

CREATE TABLE simulated_output (
    coin TEXT NOT NULL,
    txid TEXT NOT NULL,
    vout BIGINT NOT NULL,
    address TEXT,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    ours BOOLEAN NOT NULL,
    -- The transaction in mempool or block that spends it.
    spent_by TEXT,
    PRIMARY KEY (txid, vout, coin),
    FOREIGN KEY (txid, coin) REFERENCES simulated_transaction (txid, coin)
);
CREATE INDEX simulated_output_address ON simulated_output (address, coin);
CREATE INDEX simulated_output_unspent ON simulated_output (coin, amount) WHERE ours AND spent_by IS NULL;

-- Failures that were ordered and are not used up.
CREATE TABLE simulated_failure (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES simulated_network (coin),
    call TEXT NOT NULL,
    how TEXT NOT NULL,
    times_left BIGINT NOT NULL CHECK (times_left > 0)
);
CREATE INDEX simulated_failure_call ON simulated_failure (coin, call, id);

-- Sends whose caller gave up and that the network will carry out all the same.
CREATE TABLE simulated_late_send (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES simulated_network (coin),
    -- Signed bytes, or a one-shot: JSON of addresses and minor units, whose inputs are picked when it is due.
    raw BYTEA,
    outputs TEXT,
    comment TEXT,
    due_at BIGINT NOT NULL,
    CHECK ((raw IS NULL) = (outputs IS NOT NULL)),
    CHECK ((raw IS NULL) = (comment IS NOT NULL))
);
CREATE INDEX simulated_late_send_due ON simulated_late_send (coin, due_at);
