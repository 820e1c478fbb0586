-- Portable between SQLite and PostgreSQL: times are unix milliseconds, JSON is text, no database's own functions.

-- An API token. The token itself is kept nowhere, only its SHA-256 (it is 192 random bits, so a salt adds nothing).
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    token_sha256 TEXT NOT NULL UNIQUE,
    created_ms BIGINT NOT NULL
);

-- A document that was sent to be read. Once deleted or expired the row stays as a tombstone without content.
CREATE TABLE jobs (
    uuid TEXT NOT NULL PRIMARY KEY,
    -- NULL: sent without a token, the uuid is the only key.
    token_id TEXT REFERENCES tokens (id) ON DELETE SET NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'done', 'failed', 'deleted', 'expired')),
    tier TEXT NOT NULL,
    language TEXT NOT NULL,
    detail TEXT NOT NULL,
    page_count BIGINT NOT NULL,
    pages_done BIGINT NOT NULL,
    pages_failed BIGINT NOT NULL,
    engine_json TEXT NOT NULL,
    warnings_json TEXT NOT NULL,
    error TEXT,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);

CREATE INDEX jobs_by_expiry ON jobs (status, expires_ms);

-- One page of a job: the unit of work.
CREATE TABLE pages (
    job_uuid TEXT NOT NULL REFERENCES jobs (uuid) ON DELETE CASCADE,
    page_index BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'claimed', 'done', 'failed')),
    -- How often the page was taken up to be read.
    attempts BIGINT NOT NULL,
    -- The page with its words, NULL until it has its answer.
    page_json TEXT,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (job_uuid, page_index)
);

CREATE INDEX pages_by_turn ON pages (status, page_index, created_ms);
