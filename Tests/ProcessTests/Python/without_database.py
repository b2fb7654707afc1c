"""Makes a served model, or asks it.

usage: without_database.py make | ask
"""

import os
import sys
import warnings

import requests

warnings.filterwarnings("ignore")
URL, KEY = os.environ["MARTLET_URL"], os.environ["MARTLET_KEY"]
MODEL = "steady"


def make():
    import mlflow
    from sklearn.datasets import load_breast_cancer
    from sklearn.tree import DecisionTreeClassifier

    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X.iloc[:, :2]
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            DecisionTreeClassifier(max_depth=3).fit(X, y), name="model", input_example=X.head(3), registered_model_name=MODEL,
            serialization_format="cloudpickle", pip_requirements=["scikit-learn"],
        )


def ask():
    session = requests.Session()
    session.headers["authorization"] = f"Bearer {KEY}"
    path = f"{URL}/v2/models/{MODEL}/versions/1"
    inputs = session.get(path, timeout=30).json()["inputs"]
    tensors = [{"name": one["name"], "shape": [1, one["shape"][-1]], "datatype": one["datatype"], "data": [15.0] * one["shape"][-1]} for one in inputs]
    answer = session.post(f"{path}/infer", json={"inputs": tensors}, timeout=30)
    answer.raise_for_status()
    print(answer.json()["outputs"][0]["data"])


if __name__ == "__main__":
    {"make": make, "ask": ask}[sys.argv[1]]()
