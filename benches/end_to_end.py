#!/usr/bin/env python3
"""Importer beside the anchors, on the same files, in one sitting, taking turns.

    scripts/postgres.sh start durable                      # or give --postgres URL
    cargo build --release -p importer-cli -p importer-benches
    "$(scripts/python.sh benches/requirements.txt)" benches/end_to_end.py --importer target/release/importer --generate target/release/generate

Writes results.jsonl (one line per process) and results.md (medians and ratios) into --work. Peak memory is the largest resident set of the
process and its children as the kernel counts it; the Postgres server is not in it. Cases: stage, load, replay, small, sqlite, score.
With BASELINES (a folder with gen.py) that generator makes the list instead of ours.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import process

HERE = pathlib.Path(__file__).resolve().parent
ANCHORS = HERE / "anchors"
SMALL = 50_000
NAMES = {
    "stage": ("land + stage + check", "Polars script", 1.0), "load": ("whole run into Postgres", "DuckDB + Postgres script", 1.5),
    "replay": ("the same rows again", "its guarded merge", 1.0), "small_dry": ("50,000 rows, dry run on a full store", "DuckDB script", 1.5),
    "small_load": ("50,000 rows into a full store", "DuckDB script", 4.0), "sqlite": ("whole run into SQLite", "our own run into Postgres", None),
}


class Bench:
    def __init__(self, args):
        self.args, self.work = args, pathlib.Path(args.work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.rows = []

    def measure(self, case, side, command):
        """Runs one process and writes its line."""
        row = {"case": case, "side": side, "rows": self.args.rows, **process.measured(f"{case}, {side}", command, self.work)}
        self.rows.append(row)
        process.append(self.work / "results.jsonl", row)
        return row

    def importer(self, case, csv, store, lake, *more):
        return self.measure(case, "importer", [self.args.importer, "run", "--source", "csv", "--file", csv, "--store", store,
                                               "--lake", lake, "--summary-json", *more])

    def anchor(self, case, script, *more):
        return self.measure(case, "anchor", [sys.executable, ANCHORS / script, *more])

    def fresh(self, name):
        return process.fresh(self.work / name)

    def database(self, name):
        return process.database(self.args.postgres, name)

    def checkpoint(self):
        import psycopg

        with psycopg.connect(self.args.postgres, autocommit=True) as pg:
            pg.execute("CHECKPOINT")

    def files(self):
        """The list, its truth, and small lists of further rows: the end of one longer list, so that ids and people go on."""
        csv, truth = self.work / "people.csv", self.work / "truth.csv"
        total = self.args.rows + SMALL * self.args.runs
        small = [self.work / f"small_{i}.csv" for i in range(self.args.runs)]
        note = self.work / "files.json"
        wanted = {"rows": self.args.rows, "runs": self.args.runs, "generator": os.environ.get("BASELINES", "ours"), "seed": self.args.seed}
        if not note.exists() or json.loads(note.read_text()) != wanted:
            whole = self.work / "whole.csv"
            command = [self.args.generate] if "BASELINES" not in os.environ else [sys.executable, pathlib.Path(os.environ["BASELINES"]) / "gen.py"]
            subprocess.run([*map(str, command), "--rows", str(total), "--seed", str(self.args.seed), "--out", whole, "--truth", truth], check=True,
                           stdout=sys.stderr)
            with open(whole, "rb") as lines:
                header = lines.readline()
                for path, count in [(csv, self.args.rows), *((path, SMALL) for path in small)]:
                    with open(path, "wb") as out:
                        out.write(header)
                        for _ in range(count):
                            out.write(lines.readline())
            whole.unlink()
            note.write_text(json.dumps(wanted))
        for path in [csv, *small]:  # warm page cache; not read here, a child's peak memory would start from ours
            subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
        return csv, truth, small

    def turns(self, number, *sides):
        """Both sides in turn; who begins changes."""
        for side in sides if number % 2 == 0 else reversed(sides):
            side()

    def run(self):
        csv, truth, small = self.files()
        cases, store, lake = self.args.cases, None, self.work / "lake"
        for number in range(self.args.runs):
            if "stage" in cases:
                def ours():
                    self.importer("stage", csv, f"sqlite://{self.fresh('empty')}/importer.db", self.fresh("stage_lake"), "--dry-run")
                self.turns(number, ours, lambda: self.anchor("stage", "polars_stage.py", csv, self.fresh("stage_anchor")))
            if {"load", "replay", "small", "score"} & set(cases):
                theirs = self.database("bench_anchor")

                def load():
                    nonlocal store
                    store = self.database("bench_importer")
                    subprocess.run([self.args.importer, "db", "upgrade", "--store", store], check=True, stdout=subprocess.DEVNULL)
                    self.importer("load", csv, store, self.fresh("lake"))
                self.turns(number, load, lambda: self.anchor("load", "duckdb_load.py", "load", csv, self.fresh("load_anchor"), theirs))
            if "replay" in cases:
                self.checkpoint()
                self.turns(number, lambda: self.importer("replay", csv, store, lake),
                           lambda: self.anchor("replay", "duckdb_load.py", "replay", csv, self.fresh("load_anchor"), theirs))
            if "sqlite" in cases:
                self.importer("sqlite", csv, f"sqlite://{self.fresh('sqlite')}/importer.db", self.fresh("sqlite_lake"))
        for number in range(self.args.runs if "small" in cases else 0):
            self.checkpoint()
            self.turns(number, lambda: self.importer("small_dry", small[number], store, lake, "--dry-run"),
                       lambda: self.anchor("small_dry", "duckdb_load.py", "stage", small[number], self.fresh("small_anchor")))
            self.turns(number, lambda: self.importer("small_load", small[number], store, lake),
                       lambda: self.anchor("small_load", "duckdb_load.py", "stage", small[number], self.fresh("small_anchor")))
        if "score" in cases and store:
            self.score(csv, truth, store)
        (self.work / "results.md").write_text(self.table())
        print(self.table())

    def score(self, csv, truth, store):
        import psycopg

        crosswalk = self.work / "crosswalk.csv"
        with psycopg.connect(store) as pg, open(crosswalk, "wb") as out:
            query = "COPY (SELECT external_system, external_id, core_id FROM importer.external_id_map WHERE NOT is_synthetic) TO STDOUT (FORMAT csv, HEADER)"
            with pg.cursor().copy(query) as copy:
                for block in copy:
                    out.write(block)
        exact = self.fresh("exact")
        subprocess.run([sys.executable, ANCHORS / "duckdb_load.py", "crosswalk", csv, exact], check=True)
        for side, joined in ("importer", crosswalk), ("anchor", pathlib.Path(exact) / "crosswalk.csv"):
            said = subprocess.run([sys.executable, HERE / "score.py", "--truth", truth, "--crosswalk", joined, "--list", csv], check=True, capture_output=True)
            process.append(self.work / "results.jsonl", {"case": "score", "side": side, "rows": self.args.rows, "said": json.loads(said.stdout)})
            print(side, said.stdout.decode(), file=sys.stderr)

    def table(self):
        middle = lambda case, side, key: statistics.median(v) if (v := [r[key] for r in self.rows if r["case"] == case and r["side"] == side]) else None  # noqa: E731
        steps = lambda case: [sum(r["steps"].get(s, 0) for s in ("land", "stage", "check")) / 1000 for r in self.rows  # noqa: E731
                              if r["case"] == case and r["side"] == "importer" and r.get("steps")]
        out = [f"{self.args.rows:,} rows, medians of {self.args.runs}, both sides in turn in one sitting.\n\n",
               "| work | anchor | importer | ratio | bound | peak memory, anchor / importer |\n| --- | --- | --- | --- | --- | --- |\n"]
        for case, (work, anchor, bound) in NAMES.items():
            ours, theirs = middle(case, "importer", "seconds"), middle(case, "anchor", "seconds")
            peak, their_peak = middle(case, "importer", "peak_mb"), middle(case, "anchor", "peak_mb")
            if case == "sqlite":
                theirs, their_peak = middle("load", "importer", "seconds"), middle("load", "importer", "peak_mb")
            if case == "stage" and (parts := steps("stage")):
                ours = statistics.median(parts)
            if ours is None:
                continue
            ratio = f"{ours / theirs:.2f}" if theirs else "–"
            against = f"{anchor}: {theirs:.2f} s" if theirs else anchor
            out.append(f"| {work} | {against} | {ours:.2f} s | {ratio} | {'≤ ' + str(bound) if bound else 'stated'} "
                       f"| {their_peak or '–'} / {peak} MB |\n")
        return "".join(out)


def main():
    parser = argparse.ArgumentParser(description="importer beside the anchors")
    parser.add_argument("--importer", required=True, type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--generate", type=lambda p: pathlib.Path(p).resolve(), help="our generator; not needed with BASELINES")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20240)
    parser.add_argument("--cases", default="stage,load,replay,small,sqlite,score", type=lambda text: text.split(","))
    parser.add_argument("--postgres", default=os.environ.get("IMPORTER_TEST_POSTGRES"))
    parser.add_argument("--work", default=str(pathlib.Path(tempfile.gettempdir()) / "importer-bench"))
    args = parser.parse_args()
    if {"load", "replay", "small", "score"} & set(args.cases) and not args.postgres:
        sys.exit("no database: scripts/postgres.sh start durable, then eval \"$(scripts/postgres.sh env)\"; or --postgres URL")
    if not args.generate and "BASELINES" not in os.environ:
        sys.exit("--generate: the path of our generator (or BASELINES: a folder with gen.py)")
    if "replay" in args.cases and "load" not in args.cases:
        args.cases.append("load")
    args.work = str(pathlib.Path(args.work).resolve())
    Bench(args).run()


if __name__ == "__main__":
    main()
