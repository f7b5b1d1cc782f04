"""Anchor: the whole way by scripts. DuckDB reads, normalises, checks and joins exact duplicates, the newest value per field survives, Postgres
takes the people into one table (primary key, e-mail and phone index): COPY into a temporary table, INSERT … ON CONFLICT.

    duckdb_load.py stage  list.csv out_dir         read, check, join, survive; no landed copy, no load
    duckdb_load.py crosswalk list.csv out_dir      read, check, join; writes which records it takes for one person (crosswalk.csv)
    duckdb_load.py load   list.csv out_dir URL     into an empty table, made here
    duckdb_load.py replay list.csv out_dir URL     the same again, with a merge that leaves unchanged rows alone
"""

import io
import json
import pathlib
import sys
import time

import duckdb

mode, source, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
out.mkdir(parents=True, exist_ok=True)
laps, last = {}, time.perf_counter()
FIELDS = ["first_name", "last_name", "email_key", "phone_key", "alternate_emails", "alternate_phones", "date_of_birth", "street", "city",
          "postal_code", "employer"]


def lap(name):
    global last
    now = time.perf_counter()
    laps[name], last = round(now - last, 3), now


db = duckdb.connect()
run = lambda sql: db.execute(sql).fetchall()  # noqa: E731
rows = f"(SELECT row_number() OVER () - 1 AS seq, * FROM read_csv('{source}', all_varchar=true, header=true))"
if mode in ("load", "replay"):
    run(f"COPY {rows} TO '{out}/landed.parquet' (FORMAT parquet, COMPRESSION zstd)")
    rows = f"read_parquet('{out}/landed.parquet')"
    lap("land")
run(f"""
CREATE TABLE staged AS
WITH cleaned AS (
    SELECT *, nullif(regexp_replace(lower(trim(email)), '\\+[^@]*@', '@'), '') AS email_key,
        regexp_replace(regexp_replace(lower(trim(phone)), '\\s*(x|ext\\.?)\\s*\\d+$', ''), '[^0-9+]', '', 'g') AS digits
    FROM {rows}
), plus AS (
    SELECT * EXCLUDE (digits), CASE WHEN regexp_full_match(digits, '\\+\\d{{8,15}}') THEN digits
        WHEN regexp_full_match(digits, '1\\d{{10}}') THEN '+' || digits WHEN regexp_full_match(digits, '\\d{{10}}') THEN '+1' || digits END AS number
    FROM cleaned
)
SELECT * EXCLUDE (number), CASE WHEN number NOT LIKE '+1%' OR regexp_full_match(number, '\\+1[2-9]\\d{{2}}[2-9]\\d{{6}}') THEN number END AS phone_key,
    nullif(trim(email), '') IS NULL AND nullif(trim(phone), '') IS NULL AS no_contact,
    email_key IS NOT NULL AND NOT regexp_full_match(email_key, '[a-z0-9._%''+-]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{{2,}}') AS bad_email,
    nullif(trim(phone), '') IS NOT NULL AND phone_key IS NULL AS bad_phone
FROM plus""")
run("CREATE VIEW good AS SELECT * FROM staged WHERE NOT (no_contact OR bad_email OR bad_phone)")
run(f"COPY (FROM good) TO '{out}/good.parquet' (FORMAT parquet, COMPRESSION zstd)")
run(f"COPY (FROM staged WHERE no_contact OR bad_email OR bad_phone) TO '{out}/bad.parquet' (FORMAT parquet, COMPRESSION zstd)")
lap("stage_check")
run("""
CREATE TABLE clusters AS
WITH by_email AS (
    SELECT seq, phone_key, source_updated_at AS said,
        CASE WHEN email_key IS NULL THEN seq ELSE first_value(seq) OVER (PARTITION BY email_key ORDER BY source_updated_at DESC, seq) END AS one
    FROM good
), best AS (SELECT one, arg_max(phone_key, said) FILTER (phone_key IS NOT NULL) AS phone, max(said) AS said FROM by_email GROUP BY one),
joined AS (SELECT one, CASE WHEN phone IS NULL THEN one ELSE first_value(one) OVER (PARTITION BY phone ORDER BY said DESC, one) END AS cluster FROM best)
SELECT seq, cluster FROM by_email JOIN joined USING (one)""")
if mode == "crosswalk":
    run(f"COPY (SELECT external_system, external_id, cluster AS core_id FROM good JOIN clusters USING (seq)) TO '{out}/crosswalk.csv' (HEADER)")
    sys.exit()
newest = ", ".join(f"arg_max({f}, (source_updated_at, -seq)) FILTER ({f} IS NOT NULL) AS {f}" for f in FIELDS)
run(f"""COPY (SELECT arg_max(external_system, (source_updated_at, -seq)) AS external_system, arg_max(external_id, (source_updated_at, -seq)) AS external_id,
    {newest}, max(source_updated_at) AS source_updated_at, arg_max(ingest_version, (source_updated_at, -seq)) AS ingest_version
    FROM good JOIN clusters USING (seq) GROUP BY cluster) TO '{out}/people.parquet' (FORMAT parquet, COMPRESSION zstd)""")
lap("dedupe_survive")
people = run(f"SELECT count(*) FROM '{out}/people.parquet'")[0][0]

if mode in ("load", "replay"):
    import psycopg
    import pyarrow.csv
    import pyarrow.parquet

    parquet = pyarrow.parquet.ParquetFile(out / "people.parquet")
    columns = parquet.schema_arrow.names
    kinds = {"source_updated_at": "timestamptz", "ingest_version": "bigint", "date_of_birth": "date"}
    values = [c for c in columns if c not in ("external_system", "external_id")]
    sets = ", ".join(f"{c} = excluded.{c}" for c in values)
    guard = ""
    if mode == "replay":
        old, new = (", ".join(f"{side}.{c}" for c in values) for side in ("t", "excluded"))
        guard = f" WHERE ({old}) IS DISTINCT FROM ({new})"
    with psycopg.connect(sys.argv[4]) as pg:
        if mode == "load":
            pg.execute("DROP TABLE IF EXISTS anchor_people")
            pg.execute(f"CREATE TABLE anchor_people ({', '.join(c + ' ' + kinds.get(c, 'text') for c in columns)},"
                       " PRIMARY KEY (external_system, external_id))")
            pg.execute("CREATE INDEX ON anchor_people (email_key)")
            pg.execute("CREATE INDEX ON anchor_people (phone_key)")
            pg.commit()
        pg.execute("CREATE TEMPORARY TABLE incoming (LIKE anchor_people) ON COMMIT DROP")
        with pg.cursor().copy("COPY incoming FROM STDIN (FORMAT csv)") as copy:
            for batch in parquet.iter_batches(100_000):
                text = io.BytesIO()
                pyarrow.csv.write_csv(batch, text, pyarrow.csv.WriteOptions(include_header=False))
                copy.write(text.getvalue())
        changed = pg.execute(f"INSERT INTO anchor_people AS t SELECT * FROM incoming ON CONFLICT (external_system, external_id) DO UPDATE SET {sets}{guard}").rowcount
        pg.commit()
    lap("load")
    print(json.dumps({"people": people, "written": changed, "laps": laps}))
else:
    print(json.dumps({"people": people, "laps": laps}))
