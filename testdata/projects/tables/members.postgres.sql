-- Tables of a club, keyed by UUIDs; payments name members by them.
CREATE TABLE members (
    member_id  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    first_name text,
    last_name  text NOT NULL,
    mail       text,
    city       text,
    card       text
);
CREATE TABLE member_mails (
    member  uuid NOT NULL REFERENCES members,
    key     text NOT NULL,
    address text NOT NULL,
    is_main boolean NOT NULL,
    PRIMARY KEY (member, key)
);
CREATE INDEX ON member_mails (key);
CREATE TABLE payments (member uuid NOT NULL REFERENCES members, amount numeric NOT NULL);
INSERT INTO members (member_id, first_name, last_name, mail, city)
VALUES ('a0000000-0000-4000-8000-000000000001', 'Alma', 'Alt', 'alma@example.org', 'Ulm');
INSERT INTO member_mails SELECT member_id, mail, mail, true FROM members;
