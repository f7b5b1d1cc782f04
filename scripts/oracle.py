#!/usr/bin/env python3
"""An outside oracle: what core must be after a first load of plain UTF-8 comma files, computed a second, independent way.

    oracle.py expect  --csv a.csv [b.csv …] --out DIR [--external-system crm] [--truth truth.csv] [--region US]
    oracle.py compare --expected DIR --actual DIR [--samples 10]
    oracle.py people  --csv a.csv …            prints the expected people in the columns of the golden cases

The files count as one first load. That is the same as loading them one after the other as long as the versions of a record differ in
source_updated_at and no match is ambiguous. `--truth` (of the generators; one file only) says what each phone number really is; without
it numbers are read by a small normaliser that is good enough for North American and +… numbers.

`expect` writes people.parquet (one row per core row) and links.parquet (one row per external id with its outcome), and prints the counters.
`compare` reads what the product holds, exported as contacts.csv, contact_emails.csv, contact_phones.csv and external_id_map.csv
(the tables' own columns; .parquet works too), prints a JSON document and ends with 1 when anything differs.

DuckDB does the joins, Python weighs the pairs and makes the clusters. Nothing here is shared with the product but its lists (nicknames, names,
endings of names, values that are no keys or weak ones).
"""

import argparse
import csv
import json
import pathlib
import re
import sys
import time

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "sql" / "data"
TEXTS = ["first_name", "last_name", "street", "city", "postal_code", "country", "employer"]
FIELDS = ["first_name", "last_name", "birth_date", "email", "phone", "street", "city", "postal_code", "country", "employer"]
COLUMNS = [*TEXTS, "external_system", "external_id", "email", "phone", "alternate_emails", "alternate_phones", "birth_date",
           "source_updated_at", "email_verified_at", "phone_verified_at"]
RENAMED = {"date_of_birth": "birth_date"}
# Forms of address that a given name may be mistaken for, or mistyped into ("Sra" for "Sara"): alone they name nobody.
TITLE = r"(dr|prof|mr|mrs|ms|mx|mme|mlle|sra|srta)\.?"
SHORTEST_BEGINNING = 3  # letters; an initial counts as well
MAX_CLUSTER = MAX_KEY_GROUP = 50
MAX_KEY_PEOPLE = 3
NO_DATES = {"1900-01-01", "1901-01-01", "1904-01-01", "1969-12-31", "1970-01-01"}
SYLLABLE = re.compile("(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])(?:[aoeiu]|[ae]i|oo|ou|[ae]n|[aeo]ng|ao|i[ae]|iao|iu|ian|in|iang|ing|iong|u[aoe]|uai|ui|uan|un|uang|eo|eon|eong)")
GENERATION = r"[ ,]+(jr|sr|junior|senior|ii|iii|iv|2nd|3rd|4th)\.?$"
GENERATIONS = {"sr": 1, "senior": 1, "jr": 2, "junior": 2, "ii": 2, "2nd": 2, "iii": 3, "3rd": 3, "iv": 4, "4th": 4}

MACROS = r"""
CREATE MACRO clean(t) AS nullif(trim(regexp_replace(nfc_normalize(t), '\s+', ' ', 'g')), '');
CREATE MACRO fold(t) AS nullif(regexp_replace(lower(strip_accents(
    replace(replace(replace(replace(replace(replace(replace(t, 'ß', 'ss'), 'ø', 'o'), 'Ø', 'O'), 'ł', 'l'), 'Ł', 'L'), 'đ', 'd'), 'ı', 'i'))),
    '[^a-z0-9]', '', 'g'), '');
CREATE MACRO nothing(t) AS lower(clean(t)) IN ('n/a', 'na', '-', '--', 'none', 'null', 'nan', 'keine', 'kein', '(null)', '#n/a', '\N', '000-000-0000');
CREATE MACRO address(t) AS CASE WHEN nothing(t) THEN NULL WHEN contains(clean(t), '@')
    THEN regexp_extract(clean(t), '^(.*)@', 1) || '@' ||
        regexp_replace(lower(regexp_extract(clean(t), '@([^@]*)$', 1)), '^([^,]+),([a-z]+)$', '\1.\2') ELSE clean(t) END;
CREATE MACRO is_address(t) AS regexp_full_match(t,
    '[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]+@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*[a-z0-9]')
    AND NOT regexp_matches(t, '(^\.|\.\.|\.@)');
CREATE MACRO mail_key(t) AS CASE WHEN is_address(address(t))
    THEN regexp_replace(regexp_replace(lower(address(t)), '^([^+@]+)\+[^@]*@', '\1@'), '@googlemail\.com$', '@gmail.com') END;
CREATE MACRO digits(t) AS regexp_replace(regexp_replace(lower(trim(t)), '\s*(x|ext\.?)\s*\d+$', ''), '[^0-9+]', '', 'g');
CREATE MACRO e164(t) AS CASE
    WHEN regexp_full_match(digits(t), '(\+?1)?[2-9]\d{2}[2-9]\d{6}') THEN '+1' || right(digits(t), 10)
    WHEN regexp_full_match(digits(t), '\+[2-9]\d{7,14}') THEN digits(t) END;
"""


