CREATE TABLE pupils (
    school    text NOT NULL,
    nr        bigint NOT NULL,
    full_name text NOT NULL,
    class     text,
    PRIMARY KEY (school, nr)
);
INSERT INTO pupils VALUES ('North', 1, 'Ann Lee', '5a'), ('South', 1, 'Bo Moss', '6b');
