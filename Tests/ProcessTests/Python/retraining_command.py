"""What the policy of retraining.py names as its command: trains on the data set that it is handed, registers the version, and tries
what its narrow key must not do. Exits 0 only if all is right; prints its own key, which the server must leave out of the log.
"""

import csv
import os
import sys
import urllib.error
import urllib.request
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy
from sklearn.linear_model import LogisticRegression

model, token = os.environ["MARTLET_MODEL"], os.environ["MLFLOW_TRACKING_TOKEN"]


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def refused(what, action):
    try:
        action()
    except mlflow.MlflowException as error:
        check(error.error_code == "PERMISSION_DENIED", f"{what}: {error.error_code} {error}")
        return
    sys.exit(f"FAILED: {what} was allowed")


def status(method, path, body=None):
    request = urllib.request.Request(os.environ["MARTLET_URL"] + path, data=body, method=method)
    request.add_header("authorization", "Bearer " + os.environ["MARTLET_KEY"])
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


with open(os.environ["MARTLET_DATASET"], newline="") as file:
    rows = list(csv.DictReader(file))
check(len(rows) == int(os.environ["MARTLET_DATASET_ROWS"]), f"{len(rows)} rows")
check(len(rows) >= 40, "not all labelled rows are there yet")
check(set(rows[0]) == {"heat", "load", "label"}, f"columns {list(rows[0])}")
check(not any(name.startswith("SECRET_OF") for name in os.environ), "the server's environment is inherited")

X = numpy.array([[float(row["heat"]), float(row["load"])] for row in rows])
y = numpy.array([int(row["label"]) for row in rows])
estimator = LogisticRegression().fit(X, y)
mlflow.set_experiment("retrained")
with mlflow.start_run() as run:
    mlflow.log_metric("accuracy", estimator.score(X, y))
    logged = mlflow.sklearn.log_model(
        estimator, name="model", input_example=X[:3], serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
client = mlflow.MlflowClient()
version = client.create_model_version(model, logged.model_uri, run.info.run_id, model_id=logged.model_id)

refused("a version of another model", lambda: client.create_model_version("other", logged.model_uri, run.info.run_id))
refused("a new model", lambda: client.create_registered_model("third"))
refused("the champion alias", lambda: client.set_registered_model_alias(model, "champion", version.version))
refused("the end of the model", lambda: client.delete_registered_model(model))
for method, path, body in (
    ("GET", "/api/v1/principals", None), ("POST", "/api/v1/keys", b"{}"), ("POST", "/api/v1/policies", b"x"),
    ("POST", "/api/v1/retraining", b'{"model": "wear"}'), ("POST", "/api/v1/approvals", b'{"model": "wear", "version": 1}'),
    ("POST", "/api/v1/rollouts", b'{"model": "wear", "version": 1}'), ("GET", "/v2/models/other/versions/1", None),
):
    check(status(method, path, body) == 403, f"{method} {path} answers {status(method, path, body)}")

print(f"trained on {len(rows)} rows; trigger {os.environ['MARTLET_TRIGGER']}: {os.environ['MARTLET_REASON']}")
print(f"my key is {token}")
print(f"reversed {token[::-1]}")
