#!/usr/bin/env python3
"""Formats other than CSV, sets of lists that refer to each other, and lakes in a bucket; each beside its own yardstick, in one sitting.

    cargo build --release --workspace --bins
    eval "$(scripts/postgres.sh start durable >/dev/null; scripts/postgres.sh env)"     # for set
    "$(scripts/python.sh benches/requirements.txt)" benches/formats.py --binaries target/release

Cases: xlsx (50,000 rows of 15 columns beside calamine's bare read), ndjson and parquet (--rows rows beside the CSV that they were made of), set
(people, events and --rows sign-ups as one set beside single runs; 100,000 held sign-ups healed by one requeue), bucket (the CSV with a lake in a
bucket beside a local one; needs IMPORTER_TEST_S3 and the AWS_ variables, as ./test sets them). Writes formats.jsonl and formats.md into --work.
"""

import argparse
import csv
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import process

SHEET_ROWS = 50_000
HELD = 100_000
PEOPLE, EVENTS = 200_000, 10_000


class Bench:
    def __init__(self, args):
        self.args, self.work, self.rows = args, pathlib.Path(args.work), []
        self.work.mkdir(parents=True, exist_ok=True)
        self.importer = args.binaries / "importer"
        self.people = self.work / "people.csv"
        if not self.people.exists():
            command = [args.binaries / "generate", "--rows", args.rows, "--out", self.people, "--truth", self.work / "truth.csv"]
            subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)

    def measure(self, case, command, codes=(0,)):
        """Runs one process and writes its line; gives it with what the process said."""
        row = {"case": case, **process.measured(case, command, self.work, codes)}
        said = row.pop("said") or {}
        steps = row.get("steps", {})
        row["land_and_stage"] = (steps.get("land", 0) + steps.get("stage", 0)) / 1000
        self.rows.append(row)
        process.append(self.work / "formats.jsonl", row)
        return row, said

    def fresh(self, name):
        return process.fresh(self.work / name)

    def database(self, name):
        store = process.database(self.args.postgres, name)
        subprocess.run([self.importer, "db", "upgrade", "--store", store], check=True, stdout=subprocess.DEVNULL)
        return store

    def dry(self, case, file, *more, lake=None):
        command = [self.importer, "run", "--file", file, "--store", f"sqlite://{self.fresh('store')}/importer.db", "--dry-run",
                   "--accept-bad", "--summary-json", "--lake", lake or self.fresh("lake"), *more]
        return self.measure(case, command)

    def middle(self, case, key):
        return statistics.median(row[key] for row in self.rows if row["case"] == case)

    def xlsx(self):
        import xlsxwriter

        path = self.work / "people.xlsx"
        if not path.exists():
            with open(self.people, encoding="utf-8", newline="") as lines, xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
                sheet = book.add_worksheet("people")
                for number, cells in zip(range(SHEET_ROWS + 1), csv.reader(lines)):
                    sheet.write_row(number, 0, cells[:15])
        for _ in range(self.args.runs):
            self.measure("calamine, bare read", [self.args.binaries / "sheet", path])
            self.dry("xlsx", path)
        ours, bare = self.middle("xlsx", "land_and_stage"), self.middle("calamine, bare read", "seconds")
        return [f"XLSX, {SHEET_ROWS:,} rows, landed and staged", f"calamine: {bare:.2f} s", f"{ours:.2f} s", f"{ours / bare:.2f} (≤ 3)",
                f"{self.middle('xlsx', 'peak_mb')} MB (≤ 300)"]

    def frame(self):
        import polars

        return polars.read_csv(self.people, infer_schema=False)

    def ndjson(self):
        path = self.work / "people.ndjson"
        if not path.exists():
            self.frame().write_ndjson(path)
        for _ in range(self.args.runs):
            self.dry("ndjson", path)
        return ["NDJSON, landed and staged", "–", f"{self.middle('ndjson', 'land_and_stage'):.2f} s", "≤ 5 s",
                f"{self.middle('ndjson', 'peak_mb')} MB"]

    def parquet(self):
        path = self.work / "people.parquet"
        if not path.exists():
            self.frame().write_parquet(path, compression="snappy")
        for _ in range(self.args.runs):
            self.dry("csv", self.people)
            self.dry("parquet", path)
        ours, theirs = self.middle("parquet", "land_and_stage"), self.middle("csv", "land_and_stage")
        return ["Parquet, landed and staged", f"CSV: {theirs:.2f} s", f"{ours:.2f} s", f"{ours / theirs:.2f} (below 1)",
                f"{self.middle('parquet', 'peak_mb')} MB"]

    def lists(self):
        """People, events and sign-ups as a folder, and sign-ups alone."""
        folder = self.fresh("export")
        with open(self.people, encoding="utf-8", newline="") as lines, open(folder / "volunteers.csv", "w", encoding="utf-8", newline="") as out:
            reader, writer = csv.reader(lines), csv.writer(out)
            header = next(reader)
            writer.writerow(header)
            system, at, ids = header.index("external_system"), header.index("external_id"), {}
            for cells, _ in zip(reader, range(PEOPLE)):
                writer.writerow(cells)
                ids.setdefault(cells[system], []).append(cells[at])
        # The ids of a sign-up's person and event are of one system.
        system, ids = max(ids.items(), key=lambda found: len(found[1]))
        with open(folder / "events.csv", "w", encoding="utf-8") as out:
            out.write("Source system,Event ID,Event,Start\n")
            for number in range(EVENTS):
                out.write(f"{system},EV-{number},Event {number},2025-{number % 12 + 1:02}-{number % 28 + 1:02} 09:00\n")
        ids = [i for i in ids if i]
        with open(folder / "signups.csv", "w", encoding="utf-8") as out, open(self.work / "held.csv", "w", encoding="utf-8") as held:
            for file in out, held:
                file.write("Source system,Signup ID,Volunteer ID,Event ID,Status,Attended,Hours\n")
            for number in range(self.args.rows):
                line = f"{system},SU-{number},{ids[number * 7919 % len(ids)]},EV-{number * 104729 % EVENTS},registered,{'yes' if number % 3 else 'no'},{number % 8}.50\n"
                out.write(line)
                if number < HELD:
                    held.write(line)
        return folder

    def run_of(self, case, store, lake, *more, codes=(0,)):
        return self.measure(case, [self.importer, "run", "--store", store, "--lake", lake, "--summary-json", "--accept-bad", *more], codes)

    def set(self):
        folder = self.lists()
        for _ in range(self.args.set_runs):
            store, lake = self.database("bench_single"), self.fresh("lake")
            for source, name in ("csv", "volunteers"), ("events", "events"), ("signups", "signups"):
                self.run_of(f"single {name}", store, lake, "--source", source, "--file", folder / f"{name}.csv")
            store, lake = self.database("bench_set"), self.fresh("lake")
            self.run_of("set", store, lake, "--set", folder)
        store, lake = self.database("bench_held"), self.fresh("lake")
        self.run_of("held", store, lake, "--source", "signups", "--file", self.work / "held.csv")
        for source, name in ("csv", "volunteers"), ("events", "events"):
            self.run_of(f"before the requeue: {name}", store, lake, "--source", source, "--file", folder / f"{name}.csv")
        _, said = self.measure("requeue", [self.importer, "requeue", "--rule", "REF-401", "--store", store, "--lake", lake, "--json"], (0, 3))
        promoted = sum(run["promoted"] for run in said["runs"])
        single = sum(self.middle(f"single {name}", "seconds") for name in ("volunteers", "events", "signups"))
        ours = self.middle("set", "seconds")
        return [f"{PEOPLE:,} people, {EVENTS:,} events, {self.args.rows:,} sign-ups as a set into Postgres", f"single runs: {single:.2f} s", f"{ours:.2f} s",
                f"{ours / single:.2f} (≤ 1.5)", f"{self.middle('set', 'peak_mb')} MB; {promoted:,} held sign-ups healed in {self.middle('requeue', 'seconds'):.1f} s (≤ 10)"]

    def bucket(self):
        for number in range(self.args.runs):
            self.dry("lake in a folder", self.people)
            self.dry("lake in a bucket", self.people, lake=f"s3://importer-test/bench-{os.getpid()}-{number}")
        ours, theirs = self.middle("lake in a bucket", "seconds"), self.middle("lake in a folder", "seconds")
        return ["dry run with the lake in a bucket", f"a local folder: {theirs:.2f} s", f"{ours:.2f} s", f"{ours / theirs:.2f}",
                f"{self.middle('lake in a bucket', 'peak_mb')} MB"]

    def run(self):
        table = ["| work | beside | importer | ratio (asked for) | peak memory |", "| --- | --- | --- | --- | --- |"]
        table += ["| " + " | ".join(getattr(self, case)()) + " |" for case in self.args.cases]
        text = "\n".join(table) + "\n"
        (self.work / "formats.md").write_text(text)
        print(text)


def main():
    parser = argparse.ArgumentParser(description="formats, sets and buckets")
    parser.add_argument("--binaries", required=True, type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--set-runs", type=int, default=1)
    parser.add_argument("--cases", default="xlsx,ndjson,parquet,set", type=lambda text: text.split(","))
    parser.add_argument("--postgres", default=os.environ.get("IMPORTER_TEST_POSTGRES"))
    parser.add_argument("--work", default=str(pathlib.Path(tempfile.gettempdir()) / "importer-bench-formats"))
    args = parser.parse_args()
    if "set" in args.cases and not args.postgres:
        sys.exit("no database: scripts/postgres.sh start durable, then eval \"$(scripts/postgres.sh env)\"; or --postgres URL")
    Bench(args).run()


if __name__ == "__main__":
    main()
