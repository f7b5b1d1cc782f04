#!/usr/bin/env python3
"""Checks the golden cases against the equations of the road and writes their table into testdata/golden/README.md.

    python3 scripts/golden_index.py          check, and rewrite the table between the markers
    python3 scripts/golden_index.py check    check only; fails when the table is out of date
"""

import csv
import pathlib
import sys
import tomllib

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "golden"
BEGIN, END = "<!-- cases: begin -->\n", "<!-- cases: end -->\n"
ACTIONS = ["created", "updated", "reactivated", "soft_deleted", "skipped_duplicates", "skipped_no_change",
           "skipped_not_found", "review"]
OVERLAYS = ["changed", "deduped_auto", "missing_external_id"]
STEP = {"name", "run", "args", "sql", "fresh", "expect"}
EXPECT = {"exit", "exit_any", "status", "staging", "dq", "core", "core_would_be", "rejects", "violations", "findings",
          "suggestions", "change_log", "people"}


def need(holds, case, step, what):
    if not holds:
        sys.exit(f"{case.name}, step {step}: {what}")


def check_counts(case, number, expect):
    staging, dq = expect.get("staging", {}), expect.get("dq", {})
    if staging:
        parts = sum(staging.get(f"rows_{k}", 0) for k in ("staged", "rejected", "skipped_blank"))
        need(staging["rows_processed"] == parts, case, number, "records in = staged + rejected + blank")
        if "rejects" in expect:
            need(sum(expect["rejects"].values()) == staging.get("rows_rejected", 0), case, number, "rejects add up")
    if dq:
        parts = dq.get("rows_validated", 0) + dq.get("rows_quarantined", 0)
        need(dq["rows_evaluated"] == parts, case, number, "staged = validated + quarantined")
        need(not staging or staging["rows_staged"] == parts, case, number, "landed = staged")
    for core in (expect.get("core", {}), expect.get("core_would_be", {})):
        need(set(core) <= {f"rows_{k}" for k in ["processed", *ACTIONS, *OVERLAYS]}, case, number, f"unknown counter in {core}")
        if core:
            need(core["rows_processed"] == sum(core.get(f"rows_{k}", 0) for k in ACTIONS), case, number, "actions add up")
            need(not dq or core["rows_processed"] == dq.get("rows_validated", 0), case, number, "one action per validated row")


def check(case):
    data = tomllib.loads((case / "case.toml").read_text(encoding="utf-8"))
    need(set(data) == {"title", "why", "step"}, case, 0, f"keys are {sorted(data)}")
    for number, step in enumerate(data["step"], 1):
        expect = step.get("expect", {})
        need(set(step) <= STEP and set(expect) <= EXPECT, case, number, f"unknown keys in {sorted(step)} or {sorted(expect)}")
        need(("run" in step) != ("sql" in step), case, number, "a step either runs files or SQL")
        names = [*step.get("run", []), *step.get("sql", {}).values(), *([expect["people"]] if "people" in expect else [])]
        for name in names:
            need((case / name).exists() or name == "missing.csv", case, number, f"no file {name}")
        if "people" in expect:
            with open(case / expect["people"], encoding="utf-8", newline="") as file:
                rows = list(csv.reader(file))
            need(all(len(row) == len(rows[0]) for row in rows), case, number, f"ragged {expect['people']}")
        check_counts(case, number, expect)
    return data


def counters(step):
    expect = step.get("expect", {})
    core = expect.get("core") or expect.get("core_would_be") or {}
    words = [f"{k} {core[f'rows_{k}']}" for k in ACTIONS if core.get(f"rows_{k}")]
    overlay = [f"{k} {core[f'rows_{k}']}" for k in OVERLAYS if core.get(f"rows_{k}")]
    dq = expect.get("dq", {})
    if dq.get("rows_quarantined"):
        words.append(f"quarantined {dq['rows_quarantined']}")
    if expect.get("staging", {}).get("rows_rejected"):
        words.append(f"rejected {expect['staging']['rows_rejected']}")
    code = expect.get("exit", expect.get("exit_any", 0))
    if code:
        words.append("exit " + (" or ".join(map(str, code)) if isinstance(code, list) else str(code)))
    if "core_would_be" in expect:
        words.insert(0, "would be:")
    return ", ".join(words).replace(":,", ":") + (f" ({', '.join(overlay)})" if overlay else "") or "–"


def table(cases):
    out = []
    for name, data in cases:
        out.append(f"\n### `{name}`: {data['title']}\n\n{data['why']}\n\n| step | files | core counters |\n| --- | --- | --- |\n")
        for number, step in enumerate(data["step"], 1):
            ran = step.get("run") or sorted(step.get("sql", {}).values())
            what = f"{number}. {step['name']}" if "name" in step else f"{number}."
            files = " ".join(f"`{file}`" for file in ran) + "".join(f" `{a}`" for a in step.get("args", []))
            out.append(f"| {what}{' (empty store)' if step.get('fresh') else ''} | {files} | {counters(step)} |\n")
    return "".join(out) + "\n"


def main():
    cases = [(path.parent.name, check(path.parent)) for path in sorted(GOLDEN.glob("*/case.toml"))]
    readme = GOLDEN / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    new = head + BEGIN + table(cases) + END + rest.split(END)[1]
    if sys.argv[1:] == ["check"]:
        if new != text:
            sys.exit("testdata/golden/README.md is out of date: run scripts/golden_index.py")
    else:
        readme.write_text(new, encoding="utf-8")
    print(f"{len(cases)} cases, {sum(len(data['step']) for _, data in cases)} steps")


if __name__ == "__main__":
    main()