def read_rows(db, files, system):
    """Table landed: one row per record with the known columns, whatever the file has."""
    parts = []
    for number, name in enumerate(files):
        db.execute(f"CREATE VIEW file_{number} AS SELECT * FROM read_csv(?, all_varchar=true, header=true, delim=',', quote='\"')"
                   .replace("?", "'" + str(name).replace("'", "''") + "'"))
        have = {RENAMED.get(c, c): c for c, *_ in db.execute(f"DESCRIBE file_{number}").fetchall()}
        picks = ", ".join(f'"{have[c]}" AS {c}' if c in have else f"NULL::VARCHAR AS {c}" for c in COLUMNS)
        parts.append(f"SELECT {number} AS file_number, row_number() OVER () AS row_in_file, {picks} FROM file_{number}")
    db.execute("CREATE TABLE landed AS SELECT row_number() OVER (ORDER BY file_number, row_in_file) - 1 AS rid, * FROM ("
               + " UNION ALL ".join(parts) + ")")
    db.execute("UPDATE landed SET external_system = ? WHERE nullif(trim(external_system), '') IS NULL", [system])


def stage(db, truth):
    db.execute(MACROS)
    if truth:
        db.execute("CREATE TABLE truth AS SELECT row::BIGINT AS rid, nullif(phone_e164, '') AS e164 FROM "
                   f"read_csv('{truth}', all_varchar=true)")
    phone = "t.e164" if truth else "e164(l.phone)"
    join = "LEFT JOIN truth t USING (rid)" if truth else ""
    db.execute(f"""
    CREATE TABLE staged AS SELECT rid, clean(external_system) AS system, clean(external_id) AS id,
        {", ".join(f"clean({c}) AS {c}" for c in TEXTS if c != "first_name")},
        CASE WHEN NOT regexp_full_match(lower(clean(first_name)), '{TITLE}( {TITLE})*') THEN clean(first_name) END AS first_name,
        address(email) AS email, mail_key(email) AS email_key, CASE WHEN NOT nothing(l.phone) THEN clean(l.phone) END AS phone_text,
        CASE WHEN NOT nothing(l.phone) THEN {phone} END AS phone,
        list_distinct(list_filter(list_transform(regexp_split_to_array(coalesce(alternate_emails, ''), '[,;|\n]'), lambda x: mail_key(x)),
                                  lambda x: x IS NOT NULL)) AS other_emails,
        (list_filter(list_transform(regexp_split_to_array(coalesce(alternate_emails, ''), '[,;|\n]'), lambda x: mail_key(x)),
                                  lambda x: x IS NOT NULL))[1] AS first_other_email,
        list_distinct(list_filter(list_transform(regexp_split_to_array(coalesce(alternate_phones, ''), '[,;|\n]'), lambda x: e164(x)),
                                  lambda x: x IS NOT NULL)) AS other_phones,
        (list_filter(list_transform(regexp_split_to_array(coalesce(alternate_phones, ''), '[,;|\n]'), lambda x: e164(x)),
                                  lambda x: x IS NOT NULL))[1] AS first_other_phone,
        try_cast(clean(birth_date) AS DATE) AS birth_date,
        coalesce(try_cast(clean(source_updated_at) AS TIMESTAMPTZ), now()) AS effective_at,
        clean(source_updated_at) IS NOT NULL AND try_cast(clean(source_updated_at) AS TIMESTAMPTZ) IS NULL AS bad_time,
        try_cast(clean(email_verified_at) AS TIMESTAMPTZ) AS email_verified_at,
        try_cast(clean(phone_verified_at) AS TIMESTAMPTZ) AS phone_verified_at,
        nullif(array_to_string(list_filter(list_transform(string_split(clean(first_name), ' '), lambda w: fold(w)), lambda w: w <> ''), ' '), '') AS given_key, fold(regexp_replace(clean(last_name), '{GENERATION}', '', 'i')) AS family_key,
        list_filter(list_transform(regexp_split_to_array(regexp_replace(regexp_replace(clean(last_name), '{GENERATION}', '', 'i'), '^([Oo])[''’]', '\\1 '), '[\\s/&-]+'), lambda w: fold(w)), lambda w: w <> '') AS family_words,
        nullif(regexp_extract(lower(trim(l.phone)), '(x|ext\\.?)\\s*(\\d+)$', 2), '') AS extension,
        nullif(regexp_extract(lower(clean(last_name)), '{GENERATION}', 1), '') AS generation
    FROM landed l {join}""")
    db.execute("""
    CREATE TABLE checked AS SELECT rid, [rule for rule in [
        CASE WHEN email IS NULL AND phone_text IS NULL AND len(other_emails) = 0 AND len(other_phones) = 0 THEN 'VOL_CONTACT_REQUIRED' END,
        CASE WHEN email IS NOT NULL AND email_key IS NULL THEN 'VOL_EMAIL_FORMAT' END,
        CASE WHEN phone_text IS NOT NULL AND phone IS NULL THEN 'VOL_PHONE_E164' END,
        CASE WHEN first_name IS NULL OR last_name IS NULL THEN 'VOL_NAME_REQUIRED' END,
        CASE WHEN bad_time THEN 'VOL_SOURCE_UPDATED_AT' END] if rule IS NOT NULL] AS rules FROM staged""")
    db.execute("CREATE TABLE valid AS SELECT * FROM staged SEMI JOIN (SELECT rid FROM checked WHERE len(rules) = 0) USING (rid)")


