-- Tables that a shop made long before: German names, a key of their own, no tenants.
CREATE TABLE kunden (
    "Nr"     INTEGER PRIMARY KEY,
    vorname  TEXT,
    nachname TEXT NOT NULL,
    mail     TEXT,
    ort      TEXT,
    seit     INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE kunden_mails (
    kunde      INTEGER NOT NULL REFERENCES kunden ("Nr"),
    schluessel TEXT NOT NULL,
    adresse    TEXT NOT NULL,
    haupt      INTEGER NOT NULL,
    PRIMARY KEY (kunde, schluessel)
);
CREATE INDEX kunden_mails_schluessel ON kunden_mails (schluessel);
INSERT INTO kunden (vorname, nachname, mail, ort) VALUES ('Alma', 'Alt', 'alma@example.org', 'Ulm');
INSERT INTO kunden_mails SELECT "Nr", mail, mail, 1 FROM kunden;
