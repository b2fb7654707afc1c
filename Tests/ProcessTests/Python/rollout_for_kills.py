"""Makes an endpoint with a champion and a rollout in progress, and prints the rollout's number.

usage: rollout_for_kills.py     with the administrator's key in MARTLET_KEY
"""

import json
import os
import time
import urllib.error
import urllib.request
import warnings

warnings.filterwarnings("ignore")
URL, ADMIN = os.environ["MARTLET_URL"], os.environ["MARTLET_KEY"]
MODEL = "killed"
# Steps that end by the number of requests, so that the kills fall into them.
POLICY = f"""
model: {MODEL}
owner: o
purpose: p
task: binary-classification
rollout:
  evaluation_interval: 1s
  steps:
    - {{weight: 20%, duration: 1s, requests_at_least: 60}}
    - {{weight: 50%, duration: 1s, requests_at_least: 200}}
    - {{weight: 80%, duration: 1s, requests_at_least: 400}}
guardrails: {{p99_ratio_to_champion_at_most: 1000, p99_floor: 30s, prediction_psi_at_most: 10}}
record: {{mode: all}}
"""


def call(method, path, body=None, key=ADMIN):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(URL + path, data=data, method=method)
    request.add_header("authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}")


def register():
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


def main():
    call("POST", "/api/v1/policies", POLICY)
    call("POST", "/api/v1/principals", {"name": "lee", "roles": ["approver"]})
    lee = call("POST", "/api/v1/keys", {"principal": "lee"})["key"]
    for version in (1, 2):
        register()
        for _ in range(300):
            state = call("GET", f"/api/v1/models/{MODEL}/versions/{version}/preparation")
            if state["state"] != "pending":
                break
            time.sleep(0.2)
        approval = call("POST", "/api/v1/approvals", {"model": MODEL, "version": version})
        call("POST", f"/api/v1/approvals/{approval['id']}/approve", {"reason": "seen"}, lee)
        rollout = call("POST", "/api/v1/rollouts", {"model": MODEL, "version": version})
    print(rollout["id"])


if __name__ == "__main__":
    main()
