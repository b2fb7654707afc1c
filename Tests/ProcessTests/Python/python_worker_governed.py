"""A model that a Python worker serves, behind an endpoint with a policy: record, replay, fallback and circuit breaker, as for any model.

usage: python_worker_governed.py SERVER_PID. Takes the administrator's key in MARTLET_KEY; exits 0 only if all is right.
"""

import os
import signal
import threading
import time

import cloudpickle
import mlflow
import python_worker
import requests
from grpc_models import HEADERS, URL
from python_worker import Trouble, check, fail, trouble, wait, worker

# A worker cannot import the tests.
cloudpickle.register_pickle_by_value(python_worker)
POLICY = """
model: trouble
owner: Maintenance
purpose: Makes trouble.
task: regression
record: {mode: all}
circuit_breaker: {consecutive_failures: 2, open_for: 2s, probes: 1}
fallback:
  rules:
    - answer: [{output: output, value: -1}]
"""


def api(path, body, headers=HEADERS):
    answer = requests.post(URL + path, headers=headers, **({"data": body} if isinstance(body, str) else {"json": body}))
    if answer.status_code >= 300:
        fail(f"{path}: {answer.status_code} {answer.text}")
    return answer.json()


def release():
    api("/api/v1/policies", POLICY)
    api("/api/v1/principals", {"name": "lee", "roles": ["approver"]})
    lee = {"authorization": "Bearer " + api("/api/v1/keys", {"principal": "lee"})["key"]}
    mlflow.set_experiment("governed")
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(name="trouble", python_model=Trouble(), input_example=trouble)
    mlflow.register_model(info.model_uri, "trouble")
    preparation = f"{URL}/api/v1/models/trouble/versions/1/preparation"
    wait("it is not servable", lambda: requests.get(preparation, headers=HEADERS).json().get("state") == "servable")
    approval = api("/api/v1/approvals", {"model": "trouble", "version": 1})
    api(f"/api/v1/approvals/{approval['id']}/approve", {"reason": "seen"}, lee)
    api("/api/v1/rollouts", {"model": "trouble", "version": 1})
    wait("it is no champion", lambda: requests.get(f"{URL}/v2/models/trouble/ready", headers=HEADERS).status_code == 200)


def infer(seconds=0.0, mebibytes=1.0):
    """The answer's value, and its parameters."""
    columns = [("seconds", "FP64", seconds), ("mebibytes", "FP64", mebibytes), ("fault", "BOOL", False)]
    answer = api("/v2/models/trouble/infer", {"inputs": [{"name": n, "shape": [1, 1], "datatype": d, "data": [v]} for n, d, v in columns]})
    return answer["outputs"][0]["data"][0], answer["parameters"]


def killed():
    """What a request is answered whose worker is killed."""
    answers = []
    asked = threading.Thread(target=lambda: answers.append(infer(seconds=2)))
    asked.start()
    time.sleep(0.5)
    os.kill(worker(), signal.SIGKILL)
    asked.join()
    return answers[0]


def main():
    release()
    value, parameters = infer()
    check(value == 1 << 20 and "fallback_reason" not in parameters, (value, parameters))
    replay = api(f"/api/v1/predictions/{parameters['prediction_id']}/replay", {})
    check(replay["is_identical"] and replay["is_same_runtime"] and "mlflow" in replay["present_runtime"], replay)
    value, parameters = killed()
    check(value == -1 and parameters["fallback_reason"] == "unavailable" and parameters["served_by"] == "rule", (value, parameters))
    wait("it does not recover", lambda: infer()[0] == 1 << 20)
    check(infer(seconds=60)[1]["fallback_reason"] == "deadline", "a run past its deadline")
    wait("the circuit does not open", lambda: infer(mebibytes=8000)[1].get("fallback_reason") == "circuit_open")
    wait("the circuit does not close", lambda: infer()[0] == 1 << 20)
    print(f"{check.count} checks passed")


if __name__ == "__main__":
    main()
