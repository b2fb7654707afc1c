"""What clients of MLflow 2 and 3 both do, against MLFLOW_TRACKING_URI; exits 0 only if every answer is right.

Needs mlflow-skinny alone. Prints the client's version and the number of checks.
"""

import json
import math
import os
import pathlib
import tempfile
import time

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

URL = os.environ["MARTLET_URL"]
MAJOR = int(mlflow.__version__.split(".")[0])
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
    except MlflowException as error:
        check(error.error_code == code, f"{error.error_code} instead of {code}: {error.message}")
        return error.message
    raise SystemExit(f"FAILED: no {code}")


# experiments
experiment = client.create_experiment(f"clients-{MAJOR}", tags={"client": str(MAJOR)})
check(client.get_experiment(experiment).tags == {"client": str(MAJOR)}, "experiment with tags")
client.set_experiment_tag(experiment, "empty", "")
check(client.get_experiment(experiment).tags["empty"] == "", "an empty tag value")
check([e.experiment_id for e in client.search_experiments(filter_string=f"tags.client = '{MAJOR}'")] == [experiment], "experiments by tag")
client.rename_experiment(experiment, f"clients-renamed-{MAJOR}")
check(client.get_experiment_by_name(f"clients-renamed-{MAJOR}").experiment_id == experiment, "renamed")
client.delete_experiment(experiment)
check(client.get_experiment(experiment).lifecycle_stage == "deleted", "deleted")
refused("RESOURCE_DOES_NOT_EXIST", client.delete_experiment, experiment)
check(experiment in [e.experiment_id for e in client.search_experiments(view_type=ViewType.DELETED_ONLY)], "view of deleted ones")
client.restore_experiment(experiment)

# runs
mlflow.set_experiment(experiment_id=experiment)
with mlflow.start_run(run_name="parent") as parent:
    mlflow.log_params({"lr": 0.1, "long": "x" * 5_000})
    mlflow.log_metrics({"auc": 0.9, "nan": math.nan}, step=3)
    mlflow.set_tag("note", "it's")
    with mlflow.start_run(run_name="child", nested=True) as child:
        for step in range(30):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
parent_id, child_id = parent.info.run_id, child.info.run_id
run = client.get_run(parent_id)
check(run.info.status == "FINISHED" and run.data.params["lr"] == "0.1" and len(run.data.params["long"]) == 5_000, "params")
check(math.isnan(run.data.metrics["nan"]) and run.data.metrics["auc"] == 0.9, "metrics")
check([m.step for m in client.get_metric_history(child_id, "loss")] == list(range(30)), "history")
client.log_batch(child_id, [Metric("m", 1.0, int(time.time() * 1000), 0)], [Param("p", "1")], [RunTag("t", "2")])
client.log_batch(child_id, params=[Param("p", "1")])
check("Changing param values is not allowed" in refused("INVALID_PARAMETER_VALUE", client.log_batch, child_id, params=[Param("p", "2")]), "params stay")
client.set_terminated(child_id, "KILLED")
check(client.get_run(child_id).info.status == "KILLED", "status")
client.update_run(child_id, name="renamed")
check(client.get_run(child_id).info.run_name == "renamed", "run renamed")


def search(text="", order_by=None, **more):
    return [r.info.run_name for r in client.search_runs([experiment], text, order_by=order_by, **more)]


