"""What an MLflow user does, against the server in MLFLOW_TRACKING_URI; exits 0 only if every answer is right."""

import math
import os
import pathlib
import tempfile

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from sklearn.ensemble import RandomForestClassifier

client = MlflowClient()
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def refused(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except MlflowException as error:  # the client wraps some answers in its own words
        check(error.error_code == code, f"{error.error_code} instead of {code}: {error.message}")
        return error.message
    raise SystemExit(f"FAILED: no {code}")


# experiments
mlflow.set_experiment("workflow")
experiment = client.get_experiment_by_name("workflow")
check(experiment.artifact_location.startswith("mlflow-artifacts:/"), "artifact location")
refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, "workflow")
client.set_experiment_tag(experiment.experiment_id, "team", "reliability")
check(client.get_experiment(experiment.experiment_id).tags == {"team": "reliability"}, "experiment tag")
found = client.search_experiments(filter_string="name LIKE 'work%' AND tags.team = 'reliability'")
check([e.name for e in found] == ["workflow"], "experiment search")
check(client.get_experiment_by_name("nothing") is None, "an unknown experiment")
check("No Experiment with id=999 exists" in refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "999"), "text")

# runs, metrics, params, tags
with mlflow.start_run(run_name="parent") as parent:
    mlflow.log_params({"lr": 0.1, "depth": 5})
    mlflow.log_metric("loss", 0.9, step=0)
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_metrics({"auc": 0.91, "broken": math.nan, "huge": math.inf})
    mlflow.set_tags({"kind": "<b>bold</b>", "unicode": "péché ✓", "quote": "it's \"x\"; DROP TABLE runs;--"})
    with mlflow.start_run(run_name="child", nested=True) as child:
        mlflow.log_metric("auc", 0.8)
parent_id, child_id = parent.info.run_id, child.info.run_id
run = client.get_run(parent_id)
check(run.info.status == "FINISHED" and run.info.end_time > 0, "status")
check(run.data.params == {"lr": "0.1", "depth": "5"}, "params")
check(run.data.metrics["loss"] == 0.5, "the latest metric is that of the highest step")
check(math.isnan(run.data.metrics["broken"]), "NaN comes back")
check(run.data.metrics["huge"] > 1e308, "infinity comes back as the largest double")
check(run.data.tags["quote"] == "it's \"x\"; DROP TABLE runs;--", "SQL in a tag is data")
check([m.value for m in client.get_metric_history(parent_id, "loss")] == [0.9, 0.5], "history")
check(client.get_run(child_id).data.tags["mlflow.parentRunId"] == parent_id, "nested run")
message = refused("INVALID_PARAMETER_VALUE", client.log_param, parent_id, "lr", "0.2")
check("Changing param values is not allowed" in message, "params do not change")
client.log_batch(
    child_id,
    metrics=[Metric("m", float(i), 1_700_000_000_000 + i, i) for i in range(1000)],
)
check(len(client.get_metric_history(child_id, "m")) == 1000, "a batch of a thousand")
client.log_batch(child_id, params=[Param(f"p{i}", str(i)) for i in range(50)], tags=[RunTag("t", "1")])
client.delete_tag(child_id, "t")
refused("RESOURCE_DOES_NOT_EXIST", client.delete_tag, child_id, "t")
refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)
refused("INVALID_PARAMETER_VALUE", client.log_metric, child_id, "../up", 1.0)


# search
def search(filter_string="", order_by=None, **more):
    runs = client.search_runs([experiment.experiment_id], filter_string, order_by=order_by, **more)
    return [r.info.run_name for r in runs]


check(search("metrics.auc > 0.85") == ["parent"], "metric filter")
check(search("metrics.auc > 0.85 and params.lr = '0.1' AND attributes.status = 'FINISHED'") == ["parent"], "and")
check(search("params.lr LIKE '0.%'") == ["parent"], "like")
check(search("tags.kind = '<b>bold</b>'") == ["parent"], "tag filter")
check(search("tags.kind ILIKE '%BOLD%'") == ["parent"], "ilike")
check(search("tags.kind LIKE '%BOLD%'") == [], "like minds the case")
check(search("tags.`mlflow.parentRunId` = '" + parent_id + "'") == ["child"], "back ticks")
check(search(f"attributes.run_id IN ('{parent_id}')") == ["parent"], "in")
check(search("metrics.broken != 1") == ["parent"], "NaN differs from every number")
check(search(order_by=["metrics.auc ASC"]) == ["child", "parent"], "ascending")
check(search(order_by=["metrics.auc DESC"]) == ["parent", "child"], "descending")
check(search(order_by=["metrics.loss DESC"]) == ["parent", "child"], "missing values come last")
check(search("run_name = 'child'") == ["child"], "run name")
for bad in ["metrics.auc > 'x'", "params.lr > 3", "nonsense", "metrics.auc >", "a = 'b' OR c = 'd'", "status IN ('FINISHED')"]:
    refused("INVALID_PARAMETER_VALUE", search, bad)
page = client.search_runs([experiment.experiment_id], max_results=1)
check(len(page) == 1 and page.token, "first page")
second = client.search_runs([experiment.experiment_id], max_results=1, page_token=page.token)
check(second[0].info.run_id != page[0].info.run_id, "second page")
refused("INVALID_PARAMETER_VALUE", search, page_token="garbage!")

# data sets
frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [0, 1, 0]})
with mlflow.start_run(run_name="data") as data_run:
    dataset = mlflow.data.from_pandas(frame, name="plants", targets="y")
    mlflow.log_input(dataset, context="training")
    mlflow.log_metric("recall", 0.8, dataset=dataset)
