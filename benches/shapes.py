#!/usr/bin/env python3
"""Lists whose rows share a key, beside an ordinary list of as many rows: none may take longer than the bound.

    cargo build --release -p importer-cli -p importer-benches
    python3 benches/shapes.py --importer target/release/importer --generate target/release/generate

Writes shapes.jsonl and shapes.md into --work, and fails where a shape takes more than --bound times the ordinary list. With --growth every
list is run at 1/8, 1/4, 1/2 and all of --rows, and the time per row between the two longest may not be more than --flat times that between
the two shortest: good for a debug build too, whose times compare with nothing but themselves.
"""

import argparse
import pathlib
import subprocess
import sys

import process

SHAPES = ["one-email", "one-phone", "crowded-email", "one-id", "namespaces", "chain", "same-row", "zeros"]


def generate(args, shape, rows):
    path = args.work / f"{shape or 'ordinary'}-{rows}.csv"
    if not path.exists():
        more = ["--shape", shape] if shape else []
        command = [args.generate, "--rows", rows, "--out", path, "--truth", args.work / "truth.csv", "--dup", "0", "--invalid", "0", *more]
        subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)
    return path


def run(args, path, name):
    """One run into an empty store; gives seconds, peak memory in megabytes and what the run said."""
    folder = process.fresh(args.work / "store")
    command = [args.importer, "run", "--source", "csv", "--file", path, "--store", f"sqlite://{folder / 'importer.db'}", "--lake",
               folder / "lake", "--summary-json", "--accept-bad"]
    row = {"shape": name, **process.measured(name, command, args.work)}
    said = row.pop("said") or sys.exit(f"{name}: no summary")
    row |= {"core": next(iter(said["counts"]["core"].values()), {}), "warnings": len(said["warnings"])}
    process.append(args.work / "shapes.jsonl", row)
    return row


def compare(args):
    """Every shape once beside the ordinary list, which is run first and last."""
    ordinary = generate(args, None, args.rows)
    first = run(args, ordinary, "ordinary")
    rows = [run(args, generate(args, shape, args.rows), shape) for shape in args.shapes]
    base = min(first["seconds"], run(args, ordinary, "ordinary again")["seconds"])
    table = ["| shape | time | ratio | peak memory | created | review |", "| --- | --- | --- | --- | --- | --- |"]
    for row in [first, *rows]:
        core = row["core"]
        table.append(f"| {row['shape']} | {row['seconds']:.2f} s | {row['seconds'] / base:.2f} | {row['peak_mb']} MB | "
                     f"{core.get('rows_created', 0)} | {core.get('rows_review', 0)} |")
    return table, [row["shape"] for row in rows if row["seconds"] > args.bound * base]


def growth(args):
    """Every shape at four sizes, each twice the one before."""
    sizes = [args.rows // part for part in (8, 4, 2, 1)]
    table = ["| shape | " + " | ".join(f"{size} rows" for size in sizes) + " | growth |", "| --- " * (len(sizes) + 2) + "|"]
    slow = []
    for shape in [None, *args.shapes]:
        name = shape or "ordinary"
        seconds = [run(args, generate(args, shape, size), f"{name} {size}")["seconds"] for size in sizes]
        early = (seconds[1] - seconds[0]) / (sizes[1] - sizes[0])
        late = (seconds[3] - seconds[2]) / (sizes[3] - sizes[2])
        # Below a tenth of a second the clock says more about the machine than about the list.
        grown = late / max(early, 0.1 / (sizes[1] - sizes[0]))
        table.append(f"| {name} | " + " | ".join(f"{s:.2f} s" for s in seconds) + f" | {grown:.2f} |")
        if grown > args.flat:
            slow.append(name)
    return table, slow


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--importer", type=pathlib.Path, required=True)
    parser.add_argument("--generate", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("shapes-work"))
    parser.add_argument("--bound", type=float, default=2.0)
    parser.add_argument("--flat", type=float, default=1.5)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--shapes", type=lambda text: text.split(","), default=SHAPES)
    args = parser.parse_args()
    for name in ("importer", "generate", "work"):
        setattr(args, name, getattr(args, name).resolve())
    args.work.mkdir(parents=True, exist_ok=True)
    table, slow = growth(args) if args.growth else compare(args)
    text = "\n".join(table) + "\n"
    (args.work / "shapes.md").write_text(text, encoding="utf-8")
    print(text)
    if slow:
        sys.exit(f"too slow: {', '.join(slow)}")


if __name__ == "__main__":
    main()
