CREATE TABLE pupils (
    school    TEXT NOT NULL,
    nr        INTEGER NOT NULL,
    full_name TEXT NOT NULL,
    class     TEXT,
    PRIMARY KEY (school, nr)
);
INSERT INTO pupils VALUES ('North', 1, 'Ann Lee', '5a'), ('South', 1, 'Bo Moss', '6b');
