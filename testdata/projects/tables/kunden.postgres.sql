-- Tables that a shop made long before: German names, a key of their own, no tenants.
CREATE TABLE kunden (
    "Nr"     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vorname  text,
    nachname text NOT NULL,
    mail     text,
    ort      text,
    seit     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE kunden_mails (
    kunde      bigint NOT NULL REFERENCES kunden ("Nr"),
    schluessel text NOT NULL,
    adresse    text NOT NULL,
    haupt      boolean NOT NULL,
    PRIMARY KEY (kunde, schluessel)
);
CREATE INDEX ON kunden_mails (schluessel);
INSERT INTO kunden (vorname, nachname, mail, ort) VALUES ('Alma', 'Alt', 'alma@example.org', 'Ulm');
INSERT INTO kunden_mails SELECT "Nr", mail, mail, true FROM kunden;
