-- The tool that a job was sent for; its format is that of downloads which ask for none.
ALTER TABLE jobs ADD COLUMN tool TEXT;