def column(name, *parts):
    """One column of a list of the product, or several."""
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return [tuple(row[p] for p in parts) if len(parts) > 1 else row[parts[0]] for row in csv.DictReader(file)]


class Names:
    """Whether two given names, folded, may be one person's."""

    def __init__(self, db):
        fold = lambda words: [f for (f,) in db.execute("SELECT fold(w) FROM (SELECT unnest(?::VARCHAR[]) AS w)", [words]).fetchall()]  # noqa: E731
        pairs = column("nicknames.csv", "formal", "nickname")
        formal, short = fold([f for f, _ in pairs]), fold([n for _, n in pairs])
        self.formal = {}
        for name, nickname in zip(formal, short):
            self.formal.setdefault(name, set()).add(name)
            self.formal.setdefault(nickname, set()).add(name)
        self.known = set(fold(column("given_names.csv", "name"))) | set(self.formal)
        self.whole = set(fold(column("given_names.csv", "name"))) | set(formal)
        endings = column("given_name_endings.csv", "ending", "of")
        self.endings = {e for e, of in endings if "after" not in of}
        self.behind_a = {e for e, of in endings if "after" in of}

    def other_form(self, name, rest):
        return (rest in self.endings or (name.endswith("a") and rest in self.behind_a) or (name.endswith("e") and "e" + rest in self.endings)
                or (len(rest) > 1 and name[-1:] == rest[0] and rest[1:] in self.endings))

    def beginning(self, short, rest, long):
        if len(short) < SHORTEST_BEGINNING or len(long) < 5 or self.other_form(short, rest):
            return False
        if any(long.startswith(f) and self.other_form(f, long[len(f):]) for f in self.formal.get(short, ())):
            return False
        if SYLLABLE.fullmatch(short) and SYLLABLE.fullmatch(rest):
            return False
        spelling = len(rest) == 1 and (rest == short[-1] or rest == "h" or (short[-1] == "c" and rest == "k"))
        second = len(rest) >= 4 and (long not in self.whole or (len(short) >= 4 and rest in self.known))
        return short not in self.whole or second or spelling

    def alike(self, a, b):
        if a is None or b is None or a == b:
            return True
        if " " not in a and " " not in b:
            return self.one_alike(a, b)
        a, b = a.split(" "), b.split(" ")
        a, b = self.unjoined(a, b), self.unjoined(b, a)
        fewer, more = sorted((a[1:], b[1:]), key=len)
        rest = iter(more)
        return self.one_alike(a[0], b[0]) and all(any(self.further_alike(name, other) for other in rest) for name in fewer)

    def unjoined(self, a, b):
        """Anna-Maria as two names, beside somebody who has two."""
        rest = a[0][len(b[0]):] if a[0].startswith(b[0]) else ""
        if not rest or len(b) < 2:
            return a
        written_apart = rest == b[1] and len(rest) > 1 and (rest in self.known or not self.other_form(b[0], rest))
        beginning = len(rest) >= SHORTEST_BEGINNING and not self.formal.get(a[0], set()) & self.formal.get(b[0], set()) and self.one_alike(a[0], b[0])
        return [b[0], rest, *a[1:]] if written_apart or (beginning and len(b[0]) > 1) else a

    def further_alike(self, a, b):
        short, long = sorted((a, b), key=len)
        forms = any(long.startswith(f) and self.other_form(f, long[len(f):]) for f in self.formal.get(short, ()))
        return self.one_alike(a, b) or (long.startswith(short) and not self.other_form(short, long[len(short):]) and not forms)

    def one_alike(self, a, b):
        if a == b:
            return True
        short, long = sorted((a, b), key=len)
        if len(short) == 1:
            return long.startswith(short) or bool(self.formal.get(a, set()) & self.formal.get(b, set()))
        if self.formal.get(a, set()) & self.formal.get(b, set()):
            return True
        if plain(a) == plain(b) and not (a in self.known and b in self.known):
            return True
        if long.startswith(short):
            return self.beginning(short, long[len(short):], long)
        return self.slip(short, long)

    def slip(self, a, b):
        if len(a) < 5 or len(b) - len(a) > 1 or (a in self.known and b in self.known):
            return False
        if a[-1] != b[-1] and (a[-1] in "aeiouy" or b[-1] in "aeiouy"):
            return False
        if len(a) < len(b):
            return any(b[:i] + b[i + 1:] == a for i in range(len(b)))
        other = [i for i in range(len(a)) if a[i] != b[i]]
        swapped = len(other) == 2 and other[1] == other[0] + 1 and a[other[0]] == b[other[1]] and a[other[1]] == b[other[0]]
        return len(other) == 1 or swapped


