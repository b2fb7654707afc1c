"""Versions are served by their digests to the real MLflow client in MLFLOW_TRACKING_URI; exits 0 only if every answer is right."""

import os
import pathlib
import tempfile

import mlflow
import mlflow.sklearn
import numpy as np
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

URL = os.environ["MARTLET_URL"]
PROXY = f"{URL}/api/2.0/mlflow-artifacts/artifacts"
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


def files(folder):
    """Every file with its bytes; what the client adds of its own is left out."""
    root = pathlib.Path(folder)
    found = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    return {name: data for name, data in found.items() if name != "registered_model_meta"}


mlflow.set_experiment("versions")
rows = np.random.default_rng(3).normal(size=(80, 3))
up = LogisticRegression().fit(rows, (rows[:, 0] > 0).astype(int))
down = LogisticRegression().fit(rows, (rows[:, 0] < 0).astype(int))
trusted = {"skops_trusted_types": ["sklearn.linear_model._logistic.LogisticRegression"]}

# A logged model's files are overwritten, then deleted: its versions stay as they were registered.
with mlflow.start_run():
    info = mlflow.sklearn.log_model(up, name="model", input_example=rows[:2], registered_model_name="pump", **trusted)
    other = mlflow.sklearn.log_model(down, name="other", input_example=rows[:2], **trusted)
odd = "odd name 50% é"
client.create_registered_model(odd)
client.create_model_version(odd, info.model_uri)
original = files(mlflow.artifacts.download_artifacts(info.model_uri))
check(len(original) > 4 and "MLmodel" in original, "the model as logged")
root = client.get_logged_model(info.model_id).artifact_location.removeprefix("mlflow-artifacts:/")
for name, data in files(mlflow.artifacts.download_artifacts(other.model_uri)).items():
    check(requests.put(f"{PROXY}/{root}/{name}", data=data).status_code == 200, f"overwrite {name}")
check(files(mlflow.artifacts.download_artifacts(info.model_uri)) != original, "the logged model's files have changed")
for after in ["overwritten", "deleted"]:
    for uri in ["models:/pump/1", f"models:/{odd}/1"]:
        check(files(mlflow.artifacts.download_artifacts(uri)) == original, f"{uri} as registered, {after}")
    loaded = mlflow.sklearn.load_model("models:/pump/1")
    check((loaded.predict(rows) == up.predict(rows)).all(), f"the version predicts as registered, {after}")
    raw = requests.get(f"{URL}/model-versions/get-artifact", params={"name": "pump", "version": "1", "path": "MLmodel"})
    check(raw.content == original["MLmodel"], f"get-artifact, {after}")
    check(requests.delete(f"{PROXY}/{root}").status_code == 200, "delete the logged model's files")

# Nobody writes or deletes there.
uri = client.get_model_version_download_uri("pump", "1")
check(uri == "mlflow-artifacts:/versions/pump/1", f"the address is the version's own: {uri}")
for method in [requests.put, requests.delete]:
    answer = method(f"{PROXY}/versions/pump/1/MLmodel", data=b"x")
    check(answer.status_code == 403 and answer.json()["error_code"] == "PERMISSION_DENIED", f"{method.__name__} refused")
check(files(mlflow.artifacts.download_artifacts("models:/pump/1")) == original, "still as registered")
refused("INVALID_PARAMETER_VALUE", client.create_experiment, "thief", artifact_location="mlflow-artifacts:/versions/pump")
part = requests.get(f"{PROXY}/versions/pump/1/MLmodel", headers={"Range": "bytes=0-4"})
check(part.status_code == 206 and part.content == original["MLmodel"][:5], "a range of a version's file")

# A copy is the same files; numbers are never used again.
copied = client.copy_model_version("models:/pump/1", "copy")
check(files(mlflow.artifacts.download_artifacts("models:/copy/1")) == original, "a copy has the same files")
client.delete_registered_model("copy")
client.create_registered_model("copy")
check(int(client.create_model_version("copy", "models:/pump/1").version) == 2, "a number is never used again")
client.create_registered_model("typo")
client.rename_registered_model("typo", "valve")
refused("INVALID_PARAMETER_VALUE", client.rename_registered_model, "valve", "copy2/")
client.delete_registered_model("copy")
refused("INVALID_PARAMETER_VALUE", client.rename_registered_model, "valve", "copy")

# Sources.
with mlflow.start_run() as empty:
    pass
client.create_registered_model("hollow")
for run in [empty.info.run_id, "0" * 32]:
    hollow = client.create_model_version("hollow", f"runs:/{run}/model")
    check(hollow.status == "READY" and "no files at its source" in hollow.status_message, f"no files: {hollow.status_message}")
away = client.create_model_version("pump", "s3://bucket/model")
check(away.status == "READY" and "cannot be prepared, served" in away.status_message, f"kept elsewhere: {away.status_message}")
check(client.get_model_version_download_uri("pump", away.version) == "s3://bucket/model", "the address of what is elsewhere")

# A run does not come back into a deleted experiment.
experiment = client.create_experiment("gone")
run = client.create_run(experiment)
client.delete_experiment(experiment)
check("must be in the 'active' state" in refused("INVALID_PARAMETER_VALUE", client.restore_run, run.info.run_id), "restore")

# A logged model's tags are taken back by any key that they can have.
for key in ["plain", "with space", "é", "a:b"]:
    client.set_logged_model_tags(other.model_id, {key: "1"})
    check(key in client.get_logged_model(other.model_id).tags, f"tag {key}")
    client.delete_logged_model_tag(other.model_id, key)
    check(key not in client.get_logged_model(other.model_id).tags, f"tag {key} taken back")

# Names of errors.
for path in ["/api/2.0/mlflow/nothing/here", "/api/2.0/mlflow/runs/nothing", "/ajax-api/2.0/mlflow/nothing"]:
    for method in [requests.get, requests.post]:
        answer = method(URL + path)
        check(answer.status_code == 404 and answer.json()["error_code"] == "ENDPOINT_NOT_FOUND", f"{path}: {answer.text}")
for path, code, status in [
    ("/get-artifact?run_id=absent&path=x", "RESOURCE_DOES_NOT_EXIST", 404),
    ("/get-artifact?path=x", "INVALID_PARAMETER_VALUE", 400),
    ("/model-versions/get-artifact?name=pump&version=99&path=x", "RESOURCE_DOES_NOT_EXIST", 404),
    ("/model-versions/get-artifact?name=pump&version=1&path=absent", "RESOURCE_DOES_NOT_EXIST", 404),
    ("/model-versions/get-artifact?name=pump&version=1&path=../../x", "INVALID_PARAMETER_VALUE", 400),
    ("/model-versions/get-artifact?name=pump&version=x&path=MLmodel", "INVALID_PARAMETER_VALUE", 400),
]:
    answer = requests.get(URL + path)
    check(answer.status_code == status and answer.json()["error_code"] == code, f"{path}: {answer.status_code} {answer.text}")

# More than the limit that the server was started with.
with tempfile.TemporaryDirectory() as folder, mlflow.start_run():
    big = pathlib.Path(folder) / "big.bin"
    big.write_bytes(os.urandom(2 << 20))
    mlflow.log_artifact(big)
    big.write_bytes(os.urandom((2 << 20) + 1))
    answer = requests.put(f"{PROXY}/0/big.bin", data=big.read_bytes())
    check(answer.status_code == 413 and "2097152" in answer.text, f"too large: {answer.status_code} {answer.text}")

print(f"{checks} checks passed")
