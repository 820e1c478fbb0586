-- Who changed what of whom. Rows name accounts by their ids alone, so nothing is left of the address of one that was deleted.

CREATE TABLE audit (
    -- Sorts by time.
    id TEXT NOT NULL PRIMARY KEY,
    -- `account:` and an id, `command line`, `server`, a payment provider's name, or `nobody`.
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    -- `account:` and an id, or `job:` and the beginning of its uuid.
    subject TEXT,
    -- Figures and names of plans, as a JSON object. Nothing of a document.
    detail_json TEXT,
    request_id TEXT,
    -- How often, where one row stands for many: sign-ins that failed within an hour.
    n_times BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE INDEX audit_by_subject ON audit (subject, id);

-- When an admin shut the account; NULL while it can be used.
ALTER TABLE accounts ADD COLUMN disabled_ms BIGINT;