check(search("metrics.auc >= 0.9 and params.lr = '0.1'") == ["parent"], "search")
check(search('tags.note = "it\'s"') == ["parent"], "a quote within quotes")
check(search("status = 'KILLED'") == ["renamed"], "search by status")
check(search(order_by=["metrics.auc DESC"]) == ["parent", "renamed"], "order")
check(search(f"run_id IN ('{child_id}')") == ["renamed"], "list")
check(search("metrics.loss < 1 and attributes.start_time > 0") == ["renamed"], "attributes")
check("Invalid attribute key" in refused("INVALID_PARAMETER_VALUE", search, "nothing = 'x'"), "words")
refused("INVALID_PARAMETER_VALUE", search, "metrics.auc LIKE 'x'")
refused("INVALID_PARAMETER_VALUE", search, order_by=["nothing"])
page = client.search_runs([experiment], max_results=1)
check(len(page) == 1 and len(client.search_runs([experiment], max_results=1, page_token=page.token)) == 1, "pages")
client.delete_run(child_id)
check(search() == ["parent"] and search(run_view_type=ViewType.DELETED_ONLY) == ["renamed"], "views")
client.restore_run(child_id)
client.restore_run(child_id)

# artifacts
with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    (root / "model").mkdir()
    (root / "model" / "MLmodel").write_text("flavors: {}\n")
    (root / "model" / "weights.bin").write_bytes(os.urandom(200_000))
    client.log_artifacts(parent_id, str(root / "model"), "model")
    weights = (root / "model" / "weights.bin").read_bytes()
check([f.path for f in client.list_artifacts(parent_id, "model")] == ["model/MLmodel", "model/weights.bin"], "listing")
local = client.download_artifacts(parent_id, "model")
check((pathlib.Path(local) / "weights.bin").read_bytes() == weights, "bytes")

# registry
name = f"clients {MAJOR}"
client.create_registered_model(name, tags={"a": "1"}, description="d")
refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, name)
first = client.create_model_version(name, f"runs:/{parent_id}/model", parent_id, tags={"k": "v"}, description="one")
check(int(first.version) == 1 and first.status == "READY" and first.run_id == parent_id, "version")
second = client.create_model_version(name, f"models:/{name}/1")
check(int(second.version) == 2, "a copy")
client.set_registered_model_alias(name, "best", "2")
check(int(client.get_model_version_by_alias(name, "best").version) == 2, "alias")
check(client.get_registered_model(name).aliases["best"] in ("2", 2), "aliases of the model")
client.transition_model_version_stage(name, "1", "Staging")
check([int(v.version) for v in client.get_latest_versions(name, ["Staging"])] == [1], "stages")
refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, name, "1", "Nowhere")
client.set_model_version_tag(name, "2", "reviewed", "no")
check([int(v.version) for v in client.search_model_versions(f"name = '{name}' and tag.reviewed = 'no'")] == [2], "versions by tag")
check([int(v.version) for v in client.search_model_versions(f"run_id = '{parent_id}'", order_by=["version_number ASC"])][0] == 1, "versions by run")
check([m.name for m in client.search_registered_models(f"name LIKE 'clients {MAJOR}'")] == [name], "models by name")
check("must be an integer" in refused("INVALID_PARAMETER_VALUE", client.get_model_version, name, "x"), "a version is a number")
check(client.get_model_version_download_uri(name, "1").startswith("mlflow-artifacts:/versions/"), "download address")
files = mlflow.artifacts.download_artifacts(f"models:/{name}/1")
check((pathlib.Path(files) / "weights.bin").read_bytes() == weights, "a version's bytes")
client.delete_model_version_tag(name, "2", "reviewed")
client.delete_registered_model_alias(name, "best")
client.delete_model_version(name, "2")
refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, name, "2")
client.rename_registered_model(name, f"{name} renamed")
client.delete_registered_model(f"{name} renamed")
refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, name)

# what older clients still call
answer = requests.post(
    f"{URL}/api/2.0/mlflow/runs/log-model",
    json={"run_id": parent_id, "model_json": json.dumps({"artifact_path": "m", "flavors": {}, "utc_time_created": "t", "run_id": parent_id})},
)
check(answer.status_code == 200, f"log-model: {answer.text}")
check(json.loads(client.get_run(parent_id).data.tags["mlflow.log-model.history"])[0]["artifact_path"] == "m", "the history of models")

print(f"MLflow {mlflow.__version__}: {checks} checks passed")
