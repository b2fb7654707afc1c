"""Fills a server with what an upgrade must keep, or checks that all of it is there. Run by script/package-check.

    package_client.py fill FILE     logs an ONNX model, predicts, and writes down what was answered
    package_client.py check FILE    asks for the same again
"""

import json
import os
import sys
import time
import urllib.parse
import urllib.request
import warnings

warnings.filterwarnings("ignore")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
URL, KEY = os.environ["MARTLET_URL"], os.environ["MARTLET_KEY"]
os.environ |= {"MLFLOW_TRACKING_URI": URL, "MLFLOW_TRACKING_TOKEN": KEY}
ROWS = [[float(i + j) for j in range(30)] for i in range(3)]


def call(method, path, body=None):
    request = urllib.request.Request(URL + path, method=method, data=json.dumps(body).encode() if body is not None else None)
    request.add_header("authorization", f"Bearer {KEY}")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def fill():
    import mlflow
    import onnx
    from skl2onnx import to_onnx
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_breast_cancer(return_X_y=True)
    model = to_onnx(RandomForestClassifier(20, random_state=0).fit(X.astype("float32"), y), X[:1].astype("float32"), options={"zipmap": False}, target_opset=17)
    mlflow.set_experiment("package")
    with mlflow.start_run() as run:
        mlflow.log_params({"trees": 20})
        mlflow.log_metric("accuracy", 0.9)
        mlflow.onnx.log_model(onnx.load_from_string(model.SerializeToString()), name="model", registered_model_name="package", pip_requirements=["onnx"])
    call("POST", "/api/v1/policies", {"model": "package-later", "owner": "o", "purpose": "p", "task": "regression"})
    return run.info.run_id


def state(run_id):
    """All that must be the same after an upgrade."""
    path = "/v2/models/package/versions/1"
    for _ in range(300):
        try:
            metadata = call("GET", path)
            break
        except urllib.error.HTTPError:
            time.sleep(0.1)
    else:
        raise SystemExit("FAILED: the version was not served within 30 s: " + str(call("GET", "/api/v1/models/package/versions/1")))
    request = {"inputs": [{"name": metadata["inputs"][0]["name"], "shape": [3, 30], "datatype": "FP32", "data": sum(ROWS, [])}]}
    answer = call("POST", path + "/infer", request)
    run = call("GET", f"/api/2.0/mlflow/runs/get?run_id={run_id}")["run"]
    return {
        "outputs": answer["outputs"],
        "params": run["data"]["params"],
        "metrics": run["data"]["metrics"],
        "files": call("GET", "/api/v1/models/package/versions/1")["version"]["files"],
        "policy": call("GET", "/api/v1/policies/package-later")["policy"],
        "events": [event["hash"] for event in call("GET", "/api/v1/audit?limit=1000")["items"] if event["sequence"] <= 5],
    }


verb, file = sys.argv[1:]
if verb == "fill":
    run_id = fill()
    with open(file, "w") as out:
        json.dump({"run": run_id, "state": state(run_id)}, out)
else:
    with open(file) as kept:
        kept = json.load(kept)
    now = state(kept["run"])
    for name, before in kept["state"].items():
        if now[name] != before:
            raise SystemExit(f"FAILED: {name} was {before} and is {now[name]}")
print(f"package_client: {verb} is done")