def plain(name):
    """Umlauts that are written out; at the end of a name, and before e and y, there are none."""
    return re.sub("([aou])e(?=[^ey])|aa(?=[^ey])", lambda m: m[1] or "a", name)


def told(born):
    """A birth date, unless it stands for none."""
    return born if born is not None and 1900 <= born.year < 2100 and str(born) not in NO_DATES else None


def same_birth(a, b):
    return told(a["born"]) is not None and a["born"] == b["born"] and (a["born"].month, a["born"].day) != (1, 1)


SON_OF = ("mc", "mac", "o", "fitz")


def has_part(words, short):
    """Whether some words of a family name, one behind the other, are another one."""
    if words[:1] and words[0] in SON_OF:
        words = ["".join(words[:2]), *words[2:]]
    return len(short) >= 4 and any(plain("".join(words[n:m])) == plain(short) for n in range(len(words)) for m in range(n + 1, len(words) + 1))


def other_family(a, b):
    if a["family"] is None or b["family"] is None:
        return False
    (a, own), (b, words) = sorted(((x["family"], x["words"] or []) for x in (a, b)), key=lambda name: len(name[0]))
    if a == b:
        return False
    if any(of[:1] and of[0] in SON_OF and "".join(of[1:]) == name for of, name in ((own, b), (words, a))):
        return True
    if plain(a) == plain(b):
        return False
    swapped = len(a) == len(b) and any(a[:i] + a[i + 1] + a[i] + a[i + 2:] == b for i in range(len(a) - 1))
    if len(a) >= 5 and (one_edit(a, b) or swapped):
        return False
    return not (has_part(words, a) or has_part(own, b) or (len(a) >= 4 and b == a + "ova"))


def strays(names, a, b, mails_a, mails_b):
    """Whether a telephone number does not outweigh another family name."""
    if not other_family(a, b):
        return False
    initial = any(x["given"] and all(len(n) == 1 for n in x["given"].split(" ")) for x in (a, b))
    first = [x["given"].split(" ")[0] if x["given"] else "" for x in (a, b)]
    initial = initial or any(len(f) == 1 for f in first)
    if initial or evidence(names, a, b) == "renamed":
        return True
    equal = first[0] and first[1] and (first[0] == first[1] or (plain(first[0]) == plain(first[1]) and not set(first) <= names.known))
    differ = bool(mails_a and mails_b) and not {min(mails_a), max(mails_a)} & {min(mails_b), max(mails_b)}
    return not same_birth(a, b) and (differ or not equal)


def evidence(names, a, b):
    """What names, generations and birth dates say of two rows: for, against, renamed."""
    if told(a["born"]) and told(b["born"]) and a["born"] != b["born"]:
        x, y = str(a["born"]), str(b["born"])
        swapped = x[:4] == y[:4] and x[5:7] == y[8:] and x[8:] == y[5:7]
        if not swapped and sum(p != q for p, q in zip(x, y)) != 1:
            return "against"
    one, other = GENERATIONS.get(a["generation"]), GENERATIONS.get(b["generation"])
    if one and other and one != other:
        return "against"
    if not names.alike(a["given"], b["given"]):
        return "renamed" if same_birth(a, b) else "against"
    return "doubt" if one != other and not same_birth(a, b) else "for"


def same_family(a, b):
    return a["family"] is not None and a["family"] == b["family"]


def who(row):
    return row["given"], row["family"], row["generation"], row["born"], row["system"]


def verdict(names, a, b, weak):
    """Whether a shared value makes two rows one person."""
    said = evidence(names, a, b)
    two_ids = a["id"] is not None and b["id"] is not None and a["system"] == b["system"] and a["id"] != b["id"]
    if said in ("against", "doubt") or (said == "renamed" and a["system"] == b["system"]):
        return "other"
    if weak and not (same_family(a, b) and a["given"] is not None and b["given"] is not None and a["given"].split(" ")[0] == b["given"].split(" ")[0] and a["generation"] == b["generation"]):
        return "weak"
    if two_ids and not same_family(a, b) and not same_birth(a, b):
        return "two_ids"
    return "joins"


