#!/usr/bin/env python3
"""Writes the golden files that no text editor should touch: encodings, dialects, compressed and torn files.

    python3 scripts/golden_files.py        writes below testdata/golden; the same bytes every time
    python3 scripts/golden_files.py check  fails when a file on disk differs

zstd files need the `zstd` program; the rest is the standard library.
"""

import gzip
import io
import pathlib
import subprocess
import sys
import zipfile

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "golden"

HEADER = ["external_system", "external_id", "first_name", "last_name", "email", "phone", "city", "source_updated_at"]
TIME = "2025-01-01T00:00:00Z"
# Letters of Windows-1252 and Latin-1 alike, so that one expectation serves all encodings.
PEOPLE = [
    ["crm", "Z-1", "Jürgen", "Müller", "juergen.mueller@example.org", "212-555-0341", "Köln", TIME],
    ["crm", "Z-2", "Zoë", "Besançon", "zoe.besancon@example.org", "212-555-0342", "Orléans", TIME],
    ["crm", "Z-3", "Begoña", "Núñez", "begona.nunez@example.org", "212-555-0343", "A Coruña", TIME],
    ["crm", "Z-4", "Søren", "Ångström", "soren.angstrom@example.org", "212-555-0344", "Århus", TIME],
    ["crm", "Z-5", "Kate", "Walsh", "kate.walsh@example.org", "212-555-0345", "Cork, Ireland", TIME],
]


def text(delimiter=",", end="\n", rows=None, header=None, last_end=True):
    """The people as CSV text; a cell is quoted when it must be."""

    def cell(value):
        must = delimiter in value or '"' in value or "\n" in value
        return '"' + value.replace('"', '""') + '"' if must else value

    lines = [delimiter.join(map(cell, row)) for row in [header or HEADER, *(rows or PEOPLE)]]
    return end.join(lines) + (end if last_end else "")


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "-19"], input=data, stdout=subprocess.PIPE, check=True).stdout


def encodings():
    plain = text()
    # Bytes 0x80 to 0x9F tell Windows-1252 from Latin-1: dashes and curly quotes in a column that is not mapped.
    notes = [[*row, note] for row, note in zip(PEOPLE, ["5 € paid", "“often”", "it’s fine", "9–5", "x"])]
    quoted = [[*row, f"line one\nline \"two\" of {row[1]}"] for row in PEOPLE]
    titles = "Volunteers of the northern district\nexported on 1 January 2025\n\n"
    yield "utf8.csv", plain.encode()
    yield "utf8_bom.csv", b"\xef\xbb\xbf" + plain.encode()
    yield "utf16le.csv", b"\xff\xfe" + text(delimiter="\t", end="\r\n").encode("utf-16-le")
    yield "utf16be.csv", b"\xfe\xff" + text(delimiter=";", end="\r\n").encode("utf-16-be")
    yield "utf16le_without_bom.csv", plain.encode("utf-16-le")
    yield "windows1252.csv", text(delimiter=";", end="\r\n", header=[*HEADER, "notes"], rows=notes).encode("cp1252")
    yield "latin1.csv", plain.encode("latin-1")
    yield "semicolon.csv", text(delimiter=";").encode()
    yield "tab.csv", text(delimiter="\t").encode()
    yield "pipe.csv", text(delimiter="|").encode()
    yield "sep_line.csv", ("sep=;\r\n" + text(delimiter=";", end="\r\n")).encode()
    yield "title_lines.csv", (titles + plain).encode()
    yield "crlf.csv", text(end="\r\n").encode()
    yield "cr_only.csv", text(end="\r").encode()
    yield "no_newline_at_end.csv", text(last_end=False).encode()
    yield "trailing_columns.csv", "".join(f"{line},,\n" for line in plain.splitlines()).encode()
    yield "quoted_newlines.csv", text(header=[*HEADER, "notes"], rows=quoted).encode()
    yield "gzip.csv.gz", gzip.compress(plain.encode(), mtime=0)
    yield "zstandard.csv.zst", zstd(plain.encode())


def ragged():
    """One good row between any two bad ones: a malformed record costs that record and not its neighbours."""
    good = iter([["crm", f"G-{i}", name, "Grünwald", f"{name.lower()}.g@example.org", "", "Zürich", TIME]
                 for i, name in enumerate(["Adam", "Bella", "Cora", "Dario", "Enzo", "Fanny", "Gitta", "Hanno"], 1)])
    line = lambda row: (",".join(row) + "\n").encode()  # noqa: E731
    out = line(HEADER)
    for bad in [
        b"crm,T-1,Short,Row,short@example.org\n",
        b"crm,T-2,Long,Row,long@example.org,,Bern," + TIME.encode() + b",one,two\n",
        # The repaired quote comes before the open one, which then runs to the end of the file.
        b'crm,T-6,"Stray "quote" here",Row,stray@example.org,,Bern,' + TIME.encode() + b"\n",
        b'crm,T-3,"Open,Quote,open@example.org,,Bern,' + TIME.encode() + b"\n",
        b"crm,T-4,Nul\x00Byte,Row,nul@example.org,,Bern," + TIME.encode() + b"\n",
        b"crm,T-5,Bad\xff\xfeBytes,Row,bytes@example.org,,Bern," + TIME.encode() + b"\n",
        b"\n,,,,,,,\n   \n",
    ]:
        out += line(next(good)) + bad
    out += line(next(good))
    return out + b"crm,T-7,Torn,Off,torn@exa"


def archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr(zipfile.ZipInfo("volunteers.csv", (2025, 1, 1, 0, 0, 0)), text())
    return packed.getvalue()


def binary():
    state, out = 1, bytearray(b"\x7fELF\x02\x01\x01\x00")
    for _ in range(4000):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(state >> 16 & 0xFF)
    return bytes(out)


def files():
    for name, data in encodings():
        yield f"encodings/{name}", data
    yield "ragged_and_torn/torn.csv", ragged()
    yield "not_a_table/zip_in_disguise.csv", archive()
    yield "not_a_table/binary.csv", binary()


def main():
    check, wrong = sys.argv[1:] == ["check"], []
    for name, data in files():
        path = GOLDEN / name
        if check and name.endswith(".zst"):
            continue  # other versions of zstd write other bytes
        if check:
            if not path.exists() or path.read_bytes() != data:
                wrong.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    if wrong:
        sys.exit("differs from what this script writes: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
