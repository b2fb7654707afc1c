"""sklearn_datasets.py MARTLET: adds the data sets that scikit-learn carries, and compares each profile with pandas."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn import datasets

martlet = sys.argv[1]
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def run(*words):
    done = subprocess.run([martlet, *words, "--output", "json"], capture_output=True, text=True,
                          env=os.environ | {"HOME": tempfile.gettempdir()})
    check(done.returncode == 0, f"{words}: {done.stderr}")
    return json.loads(done.stdout)


with tempfile.TemporaryDirectory() as work:
    for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_diabetes):
        name = load.__name__.removeprefix("load_")
        frame = load(as_frame=True).frame
        path = pathlib.Path(work) / f"{name}.csv"
        frame.to_csv(path, index=False)
        version = run("data", "add", name, str(path))["version"]
        check(version["rows"] == len(frame), f"rows of {name}")
        for column in version["columns"]:
            values = frame[column["name"]]
            check(column["kind"] in ("integer", "number"), f"the type of {column['name']}")
            # pandas writes 17 digits at most, so that what it reads back is what it wrote.
            for ours, theirs in [("minimum", values.min()), ("maximum", values.max()), ("mean", values.mean()),
                                 ("standard_deviation", values.std())]:
                check(np.isclose(column[ours], theirs, rtol=1e-9, atol=1e-12), f"{ours} of {name}, {column['name']}")
            check(sum(column["histogram"]["counts"]) == len(values), "the bars add up")
print(f"{checks} checks passed")