def two_extensions(a, b):
    return a["extension"] is not None and b["extension"] is not None and a["extension"] != b["extension"]


def extensions_apart(group, other, l, r):
    """Whether two rows stand behind other extensions of one number. Rows of one name are looked at together: each is
    compared with the first of them, by the lowest and the highest extension of all."""
    edge, other_edge = ({min(known), max(known)} if known else set() for known in (
        [extension for _, extension in rows if extension is not None] for rows in (group, other)))
    if not edge or not other_edge:
        return False
    if group is not other:
        return not edge & other_edge
    first, of = min(rid for rid, _ in group), dict(group)
    if first not in (l, r):
        return of[l] is not None and of[r] is not None and of[l] != of[r]
    later = of[max(l, r)]
    return later is not None and later not in edge


def crowd(names, rows):
    """How many people share a value: several spellings of one name are one person. The names decide who comes first."""
    who = sorted({(r["given"] or "", r["family"] or "", str(r["generation"] or ""), str(r["born"] or "")): r for r in rows}.items())
    if len(who) > MAX_KEY_GROUP:
        return None

    def close(a, b):
        if a is None or b is None or a == b:
            return True
        return len(a) >= 5 and len(b) >= 5 and one_edit(*sorted((a, b), key=len))

    return sum(not any(close(a["family"], b["family"]) and evidence(names, a, b) == "for" for _, b in who[:n]) for n, (_, a) in enumerate(who))


def one_edit(a, b):
    if len(b) - len(a) > 1:
        return False
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b)) == 1
    return any(b[:i] + b[i + 1:] == a for i in range(len(b)))


