-- What all processes on a database have to agree on: the first one writes it, the others compare.
CREATE TABLE agreements (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
