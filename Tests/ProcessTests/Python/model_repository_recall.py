"""Calls more models than a server of six mebibytes keeps in memory; exits 0 only if all is right.

Takes the folder of models, and the URL from the environment.
"""

import os
import sys

import numpy
import requests
from counted_checks import check, tell

import model_repository_files as files

folder, URL = sys.argv[1], os.environ["MARTLET_URL"]
NAMES = ["first", "second", "third"]
row = numpy.ones((1, 1024), numpy.float32)
model = files.heavy(4)
wanted = (row @ numpy.frombuffer(model.graph.initializer[0].raw_data, numpy.float32).reshape(1024, -1)).ravel()


def ask(name):
    body = {"inputs": [{"name": "x", "shape": [1, 1024], "datatype": "FP32", "data": row.tolist()}]}
    return requests.post(f"{URL}/v2/models/{name}/infer", json=body, timeout=30)


def metric(name):
    text = requests.get(URL + "/metrics", timeout=30).text
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(name + " "))


for name in NAMES:
    files.write(folder, f"{name}/1/model.onnx", model.SerializeToString())
    requests.post(f"{URL}/v2/repository/models/{name}/load", timeout=30).raise_for_status()
for turn in range(3):
    for name in NAMES:
        answer = ask(name)
        check(answer.status_code == 200, answer.text)
        check(numpy.allclose(answer.json()["outputs"][0]["data"], wanted, rtol=1e-5), "an answer after a recall")
check(metric("martlet_models_in_memory_bytes") <= 6 << 20, "the budget")
# All three are of the same file's size, and one of them fits: each call but a second one to the same reads a model again.
recalls = metric("martlet_model_recalls_total")
check(recalls >= 8, recalls)
check(ask(NAMES[-1]).status_code == 200 and metric("martlet_model_recalls_total") == recalls, "a call of what is in memory")
files.write(folder, "first/1/model.onnx", files.heavy(3).SerializeToString())
answer = ask("first")
check(answer.status_code == 503 and "have changed" in answer.json()["error"], answer.text)
requests.post(f"{URL}/v2/repository/models/first/load", timeout=30).raise_for_status()
check(ask("first").status_code == 200, "loaded again")
tell()