def match(db):
    """Table cluster_of (rid, cluster) for rows in a cluster of several, table review (rid, reason), table tested (l, r, same)."""
    names = Names(db)
    db.execute("""
    CREATE TABLE patterns (kind VARCHAR, pattern VARCHAR, weak BOOLEAN);
    CREATE MACRO fits(key, pattern) AS starts_with(key, split_part(pattern, '*', 1)) AND ends_with(key, split_part(pattern, '*', 2))
        AND (contains(pattern, '*') OR key = pattern);
    CREATE TABLE all_keys AS
        SELECT rid, 'email' AS kind, email_key AS key, true AS is_primary FROM valid WHERE email_key IS NOT NULL
        UNION ALL SELECT rid, 'phone', phone, true FROM valid WHERE phone IS NOT NULL
        UNION ALL SELECT rid, 'email', key, false FROM (SELECT rid, email_key, unnest(other_emails) AS key FROM valid) WHERE key IS DISTINCT FROM email_key
        UNION ALL SELECT rid, 'phone', key, false FROM (SELECT rid, phone, unnest(other_phones) AS key FROM valid) WHERE key IS DISTINCT FROM phone""")
    for file, weak in (("no_keys.csv", False), ("weak_keys.csv", True)):
        db.executemany("INSERT INTO patterns VALUES (?, ?, ?)", [(*row, weak) for row in column(file, "kind", "pattern")])
    db.execute("""
    CREATE TABLE no_key AS SELECT DISTINCT kind, key FROM (SELECT DISTINCT kind, key FROM all_keys) k JOIN patterns p USING (kind) WHERE NOT p.weak AND fits(key, pattern);
    CREATE TABLE weak_key AS SELECT DISTINCT kind, key FROM (SELECT DISTINCT kind, key FROM all_keys) k JOIN patterns p USING (kind) WHERE p.weak AND fits(key, pattern);
    CREATE TABLE keys AS SELECT * FROM all_keys ANTI JOIN no_key USING (kind, key)""")
    shared = db.execute("""SELECT k.kind, k.key, k.is_primary, k.rid, w.key IS NOT NULL FROM keys k
        SEMI JOIN (SELECT kind, key FROM keys GROUP BY ALL HAVING count(*) > 1) s USING (kind, key) LEFT JOIN weak_key w USING (kind, key)""").fetchall()
    fields = ("rid", "given", "family", "words", "extension", "generation", "born", "system", "id")
    people = {row[0]: dict(zip(fields, row)) for row in db.execute(
        "SELECT rid, given_key, family_key, family_words, extension, generation, birth_date, system, id FROM valid").fetchall()}
    groups = {}
    for kind, key, is_primary, rid, weak in shared:
        groups.setdefault((kind, key, weak), []).append((rid, is_primary))
    mail_of = dict(db.execute("""SELECT rid, mail FROM (SELECT rid, coalesce(email_key, first_other_email) AS mail FROM valid) v
        WHERE mail IS NOT NULL AND NOT EXISTS (SELECT 1 FROM no_key n WHERE n.kind = 'email' AND n.key = v.mail)""").fetchall())
    found = {}
    for (kind, _, weak), rows in groups.items():
        mails, of_group = {}, {}
        alike = lambda rid, main: (main, *who(people[rid]), people[rid]["id"] is not None)  # noqa: E731
        for rid, main in rows:
            if main and kind == "phone":
                of_group.setdefault(alike(rid, main), []).append((rid, people[rid]["extension"]))
            if rid in mail_of:
                mails.setdefault(alike(rid, main), set()).add(mail_of[rid])
        many = crowd(names, [people[rid] for rid, _ in rows]) if len(rows) > MAX_KEY_PEOPLE else 0
        if many is None:
            continue
        for n, (l, main) in enumerate(rows):
            for r, other_main in rows[:n]:
                if not (main or other_main or same_family(people[l], people[r])):
                    continue
                apart = extensions_apart(*(of_group.get(alike(x, m), ()) for x, m in ((l, main), (r, other_main))), l, r)
                said = verdict(names, people[l], people[r], weak or apart or many > MAX_KEY_PEOPLE)
                of = [mails.get(alike(x, m)) for x, m in ((l, main), (r, other_main))]
                if said == "joins" and kind == "phone" and strays(names, people[l], people[r], *of):
                    said = "stray"
                found.setdefault((min(l, r), max(l, r)), set()).add(said)
    edges = [pair for pair, said in found.items() if "joins" in said]
    links, reused = {}, set()
    for row in people.values():
        if row["id"] is not None:
            links.setdefault((row["system"], row["id"]), []).append(row)
    for rows in (rows for rows in links.values() if len(rows) > 1):
        for n, a in enumerate(rows):
            for b in rows[:n]:
                shares = "joins" in found.get((min(a["rid"], b["rid"]), max(a["rid"], b["rid"])), ()) or same_keys(groups, a, b)
                said = evidence(names, a, b)
                families = a["family"] is None or b["family"] is None or a["family"] == b["family"]
                married = said == "for" and a["given"] is not None and b["given"] is not None and len(a["given"]) > 1 \
                    and a["given"].split(" ")[0] == b["given"].split(" ")[0] and (same_birth(a, b) or not other_family(a, b))
                if said == "against" or not shares and (said == "renamed" or not (families or married)):
                    reused |= {row["rid"] for row in rows}
                else:
                    edges.append((b["rid"], a["rid"]))
    clusters = union_find(edges)
    db.execute("CREATE TABLE cluster_of (rid BIGINT, cluster BIGINT)")
    insert_columns(db, "cluster_of", clusters)
    place, members = dict(clusters), {}
    for rid, cluster in clusters:
        members.setdefault(cluster, []).append(people[rid])
    torn = {place[l] for (l, r), said in found.items() if l in place and place[l] == place.get(r) and said & {"other", "two_ids"}
            and not one_record(people[l], people[r])}
    pair = lambda l, r: tuple(sorted((who(people[l]), who(people[r])), key=repr))  # noqa: E731
    joined = {(place[l], pair(l, r)) for (l, r), said in found.items() if "joins" in said}
    torn |= {place[l] for (l, r), said in found.items() if "stray" in said and l in place and place[l] == place.get(r)
             and (place[l], pair(l, r)) not in joined and not one_record(people[l], people[r])}
    for cluster, rows in members.items():
        if any(evidence(names, a, b) == "against" and not one_record(a, b) for n, a in enumerate(rows) for b in rows[:n]):
            torn.add(cluster)
    torn |= {cluster for cluster, rows in members.items() if len({(r["given"], r["generation"], r["born"]) for r in rows}) > MAX_CLUSTER}
    db.execute("CREATE TABLE torn (cluster BIGINT, again BIGINT)")
    insert_columns(db, "torn", [(cluster, cluster) for cluster in torn])
    db.execute("CREATE TABLE reused (rid BIGINT, again BIGINT)")
    insert_columns(db, "reused", [(rid, rid) for rid in reused])
    db.execute("CREATE TABLE apart (l BIGINT, r BIGINT)")
    insert_columns(db, "apart", [pair for pair, said in found.items() if "joins" not in said])
    db.execute("""
    CREATE TABLE review AS SELECT rid, 'id_reused' AS reason FROM reused
        UNION ALL SELECT rid, 'incompatible_cluster' FROM cluster_of SEMI JOIN torn USING (cluster) ANTI JOIN reused USING (rid)
        UNION ALL SELECT rid, 'no_key' FROM valid ANTI JOIN keys USING (rid) WHERE id IS NULL;
    CREATE TABLE placed AS SELECT v.* REPLACE (        -- where the main cell is empty, the first of the others is the main value
            coalesce(v.email, v.first_other_email) AS email, coalesce(v.email_key, v.first_other_email) AS email_key,
            coalesce(v.phone, v.first_other_phone) AS phone), coalesce(c.cluster, v.rid) AS cluster FROM valid v LEFT JOIN cluster_of c USING (rid) ANTI JOIN review USING (rid)""")


