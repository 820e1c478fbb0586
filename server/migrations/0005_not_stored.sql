-- 0: nothing is kept once the finished answer was handed out (store=false).
ALTER TABLE jobs ADD COLUMN is_stored BIGINT NOT NULL DEFAULT 1;
