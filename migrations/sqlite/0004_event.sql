-- The outbox: numbered events on their way to the application's handlers.

-- The newest number that was given. The one row that all who number must change from what they read.
CREATE TABLE event_head (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO event_head (number, sequence) VALUES (1, 0);
CREATE TRIGGER event_head_stays BEFORE DELETE ON event_head
BEGIN SELECT RAISE(ABORT, 'the head of the events is never deleted'); END;
CREATE TRIGGER event_head_never_falls BEFORE UPDATE OF sequence ON event_head WHEN NEW.sequence < OLD.sequence
BEGIN SELECT RAISE(ABORT, 'the head of the events never falls'); END;

-- Handlers of the configuration, with the lease of the one process that delivers for each.
CREATE TABLE handler (
    name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 255),
    class TEXT NOT NULL,
    -- The events after this one are its own.
    since_sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- Since when no configuration names it. Its deliveries stay.
    gone_at INTEGER,
    runner TEXT,
    epoch INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL DEFAULT 0,
    last_received_at INTEGER,
    last_error TEXT,
    last_error_at INTEGER,
    -- Since when nobody answers there; any answer ends it, a refusal too.
    unreachable_since INTEGER
) STRICT;

-- One numbered event for one handler.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    handler TEXT NOT NULL REFERENCES handler (name),
    sequence INTEGER NOT NULL REFERENCES event (sequence),
    -- Of the event, for the order: what concerns the same waits for what is before it.
    coin TEXT NOT NULL,
    network_transaction INTEGER,
    "transaction" INTEGER,
    -- Stopped: the application said that it is done with the transaction.
    state TEXT NOT NULL CHECK (state IN ('pending', 'received', 'parked', 'stopped')),
    -- When to try; null while an earlier one of the same is pending.
    due_at INTEGER,
    -- Attempts in all, and those that failed since it was last ordered.
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    first_failed_at INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((state = 'pending') = (finished_at IS NULL)),
    UNIQUE (handler, sequence)
) STRICT;
CREATE INDEX delivery_due ON delivery (handler, due_at, sequence) WHERE state = 'pending' AND due_at IS NOT NULL;
-- The state is a column of these, although one state is asked for: that lets SQLite prefer them to the lists' indexes.
CREATE INDEX delivery_of_transaction ON delivery ("transaction", handler, state, sequence);
CREATE INDEX delivery_of_network_transaction ON delivery (network_transaction, handler, state, sequence);
CREATE INDEX delivery_of_whole ON delivery (network_transaction, handler, state, sequence) WHERE "transaction" IS NULL;
CREATE INDEX delivery_of_coin ON delivery (coin, handler, state, sequence)
    WHERE "transaction" IS NULL AND network_transaction IS NULL;
CREATE INDEX delivery_event ON delivery (sequence, state);
CREATE INDEX delivery_state ON delivery (state, id);
CREATE INDEX delivery_handler ON delivery (handler, id);
CREATE INDEX delivery_handler_state ON delivery (handler, state, id);

-- Each time that an event was handed over, however it ended.
CREATE TABLE delivery_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery INTEGER NOT NULL REFERENCES delivery (id),
    number INTEGER NOT NULL CHECK (number > 0),
    started_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('received', 'refused', 'unreachable', 'timed_out')),
    -- In words: the status, the exit code, or what went wrong.
    detail TEXT NOT NULL,
    -- How the answer begins.
    answer TEXT NOT NULL CHECK (length(answer) <= 1000),
    UNIQUE (delivery, number)
) STRICT;