inputs = client.get_run(data_run.info.run_id).inputs.dataset_inputs
check(inputs[0].dataset.name == "plants" and inputs[0].tags[0].value == "training", "data set input")
check(search("datasets.name = 'plants'") == ["data"], "search by data set")

# artifacts
with tempfile.TemporaryDirectory() as folder, mlflow.start_run(run_name="files") as files_run:
    root = pathlib.Path(folder)
    (root / "sub").mkdir()
    (root / "sub" / "empty.txt").write_bytes(b"")
    (root / "sub" / "päth with space.bin").write_bytes(os.urandom(3_000_000))
    (root / "a.txt").write_text("hello")
    mlflow.log_artifacts(folder)
    mlflow.log_text("inside", "notes/n.txt")
    original = (root / "sub" / "päth with space.bin").read_bytes()
files_id = files_run.info.run_id
check([f.path for f in client.list_artifacts(files_id)] == ["a.txt", "notes", "sub"], "listing")
check(client.list_artifacts(files_id, "a.txt") == [], "a file lists nothing")
check({f.path: f.file_size for f in client.list_artifacts(files_id, "sub")}["sub/empty.txt"] == 0, "an empty file")
local = client.download_artifacts(files_id, "")
check((pathlib.Path(local) / "sub" / "päth with space.bin").read_bytes() == original, "bytes come back")
check(mlflow.artifacts.load_text(f"runs:/{files_id}/notes/n.txt") == "inside", "text comes back")

# models
rows = np.random.default_rng(7).normal(size=(200, 4)).astype(np.float32)
labels = (rows.sum(axis=1) > 0).astype(int)
forest = RandomForestClassifier(20, random_state=7).fit(rows, labels)
with mlflow.start_run(run_name="model") as model_run:
    info = mlflow.sklearn.log_model(
        forest, name="forest", input_example=rows[:3], params={"trees": "20"}, registered_model_name="plant-failure",
        skops_trusted_types=["sklearn.tree._tree.Tree"],
    )
    mlflow.log_metric("accuracy", 0.97, model_id=info.model_id)
logged = client.get_logged_model(info.model_id)
check(logged.status.value == "READY" or str(logged.status) == "READY", f"logged model ready: {logged.status}")
check(logged.params == {"trees": "20"}, "logged params")
check([m.value for m in logged.metrics] == [0.97], "metrics of a logged model")
check(len(client.search_logged_models([experiment.experiment_id], "name = 'forest'")) == 1, "logged model search")
version = client.get_model_version("plant-failure", "1")
check(version.status == "READY" and version.run_id == model_run.info.run_id, "version")
again = mlflow.register_model(f"runs:/{model_run.info.run_id}/forest", "plant-failure")
check(again.version in (2, "2"), "the second version")
client.set_registered_model_alias("plant-failure", "challenger", "2")
check(client.get_model_version_by_alias("plant-failure", "challenger").version in (2, "2"), "alias")
refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, "plant-failure", "nobody")
refused("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, "plant-failure", "latest", "1")
for uri in ["models:/plant-failure/1", "models:/plant-failure@challenger", info.model_uri]:
    loaded = mlflow.sklearn.load_model(uri)
    check((loaded.predict(rows) == forest.predict(rows)).all(), f"{uri} predicts the same")
client.set_model_version_tag("plant-failure", "1", "reviewed", "yes")
client.update_model_version("plant-failure", "1", description="first")
client.set_registered_model_tag("plant-failure", "area", "plants")
client.update_registered_model("plant-failure", description="fails or not")
model = client.get_registered_model("plant-failure")
check(model.description == "fails or not" and model.tags == {"area": "plants"}, "registered model")
check(model.aliases == {"challenger": "2"}, f"aliases {model.aliases}")
check([m.name for m in mlflow.search_registered_models()] == ["plant-failure"], "the prompt rule of model search")
versions = client.search_model_versions("name = 'plant-failure' AND tags.reviewed = 'yes'")
check([int(v.version) for v in versions] == [1], "version search")
client.transition_model_version_stage("plant-failure", "1", "Production")
client.transition_model_version_stage("plant-failure", "2", "Production", archive_existing_versions=True)
check(client.get_model_version("plant-failure", "1").current_stage == "Archived", "stages")
check([int(v.version) for v in client.get_latest_versions("plant-failure", ["Production"])] == [2], "latest versions")
refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, "plant-failure", "1", "Nowhere")
copied = client.copy_model_version("models:/plant-failure/1", "copied")
check(copied.name == "copied", "copy")
client.delete_registered_model_alias("plant-failure", "challenger")
client.delete_model_version("plant-failure", "2")
third = mlflow.register_model(info.model_uri, "plant-failure")
check(int(third.version) == 3, "a version number is never used again")
client.rename_registered_model("copied", "renamed")
client.delete_registered_model("renamed")
refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "renamed")
refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, "plant-failure", "99")
refused("INVALID_PARAMETER_VALUE", client.create_model_version, "plant-failure", "file:///etc/passwd")

# delete and restore
client.delete_run(child_id)
check("child" not in search(), "a deleted run is not found")
message = refused("INVALID_PARAMETER_VALUE", client.log_metric, child_id, "x", 1.0)
check("must be in the 'active' state" in message, "text")
client.restore_run(child_id)
check("child" in search(), "a restored run is found")
other = client.create_experiment("short-lived")
client.create_run(other)
client.delete_experiment(other)
refused("INVALID_PARAMETER_VALUE", client.create_run, other)
client.restore_experiment(other)
client.rename_experiment(other, "longer-lived")
check(client.get_experiment(other).name == "longer-lived", "rename")
check(len(client.search_runs([other])) == 1, "its run came back")

print(f"{checks} checks passed")
