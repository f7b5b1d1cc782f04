"""Anchor: what a careful data engineer writes in Polars. Reads a volunteer list, normalises e-mail and phone, checks three rules, splits good
from bad, joins exact duplicates and writes Parquet. Regular expressions for phones, no copy of the landed text.

    polars_stage.py list.csv out_dir
"""

import json
import pathlib
import sys
import time

import polars as pl

EMAIL = r"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"
NANP = r"^\+1[2-9]\d{2}[2-9]\d{6}$"

source, out = sys.argv[1], pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
laps, last = {}, time.perf_counter()


def lap(name):
    global last
    now = time.perf_counter()
    laps[name], last = round(now - last, 3), now


def filled(column):
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


email = filled("email").str.to_lowercase().str.replace(r"\+[^@]*@", "@")
digits = filled("phone").str.to_lowercase().str.replace(r"\s*(x|ext\.?)\s*\d+$", "").str.replace_all(r"[^0-9+]", "")
plus = (
    pl.when(digits.str.contains(r"^\+\d{8,15}$")).then(digits)
    .when(digits.str.contains(r"^1\d{10}$")).then(pl.lit("+") + digits)
    .when(digits.str.contains(r"^\d{10}$")).then(pl.lit("+1") + digits)
)
staged = (
    pl.scan_csv(source, infer_schema=False)
    .with_row_index("seq")
    .with_columns(email_key=email, phone_key=plus)
    .with_columns(phone_key=pl.when(~pl.col("phone_key").str.starts_with("+1") | pl.col("phone_key").str.contains(NANP)).then(pl.col("phone_key")))
    .with_columns(
        no_contact=filled("email").is_null() & filled("phone").is_null(),
        bad_email=pl.col("email_key").is_not_null() & ~pl.col("email_key").str.contains(EMAIL),
        bad_phone=filled("phone").is_not_null() & pl.col("phone_key").is_null(),
    )
    .with_columns(bad=pl.col("no_contact") | pl.col("bad_email") | pl.col("bad_phone"))
    .collect(engine="streaming")
)
lap("read_normalise_check")
flags = ["no_contact", "bad_email", "bad_phone", "bad"]
good, bad = staged.filter(~pl.col("bad")).drop(flags), staged.filter(pl.col("bad"))
good.write_parquet(out / "good.parquet", compression="zstd")
bad.write_parquet(out / "bad.parquet", compression="zstd")
lap("split_write")
keys = good.lazy().select("seq", "email_key", "phone_key", "source_updated_at").sort(["source_updated_at", "seq"], descending=[True, False])
keys = keys.with_columns(by_email=pl.when(pl.col("email_key").is_null()).then("seq").otherwise(pl.col("seq").first().over("email_key")))
groups = keys.group_by("by_email").agg(phone=pl.col("phone_key").drop_nulls().first(), newest=pl.col("source_updated_at").max())
groups = groups.sort(["newest", "by_email"], descending=[True, False])
groups = groups.with_columns(cluster=pl.when(pl.col("phone").is_null()).then("by_email").otherwise(pl.col("by_email").first().over("phone")))
clusters = keys.select("seq", "by_email").join(groups.select("by_email", "cluster"), on="by_email").select("seq", "cluster").collect()
clusters.write_parquet(out / "clusters.parquet", compression="zstd")
people = good.join(clusters.select(pl.col("cluster").unique()), left_on="seq", right_on="cluster", how="semi")
people.write_parquet(out / "people.parquet", compression="zstd")
lap("dedupe_write")
print(json.dumps({"rows": staged.height, "good": good.height, "people": people.height, "laps": laps}))
