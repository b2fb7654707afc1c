"""write_parquet.py FILE: a table of every common type of Arrow, with nulls."""
import datetime
import decimal
import sys

import pyarrow as pa
import pyarrow.parquet as parquet

rows = range(1000)
table = pa.table({
    "id": pa.array(rows, pa.int64()),
    "heat": pa.array([None if r % 10 == 0 else r / 7 for r in rows], pa.float32()),
    "flag": pa.array([r % 2 == 0 for r in rows]),
    "when": pa.array([datetime.datetime(2026, 1, 1) + datetime.timedelta(minutes=r) for r in rows], pa.timestamp("us")),
    "plant": pa.array([["north", "south, new"][r % 2] for r in rows]).dictionary_encode(),
    "price": pa.array([decimal.Decimal(r).scaleb(-2) for r in rows], pa.decimal128(10, 2)),
    "tags": pa.array([[r, "x"][:1] for r in rows]),
    "raw": pa.array([bytes([r % 256]) for r in rows]),
})
parquet.write_table(table, sys.argv[1])
