"""Rows to measure a model with: of its reference data, and its golden request. Imported by optimize_onnx.py, a guest of Martlet."""

import csv
import itertools
import json

import numpy

# Rows that are read at most, and those by which trees are chosen and ranges calibrated, and on which answers are compared.
READ_ROWS_MAX = 20_000
GUIDING_ROWS_MAX = 500
MEASURING_ROWS_MAX = 2_000
BATCH_ROWS = 256
TYPES = {
    "BOOL": numpy.bool_, "UINT8": numpy.uint8, "UINT16": numpy.uint16, "UINT32": numpy.uint32, "UINT64": numpy.uint64,
    "INT8": numpy.int8, "INT16": numpy.int16, "INT32": numpy.int32, "INT64": numpy.int64, "FP16": numpy.float16,
    "FP32": numpy.float32, "FP64": numpy.float64, "BYTES": object,
}  # fmt: skip


def value(cell, datatype):
    """A cell as an input takes it.

    Raises ValueError for what the type cannot hold.
    """
    if datatype == "BYTES":
        return cell
    words = {"True": 1, "true": 1, "False": 0, "false": 0}
    if datatype.startswith("FP"):
        return float(words.get(cell, cell)) if cell else numpy.nan
    number = float(words.get(cell, cell))
    if not number.is_integer():
        raise ValueError(cell)
    return int(number)


def golden_feeds(request):
    """The inputs of an Open Inference Protocol request."""
    feeds = {}
    for tensor in json.loads(request)["inputs"]:
        kind = TYPES[tensor["datatype"]]
        cells = [numpy.nan if cell is None else cell for cell in numpy.array(tensor["data"], dtype=object).ravel()]
        feeds[tensor["name"]] = numpy.array(cells, dtype=kind).reshape(tensor["shape"])
    return feeds


class Reference:
    """Rows of the reference data: those that guide, and others that measure."""

    def __init__(self, rows, places, label, task):
        self.inputs = task["inputs"]
        self.columns = task["columns"]
        self.places = places
        self.label = label
        order = numpy.random.default_rng(0).permutation(len(rows))
        guiding = min(GUIDING_ROWS_MAX, len(rows) // 3)
        self.guiding = [rows[i] for i in order[:guiding]]
        self.measuring = [rows[i] for i in order[guiding : guiding + MEASURING_ROWS_MAX]]
        # A model that takes a fixed number of rows at a time.
        self.batch_size = max(spec["shape"][0] if spec["shape"] else 0 for spec in self.inputs)
        self.batch_size = max(self.batch_size, 0)

    @staticmethod
    def read(path, task):
        """The rows, or None where they do not hold the model's inputs."""
        if not Reference.covers(task):
            return None
        csv.field_size_limit(1 << 24)
        with open(path, newline="", encoding="utf-8", errors="replace") as file:
            lines = csv.reader(file)
            header = next(lines, [])
            rows = list(itertools.islice(lines, READ_ROWS_MAX))
        label = next((header.index(name) for name in task["label_names"] if name in header), None)
        other = next((header.index(name) for name in task["prediction_names"] if name in header), None)
        names = [column["name"] for column in task["columns"]]
        if set(names) <= set(header):
            places = [header.index(name) for name in names]
        else:
            # A model trained on a bare matrix has no names of its own: then the file's order is the model's.
            left = [i for i, name in enumerate(header) if i not in (label, other) and name not in ("", "Unnamed: 0")]
            if len(left) != len(names) or set(names) & set(header):
                return None
            places = left
        found = Reference([], places, label, task)
        rows = [row for row in rows if len(row) == len(header) and found.fits(row)]
        return Reference(rows, places, label, task) if len(rows) >= 2 else None

    @staticmethod
    def covers(task):
        """Whether the columns fill every input."""
        for spec in task["inputs"]:
            indices = sorted(column["index"] for column in task["columns"] if column["input"] == spec["name"])
            width = spec["shape"][1] if len(spec["shape"]) == 2 else 1
            if not spec["shape"] or len(spec["shape"]) > 2 or spec["datatype"] not in TYPES or not indices:
                return False
            if indices != list(range(len(indices))) or (width > 0 and width != len(indices)):
                return False
        return True

    def fits(self, row):
        try:
            self.feeds([row])
            return True
        except (ValueError, OverflowError):
            return False

    def feeds(self, rows):
        """The model's inputs for these rows."""
        feeds = {}
        for spec in self.inputs:
            own = [(c["index"], p) for c, p in zip(self.columns, self.places, strict=True) if c["input"] == spec["name"]]
            cells = [[value(row[place], spec["datatype"]) for _, place in sorted(own)] for row in rows]
            array = numpy.array(cells, dtype=TYPES[spec["datatype"]])
            feeds[spec["name"]] = array if len(spec["shape"]) == 2 else array.reshape(-1)
        return feeds

    def batches(self, rows):
        """(inputs, rows) after one another, as many rows at a time as the model takes."""
        size = self.batch_size or BATCH_ROWS
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            if not self.batch_size or len(batch) == self.batch_size:
                yield self.feeds(batch), batch

    def labels(self, rows):
        """The known answers of these rows, or None."""
        if self.label is None or any(not row[self.label] for row in rows):
            return None
        return [row[self.label] for row in rows]
