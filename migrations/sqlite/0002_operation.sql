-- Who runs, who signs in, what the backends said: everything beside the books.

-- One runner of jobs per coin. The epoch grows with every new holder; writes of an old one find no row.
CREATE TABLE lease (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    runner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Where the receive scan goes on from.
CREATE TABLE scan_cursor (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    cursor TEXT,
    updated_at INTEGER NOT NULL
) STRICT;

-- A job's last answer from each backend, so that no page ever waits for a daemon.
CREATE TABLE backend (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    class TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unknown', 'up', 'down', 'unfit')),
    since INTEGER NOT NULL,
    height INTEGER,
    -- Blocks that it knows of and has not verified yet, and the time that its newest one bears; null where it doesn't tell.
    lag INTEGER,
    tip_at INTEGER,
    hot_wallet_balance INTEGER,
    -- Of it, what can be spent now.
    spendable INTEGER,
    fee_rate INTEGER,
    as_of INTEGER,
    last_error TEXT
) STRICT;

CREATE TABLE job (
    name TEXT NOT NULL,
    -- Empty for jobs that serve all coins.
    coin TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'backing_off')),
    last_started_at INTEGER,
    last_finished_at INTEGER,
    last_result TEXT,
    last_error TEXT,
    failing_since INTEGER,
    next_run_at INTEGER,
    -- Set by 'run now', cleared when the job starts.
    run_asked_at INTEGER,
    runner TEXT,
    PRIMARY KEY (name, coin)
) STRICT;

-- What the audit found: open until a later audit no longer sees it.
CREATE TABLE audit_finding (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coin TEXT NOT NULL REFERENCES coin (coin),
    subject TEXT NOT NULL,
    mismatch TEXT NOT NULL,
    found_at INTEGER NOT NULL,
    gone_at INTEGER
) STRICT;
CREATE UNIQUE INDEX audit_finding_open ON audit_finding (coin, subject) WHERE gone_at IS NULL;

CREATE TABLE "user" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    -- Argon2id, PHC string.
    password_hash TEXT NOT NULL,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    -- The second factor's secret (RFC 6238) and since when it is on. Readable, as server/src/people/totp.rs explains.
    totp_secret BLOB,
    totp_since INTEGER,
    -- The last time step whose code was taken: a code works once.
    totp_step INTEGER,
    CHECK ((totp_secret IS NULL) = (totp_since IS NULL))
) STRICT;

-- Ten a user, for when the telephone is lost. SHA-256, which is enough for 79 random bits.
CREATE TABLE recovery_code (
    "user" INTEGER NOT NULL REFERENCES "user" (id),
    code_hash TEXT NOT NULL,
    used_at INTEGER,
    PRIMARY KEY ("user", code_hash)
) STRICT;

CREATE TABLE session (
    -- Pages name a session by this; the cookie's id never leaves the server but in its cookie.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of the cookie's id: a stolen database opens no session.
    id_hash TEXT NOT NULL UNIQUE,
    -- Null until somebody is wholly signed in.
    "user" INTEGER REFERENCES "user" (id),
    data TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    -- When its person signed in.
    created_at INTEGER NOT NULL,
    -- Written at most once a minute, with what the request told: null before the first one.
    last_seen_at INTEGER,
    remote_ip TEXT,
    -- Who says so: the connection itself, or the proxy before Coffer.
    remote_ip_by TEXT CHECK (remote_ip_by IN ('connection', 'proxy')),
    user_agent TEXT CHECK (length(user_agent) <= 255)
) STRICT;
CREATE INDEX session_of_user ON session ("user");
CREATE INDEX session_expiry ON session (expires_at);

-- Failed sign-ins, so that guessing is slowed across processes.
CREATE TABLE sign_in_failure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_failure_name ON sign_in_failure (name, failed_at);

CREATE TABLE token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
    -- Whose idempotency keys it uses, so that a token that replaces it goes on with them.
    owner TEXT NOT NULL CHECK (length(owner) BETWEEN 1 AND 255),
    -- SHA-256 of the secret, which is shown once.
    secret_hash TEXT NOT NULL UNIQUE,
    -- Words separated by blanks: read receive send vet admin.
    scopes TEXT NOT NULL,
    -- Where it may be used from, in CIDR separated by blanks; empty: from anywhere.
    networks TEXT NOT NULL DEFAULT '',
    expires_at INTEGER,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

-- Results of changes that may be asked for again (form keys now, API keys alike).
CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint TEXT NOT NULL,
    -- Null while it is carried out, where something outside of the database has to be asked.
    result TEXT,
    -- Kept for ever; what moved none is forgotten after a day.
    moved_money INTEGER NOT NULL CHECK (moved_money IN (0, 1)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX idempotency_passing ON idempotency (created_at) WHERE NOT moved_money;

-- Who did or tried what.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- The seal, set once by a job: a gapless number, and the SHA-256 of the hash before and of this row's text. Not given
    -- at insertion, or every order would queue for the row before its own.
    sequence INTEGER UNIQUE CHECK (sequence > 0),
    hash TEXT CHECK (length(hash) = 64),
    CHECK ((sequence IS NULL) = (hash IS NULL))
) STRICT;
CREATE INDEX audit_log_unsealed ON audit_log (id) WHERE sequence IS NULL;
CREATE INDEX audit_log_actor ON audit_log (actor, id);

-- The newest seal, kept apart so that rows which are cut off at the end show; and how far the chain was verified.
CREATE TABLE audit_log_head (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    -- Where the verification under way has got to, row by row from the first.
    verifying_sequence INTEGER NOT NULL,
    verifying_hash TEXT NOT NULL CHECK (length(verifying_hash) = 64),
    -- The last time that it came to the end: up to which row everything was as it was sealed.
    verified_sequence INTEGER,
    verified_at INTEGER,
    -- What it found, in words; gone when a later one comes to the end.
    fault TEXT,
    fault_since INTEGER
) STRICT;
INSERT INTO audit_log_head (number, sequence, hash, verifying_sequence, verifying_hash) VALUES
    (1, 0, '0000000000000000000000000000000000000000000000000000000000000000',
     0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER audit_log_is_sealed_once BEFORE UPDATE ON audit_log
WHEN OLD.sequence IS NOT NULL OR OLD.id IS NOT NEW.id OR OLD.at IS NOT NEW.at OR OLD.actor IS NOT NEW.actor
    OR OLD.action IS NOT NEW.action OR OLD.subject IS NOT NEW.subject OR OLD.outcome IS NOT NEW.outcome
BEGIN SELECT RAISE(ABORT, 'a row of the audit log never changes'); END;
CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'a row of the audit log is never deleted'); END;
CREATE TRIGGER audit_log_head_stays BEFORE DELETE ON audit_log_head
BEGIN SELECT RAISE(ABORT, 'the head of the audit log is never deleted'); END;
CREATE TRIGGER audit_log_head_never_falls BEFORE UPDATE OF sequence ON audit_log_head WHEN NEW.sequence < OLD.sequence
BEGIN SELECT RAISE(ABORT, 'the head of the audit log never falls'); END;