def one_record(a, b):
    return a["id"] is not None and (a["system"], a["id"]) == (b["system"], b["id"])


def same_keys(groups, a, b):
    def main(rows, row):
        return any(rid == row["rid"] and is_main for rid, is_main in rows)

    def apart(kind, rows):
        return kind == "phone" and two_extensions(a, b) and main(rows, a) and main(rows, b)

    return any(not weak and {a["rid"], b["rid"]} <= {rid for rid, _ in rows} and not apart(kind, rows)
               for (kind, _, weak), rows in groups.items())


def union_find(edges):
    parent = {}

    def root(x):
        while parent.setdefault(x, x) != x:
            parent[x] = x = parent[parent[x]]
        return x

    for a, b in edges:
        a, b = root(a), root(b)
        if a != b:
            parent[max(a, b)] = min(a, b)
    return [(x, root(x)) for x in list(parent)]


def insert_columns(db, table, rows):
    """Many rows at once, without other packages: through a list of structs."""
    for start in range(0, len(rows), 50_000):
        part = rows[start:start + 50_000]
        db.execute(f"INSERT INTO {table} SELECT unnest(?::BIGINT[]), unnest(?::BIGINT[])", [[r[0] for r in part], [r[1] for r in part]])


def survive(db):
    """Table people: newest non-null value per field, equal times by value, a verified e-mail or phone before any other."""
    def best(field):
        order = {"email": "email_verified_at DESC NULLS LAST, ", "phone": "phone_verified_at DESC NULLS LAST, "}.get(field, "")
        return f"first({field} ORDER BY {order}effective_at DESC, {field} ASC) FILTER ({field} IS NOT NULL) AS {field}"

    names = lambda kind: (f"SELECT cluster, string_agg(DISTINCT key, ' ' ORDER BY key) AS {kind}s FROM all_keys k JOIN placed p USING (rid) "  # noqa: E731
                          f"WHERE kind = '{kind}' GROUP BY cluster")
    db.execute(f"""
    CREATE TABLE people AS
        WITH sizes AS (SELECT cluster, count(*) AS n FROM placed GROUP BY cluster),
             many AS (SELECT cluster, {", ".join(map(best, FIELDS))}, string_agg(DISTINCT link, ' ' ORDER BY link) AS links
                      FROM (SELECT *, system || ':' || coalesce(id, '~') AS link FROM placed SEMI JOIN (SELECT cluster FROM sizes WHERE n > 1) USING (cluster))
                      GROUP BY cluster),
             single AS (SELECT cluster, {", ".join(FIELDS)}, system || ':' || coalesce(id, '~') AS links
                        FROM placed SEMI JOIN (SELECT cluster FROM sizes WHERE n = 1) USING (cluster))
        SELECT u.*, e.emails, f.phones, mail_key(u.email) AS primary_email, u.phone AS primary_phone
        FROM (SELECT * FROM many UNION ALL SELECT * FROM single) u
        LEFT JOIN ({names("email")}) e USING (cluster) LEFT JOIN ({names("phone")}) f USING (cluster)""")


def expect(args):
    started = time.perf_counter()
    db = duckdb.connect()
    read_rows(db, args.csv, args.external_system)
    stage(db, args.truth)
    match(db)
    survive(db)
    one = lambda q: db.execute(q).fetchall()[0][0]  # noqa: E731
    rules = dict(db.execute("SELECT rule, count(*) FROM (SELECT unnest(rules) AS rule FROM checked) GROUP BY rule ORDER BY rule").fetchall())
    created, placed = one("SELECT count(*) FROM people"), one("SELECT count(*) FROM placed")
    return db, {
        "rows_staged": one("SELECT count(*) FROM staged"), "rows_validated": one("SELECT count(*) FROM valid"), "rule_counts": rules,
        "rows_created": created, "rows_skipped_duplicates": placed - created, "rows_deduped_auto": placed - created,
        "rows_review": one("SELECT count(*) FROM review"), "households": one("SELECT count(*) FROM apart"),
        "rows_missing_external_id": one("SELECT count(*) FROM staged WHERE id IS NULL"),
        "seconds": round(time.perf_counter() - started, 2)}


def write_expected(args):
    db, counts = expect(args)
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    db.execute(f"COPY people TO '{out}/people.parquet'")
    db.execute(f"""COPY (SELECT system AS external_system, id AS external_id, CASE WHEN r.reason IS NULL THEN 'loaded' ELSE 'review' END AS outcome,
        p.cluster FROM valid v LEFT JOIN review r USING (rid) LEFT JOIN (SELECT rid, cluster FROM placed) p USING (rid)
        WHERE id IS NOT NULL) TO '{out}/links.parquet'""")
    (out / "counts.json").write_text(json.dumps(counts, indent=1))
    print(json.dumps(counts))


