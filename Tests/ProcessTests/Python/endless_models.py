"""Asks models that never end, and what else the server must do meanwhile. Exits 0 only if all is right.

usage: endless_models.py run     registers the models, then asks
       endless_models.py hang    asks again, and expects an answer whatever becomes of the server
"""

import os
import sys
import threading
import time

import onnx
import requests
from onnx import TensorProto, helper

URL = os.environ["MARTLET_URL"]
API = URL + "/api/2.0/mlflow/"
value = helper.make_tensor_value_info
problems = []


def check(condition, what):
    if not condition:
        problems.append(what)


def save(nodes, inputs, outputs, constants):
    graph = helper.make_graph(nodes, "g", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def loop():
    """Runs as often as its input says: the trial with one row of ones is short."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["co"]), helper.make_node("Add", ["a", "one"], ["ao"])],
        "body",
        [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, []), value("a", TensorProto.FLOAT, [1])],
        [value("co", TensorProto.BOOL, []), value("ao", TensorProto.FLOAT, [1])],
        [helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])],
    )
    return save(
        [helper.make_node("Squeeze", ["n"], ["n0"]), helper.make_node("Loop", ["n0", "t", "z0"], ["y"], body=body)],
        [value("n", TensorProto.INT64, [1])],
        [value("y", TensorProto.FLOAT, [1])],
        [helper.make_tensor("t", TensorProto.BOOL, [], [True]), helper.make_tensor("z0", TensorProto.FLOAT, [1], [0.0])],
    )


def reshape():
    return save(
        [helper.make_node("Reshape", ["x", "n"], ["y"])],
        [value("x", TensorProto.FLOAT, [None]), value("n", TensorProto.INT64, [1])],
        [value("y", TensorProto.FLOAT, [None])],
        [],
    )


def register(name, model):
    run = requests.post(API + "runs/create", json={"experiment_id": "0"}).json()["run"]["info"]["run_id"]
    base = f"{URL}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/m/"
    requests.put(base + "MLmodel", data=b"flavors:\n  onnx:\n    data: model.onnx\n").raise_for_status()
    requests.put(base + "model.onnx", data=model).raise_for_status()
    requests.post(API + "registered-models/create", json={"name": name}).raise_for_status()
    requests.post(API + "model-versions/create", json={"name": name, "source": f"runs:/{run}/m", "run_id": run}).raise_for_status()
    for _ in range(300):
        if requests.get(f"{URL}/v2/models/{name}/versions/1/ready").status_code == 200:
            return
        time.sleep(0.1)
    sys.exit(f"FAILED: {name} is not served: " + requests.get(f"{URL}/api/v1/models/{name}/versions/1/preparation").text)


def ask(name, n, timeout=30):
    body = {"inputs": [{"name": "n", "datatype": "INT64", "shape": [1], "data": [n]}]}
    return requests.post(f"{URL}/v2/models/{name}/versions/1/infer", json=body, timeout=timeout)


def endless():
    start = time.monotonic()
    answer = ask("loop", 2**40)
    # After ten of them the version rests, and who asks then is told so at once.
    rests = answer.status_code == 503 and "rests" in answer.json()["error"] and "Retry-After" in answer.headers
    check(rests or answer.status_code == 504 and "3" in answer.json()["error"], f"endless: {answer.status_code} {answer.text}")
    check(time.monotonic() - start < 10, f"endless took {time.monotonic() - start:.1f} s")


def run():
    register("loop", loop())
    register("other", loop())
    register("reshape", reshape())
    threads = [threading.Thread(target=endless) for _ in range(12)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    while any(thread.is_alive() for thread in threads):
        for what, call in (
            ("live", lambda: requests.get(URL + "/v2/health/live", timeout=10)),
            ("ready", lambda: requests.get(URL + "/v2/health/ready", timeout=10)),
            ("another model", lambda: ask("other", 3, timeout=10)),
        ):
            start = time.monotonic()
            status = call().status_code
            check(status == 200, f"{what}: {status}")
            check(time.monotonic() - start < 5, f"{what} took {time.monotonic() - start:.1f} s")
        time.sleep(0.1)
    body = {
        "inputs": [
            {"name": "x", "datatype": "FP32", "shape": [2], "data": [1, 2]},
            {"name": "n", "datatype": "INT64", "shape": [1], "data": [7]},
        ]
    }
    answer = requests.post(URL + "/v2/models/reshape/versions/1/infer", json=body)
    check(answer.status_code == 400 and "Reshape" in answer.text and "/onnx" not in answer.text, answer.text)


def hang():
    threads = [threading.Thread(target=endless) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


{"run": run, "hang": hang}[sys.argv[1]]()
for problem in problems[:20]:
    print("FAILED:", problem)
sys.exit(1 if problems else 0)
