-- Whether the account lets its documents go to models elsewhere.
ALTER TABLE accounts ADD COLUMN allows_external INTEGER NOT NULL DEFAULT 0;
-- The model that may read a job's pages, and whose it is: 'server', or the name of a provider elsewhere. Without both, the local engine reads.
ALTER TABLE jobs ADD COLUMN model TEXT;
ALTER TABLE jobs ADD COLUMN model_at TEXT;
-- The language that a job is translated into, and whose the translator is.
ALTER TABLE jobs ADD COLUMN translate_to TEXT;
ALTER TABLE jobs ADD COLUMN translator_at TEXT;
