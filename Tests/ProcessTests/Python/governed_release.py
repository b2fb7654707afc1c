"""The governed way of a version to its endpoint, over the network, with four people's keys; exits 0 only if all is right.

Takes the administrator's key in MARTLET_KEY. Every refusal is checked for its status and for changing nothing.
"""

import json
import os
import time
import urllib.error
import urllib.request
import warnings

warnings.filterwarnings("ignore")

URL, ADMIN = os.environ["MARTLET_URL"], os.environ["MARTLET_KEY"]
MODEL = "wear out"
PATH = "wear%20out"
POLICY = """
model: wear out
owner: Maintenance
purpose: Warns before a part fails.
task: binary-classification
criteria:
  metrics: [{metric: recall, dataset: holdout, at_least: 0.8}]
  latency: {p99_at_most: 5s}
  documentation: [description]
rollout:
  evaluation_interval: 1s
  steps: [{weight: 50%, duration: 1s, requests_at_least: 5}]
"""
checks = 0
keys = {}


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def call(who, method, path, body=None, kind="application/json"):
    data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}{path}", data=data, method=method, headers={"content-type": kind})
    request.add_header("authorization", f"Bearer {keys[who]}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def api(who, method, path, body=None):
    return call(who, method, f"/api/v1/{path}", body)


def apply(who, text):
    return call(who, "POST", "/api/v1/policies", text, "application/yaml")


def alias(who, version):
    body = {"name": MODEL, "alias": "champion", "version": str(version)}
    return call(who, "POST", "/api/2.0/mlflow/registered-models/alias", body)


def register(description):
    """Logs a model with its metric on the holdout, as dana."""
    import mlflow
    import pandas
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    mlflow.set_tracking_uri(URL)
    os.environ["MLFLOW_TRACKING_TOKEN"] = keys["dana"]
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    model = RandomForestClassifier(5, random_state=0).fit(X, y)
    mlflow.set_experiment("governed")
    with mlflow.start_run() as run:
        holdout = mlflow.data.from_pandas(X.head(50).assign(label=y.head(50)), targets="label", name="holdout")
        mlflow.log_input(holdout, "evaluation")
        mlflow.log_metric("recall", 0.9, dataset=holdout)
        logged = mlflow.sklearn.log_model(
            model, name="model", input_example=X.head(3), serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
        )
        client = mlflow.MlflowClient()
        version = client.create_model_version(MODEL, logged.model_uri, run.info.run_id, description=description, model_id=logged.model_id)
    return int(version.version)


def readiness(version):
    status, answer = api("dana", "GET", f"models/{PATH}/versions/{version}/readiness")
    check(status == 200, f"readiness answers {status}: {answer}")
    return answer


def prepared(version):
    for _ in range(240):
        _, found = api("dana", "GET", f"models/{PATH}/versions/{version}/preparation")
        if found["state"] != "pending":
            check(found["state"] == "servable", found)
            return
        time.sleep(0.25)
    raise SystemExit("FAILED: the version was not prepared within a minute")


keys["admin"] = ADMIN
for name, roles in {"dana": ["contributor", "approver"], "pat": ["contributor", "approver"], "lee": ["approver"], "omar": ["operator"]}.items():
    status, answer = api("admin", "POST", "principals", {"name": name, "roles": roles})
    check(status in (200, 201), answer)
    status, answer = api("admin", "POST", "keys", {"principal": name})
    check(status in (200, 201), answer)
    keys[name] = answer["key"]

# policies
status, answer = apply("lee", POLICY)
check(status == 403, f"an approver applied a policy: {answer}")
status, answer = apply("pat", POLICY.replace("at_least: 0.8", "at_least: much"))
check(status == 400 and "at_least" in answer["field"] and "7:" in answer["detail"], answer)
status, answer = api("dana", "GET", f"policies/{PATH}")
check(status == 404, "a refused policy left something behind")
status, answer = apply("pat", POLICY)
check(status == 201 and answer["state"] == "in_force" and answer["version"] == 1, answer)
status, answer = apply("dana", POLICY)
check(answer["version"] == 1 and answer["author"] == "pat", "an equal policy made a version")

# readiness
call("dana", "POST", "/api/2.0/mlflow/registered-models/create", {"name": MODEL})
first = register("")
prepared(first)
report = readiness(first)
check(not report["ready"], "a version without a description is ready")
by_name = {row["criterion"]: row for row in report["rows"]}
check(by_name["documentation.description"]["status"] == "unmet", report)
check(by_name["metrics.recall@holdout"]["status"] == "met" and by_name["metrics.recall@holdout"]["written_before"], report)
check(by_name["latency.p99"]["status"] == "met" and "Measurement 1" in by_name["latency.p99"]["evidence"], report)
check(by_name["golden"]["status"] == "met" and by_name["parity"]["status"] == "met", report)
check(readiness(first)["rows"][4]["evidence"] == report["rows"][4]["evidence"], "it was measured twice")
status, answer = api("dana", "POST", "approvals", {"model": MODEL, "version": first})
check(status == 409 and "documentation.description" in answer["detail"], answer)
check(api("dana", "GET", f"models/{PATH}/versions/99/readiness")[0] == 404, "a version that is not there")

# nothing rolls out unapproved, and nobody else moves the champion alias
second = register("It warns.")
prepared(second)
check(readiness(second)["ready"], "the second version is not ready")
status, answer = api("omar", "POST", "rollouts", {"model": MODEL, "version": second})
check(status == 409 and "approval request" in answer["detail"], answer)
status, answer = alias("dana", second)
check(status == 403 and answer["error_code"] == "PERMISSION_DENIED" and "rollout start" in answer["message"], answer)
check(alias("admin", second)[0] == 403, "the administrator moved the champion alias")
status, answer = call("dana", "POST", "/api/2.0/mlflow/registered-models/rename", {"name": MODEL, "new_name": "free"})
check(status == 403, "a governed model was renamed")

# four eyes
status, request = api("dana", "POST", "approvals", {"model": MODEL, "version": second})
check(status == 201 and request["state"] == "pending", request)
number = request["id"]
check(api("dana", "POST", "approvals", {"model": MODEL, "version": second})[0] == 409, "two requests wait")
for who, code in (("dana", 403), ("pat", 403), ("omar", 403)):
    status, answer = api(who, "POST", f"approvals/{number}/approve", {"reason": "mine"})
    check(status == code, f"{who} approved: {answer}")
check(api("lee", "POST", f"approvals/{number}/reject", {"reason": ""})[0] == 400, "rejected without a reason")
status, answer = api("lee", "GET", f"approvals/{number}")
check(answer["state"] == "pending" and answer["decisions"] == [] and answer["readiness"]["rows"], answer)
status, answer = api("lee", "POST", f"approvals/{number}/approve", {"reason": "Evidence checked."})
check(status == 200 and answer["state"] == "approved", answer)
check(api("lee", "POST", f"approvals/{number}/approve", {})[0] == 409, "approved twice")

# the rollout moves the alias; the first version of an endpoint is promoted at once
status, answer = api("omar", "POST", "rollouts", {"model": MODEL, "version": second})
check(status == 201 and answer["state"] == "promoted", answer)
status, answer = call("dana", "GET", f"/api/2.0/mlflow/registered-models/alias?name={PATH}&alias=champion")
check(answer["model_version"]["version"] == str(second), answer)

# what serves cannot be taken away, renamed or replaced past its policy, by nobody
mlflow = "/api/2.0/mlflow"
for who in ("dana", "admin"):
    for name, method, path, body in (
        ("deleted the champion alias", "DELETE", "registered-models/alias", {"name": MODEL, "alias": "champion"}),
        ("deleted the champion", "DELETE", "model-versions/delete", {"name": MODEL, "version": str(second)}),
        ("deleted the governed model", "DELETE", "registered-models/delete", {"name": MODEL}),
        ("renamed the governed model", "POST", "registered-models/rename", {"name": MODEL, "new_name": "free"}),
    ):
        status, answer = call(who, method, f"{mlflow}/{path}", body)
        check(status == 403 and answer["error_code"] == "PERMISSION_DENIED", f"{who} {name}: {status} {answer}")
status, answer = call("dana", "GET", f"{mlflow}/registered-models/alias?name={PATH}&alias=champion")
check(status == 200 and answer["model_version"]["version"] == str(second), f"the champion has changed: {answer}")

inputs = {"inputs": [{"name": "X", "shape": [1, 30], "datatype": "FP64", "data": [1.0] * 30}]}
_, metadata = call("dana", "GET", f"/v2/models/{PATH}")
inputs["inputs"] = [
    {"name": one["name"], "shape": [1 if n < 0 else n for n in one["shape"]], "datatype": one["datatype"], "data": [1.0] * max(1, one["shape"][-1])}
    for one in metadata["inputs"]
]
status, answer = call("dana", "POST", f"/v2/models/{PATH}/infer", inputs)
check(status == 200 and answer["model_version"] == str(second), answer)
status, trace = api("dana", "GET", f"predictions/{answer['parameters']['prediction_id'] if 'parameters' in answer else answer['id']}")
check(status == 200 and "lee" in json.dumps(trace), f"the trace does not name the approval: {trace}")

# a policy that loosens waits for somebody else, and voids no rollout; a new policy asks for approval anew
status, answer = apply("pat", POLICY.replace("at_least: 0.8", "at_least: 0.7"))
check(status == 201 and answer["state"] == "pending_approval" and "0.8" in answer["loosens"][0], answer)
check(api("dana", "GET", f"policies/{PATH}")[1]["version"] == 1, "a loosened policy governs unapproved")
check(apply("dana", POLICY + "team: x\n")[0] == 409, "a policy was applied over one that waits")
waiting = api("dana", "GET", "approvals?state=pending")[1]["items"]
check([one["kind"] for one in waiting] == ["policy"], waiting)
check(api("pat", "POST", f"approvals/{waiting[0]['id']}/approve", {})[0] == 403, "pat approved pat's own policy")
check(api("lee", "POST", f"approvals/{waiting[0]['id']}/approve", {"reason": "Agreed."})[0] == 200, "lee could not approve")
check(api("dana", "GET", f"policies/{PATH}")[1]["version"] == 2, "the approved policy does not govern")
status, answer = api("omar", "POST", "rollouts", {"model": MODEL, "version": first})
check(status == 409, "an approval outlived its policy")

_, audit = api("admin", "GET", "audit?limit=1000")
actions = [event["action"] for event in audit["items"]]
for action in ("policy.apply", "policy.in_force", "approval.request", "approval.approve", "rollout.start", "alias.set"):
    check(any(found.startswith(action) or found == "rollout.promote" and action == "rollout.start" for found in actions), f"{action} is not in the audit: {sorted(set(actions))}")
print(f"{checks} checks passed")
