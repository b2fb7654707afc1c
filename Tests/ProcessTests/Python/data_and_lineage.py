"""Logs a run of the real MLflow client on a version of a data set, and follows it both ways; exits 0 only if every answer is right.

data_and_lineage.py DIGEST RUN_DIGEST CSV: the version of the data set `plants` that was added of the file CSV.
"""

import os
import sys

import mlflow
import numpy as np
import pandas as pd
import requests
from mlflow import MlflowClient
from mlflow.data.http_dataset_source import HTTPDatasetSource

URL = os.environ["MARTLET_URL"]
API = f"{URL}/api/v1"
digest, run_digest, path = sys.argv[1:]
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def get(path, **query):
    answer = requests.get(API + path, params=query, timeout=60)
    check(answer.status_code == 200, f"{path} {query}: {answer.status_code} {answer.text}")
    return answer.json()


# The profile is what pandas says of the same file.
frame = pd.read_csv(path)
version = get("/datasets/plants/versions/newest")["version"]
check(version["id"]["digest"] == digest and version["rows"] == len(frame), "rows and digest")
check([c["name"] for c in version["columns"]] == list(frame.columns), "the names of the columns")
for column in version["columns"]:
    values = frame[column["name"]]
    check(column["missing"] == values.isna().sum(), f"missing values of {column['name']}")
    if column["kind"] in ("integer", "number"):
        for ours, theirs in [("minimum", values.min()), ("maximum", values.max()), ("mean", values.mean()),
                             ("standard_deviation", values.std())]:
            check(np.isclose(column[ours], theirs, rtol=1e-9, equal_nan=True), f"{ours} of {column['name']}")
        for quantile in column["quantiles"]:
            rank = (values < quantile["value"]).sum() / values.count(), (values <= quantile["value"]).sum() / values.count()
            check(rank[0] - 0.0133 <= quantile["share"] <= rank[1] + 0.0133, f"quantile of {column['name']}: {quantile}")
    counted = values.nunique()
    error = 0 if column["is_distinct_exact"] else 0.1 * counted
    check(abs(column["distinct"] - counted) <= error, f"distinct values of {column['name']}")
    if column["top"] and column["kind"] == "categorical":
        check(values.value_counts()[column["top"][0]["value"]] == column["top"][0]["count"], "the most frequent value")

# A run names the version by its digest, another by its source, a third uses data that Martlet does not keep.
mlflow.set_experiment("wear")
client = MlflowClient()
with mlflow.start_run(tags={"mlflow.source.git.commit": "c0ffee" * 6, "martlet.feature_engineering.commit": "fe" * 20,
                            "martlet.team": "reliability"}) as run:
    mlflow.log_params({"depth": 3, "rate": 0.1})
    mlflow.log_input(mlflow.data.from_pandas(frame, name="plants", digest=run_digest), context="training")
    held = mlflow.data.from_pandas(frame.head(50), name="held-out")
    mlflow.log_input(held, context="validation")
    mlflow.log_metric("recall", 0.75, dataset=held)
    mlflow.log_text("weights", "model/MLmodel")
    mlflow.log_text("mlflow\n", "model/requirements.txt")
with mlflow.start_run() as other:
    source = HTTPDatasetSource(f"martlet-data:/plants/{digest}")
    mlflow.log_input(mlflow.data.from_pandas(frame, source=source, name="anything"), context="training")
client.create_registered_model("wear")
client.create_model_version("wear", f"runs:/{run.info.run_id}/model", run.info.run_id, description="Two sensors more")

uses = get("/datasets/plants/versions/newest")["used_by"]
check({use["run_id"] for use in uses} == {run.info.run_id, other.info.run_id}, "the runs that used the version")

# Both ways, and the entry.
up = get("/lineage", of="model:wear/1", direction="upstream")
check({node["id"] for node in up["nodes"]} == {
    "model:wear/1", f"run:{run.info.run_id}", f"dataset:plants@{digest}", f"dataset:held-out@{held.digest}"}, "what the model comes from")
facts = next(node["facts"] for node in up["nodes"] if node["kind"] == "run")
check(facts["training code"] == "c0ffee" * 6 and facts["param depth"] == "3", "the facts of the run")
down = get("/lineage", of="dataset:plants@1", direction="downstream", depth=2)
check({node["id"] for node in down["nodes"]} == {
    f"dataset:plants@{digest}", f"run:{run.info.run_id}", f"run:{other.info.run_id}", "model:wear/1"}, "what came of the data")
check({edge["label"] for edge in down["edges"]} == {"training", "made"}, "how")
entry = get("/models/wear/versions/1")["entry"]
check([data.get("version") and data["version"]["number"] for data in entry["data"]] in ([1, None], [None, 1]), "the data of the entry")
check(entry["training"]["commit"] == "c0ffee" * 6 and entry["feature_engineering"]["commit"] == "fe" * 20, "the code")
check(entry["responsible_team"] == {"value": "reliability", "source": "run tag martlet.team"}, "the team")
check(entry["hyperparameters"] == {"depth": "3", "rate": "0.1"}, "the parameters")
check([(e["dataset"], m["name"], m["value"]) for e in entry["evaluations"] for m in e["metrics"]] == [("held-out", "recall", 0.75)], "the metrics")
check({gap["field"] for gap in entry["gaps"]} == {"known_limitations", "approvals"}, f"the gaps: {entry['gaps']}")

# What names nothing says so.
for of, status in [("model:wear/9", 404), ("dataset:none", 404), ("nonsense", 400), ("prediction:forged", 400)]:
    answer = requests.get(API + "/lineage", params={"of": of}, timeout=60)
    check(answer.status_code == status and answer.json()["detail"], f"{of}: {answer.status_code}")
for query in [{"depth": 99}, {"depth": "x"}, {"direction": "sideways"}]:
    check(requests.get(API + "/lineage", params={"of": "model:wear/1"} | query, timeout=60).status_code == 400, query)
check(requests.delete(f"{API}/datasets/plants", timeout=60).status_code == 409, "a used version stays")
kept = requests.get(f"{API}/datasets/plants/versions/1/files/data.csv", timeout=60)
check(kept.content == open(path, "rb").read(), "the file comes back as it was")
print(f"{checks} checks passed")
