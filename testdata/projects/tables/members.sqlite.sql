-- Tables of a club, keyed by UUIDs; payments name members by them.
CREATE TABLE members (
    member_id  TEXT PRIMARY KEY NOT NULL DEFAULT (lower(hex(randomblob(16)))),
    first_name TEXT,
    last_name  TEXT NOT NULL,
    mail       TEXT,
    city       TEXT,
    card       TEXT
);
CREATE TABLE member_mails (
    member  TEXT NOT NULL REFERENCES members,
    key     TEXT NOT NULL,
    address TEXT NOT NULL,
    is_main INTEGER NOT NULL,
    PRIMARY KEY (member, key)
);
CREATE INDEX member_mails_key ON member_mails (key);
CREATE TABLE payments (member TEXT NOT NULL REFERENCES members (member_id), amount TEXT NOT NULL);
INSERT INTO members (member_id, first_name, last_name, mail, city)
VALUES ('a0000000-0000-4000-8000-000000000001', 'Alma', 'Alt', 'alma@example.org', 'Ulm');
INSERT INTO member_mails SELECT member_id, mail, mail, 1 FROM members;
