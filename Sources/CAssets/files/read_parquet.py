"""read_parquet.py FILE ROWS BYTES_MAX: writes the rows of a Parquet file as CSV, batch by batch; lists and structs as JSON."""
import json
import sys

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet


def plain(column):
    kind = column.type
    if pa.types.is_nested(kind):
        return pa.array([None if v is None else json.dumps(v, default=str) for v in column.to_pylist()], pa.string())
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array([None if v is None else v.hex() for v in column.to_pylist()], pa.string())
    return column


def main(source, target, bytes_max):
    file = parquet.ParquetFile(source)
    with open(target, "wb") as out:
        first = True
        for batch in file.iter_batches(batch_size=16384):
            plain_batch = pa.RecordBatch.from_arrays([plain(column) for column in batch.columns], batch.schema.names)
            csv.write_csv(plain_batch, out, csv.WriteOptions(include_header=first))
            first = False
            if out.tell() > bytes_max:
                sys.exit(f"Its rows have more than {bytes_max} bytes as text.")
        if first:
            out.write((",".join('"' + name.replace('"', '""') + '"' for name in file.schema_arrow.names) + "\n").encode())


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except (pa.ArrowException, OSError) as error:
        sys.exit(f"pyarrow says: {error}")
