"""A model on real data: the Wisconsin breast-cancer measurements (Wolberg, Street, Mangasarian 1995), which scikit-learn carries.

    script/server --enable-guests --python .venv/bin/python &
    MLFLOW_TRACKING_URI=http://127.0.0.1:8080 .venv/bin/python Examples/real-data/breast_cancer.py

Logs and registers a logistic regression, waits until Martlet has made it servable, asks it about the patients that it was not
trained on, and compares every answer with scikit-learn's own.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

URL = os.environ.get("MLFLOW_TRACKING_URI", "http://127.0.0.1:8080")
NAME = "breast-cancer"
SECONDS_TO_PREPARE = 90


def call(path, body=None):
    headers = {"content-type": "application/json"}
    if token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(URL + path, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


def main():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    training, held, label, truth = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(training, label)
    scores = model.predict_proba(held)

    mlflow.set_tracking_uri(URL)
    mlflow.set_experiment("real data")
    with mlflow.start_run():
        mlflow.log_metric("roc_auc", roc_auc_score(truth, scores[:, 1]))
        mlflow.log_text(training.assign(label=label, prediction=model.predict(training)).to_csv(index=False), "reference.csv")
        logged = mlflow.sklearn.log_model(
            model, name="model", input_example=training.head(5), registered_model_name=NAME, serialization_format="cloudpickle"
        )
    version = logged.registered_model_version

    path = f"/v2/models/{NAME}/versions/{version}"
    end = time.monotonic() + SECONDS_TO_PREPARE
    while True:
        try:
            call(f"{path}/ready")
            break
        except urllib.error.HTTPError as error:
            if time.monotonic() > end:
                sys.exit(f"version {version} did not become servable: {error.read().decode()}")
            time.sleep(0.3)

    tensor = {"name": "input", "shape": list(held.shape), "datatype": "FP32", "data": held.to_numpy().ravel().tolist()}
    outputs = {output["name"]: output for output in call(f"{path}/infer", {"inputs": [tensor]})["outputs"]}
    got = numpy.array(outputs["probabilities"]["data"]).reshape(-1, 2)
    difference = float(numpy.abs(got - scores).max())
    print(f"{NAME} version {version}: {len(held)} patients, ROC AUC {roc_auc_score(truth, got[:, 1]):.4f}, largest difference from scikit-learn {difference:.1e}")
    if difference > 1e-4:
        sys.exit("the answers are not scikit-learn's")


if __name__ == "__main__":
    main()
