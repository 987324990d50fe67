-- Who runs, who signs in, what the backends said: everything beside the books.

-- One runner of jobs per coin. The epoch grows with every new holder; writes of an old one find no row.
CREATE TABLE lease (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    runner TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Where the receive scan goes on from.
CREATE TABLE scan_cursor (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    cursor TEXT,
    updated_at BIGINT NOT NULL
);

-- A job's last answer from each backend, so that no page ever waits for a daemon.
CREATE TABLE backend (
    coin TEXT PRIMARY KEY REFERENCES coin (coin),
    class TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unknown', 'up', 'down', 'unfit')),
    since BIGINT NOT NULL,
    height BIGINT,
    -- Blocks that it knows of and has not verified yet, and the time that its newest one bears; null where it doesn't tell.
    lag BIGINT,
    tip_at BIGINT,
    hot_wallet_balance BIGINT,
    -- Of it, what can be spent now.
    spendable BIGINT,
    fee_rate BIGINT,
    as_of BIGINT,
    last_error TEXT
);

CREATE TABLE job (
    name TEXT NOT NULL,
    -- Empty for jobs that serve all coins.
    coin TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'backing_off')),
    last_started_at BIGINT,
    last_finished_at BIGINT,
    last_result TEXT,
    last_error TEXT,
    failing_since BIGINT,
    next_run_at BIGINT,
    -- Set by 'run now', cleared when the job starts.
    run_asked_at BIGINT,
    runner TEXT,
    PRIMARY KEY (name, coin)
);

-- What the audit found: open until a later audit no longer sees it.
CREATE TABLE audit_finding (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (coin),
    subject TEXT NOT NULL,
    mismatch TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    gone_at BIGINT
);
CREATE UNIQUE INDEX audit_finding_open ON audit_finding (coin, subject) WHERE gone_at IS NULL;

CREATE TABLE "user" (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    -- Argon2id, PHC string.
    password_hash TEXT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    -- The second factor's secret (RFC 6238) and since when it is on. Readable, as server/src/people/totp.rs explains.
    totp_secret BYTEA,
    totp_since BIGINT,
    -- The last time step whose code was taken: a code works once.
    totp_step BIGINT,
    CHECK ((totp_secret IS NULL) = (totp_since IS NULL))
);

-- Ten a user, for when the telephone is lost. SHA-256, which is enough for 79 random bits.
CREATE TABLE recovery_code (
    "user" BIGINT NOT NULL REFERENCES "user" (id),
    code_hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY ("user", code_hash)
);

CREATE TABLE session (
    -- Pages name a session by this; the cookie's id never leaves the server but in its cookie.
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of the cookie's id: a stolen database opens no session.
    id_hash TEXT NOT NULL UNIQUE,
    -- Null until somebody is wholly signed in.
    "user" BIGINT REFERENCES "user" (id),
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- When its person signed in.
    created_at BIGINT NOT NULL,
    -- Written at most once a minute, with what the request told: null before the first one.
    last_seen_at BIGINT,
    remote_ip TEXT,
    -- Who says so: the connection itself, or the proxy before Coffer.
    remote_ip_by TEXT CHECK (remote_ip_by IN ('connection', 'proxy')),
    user_agent TEXT CHECK (length(user_agent) <= 255)
);
CREATE INDEX session_of_user ON session ("user");
CREATE INDEX session_expiry ON session (expires_at);

-- Failed sign-ins, so that guessing is slowed across processes.
CREATE TABLE sign_in_failure (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    failed_at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_name ON sign_in_failure (name, failed_at);

CREATE TABLE token (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
    -- Whose idempotency keys it uses, so that a token that replaces it goes on with them.
    owner TEXT NOT NULL CHECK (length(owner) BETWEEN 1 AND 255),
    -- SHA-256 of the secret, which is shown once.
    secret_hash TEXT NOT NULL UNIQUE,
    -- Words separated by blanks: read receive send vet admin.
    scopes TEXT NOT NULL,
    -- Where it may be used from, in CIDR separated by blanks; empty: from anywhere.
    networks TEXT NOT NULL DEFAULT '',
    expires_at BIGINT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL
);

-- Results of changes that may be asked for again (form keys now, API keys alike).
CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint TEXT NOT NULL,
    -- Null while it is carried out, where something outside of the database has to be asked.
    result TEXT,
    -- Kept for ever; what moved none is forgotten after a day.
    moved_money BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_passing ON idempotency (created_at) WHERE NOT moved_money;

-- Who did or tried what.
CREATE TABLE audit_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- The seal, set once by a job: a gapless number, and the SHA-256 of the hash before and of this row's text. Not given
    -- at insertion, or every order would queue for the row before its own.
    sequence BIGINT UNIQUE CHECK (sequence > 0),
    hash TEXT CHECK (length(hash) = 64),
    CHECK ((sequence IS NULL) = (hash IS NULL))
);
CREATE INDEX audit_log_unsealed ON audit_log (id) WHERE sequence IS NULL;
CREATE INDEX audit_log_actor ON audit_log (actor, id);

-- The newest seal, kept apart so that rows which are cut off at the end show; and how far the chain was verified.
CREATE TABLE audit_log_head (
    number BIGINT PRIMARY KEY CHECK (number = 1),
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    -- Where the verification under way has got to, row by row from the first.
    verifying_sequence BIGINT NOT NULL,
    verifying_hash TEXT NOT NULL CHECK (length(verifying_hash) = 64),
    -- The last time that it came to the end: up to which row everything was as it was sealed.
    verified_sequence BIGINT,
    verified_at BIGINT,
    -- What it found, in words; gone when a later one comes to the end.
    fault TEXT,
    fault_since BIGINT
);
INSERT INTO audit_log_head (number, sequence, hash, verifying_sequence, verifying_hash) VALUES
    (1, 0, '0000000000000000000000000000000000000000000000000000000000000000',
     0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER audit_log_is_sealed_once BEFORE UPDATE ON audit_log FOR EACH ROW
WHEN (OLD.sequence IS NOT NULL OR (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.outcome)
    IS DISTINCT FROM (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.outcome))
EXECUTE FUNCTION refuse('a row of the audit log never changes');
CREATE TRIGGER audit_log_is_never_deleted BEFORE DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse('a row of the audit log is never deleted');
CREATE TRIGGER audit_log_head_stays BEFORE DELETE ON audit_log_head
FOR EACH ROW EXECUTE FUNCTION refuse('the head of the audit log is never deleted');
CREATE TRIGGER audit_log_head_never_falls BEFORE UPDATE OF sequence ON audit_log_head FOR EACH ROW
WHEN (NEW.sequence < OLD.sequence) EXECUTE FUNCTION refuse('the head of the audit log never falls');
