"""Fills the disk of a server that predicts, and frees it again. Takes the data directory, as the server sees it; exits 0 only if all is right."""

import os
import subprocess
import sys
import time

import requests
from counted_checks import check, tell
from grpc_models import API, HEADERS, URL, rows

WIDTH = 64
POLICY = """
model: {name}
owner: Operations
purpose: Doubles.
task: regression
record: {{mode: {mode}}}
"""


def api(path, body, headers=HEADERS):
    answer = requests.post(URL + path, headers=headers, **({"data": body} if isinstance(body, str) else {"json": body}))
    answer.raise_for_status()
    return answer.json()


def until(what, condition):
    deadline = time.monotonic() + 60
    while not condition():
        check(time.monotonic() < deadline, what)
        time.sleep(0.1)


def release(name, mode, approver):
    api("/api/v1/policies", POLICY.format(name=name, mode=mode))
    run = requests.post(API + "runs/create", json={"experiment_id": "0"}, headers=HEADERS).json()["run"]["info"]["run_id"]
    base = f"{URL}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/m/"
    requests.put(base + "MLmodel", data=b"flavors:\n  onnx:\n    data: model.onnx\n", headers=HEADERS).raise_for_status()
    requests.put(base + "model.onnx", data=rows(WIDTH).SerializeToString(), headers=HEADERS).raise_for_status()
    api("/api/2.0/mlflow/registered-models/create", {"name": name})
    api("/api/2.0/mlflow/model-versions/create", {"name": name, "source": f"runs:/{run}/m", "run_id": run})
    preparation = f"{URL}/api/v1/models/{name}/versions/1/preparation"
    until("the version is not prepared", lambda: requests.get(preparation, headers=HEADERS).json()["state"] == "servable")
    approval = api("/api/v1/approvals", {"model": name, "version": 1})
    api(f"/api/v1/approvals/{approval['id']}/approve", {"reason": "seen"}, approver)
    api("/api/v1/rollouts", {"model": name, "version": 1})
    until("there is no champion", lambda: ask(name).status_code == 200)


session = requests.Session()
session.headers.update(HEADERS)


def ask(name):
    body = {"inputs": [{"name": "x", "shape": [16, WIDTH], "datatype": "FP32", "data": [[1.5] * WIDTH] * 16}]}
    return session.post(f"{URL}/v2/models/{name}/infer", json=body, timeout=30)


def process(folder):
    found = subprocess.run(["pgrep", "-f", f"^[^ ]*martlet serve .*--data-dir {folder}"], capture_output=True, text=True).stdout.split()
    check(len(found) == 1, f"servers of {folder}: {found}")
    return found[0]


folder = sys.argv[1]
api("/api/v1/principals", {"name": "lee", "roles": ["approver"]})
approver = {"authorization": "Bearer " + api("/api/v1/keys", {"principal": "lee"})["key"]}
release("kept", "all", approver)
release("loose", "none", approver)
full = f"/proc/{process(folder)}/root{folder}/full"
with open(full, "wb", buffering=0) as file:
    try:
        while True:
            file.write(b"x" * 65536)
    except OSError:
        pass

# What must be kept and cannot be is not answered; how soon depends on the room that the database has in its own files.
answers = []
while not answers or answers[-1].status_code == 200:
    answers.append(ask("kept"))
    check(len(answers) < 20_000, "the disk is full, and all is said to be recorded")
check(answers[-1].status_code == 503 and "could not be recorded" in answers[-1].json()["error"], answers[-1].text)
# Nobody else notices.
for _ in range(200):
    answer = ask("loose")
    check(answer.status_code == 200 and answer.json()["outputs"][0]["data"][0] == 3, answer.text)
check(session.get(URL + "/v2/health/ready").status_code == 200, "ready")
check(session.get(URL + "/v2/health/live").status_code == 200, "live")
traced = [one.json()["parameters"]["prediction_id"] for one in answers[:-1]]
os.remove(full)
until("the disk has room again, and nothing is recorded", lambda: ask("kept").status_code == 200)
# Every answer that was given can be traced, from before and from after.
for prediction in traced[:5] + traced[-5:] + [ask("kept").json()["parameters"]["prediction_id"]]:
    answer = session.get(f"{URL}/api/v1/predictions/{prediction}")
    check(answer.status_code == 200 and answer.json().get("input"), answer.text)
tell()
