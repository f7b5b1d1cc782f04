#!/usr/bin/env python3
"""Scores what was joined against the truth of the generator.

    score.py --truth truth.csv --crosswalk crosswalk.csv [--list people.csv]

crosswalk: external_system, external_id, core_id (CSV or Parquet), one line per loaded record; two records with one core_id are one person.
precision, recall: of pairs among the loaded records. recall_all also counts pairs lost to quarantine and review.
lookalikes: pairs of records of different people that share an e-mail or phone, and how many of them were joined.
households (with --list): people with the family name of the person before them (the generator's households), and the part of them that was
joined with that person.
"""

import argparse
import json

import duckdb


def main():
    parser = argparse.ArgumentParser(description="precision and recall of joined records against the truth")
    parser.add_argument("--truth", required=True)
    parser.add_argument("--crosswalk", required=True)
    parser.add_argument("--list")
    args = parser.parse_args()
    db = duckdb.connect()
    reader = "read_parquet" if args.crosswalk.endswith(".parquet") else "read_csv"
    options = "" if reader == "read_parquet" else ", all_varchar=true, header=true"
    db.execute(f"""
    CREATE TABLE truth AS SELECT external_system, external_id, true_person_id AS person, nullif(defect, '') AS defect,
        nullif(email_canon, '') AS email, nullif(phone_e164, '') AS phone FROM read_csv('{args.truth}', all_varchar=true, header=true);
    CREATE TABLE joined AS SELECT t.*, x.core_id FROM {reader}('{args.crosswalk}'{options}) x
        JOIN truth t ON t.external_system = x.external_system AND t.external_id = x.external_id::VARCHAR;
    CREATE TABLE lookalikes AS SELECT DISTINCT a, b, merged FROM (
        SELECT a.external_system || ':' || a.external_id AS a, b.external_system || ':' || b.external_id AS b, a.core_id = b.core_id AS merged
        FROM joined a JOIN joined b ON a.email = b.email AND a.person < b.person
        UNION ALL SELECT a.external_system || ':' || a.external_id, b.external_system || ':' || b.external_id, a.core_id = b.core_id
        FROM joined a JOIN joined b ON a.phone = b.phone AND a.person < b.person)""")
    one = lambda q: db.execute(q).fetchall()[0][0]  # noqa: E731
    pairs = lambda keys, table: int(one(f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(*) AS n FROM {table} GROUP BY {keys})"))  # noqa: E731
    right, said, true, everywhere = pairs("core_id, person", "joined"), pairs("core_id", "joined"), pairs("person", "joined"), pairs("person", "truth")
    lookalikes, merged = one("SELECT count(*) FROM lookalikes"), one("SELECT count(*) FROM lookalikes WHERE merged")
    result = {
        "records": one("SELECT count(*) FROM joined"), "defects_loaded": one("SELECT count(*) FROM joined WHERE defect IS NOT NULL"),
        "pairs_said": said, "pairs_right": right, "pairs_true": true,
        "precision": round(right / max(said, 1), 5), "recall": round(right / max(true, 1), 5), "recall_all": round(right / max(everywhere, 1), 5),
        "lookalikes": lookalikes, "lookalikes_joined": merged}
    if args.list:
        db.execute(f"""
        CREATE TABLE named AS SELECT DISTINCT j.person::BIGINT AS person, j.core_id, lower(trim(l.last_name)) AS family
            FROM joined j JOIN read_csv('{args.list}', all_varchar=true, header=true) l USING (external_system, external_id);
        CREATE TABLE homes AS SELECT b.person, max(a.core_id = b.core_id) AS merged
            FROM named a JOIN named b ON b.person = a.person + 1 AND b.family = a.family GROUP BY b.person""")
        homes, merged = one("SELECT count(*) FROM homes"), one("SELECT count(*) FROM homes WHERE merged")
        result |= {"households": homes, "households_joined": merged, "households_joined_share": round(merged / max(homes, 1), 6)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
