"""Retraining by hand over the network, with the real child: from recorded predictions and their labels to a new version.

Takes the administrator's key in MARTLET_KEY, and the path of the command. Exits 0 only if all is right.
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
import pandas
from sklearn.linear_model import LogisticRegression

URL = os.environ["MARTLET_URL"]
ROWS = 40
POLICY = """
model: wear
owner: Maintenance
purpose: Warns before a part fails.
task: binary-classification
criteria: {documentation: [description]}
record: {mode: all}
retraining: {command: COMMAND, timeout: 2m, cooldown: 1h}
"""
keys = {"admin": os.environ["MARTLET_KEY"]}
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def call(who, method, path, body=None, kind="application/json", key=None):
    data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, method=method, headers={"content-type": kind})
    request.add_header("authorization", f"Bearer {key or keys[who]}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def api(who, method, path, body=None):
    return call(who, method, f"/api/v1/{path}", body)


def until(what, look, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise SystemExit(f"FAILED: {what} did not come within {seconds} s")


for name, role in (("dana", "contributor"), ("lee", "approver"), ("omar", "operator"), ("vera", "viewer")):
    check(api("admin", "POST", "principals", {"name": name, "roles": [role]})[0] in (200, 201), name)
    keys[name] = api("admin", "POST", "keys", {"principal": name})[1]["key"]
os.environ["MLFLOW_TRACKING_TOKEN"] = keys["dana"]
policy = POLICY.replace("COMMAND", json.dumps([sys.executable, sys.argv[1]]))
check(call("dana", "POST", "/api/v1/policies", policy, "application/yaml")[0] == 201, "the policy")

# a champion, the governed way
random = numpy.random.default_rng(1)
frame = pandas.DataFrame({"heat": random.normal(60, 5, 200), "load": random.normal(1, 0.2, 200)})
label = (frame.heat > 60).astype(int)
client = mlflow.MlflowClient()
for name in ("wear", "other"):
    client.create_registered_model(name)
mlflow.set_experiment("first")
with mlflow.start_run() as run:
    logged = mlflow.sklearn.log_model(
        LogisticRegression().fit(frame, label), name="model", input_example=frame.head(3), serialization_format="cloudpickle",
        pip_requirements=["scikit-learn"],
    )
client.create_model_version("wear", logged.model_uri, run.info.run_id, description="It warns.", model_id=logged.model_id)
until("the preparation", lambda: api("dana", "GET", "models/wear/versions/1/preparation")[1]["state"] == "servable")
status, approval = api("dana", "POST", "approvals", {"model": "wear", "version": 1})
check(status == 201, approval)
check(api("lee", "POST", f"approvals/{approval['id']}/approve", {"reason": "Fine."})[0] == 200, "the approval")
status, rollout = api("omar", "POST", "rollouts", {"model": "wear", "version": 1})
check(status == 201 and rollout["state"] == "promoted", rollout)

# live traffic, recorded, and its labels
_, metadata = call("vera", "GET", "/v2/models/wear")
width = metadata["inputs"][0]["shape"][-1]
for row in range(ROWS):
    values = [float(frame.heat[row]), float(frame.load[row])]
    inputs = [
        {"name": one["name"], "shape": [1, width], "datatype": one["datatype"], "data": values if width == 2 else [values[index]]}
        for index, one in enumerate(metadata["inputs"])
    ]
    status, answer = call("vera", "POST", "/v2/models/wear/infer", {"inputs": inputs})
    check(status == 200, answer)
    item = {"prediction_id": answer["parameters"]["prediction_id"], "row": 0, "label": str(label[row])}
    check(api("dana", "POST", "feedback", {"items": [item]})[0] == 200, "the feedback")

# who may not
for who in ("vera", "dana", "lee"):
    check(api(who, "POST", "retraining", {"model": "wear"})[0] == 403, f"{who} started retraining")
status, answer = api("omar", "POST", "retraining", {"model": "other"})
check(status == 409 and "retraining" in answer["detail"], answer)
check(api("vera", "GET", "retraining")[1]["items"] == [], "a refused start left a run")


def retrained(reason):
    status, run = api("omar", "POST", "retraining", {"model": "wear", "reason": reason})
    check(status == 201 and run["state"] == "running" and run["started_by"] == "omar", run)
    status, second = api("omar", "POST", "retraining", {"model": "wear"})
    check(status == 409 and "under way" in second["detail"], second)

    def look():
        found = api("vera", "GET", f"retraining/{run['id']}")[1]
        return found if found["state"] != "running" else None

    return until("the end of the run", look)


# what was observed is written to the database within seconds
def all_rows():
    ended = retrained("spring")
    if ended["dataset_rows"] < ROWS:
        check(ended["state"] == "failed" and ended["exit_code"] == 1 and "not all labelled rows" in ended["log_tail"], ended)
        return time.sleep(1)
    check(ended["state"] == "succeeded" and ended["exit_code"] == 0, ended["log_tail"])
    check(ended["dataset_rows"] == ROWS, ended)
    return ended


ended = until("all labelled rows", all_rows)
check(len(ended["versions"]) == 1 and ended["trigger"] == "manual" and len(ended["dataset_digest"]) == 64, ended)
log = ended["log_tail"]
check(f"trained on {ROWS} rows; trigger manual: spring" in log, log)
token = log.split("reversed ")[1].split()[0][::-1]
check(token.startswith("mk_") and token not in log and "my key is •••" in log, "the key is in the log")
status, answer = call("", "GET", "/api/2.0/mlflow/registered-models/get?name=wear", key=token)
check(status == 401, f"the key outlived its run: {status} {answer}")

# a version like any other: prepared, and not approved by anybody
version = ended["versions"][0]
state = until(
    "the preparation", lambda: next(
        (s for s in [api("dana", "GET", f"models/wear/versions/{version}/preparation")[1]["state"]] if s != "pending"), None)
)
check(state == "servable", state)
check(api("omar", "POST", "rollouts", {"model": "wear", "version": version})[0] == 409, "an unapproved version rolled out")
runs = api("vera", "GET", "retraining?model=wear")[1]["items"]
check(runs[0]["id"] == ended["id"] and runs[0]["log_tail"] == "", runs[0])
check(api("vera", "GET", "retraining?model=other")[1]["items"] == [], "another model's runs")
check(api("vera", "GET", "retraining/999")[0] == 404, "a run that is not there")
events = api("admin", "GET", "audit?limit=1000")[1]["items"]
acts = [(event["action"], event.get("actor_name") or event.get("actor")) for event in events if event["action"].startswith("retraining.")]
check({action for action, _ in acts} == {"retraining.start", "retraining.end"} and "omar" in json.dumps(acts), acts)
print(f"{checks} checks passed")