def print_people(args):
    db, _ = expect(args)
    star = lambda kind: (f"list_aggregate(list_transform(string_split(coalesce({kind}s, ''), ' '), "  # noqa: E731
                         f"lambda x: CASE WHEN x = primary_{kind} THEN x || '*' ELSE x END), 'string_agg', ' ')")
    names = [*FIELDS, "is_active", "emails", "phones", "links"]
    rows = db.execute(f"SELECT {', '.join(FIELDS)}, 'true', {star('email')}, {star('phone')}, links FROM people ORDER BY cluster").fetchall()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerows([names, *rows])


def compare(args):
    db = duckdb.connect()
    actual = pathlib.Path(args.actual)

    def table(name):
        for ending, reader in (("parquet", "read_parquet('{}')"), ("csv", "read_csv('{}', all_varchar=true, header=true)")):
            if (actual / f"{name}.{ending}").exists():
                return reader.format(actual / f"{name}.{ending}")
        sys.exit(f"no {name}.csv or {name}.parquet in {actual}")

    db.execute(f"""
    CREATE TABLE expected AS SELECT * FROM read_parquet('{args.expected}/people.parquet');
    CREATE TABLE actual AS
        WITH e AS (SELECT contact_id::BIGINT AS id, string_agg(email_key, ' ' ORDER BY email_key) AS emails,
                          max(email_key) FILTER (lower(is_primary::VARCHAR) IN ('1', 't', 'true')) AS primary_email FROM {table('contact_emails')} GROUP BY 1),
             f AS (SELECT contact_id::BIGINT AS id, string_agg(phone_key, ' ' ORDER BY phone_key) AS phones,
                          max(phone_key) FILTER (lower(is_primary::VARCHAR) IN ('1', 't', 'true')) AS primary_phone FROM {table('contact_phones')} GROUP BY 1),
             m AS (SELECT core_id::BIGINT AS id, external_system || ':' ||
                          CASE WHEN lower(is_synthetic::VARCHAR) IN ('1', 't', 'true') THEN '~' ELSE external_id END AS link FROM {table('external_id_map')}),
             l AS (SELECT id, string_agg(DISTINCT link, ' ' ORDER BY link) AS links FROM m GROUP BY id)
        SELECT {", ".join(f"nullif(c.{f}::VARCHAR, '') AS {f}" for f in FIELDS)}, l.links, e.emails, f.phones, e.primary_email, f.primary_phone
        FROM {table('contacts')} c LEFT JOIN e ON e.id = c.id::BIGINT LEFT JOIN f ON f.id = c.id::BIGINT LEFT JOIN l ON l.id = c.id::BIGINT""")
    whole = [*FIELDS, "emails", "phones", "primary_email", "primary_phone", "links"]
    picks = ", ".join(f"{f}::VARCHAR AS {f}" for f in whole)
    names = ", ".join(whole)
    count = lambda t: db.execute(f"SELECT count(*) FROM {t}").fetchall()[0][0]  # noqa: E731
    db.execute(f"CREATE TABLE missing AS SELECT {picks} FROM expected EXCEPT ALL SELECT {names} FROM actual")
    db.execute(f"CREATE TABLE surplus AS SELECT {names} FROM actual EXCEPT ALL SELECT {picks} FROM expected")
    # The same people by their links, so that a report says which field differs.
    fields = {f: db.execute(f"SELECT count(*) FROM missing m JOIN surplus s USING (links) WHERE m.{f} IS DISTINCT FROM s.{f}").fetchall()[0][0]
              for f in whole if f != "links"}
    sample = lambda t: [dict(zip(whole, row)) for row in db.execute(f"SELECT {names} FROM {t} ORDER BY links LIMIT {args.samples}").fetchall()]  # noqa: E731
    result = {"expected": count("expected"), "actual": count("actual"), "missing": count("missing"), "surplus": count("surplus"),
              "fields_that_differ": {f: n for f, n in fields.items() if n},
              "other_people": count("missing m ANTI JOIN surplus s USING (links)")}
    print(json.dumps(result))
    if result["missing"] or result["surplus"]:
        print(json.dumps({"missing": sample("missing"), "surplus": sample("surplus")}, indent=1, default=str, ensure_ascii=False), file=sys.stderr)
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description="what core must be after a first load, computed a second way")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("expect", "people"):
        sub = verbs.add_parser(verb)
        sub.add_argument("--csv", nargs="+", required=True)
        sub.add_argument("--external-system", default="csv")
        sub.add_argument("--truth")
        if verb == "expect":
            sub.add_argument("--out", required=True)
    sub = verbs.add_parser("compare")
    sub.add_argument("--expected", required=True)
    sub.add_argument("--actual", required=True)
    sub.add_argument("--samples", type=int, default=10)
    args = parser.parse_args()
    {"expect": write_expected, "people": print_people, "compare": compare}[args.verb](args)


if __name__ == "__main__":
    main()
