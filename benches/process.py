"""What every bench needs: one process with its time and memory, an empty folder, an empty database."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse


def measured(name, command, folder, codes=(0,)):
    """Runs one process: wall time, its largest resident set, what it printed as JSON. Ends the bench with another exit code than `codes`."""
    out, err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
    os.sync()
    started = time.perf_counter()
    child = subprocess.Popen([str(c) for c in command], stdout=out, stderr=err, cwd=folder)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    out.seek(0), err.seek(0)
    text = out.read()
    if child.returncode not in codes:
        sys.exit(f"{name}: exit code {child.returncode}\n{' '.join(map(str, command))}\n{text[-2000:]}\n{err.read()[-4000:]}")
    try:
        said = json.loads(text)
    except json.JSONDecodeError:
        said = None
    # Linux counts kilobytes, macOS bytes.
    peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    row = {"seconds": round(seconds, 3), "peak_mb": round(peak), "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3), "said": said}
    if said and "timings_ms" in said:
        row["steps"] = said["timings_ms"]
    print(f"{name:<28} {seconds:8.2f} s {peak:7.0f} MB  {row.get('steps', '')}", file=sys.stderr)
    return row


def fresh(folder):
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def database(postgres, name):
    """An empty database of this name; the server has nothing left to write when the clock starts."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as pg:
        pg.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        pg.execute(f'CREATE DATABASE "{name}"')
        pg.execute("CHECKPOINT")
    return urllib.parse.urlsplit(postgres)._replace(path="/" + name).geturl()


def append(path, row):
    with open(path, "a", encoding="utf-8") as lines:
        lines.write(json.dumps(row) + "\n")
